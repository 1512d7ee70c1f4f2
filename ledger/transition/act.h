/* ledger/transition/act.h - what a contract says of an act on a line: group, reason code, place in the policy, options. Private to the
 * host's functions (host_acts.c, host_counts.c). Every function returns a trap, of which the call says why in words. */
#ifndef AVER_LEDGER_TRANSITION_ACT_H
#define AVER_LEDGER_TRANSITION_ACT_H

#include "ledger/transition/host.h"

/* What an act is given in its last argument. All zeros: nothing. */
struct aver_act_options {
    bool grouped, copay, consuming; /* there is a group; "consumes" is there, with whatever in it */
    enum aver_group group;
    struct aver_list rarc, consumes; /* aver_bytes */
    aver_bytes note;
    const struct aver_host_fee *fee;
    const struct aver_host_edit *edit;
    uint64_t gas; /* that reading it takes */
};

/* How an adjustment is described by its caller, beside its amount. */
struct aver_act {
    enum aver_group group;
    aver_bytes carc;
    const struct aver_policy_node *because;
    const struct aver_act_options *options;
};

/* AVER_TRAP_RULE, with these words. */
enum aver_trap aver_act_rule(struct aver_call *call, const char *text);
/* Words that a decision can hold: 1 to `max` bytes of UTF-8 without control characters. */
bool aver_act_one_line(aver_bytes text, size_t max);
/* Argument i as a path of the policy that exists, else AVER_TRAP_RULE. */
enum aver_trap aver_act_because(struct aver_call *call, int i, const struct aver_policy_node **out);
/* Argument i as a claim adjustment reason code, by its form. */
enum aver_trap aver_act_carc(struct aver_call *call, int i, struct aver_act *out);
/* Argument i as a table of options, or nil: none. */
enum aver_trap aver_act_options_read(struct aver_call *call, int i, struct aver_act *out);
/* Group and reason code from argument at_group on, the path at at_because, options behind it. */
enum aver_trap aver_act_read(struct aver_call *call, int at_group, int at_because, struct aver_act *out);

/* The line that a method is called of: a trap where it is decided already. */
enum aver_trap aver_act_open_line(struct aver_call *call, struct aver_case_line **out);
/* Adds to the line's visit: that it counts, and cents of copay. */
enum aver_trap aver_act_visit(struct aver_call *call, struct aver_case_line *l, bool count, int64_t copay);

/* line:count_visit(), line:count(counters), line:count_use(rule) */
enum aver_trap aver_line_count_visit(struct aver_call *call);
enum aver_trap aver_line_count(struct aver_call *call);
enum aver_trap aver_line_count_use(struct aver_call *call);

#endif
