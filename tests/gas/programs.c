/* tests/gas/programs.c - see programs.h. */
#include "tests/gas/programs.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/transition/contract.h"

#define TURNS 400
#define TIMES 10

/* A price of the source, and of a run. */
#define EACH TURNS, TIMES
#define SOME 40, 2
#define ONCE 0, 0
#define VISIT                                                                                                \
    "local line = claim.lines[1] line:set_benefit(policy.benefits.visits_of_the_lines)\n"                    \
    "local x, y = history.visit(line), 1\n"
#define ADJUSTED                                                                                                           \
    "for line in each(claim.lines) do line:set_tier('in_network') line:set_benefit(policy.benefits.visits_of_the_lines)\n" \
    "line:allow(900000, 'fee_schedule') end\n"
#define ON_LINES(act) "for line in each(claim.lines) do " act " end"

static const char texts[] =
    "local s, u = 'abcdefgh', 'abcdefgi'\n"
    "local long = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl'\n"
    "for i = 1, 5 do long = long .. long end\n local x, n = nil, 0\n";
static const char values[] = "local a, b, x, n = 7, 9, 0, 0\n local t = {name = 1, 5, 6, 7}\n"
                             "local function f() end\n";
static const char objects[] =
    "local lines, line, x = claim.lines, claim.lines[1], nil\n local day = line.service_from\n";
static const char keyed[] = "local t, x, k = {}, nil, {}\n"
                            "for i = 1, 1000 do k[i] = 'key' .. i end\n";
static const char filled[] = "local t, x, k = {}, nil, {}\n"
                             "for i = 1, 1000 do local s = 'key' .. i k[i] = s t[s] = i end\n";

/* The two prices of what is outside every function. */
#define GAS_LONG_SOURCE "source"
#define GAS_LONG_LOAD   "load"

