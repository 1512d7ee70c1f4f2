/* tests/gas/grammar.c - see grammar.h. */
#include "tests/gas/grammar.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOMBS_MAX 200
#define DEPTH_MAX 3

static uint64_t state = 1;
static char bombs[BOMBS_MAX][GENE_MAX];
static size_t bombs_count;

void gas_seed(uint64_t seed) { state = seed * 2 + 1; }

unsigned gas_pick(unsigned n) /* PCG: permuted congruential generator, XSH-RR */
{
    uint64_t old = state;
    state = old * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint32_t x = (uint32_t)(((old >> 18) ^ old) >> 27), rot = (uint32_t)(old >> 59);
    return ((x >> rot) | (x << (-rot & 31))) % n;
}

/* ---- the names that every program has -------------------------------------------------------------------------------- */

static const char front[] =
    "local K, Q, W, R, L = {}, {}, {}, {}, 'a'\n"
    "for i = 1, 1000 do K[i] = 'key' .. i end\n"
    "for i = 1, 1000 do Q[K[i]] = i end\n"
    "for i = 1, 256 do W[i] = i * 7919 % 997 end\n"
    "for i = 1, 60 do R[i * 4096] = i end\n"
    "for i = 1, 12 do L = L .. L end\n"
    "local M = str.sub(L, 1, 2000) .. 'b'\n"
    "return { main = function(claim, member)\n"
    "local a, b, c, s, u, l, m = 7, 9, 100, 'abcdefgh', 'abcdefgi', L, M\n"
    "local t, k, q, w, r, x = {}, K, Q, W, R, {1, 2, 3, name = 1}\n"
    "local function f(y, z) return y end local g = function() end\n"
    "local function h(y) if y > 0 then h(y - 1) end end\n"
    "local lines, line, day, list = claim.lines, claim.lines[1], claim.statement_from, policy.exclusions[1].procedures\n"
    "local visit = policy.benefits.visits_of_the_lines line:set_tier('in_network') line:set_benefit(visit)\n"
    "for i = 2, 40 do lines[i]:set_tier('in_network') lines[i]:set_benefit(visit) end\n"
    "line:allow(900000, 'fee_schedule')\n";

/* Operands of one type each; a mutation replaces one by another of its row. */
static const char *const names[][12] = {{"a", "b", "c", "day"},
                                        {"s", "u", "l", "m"},
                                        {"t", "k", "q", "w", "r", "x"},
                                        {"f", "g"},
                                        {"lines", "list", "claim.lines"}};
#define ROWS (sizeof names / sizeof names[0])

/* In these, @i is any expression of an integer, @s of a text, @t of a table, @v of one of them, @n a number of 1 to 4096. */
static const char *const expressions_i[] = {"a",
                                            "b",
                                            "c",
                                            "@n",
                                            "(@i + @i)",
                                            "(@i - 3)",
                                            "(@i // @n)",
                                            "(@i % 97)",
                                            "#@t",
                                            "len(@s)",
                                            "math.min(@i, @i)",
                                            "math.max(@i, @i, 3, 4, 5, 6, 7, 8)",
                                            "money.bps(@n, 2500)",
                                            "money.muldiv(@n, @n, 100, 'half_even')",
                                            "date.year(day)",
                                            "(x[1] or 1)",
                                            "line.charge",
                                            "str.compare(@s, @s)",
                                            "(a == b and @i or @i)"};
static const char *const expressions_s[] = {"s",
                                            "u",
                                            "l",
                                            "m",
                                            "'key1'",
                                            "k[@n % 1000 + 1]",
                                            "(s .. @i)",
                                            "(@s .. 'x')",
                                            "text(@i)",
                                            "str.sub(@s, 1, @n)",
                                            "str.upper(@s)",
                                            "line.procedure",
                                            "date.text(day)",
                                            "(s .. u .. @i .. s .. u)"};
static const char *const expressions_t[] = {"t",
                                            "k",
                                            "q",
                                            "w",
                                            "r",
                                            "x",
                                            "{}",
                                            "{@i, @i, @i}",
                                            "{a = 1, b = 2, c = 3, d = 4}",
                                            "{[@i] = 1, [@s] = 2}",
                                            "{[s] = 1, [u] = 2, key1 = 3, key2 = 4, [a] = 5}"};

