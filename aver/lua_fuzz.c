/* aver/lua_fuzz.c - see lua_fuzz.h. */
#include "aver/lua_fuzz.h"

#include <inttypes.h>

#include "base/money.h"

#define MONEY_MOST 10000000 /* cents */
#define AROUND     31       /* days before and after the policy's */

/* AVER_LIT, for an initializer. */
#define WORD(text)                                                                                           \
    {                                                                                                        \
        (const uint8_t *)(text), sizeof(text) - 1                                                            \
    }

enum source { NUMBERS, LISTED, OF_PROCEDURES, OF_MEMBERS };
static const aver_bytes providers[] = {WORD("in"), WORD("in2"), WORD("out")};
static const aver_bytes places[] = {WORD("11"), WORD("21"), WORD("22"), WORD("23"), WORD("81")};
static const aver_bytes modifiers[] = {WORD("25"), WORD("26"), WORD("59"), WORD("TC"), WORD("50")};

static const struct row {
    const char *name;
    enum aver_fuzz_kind kind;
    enum source source;
    int64_t least, most;
    const aver_bytes *texts;
} rows[] = {
    {"charge", AVER_FUZZ_MONEY, NUMBERS, 0, MONEY_MOST, NULL},
    {"amount", AVER_FUZZ_MONEY, NUMBERS, 0, MONEY_MOST, NULL},
    {"price", AVER_FUZZ_MONEY, NUMBERS, 0, MONEY_MOST, NULL},
    {"cents", AVER_FUZZ_MONEY, NUMBERS, 0, MONEY_MOST, NULL},
    {"copay", AVER_FUZZ_MONEY, NUMBERS, 0, MONEY_MOST, NULL},
    {"units", AVER_FUZZ_INT, NUMBERS, 1, 99, NULL},
    {"count", AVER_FUZZ_INT, NUMBERS, 0, 1000, NULL},
    {"number", AVER_FUZZ_INT, NUMBERS, 0, 1000, NULL},
    {"days", AVER_FUZZ_INT, NUMBERS, 0, 1000, NULL},
    {"n", AVER_FUZZ_INT, NUMBERS, 0, 1000, NULL},
    {"day", AVER_FUZZ_DAY, NUMBERS, 0, 0, NULL},
    {"date", AVER_FUZZ_DAY, NUMBERS, 0, 0, NULL},
    {"from", AVER_FUZZ_DAY, NUMBERS, 0, 0, NULL},
    {"to", AVER_FUZZ_DAY, NUMBERS, 0, 0, NULL},
    {"procedure", AVER_FUZZ_TEXT, OF_PROCEDURES, 0, 0, NULL},
    {"code", AVER_FUZZ_TEXT, OF_PROCEDURES, 0, 0, NULL},
    {"member", AVER_FUZZ_TEXT, OF_MEMBERS, 0, 0, NULL},
    {"provider", AVER_FUZZ_TEXT, LISTED, 0, sizeof providers / sizeof providers[0] - 1, providers},
    {"place", AVER_FUZZ_TEXT, LISTED, 0, sizeof places / sizeof places[0] - 1, places},
    {"modifier", AVER_FUZZ_TEXT, LISTED, 0, sizeof modifiers / sizeof modifiers[0] - 1, modifiers},
    {"flag", AVER_FUZZ_FLAG, NUMBERS, 0, 1, NULL},
};

static const struct row *row_of(aver_bytes name)
{
    while (name.len && name.ptr[name.len - 1] >= '0' && name.ptr[name.len - 1] <= '9') name.len--;
    if (name.len && name.ptr[name.len - 1] == '_') name.len--;
    size_t from = name.len;
    while (from && name.ptr[from - 1] != '_') from--;
    aver_bytes word = aver_bytes_cut(name, from, name.len - from);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (aver_bytes_is(word, rows[i].name)) return &rows[i];
    return NULL;
}

bool aver_fuzz_knows(aver_bytes name) { return row_of(name) != NULL; }

struct aver_fuzz_arg aver_fuzz_arg(aver_bytes name, const struct aver_fuzz_world *world)
{
    const struct row *row = row_of(name);
    AVER_ASSERT(row);
    struct aver_fuzz_arg a = {
        .name = name, .kind = row->kind, .texts = row->texts, .least = row->least, .most = row->most};
    if (row->source == OF_PROCEDURES || row->source == OF_MEMBERS) {
        const struct aver_list *list = row->source == OF_MEMBERS ? &world->members : &world->procedures;
        a.texts = list->items;
        a.most = (int64_t)list->count - 1;
    }
    a.small = a.least;
    if (a.kind == AVER_FUZZ_DAY) {
        a.least = world->from - AROUND;
        a.most = world->to + AROUND;
        a.small = world->from;
    }
    return a;
}

/* SplitMix64. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t within(uint64_t *state, int64_t least, int64_t most)
{
    return least + (int64_t)(next(state) % ((uint64_t)(most - least) + 1));
}

static int64_t money(uint64_t *state, int64_t most)
{
    switch (next(state) % 4) {
    case 0: return within(state, 0, 100);                                  /* cents */
    case 1: return within(state, 0, 500) * 100 + within(state, -1, 1) + 1; /* about a whole dollar */
    case 2: return within(state, 0, 100000);
    default: return within(state, 0, most);
    }
}

void aver_fuzz_draw(struct aver_fuzz_arg *a, uint64_t *state)
{
    if (a->kind == AVER_FUZZ_MONEY) {
        a->value = money(state, a->most);
        return;
    }
    if (a->kind == AVER_FUZZ_DAY && next(state) % 4 == 0) {
        int64_t last = a->most - AROUND;
        a->value = (next(state) % 2 ? a->small : last) + within(state, -1, 1);
        return;
    }
    /* Small ones are drawn more often. */
    if (a->kind == AVER_FUZZ_INT && next(state) % 2 && a->most > a->least + 4)
        a->value = within(state, a->least, a->least + 4);
    else
        a->value = within(state, a->least, a->most);
}

bool aver_fuzz_smaller(const struct aver_fuzz_arg *a, unsigned step, int64_t *value)
{
    int64_t distance = a->value - a->small;
    for (; step > 0; step--) distance /= 2;
    *value = a->value - distance;
    return distance != 0;
}

struct aver_value aver_fuzz_value(const struct aver_fuzz_arg *a)
{
    if (a->kind == AVER_FUZZ_FLAG) return aver_bool(a->value != 0);
    return a->kind == AVER_FUZZ_TEXT ? aver_text(a->texts[a->value]) : aver_int(a->value);
}

void aver_fuzz_print(struct aver_buf *out, const struct aver_fuzz_arg *a)
{
    char text[AVER_MONEY_TEXT], iso[AVER_DAY_TEXT];
    aver_buf_printf(out, "%.*s = ", AVER_STR(a->name));
    switch (a->kind) {
    case AVER_FUZZ_MONEY:
        aver_buf_printf(out, "%" PRId64 " (%s)", a->value, aver_cents_text(text, a->value));
        return;
    case AVER_FUZZ_INT: aver_buf_printf(out, "%" PRId64, a->value); return;
    case AVER_FUZZ_DAY:
        aver_buf_printf(out, "%" PRId64 " (%s)", a->value, aver_day_iso(iso, (aver_day)a->value));
        return;
    case AVER_FUZZ_TEXT: aver_buf_printf(out, "\"%.*s\"", AVER_STR(a->texts[a->value])); return;
    case AVER_FUZZ_FLAG: aver_buf_str(out, a->value ? "true" : "false"); return;
    }
    AVER_UNREACHABLE();
}