const struct gas_program gas_programs[] = {
    /* In the source. */
    {"a literal, a local", values, "x = a", "x = a == 1", EACH},
    {"a function or an object of the host, by name", values, "x = a", "x = text", EACH},
    {"t.name", values, "x = a", "x = t.name", EACH},
    {"t[key]", values, "x = a", "x = t[a]", EACH},
    {"+ - * and the minus sign", values, "x = a", "x = #t + 2 - 3 + 5", EACH},
    {"the same, on top, where the source does not show that the result fits", values, "x = a",
     "x = a + b * a - b", EACH},
    {"// % by a literal", values, "x = a", "x = a // 3 % 5", EACH},
    {"// % by another value", values, "x = a", "x = a // b", EACH},
    {"== ~= with a literal; < <= > >=", values, "x = a", "x = a < b", EACH},
    {"== ~= of two values that may be long texts",
     "local a, b, x = '', '', nil\n for i = 1, 4096 do a = a .. 'x' end\n b = a .. '' local c = a\n", "x = a",
     "x = a == b", EACH},
    {"and or not", values, "x = a", "x = not (a and b or x)", EACH},
    {"#", values, "x = a", "x = #t", EACH},
    {"..: the whole chain", texts, "x = s", "x = s .. u", EACH},
    {"a call, or a method's", values, "x = a", "f()", EACH},
    {"a call, or a method's", "local function f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q) end local x",
     "x = 1", "f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)", EACH},
    {"a method's call, on top", objects, "x = line.number", "x = line:unexplained()", EACH},
    {"entering a function", values, "x = a", "f() f()", EACH},
    {"function ... end as a value", values, "x = a", "x = function() end", EACH},
    {"for each local of the functions around it that it uses", values, "x = function() end",
     "x = function() a = b + n end", EACH},
    {"{ }", values, "x = a", "x = {}", EACH},
    {"for each item without a key", values, "x = {1}", "x = {1, a, b, n, 2, 3, 4, 5, 6}", EACH},
    {"for each item with a key", values, "x = {}",
     "x = {a = a, b = b, c = n, d = 2, e = 3, f = 4, g = 5, h = 6, i = 7}", EACH},
    {"local, and assigning to one", values, "x = a", "local y, z = a, b", EACH},
    {"assigning to a field", values, "x = t.name", "t.name = a", EACH},
    {"each condition of an if", values, "x = a", "if a then elseif b then end", EACH},
    {"a turn of a loop, and beginning it", values, "x = a", "n = 0 while n < 10 do n = n + 1 end", EACH},
    {"beginning a numeric loop that calls nothing, whose turns are paid before the first", values, "x = a",
     "for i = 1, 1 do end", EACH},
    {"beginning for ... in each(list), beside the list", "local t = {}", "", "for v in each(t) do end", EACH},
    {"each turn of that, on top", "local k = {} for i = 1, 100 do k[i] = i end", "",
     "for v in each(k) do end", 40, 1},
    {"return", "local function g() return 1 end local function f() end\n", "f()", "g()", EACH},

    /* While it runs. */
    {"an execution", "", NULL, "", ONCE},
    {"a field, method or item of a host object; a step of sorted_pairs", objects, "x = day",
     "x = claim.accident", EACH},
    {"a field, method or item of a host object; a step of sorted_pairs", objects, "x = day",
     "x = line.emergency", EACH},
    {"a field, method or item of a host object; a step of sorted_pairs", filled, "",
     "for k, v in sorted_pairs(t) do end", 5, 1},
    {"a field, method or item of a host object; a step of sorted_pairs", objects, "x = day",
     "x = policy.exclusions[1].procedures[150]", EACH},
    {"an object that the host hands over", objects, "x = day", "x = lines[7]", EACH},
    {"for each fact of it that the source names, where it is handed over with facts",
     "local lines = claim.lines", "",
     "local l = lines[7] local x = l.procedure x = l.service_from x = l.charge x = l.is_open x = l.rendering_id",
     1, 1},
    {"a text that is made or handed over", objects, "x = line.number", "x = line.procedure", EACH},
    {"an operand of \"..\"", texts, "x = s .. u", "x = s .. u .. s .. u .. s .. u .. s .. u .. s", EACH},
    {"an operand of \"..\" that is an integer, on top", texts, "x = s .. s", "x = s .. 9223372036854775807",
     EACH},
    {"sorted_pairs and sort: for each key, besides one for each time that their number can be halved", filled,
     "", "for k, v in sorted_pairs(t) do break end", 5, 1},
    {"a key that the table did not have", keyed, "t = {}", "t = {} for i = 1, 1000 do t[k[i]] = i end", 5, 1},
    {"a new key after keys were removed: for each key that the table ever held at once",
     "local t, n = {}, 0 for i = 1, 1023 do t['k' .. i] = i end", "n = n + 1 local s = 'x' .. n",
     "n = n + 1 local s = 'x' .. n t[s] = 1 t[s] = nil", 40, 1},
    {"the first assignment to a field of a table, or the first # of it", values, "x = {}", "x = {} a = #x",
     EACH},
    {"then, for each key that it holds", values, "x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}",
     "x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} a = #x", EACH},
    {"each 4 bytes of a text that is made or handed over", texts, "x = s .. u", "x = long .. long", EACH},
    {"each 64 bytes of a text that is looked at", texts, "x = str.compare(s, s)",
     "x = str.compare(long, long)", EACH},
    {"an execution, for each 256 bytes of the source", "", GAS_LONG_SOURCE, "", ONCE},
    {"an execution, for each 16 gas that loading took", "", GAS_LONG_LOAD, "", ONCE},

    /* Of the library. */
    {"each", "local t = {}", "", "for v in each(t) do end", EACH},
    {"sorted_pairs", "local t = {}", "", "for v in sorted_pairs(t) do end", EACH},
    {"sort", "local t = {3, 1, 2}", "", "local v = sort(t)", EACH},
    {"sorted_pairs and sort: for each key, besides one for each time that their number can be halved", keyed,
     "", "local v = sort(k)", 5, 1},
    {"len", texts, "x = s", "x = len(s)", EACH},
    {"text", texts, "x = s", "x = text(9223372036854775807)", EACH},
    {"fail", "", NULL, "fail('no')", ONCE},
    {"math.min", values, "x = a", "x = math.min(a, b, 1, 2, 3, 4, 5, 6)", EACH},
    {"math.max", values, "x = a", "x = math.max(a, b)", EACH},
    {"math.abs", values, "x = a", "x = math.abs(a)", EACH},
    {"money.add", values, "x = a", "x = money.add(a, b)", EACH},
    {"money.sub", values, "x = a", "x = money.sub(a, b)", EACH},
    {"money.bps", values, "x = a", "x = money.bps(123456789, 2500, 'half_even')", EACH},
    {"money.muldiv", values, "x = a", "x = money.muldiv(123456789012, 1234567890123, 7654321012345, 'up')",
     EACH},
    {"money.split", "local w, x = {1, 2}, nil", "x = w", "x = money.split(1000, w)", EACH},
    {"money.split: for each pair of its weights",
     "local w, v, x = {}, {1}, nil for i = 1, 256 do w[i] = i * 7919 % 997 end", "x = money.split(100001, v)",
     "x = money.split(100001, w)", 4, 1},
    {"date.of", "local x, d = 0, '2026-03-02'", "x = d", "x = date.of(d)", EACH},
    {"date.add_months", "local x, d = 0, date.of('2026-03-31')", "x = d", "x = date.add_months(d, 11)", EACH},
    {"date.years_between", "local x, d, e = 0, date.of('1926-03-31'), date.of('2026-03-02')", "x = d",
     "x = date.years_between(d, e)", EACH},
    {"date.year", "local x, d = 0, date.of('2026-03-31')", "x = d", "x = date.year(d)", EACH},
    {"date.text", "local x, d = 0, date.of('2026-03-31')", "x = d", "x = date.text(d)", EACH},
    {"str.starts_with", texts, "x = s", "x = str.starts_with(s, s)", EACH},
    {"str.ends_with", texts, "x = s", "x = str.ends_with(s, s)", EACH},
    {"str.compare", texts, "x = s", "x = str.compare(s, u)", EACH},
    {"str.find", texts, "x = s", "x = str.find(s, u)", EACH},
    {"str.find: each 4 bytes of both texts",
     "local s, u, x = '', '', nil for i = 1, 40 do s = s .. 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' end\n"
     "for i = 1, 20 do u = u .. 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' end u = u .. 'a'",
     "x = str.find('a', 'b')", "x = str.find(s, u)", EACH},
    {"str.sub", texts, "x = s", "x = str.sub(s, 2, 7)", EACH},
    {"str.upper", texts, "x = s", "x = str.upper(s)", EACH},

    /* Of the host. */
    {"opt: each 4 bytes of the path", "local x = 1", "x = opt(policy, 'span')",
     "x = opt(policy, 'benefits.visits_of_the_lines.cost_share.out_of_network.deductible')", EACH},
    {"opt", "local x = 1", "x = policy", "x = opt(policy, 'cost_share.order')", EACH},
    {"in_ranges", "local x, list = 1, policy.benefits.visits_of_the_lines.match.procedures", "x = list",
     "x = in_ranges(list, 'P0001')", EACH},
    {"in_ranges, concerns, rule_for, benefit_for: for each code or range of codes in the list",
     "local x, list = 1, policy.exclusions[1].procedures", "x = list", "x = in_ranges(list, 'X9999')", SOME},
    {"concerns", "local line, x, rule = claim.lines[1], 1, policy.benefits.visits_of_the_lines.match",
     "x = rule", "x = concerns(rule, line)", EACH},
    {"concerns", "local line, x, rule = claim.lines[1], 1, policy.exclusions[1]", "x = rule",
     "x = concerns(rule, line)", SOME},
    {"rule_for", "local line, x, rules = claim.lines[1], 1, policy.exclusions", "x = rules",
     "x = rule_for(rules, line)", EACH},
    {"benefit_for", objects, "x = day", "x = benefit_for(line)", SOME},
    {"benefit_for, rule_for: for each benefit or rule, up to the one", objects, "x = day",
     "x = benefit_for(line)", SOME},
    {"network_of", objects, "x = day", "x = network_of('1234567893', day)", EACH},
    {"network_of", objects, "x = day", "x = network_of('1', day)", EACH},
    {"network_of: for each network with a roster", objects, "x = day", "x = network_of('1', day)", EACH},
    {"fees.find", objects, "x = day", "x = fees.find('fees', line)", EACH},
    {"fees.drug", objects, "x = day", "x = fees.drug('drugs', line)", EACH},
    {"fees.relative", objects, "x = day", "x = fees.relative(policy.fee_schedule.in_network.rbrvs, line)",
     EACH},
    {"locality_of", objects, "x = day", "x = locality_of(line)", EACH},
    {"fees.find, fees.relative, locality_of, roster.tier, codes.known, network_of, edits.pairs, edits.units: each byte of the entry",
     objects, "x = day", "x = fees.find('many', line)", 40, 2},
    {"roster.tier", objects, "x = day", "x = roster.tier('providers', '1234567893', day)", EACH},
    {"roster.tier", objects, "x = day", "x = roster.tier('providers', '1', day)", EACH},
    {"codes.known", objects, "x = day", "x = codes.known('codes', 'P0001', day)", EACH},
    {"codes.known", objects, "x = day", "x = codes.known('codes', 'P0009', day)", EACH},
    {"edits.pairs", objects, "x = day", "x = edits.pairs('pairs', 'P0001', line)", EACH},
    {"edits.pairs", objects, "x = day", "x = edits.pairs('pairs', 'P0002', line)", EACH},
    {"edits.pairs: for each different procedure of the day", objects, "x = day",
     "x = edits.pairs('pairs', 'P0001', line)", EACH},
    {"edits.pairs, once for a day: for each line and service of it", objects, "x = day",
     "x = edits.pairs('pairs', 'P0001', line)", EACH},
    {"edits.units", objects, "x = day", "x = edits.units('units', 'P0001', day)", EACH},
    {"history.day", objects, "x = day", "x = history.day(line)", EACH},
    {"accum.left",
     "local line = claim.lines[1] line:set_tier('in_network') local x, y = accum.left('deductible', line), 1",
     "x = y", "x = accum.left('deductible', line)", EACH},
    {"accum.limit",
     "local line = claim.lines[1] line:set_tier('in_network') local x, y = accum.left('deductible', line), 1",
     "x = y", "x = accum.limit('deductible', line)", EACH},
    {"accum.left, accum.limit, Line:count: for each maximum of the policy, if one is named",
     "local line = claim.lines[1] line:set_tier('in_network') local x, y = accum.left('maxima.m19', line), 1",
     "x = y", "x = accum.left('maxima.m19', line)", EACH},
    {"accum.left, accum.limit, Line:adjust that consumes: for each other tier that counts there",
     "local line = claim.lines[1] line:set_tier('in_network') local x, y = accum.left('oop_max', line), 1",
     "x = y", "x = accum.left('oop_max', line)", EACH},
    {"history.duplicate", objects, "x = day", "x = history.duplicate(line)", SOME},
    {"history.duplicate, history.visit, Line:count_visit, a copay: for each service or visit", VISIT, "x = y",
     "x = history.visit(line)", SOME},
    {"accumulators and visits, when a record of them is first read: for each in it",
     "local line = claim.lines[1] line:set_tier('in_network')", "", "accum.left('deductible', line)", ONCE},
    {"accumulators and visits, when a record of them is first read: for each in it",
     "local line = claim.lines[1] line:set_benefit(policy.benefits.visits_of_the_lines)", "",
     "history.visit(line)", ONCE},
    {"history.uses",
     "local line, rule = claim.lines[1], policy.frequency[1]\nlocal x, y = history.uses(line, rule), 1\n",
     "x = y", "x = history.uses(line, rule)", SOME},
    {"history.uses, Line:count_use: for each use of the rule that the member has",
     "local line, rule = claim.lines[1], policy.frequency[1]\nlocal x, y = history.uses(line, rule), 1\n",
     "x = y", "x = history.uses(line, rule)", SOME},
    {"Line:count_use", ADJUSTED "local rule = policy.frequency[1]", ON_LINES("local x = rule"),
     ON_LINES("line:count_use(rule)"), ONCE},
    {"history.visit", VISIT, "x = y", "x = history.visit(line)", SOME},
    {"Claim:deny", "claim:deny('CO', '96', 'benefits')", "", "claim:deny('CO', '96', 'benefits')", EACH},
    {"Claim:deny: for each line that it denies", "", "", "claim:deny('CO', '96', 'benefits')", ONCE},
    {"Claim:pend", "", "", "claim:pend('look', 'benefits')", ONCE},
    {"Claim:deny, Claim:pend: for each line of the claim", "claim:pend('look', 'benefits')", "",
     "claim:pend('look', 'benefits')", EACH},
    {"Claim:pay_to", "local x", "x = claim", "claim:pay_to('member')", EACH},
    {"Line:allow", "", ON_LINES("local t = {group = 'PR'}"),
     ON_LINES("line:allow(900000, 'fee_schedule', {group = 'PR'})"), ONCE},
    {"Line:reduce", ADJUSTED, ON_LINES("local t = {}"), ON_LINES("line:reduce('59', 1, 'benefits')"), ONCE},
    {"Line:adjust", ADJUSTED, ON_LINES("local t = {}"), ON_LINES("line:adjust('PR', '2', 1, 'benefits')"),
     ONCE},
    {"Line:owe", ADJUSTED, ON_LINES("local t = {}"), ON_LINES("line:owe('2', 1, 'benefits')"), ONCE},
    {"Line:adjust: for each accumulator that it consumes; Line:count: for each maximum",
     ADJUSTED "local t = {consumes = {'deductible', 'oop_max'}}",
     "for i = 1, 20 do " ON_LINES("local x = t") " end",
     "for i = 1, 20 do " ON_LINES("line:adjust('PR', '1', 1, 'deductible.in_network.individual', t)") " end",
     ONCE},
    {"Line:count", ADJUSTED "local t = {}", ON_LINES("local x = t"), ON_LINES("line:count(t)"), ONCE},
    {"Line:adjust: for each accumulator that it consumes; Line:count: for each maximum",
     ADJUSTED "local t = {'maxima.m00', 'maxima.m01'}", ON_LINES("local x = t"), ON_LINES("line:count(t)"),
     ONCE},
    {"Line:deny", "", ON_LINES(""), ON_LINES("line:deny('CO', '96', 'benefits')"), ONCE},
    {"Line:pay_units", "", ON_LINES(""), ON_LINES("line:pay_units(500)"), ONCE},
    {"Line:pend", "", ON_LINES(""), ON_LINES("line:pend('look', 'benefits')"), ONCE},
    {"Line:unexplained", objects, "x = day", "x = line:unexplained()", EACH},
    {"Line:set_tier", "", ON_LINES(""), ON_LINES("line:set_tier('in_network')"), ONCE},
    {"Line:set_benefit", "local b = policy.benefits.visits_of_the_lines", ON_LINES(""),
     ON_LINES("line:set_benefit(b)"), ONCE},
    {"Line:count_visit",
     "for line in each(claim.lines) do line:set_benefit(policy.benefits.visits_of_the_lines) end claim.lines[1]:count_visit()",
     ON_LINES(""), ON_LINES("line:count_visit()"), ONCE},
    {"Member:cover_on", objects, "x = day", "x = member:cover_on(day)", EACH},
    {"Member:covered_before", objects, "x = day", "x = member:covered_before(day)", EACH},
};
const size_t gas_programs_count = sizeof gas_programs / sizeof gas_programs[0];

