/* aver/session.h - a ledger opened for one command, and batches sent to it: what every verb that works on a ledger shares. */
#ifndef AVER_AVER_SESSION_H
#define AVER_AVER_SESSION_H

#include "aver/command.h"
#include "aver/keyfile.h"
#include "ledger/storage/ledger.h"

#define AVER_NOT_AFTER_HOURS                                                                                 \
    24 /* how long a signed batch may be on its way, unless the sender says otherwise */

/* All zeros is one that holds nothing; aver_session_close ends it, also after an error. */
struct aver_session {
    struct aver_ledger *ledger;
    struct aver_key key;
};

/* Opens the directory of --ledger. Errors: as aver_ledger_open. */
AVER_MUST_CHECK aver_err aver_session_open(struct aver_command *cmd, struct aver_session *s,
                                           enum aver_ledger_mode mode);
/* Reads the key file of this option. Errors: as aver_key_read. */
AVER_MUST_CHECK aver_err aver_session_key(struct aver_command *cmd, struct aver_session *s,
                                          const char *option);
void aver_session_close(struct aver_session *s);

/* Milliseconds since 1970 UTC; the environment variable AVER_CLOCK_MS stands in for the clock (tests, replays). AVER_E_IO CLOCK: it
 * is no time from 1970 to 9999. */
AVER_MUST_CHECK aver_err aver_session_clock(struct aver_command *cmd, int64_t *ms);

/* Adds the encoded record, with a random salt, to a list of struct aver_batch_item; both in the command's arena. AVER_E_INPUT
 * RECORD-FIELD: it does not keep its bounds. */
AVER_MUST_CHECK aver_err aver_session_add(struct aver_command *cmd, struct aver_list *items,
                                          const struct aver_schema *schema, const void *record);
/* Signs the items as one batch and hands it in; *results has as many as there are items, in the arena. A bar shows while it
 * lasts. Errors: as aver_ledger_submit. */
AVER_MUST_CHECK aver_err aver_session_send(struct aver_command *cmd, struct aver_session *s,
                                           enum aver_tx_kind kind, const struct aver_list *items,
                                           uint64_t not_after_hours, struct aver_item_result **results);
/* The same for acts of which each must take effect: AVER_E_REFUSED with the first refused item's outcome as code ("OUT-EXISTS")
 * and its words. */
AVER_MUST_CHECK aver_err aver_session_act(struct aver_command *cmd, struct aver_session *s,
                                          enum aver_tx_kind kind, const struct aver_list *items);
/* Fills cmd->why from a refused result; returns AVER_E_REFUSED. */
aver_err aver_session_refused(struct aver_command *cmd, const struct aver_item_result *result);

/* Reads the record of a name from the ledger's state. AVER_E_NOT_FOUND (why untouched); AVER_E_CORRUPT and others. */
AVER_MUST_CHECK aver_err aver_session_get(struct aver_command *cmd, struct aver_session *s,
                                          const struct aver_schema *schema, void *record, const char *name);
/* A member by id, as enrolled now, in the command's arena. AVER_E_NOT_FOUND: nobody (*family absent), or one who has left *family. */
AVER_MUST_CHECK aver_err aver_session_member(struct aver_command *cmd, struct aver_session *s, aver_bytes id,
                                             aver_bytes *family, struct aver_member **member);
/* An artifact's content. AVER_E_NOT_FOUND. */
AVER_MUST_CHECK aver_err aver_session_artifact(struct aver_command *cmd, struct aver_session *s,
                                               aver_digest digest, aver_bytes *content);

#endif
