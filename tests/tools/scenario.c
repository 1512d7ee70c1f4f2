/* tests/tools/scenario.c - business rules as tables: FILE... of tests/scenarios, each row one line of a claim and what must
 * come of it. tests/scenarios/README.md explains the form. The contracts are those of contracts/, the plan is
 * tests/scenarios/plan.yaml with what the scenario sets. Ends with "N passed, N failed", counting rows. */
#include "tests/unit/world.h"

#define PLAN_FILE   "tests/scenarios/plan.yaml"
#define COLUMNS_MAX 24
#define SETS_MAX    32
#define LINE_BYTES  1024

/* What the columns mean: the input first, what is expected after `allowed`. */
enum column {
    COL_CLAIM,
    COL_MEMBER,
    COL_PROVIDER,
    COL_DAY,
    COL_PROCEDURE,
    COL_MODIFIERS,
    COL_UNITS,
    COL_CHARGE,
    COL_PLACE,
    COL_AUTH,
    COL_RECEIVED,
    COL_FREQUENCY,
    COL_ASSIGNED,
    COL_PAYER,
    COL_ALLOWED, /* expected from here on */
    COL_ADJUSTMENTS,
    COL_BECAUSE,
    COL_PAID,
    COL_STATUS,
    COL_CLAIM_STATUS,
    COL_PAYEE,
    COL_DEDUCTIBLE,
    COL_OOP,
    COL_COUNT
};
static const char *const column_names[COL_COUNT] = {
    "claim",   "member", "provider", "day",          "procedure", "modifiers",       "units",   "charge",
    "place",   "auth",   "received", "frequency",    "assigned",  "payer",           "allowed", "adjustments",
    "because", "paid",   "status",   "claim status", "payee",     "deductible used", "oop used"};

struct row {
    unsigned number;            /* of the file's line */
    aver_bytes cell[COL_COUNT]; /* absent where the table has no such column or the cell is empty */
};
struct set {
    aver_bytes name, value;
    bool used;
};

static struct world world;
static const char *file_name;
static bool world_ready;
static struct aver_arena notes; /* of the scenario: what it sets, its fees and covers, its rows */
static char title[LINE_BYTES];
static struct set sets[SETS_MAX];
static size_t sets_count, columns_count;
static struct aver_list fees, rows; /* of struct aver_table_entry; of struct row */
static enum column columns[COLUMNS_MAX];
static const char *const members[] = {"kim", "lee", "max"}; /* self, spouse, child */
#define MEMBERS (sizeof members / sizeof members[0])
static struct aver_cover covers[MEMBERS];
static unsigned passed, failed;
static bool row_failed;

static void bad(unsigned line, const char *what, aver_bytes text)
{
    printf("%s:%u: %s: %.*s\n", file_name, line, what, AVER_STR(text));
    exit(1);
}

static void differs(const struct row *row, enum column column, aver_bytes got)
{
    printf("%s:%u: %s: expected %s \"%.*s\", got \"%.*s\"\n", file_name, row->number, title,
           column_names[column], AVER_STR(row->cell[column]), AVER_STR(got));
    row_failed = true;
}

static aver_day day_of(unsigned line, aver_bytes text)
{
    aver_day day;
    if (aver_day_parse_iso(&day, text) != AVER_OK) bad(line, "this is no day", text);
    return day;
}

/* "2026-01-01..2026-06-30", or one day. */
static void days_of(unsigned line, aver_bytes text, aver_day *from, aver_day *to)
{
    if (text.len == 22) {
        *from = day_of(line, aver_bytes_cut(text, 0, 10));
        *to = day_of(line, aver_bytes_cut(text, 12, 10));
    } else {
        *from = *to = day_of(line, text);
    }
}

/* ---- the world of a scenario --------------------------------------------------------------------------------------- */

