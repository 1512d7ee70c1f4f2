/* tests/faults/model.h - what a ledger must still know after anything: a model of what was acknowledged, and the check of a
 * ledger's directory against it.
 *
 * The plan (batches, signed once) is made before any process is forked; the acknowledgements lie in memory that the children
 * share, written the moment the ledger's call has returned. */
#ifndef AVER_TESTS_FAULTS_MODEL_H
#define AVER_TESTS_FAULTS_MODEL_H

#include "ledger/storage/ledger.h"
#include "tests/faults/inject.h"

#define MODEL_CHAIN       "faults.example"
#define MODEL_CLOCK_MS    INT64_C(1780000000000)
#define MODEL_BATCHES_MAX 48
#define MODEL_ITEMS_MAX   2000 /* more than a group holds */
#define MODEL_ITEMS_KEPT  8    /* of a batch: looked for one by one */

struct model_batch {
    const char *name;
    enum aver_tx_kind kind;
    aver_bytes cose;
    struct aver_batch_item *items;
    size_t count;
};

struct model_plan {
    struct aver_arena arena;
    struct aver_public_key operations, compliance;
    struct model_batch batch[MODEL_BATCHES_MAX];
    size_t count, setup; /* the first `setup` make the world in which claims are filed */
    bool deferred;       /* LMDB follows later (aver_ledger_defer) */
};

struct model_item_ack {
    int how;
    uint64_t entry;
    aver_digest receipt;
};
struct model_ack {
    bool done;
    uint64_t at;   /* operations recorded when it was acknowledged */
    uint64_t size; /* entries in the log then, and its root */
    aver_digest root;
    aver_digest receipts; /* all of them, in order */
    struct model_item_ack item[MODEL_ITEMS_KEPT];
};
struct model_acks {
    struct model_ack created, batch[MODEL_BATCHES_MAX];
};

/* Contracts, a policy, a clinic, a family; two batches of claims of which the second repeats some of the first; a remittance. */
void model_plan_make(struct model_plan *plan);
/* One more batch of claims, of as many. */
void model_plan_claims(struct model_plan *plan, unsigned count);
/* One more batch of the claims with these numbers (the same number is the same claim, to the byte), and one more remittance. */
void model_plan_numbers(struct model_plan *plan, const unsigned *numbers, size_t count);
void model_plan_remit(struct model_plan *plan, const char *trace);
/* One more batch: the claims of an earlier one out of another file, so that items, salts and signature are others. */
void model_plan_again(struct model_plan *plan, size_t batch);
void model_plan_free(struct model_plan *plan);

/* The acknowledgements that were given by then. */
struct model_acks model_acks_at(const struct model_acks *acks, uint64_t at);

/* Makes the ledger. */
aver_err model_create(const struct model_plan *plan, struct model_acks *acks, const char *dir,
                      struct aver_why *why);
/* Sends batches from `from` to before `to` through one handle, whatever becomes of each; the error is the first one's. */
aver_err model_send(const struct model_plan *plan, struct model_acks *acks, const char *dir, size_t from,
                    size_t to, struct aver_why *why);
/* Audits. What kept it from its work is an error; a finding of a difference ends the process (MODEL_DIFFERS). */
aver_err model_audit(const char *dir, struct aver_why *why);
#define MODEL_DIFFERS 3

/* Holds the ledger against what was acknowledged: opens it for writing, finds each acknowledged item at its place under its root,
 * none twice, files everything again (the same receipts, to the byte), and audits. False with words on stdout. */
bool model_check(const struct model_plan *plan, const struct model_acks *acks, const char *dir);
/* The same in a process of its own, where a crash is a failure and nothing else. */
bool model_check_apart(const struct model_plan *plan, const struct model_acks *acks, const char *dir);

#endif
