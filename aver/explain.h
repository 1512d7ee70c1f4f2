/* aver/explain.h - why each cent of a claim was or was not paid: for aver explain from a ledger, for the tools of contract
 * authors from one in memory. Three forms of the same facts: in full for an examiner (explain.c), as JSON
 * (explain_json.c), and in words for the member, as text (explain_member.c) or as a page (eob.c). */
#ifndef AVER_AVER_EXPLAIN_H
#define AVER_AVER_EXPLAIN_H

#include "aver/claims.h"
#include "aver/plain.h"
#include "ledger/model/table.h"

struct aver_explaining {
    struct aver_command *cmd;
    const struct aver_view *view; /* where contracts, policies and tables are found */
    const struct aver_found *found;
    const struct aver_codes *codes; /* or NULL */
    bool source;                    /* also the text of the contract's source lines */
    struct aver_plain plain;        /* set by aver_explain_begin */
};

/* Once view and found are set: loads the policy that decided the claim. AVER_E_NOT_FOUND, AVER_E_CORRUPT: it is not there. */
AVER_MUST_CHECK aver_err aver_explain_begin(struct aver_explaining *e);

/* Once begun: what other parties had reported of the family's accumulators by then (plain.reports). Reports of the claim's own
 * group are left out. AVER_E_CORRUPT, or the store's errors. */
AVER_MUST_CHECK aver_err aver_explain_reports(struct aver_explaining *e, struct aver_ledger *ledger);

/* Once begun: of each line that is a duplicate or looks like one, the earlier lines (plain.earlier). The store's errors. */
AVER_MUST_CHECK aver_err aver_explain_earlier(struct aver_explaining *e);

/* All lines, or only the one of this number (0: all); with --json one object a line. AVER_E_REFUSED CLAIM-LINE. */
AVER_MUST_CHECK aver_err aver_explain_lines(const struct aver_explaining *e, uint64_t only);
/* Where a trap held the claim; nothing for any other. */
void aver_explain_held(const struct aver_explaining *e);

/* One line as a JSON object. */
void aver_explain_json(const struct aver_explaining *e, const struct aver_line_decision *line);
/* The claim, or one line of it (0: all), in a member's words. */
void aver_explain_member(const struct aver_explaining *e, uint64_t only);
/* The explanation of benefits as one HTML page: no script, nothing fetched, every text escaped, the same bytes each time. */
void aver_explain_page(const struct aver_explaining *e, struct aver_buf *out);

/* The facts that the forms share; texts lie in the command's arena. */
/* "coverage.lua:36 < 55": where the adjustment was made, then who called. */
const char *aver_explain_chain(const struct aver_explaining *e, const struct aver_adjustment *a);
/* Line `number` of the contract of this stage, trimmed; absent where it cannot be had. */
aver_bytes aver_explain_source(const struct aver_explaining *e, uint64_t stage, uint64_t number);
const char *aver_explain_contract(const struct aver_explaining *e, uint64_t stage); /* "coverage.lua" */
/* Where the plan's documents say what stands at this path (the policy's citations); absent where it does not say. */
aver_bytes aver_explain_citation(const struct aver_explaining *e, aver_bytes path);
/* The table entry that an adjustment used. `digest` is SHA-256 of the entry's encoding, the value in its table's trie
 * (docs/formats.md); `row` is the one that held for the line, or NULL. False: there is none, or it cannot be had. */
struct aver_entry_used {
    aver_digest root, digest;
    struct aver_table_entry entry;
    const struct aver_table_row *row;
};
bool aver_explain_entry(const struct aver_explaining *e, const struct aver_adjustment *a,
                        const struct aver_line *line, struct aver_entry_used *out);
const char *aver_explain_price(struct aver_arena *arena, uint64_t micros); /* "92.00", "0.087" */
const char *aver_explain_trap(uint64_t trap);
const char *aver_explain_next(const struct aver_explaining *e);
const char *aver_explain_decider(const struct aver_decision *d); /* "contract" or "person" */

#endif
