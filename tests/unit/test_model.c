/* tests/unit/test_model.c - the identities of a decision, each broken by a wrong record; ids, leaf and commitments against
 * values that another program computed; names and entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/model/decision.h"
#include "ledger/model/entry.h"
#include "ledger/model/outcome.h"
#include "ledger/model/state.h"
#include "ledger/model/tx.h"

static struct aver_arena arena;

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

/* Two lines: 200.00 charged, 120.00 allowed, copay 30.00, 90.00 paid; and 50.00 denied. */
static struct aver_adjustment *adjust(struct aver_line_decision *line, uint64_t group, const char *carc,
                                      int64_t cents)
{
    struct aver_adjustment *a = aver_list_add(&arena, &line->adjustments, sizeof *a);
    a->group = group;
    a->carc = aver_bytes_str(carc);
    a->amount.cents = cents;
    a->stage = AVER_STAGE_PAYOUT;
    return a;
}

static struct aver_posting *post(struct aver_adjustment *a, int64_t before, int64_t amount)
{
    struct aver_posting *p = aver_list_add(&arena, &a->postings, sizeof *p);
    p->counter = AVER_LIT("oop_max");
    p->scope = AVER_SCOPE_MEMBER;
    p->period = AVER_LIT("2026");
    p->before.cents = before;
    p->amount.cents = amount;
    return p;
}

static struct aver_line_decision *line(struct aver_decision *d, size_t i)
{
    return (struct aver_line_decision *)d->lines.items + i;
}

static struct aver_adjustment *adj(struct aver_decision *d, size_t l, size_t i)
{
    return (struct aver_adjustment *)line(d, l)->adjustments.items + i;
}

static struct aver_line_decision *add_line(struct aver_decision *d, uint64_t status, uint64_t charge,
                                           uint64_t allowed, uint64_t paid)
{
    struct aver_line_decision *l = aver_list_add(&arena, &d->lines, sizeof *l);
    *l = (struct aver_line_decision){
        .number = d->lines.count, .status = status, .charge = {charge}, .allowed = {allowed}, .paid = {paid}};
    return l;
}

static struct aver_decision *good(void)
{
    struct aver_decision *d = AVER_NEW(&arena, struct aver_decision);
    d->claim_id = AVER_LIT("0123456789ABCDEFGHJKMNPQ");
    d->version = 1;
    d->status = AVER_CLAIM_PAYABLE;
    d->charge.cents = 25000;
    d->allowed.cents = 12000;
    d->paid.cents = 9000;
    d->patient_responsibility.cents = 3000;
    d->payee = AVER_LIT("1999999984");
    d->gas_table = 1;
    d->decided_by = 1;
    struct aver_line_decision *l = add_line(d, AVER_LINE_DECIDED, 20000, 12000, 9000);
    adjust(l, AVER_GROUP_CO, "45", 8000);
    post(adjust(l, AVER_GROUP_PR, "3", 3000), 1000, 3000);
    l = add_line(d, AVER_LINE_DENIED, 5000, 0, 0);
    adjust(l, AVER_GROUP_CO, "97", 5000);
    return d;
}

static struct aver_decision *pended(void)
{
    struct aver_decision *d = good();
    d->status = AVER_CLAIM_PENDED;
    d->allowed.cents = d->paid.cents = d->patient_responsibility.cents = 0;
    for (size_t i = 0; i < 2; i++) {
        struct aver_line_decision *l = line(d, i);
        l->status = AVER_LINE_PENDED;
        l->allowed.cents = l->paid.cents = 0;
        l->adjustments.count = 0;
    }
    return d;
}

static void holds(const struct aver_decision *d)
{
    struct aver_why why;
    if (aver_decision_check(d, &why) != AVER_OK) fail_msg("%s %s: %s", why.code, why.place, why.text);
    struct aver_buf out = {0};
    aver_schema_encode(&out, &aver_decision_schema, d); /* what keeps the identities can be written */
    aver_buf_free(&out);
}