static const char *const statements[] = {
    "a = @i",
    "s = @s",
    "t = @t",
    "a, b = b, a",
    "local v = @i",
    "local v = @s",
    "local v = @t",
    "local v = q[@s]",
    "local v = k[@i]",
    "local v = x.name",
    "local v = @v == @v",
    "local v = l == m",
    "local v = not (a and b or c)",
    "local v = a < b",
    "local v = -@i",
    "local v = c // b % a",
    "local v = text",
    "local v = (l .. '')",
    "local v = s .. u .. s .. u .. s .. u .. s .. u",
    "local v = s .. a .. b .. c .. day",
    "local v = str.sub(l, 1, 2000) .. u",
    "local v = q[str.sub(l, 1, @n % 250 + 1) .. a]",
    "x.name = @i",
    "x[@n % 8 + 1] = @i",
    "t[s] = @i",
    "t[@s] = nil",
    "t['x' .. a] = 1 t['x' .. a] = nil a = a + 1",
    "for i = 1, @n do t[i] = i end",
    "for i = 1, 1000 do t[k[i]] = i end",
    "for i = 1, 1000 do t[k[i]] = nil end",
    "q['x' .. a] = 1 q['x' .. a] = nil a = a + 1",
    "q['y'] = 1 q['y'] = nil",
    "t = {}",
    "x[#x + 1] = 1",
    "x[#x] = nil",
    "local d, e, f, g, h, i = {}, {}, {}, {}, {}, {}",
    "w[#w + 1] = 1 w[#w] = nil",
    "local v = r[@n * 4096]",
    "for v in each(@t) do end",
    "for v, i in each(k) do end",
    "for v in sorted_pairs(@t) do break end",
    "for v, n in sorted_pairs(q) do end",
    "for v in sorted_pairs(x) do end",
    "local v = #t + #t",
    "local v = #l",
    "local v = len(@t)",
    "local v = {name = 1, 2, 3}",
    "local v = {a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c}",
    "local v = {a = a, b = b, c = c, d = a, e = b, f = c, g = a, h = b}",
    "local v = {{}, {}, {}, {}, {}, {}}",
    "local v = {[s] = a, [u] = a, [day] = a, [a] = a, [b] = a, [c] = a}",
    "local v = {a = a, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a, m = a, n = a, o = a, p = a, q = a, r = a, s = a, t = a, u = a, v = a, w = a, x = a, y = a, z = a}",
    "local v = {[s] = 1, [u] = 2, ['e' .. s] = 3}",
    "local v = {[a] = 1, [b] = 2, [c] = 3, [day] = 4}",
    "local v = {} local n = #v",
    "local v = {} v.z = 1",
    "local v = {1, 2, 3, 4, 5, 6, 7, 8} local n = #v",
    "f(1, 2)",
    "g()",
    "h(100)",
    "local v = f(@i, @i)",
    "local v = f(@s, @t)",
    "local v = function() end",
    "local v = function() return a + b + c end",
    "local v = function() return a, s, u, l, m, t, k, q, w, r, x end",
    "if a == 1 then b = 2 elseif b == 2 then c = 3 else a = 1 end",
    "if @i < @i then a = @i end",
    "for i = 1, @n do end",
    "for i = 1, @n do local v = i + a end",
    "local i = 0 while i < 50 do i = i + 1 end",
    "local i = 0 repeat i = i + 1 until i > 50",
    "local v = math.abs(@i)",
    "local v = math.min(a, b, c, a, b, c, a, b)",
    "local v = math.max(a, b)",
    "local v = money.add(@i, @n)",
    "local v = money.sub(@i, @n)",
    "local v = money.bps(@n, @n, 'half_even')",
    "local v = money.muldiv(@n, @n, @n, 'up')",
    "local v = money.split(@n, w)",
    "local v = money.split(@n, {1, 2, 3})",
    "local v = date.of('2026-03-02')",
    "local v = date.add_months(day, @n % 100)",
    "local v = date.years_between(1, day)",
    "local v = date.year(day)",
    "local v = date.text(day)",
    "local v = str.starts_with(@s, @s)",
    "local v = str.ends_with(@s, @s)",
    "local v = str.compare(@s, @s)",
    "local v = str.compare(l, l .. '')",
    "local v = str.find(@s, @s)",
    "local v = str.find(l, m)",
    "local v = str.sub(@s, @n, @n)",
    "local v = str.upper(@s)",
    "local v = text(@i)",
    "local v = line.emergency",
    "local v = line.description",
    "local v = claim.accident",
    "local v = claim.subscriber.member_id",
    "local v = line.prior_auth",
    "local v = line.rendering_id",
    "local v = lines[@n % 50 + 1]",
    "local v = sort(k)",
    "local v = sort({@i, @i, @i, @i})",
    "local v = sort(@t)",
    "local v = #lines",
    "local v = line == lines[1]",
    "for v in each(lines) do end",
    "for v in each(list) do end",
    "for v in each(line.references) do local n = v.value end",
    "local v = list[@n % 200 + 1]",
    "local v = policy.deductible.in_network.individual",
    "local v = visit.match.procedures[1]",
    "local v = opt(policy, 'benefits.visits_of_the_lines.cost_share.in_network.deductible')",
    "local v = opt(policy, @s)",
    "local v = concerns(policy.exclusions[1], line)",
    "local v = rule_for(policy.exclusions, line)",
    "local v = rule_for(policy.exclusions, line, policy.exclusions[1])",
    "local v = fees.drug('drugs', line)",
    "local v = in_ranges(list, 'X1234')",
    "local v = in_ranges(list, 'X9999')",
    "local v = in_ranges(list, @s)",
    "local v = benefit_for(lines[@n % 50 + 1])",
    "local v = network_of('1234567893', day)",
    "local v = network_of(@s, day)",
    "local v = fees.find('fees', line)",
    "local v = fees.find('many', line)",
    "local v = fees.find('fees', line, 12000, 'half_even', @n + 1)",
    "local v = fees.relative(policy.fee_schedule.in_network.rbrvs, line)",
    "local v = locality_of(lines[@n % 50 + 1])",
    "local v = roster.tier('providers', '1234567893', day)",
    "local v = roster.tier('providers', @s, day)",
    "local v = codes.known('codes', 'P0001', day)",
    "local v = codes.known('many', 'P0001', day)",
    "local v = codes.known('codes', @s, day)",
    "local v = edits.pairs('pairs', 'P0001', line)",
    "local v = edits.pairs('pairs', @s, line)",
    "local v = edits.units('units', 'P0001', day)",
    "for v in each(history.day(line)) do if v.units == @n then break end end",
    "local v = accum.left('deductible', line)",
    "local v = accum.left('oop_max', lines[@n % 40 + 1])",
    "local v = history.duplicate(line)",
    "local v = history.duplicate(lines[@n % 50 + 1])",
    "local v = history.visit(line)",
    "claim:pay_to('member')",
    "if line:unexplained() > 10 then line:adjust('PR', '2', 1, 'benefits') end",
    "for v in each(lines) do if v.allowed ~= nil then v:owe('2', 1, 'benefits', {consumes = {'deductible', 'oop_max'}}) end end",
    "for v in each(lines) do if v.allowed ~= nil then @n = v:owe('1', 0, 'deductible.in_network.individual', {consumes = {'deductible'}}) end end",
    "for v in each(lines) do if v.is_open and v.allowed == nil then v:allow(900000, 'fee_schedule') end end",
    "for v in each(lines) do if v.allowed ~= nil then v:adjust('PR', '1', 1, 'deductible.in_network.individual', {consumes = {'deductible', 'oop_max'}}) end end",
    "for v in each(lines) do if v.allowed ~= nil then v:adjust('PR', '3', 1, 'benefits', {copay = true, note = s, rarc = {'N130'}}) end end",
    "for v in each(lines) do if v.is_open and v.allowed == nil then v:deny('CO', '96', 'benefits', {rarc = {'N130', 'N131'}}) end end",
    "for v in each(lines) do if v.is_open and v.allowed == nil then v:pend('look', 'benefits') end end",
    "line:count_visit()",
    "claim:deny('CO', '96', 'benefits')",
    "claim:pend('look', 'benefits')",
    "local v = line:unexplained()",
    "local v = member:cover_on(day)",
    "local v = member:covered_before(day - @n * 20)",
    "local v = member:covered_before(0)"};
