/* ledger/transition/host.h - the objects that contracts see: host_objects.c; what they can do: host_acts.c (decisions on lines),
 * host_counts.c (visits, uses, maxima), host_prices.c (prices, localities), host_library.c (rosters, edits, accumulators, history). */
#ifndef AVER_LEDGER_TRANSITION_HOST_H
#define AVER_LEDGER_TRANSITION_HOST_H

#include "ledger/transition/adjudicate.h"

struct aver_value aver_host_claim(struct aver_case *c);
struct aver_value aver_host_member(struct aver_case *c);
struct aver_value aver_host_policy(struct aver_case *c);
/* A policy node as contracts see it: maps and lists are objects, all else a value. */
struct aver_value aver_host_node(const struct aver_policy_node *node);

/* A fee found in a table, extended by the line's units. */
struct aver_host_fee {
    int64_t cents;
    bool bundled;
    aver_bytes modifier; /* of the row that holds; absent: a row for any */
    aver_bytes unit;     /* of measure, where the price is a drug's */
    aver_bytes table, code;
};

/* A row of a table of pairs or of units. */
struct aver_host_edit {
    uint64_t units, indicator;
    aver_bytes table, code, column_2;
};

extern const struct aver_object_type aver_edit_type,
    aver_edits_type; /* the second: struct aver_list of them */
extern const struct aver_object_type aver_claim_type, aver_line_type, aver_member_type, aver_cover_type,
    aver_node_type, aver_fee_type, aver_record_type, aver_list_type, aver_visit_type;
extern const struct aver_function aver_claim_methods[], aver_line_methods[];
extern const size_t aver_claim_methods_count, aver_line_methods_count;
extern const struct aver_library aver_host_libraries[];
extern const size_t aver_host_libraries_count;

/* Prices and edits: host_prices.c. */
#define AVER_HOST_FEES 3
extern const struct aver_function aver_host_fees[AVER_HOST_FEES];
/* locality_of(line) */
enum aver_trap aver_host_locality_of(struct aver_call *call);

/* Whether a list of the policy, NULL is an empty one, has the code; an absent code is in none. */
bool aver_host_in_list(const struct aver_policy_node *list, aver_bytes code);
/* The entry of a code in a published table, or none (rows empty); charges for its bytes. It is good until the next is read. */
enum aver_trap aver_host_table_entry(struct aver_call *call, aver_bytes table, aver_bytes code,
                                     struct aver_table_used **used, const struct aver_table_entry **out);

/* A list of records as contracts see it. */
struct aver_value aver_host_records(struct aver_case *c, const struct aver_schema *of,
                                    const struct aver_list *list);
/* Charges for what the call made the case read of its family's state (HOST_GAS_READ), and for what it added up or posted beside
 * what was asked for. */
void aver_host_charge_read(struct aver_call *call);
/* Charges for finding a maximum among those of the policy; nothing for another counter. */
void aver_host_charge_maxima(struct aver_call *call, aver_bytes counter);

/* Argument i as a kind, or a trap with words that name it. */
enum aver_trap aver_arg_text(struct aver_call *call, int i, const char *name, aver_bytes *out);
enum aver_trap aver_arg_int(struct aver_call *call, int i, const char *name, int64_t *out);
/* A rule of the policy's frequency; charges for the uses that it has. */
enum aver_trap aver_arg_rule(struct aver_call *call, int i, const struct aver_policy_node **out);
enum aver_trap aver_arg_line(struct aver_call *call, int i, struct aver_case_line **out);

#endif