static void breaks(const struct aver_decision *d, const char *code, const char *place)
{
    struct aver_why why = {0};
    assert_int_equal(aver_decision_check(d, &why), AVER_E_DIFFERS);
    assert_string_equal(why.code, code);
    assert_string_equal(why.place, place);
    assert_int_equal(aver_decision_check(d, NULL), AVER_E_DIFFERS);
}

static void right_decisions_hold(void **state)
{
    (void)state;
    holds(good());
    holds(pended());
    struct aver_decision *d = pended();
    d->status = AVER_CLAIM_HELD;
    line(d, 0)->status = line(d, 1)->status = AVER_LINE_HELD;
    holds(d);
    /* A claim whose lines are all denied, one of them charged at zero, pays zero: a normal result. */
    d = good();
    d->status = AVER_CLAIM_DENIED;
    d->charge.cents = 5000;
    d->allowed.cents = d->paid.cents = d->patient_responsibility.cents = 0;
    *line(d, 0) = (struct aver_line_decision){.number = 1, .status = AVER_LINE_DENIED};
    holds(d);
}

static void line_identity(void **state)
{
    (void)state;
    for (int by = -1; by <= 1; by += 2) {
        struct aver_decision *d = good();
        line(d, 0)->paid.cents += (uint64_t)by;
        d->paid.cents += (uint64_t)by;
        breaks(d, "MONEY-LINE", "/lines/0");
        d = good();
        adj(d, 0, 0)->amount.cents += by;
        breaks(d, "MONEY-LINE", "/lines/0");
    }
    /* Amounts whose sum leaves the type do not wrap round to a right answer. */
    struct aver_decision *d = good();
    adj(d, 0, 0)->amount.cents = AVER_MONEY_LIMIT - 1;
    adj(d, 0, 1)->group = AVER_GROUP_OA;
    adj(d, 0, 1)->postings.count = 0;
    adj(d, 0, 1)->amount.cents = AVER_MONEY_LIMIT - 1;
    breaks(d, "MONEY-LINE", "/lines/0");
}

static void claim_totals(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct aver_decision *d = good();
        aver_money *total[] = {&d->charge, &d->allowed, &d->paid, &d->patient_responsibility};
        total[i]->cents += 1;
        breaks(d, "MONEY-CLAIM", "");
        total[i]->cents -= 2;
        breaks(d, "MONEY-CLAIM", "");
    }
    /* PR that adds up to less than nothing is no responsibility. */
    struct aver_decision *d = good();
    adj(d, 0, 1)->amount.cents = -3000;
    adj(d, 0, 1)->postings.count = 0;
    line(d, 0)->paid.cents = d->paid.cents = 15000;
    line(d, 0)->allowed.cents = d->allowed.cents = 15000;
    d->patient_responsibility.cents = (uint64_t)-3000;
    breaks(d, "MONEY-CLAIM", "");
}

static void paid_within_allowed_within_reason(void **state)
{
    (void)state;
    struct aver_decision *d = good();
    line(d, 0)->allowed.cents = d->allowed.cents = 9000;
    holds(d);
    line(d, 0)->allowed.cents = d->allowed.cents = 8999;
    breaks(d, "MONEY-ALLOWED", "/lines/0");
    d = good();
    line(d, 0)->allowed.cents = d->allowed.cents = 20000;
    holds(d);
    line(d, 0)->allowed.cents = d->allowed.cents = 20001;
    breaks(d, "MONEY-ALLOWED", "/lines/0");
    /* A case rate of 250.00 for a charge of 200.00: OA-94 of -50.00 says so. */
    d = good();
    *adj(d, 0, 0) = (struct aver_adjustment){
        .group = AVER_GROUP_OA, .carc = AVER_LIT("94"), .amount = {-5000}, .stage = AVER_STAGE_PAYOUT};
    line(d, 0)->allowed.cents = d->allowed.cents = 25000;
    line(d, 0)->paid.cents = d->paid.cents = 22000;
    holds(d);
}

