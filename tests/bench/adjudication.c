/* tests/bench/adjudication.c - six-line claims decided on one core, in a world in memory that is the same in every run.
 *
 * Two figures, both without signatures, log and disk, and in processor time of one thread:
 *   adjudications_per_core_s  a decoded claim through the three contracts of contracts/, up to its decision: member, policy,
 *                             Lua, host calls and reset
 *   applied_per_core_s        the whole item: decoding, filing id, the same, records changed, commitments, touch list, receipt
 * What they would write is dropped, so each claim finds the same state. The digest covers every decision and receipt: builds
 * that print the same one decided alike to the cent, the line and the gas. */
#include "tests/bench/bench.h"

#include <time.h>

#include "ledger/storage/view_memory.h"
#include "ledger/transition/adjudicate.h"
#include "tests/unit/world.h"

#define LINES          6
#define FAMILIES       1000
#define CLAIMS         2000
#define ROUNDS         10
#define METERED_CLAIMS 500
#define METERED_ROUNDS 41

static const char *const codes[LINES] = {"80053", "97110", "97140", "99213", "E0110", "J1100"};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static aver_bytes member_id(struct world *w, unsigned i)
{
    return aver_bytes_str(aver_arena_printf(&w->arena, "M%06u", i));
}

static struct aver_table_entry entry(struct world *w, const char *code, uint64_t price, const char *tier)
{
    struct aver_table_row *row = AVER_NEW(&w->arena, struct aver_table_row);
    *row = (struct aver_table_row){
        .from = aver_day_of(2020, 1, 1), .to = AVER_NO_DAY, .price = price, .tier = aver_bytes_str(tier)};
    return (struct aver_table_entry){aver_bytes_str(code), {row, 1, 1}};
}

static void publish(struct world *w)
{
    static const char *const contracts[] = {"eligibility", "coverage", "payout"};
    struct aver_table_entry fees[LINES], roster = entry(w, WORLD_NPI, 0, "in_network");
    struct aver_table table = {.name = AVER_LIT("summit-providers"),
                               .kind = AVER_TABLE_ROSTER,
                               .source = {{1}},
                               .entries = {&roster, 1, 1}};
    for (size_t i = 0; i < 3; i++) world_contract_file(w, contracts[i]);
    world_table(w, &table);
    for (size_t i = 0; i < LINES; i++) fees[i] = entry(w, codes[i], 45250000 + i * 7310000, NULL);
    table = (struct aver_table){.name = AVER_LIT("summit-fees"),
                                .kind = AVER_TABLE_FEES,
                                .source = {{1}},
                                .entries = {fees, LINES, LINES}};
    world_table(w, &table);
    static const char policy[] = "examples/summit-ppo-2026.yaml";
    if (!world_policy(w, "summit-ppo-2026", policy, world_file(w, policy))) WORLD_OK(w, AVER_E_INPUT);
}

static void enrol(struct world *w, unsigned i)
{
    uint8_t secret[32] = {1, (uint8_t)i, (uint8_t)(i >> 8)};
    struct aver_cover cover = {
        .plan = AVER_LIT("summit-ppo-2026"), .from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY};
    struct aver_member member = {.member_id = member_id(w, i),
                                 .relationship = AVER_SELF,
                                 .birth_date = aver_day_of(1980, 1, 1),
                                 .covers = {&cover, 1, 1}};
    struct aver_family family = {.family_id = aver_bytes_str(aver_arena_printf(&w->arena, "F%06u", i)),
                                 .secret = aver_bytes_of(secret, sizeof secret),
                                 .members = {&member, 1, 1}};
    world_must(w, &w->proposer, AVER_TX_ENROL, &aver_family_schema, &family);
}

/* What the transition is measured on: storage's view in memory, as an audit has it. */
static void move_state(struct world *w, struct aver_view_memory *memory)
{
    const aver_digest none = {{0}};
    const struct world_record *r = w->state.items;
    aver_view_memory_init(memory, NULL);
    memory->view.time = w->view.time;
    for (size_t i = 0; i < w->state.count; i++) {
        memory->view.height = r[i].height;
        WORLD_OK(w, memory->view.put(memory, r[i].name, r[i].value, none, none, &w->why));
    }
    r = w->artifacts.items;
    for (size_t i = 0; i < w->artifacts.count; i++) {
        aver_digest digest;
        memcpy(digest.b, r[i].name.ptr, sizeof digest.b);
        WORLD_OK(w, memory->view.artifact_put(memory, digest, r[i].value, &w->why));
    }
    memory->view.height = w->view.height + 1;
}

static struct aver_claim *claim(struct world *w, unsigned n)
{
    char id[16], control[16];
    aver_day day = aver_day_of(2026, 1, 5) + (aver_day)(n / FAMILIES % 250);
    snprintf(id, sizeof id, "M%06u", n % FAMILIES);
    snprintf(control, sizeof control, "P%08u", n);
    struct aver_claim *c = world_claim(w, control, id, WORLD_NPI);
    c->assignment = AVER_LIT("AY");
    for (unsigned i = 0; i < LINES; i++) world_line(w, c, codes[i], 9000 + (int64_t)i * 1111, day);
    WORLD_OK(w, aver_claim_check(c, &w->why));
    return c;
}

static aver_err put_nothing(void *self, aver_bytes name, aver_bytes record, aver_digest key,
                            aver_digest value, struct aver_why *why)
{
    (void)self, (void)name, (void)record, (void)key, (void)value, (void)why;
    return AVER_OK;
}

static void fold(aver_digest *all, aver_bytes one)
{
    *all = aver_sha256_parts((aver_bytes[]){aver_digest_bytes(all), one}, 2);
}

