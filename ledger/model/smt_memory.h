/* ledger/model/smt_memory.h - the pages of a trie in plain memory: for tables, which are built when they are published
 * or loaded, for audits and for tests. */
#ifndef AVER_LEDGER_MODEL_SMT_MEMORY_H
#define AVER_LEDGER_MODEL_SMT_MEMORY_H

#include "ledger/model/smt.h"

/* All zeros is an empty store. */
struct aver_smt_memory {
    struct aver_smt_memory_node *top;
    size_t pages, bytes; /* what it holds now */
    size_t gets, puts;   /* calls so far, for tests and benchmarks */
};

struct aver_smt_store aver_smt_memory_store(struct aver_smt_memory *memory); /* borrows `memory` */
void aver_smt_memory_free(struct aver_smt_memory *memory);

#endif