static void cost_share_within_allowed(void **state)
{
    (void)state;
    static const char *const shares[] = {"1", "2", "3"};
    for (size_t i = 0; i < 3; i++) {
        struct aver_decision *d = good();
        adj(d, 0, 1)->carc = aver_bytes_str(shares[i]);
        adj(d, 0, 1)->amount.cents = 12000;
        adj(d, 0, 1)->postings.count = 0;
        line(d, 0)->paid.cents = d->paid.cents = 0;
        d->patient_responsibility.cents = 12000;
        holds(d);
        line(d, 0)->allowed.cents = d->allowed.cents = 11999;
        breaks(d, "MONEY-SHARE", "/lines/0");
        adj(d, 0, 1)->carc = AVER_LIT("96"); /* what is not covered at all is no cost share */
        holds(d);
    }
}

static void no_zero_adjustment(void **state)
{
    (void)state;
    struct aver_decision *d = good();
    adjust(line(d, 0), AVER_GROUP_OA, "23", 0);
    breaks(d, "MONEY-ZERO", "/lines/0");
}

static void denied_lines(void **state)
{
    (void)state;
    struct aver_decision *d = good();
    line(d, 1)->allowed.cents = 1;
    d->allowed.cents += 1;
    breaks(d, "MONEY-DENIED", "/lines/1");
    d = good();
    adj(d, 1, 0)->amount.cents = 4999;
    line(d, 1)->paid.cents = 1;
    breaks(d, "MONEY-DENIED", "/lines/1");
    d = good();
    adj(d, 1, 0)->amount.cents = 4999;
    adjust(line(d, 1), AVER_GROUP_CO, "16", 1);
    breaks(d, "MONEY-DENIED", "/lines/1");
    d = good();
    post(adj(d, 1, 0), 0, 5000);
    breaks(d, "MONEY-DENIED", "/lines/1");
    d = good();
    d->status = AVER_CLAIM_DENIED; /* while line 0 is not */
    breaks(d, "MONEY-DENIED", "");
    d = good();
    line(d, 0)->status = AVER_LINE_DENIED; /* it pays */
    breaks(d, "MONEY-DENIED", "/lines/0");
}

static void pended_claims(void **state)
{
    (void)state;
    struct aver_decision *d = pended();
    line(d, 0)->paid.cents = 1;
    breaks(d, "MONEY-HELD", "/lines/0");
    d = pended();
    line(d, 1)->allowed.cents = 1;
    breaks(d, "MONEY-HELD", "/lines/1");
    d = pended();
    adjust(line(d, 1), AVER_GROUP_CO, "97", 5000);
    breaks(d, "MONEY-HELD", "/lines/1");
    d = pended();
    d->paid.cents = 1;
    breaks(d, "MONEY-CLAIM", "");
    d = good();
    line(d, 1)->status = AVER_LINE_PENDED;
    breaks(d, "MONEY-HELD", "/lines/1");
    line(d, 1)->status = AVER_LINE_HELD;
    breaks(d, "MONEY-HELD", "/lines/1");
}

static void carc_45(void **state)
{
    (void)state;
    struct aver_decision *d = good();
    adj(d, 0, 0)->group = AVER_GROUP_PI;
    breaks(d, "MONEY-45", "/lines/0");
    adj(d, 0, 0)->group = AVER_GROUP_OA;
    breaks(d, "MONEY-45", "/lines/0");
    adj(d, 0, 0)->group = AVER_GROUP_PR;
    d->patient_responsibility.cents = 11000;
    holds(d);
    d = good();
    adj(d, 1, 0)->carc = AVER_LIT("45");
    breaks(d, "MONEY-45", "/lines/1");
}

static void postings(void **state)
{
    (void)state;
    for (int by = -1; by <= 1; by += 2) {
        struct aver_decision *d = good();
        ((struct aver_posting *)adj(d, 0, 1)->postings.items)->amount.cents += by;
        breaks(d, "MONEY-POSTING", "/lines/0");
    }
    struct aver_decision *d = good();
    ((struct aver_posting *)adj(d, 0, 1)->postings.items)->before.cents = AVER_MONEY_LIMIT - 1 - 3000;
    holds(d);
    ((struct aver_posting *)adj(d, 0, 1)->postings.items)->before.cents += 1;
    breaks(d, "MONEY-POSTING", "/lines/0");
}

