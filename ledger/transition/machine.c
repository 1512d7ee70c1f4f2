/* ledger/transition/machine.c - see machine.h. */
#include "ledger/transition/machine.h"

#include "ledger/transition/contract.h"

#include <stdlib.h>
#include <string.h>

struct ready {
    aver_digest digest;
    struct aver_vm *vm;                /* a contract */
    struct aver_policy_loaded *policy; /* or a policy */
};

#define ENTRIES           4096      /* slots for decoded entries of tables */
#define ENTRIES_BYTES_MAX (4 << 20) /* of encoded entries; with these gone all are forgotten */

struct entry {
    aver_bytes bytes;
    struct aver_table_entry entry;
};

/* Few: a payer has a handful of contracts and plan versions in force at a time. */
struct aver_machine {
    struct aver_arena arena;
    struct aver_list ready;
    struct aver_memo memo;
    bool counting;
    struct aver_arena entries_arena;
    struct entry *entries[ENTRIES];
    size_t entries_bytes;
};

struct aver_machine *aver_machine_new(void)
{
    struct aver_machine *m = calloc(1, sizeof *m);
    if (!m) aver_oom(sizeof *m);
    return m;
}

struct aver_machine *aver_machine_new_counting(void)
{
    struct aver_machine *m = aver_machine_new();
    m->counting = true;
    return m;
}

void aver_machine_free(struct aver_machine *m)
{
    if (!m) return;
    struct ready *r = m->ready.items;
    for (size_t i = 0; i < m->ready.count; i++) aver_vm_free(r[i].vm);
    aver_arena_free(&m->arena);
    aver_arena_free(&m->entries_arena);
    free(m);
}

struct aver_memo *aver_machine_memo(struct aver_machine *m) { return &m->memo; }

static struct ready *find(struct aver_machine *m, aver_digest digest)
{
    struct ready *r = m->ready.items;
    for (size_t i = 0; i < m->ready.count; i++)
        if (aver_digest_eq(r[i].digest, digest)) return &r[i];
    return NULL;
}

const struct aver_vm *aver_machine_ready(struct aver_machine *m, aver_digest contract)
{
    const struct ready *r = find(m, contract);
    return r ? r->vm : NULL;
}

static aver_err unloadable(struct aver_why *why, const char *what)
{
    char text[512];
    size_t n = 0;
    if (why)
        for (; why->text[n] && n < sizeof text - 1; n++) text[n] = why->text[n];
    text[n] = 0;
    return aver_fail(why, AVER_E_CORRUPT, "ARTIFACT", "artifacts", "a published %s does not load: %s", what,
                     text);
}

/* What decides claims is what was signed, whatever became of it where it lies. */
static aver_err altered(struct aver_why *why, const char *what)
{
    return aver_fail(why, AVER_E_CORRUPT, "ARTIFACT", "artifacts",
                     "a published %s is not the one that was approved; rebuild the state from the log", what);
}

aver_err aver_machine_contract(struct aver_machine *m, const struct aver_view *view, aver_digest digest,
                               struct aver_vm **out, struct aver_why *why)
{
    struct ready *r = find(m, digest);
    if (!r) {
        aver_bytes source;
        struct aver_vm *vm;
        AVER_TRY(view->artifact(view->self, digest, &source, why));
        if (!aver_digest_eq(aver_sha256(source), digest)) return altered(why, "contract");
        aver_err err = (m->counting ? aver_vm_new_counting : aver_vm_new)(&vm, aver_contract_setup(),
                                                                          "contract", source, why);
        if (err == AVER_E_INPUT) return unloadable(why, "contract");
        AVER_TRY(err);
        r = aver_list_add(&m->arena, &m->ready, sizeof *r);
        *r = (struct ready){.digest = digest, .vm = vm};
    }
    *out = r->vm;
    return AVER_OK;
}

aver_err aver_machine_policy(struct aver_machine *m, const struct aver_view *view, aver_digest digest,
                             const struct aver_policy_loaded **out, struct aver_why *why)
{
    struct ready *r = find(m, digest);
    if (!r) {
        aver_bytes bytes;
        AVER_TRY(view->artifact(view->self, digest, &bytes, why));
        struct aver_policy_loaded *p = AVER_NEW(&m->arena, struct aver_policy_loaded);
        if (aver_policy_load(p, aver_arena_copy(&m->arena, bytes), &m->arena, why) != AVER_OK)
            return unloadable(why, "policy");
        if (!aver_digest_eq(p->digest, digest)) return altered(why, "policy");
        r = aver_list_add(&m->arena, &m->ready, sizeof *r);
        *r = (struct ready){.digest = digest, .policy = p};
    }
    *out = r->policy;
    return AVER_OK;
}

static size_t slot_of(aver_bytes b)
{
    uint64_t h = b.len;
    for (size_t i = 0; i < b.len; i++) h = (h ^ b.ptr[i]) * UINT64_C(0x100000001b3);
    return (h ^ h >> 32) % ENTRIES;
}

aver_err aver_machine_entry(struct aver_machine *m, aver_bytes bytes, const struct aver_table_entry **out,
                            struct aver_why *why)
{
    struct entry **slot = &m->entries[slot_of(bytes)];
    if (!*slot || !aver_bytes_eq((*slot)->bytes, bytes)) {
        if (m->entries_bytes + bytes.len > ENTRIES_BYTES_MAX) {
            aver_arena_reset(&m->entries_arena);
            memset(m->entries, 0, sizeof m->entries);
            m->entries_bytes = 0;
        }
        struct entry *e = AVER_NEW(&m->entries_arena, struct entry);
        e->bytes = aver_arena_copy(&m->entries_arena, bytes);
        m->entries_bytes += bytes.len;
        AVER_TRY(aver_schema_read(e->bytes, &aver_table_entry_schema, &e->entry, &m->entries_arena, why));
        *slot = e;
    }
    *out = &(*slot)->entry;
    return AVER_OK;
}