static void adjudicate(struct world *w, struct aver_view *view, struct aver_claim **claims, aver_digest *all)
{
    struct aver_machine *machine = aver_machine_new();
    struct aver_arena arena = {0};
    struct aver_buf bytes = {0};
    double start = 0;
    for (int round = 0; round <= ROUNDS; round++) {
        if (round == 1) start = now(); /* the first one makes ready, and folds the decisions */
        for (unsigned i = 0; i < CLAIMS; i++) {
            struct aver_work work;
            struct aver_decision decision;
            struct aver_applied said = {0};
            aver_arena_reset(&arena);
            WORLD_OK(w, aver_work_begin(&work, view, &arena, &w->why));
            struct aver_case *decided;
            WORLD_OK(w, aver_adjudicate(&decided, machine, &work, "0123456789abcdef01234567", claims[i],
                                        &decision, &said, &w->why));
            if (round) continue;
            bytes.len = 0;
            aver_schema_encode(&bytes, &aver_decision_schema, &decision);
            fold(all, aver_buf_view(&bytes));
        }
    }
    figure("adjudications_per_core_s", CLAIMS * ROUNDS / (now() - start),
           "six-line claims through three contracts, to the decision");
    aver_buf_free(&bytes);
    aver_arena_free(&arena);
    aver_machine_free(machine);
}

static void apply(struct world *w, struct aver_view *view, struct aver_claim **claims, aver_digest *all)
{
    struct aver_machine *machine = aver_machine_new();
    struct aver_arena arena = {0};
    struct aver_envelope env = {
        .batch = {.kind = AVER_TX_CLAIMS}, .party = AVER_LIT("clinic"), .role = AVER_ROLE_PROVIDER};
    struct aver_item *items = AVER_NEW_ARRAY(&w->arena, struct aver_item, CLAIMS);
    struct aver_buf bytes = {0};
    double start = 0;
    for (unsigned i = 0; i < CLAIMS; i++) {
        bytes.len = 0;
        aver_schema_encode(&bytes, &aver_claim_schema, claims[i]);
        items[i].salt = AVER_LIT("0123456789abcdef");
        items[i].item = aver_arena_copy(&w->arena, aver_buf_view(&bytes));
        items[i].leaf = aver_leaf(items[i].salt, items[i].item);
    }
    for (int round = 0; round <= ROUNDS; round++) {
        if (round == 1) start = now();
        for (unsigned i = 0; i < CLAIMS; i++) {
            struct aver_applied applied;
            aver_arena_reset(&arena);
            WORLD_OK(w, aver_apply(machine, view, &env, &items[i], &arena, &applied, &w->why));
            if (applied.outcome != AVER_OUT_DECIDED) {
                fprintf(stderr, "bench: a claim was not decided: %s\n", applied.words);
                exit(2);
            }
            if (round == 0) fold(all, applied.receipt);
        }
    }
    figure("applied_per_core_s", CLAIMS * ROUNDS / (now() - start),
           "the same as whole items: decoded, committed to, receipts encoded");
    aver_buf_free(&bytes);
    aver_arena_free(&arena);
    aver_machine_free(machine);
}

static double pass(struct world *w, struct aver_machine *machine, struct aver_view *view,
                   struct aver_claim **claims)
{
    struct aver_arena arena = {0};
    double start = now();
    for (unsigned i = 0; i < METERED_CLAIMS; i++) {
        struct aver_work work;
        struct aver_decision decision;
        struct aver_applied said = {0};
        struct aver_case *decided;
        aver_arena_reset(&arena);
        WORLD_OK(w, aver_work_begin(&work, view, &arena, &w->why));
        WORLD_OK(w, aver_adjudicate(&decided, machine, &work, "0123456789abcdef01234567", claims[i],
                                    &decision, &said, &w->why));
    }
    double seconds = now() - start;
    aver_arena_free(&arena);
    return seconds;
}

/* The same claims by contracts printed with their charges and without, in turns. */
static void metering(struct world *w, struct aver_view *view, struct aver_claim **claims)
{
    struct aver_machine *metered = aver_machine_new(), *plain = aver_machine_new();
    double ratios[METERED_ROUNDS];
    pass(w, metered, view, claims);
    bench_unmetered = true; /* the first claims make the contracts ready */
    pass(w, plain, view, claims);
    bench_unmetered = false;
    for (int i = 0; i < METERED_ROUNDS; i++) {
        double with = pass(w, metered, view, claims);
        ratios[i] = with / pass(w, plain, view, claims);
    }
    figure("metered_to_unmetered_adjudication", bench_median(ratios, METERED_ROUNDS),
           "the same claims, contracts with their charges to without");
    aver_machine_free(metered);
    aver_machine_free(plain);
}

void bench_adjudication(void)
{
    struct world w;
    struct aver_view_memory memory;
    aver_digest all = {{0}};
    char hex[65];
    world_start(&w, aver_day_of(2026, 12, 1));
    publish(&w);
    for (unsigned i = 0; i < FAMILIES; i++) enrol(&w, i);
    move_state(&w, &memory);
    struct aver_claim **claims = AVER_NEW_ARRAY(&w.arena, struct aver_claim *, CLAIMS);
    for (unsigned i = 0; i < CLAIMS; i++) claims[i] = claim(&w, i);
    struct aver_view view = memory.view;
    view.put = put_nothing;
    adjudicate(&w, &view, claims, &all);
    apply(&w, &view, claims, &all);
    metering(&w, &view, claims);
    aver_hex(hex, aver_digest_bytes(&all));
    printf("  decisions and receipts: sha256 %s\n", hex);
    aver_view_memory_free(&memory);
    world_end(&w);
}