/* The plan with each ${name=default} replaced. */
static aver_bytes plan_text(unsigned line)
{
    struct aver_buf out = {0};
    aver_bytes in = world_file(&world, PLAN_FILE);
    for (size_t i = 0; i < in.len;) {
        if (i + 1 >= in.len || in.ptr[i] != '$' || in.ptr[i + 1] != '{') {
            aver_buf_byte(&out, in.ptr[i++]);
            continue;
        }
        size_t name = i += 2;
        while (i < in.len && in.ptr[i] != '=') i++;
        aver_bytes key = aver_bytes_cut(in, name, i - name);
        size_t value = ++i;
        while (i < in.len && in.ptr[i] != '}') i++;
        aver_bytes text = aver_bytes_cut(in, value, i++ - value);
        for (size_t k = 0; k < sets_count; k++)
            if (aver_bytes_eq(sets[k].name, key)) {
                text = sets[k].value;
                sets[k].used = true;
            }
        aver_buf_bytes(&out, text);
    }
    for (size_t k = 0; k < sets_count; k++)
        if (!sets[k].used) bad(line, "the plan has no such setting", sets[k].name);
    aver_bytes text = aver_arena_copy(&world.arena, aver_buf_view(&out));
    aver_buf_free(&out);
    return text;
}

static int by_code(const void *a, const void *b)
{
    return aver_bytes_cmp(((const struct aver_table_entry *)a)->code,
                          ((const struct aver_table_entry *)b)->code);
}

static void publish_tables(void)
{
    static const char *const npis[] = {"1234567893", "1245319599"}; /* in, in2 */
    struct aver_table table = {.name = AVER_LIT("fees"), .kind = AVER_TABLE_FEES, .entries = fees};
    if (fees.count) qsort(fees.items, fees.count, sizeof(struct aver_table_entry), by_code);
    world_table(&world, &table);
    table = (struct aver_table){.name = AVER_LIT("providers"), .kind = AVER_TABLE_ROSTER};
    for (size_t i = 0; i < sizeof npis / sizeof npis[0]; i++) {
        struct aver_table_entry *e = aver_list_add(&notes, &table.entries, sizeof *e);
        e->code = aver_bytes_str(npis[i]);
        struct aver_table_row *r = aver_list_add(&notes, &e->rows, sizeof *r);
        *r = (struct aver_table_row){.from = AVER_DAY_MIN, .to = AVER_NO_DAY, .tier = AVER_LIT("in_network")};
    }
    world_table(&world, &table);
}

