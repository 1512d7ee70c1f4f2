/* tests/bench/members.c - what a claim costs, and what the process holds, as the ledger grows: `bench members [FEW MANY [DIR]]`.
 *
 * Two ledgers with so many members each (1,000,000 and 10,000,000 if nothing is said), enrolled as an insurer enrols its book: signed
 * batches, through the log, families of one to four members, two on average. Claims are of members anywhere among them, so that hardly
 * a family is met twice, each signed alone. They are taken in by turns by one ledger and the other, each turn settled in LMDB before
 * the next, so that what else the machine does is the same for both.
 *
 * With DIR the ledgers stay there, as DIR/FEW and DIR/MANY, and are used again; one whose enrolment was interrupted goes on. */
#include "ledger/model/state.h"
#include "tests/bench/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define ENROL_MEMBERS 10000 /* in a batch */
#define STEP          1000  /* claims submitted together: a group */
#define TURN_STEPS    5
#define TURNS         6 /* of each ledger */
#define FAMILY_CYCLE  10

struct grown {
    struct aver_ledger *ledger;
    unsigned members;
    char dir[256];
    double wall, cpu; /* of the claims taken in */
    double turn[TURNS];
    unsigned claims;
};

static double rss_most;
static unsigned next_claim;

/* RssAnon: what the kernel cannot drop and read again, as it can pages of LMDB's map. */
static void look_at_rss(void)
{
    char line[256];
    double kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "RssAnon: %lf", &kb) == 1) break;
    if (f) fclose(f);
    if (kb / 1024 > rss_most) rss_most = kb / 1024;
}

/* What all writes of the process gave to the system so far. */
static double bytes_written(void)
{
    char line[256];
    double bytes = 0;
    FILE *f = fopen("/proc/self/io", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "wchar: %lf", &bytes) == 1) break;
    if (f) fclose(f);
    return bytes;
}

/* ---- enrolment ---- */

/* Of ten members in a row, two are single, two pairs, and one family of four. */
static unsigned family_size(unsigned first)
{
    switch (first % FAMILY_CYCLE) {
    case 1:
    case 8: return 2;
    case 4: return 4;
    default: return 1;
    }
}

static aver_bytes family_item(unsigned first, unsigned size)
{
    static const enum aver_relationship relationships[] = {AVER_SELF, AVER_SPOUSE, AVER_CHILD, AVER_CHILD};
    struct aver_cover cover = {
        .plan = AVER_LIT("summit-ppo-2026"), .from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY};
    struct aver_member member[4] = {{.relationship = AVER_SELF}};
    uint8_t secret[32];
    aver_random(secret, sizeof secret);
    for (unsigned i = 0; i < size; i++)
        member[i] = (struct aver_member){.member_id = member_id(first + i),
                                         .relationship = relationships[i],
                                         .birth_date = aver_day_of(i < 2 ? 1980 : 2010, 1, 1) +
                                                       (aver_day)(i * 100 + first % 90),
                                         .covers = {&cover, 1, 1}};
    struct aver_family family = {.family_id = aver_bytes_str(aver_arena_printf(&work, "F%08u", first)),
                                 .secret = aver_bytes_of(secret, sizeof secret),
                                 .members = {member, size, size}};
    struct aver_buf b = {0};
    aver_schema_encode(&b, &aver_family_schema, &family);
    aver_bytes item = aver_arena_copy(&work, aver_buf_view(&b));
    aver_buf_free(&b);
    return item;
}

static void enrol(unsigned from, unsigned to)
{
    struct aver_batch_item *items = calloc(to - from, sizeof *items);
    size_t count = 0;
    if (!items) aver_oom(to - from);
    for (unsigned first = from, size; first < to; first += size) {
        size = family_size(first);
        if (size > to - first) size = to - first;
        items[count++].item = family_item(first, size);
    }
    submit(AVER_TX_ENROL, items, count, &operations, "enrol the members");
    free(items);
}

static bool is_enrolled(const struct grown *g, unsigned member)
{
    const struct aver_view *view = aver_ledger_view(g->ledger);
    struct aver_stored stored;
    char name[32];
    snprintf(name, sizeof name, "m/%.*s", AVER_STR(member_id(member)));
    return view->get(view->self, aver_bytes_str(name), &stored, NULL) == AVER_OK;
}

