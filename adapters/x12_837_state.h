/* adapters/x12_837_state.h - what the files that read an 837P share; nobody else includes it. */
#ifndef AVER_ADAPTERS_X12_837_STATE_H
#define AVER_ADAPTERS_X12_837_STATE_H

#include "adapters/x12_837.h"
#include "adapters/x12_837_loops.h"

/* What a fault gives up: everything below the loop in which it stands. */
enum aver_837_scope {
    AVER_837_SET,
    AVER_837_BILLING,
    AVER_837_SUBSCRIBER,
    AVER_837_PATIENT,
    AVER_837_CLAIM,
    AVER_837_SCOPES
};

/* Where a segment stood, to point at it later. */
struct aver_837_spot {
    aver_bytes raw, id_text;
    uint64_t offset, end, line;
    uint32_t ordinal, id;
};

#define AVER_837_NPI_CACHE 16

struct aver_837 {
    struct aver_x12 x12;
    struct aver_intake *intake;
    aver_digest sha256;
    bool reading;       /* inside a set that is an 837P */
    size_t claims_from; /* claims.count when the set began */

    struct aver_837_walk walk;
    size_t refused[AVER_837_SCOPES]; /* the finding that gave the scope up, AVER_INTAKE_NONE if none did */
    unsigned described[AVER_837_SCOPES];
    uint64_t scope_from[AVER_837_SCOPES];
    size_t lost; /* the finding because of which everything up to the next HL, or next CLM, is passed over */
    bool lost_to_hl;
    bool skipping; /* a loop that may not stand here is passed over to the next loop */

    uint64_t use, hl_last, hl_billing, hl_subscriber;
    struct aver_provider billing, pay_to;
    bool has_pay_to, has_patient, self; /* self: SBR02 = 18 */
    struct aver_person subscriber, patient;
    struct aver_coverage coverage;
    aver_bytes relationship;      /* PAT01 */
    aver_bytes payer_provider_id; /* 2010BB REF G2, LU: the billing provider's number with this payer */
    aver_bytes casualty_claim;    /* REF Y4 of subscriber or patient */

    struct aver_claim *claim; /* the open one, or NULL */
    struct aver_837_spot clm;
    struct aver_line *line; /* the open one, or NULL; moves when a line is added */
    /* The open claim's lines, copied to the arena in their number when it is accepted: most claims have few. */
    struct aver_line lines[AVER_837P_LINES_MAX];
    struct aver_837_spot sv1[AVER_837P_LINES_MAX];
    uint64_t last_end;              /* behind the last segment that belonged to the claim */
    struct aver_provider *provider; /* of the open NM1 loop, or NULL where its loop is not mapped */
    struct aver_provider unused;
    struct aver_other_payer *other;
    struct aver_other_line *other_line;

    aver_bytes npi_warned[AVER_837_NPI_CACHE];
    unsigned npi_next;
};

/* A fault at the current segment: gives up the innermost scope. ik403: 999 code of the element error. */
size_t aver_837_reject(struct aver_837 *s, const char *code, unsigned element, unsigned component,
                       const char *ik403, const char *fmt, ...) AVER_PRINTF(6, 7);
/* The same about the segment as a whole, or at another place. */
size_t aver_837_reject_at(struct aver_837 *s, const struct aver_x12_segment *at, struct aver_x12_fault fault,
                          enum aver_837_scope scope, const char *fmt, ...) AVER_PRINTF(5, 6);
void aver_837_warn(struct aver_837 *s, const char *code, unsigned element, unsigned component,
                   const char *fmt, ...) AVER_PRINTF(5, 6);
/* "X12-CLM05" for element 5 of the current segment, in the intake's arena. */
const char *aver_837_code(struct aver_837 *s, unsigned element);
enum aver_837_scope aver_837_scope_now(const struct aver_837 *s);
/* The first finding that gives up what stands here, from the envelope inwards. */
size_t aver_837_refused(const struct aver_837 *s);

void aver_837_spot_keep(struct aver_837_spot *spot, const struct aver_x12_segment *segment);
/* Fills what a finding needs of a segment. */
void aver_837_spot_show(const struct aver_837_spot *spot, struct aver_x12_segment *segment);

/* x12_837_codes.c: presence, lengths, code values and characters of the current segment. */
void aver_837_elements_check(struct aver_837 *s, enum aver_837_loop loop);

/* x12_837_values.c: values of the current segment; false (or absent) when there is none or it is faulty, which is then
 * reported. */
aver_bytes aver_837_text(struct aver_837 *s, unsigned element);
bool aver_837_money(struct aver_837 *s, aver_money *out, unsigned element);
bool aver_837_delta(struct aver_837 *s, aver_delta *out, unsigned element);
bool aver_837_quantity(struct aver_837 *s, uint64_t *out, unsigned element);
bool aver_837_number(struct aver_837 *s, uint64_t *out, unsigned element);
bool aver_837_dates(struct aver_837 *s, aver_day *from, aver_day *to, unsigned format, unsigned element);
aver_bytes aver_837_join(struct aver_837 *s, aver_bytes a, aver_bytes between,
                         aver_bytes b); /* in the arena */
aver_bytes aver_837_address(struct aver_837 *s);
void aver_837_npi_check(struct aver_837 *s, aver_bytes npi, unsigned element);

/* x12_837_parties.c: who bills, who is insured, who is treated, who else took part. */
void aver_837_hl(struct aver_837 *s, enum aver_837_loop loop);
void aver_837_party(struct aver_837 *s, enum aver_837_loop loop);
bool aver_837_is_party(enum aver_837_loop loop);

/* x12_837_claim.c: 2300, 2320, 2400, 2410, 2430. */
void aver_837_claim_segment(struct aver_837 *s, enum aver_837_loop loop);
/* Closes the open claim, if there is one, into claims or rejected. */
void aver_837_claim_finish(struct aver_837 *s);

#endif
