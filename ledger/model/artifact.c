/* ledger/model/artifact.c - what names a contract, a policy or a table (tx.h). Apart from tx.c because it alone needs to know
 * what a table is. */
#include "ledger/model/table.h"
#include "ledger/model/tx.h"

aver_err aver_artifact_digest(aver_digest *out, const struct aver_publication *p, struct aver_arena *arena,
                              struct aver_why *why)
{
    if (p->kind != AVER_ARTIFACT_TABLE) {
        *out = aver_sha256(p->content);
        return AVER_OK;
    }
    struct aver_table table;
    AVER_TRY(aver_schema_read(p->content, &aver_table_schema, &table, arena, why));
    /* A trie holds a code once: entries that repeat one have no root. */
    AVER_TRY(aver_table_check(&table, why));
    *out = aver_table_root(&table);
    return AVER_OK;
}