static void enrol(void)
{
    uint8_t secret[32] = {9};
    struct aver_member m[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        m[i] = (struct aver_member){.member_id = aver_bytes_str(members[i]),
                                    .relationship = i + 1,
                                    .last_name = AVER_LIT("Example"),
                                    .first_name = aver_bytes_str(members[i]),
                                    .birth_date = (aver_day)(1000 + 1000 * i),
                                    .covers = {&covers[i], 1, 1}};
    }
    struct aver_family family = {.family_id = AVER_LIT(WORLD_FAMILY),
                                 .secret = aver_bytes_of(secret, sizeof secret),
                                 .members = {m, MEMBERS, MEMBERS}};
    world_must(&world, &world.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
}

static void begin_world(unsigned line)
{
    if (world_ready) return;
    world_start(&world, day_of(line, AVER_LIT("2026-01-01")));
    world_ready = true;
    world_contract_file(&world, "eligibility");
    world_contract_file(&world, "coverage");
    world_contract_file(&world, "payout");
    publish_tables();
    enrol();
    if (!world_policy(&world, "plan", PLAN_FILE, plan_text(line))) {
        printf("%s:%u: %s: the plan does not compile: %s: %s %s\n", file_name, line, title, world.why.place,
               world.why.code, world.why.text);
        exit(1);
    }
}

/* ---- a claim ------------------------------------------------------------------------------------------------------- */

static const char *npi_of(unsigned line, aver_bytes provider)
{
    if (!provider.ptr || aver_bytes_is(provider, "in")) return "1234567893";
    if (aver_bytes_is(provider, "in2")) return "1245319599";
    if (aver_bytes_is(provider, "out")) return "1679576722";
    bad(line, "the provider is in, in2 or out, not", provider);
    return NULL;
}

static char *text_of(aver_bytes b) { return aver_arena_printf(&world.arena, "%.*s", AVER_STR(b)); }

static aver_bytes cut_before(aver_bytes *rest, char end)
{
    const uint8_t *p = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
    aver_bytes head = p ? aver_bytes_cut(*rest, 0, (size_t)(p - rest->ptr)) : *rest;
    *rest = p ? aver_bytes_cut(*rest, head.len + 1, rest->len - head.len - 1) : AVER_BYTES_NONE;
    return aver_bytes_trim(head);
}

static void add_line(struct aver_claim *claim, const struct row *row)
{
    aver_money charge;
    aver_day from, to;
    if (aver_money_parse(&charge, row->cell[COL_CHARGE]) != AVER_OK)
        bad(row->number, "this is no charge", row->cell[COL_CHARGE]);
    days_of(row->number, row->cell[COL_DAY], &from, &to);
    struct aver_line *l =
        world_line(&world, claim, text_of(row->cell[COL_PROCEDURE]), (int64_t)charge.cents, from);
    l->service_to = to;
    if (to > claim->statement_to) claim->statement_to = to;
    if (row->cell[COL_UNITS].ptr && aver_decimal_parse(&l->units, row->cell[COL_UNITS], 3) != AVER_OK)
        bad(row->number, "these are no units", row->cell[COL_UNITS]);
    l->place_of_service = row->cell[COL_PLACE];
    for (aver_bytes rest = row->cell[COL_MODIFIERS]; rest.ptr;)
        *(aver_bytes *)aver_list_add(&world.arena, &l->modifiers, sizeof(aver_bytes)) =
            cut_before(&rest, ',');
    if (row->cell[COL_AUTH].ptr) {
        struct aver_reference *r = aver_list_add(&world.arena, &l->references, sizeof *r);
        *r = (struct aver_reference){AVER_LIT("G1"), row->cell[COL_AUTH]};
    }
}

static void adjustments_text(struct aver_buf *out, const struct aver_line_decision *d, bool because)
{
    const struct aver_adjustment *a = d->adjustments.items;
    char cents[AVER_MONEY_TEXT];
    for (size_t i = 0; i < d->adjustments.count; i++) {
        if (i) aver_buf_str(out, ", ");
        if (because)
            aver_buf_bytes(out, a[i].because);
        else
            aver_buf_printf(out, "%s-%.*s %s", aver_group_names[a[i].group], AVER_STR(a[i].carc),
                            aver_cents_text(cents, a[i].amount.cents));
    }
    if (d->adjustments.count == 0) aver_buf_byte(out, '-');
}

static void expect(const struct row *row, enum column column, const char *got)
{
    if (row->cell[column].ptr && !aver_bytes_is(row->cell[column], got))
        differs(row, column, aver_bytes_str(got));
}

static void expect_cents(const struct row *row, enum column column, int64_t cents)
{
    char got[AVER_MONEY_TEXT];
    expect(row, column, aver_cents_text(got, cents));
}

/* What the member has used of a counter, in network, in the benefit year of the row's day. */
static void expect_used(const struct row *row, enum column column, const char *counter)
{
    struct aver_stored stored;
    struct aver_balances balances = {0};
    if (!row->cell[column].ptr) return;
    char *name = aver_arena_printf(&world.arena, "f/" WORLD_FAMILY "/y/%.*s/%.4s",
                                   AVER_STR(row->cell[COL_MEMBER]), (const char *)row->cell[COL_DAY].ptr);
    if (world.view.get(world.view.self, aver_bytes_str(name), &stored, &world.why) == AVER_OK)
        WORLD_OK(&world,
                 aver_schema_read(stored.record, &aver_balances_schema, &balances, &world.arena, &world.why));
    int64_t used = 0;
    const struct aver_balance *b = balances.items.items;
    for (size_t i = 0; i < balances.items.count; i++)
        if (aver_bytes_is(b[i].counter, counter) && aver_bytes_is(b[i].tier, "in_network"))
            used = b[i].used.cents;
    expect_cents(row, column, used);
}

static void expect_line(const struct row *row, const struct aver_applied *applied, size_t i)
{
    const struct aver_decision *d = applied->record.decision;
    if (!d) {
        printf("%s:%u: %s: no decision: %s %s\n", file_name, row->number, title,
               aver_outcome_names[applied->outcome], applied->words);
        row_failed = true;
        return;
    }
    const struct aver_line_decision *l = (const struct aver_line_decision *)d->lines.items + i;
    struct aver_buf text = {0};
    bool waits = l->status == AVER_LINE_PENDED || l->status == AVER_LINE_HELD;
    if (waits && !row->cell[COL_STATUS].ptr) {
        printf("%s:%u: %s: %s: %.*s%s\n", file_name, row->number, title, aver_line_status_names[l->status],
               AVER_STR(l->reason), applied->words);
        row_failed = true;
    }
    expect_cents(row, COL_ALLOWED, (int64_t)l->allowed.cents);
    expect_cents(row, COL_PAID, (int64_t)l->paid.cents);
    expect(row, COL_STATUS, aver_line_status_names[l->status]);
    expect(row, COL_CLAIM_STATUS, aver_claim_status_names[d->status]);
    adjustments_text(&text, l, false);
    aver_buf_byte(&text, 0);
    expect(row, COL_ADJUSTMENTS, (const char *)text.ptr);
    text.len = 0;
    if (waits)
        aver_buf_bytes(&text, l->because);
    else
        adjustments_text(&text, l, true);
    aver_buf_byte(&text, 0);
    expect(row, COL_BECAUSE, (const char *)text.ptr);
    aver_buf_free(&text);
    expect(row, COL_PAYEE, text_of(d->payee));
    expect_used(row, COL_DEDUCTIBLE, "deductible");
    expect_used(row, COL_OOP, "oop_max");
}

/* The rows gathered so far are one claim. */
static void file_claim(void)
{
    const struct row *r = rows.items;
    if (rows.count == 0) return;
    begin_world(r->number);
    struct aver_claim *claim = world_claim(&world, text_of(r->cell[COL_CLAIM]), text_of(r->cell[COL_MEMBER]),
                                           npi_of(r->number, r->cell[COL_PROVIDER]));
    for (size_t i = 0; i < rows.count; i++) add_line(claim, &r[i]);
    if (r->cell[COL_ASSIGNED].ptr) claim->assignment = r->cell[COL_ASSIGNED];
    if (r->cell[COL_PAYER].ptr) claim->coverage->responsibility = r->cell[COL_PAYER];
    if (r->cell[COL_FREQUENCY].ptr) {
        if (aver_bytes_u64(&claim->frequency, r->cell[COL_FREQUENCY]) != AVER_OK)
            bad(r->number, "this is no frequency", r->cell[COL_FREQUENCY]);
        claim->original_reference = AVER_LIT("EARLIER");
    }
    aver_day received =
        r->cell[COL_RECEIVED].ptr ? day_of(r->number, r->cell[COL_RECEIVED]) : claim->statement_to;
    world.view.time = received * WORLD_DAY_MS;
    struct aver_applied applied = world_file_claim(&world, claim);
    for (size_t i = 0; i < rows.count; i++) {
        row_failed = false;
        expect_line(&r[i], &applied, i);
        if (row_failed)
            failed++;
        else
            passed++;
    }
    rows = (struct aver_list){0};
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

static void end_scenario(void)
{
    file_claim();
    if (world_ready) world_end(&world);
    world_ready = false;
    sets_count = columns_count = 0;
    fees = rows = (struct aver_list){0};
    aver_arena_free(&notes);
}

static void begin_scenario(unsigned line, aver_bytes rest)
{
    end_scenario();
    snprintf(title, sizeof title, "%.*s", AVER_STR(rest));
    for (size_t i = 0; i < MEMBERS; i++)
        covers[i] = (struct aver_cover){
            .plan = AVER_LIT("plan"), .from = day_of(line, AVER_LIT("2020-01-01")), .to = AVER_NO_DAY};
}

static void read_fee(unsigned line, aver_bytes rest, bool bundled)
{
    struct aver_table_entry *e = aver_list_add(&notes, &fees, sizeof *e);
    struct aver_table_row *r = aver_list_add(&notes, &e->rows, sizeof *r);
    e->code = cut_before(&rest, ' ');
    *r = (struct aver_table_row){.from = AVER_DAY_MIN, .to = AVER_NO_DAY, .bundled = bundled};
    if (!bundled && aver_decimal_parse(&r->price, aver_bytes_trim(rest), 6) != AVER_OK)
        bad(line, "this is no price", rest);
}

static void read_cover(unsigned line, aver_bytes rest)
{
    aver_bytes who = cut_before(&rest, ' ');
    for (size_t i = 0; i < MEMBERS; i++)
        if (aver_bytes_is(who, members[i])) {
            days_of(line, aver_bytes_trim(rest), &covers[i].from, &covers[i].to);
            return;
        }
    bad(line, "the members are kim, lee and max, not", who);
}

static void read_header(unsigned line, aver_bytes rest)
{
    file_claim();
    for (columns_count = 0; rest.ptr; columns_count++) {
        aver_bytes name = cut_before(&rest, '|');
        size_t i = 0;
        while (i < COL_COUNT && !aver_bytes_is(name, column_names[i])) i++;
        if (i == COL_COUNT || columns_count == COLUMNS_MAX) bad(line, "there is no such column", name);
        columns[columns_count] = i;
    }
}

static void read_row(unsigned line, aver_bytes rest)
{
    struct row row = {.number = line};
    for (size_t i = 0; rest.ptr; i++) {
        aver_bytes cell = cut_before(&rest, '|');
        if (i >= columns_count) bad(line, "more cells than columns at", cell);
        if (cell.len) row.cell[columns[i]] = cell;
    }
    const struct row *before = rows.items;
    if (rows.count && !aver_bytes_eq(before->cell[COL_CLAIM], row.cell[COL_CLAIM])) file_claim();
    *(struct row *)aver_list_add(&notes, &rows, sizeof row) = row;
}

static void read_line(unsigned number, aver_bytes line)
{
    aver_bytes rest = line, word = cut_before(&rest, ' ');
    if (memchr(line.ptr, '|', line.len)) {
        if (aver_bytes_is(word, "claim"))
            read_header(number, line);
        else
            read_row(number, line);
        return;
    }
    if (aver_bytes_is(word, "scenario")) {
        begin_scenario(number, rest);
        return;
    }
    if (world_ready || rows.count) bad(number, "a setting stands before the scenario's table", line);
    if (aver_bytes_is(word, "set")) {
        if (sets_count == SETS_MAX) bad(number, "too many settings", line);
        aver_bytes name = cut_before(&rest, ' ');
        sets[sets_count++] = (struct set){name, aver_bytes_trim(rest), false};
    } else if (aver_bytes_is(word, "fee")) {
        read_fee(number, rest, false);
    } else if (aver_bytes_is(word, "bundled")) {
        read_fee(number, rest, true);
    } else if (aver_bytes_is(word, "cover")) {
        read_cover(number, rest);
    } else {
        bad(number, "a line is scenario, set, fee, bundled, cover or a row, not", line);
    }
}

static void read_file(const char *path)
{
    char text[LINE_BYTES];
    unsigned number = 0;
    struct aver_arena lines = {0}; /* cells borrow the text until the scenario ends */
    FILE *f = fopen(path, "r");
    file_name = path;
    if (!f) bad(0, "could not open", aver_bytes_str(path));
    while (fgets(text, sizeof text, f)) {
        number++;
        if (!strchr(text, '\n')) bad(number, "a line is longer than it may be", aver_bytes_str(text));
        text[strcspn(text, "#\n")] = 0;
        aver_bytes line = aver_bytes_trim(aver_arena_copy(&lines, aver_bytes_str(text)));
        if (line.len) read_line(number, line);
    }
    fclose(f);
    end_scenario();
    aver_arena_free(&lines);
}

int main(int argc, char **argv)
{
    aver_crypto_start();
    for (int i = 1; i < argc; i++) read_file(argv[i]);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