/* ---- measuring ------------------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What stands before the table of entry points: nothing, a long comment, or what takes long to load. */
static void put_front(struct aver_buf *out, const struct gas_program *p, bool body)
{
    if (!body || !p->base) return;
    if (strcmp(p->base, GAS_LONG_SOURCE) == 0)
        for (int i = 0; i < 500; i++)
            aver_buf_str(out, "-- A comment of sixty-four bytes, as long as many lines are here\n");
    if (strcmp(p->base, GAS_LONG_LOAD) == 0)
        aver_buf_str(out, "local t = {} for i = 1, 4000 do t[i] = 'text' .. i end\n");
}

static aver_bytes source_of(struct aver_buf *out, const struct gas_program *p, bool body)
{
    bool front = p->base && (strcmp(p->base, GAS_LONG_SOURCE) == 0 || strcmp(p->base, GAS_LONG_LOAD) == 0);
    put_front(out, p, body);
    aver_buf_printf(out, "return { main = function(claim, member)\n%s\n", p->prep);
    if (p->turns) aver_buf_printf(out, "for turn = 1, %d do\n", p->turns);
    for (int i = 0; i < (p->times ? p->times : 1); i++)
        aver_buf_printf(out, "%s\n", body ? p->body : front || !p->base ? "" : p->base);
    if (p->turns) aver_buf_str(out, "end\n");
    aver_buf_str(out, "end }\n");
    return aver_buf_view(out);
}

