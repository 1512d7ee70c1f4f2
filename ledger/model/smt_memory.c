/* ledger/model/smt_memory.c - see smt_memory.h. One node for each page, found by walking the prefix from the top: no
 * page exists without the page above it. */
#include "ledger/model/smt_memory.h"

#include <stdlib.h>

struct aver_smt_memory_node {
    struct aver_buf page; /* ptr NULL: no page here (any more) */
    struct aver_smt_memory_node *below[AVER_SMT_SLOTS];
};

static struct aver_smt_memory_node **find(struct aver_smt_memory *memory, const struct aver_smt_place *place,
                                          bool make)
{
    struct aver_smt_memory_node **at = &memory->top;
    for (unsigned depth = 0;; depth++) {
        if (!*at) {
            if (!make) return NULL;
            *at = calloc(1, sizeof **at);
            if (!*at) aver_oom(sizeof **at);
        }
        if (depth == place->depth) return at;
        at = &(*at)->below[aver_smt_slot(&place->prefix, depth)];
    }
}

static aver_err get(void *ctx, aver_bytes *out, const struct aver_smt_place *place, struct aver_why *why)
{
    struct aver_smt_memory *memory = ctx;
    struct aver_smt_memory_node **node = find(memory, place, false);
    (void)why;
    memory->gets++;
    *out = node ? aver_buf_view(&(*node)->page) : AVER_BYTES_NONE;
    return AVER_OK;
}

static aver_err put(void *ctx, const struct aver_smt_place *place, aver_bytes page, struct aver_why *why)
{
    struct aver_smt_memory *memory = ctx;
    struct aver_buf *kept = &(*find(memory, place, true))->page;
    (void)why;
    memory->puts++;
    memory->pages += !kept->ptr;
    memory->bytes += page.len - kept->len;
    kept->len = 0;
    aver_buf_bytes(kept, page);
    return AVER_OK;
}

/* A page that goes takes its node along: by then the pages below it are gone, since each held two leaves or more. */
static aver_err del(void *ctx, const struct aver_smt_place *place, struct aver_why *why)
{
    struct aver_smt_memory *memory = ctx;
    struct aver_smt_memory_node **node = find(memory, place, false);
    (void)why;
    AVER_ASSERT(node && (*node)->page.ptr);
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) AVER_ASSERT(!(*node)->below[s]);
    memory->pages--;
    memory->bytes -= (*node)->page.len;
    aver_buf_free(&(*node)->page);
    free(*node);
    *node = NULL;
    return AVER_OK;
}

struct aver_smt_store aver_smt_memory_store(struct aver_smt_memory *memory)
{
    return (struct aver_smt_store){memory, get, put, del};
}

/* Recursion at most AVER_SMT_PAGES_DEEP deep: nodes are made only on the way to a place. */
static void drop(struct aver_smt_memory_node *node)
{
    if (!node) return;
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) drop(node->below[s]);
    aver_buf_free(&node->page);
    free(node);
}

void aver_smt_memory_free(struct aver_smt_memory *memory)
{
    drop(memory->top);
    *memory = (struct aver_smt_memory){0};
}
