/* ledger/storage/quarantine.h - what made this program fail an assert while it executed it: kept with its evidence, not filed, and not
 * executed again until a person says so.
 *
 *   DIR/quarantine/ID     one transaction: magic "AVERQRN1", nonce (24 bytes), a sealed record (aver_quarantined_schema)
 *
 * The record is sealed by HMAC(wrap key, "quarantine") with the ID as associated data, for it holds the transaction in clear. The ID is
 * keyed by the same and names no patient. A transaction is known again by its party and bytes, and a claim by its claim id too, so that
 * neither another salt, signature nor file hides it.
 *
 * An item of the log that fails an assert when it is executed again, at an open or in an audit, cannot be left out: it was
 * acknowledged. It is kept in the same way under its log index, and from then on that execution ends before it with words. */
#ifndef AVER_LEDGER_STORAGE_QUARANTINE_H
#define AVER_LEDGER_STORAGE_QUARANTINE_H

#include "ledger/storage/bodies.h"
#include "ledger/storage/frame.h"
#include "ledger/transition/apply.h"

#define AVER_QUARANTINE_MAGIC    "AVERQRN1"
#define AVER_QUARANTINE_ID_BYTES 16
#define AVER_QUARANTINE_ID_CHARS (2 * AVER_QUARANTINE_ID_BYTES)

enum aver_quarantine_doing {
    AVER_DOING_INTAKE = 1, /* at its turn */
    AVER_DOING_AHEAD,      /* ahead of its turn, by one of several threads */
    AVER_DOING_RECOVERY,   /* out of the log, to bring the state up to it */
    AVER_DOING_AUDIT,
};
#define AVER_DOING_MAX AVER_DOING_AUDIT
extern const char *const aver_doing_names[];

struct aver_quarantined {
    uint64_t version; /* 1 */
    int64_t at;       /* ms since 1970 UTC, by the machine's clock */
    aver_bytes program, assertion, place;
    uint64_t doing, height;
    int64_t time;   /* of the group */
    uint64_t entry; /* the log index it has, or would have had */
    uint64_t kind;  /* enum aver_tx_kind; 0: the envelope was not open yet */
    aver_bytes party, claim_id;
    aver_bytes cose; /* the signed envelope */
    uint64_t index;  /* of the item in its batch */
    aver_bytes salt, item;
};
extern const struct aver_schema aver_quarantined_schema;

/* One that is kept. */
struct aver_quarantine_entry {
    char id[AVER_QUARANTINE_ID_CHARS + 1];
    bool read; /* else the record could not be opened, and is all zeros but for `why` */
    struct aver_why why;
    struct aver_quarantined record;
};

/* Those of a ledger. All zeros holds none. Several threads may ask at once. */
struct aver_quarantine {
    char dir[512];
    uint8_t key[32];
    struct aver_hmac_key ids;
    bool has_key;             /* else nothing can be executed, so nothing is asked or kept */
    struct aver_list entries; /* of struct aver_quarantine_entry, by id */
    struct aver_map known;    /* id or claim id -> index, 8 bytes: what an intake does not take */
    struct aver_arena arena;
};
/* Reads what is kept below `dir`; nothing there is no error. A file that cannot be opened counts all the same: its name says what
 * it is. AVER_E_IO: the directory cannot be read. */
AVER_MUST_CHECK aver_err aver_quarantine_open(struct aver_quarantine *quarantine, const char *dir,
                                              const struct aver_bodies *bodies, struct aver_why *why);
void aver_quarantine_close(struct aver_quarantine *quarantine);
/* Whether an item that is to be filed is kept, by its bytes or, where `claim_id` is not NULL, by that; NULL: no. */
const struct aver_quarantine_entry *aver_quarantine_item(const struct aver_quarantine *quarantine,
                                                         uint64_t kind, aver_bytes party, aver_bytes item,
                                                         const char *claim_id);
/* Whether an envelope that could not even be opened is; NULL: no. */
const struct aver_quarantine_entry *aver_quarantine_envelope(const struct aver_quarantine *quarantine,
                                                             aver_bytes cose);
/* The first item of the log within [first, end) that is kept, in an audit (`audit`) or at an open; NULL: none. */
const struct aver_quarantine_entry *aver_quarantine_logged(const struct aver_quarantine *quarantine,
                                                           uint64_t first, uint64_t end, bool audit);
/* AVER_E_REFUSED TX-QUARANTINED (place: the id): to who sends it. */
AVER_MUST_CHECK aver_err aver_quarantine_refuse(const struct aver_quarantine_entry *entry,
                                                struct aver_why *why);
/* Forgets one, evidence and all, durably: the next open takes it in again. AVER_E_NOT_FOUND QUARANTINE-NONE. */
AVER_MUST_CHECK aver_err aver_quarantine_release(const char *dir, const char *id, struct aver_why *why);

/* What a thread works on. Filled before, borrowed meanwhile. */
struct aver_at_work {
    struct aver_assert_watch watch; /* first: what base/err.h is given */
    const struct aver_quarantine *quarantine;
    enum aver_quarantine_doing doing;
    uint64_t height, entry, index;
    int64_t time;
    const struct aver_envelope *env; /* NULL: not open yet */
    aver_bytes cose, salt, item;
    const char *claim_id; /* NULL or empty: not known */
};
/* An assert that fails on this thread from now on is that of what `at_work` holds, until aver_at_work_end. */
void aver_at_work_begin(struct aver_at_work *at_work);
void aver_at_work_end(void);

#endif