static struct aver_vm *loaded(const struct gas_program *p, aver_bytes source)
{
    struct aver_vm *vm;
    struct aver_why why = {0};
    if (gas_load(&vm, source, &why) == AVER_OK) return vm;
    fprintf(stderr, "gas: the program of \"%s\": %s (%s)\n%.*s\n", p->row, why.text, why.place,
            AVER_STR(source));
    exit(2);
}

static void execute(struct gas_world *w, const struct gas_program *p, struct aver_vm *vm, struct gas_run *run)
{
    bool ends = strcmp(p->row, "fail") != 0;
    if (gas_execute(w, vm, AVER_VM_GAS_LIMIT_MAX, run) &&
        (run->trap == AVER_TRAP_NONE || (!ends && run->trap == AVER_TRAP_FAIL)))
        return;
    fprintf(stderr, "gas: the program of \"%s\" ends with trap %d in line %" PRIu64 ": %s\n", p->row,
            run->trap, run->line, run->words);
    exit(2);
}

#define REPEATS_MAX 101
struct gas_figure gas_measure(struct gas_world *w, const struct gas_program *p, int repeats)
{
    struct gas_figure f = {.program = p};
    double ns[REPEATS_MAX];
    struct aver_buf text[2] = {{0}, {0}};
    struct aver_vm *vm[2];
    struct gas_run run[2];
    if (repeats > REPEATS_MAX) repeats = REPEATS_MAX;
    vm[0] = loaded(p, source_of(&text[0], p, false));
    vm[1] = loaded(p, source_of(&text[1], p, true));
    /* Pairs, so that a slow moment of the machine falls on both. The first is thrown away. */
    for (int i = -1; i < repeats; i++) {
        execute(w, p, vm[0], &run[0]);
        execute(w, p, vm[1], &run[1]);
        if (i >= 0) ns[i] = run[1].ns - (p->base ? run[0].ns : 0);
    }
    qsort(ns, (size_t)repeats, sizeof ns[0], by_value);
    f.ns = ns[repeats / 2];
    f.gas = (double)run[1].gas - (p->base ? (double)run[0].gas : 0);
    for (int i = 0; i < 2; i++) {
        aver_vm_free(vm[i]);
        aver_buf_free(&text[i]);
    }
    return f;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* The table's lines are "| what | gas |"; heads and rules have no number. */
struct aver_list gas_rows(struct aver_arena *arena)
{
    struct aver_list rows = {0};
    struct aver_buf tables = {0};
    aver_vm_prices(&tables);
    aver_contract_prices(&tables);
    aver_buf_byte(&tables, 0);
    for (char *line = (char *)tables.ptr, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        char *last = strrchr(line, '|');
        if (!last || line[0] != '|') continue;
        *last = 0;
        char *gas = strrchr(line, '|');
        if (!gas || gas < line + 3 || gas[1] != ' ' || gas[2] < '0' || gas[2] > '9') continue;
        *(const char **)aver_list_add(arena, &rows, sizeof(const char *)) =
            aver_arena_printf(arena, "%.*s", (int)(gas - line) - 3, line + 2);
    }
    aver_buf_free(&tables);
    return rows;
}

double gas_median(struct gas_world *w, struct gas_figure *figures, int repeats)
{
    double ratios[GAS_PROGRAMS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < gas_programs_count; i++) {
        struct gas_figure f = gas_measure(w, &gas_programs[i], repeats);
        if (figures) figures[i] = f;
        if (f.gas > 0) ratios[n++] = gas_ratio(&f);
    }
    qsort(ratios, n, sizeof ratios[0], by_value);
    return ratios[n / 2];
}

size_t gas_replay(struct gas_world *w, const char *dir, int repeats, struct gas_worst *worst)
{
    static uint8_t source[AVER_VM_SOURCE_BYTES_MAX];
    const struct gas_program no_price = {.row = "a saved program"};
    size_t count = 0;
    DIR *d = opendir(dir);
    *worst = (struct gas_worst){0};
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[512];
        struct gas_run run;
        double least = 0;
        if (!strstr(e->d_name, ".lua")) continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        FILE *f = fopen(path, "rb");
        if (!f) continue;
        size_t n = fread(source, 1, sizeof source, f);
        fclose(f);
        struct aver_vm *vm = loaded(&no_price, aver_bytes_of(source, n));
        for (int i = 0; i < repeats && gas_execute(w, vm, GAS_BELIEVE, &run); i++)
            if (i == 0 || run.ns / (double)run.gas < least) least = run.ns / (double)run.gas;
        aver_vm_free(vm);
        count++;
        if (least <= worst->ratio) continue;
        worst->ratio = least;
        snprintf(worst->name, sizeof worst->name, "%.60s", e->d_name);
    }
    if (d) closedir(d);
    return count;
}
