/* ledger/storage/bundle.h - the maker of bundles (ledger/model/bundle.h): one claim of a ledger in one file. */
#ifndef AVER_LEDGER_STORAGE_BUNDLE_H
#define AVER_LEDGER_STORAGE_BUNDLE_H

#include "ledger/model/bundle.h"
#include "ledger/storage/ledger.h"

/* Who will read it, and so what is opened. Everybody sees the claim, its receipt with the decision, the plan's contracts and policy, and
 * the rows of tables that were used.
 *   AUDITOR   all records, under the secrets of the ledger and of the family: the whole item can be executed again
 *   MEMBER    the records of the patient and of the plan, each opened by itself, so that the decision can be made again
 *   PROVIDER  the same, but of what was billed and visited before only records in which there is no other provider
 * Closed for member and provider: the genesis (its secrets), the family's enrolment, the payee's list of open claims, the claim's
 * own state (which names another claim), and the list of members born on one day where it names another (twins). The sums of the
 * family are open: they stand in the decision's postings, the EOB tells them to the member and the 271 to the provider. */
enum aver_bundle_reader { AVER_BUNDLE_PROVIDER = 1, AVER_BUNDLE_MEMBER, AVER_BUNDLE_AUDITOR };

struct aver_bundle_wish {
    aver_bytes claim_id;
    enum aver_bundle_reader reader;
    bool no_pack; /* without contracts and policy */
};

/* Appends the bundle. It executes the log up to the claim, so it takes as long as an audit of that much. AVER_E_NOT_FOUND
 * LEDGER-CLAIM: no such claim; LEDGER-CHECKPOINT: the claim is under no signed checkpoint yet. AVER_E_KEY_GONE: it, or a claim
 * before it, cannot be opened any more. Errors of aver_past_open, aver_replay_frame, aver_envelope_open, aver_apply. */
AVER_MUST_CHECK aver_err aver_bundle_make(struct aver_ledger *ledger, const struct aver_bundle_wish *wish,
                                          struct aver_buf *out, struct aver_arena *arena,
                                          aver_progress_fn progress, void *user, struct aver_why *why);

#endif
