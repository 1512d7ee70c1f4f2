/* adapters/policy_schema.h - payer-policy/1 as a table: which keys there are, what each value is, and its range. Types come
 * from here, never from how a scalar looks. */
#ifndef AVER_ADAPTERS_POLICY_SCHEMA_H
#define AVER_ADAPTERS_POLICY_SCHEMA_H

#include "base/bytes.h"

enum aver_policy_form {
    AVER_FORM_MAP = 1, /* keys of `keys`, and, where `of` is set, free names whose values have that shape */
    AVER_FORM_LIST,    /* items of shape `of`, min..max of them */
    AVER_FORM_TEXT,    /* one line of min..max bytes */
    AVER_FORM_NAME,    /* of a table, roster or contract: [a-z0-9._-]{1,64} */
    AVER_FORM_PLAN_ID, /* [A-Za-z0-9._-]{1,64} */
    AVER_FORM_CODE,    /* [A-Z0-9], min..max of them */
    AVER_FORM_RANGE, /* a code, or "from-to" (struct aver_policy_range); with min..max: digits alone, so many */
    AVER_FORM_ENUM,  /* one of `values` */
    AVER_FORM_INT,   /* min..max */
    AVER_FORM_MONEY, /* decimal dollars, at most two decimals; min..max in cents */
    AVER_FORM_RATE,  /* "12.5 %", at most two decimals; min..max in basis points */
    AVER_FORM_DATE,  /* 2026-03-01 */
    AVER_FORM_BOOL,  /* true or false, and no other word */
};

/* What the free names of a map are. */
enum aver_policy_names { AVER_NAMES_ANY = 0, AVER_NAMES_TIERS /* only tiers of `networks` */ };

struct aver_policy_shape {
    enum aver_policy_form form;
    const char *what; /* for people: "dollars such as 30.00" */
    int64_t min, max;
    const char *const *values;          /* ENUM; ends with NULL */
    const struct aver_policy_key *keys; /* MAP; ends with name NULL */
    const struct aver_policy_shape *of; /* MAP (free names), LIST */
    enum aver_policy_names names;
};

struct aver_policy_key {
    const char *name;
    bool required;
    const struct aver_policy_shape *shape;
};

extern const struct aver_policy_shape aver_policy_root_shape;

#endif
