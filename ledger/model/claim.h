/* ledger/model/claim.h - the canonical claim: one claim's fields, whatever format it came in.
 *
 * Names follow X12 005010X222A1 (the comment behind a field gives loop and element) and FHIR R4 Claim. Money is cents,
 * units are thousandths, dates are day numbers. The encoding is base/schema.h's; the field numbers never change meaning.
 * Text is kept as submitted, trimmed of surrounding spaces. */
#ifndef AVER_LEDGER_MODEL_CLAIM_H
#define AVER_LEDGER_MODEL_CLAIM_H

#include "base/schema.h"

#define AVER_CLAIM_LINES_MAX     999   /* X12 005010X223 2400; 837P allows 50, checked where 837P is read */
#define AVER_CLAIM_BYTES_MAX     65536 /* of the encoding */
#define AVER_CLAIM_DIAGNOSES_MAX 25
#define AVER_CLAIM_UNITS_MAX     UINT64_C(99999999999) /* thousandths */

enum aver_claim_type { AVER_CLAIM_PROFESSIONAL = 1, AVER_CLAIM_INSTITUTIONAL, AVER_CLAIM_DENTAL };
enum aver_claim_use {
    AVER_USE_CLAIM = 1,
    AVER_USE_ENCOUNTER,
    AVER_USE_PREAUTHORIZATION,
    AVER_USE_PREDETERMINATION
};
enum aver_frequency { AVER_FREQUENCY_ORIGINAL = 1, AVER_FREQUENCY_REPLACEMENT = 7, AVER_FREQUENCY_VOID = 8 };

/* NM1 with its N3, N4, REF and PRV, wherever it stands. */
struct aver_provider {
    aver_bytes
        role; /* NM101: "85" billing, "82" rendering, "DN" referring, "77" facility, "DQ" supervising, "DK" ordering, "87" pay-to ... */
    aver_bytes npi;        /* NM109 where NM108 = XX */
    aver_bytes name;       /* NM103: organisation, or last name */
    aver_bytes first_name; /* NM104 */
    aver_bytes middle_name;
    aver_bytes tax_id;   /* REF EI or SY */
    aver_bytes taxonomy; /* PRV03 */
    aver_bytes address;  /* N301 [, N302] */
    aver_bytes city, state, postal_code;
    aver_bytes other_id; /* REF G2, 0B, 1G or LU, when no NPI is given */
};

struct aver_person {
    aver_bytes member_id; /* NM109 where NM108 = MI; absent for a patient who is not the subscriber */
    aver_bytes last_name, first_name, middle_name;
    aver_day birth_date; /* DMG02 */
    aver_bytes sex;      /* DMG03: F, M, U */
    aver_bytes address, city, state, postal_code;
};

struct aver_coverage {         /* 2000B SBR, 2010BB */
    aver_bytes responsibility; /* SBR01: P, S, T, A..H, U */
    aver_bytes
        relationship; /* of the patient to the subscriber: SBR02 or PAT01 ("18" self, "01" spouse, "19" child ...) */
    aver_bytes group_number;     /* SBR03 */
    aver_bytes plan_name;        /* SBR04 */
    aver_bytes filing_indicator; /* SBR09 */
    aver_bytes payer_id;         /* 2010BB NM109 */
    aver_bytes payer_name;       /* 2010BB NM103 */
};

struct aver_diagnosis {
    aver_bytes role; /* HI qualifier: ABK principal, ABF other, BK, BF (ICD-9), ABJ, APR, ABN */
    aver_bytes code; /* without its point, as X12 carries it */
    aver_bytes present_on_admission;
};

struct aver_named_date { /* DTP other than 472: kind is DTP01 */
    aver_bytes kind;
    aver_day from, to; /* to = from for a single day */
};

struct
    aver_reference { /* REF: kind is REF01 ("G1" prior authorization, "9F" referral, "F8", "D9", "EA", "X4" ...) */
    aver_bytes kind, value;
};

