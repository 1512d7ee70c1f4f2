/* ledger/model/table.h - published tables: fee schedules, relative values, provider rosters, code sets, edits.
 *
 * A table is a map from code to dated rows. Its digest is the root of the trie of smt.h over (code bytes, encoded entry), so
 * that a bundle can carry one entry with its proof, or the proof that there is none. Rows of one code never overlap for the
 * same modifier, place, locality and column 2 (checked at publication). A version is never edited, only superseded by a later publication
 * of the same name; rows carry the effective date, the publication's height is the revision. */
#ifndef AVER_LEDGER_MODEL_TABLE_H
#define AVER_LEDGER_MODEL_TABLE_H

#include "base/schema.h"

#define AVER_TABLE_ENTRIES_MAX  1000000
#define AVER_TABLE_BYTES_MAX    67108864
#define AVER_TABLE_CODE_MAX     48
#define AVER_TABLE_ROWS_MAX     10000                      /* of one code */
#define AVER_TABLE_UNITS_MAX    99999999                   /* AVER_CLAIM_UNITS_MAX without its thousandths */
#define AVER_TABLE_PRICE_MAX    UINT64_C(9999999999999999) /* base/money.h: struct aver_price */
#define AVER_TABLE_VALUE_MAX    99999999                   /* a relative value or an index: 9,999.9999 */
#define AVER_TABLE_FACTOR_MAX   UINT64_C(9999999999)       /* a conversion factor: $9,999.999999 */
#define AVER_TABLE_LOCALITY_MAX 12

enum aver_table_kind {
    AVER_TABLE_FEES = 1,
    AVER_TABLE_ROSTER,
    AVER_TABLE_CODES,
    AVER_TABLE_PAIRS,     /* procedures that are not paid together: NCCI PTP; the code is column 1 */
    AVER_TABLE_UNITS,     /* how many units of a procedure are plausible: NCCI MUE */
    AVER_TABLE_RVUS,      /* relative values of a procedure: the physician fee schedule's PPRRVU */
    AVER_TABLE_GPCIS,     /* geographic practice cost indices; the code is the locality */
    AVER_TABLE_LOCALITIES /* the locality of a ZIP code of five digits, or of a state */
};
#define AVER_TABLE_KINDS AVER_TABLE_LOCALITIES
/* "fees", "roster", "codes", "pairs", "units", "rvus", "gpcis", "localities" */
extern const char *const aver_table_kind_names[];

struct aver_table_row {
    aver_day from, to;   /* both inclusive; `to` absent: open */
    aver_bytes modifier; /* FEES, RVUS: the row holds for lines with this modifier only */
    aver_bytes place;    /* FEES: for this place of service only */
    uint64_t
        price; /* FEES: per unit, RVUS: per relative value unit (the conversion factor); millionths of a dollar */
    bool bundled; /* FEES: paid within another service (CARC 97), price 0 */
    aver_bytes
        tier; /* ROSTER: the network tier of this provider; LOCALITIES: the locality, as GPCIS has it */
    aver_bytes description; /* our own short words */
    uint64_t units;         /* UNITS: the highest number that is paid; whole units */
    uint64_t
        indicator; /* PAIRS: 0 never together, 1 with a modifier that tells them apart, 9 no longer; UNITS: the MUE
                               adjudication indicator, 1 a line, 2 and 3 a day */
    aver_bytes locality;                  /* FEES: for services of this locality only */
    uint64_t work, practice, malpractice; /* RVUS, GPCIS: ten-thousandths */
    uint64_t practice_facility;           /* RVUS: of practice expense where a facility bears a part of it */
    aver_bytes column_2;                  /* PAIRS: the procedure that is not paid beside the code */
    aver_bytes unit; /* FEES: of measure, X12 CTP05 (ML): the code is a drug's NDC, the price of one */
};

struct aver_table_entry {
    aver_bytes code;       /* procedure, NPI, ... : at most 48 bytes */
    struct aver_list rows; /* of struct aver_table_row, by (modifier, place, locality, column_2, from) */
};

struct aver_table {
    aver_bytes name; /* [a-z0-9._-]{1,64} */
    uint64_t kind;
    aver_digest source;       /* SHA-256 of the CSV bytes; of several files, of their SHA-256 in turn */
    struct aver_list entries; /* of struct aver_table_entry, codes ascending bytewise, unique */
};
extern const struct aver_schema aver_table_schema, aver_table_entry_schema, aver_table_row_schema;

/* The root over the entries (see above). */
aver_digest aver_table_root(const struct aver_table *table);
/* The order of an entry's rows: modifier, place, locality, column 2 (absent first), first day. */
int aver_table_row_cmp(const struct aver_table_row *a, const struct aver_table_row *b);
/* Of two rows in that order: the same but for their days, and the second begins before the first is over. */
bool aver_table_row_overlaps(const struct aver_table_row *earlier, const struct aver_table_row *later);
/* What a table keeps: order, no overlap, names. AVER_E_INPUT: RECORD-FIELD, TABLE-ORDER, TABLE-OVERLAP, TABLE-NAME, TABLE-ROW; place is the code. */
AVER_MUST_CHECK aver_err aver_table_check(const struct aver_table *table, struct aver_why *why);
/* By binary search; NULL if there is none. */
const struct aver_table_entry *aver_table_find(const struct aver_table *table, aver_bytes code);
/* The row that holds on `day`: the most specific first (modifier and place, modifier, place, neither); of two that are so alike, the
 * one for the locality. `modifiers` are those of the line, tried in their order. NULL if none holds. */
const struct aver_table_row *aver_table_row_on(const struct aver_table_entry *entry, aver_day day,
                                               const aver_bytes *modifiers, size_t modifiers_count,
                                               aver_bytes place, aver_bytes locality);
/* PAIRS: the row of this column 2 that holds on `day`; NULL if none does. `at` is the row to look from, 0 at first, and where the
 * search ended afterwards: for codes that ascend. */
const struct aver_table_row *aver_table_pair_on(const struct aver_table_entry *entry, size_t *at,
                                                aver_bytes column_2, aver_day day);
/* Whether some row of the entry is for one locality only, so that it must be known. */
bool aver_table_by_locality(const struct aver_table_entry *entry);

#endif
