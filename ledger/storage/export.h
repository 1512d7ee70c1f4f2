/* ledger/storage/export.h - the state of the newest epoch in one file, and the check of such a file by nothing but itself: the
 * root that its content gives is the root that it names, which is in the log. The same state gives the same bytes.
 *
 *   file    = "AVERSTA1" * (length: 4 bytes, big-endian; CBOR of that length) 00000000
 *   first     [1, kind, chain: tstr, height, entry, root]     of the epoch; entry: log index of its state root
 *   records   [name: tstr, height, record: bstr]              kind 1, by name; height is that of the group that wrote it
 *   leaves    [key: bstr, value: bstr]                        kind 2, by SHA-256(key): the commitments, and nothing else
 *
 * Records hold health data, and the secrets that their commitments need: a file of mode 0600. Commitments say nothing of what they
 * commit to, but how many there are. */
#ifndef AVER_LEDGER_STORAGE_EXPORT_H
#define AVER_LEDGER_STORAGE_EXPORT_H

#include "ledger/storage/prove.h"

#define AVER_EXPORT_MAGIC "AVERSTA1"

enum aver_export_kind { AVER_EXPORT_RECORDS = 1, AVER_EXPORT_COMMITMENTS };
#define AVER_EXPORT_KIND_MAX AVER_EXPORT_COMMITMENTS

struct aver_export {
    enum aver_export_kind kind;
    char chain[AVER_CHAIN_BYTES_MAX + 1];
    struct aver_epoch epoch; /* without its offset */
    uint64_t count;          /* of records or leaves */
};

/* Writes the file, synced. AVER_E_EXISTS when there is one of this name; AVER_E_NOT_FOUND LEDGER-EPOCH; AVER_E_FULL, AVER_E_IO; of
 * LMDB. On an error there is no file. */
AVER_MUST_CHECK aver_err aver_state_export(struct aver_ledger *ledger, enum aver_export_kind kind,
                                           const char *path, struct aver_export *out, struct aver_why *why);

/* Hears of each record with its commitments; of kind 2 the commitments alone. Borrowed. An error ends it. */
struct aver_exported {
    aver_bytes name, record;
    uint64_t height;
    aver_digest key, value;
};
typedef aver_err aver_export_visit(void *ctx, const struct aver_exported *item, struct aver_why *why);
/* Reads all of it; `visit` may be NULL, and hears of records before the root is known. AVER_E_INPUT EXPORT-FORM (CBOR-* too) and
 * EXPORT-ORDER, place is the byte; EXPORT-SECRET, a record whose secret is not in the file. AVER_E_DIFFERS EXPORT-ROOT: another
 * root. AVER_E_NOT_FOUND, AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_export_read(const char *path, struct aver_export *out, aver_export_visit *visit,
                                          void *ctx, struct aver_why *why);
/* That the file is of this ledger: its epoch's state root stands in the log where it says. AVER_E_DIFFERS EXPORT-LOG. */
AVER_MUST_CHECK aver_err aver_export_held(struct aver_ledger *ledger, const struct aver_export *export,
                                          struct aver_why *why);

/* Makes a ledger's state/ from an export of records and the log, without executing what lies before the epoch, and then executes
 * what came after it: for a ledger of which some bodies were erased, so that its log cannot be executed from the beginning.
 * AVER_E_EXISTS LEDGER-STATE: there is a state already. AVER_E_DIFFERS: as aver_export_read, or EXPORT-LOG. Else the errors of
 * aver_ledger_open. On an error there is no state as before. */
AVER_MUST_CHECK aver_err aver_state_rebuild(const char *dir, const char *path, struct aver_export *out,
                                            struct aver_why *why);

#endif