struct aver_amount { /* AMT: kind is AMT01 ("F5" patient paid, "D" payer paid ...) */
    aver_bytes kind;
    aver_delta amount;
};

struct aver_other_adjustment { /* another payer's CAS */
    aver_bytes group, reason;
    aver_delta amount;
    uint64_t quantity; /* thousandths */
};

struct aver_other_payer { /* 2320, 2330 */
    aver_bytes responsibility, relationship, filing_indicator, payer_id, payer_name;
    aver_money paid;              /* AMT D */
    struct aver_list adjustments; /* of struct aver_other_adjustment */
    aver_bytes subscriber_id;
    aver_day adjudicated;     /* DTP 573 */
    struct aver_list amounts; /* of struct aver_amount: A8, EAF */
};

struct aver_other_line { /* 2430: what another payer decided on this line */
    aver_bytes payer_id;
    aver_money paid; /* SVD02 */
    aver_bytes procedure;
    uint64_t units; /* thousandths */
    struct aver_list adjustments;
    aver_day adjudicated;
    struct aver_list amounts;
};

struct aver_line {                        /* 2400 */
    uint64_t number;                      /* LX01 */
    aver_bytes procedure;                 /* SV101-2 */
    struct aver_list modifiers;           /* aver_bytes, SV101-3..6, at most 4, in the order submitted */
    aver_bytes revenue_code;              /* SV201 */
    aver_money charge;                    /* SV102 */
    uint64_t units;                       /* SV104, thousandths */
    aver_bytes unit;                      /* SV103: UN or MJ */
    aver_bytes place_of_service;          /* SV105; absent: the claim's */
    struct aver_list diagnosis_pointers;  /* uint64_t, 1-based into diagnoses, SV107 */
    aver_day service_from, service_to;    /* DTP 472; to = from for a single day */
    aver_bytes control_number;            /* REF 6R */
    struct aver_list providers;           /* of struct aver_provider, 2420 */
    struct aver_list references;          /* of struct aver_reference */
    struct aver_list dates;               /* of struct aver_named_date */
    aver_bytes drug_code;                 /* 2410 LIN03 where LIN02 = N4 (NDC) */
    uint64_t drug_units;                  /* CTP04, thousandths */
    aver_bytes drug_unit;                 /* CTP05 */
    struct aver_list other_adjudications; /* of struct aver_other_line */
    struct aver_list amounts;
    bool emergency;                 /* SV109 = Y */
    aver_bytes procedure_qualifier; /* SV101-1 when it is not HC */
    aver_bytes description;         /* SV101-7 */
};

/* Where the claim came from: enough to find its bytes again in the sender's file. */
struct aver_source {
    uint64_t format;         /* enum aver_format */
    aver_digest sha256;      /* of the whole submitted file */
    uint64_t offset, length; /* of the claim's bytes in it: from its CLM segment (or row) to its end */
    aver_bytes interchange, group, set; /* ISA13, GS06, ST02 */
};
enum aver_format {
    AVER_FORMAT_837P = 1,
    AVER_FORMAT_837I,
    AVER_FORMAT_837D,
    AVER_FORMAT_FHIR,
    AVER_FORMAT_CSV
};

struct aver_claim {
    uint64_t type, use;
    aver_bytes patient_control_number;     /* CLM01 */
    aver_money total_charge;               /* CLM02 */
    aver_bytes place_of_service;           /* CLM05-1 */
    uint64_t frequency;                    /* CLM05-3 */
    aver_bytes original_reference;         /* REF F8 */
    aver_day statement_from, statement_to; /* DTP 434; professional: least and greatest line date */
    struct aver_person *subscriber;        /* 2010BA */
    struct aver_person *patient;           /* 2010CA; NULL: the subscriber */
    struct aver_coverage *coverage;
    struct aver_provider *billing_provider;
    struct aver_list providers;                  /* of struct aver_provider: 2310 and the pay-to */
    struct aver_list diagnoses;                  /* of struct aver_diagnosis */
    struct aver_list lines;                      /* of struct aver_line, by ascending number */
    struct aver_list dates, references, amounts; /* claim level: named dates, references, amounts */
    struct aver_list other_payers;               /* of struct aver_other_payer */
    aver_bytes assignment;                       /* CLM07 then CLM08, two letters: "AY" */
    aver_bytes accident;                         /* CLM11 codes joined by ':' */
    struct aver_source *source;
    aver_bytes
        drg; /* 2300 HI DR: the diagnosis related group of an inpatient stay; a payer's own grouper decides nothing here */
};