/* They were enrolled in order: the first that is not there. */
static unsigned enrolled(const struct grown *g, unsigned most)
{
    unsigned low = 0, high = most;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (is_enrolled(g, middle))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void open_ledger(struct grown *g)
{
    struct aver_why why = {0};
    must(aver_ledger_open(&g->ledger, g->dir, AVER_LEDGER_WRITE, &why), &why, "open the ledger");
    ledger = g->ledger;
}

static void grow(struct grown *g, const struct grown *from)
{
    char command[600];
    struct stat st;
    struct aver_why why = {0};
    snprintf(command, sizeof command, "%s/ledger.conf", g->dir);
    bool made = stat(command, &st) == 0;
    if (!made && from) {
        snprintf(command, sizeof command, "cp -r --reflink=auto --sparse=always '%s' '%s'", from->dir,
                 g->dir);
        if (system(command) != 0) exit(2);
        made = true;
    }
    if (made)
        open_ledger(g);
    else
        build_ledger(g->dir);
    g->ledger = ledger;
    unsigned first = enrolled(g, g->members), begun = first;
    double start = now(), cpu = cpu_seconds(), written = bytes_written();
    must(aver_ledger_defer(g->ledger, true, &why), &why, "defer");
    while (first < g->members) {
        /* To the end of a family. */
        unsigned to = first - first % FAMILY_CYCLE + ENROL_MEMBERS;
        if (to > g->members) to = g->members;
        enrol(first, to);
        aver_arena_free(&work);
        look_at_rss();
        if (to / 250000 != first / 250000) {
            printf("  %u members enrolled, %.0f a second, RssAnon at most %.0f MB\n", to,
                   (to - begun) / (now() - start), rss_most);
            fflush(stdout);
        }
        first = to;
    }
    must(aver_ledger_defer(g->ledger, false, &why), &why, "settle");
    double seconds = now() - start;
    if (first == begun) return;
    printf(
        "  %u members enrolled in %.0f s, %.0f a second, %.1f us of all cores and %.1f KB written for each\n",
        first - begun, seconds, (first - begun) / seconds, (cpu_seconds() - cpu) / (first - begun) * 1e6,
        (bytes_written() - written) / (first - begun) / 1e3);
}

/* ---- claims ---- */

/* Takes in a turn of claims and settles them. */
static void turn(struct grown *g, unsigned number)
{
    struct aver_why why = {0};
    struct aver_batch_item items[STEP];
    double seconds = 0;
    ledger = g->ledger;
    members = g->members;
    must(aver_ledger_defer(g->ledger, true, &why), &why, "defer");
    for (int step = 0; step < TURN_STEPS; step++) {
        for (unsigned i = 0; i < STEP; i++)
            items[i] = (struct aver_batch_item){.item = claim_bytes(++next_claim)};
        double cpu;
        seconds += submit_signed(items, STEP, &cpu);
        g->cpu += cpu;
        aver_arena_free(&work);
        look_at_rss();
    }
    double start = now(), cpu = cpu_seconds();
    must(aver_ledger_defer(g->ledger, false, &why), &why, "settle");
    seconds += now() - start;
    g->cpu += cpu_seconds() - cpu;
    g->wall += seconds;
    g->claims += STEP * TURN_STEPS;
    g->turn[number] = seconds / (STEP * TURN_STEPS) * 1e6;
}

void bench_members(const char *dir, unsigned few, unsigned many)
{
    struct grown small = {.members = few}, large = {.members = many};
    bool named = few == 1000000 && many == 10000000;
    (void)mkdir(dir, 0700);
    snprintf(small.dir, sizeof small.dir, "%s/%u", dir, few);
    snprintf(large.dir, sizeof large.dir, "%s/%u", dir, many);
    named_signers();
    /* Claims of an earlier run are filed already. */
    next_claim = (unsigned)time(NULL) % 100000 * 30000;
    grow(&small, NULL);
    aver_ledger_close(small.ledger);
    rss_most = 0;
    grow(&large, &small);
    turn(&large, 0);
    double rss = rss_most;
    open_ledger(&small);
    turn(&small, 0);
    small.wall = small.cpu = large.wall = large.cpu = small.claims = large.claims = 0;
    for (unsigned i = 0; i < TURNS; i++) {
        turn(&small, i);
        turn(&large, i);
    }
    figure("claim_us_few_members", bench_median(small.turn, TURNS), "us a claim, settled: the median turn");
    figure("claim_us_many_members", bench_median(large.turn, TURNS), "us a claim, settled: the median turn");
    figure("claim_cpu_us_few_members", small.cpu / small.claims * 1e6, "us of all cores together");
    figure("claim_cpu_us_many_members", large.cpu / large.claims * 1e6, "us of all cores together");
    figure(named ? "cost_10m_to_1m_members" : "cost_many_to_few_members",
           bench_median(large.turn, TURNS) / bench_median(small.turn, TURNS), "of a claim");
    figure(many == 10000000 ? "rss_anon_mb_10m_members" : "rss_anon_mb_many_members", rss, "MB, at most");
    aver_ledger_close(small.ledger);
    aver_ledger_close(large.ledger);
}
