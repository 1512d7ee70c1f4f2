/* ledger/storage/backup.h - a copy of a ledger taken while it is written to, and how such a copy becomes a ledger again.
 *
 * The danger of a backup is not that it is old but that somebody goes on from it: the log would then say two things at one place,
 * both signed by one key. So a copy is marked (DIR/restored), and nobody writes to it before it has shown that it holds everything
 * that was ever told to the world: the last checkpoint that the lost ledger published, as witnesses, auditors or followers have it. */
#ifndef AVER_LEDGER_STORAGE_BACKUP_H
#define AVER_LEDGER_STORAGE_BACKUP_H

#include "ledger/storage/ledger.h"

#define AVER_RESTORED_FILE "restored"

struct aver_backup {
    uint64_t height, entries, bytes; /* of the copy; the bytes of its log */
    aver_digest log_root;
};
/* Copies the ledger in `dir` to `out`, a directory that is not there yet: its log up to the end of a group, the state as of there, keys,
 * checkpoints and their tiles, all of it synced. It comes under its name when it is whole. A writer may go
 * on meanwhile. The copy holds the ledger's secret keys. AVER_E_EXISTS LEDGER-EXISTS; as aver_ledger_open for reading; AVER_E_FULL,
 * AVER_E_IO: what was copied lies in OUT.partial. */
AVER_MUST_CHECK aver_err aver_ledger_backup(const char *dir, const char *out, struct aver_backup *result,
                                            struct aver_why *why);

/* Whether the ledger is such a copy and still only to be read. */
bool aver_ledger_restored(const char *dir);

/* Makes the copy in `dir` a ledger that can be written to: `checkpoint` is the last that was published. AVER_E_REFUSED RESUME-NOT: it
 * is no copy; RESUME-BEHIND: more was published than it holds; RESUME-OLD: it knows a newer checkpoint itself. AVER_E_DIFFERS
 * RESUME-FORK: the checkpoint is of another log. As aver_checkpoint_open and aver_ledger_open. */
AVER_MUST_CHECK aver_err aver_ledger_resume(const char *dir, aver_bytes checkpoint, struct aver_why *why);

#endif