/* A maximum counts what is paid of a line, or what its first adjustments leave before the member's share. */
static void line_postings(void **state)
{
    (void)state;
    struct aver_decision *d;
    struct aver_posting *p;
#define COUNT(cents, of, first)                                                                              \
    d = good();                                                                                              \
    p = aver_list_add(&arena, &line(d, 0)->postings, sizeof *p);                                             \
    *p = (struct aver_posting){.counter = AVER_LIT("maxima.year"),                                           \
                               .scope = AVER_SCOPE_MEMBER,                                                   \
                               .period = AVER_LIT("all"),                                                    \
                               .amount = {cents},                                                            \
                               .basis = of,                                                                  \
                               .after = first}
    COUNT(9000, AVER_BASIS_PAID, 0);
    holds(d);
    COUNT(12000, AVER_BASIS_CONSIDERED, 1);
    holds(d);
    COUNT(20000, AVER_BASIS_CONSIDERED, 0);
    holds(d);
    COUNT(8999, AVER_BASIS_PAID, 0);
    breaks(d, "MONEY-POSTING", "/lines/0");
    COUNT(9001, AVER_BASIS_PAID, 0);
    breaks(d, "MONEY-POSTING", "/lines/0");
    COUNT(9000, AVER_BASIS_PAID, 1);
    breaks(d, "MONEY-POSTING", "/lines/0");
    COUNT(9000, AVER_BASIS_ADJUSTMENT, 0);
    breaks(d, "MONEY-POSTING", "/lines/0");
    COUNT(12001, AVER_BASIS_CONSIDERED, 1);
    breaks(d, "MONEY-POSTING", "/lines/0");
    COUNT(9000, AVER_BASIS_CONSIDERED, 2); /* after the copay */
    breaks(d, "MONEY-POSTING", "/lines/0");
    COUNT(9000, AVER_BASIS_CONSIDERED, 3); /* there are two */
    breaks(d, "MONEY-POSTING", "/lines/0");
    COUNT(9000, AVER_BASIS_PAID, 0);
    p->before.cents = AVER_MONEY_LIMIT - 1 - 9000;
    holds(d);
    p->before.cents++;
    breaks(d, "MONEY-POSTING", "/lines/0");
    /* The second line is denied. */
    d = good();
    p = aver_list_add(&arena, &line(d, 1)->postings, sizeof *p);
    *p = (struct aver_posting){.counter = AVER_LIT("maxima.year"),
                               .scope = AVER_SCOPE_MEMBER,
                               .period = AVER_LIT("all"),
                               .basis = AVER_BASIS_PAID};
    breaks(d, "MONEY-DENIED", "/lines/1");
    /* A posting of an adjustment has no basis of its own. */
    d = good();
    ((struct aver_posting *)adj(d, 0, 1)->postings.items)->basis = AVER_BASIS_PAID;
    breaks(d, "MONEY-POSTING", "/lines/0");
#undef COUNT
}

static void assert_digest(aver_digest got, const char *hex)
{
    char text[65];
    aver_hex(text, aver_digest_bytes(&got));
    assert_string_equal(text, hex);
}

/* What the expected values below come from:
 *   import hmac, hashlib
 *   H = lambda k, *p: hmac.new(k, b''.join(p), hashlib.sha256).digest()
 *   S = lambda *p: hashlib.sha256(b''.join(p)).digest()
 *   key = bytes(range(32)); salt = bytes(range(16)) */