#define STATEMENTS (sizeof statements / sizeof statements[0])
#define COUNT(a)   ((unsigned)(sizeof(a) / sizeof((a)[0])))

static void expand(struct aver_buf *out, const char *form, int depth);

static void operand(struct aver_buf *out, char kind, int depth)
{
    static const char *const leaves[] = {"a", "s", "t"};
    const char *const *from = kind == 'i' ? expressions_i : kind == 's' ? expressions_s : expressions_t;
    unsigned n = kind == 'i'   ? COUNT(expressions_i)
                 : kind == 's' ? COUNT(expressions_s)
                               : COUNT(expressions_t);
    if (kind == 'n') {
        aver_buf_printf(out, "%u", 1 + gas_pick(1u << gas_pick(13)));
        return;
    }
    if (kind == 'v') kind = "ist"[gas_pick(3)], from = NULL;
    if (!from) {
        operand(out, kind, depth);
        return;
    }
    expand(out,
           depth >= DEPTH_MAX ? leaves[kind == 'i'   ? 0
                                       : kind == 's' ? 1
                                                     : 2]
                              : from[gas_pick(n)],
           depth + 1);
}

static void expand(struct aver_buf *out, const char *form, int depth)
{
    for (const char *p = form; *p; p++) {
        if (*p == '@')
            operand(out, *++p, depth);
        else
            aver_buf_byte(out, (uint8_t)*p);
    }
}

