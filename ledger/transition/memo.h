/* ledger/transition/memo.h - commitments of the ledger's own names, kept from one item to the next.
 *
 * Nearly every claim reads the same few records: the genesis, its plan, its tables. What they commit to is a function of the ledger's
 * secret, the name, the height and the record, so it is made once and kept by all of these: what the view gives decides. */
#ifndef AVER_LEDGER_TRANSITION_MEMO_H
#define AVER_LEDGER_TRANSITION_MEMO_H

#include "ledger/transition/view.h"

#define AVER_MEMO_SLOTS        64  /* a name has one, and takes it from whoever had it */
#define AVER_MEMO_NAME_BYTES   112 /* longer names are not kept */
#define AVER_MEMO_RECORD_BYTES 640 /* nor are longer records */

struct aver_memo {
    struct aver_memo_entry {
        uint8_t secret[32];
        uint16_t name_len, record_len; /* name_len 0: nothing is kept here */
        bool has_value;
        uint64_t height;
        aver_digest key, value;
        uint8_t name[AVER_MEMO_NAME_BYTES], record[AVER_MEMO_RECORD_BYTES];
    } of[AVER_MEMO_SLOTS];
};

/* The entry of a name that is worth keeping, with `key` set; NULL for any other name, whose commitments are made anew. */
struct aver_memo_entry *aver_memo_key(struct aver_memo *memo, aver_bytes secret,
                                      const struct aver_hmac_key *made, aver_bytes name);
/* The commitment of its value. */
aver_digest aver_memo_value(struct aver_memo_entry *entry, const struct aver_hmac_key *made, aver_bytes name,
                            uint64_t height, aver_bytes record);

#endif
