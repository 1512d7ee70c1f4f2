/* adapters/policy_yaml.h - a payer policy from YAML to its compiled form, and everything that is wrong with it.
 *
 * A file is read against the table of policy_schema.h, then checked for what no table can say (policy_check.c), and then
 * written as ledger/model/policy.h wants it. All findings of a file are reported, not only the first; only what is no
 * YAML at all (adapters/yaml.h) ends at its first fault. The same bytes and the same contracts give the same policy. */
#ifndef AVER_ADAPTERS_POLICY_YAML_H
#define AVER_ADAPTERS_POLICY_YAML_H

#include "adapters/yaml.h"
#include "ledger/model/policy.h"

#define AVER_POLICY_FINDINGS_MAX 500 /* more are counted by one last finding, POLICY-MORE */

enum aver_severity { AVER_WARNING = 1, AVER_ERROR };

/* Codes:
 *   YAML-*                the file cannot be read (adapters/yaml.h)
 *   POLICY-KEY            unknown, missing, or badly named key; the text names the nearest known one
 *   POLICY-VALUE          a value that is not what its key wants; the text says what it wants
 *   POLICY-TIER           a network tier that `networks` does not have, or one that is missing where every tier is needed
 *   POLICY-NETWORK        out_of_network is not last or has a roster, another tier has none
 *   POLICY-PRICE          a tier with no price, or priced in two ways
 *   POLICY-CONTRACT       no contract of this name is deployed
 *   POLICY-DATES          the plan ends before it begins
 *   POLICY-RANGE          codes from > to, or of two shapes
 *   POLICY-OVERLAP        a procedure belongs to two benefits (error), or twice to one (warning)
 *   POLICY-COST-SHARE     a benefit without cost share for a tier, or with a part that has no effect
 *   POLICY-DEDUCTIBLE     a benefit takes a deductible that the plan does not name
 *   POLICY-OOP            warning: no out-of-pocket maximum for a tier, or a deductible above it
 *   POLICY-CODE           a reason code that a denial cannot carry, or a remark code by its form; warning: a code not in use
 *   POLICY-ORDER          copay and deductible together, and no order; or an order that lacks or repeats a part
 *   POLICY-FAMILY         individual above family, aggregate without a family amount; warning: another family rule without one
 *   POLICY-YEAR           a year that begins on February 29th, or a calendar year that begins on another day
 *   POLICY-WINDOW         a rule of how often that rolls without a window, or has one and does not roll
 *   POLICY-MAXIMUM        a maximum of nothing
 *   POLICY-NAME           a tier or benefit in a list that the policy does not have, or twice
 *   POLICY-ID             an id of prior_auth or exclusions for the second time
 *   POLICY-UNREACHABLE    warning: an entry that can never decide anything
 *   POLICY-REMARK         warning: CARC 16, 96 and others want a remark code
 *   POLICY-CITATION       a source for a path that the policy does not have, or a second one for the same path
 *   POLICY-SIZE           compiled, it passes AVER_POLICY_BYTES_MAX */
struct aver_policy_finding {
    uint64_t line, column;
    const char *code;
    aver_bytes path; /* "benefits.imaging.match"; empty at the root */
    aver_bytes text; /* one sentence: what is wrong and what to do */
    enum aver_severity severity;
};

/* The contract in force under this name. AVER_E_NOT_FOUND becomes a finding; other errors end the compilation. */
typedef aver_err aver_policy_resolve(void *ctx, aver_digest *out, aver_bytes contract, struct aver_why *why);

/* Appends the compiled policy to `out`. `resolve` NULL: only check; then `out` is NULL too. `findings` is a list of struct
 * aver_policy_finding, in the order of the file, which lies in the arena with what it refers to; warnings stand in it also
 * on success.
 * AVER_E_INPUT with the first error's code, "file:line:column" and text; the resolver's errors. `out` is then as before. */
AVER_MUST_CHECK aver_err aver_policy_compile(struct aver_buf *out, const char *file_name, aver_bytes yaml,
                                             aver_policy_resolve *resolve, void *ctx,
                                             struct aver_arena *arena, struct aver_list *findings,
                                             struct aver_why *why);

/* For the parts of this adapter: what is being checked, and where findings go. */
struct aver_policy_checking {
    struct aver_arena *arena;
    struct aver_list *findings;
    size_t dropped; /* findings past the maximum */
    const struct aver_yaml_node *yaml;
    const struct aver_policy_node *root; /* a value that could not be read is there with kind 0 */
};
void aver_policy_find(struct aver_policy_checking *c, enum aver_severity severity, const char *code,
                      uint64_t line, uint64_t column, aver_bytes path, const char *fmt, ...)
    AVER_PRINTF(7, 8);
/* The same at a node's place in the file. */
void aver_policy_find_at(struct aver_policy_checking *c, enum aver_severity severity, const char *code,
                         const struct aver_policy_node *node, const char *fmt, ...) AVER_PRINTF(5, 6);
/* The checks beyond the table: policy_check.c. */
void aver_policy_check(struct aver_policy_checking *c);

#endif