static void statement(char gene[GENE_MAX], unsigned kind)
{
    if (kind >= STATEMENTS) {
        snprintf(gene, GENE_MAX, "%s", bombs[kind - STATEMENTS]);
        return;
    }
    for (;;) {
        struct aver_buf b = {0};
        expand(&b, statements[kind], 0);
        aver_buf_byte(&b, 0);
        bool fits = b.len < GENE_MAX - 8;
        if (fits) snprintf(gene, GENE_MAX, "do %s end", (const char *)b.ptr);
        aver_buf_free(&b);
        if (fits) return;
    }
}

static unsigned kinds(void) { return (unsigned)(STATEMENTS + bombs_count); }

size_t gas_bombs(const char *dir)
{
    DIR *d = opendir(dir);
    if (!d) return 0;
    for (struct dirent *e; bombs_count < BOMBS_MAX && (e = readdir(d));) {
        char path[512], source[4096];
        if (!strstr(e->d_name, ".lua")) continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        FILE *f = fopen(path, "rb");
        if (!f) continue;
        source[fread(source, 1, sizeof source - 1, f)] = 0;
        fclose(f);
        /* The one line that is the body; its endless loop is made to end, so that it can stand beside others. */
        char *body = strstr(source, "main = function(lines, n)\n"),
             *end = body ? strstr(body, "\n  end,") : NULL;
        if (strstr(source, "expect: refused") || !body || !end) continue;
        body += strlen("main = function(lines, n)\n");
        *end = 0;
        for (char *p = body; *p; p++)
            if (*p == '\n') *p = ' ';
        char *endless = strstr(body, "while true do");
        if (endless) *endless = 0;
        int n =
            snprintf(bombs[bombs_count], GENE_MAX, "do local n = 7 %s%s%s end", body,
                     endless ? "for turn = 1, 200 do" : "", endless ? endless + strlen("while true do") : "");
        bombs_count += n > 0 && n < GENE_MAX;
    }
    closedir(d);
    return bombs_count;
}

bool gas_simple(struct gas_genome *g, unsigned kind)
{
    if (kind >= kinds()) return false;
    g->first = 0;
    g->count = 1;
    statement(g->gene[0], kind);
    return true;
}

void gas_random(struct gas_genome *g)
{
    g->count = 1 + (int)gas_pick(5);
    g->first = (int)gas_pick((unsigned)g->count);
    for (int i = 0; i < g->count; i++) statement(g->gene[i], gas_pick(kinds()));
}

/* ---- changes --------------------------------------------------------------------------------------------------------- */

static void insert(struct gas_genome *g, const char *gene)
{
    if (g->count == GENES_MAX) return;
    int at = (int)gas_pick((unsigned)g->count + 1);
    memmove(g->gene[at + 1], g->gene[at], (size_t)(g->count - at) * GENE_MAX);
    snprintf(g->gene[at], GENE_MAX, "%s", gene);
    g->first += at < g->first;
    g->count++;
}

static void take_out(struct gas_genome *g, int at)
{
    if (g->count == 1) return;
    memmove(g->gene[at], g->gene[at + 1], (size_t)(g->count - at - 1) * GENE_MAX);
    g->first -= at < g->first;
    g->count--;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '\'';
}

