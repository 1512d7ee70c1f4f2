/* tests/bench/bundle.c - how large one claim's proofs are, and how long it takes to check them and to decide it again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/model/note.h"
#include "ledger/model/state.h"
#include "ledger/storage/bundle.h"
#include "ledger/transition/verify.h"
#include "tests/bench/bench.h"

#define TIMES 100

static void must(aver_err err, const struct aver_why *why, const char *doing)
{
    if (err == AVER_OK) return;
    fprintf(stderr, "bench: could not %s: %s [%s] (%s)\n", doing, why->text, why->code, why->place);
    exit(2);
}

struct last {
    char id[AVER_CLAIM_ID_BYTES + 1];
    uint64_t entry;
};

/* The claim that stands last in the log: in the middle of an epoch, with all that came before it. */
static aver_err met(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct last *last = user;
    struct aver_claim_state state;
    struct aver_arena arena = {0};
    aver_err err = aver_schema_read(stored.record, &aver_claim_state_schema, &state, &arena, why);
    if (err == AVER_OK && state.entry >= last->entry) {
        last->entry = state.entry;
        snprintf(last->id, sizeof last->id, "%.*s", (int)(name.len - 2), (const char *)name.ptr + 2);
    }
    aver_arena_free(&arena);
    return err;
}

static size_t make(struct aver_ledger *ledger, const struct last *last, bool no_pack, struct aver_buf *out)
{
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    struct aver_bundle_wish wish = {aver_bytes_str(last->id), AVER_BUNDLE_AUDITOR, no_pack};
    out->len = 0;
    must(aver_bundle_make(ledger, &wish, out, &arena, NULL, NULL, &why), &why, "make a bundle");
    aver_arena_free(&arena);
    return out->len;
}

void bench_bundle(const char *dir)
{
    struct aver_ledger *ledger;
    struct aver_why why = {0};
    struct aver_buf bundle = {0};
    struct last last = {.entry = 0};
    struct aver_note_key key;
    must(aver_ledger_open(&ledger, dir, AVER_LEDGER_READ, &why), &why, "open the ledger");
    must(aver_ledger_names(ledger, "c/", met, &last, &why), &why, "find a claim");
    must(aver_note_key_of(&key, aver_ledger_chain(ledger), aver_ledger_node_key(ledger), &why), &why,
         "name the log");
    figure("bundle_bytes", (double)make(ledger, &last, true, &bundle),
           "of a six-line claim with all its proofs");
    figure("bundle_bytes_self_contained", (double)make(ledger, &last, false, &bundle),
           "with contracts and policy");
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < TIMES; i++) {
        struct aver_arena arena = {0};
        struct aver_verify v = {.log = &key};
        aver_bundle_verify(&v, aver_buf_view(&bundle), &arena);
        if (v.verdict != AVER_VERDICT_SAME) {
            fprintf(stderr, "bench: the bundle does not verify\n");
            exit(1);
        }
        aver_arena_free(&arena);
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    figure("bundle_verify_ms",
           ((double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6) / TIMES,
           "of one core to check it and decide it again");
    aver_buf_free(&bundle);
    aver_ledger_close(ledger);
}