static const uint8_t counting[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                     16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
#define KEY  aver_bytes_of(counting, 32)
#define SALT aver_bytes_of(counting, 16)

static void filing_and_claim_id(void **state)
{
    (void)state;
    uint8_t filing[16], other[16];
    char id[AVER_CLAIM_ID_BYTES + 1], hex[33];
    /* f = H(H(key, b'clinic'), b'claim bytes')[:16] */
    aver_filing_id(filing, KEY, AVER_LIT("clinic"), AVER_LIT("claim bytes"));
    aver_hex(hex, aver_bytes_of(filing, 16));
    assert_string_equal(hex, "6909d6a471c69a768a9fb5bfcfbad1bc");
    /* n = int.from_bytes(S(b'averment/1 claim', bytes([6]), b'clinic', f)[:15], 'big')
     * ''.join('0123456789ABCDEFGHJKMNPQRSTVWXYZ'[n >> 5 * (23 - i) & 31] for i in range(24)) */
    aver_claim_id(id, AVER_LIT("clinic"), filing);
    assert_string_equal(id, "VNN0J3FTKK0AD4EBPAYEEJ8H");
    aver_filing_id(other, KEY, AVER_LIT("clinic2"), AVER_LIT("claim bytes"));
    assert_memory_not_equal(filing, other, 16);
}

static void leaf_hash(void **state)
{
    (void)state;
    /* S(b'\0', salt, b'item') */
    assert_digest(aver_leaf(SALT, AVER_LIT("item")),
                  "8c8cd7dad1a006c204de4ad00711761c3fd2735b088f77340ce170153832e99a");
}

static void commitments(void **state)
{
    (void)state;
    aver_bytes name = AVER_LIT("f/F1");
    /* H(key, b'k', b'f/F1'); S(that, b'f/F1') */
    assert_digest(aver_state_key_opening(KEY, name),
                  "cddf6c0a56f4ba4d57bc134f650671b88ae1ce8aa2fec685faecf9542f5eed82");
    assert_digest(aver_state_key(KEY, name),
                  "3e6002a66cb350b67928fb5d628f0fbbf3aa89a91d624f364375c82a8a41dd87");
    /* H(key, b'v', (258).to_bytes(8, 'big'), b'f/F1'); S(that, b'record') */
    assert_digest(aver_state_value_opening(KEY, name, 258),
                  "76f0e63dab35605238482fcc3193d25494073766e2f1840c07bd809dae416e89");
    assert_digest(aver_state_value(KEY, name, 258, AVER_LIT("record")),
                  "832c051a2b9bc2eefc6456a6a6525e2faf1316d3c36d68cd9c76d50645313914");
    /* S(H(salt, b'body')[:16], b'bytes') */
    assert_digest(aver_body_commitment(SALT, AVER_LIT("bytes")),
                  "ee8d2faf82f7fcd96e0b578094b6ca7e60aa2c95f557556b7a159480cba6a4c5");
    /* h = H(salt, b'receipt'): S(S(h[:16]), S(h[16:], b'bytes')), for bytes without a touch list, and
     * S(S(h[:16], touches), S(h[16:], before, after)) */
    assert_digest(aver_receipt_commitment(SALT, AVER_LIT("bytes")),
                  "12b1f8600addbc13bc9f7cc4180d2201a984d830616bc751ef4be2ac4ecc0705");
    aver_bytes receipt = AVER_LIT("\xa4\x01\x01\x02\x07\x03\x81\x00\x04\x00");
    aver_digest whole = aver_receipt_commitment(SALT, receipt);
    assert_digest(whole, "95767905795abaf70ad9cfbcc98bee90a32a09674bf1e3a715f8e96f1fe9a736");
    struct aver_touches_opened opened = aver_touches_open(SALT, receipt, &arena);
    assert_true(aver_bytes_eq(opened.touches, AVER_LIT("\x81\x00")));
    assert_true(aver_digest_eq(aver_touches_commitment(&opened), whole));
    opened.touches = AVER_LIT("\x80");
    assert_false(aver_digest_eq(aver_touches_commitment(&opened), whole));
}

static void assert_escaped(aver_bytes name, const char *want)
{
    struct aver_buf out = {0};
    aver_name_escape(&out, name);
    aver_buf_byte(&out, 0);
    assert_string_equal((char *)out.ptr, want);
    aver_buf_free(&out);
}

static void names(void **state)
{
    (void)state;
    assert_escaped(AVER_LIT("aZ09._-"), "aZ09._-");
    assert_escaped(AVER_LIT("a/b %*"), "a%2Fb%20%25%2A");
    assert_escaped(AVER_LIT("\0\x7f\xc3\xa9\xff"), "%00%7F%C3%A9%FF");
    assert_escaped(AVER_LIT(""), "");
    assert_true(aver_bytes_is(aver_name_family(AVER_LIT("f/F-1")), "F-1"));
    assert_true(aver_bytes_is(aver_name_family(AVER_LIT("f/F-1/y/M1/2026")), "F-1"));
    assert_null(aver_name_family(AVER_LIT("c/F-1")).ptr);
    assert_null(aver_name_family(AVER_LIT("f")).ptr);
    assert_null(aver_name_family(AVER_LIT("ff/F-1")).ptr);
    char long_name[66];
    memset(long_name, 'a', sizeof long_name);
    assert_true(aver_name_valid(aver_bytes_of(long_name, 64)));
    assert_false(aver_name_valid(aver_bytes_of(long_name, 65)));
    assert_true(aver_name_valid(AVER_LIT("az09._-")));
    assert_false(aver_name_valid(AVER_LIT("")));
    assert_false(aver_name_valid(AVER_LIT("A")));
    assert_false(aver_name_valid(AVER_LIT("a/b")));
    assert_false(aver_name_valid(AVER_LIT("a\0")));
    assert_true(aver_family_id_valid(aver_bytes_of(long_name, 40)));
    assert_false(aver_family_id_valid(aver_bytes_of(long_name, 41)));
    assert_true(aver_family_id_valid(AVER_LIT("AZaz09._-")));
    assert_false(aver_family_id_valid(AVER_LIT("")));
    assert_false(aver_family_id_valid(AVER_LIT("a*")));
}

static void assert_names(const char *const *list, size_t count)
{
    assert_null(list[0]);
    for (size_t i = 1; i <= count; i++) assert_non_null(list[i]);
}

static void every_number_has_a_name(void **state)
{
    (void)state;
    assert_names(aver_tx_kind_names, AVER_TX_KIND_MAX);
    assert_names(aver_role_names, AVER_ROLE_MAX);
    assert_names(aver_party_action_names, AVER_PARTY_REVOKE);
    assert_names(aver_artifact_kind_names, AVER_ARTIFACT_TABLE);
    assert_names(aver_relationship_names, AVER_OTHER_DEPENDANT);
    assert_names(aver_claim_status_names, AVER_CLAIM_HELD);
    assert_names(aver_line_status_names, AVER_LINE_HELD);
    assert_names(aver_stage_names, AVER_STAGE_HOST);
    assert_names(aver_group_names, AVER_GROUP_PR);
    assert_names(aver_scope_names, AVER_SCOPE_FAMILY);
    for (int i = 0; i <= AVER_OUTCOME_MAX; i++)
        assert_int_equal(aver_outcome_names[i] == NULL,
                         i == 0 || (i > AVER_OUT_TRAPPED && i < AVER_OUT_MALFORMED));
}

static void entry_round_trip(const struct aver_entry *e, size_t *length)
{
    struct aver_buf out = {0}, again = {0};
    struct aver_entry copy;
    aver_entry_encode(&out, e);
    assert_int_equal(aver_entry_read(&copy, aver_buf_view(&out), NULL), AVER_OK);
    aver_entry_encode(&again, &copy);
    assert_true(aver_bytes_eq(aver_buf_view(&out), aver_buf_view(&again)));
    for (size_t cut = 0; cut < out.len; cut++)
        assert_int_equal(aver_entry_read(&copy, aver_bytes_cut(aver_buf_view(&out), 0, cut), NULL),
                         AVER_E_INPUT);
    aver_buf_byte(&out, 0);
    assert_int_equal(aver_entry_read(&copy, aver_buf_view(&out), NULL), AVER_E_INPUT);
    *length = again.len;
    aver_buf_free(&out);
    aver_buf_free(&again);
}

static void refuse_entry(const char *hex, const char *code)
{
    uint8_t bytes[128];
    struct aver_entry e;
    struct aver_why why = {0};
    size_t n = strlen(hex) / 2;
    assert_int_equal(aver_unhex(bytes, n, aver_bytes_str(hex)), AVER_OK);
    assert_int_equal(aver_entry_read(&e, aver_bytes_of(bytes, n), &why), AVER_E_INPUT);
    assert_string_equal(why.code, code);
}

static void entries(void **state)
{
    (void)state;
    aver_digest a = aver_sha256(AVER_LIT("a")), b = aver_sha256(AVER_LIT("b"));
    size_t length;
    struct aver_entry item = {.kind = AVER_ENTRY_ITEM, .body = a, .receipt = b};
    entry_round_trip(&item, &length);
    assert_int_equal(length, 1 + 2 + 2 * 34); /* and nothing about the claim in it */
    struct aver_entry root = {.kind = AVER_ENTRY_STATE, .height = 7, .root = a};
    entry_round_trip(&root, &length);
    struct aver_entry header = {.kind = AVER_ENTRY_HEADER,
                                .height = 7,
                                .time = INT64_C(1772323200000),
                                .previous = a,
                                .size = 12,
                                .root = b};
    entry_round_trip(&header, &length);
    /* Nobody's clock says a time that no calendar here has; a log that does was forged. */
    const int64_t times[] = {-1, 0, AVER_TIME_MAX, AVER_TIME_MAX + 1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct aver_buf out = {0};
        header.time = times[i];
        aver_entry_encode(&out, &header);
        assert_int_equal(aver_entry_read(&root, aver_buf_view(&out), NULL) == AVER_OK,
                         times[i] >= 0 && times[i] <= AVER_TIME_MAX);
        aver_buf_free(&out);
    }
    refuse_entry("8402010000", "ENTRY-VERSION");
    refuse_entry("8401000000", "ENTRY-FORM");
    refuse_entry("8401040000", "ENTRY-FORM");
    refuse_entry("84011b000000010000000100", "ENTRY-FORM"); /* 2^32 + 1 is not 1 */
    refuse_entry("850101000000", "ENTRY-FORM");
    refuse_entry("840101404040", "ENTRY-FORM");
    refuse_entry("a0", "CBOR-TYPE");
}

static void bodies(void **state)
{
    (void)state;
    struct aver_body body = {
        .batch = aver_sha256(AVER_LIT("batch")), .index = 3, .salt = SALT, .item = AVER_LIT("item")};
    struct aver_body copy;
    struct aver_buf out = {0};
    struct aver_why why;
    aver_body_encode(&out, &body);
    assert_int_equal(aver_body_read(&copy, aver_buf_view(&out), NULL), AVER_OK);
    assert_true(aver_digest_eq(copy.batch, body.batch));
    assert_int_equal(copy.index, 3);
    assert_true(aver_bytes_eq(copy.salt, SALT));
    assert_true(aver_bytes_is(copy.item, "item"));
    for (size_t cut = 0; cut < out.len; cut++)
        assert_int_equal(aver_body_read(&copy, aver_bytes_cut(aver_buf_view(&out), 0, cut), NULL),
                         AVER_E_INPUT);
    aver_buf_byte(&out, 0);
    assert_int_equal(aver_body_read(&copy, aver_buf_view(&out), &why), AVER_E_INPUT);
    assert_string_equal(why.code, "CBOR-TRAILING");
    out.ptr[0] = 0x85;
    assert_int_equal(aver_body_read(&copy, aver_buf_view(&out), &why), AVER_E_INPUT);
    assert_string_equal(why.code, "ENTRY-FORM");
    aver_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_decisions_hold),
        cmocka_unit_test(line_identity),
        cmocka_unit_test(claim_totals),
        cmocka_unit_test(paid_within_allowed_within_reason),
        cmocka_unit_test(cost_share_within_allowed),
        cmocka_unit_test(no_zero_adjustment),
        cmocka_unit_test(denied_lines),
        cmocka_unit_test(pended_claims),
        cmocka_unit_test(carc_45),
        cmocka_unit_test(postings),
        cmocka_unit_test(line_postings),
        cmocka_unit_test(filing_and_claim_id),
        cmocka_unit_test(leaf_hash),
        cmocka_unit_test(commitments),
        cmocka_unit_test(names),
        cmocka_unit_test(every_number_has_a_name),
        cmocka_unit_test(entries),
        cmocka_unit_test(bodies),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