/* Puts `text` in place of `length` bytes at `at`. */
static void replace(char gene[GENE_MAX], size_t at, size_t length, const char *text)
{
    char rest[GENE_MAX];
    snprintf(rest, sizeof rest, "%s", gene + at + length);
    if (at + strlen(text) + strlen(rest) + 1 >= GENE_MAX) return;
    snprintf(gene + at, GENE_MAX - at, "%s%s", text, rest);
}

/* A number becomes another, or a name one of its own row. */
static void change_operand(char gene[GENE_MAX])
{
    size_t len = strlen(gene), start = gas_pick((unsigned)len);
    bool digit = gas_pick(4) == 0; /* one digit, wherever it stands: also in a text */
    for (size_t i = 0; i < len; i++) {
        size_t at = (start + i) % len, n = 0;
        if (digit && gene[at] >= '0' && gene[at] <= '9') {
            gene[at] = (char)('0' + gas_pick(10));
            return;
        }
        if (at > 0 && is_word(gene[at - 1])) continue;
        while (is_word(gene[at + n])) n++;
        if (n == 0) continue;
        char word[16] = "", text[32];
        if (n < sizeof word) memcpy(word, gene + at, n);
        if (word[0] >= '0' && word[0] <= '9') {
            long v = strtol(word, NULL, 10);
            const long to[] = {v * 2, v / 2, v + 1, v - 1, v * 10, 1, (long)gas_pick(5000)};
            snprintf(text, sizeof text, "%ld", to[gas_pick(7)] % 100000000);
            replace(gene, at, n, text);
            return;
        }
        for (size_t r = 0; r < ROWS; r++) {
            unsigned count = 0;
            bool in = false;
            for (; count < 12 && names[r][count]; count++) in |= strcmp(names[r][count], word) == 0;
            if (!in) continue;
            replace(gene, at, n, names[r][gas_pick(count)]);
            return;
        }
    }
}

/* An item of a table, an argument or a name is written once more: from a comma to the next, or to what closes the list. Now and then
 * all from the comma to the end of the list. */
static void double_operand(char gene[GENE_MAX])
{
    size_t len = strlen(gene), start = gas_pick((unsigned)len);
    bool all = gas_pick(2);
    for (size_t i = 0; i < len; i++) {
        size_t at = (start + i) % len, n = 1;
        if (gene[at] != ',') continue;
        for (int depth = 0; gene[at + n]; n++) {
            char c = gene[at + n];
            if (depth == 0 && (c == ')' || c == '}' || c == ']' || (c == ',' && !all))) break;
            depth += (c == '(' || c == '{' || c == '[') - (c == ')' || c == '}' || c == ']');
        }
        char text[GENE_MAX];
        snprintf(text, sizeof text, "%.*s", (int)n, gene + at);
        replace(gene, at, 0, text);
        return;
    }
}

void gas_mutate(struct gas_genome *g, const struct gas_genome *other)
{
    char gene[GENE_MAX];
    int at = (int)gas_pick((unsigned)g->count);
    switch (gas_pick(13)) {
    case 0: snprintf(gene, sizeof gene, "%s", g->gene[at]), insert(g, gene); return;
    case 1: statement(gene, gas_pick(kinds())), insert(g, gene); return;
    case 2:
    case 3: take_out(g, at); return;
    case 4: statement(g->gene[at], gas_pick(kinds())); return;
    case 5: g->first = (int)gas_pick((unsigned)g->count); return;
    case 6:
        if (strlen(g->gene[at]) + 40 >= GENE_MAX) return;
        snprintf(gene, sizeof gene, "for i = 1, %u do %.580s end", 2 + gas_pick(60), g->gene[at]);
        snprintf(g->gene[at], GENE_MAX, "%s", gene);
        return;
    case 7:
        if (other)
            snprintf(gene, sizeof gene, "%s", other->gene[gas_pick((unsigned)other->count)]), insert(g, gene);
        return;
    case 8:
    case 9: double_operand(g->gene[at]); return;
    default: change_operand(g->gene[at]); return;
    }
}

void gas_print(struct aver_buf *out, const struct gas_genome *g)
{
    aver_buf_str(out, front);
    for (int i = 0; i < g->count; i++) {
        if (i == g->first) aver_buf_str(out, "while true do\n");
        aver_buf_printf(out, "%s\n", g->gene[i]);
    }
    aver_buf_str(out, g->first < g->count ? "end\nend }\n" : "end }\n");
}