extern const struct aver_schema aver_claim_schema, aver_line_schema, aver_provider_schema, aver_person_schema,
    aver_coverage_schema, aver_diagnosis_schema, aver_source_schema;
extern const char *const aver_claim_type_names[], *const aver_format_names[];

/* What every canonical claim keeps, whatever format it came in. AVER_E_INPUT with a CLAIM-* code, the field's path in
 * `place`:
 *   RECORD-FIELD          a bound of the field table
 *   CLAIM-LINES           no line, or line numbers not ascending
 *   CLAIM-TOTAL           total_charge is not the sum of the lines' charges (X12 RFI and 837P 2300 CLM02)
 *   CLAIM-DATES           service_to before service_from, or statement dates reversed or, unless institutional, not the lines'
 *   CLAIM-POINTER         a diagnosis pointer that points at no diagnosis
 *   CLAIM-UNITS           zero units
 *   CLAIM-MEMBER          no member id on the subscriber
 *   CLAIM-PROVIDER        the billing provider has neither NPI nor tax id nor another id, or one that begins with "member:"
 *   CLAIM-FREQUENCY       7 or 8 without original_reference
 *   CLAIM-DRG             a DRG on a claim that is not institutional, or has no admission (DTP 435)
 *   CLAIM-SIZE            the encoding passes AVER_CLAIM_BYTES_MAX */
AVER_MUST_CHECK aver_err aver_claim_check(const struct aver_claim *claim, struct aver_why *why);
/* The same of a claim that was just read from its encoding of so many bytes, and so keeps the bounds of its table. */
AVER_MUST_CHECK aver_err aver_claim_check_read(const struct aver_claim *claim, size_t bytes,
                                               struct aver_why *why);

/* The encoding of the same claim without its source (field 23), as three runs: the map's head, and what stands before and after
 * the source. It says what was billed, in whatever file it came. */
struct aver_claim_unsourced {
    uint8_t head[2];
    size_t head_len;
    aver_bytes before, after; /* borrowed */
};
/* False when the bytes are no such map. */
bool aver_claim_unsource(struct aver_claim_unsourced *out, aver_bytes encoded);

/* A new empty claim in the arena: days absent, subscriber, coverage, billing_provider and source allocated. */
struct aver_claim *aver_claim_new(struct aver_arena *arena);

/* The first provider of this role on the line, else on the claim, else NULL (never the billing provider). */
const struct aver_provider *aver_claim_provider(const struct aver_claim *claim, const struct aver_line *line,
                                                const char *role);
/* NPI of the rendering provider of the line, else of the billing provider, else its tax id, else its other id. */
aver_bytes aver_claim_rendering_id(const struct aver_claim *claim, const struct aver_line *line);
/* Whose address says where the service was: the service facility with one (role 77), else who bills. */
const struct aver_provider *aver_claim_site(const struct aver_claim *claim, const struct aver_line *line);
/* The ZIP code of an address without what follows its five digits; absent where it has no five. */
aver_bytes aver_claim_zip(const struct aver_provider *site);
/* Who is paid: the billing provider's NPI, else its tax id, else its other id. */
aver_bytes aver_claim_payee_id(const struct aver_claim *claim);
/* The value of the first reference of this kind, of the line or else of the claim; absent if there is none. */
aver_bytes aver_claim_reference(const struct aver_claim *claim, const struct aver_line *line,
                                const char *kind);

#endif
