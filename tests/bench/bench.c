/* tests/bench/bench.c - what the ledger does in a second, each figure beside what it is compared with, taken in the same run.
 *
 * Prints a table and writes build/bench.json, flat, with the names of DESIGN section 8. A figure that is not measured yet is
 * absent. Usage: bench [CLAIMS], default 4000; the ledger lies in a scratch directory that is removed. `bench adjudication`
 * and `bench gas` take only the figures of adjudication.c and of gas.c, `bench intake [CLAIMS]` those of intake, `bench batch
 * [CLAIMS]` those of a batch alone, and `bench members [FEW MANY [DIR]]` those of members.c, which go into the build/bench.json that is there. */
#include "adapters/intake.h"
#include "adapters/policy_yaml.h"
#include "adapters/x12_837.h"
#include "ledger/model/batch.h"
#include "ledger/model/claim.h"
#include "ledger/model/table.h"
#include "ledger/storage/audit.h"
#include "tests/bench/world.h"
#include "vm/vm.h"

#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINES         6
#define FAMILIES      1000
#define CHECKED       3200 /* of the first claims: what each peer pays of them must be what the ledger pays */
#define PACED_SECONDS 10
#define ALONE         200 /* claims that wait for a sync of their own, one after the other */

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of all threads; what else runs on the machine does not count. */
double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static struct {
    const char *name;
    double value;
} figures[64];
static size_t figures_count;
unsigned members = FAMILIES;
static int64_t checked_cents; /* paid of the first CHECKED claims */

void figure(const char *name, double value, const char *unit)
{
    figures[figures_count].name = name;
    figures[figures_count++].value = value;
    printf("  %-28s %14.2f  %s\n", name, value, unit);
    fflush(stdout);
}

void must(aver_err err, const struct aver_why *why, const char *doing)
{
    if (err == AVER_OK) return;
    fprintf(stderr, "bench: could not %s: %s [%s] (%s)\n", doing, why->text, why->code, why->place);
    exit(2);
}

static struct signer signer_new(void)
{
    struct signer s;
    uint8_t seed[32];
    aver_random(seed, sizeof seed);
    aver_key_from_seed(&s.pk, &s.sk, seed);
    return s;
}

static struct signer signer_named(const char *name)
{
    struct signer s;
    aver_digest seed = aver_sha256(aver_bytes_str(name));
    aver_key_from_seed(&s.pk, &s.sk, seed.b);
    return s;
}

/* ---- raw verification, the bound ------------------------------------------------------------------------------------ */

static struct signer raw_key;
static uint8_t raw_message[900];
static struct aver_signature raw_signature;
static double verify_count;

static void *verify_thread(void *count)
{
    double end = now() + 2;
    uint64_t n = 0;
    while (now() < end)
        for (int i = 0; i < 64; i++)
            n += aver_verify(&raw_signature, aver_bytes_of(raw_message, sizeof raw_message), &raw_key.pk);
    *(uint64_t *)count = n;
    return NULL;
}

static double verify_per_s(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[64];
    uint64_t counts[64], sum = 0;
    if (cores > 64) cores = 64;
    raw_key = signer_new();
    aver_random(raw_message, sizeof raw_message);
    aver_sign(&raw_signature, aver_bytes_of(raw_message, sizeof raw_message), &raw_key.sk);
    double start = now();
    for (long i = 0; i < cores; i++) pthread_create(&threads[i], NULL, verify_thread, &counts[i]);
    for (long i = 0; i < cores; i++) {
        pthread_join(threads[i], NULL);
        sum += counts[i];
    }
    verify_count = (double)sum;
    return (double)sum / (now() - start);
}

/* ---- a ledger with the standard contracts --------------------------------------------------------------------------- */

struct signer operations;
static struct signer compliance, provider;
struct aver_ledger *ledger;
struct aver_arena work;

static aver_bytes slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct aver_buf b = {0};
    char chunk[65536];
    size_t n;
    if (!f) {
        fprintf(stderr, "bench: run it in the project's folder: no %s\n", path);
        exit(2);
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) aver_buf_put(&b, chunk, n);
    fclose(f);
    return aver_buf_view(&b);
}

static void sign_batch(struct aver_buf *cose, uint64_t kind, struct aver_batch_item *items, size_t count,
                       const struct signer *key)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *salt = aver_arena_alloc(&work, AVER_SALT_BYTES);
        aver_random(salt, AVER_SALT_BYTES);
        items[i].salt = aver_bytes_of(salt, AVER_SALT_BYTES);
    }
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    struct aver_batch header = {
        .chain = aver_ledger_chain(ledger), .kind = kind, .not_after = ((int64_t)t.tv_sec + 86400) * 1000};
    aver_batch_sign(cose, &header, items, count, &key->pk, &key->sk);
}

static void check_sum(const struct aver_item_result *result)
{
    static unsigned decided;
    if (decided++ < CHECKED) checked_cents += (int64_t)result->decided.paid.cents;
}

void submit(uint64_t kind, struct aver_batch_item *items, size_t count, const struct signer *key,
            const char *doing)
{
    struct aver_buf cose = {0};
    struct aver_why why = {0};
    struct aver_item_result *results = calloc(count, sizeof *results);
    struct aver_arena arena = {0};
    if (!results) aver_oom(count);
    sign_batch(&cose, kind, items, count, key);
    must(aver_ledger_submit(ledger, aver_buf_view(&cose), items, count, results, &arena, NULL, NULL, &why),
         &why, doing);
    for (size_t i = 0; i < count; i++) {
        if (results[i].how == AVER_ITEM_REFUSED || results[i].outcome == AVER_OUT_TRAPPED) {
            fprintf(stderr, "bench: %s: %s\n", doing, results[i].words);
            exit(2);
        }
        if (kind == AVER_TX_CLAIMS) check_sum(&results[i]);
    }
    aver_arena_free(&arena);
    aver_buf_free(&cose);
    free(results);
}

/* Claims signed one by one that arrive together: each its own batch of one; they share groups and so their syncs. Signing them
 * is the senders' work and outside the clock. */
double submit_signed(struct aver_batch_item *items, size_t count, double *cpu_used)
{
    struct aver_submission *subs = calloc(count, sizeof *subs);
    struct aver_item_result *results = calloc(count, sizeof *results);
    struct aver_buf *cose = calloc(count, sizeof *cose);
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    if (!subs || !results || !cose) aver_oom(count);
    for (size_t i = 0; i < count; i++) {
        sign_batch(&cose[i], AVER_TX_CLAIMS, &items[i], 1, &provider);
        subs[i] = (struct aver_submission){
            .cose = aver_buf_view(&cose[i]), .items = &items[i], .count = 1, .results = &results[i]};
    }
    double start = now(), cpu = cpu_seconds();
    must(aver_ledger_submit_all(ledger, subs, count, &arena, NULL, NULL, &why), &why, "submit signed claims");
    double seconds = now() - start;
    *cpu_used = cpu_seconds() - cpu;
    for (size_t i = 0; i < count; i++) {
        must(subs[i].err, &subs[i].why, "submit a signed claim");
        if (results[i].how != AVER_ITEM_NEW || results[i].outcome != AVER_OUT_DECIDED) {
            fprintf(stderr, "bench: a signed claim was not decided: %s\n", results[i].words);
            exit(2);
        }
        check_sum(&results[i]);
        aver_buf_free(&cose[i]);
    }
    aver_arena_free(&arena);
    free(subs);
    free(results);
    free(cose);
    return seconds;
}

/* What LMDB and the published log still lack, at the end of a day: seconds; adds to *cpu. */
static double settle(double *cpu)
{
    struct aver_why why = {0};
    double start = now(), before = cpu_seconds();
    must(aver_ledger_settle(ledger, &why), &why, "settle");
    *cpu += cpu_seconds() - before;
    return now() - start;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Claims that arrive evenly, each signed alone, at half of what was measured: whatever has arrived when the ledger is free goes in
 * together. From a claim's arrival to the return of the call that took it in. */
static void half_load(double signed_per_s, unsigned first)
{
    double rate = signed_per_s / 2;
    size_t count = (size_t)(rate * PACED_SECONDS), done = 0;
    struct aver_submission *subs = calloc(count, sizeof *subs);
    struct aver_item_result *results = calloc(count, sizeof *results);
    struct aver_batch_item *items = calloc(count, sizeof *items);
    struct aver_buf *cose = calloc(count, sizeof *cose);
    double *waited = calloc(count, sizeof *waited);
    struct aver_why why = {0};
    if (!subs || !results || !items || !cose || !waited) aver_oom(count);
    for (size_t i = 0; i < count; i++) {
        items[i].item = claim_bytes(first + (unsigned)i);
        sign_batch(&cose[i], AVER_TX_CLAIMS, &items[i], 1, &provider);
        subs[i] = (struct aver_submission){
            .cose = aver_buf_view(&cose[i]), .items = &items[i], .count = 1, .results = &results[i]};
    }
    must(aver_ledger_defer(ledger, true, &why), &why, "defer");
    for (double start = now(); done < count;) {
        size_t arrived = (size_t)((now() - start) * rate);
        if (arrived > count) arrived = count;
        if (arrived == done) {
            usleep((unsigned)(1e6 / rate) + 1);
            continue;
        }
        struct aver_arena arena = {0};
        must(aver_ledger_submit_all(ledger, subs + done, arrived - done, &arena, NULL, NULL, &why), &why,
             "submit at half load");
        double end = now() - start;
        for (; done < arrived; done++) {
            must(subs[done].err, &subs[done].why, "submit a claim at half load");
            waited[done] = (end - (double)done / rate) * 1e3;
            aver_buf_free(&cose[done]);
        }
        aver_arena_free(&arena);
    }
    must(aver_ledger_defer(ledger, false, &why), &why, "settle");
    qsort(waited, count, sizeof *waited, by_size);
    figure("p50_ack_ms_half_load", waited[count / 2], "ms from a claim's arrival until it is durable");
    figure("p99_ack_ms_half_load", waited[count * 99 / 100], "ms, of one in a hundred at most");
    free(subs);
    free(results);
    free(items);
    free(cose);
    free(waited);
}

static void submit_one(uint64_t kind, const struct aver_schema *schema, const void *record,
                       const struct signer *key, const char *doing)
{
    struct aver_buf item = {0};
    aver_schema_encode(&item, schema, record);
    struct aver_batch_item items[] = {{AVER_BYTES_NONE, aver_buf_view(&item)}};
    submit(kind, items, 1, key, doing);
    aver_buf_free(&item);
}

static aver_digest publish(uint64_t kind, const char *name, aver_bytes content)
{
    struct aver_publication p = {.kind = kind, .name = aver_bytes_str(name), .content = content};
    struct aver_approval approval;
    struct aver_why why = {0};
    submit_one(AVER_TX_PUBLISH, &aver_publication_schema, &p, &operations, name);
    must(aver_artifact_digest(&approval.artifact, &p, &work, &why), &why, name);
    submit_one(AVER_TX_APPROVE, &aver_approval_schema, &approval, &compliance, name);
    return approval.artifact;
}

static aver_digest contracts[3];
static const char *const contract_names[] = {"eligibility", "coverage", "payout"};

static aver_err resolve(void *ctx, aver_digest *out, aver_bytes name, struct aver_why *why)
{
    (void)ctx;
    for (int i = 0; i < 3; i++)
        if (aver_bytes_is(name, contract_names[i])) {
            *out = contracts[i];
            return AVER_OK;
        }
    return aver_fail(why, AVER_E_NOT_FOUND, "POLICY-CONTRACT", "", "no such contract");
}

static void publish_table(const char *name, uint64_t kind, struct aver_table_entry *entries, size_t count)
{
    struct aver_table t = {.name = aver_bytes_str(name), .kind = kind, .entries = {entries, count, count}};
    struct aver_buf b = {0};
    t.source.b[0] = 1;
    aver_schema_encode(&b, &aver_table_schema, &t);
    publish(AVER_ARTIFACT_TABLE, name, aver_buf_view(&b));
    aver_buf_free(&b);
}

static struct aver_table_entry table_entry(const char *code, uint64_t price, const char *tier)
{
    struct aver_table_row *row = AVER_NEW(&work, struct aver_table_row);
    *row = (struct aver_table_row){
        .from = aver_day_of(2020, 1, 1), .to = AVER_NO_DAY, .price = price, .tier = aver_bytes_str(tier)};
    return (struct aver_table_entry){aver_bytes_str(code), {row, 1, 1}};
}

static const char *const codes[LINES] = {"80053", "97110", "97140", "99213", "E0110", "J1100"};

aver_bytes member_id(unsigned i) { return aver_bytes_str(aver_arena_printf(&work, "M%06u", i)); }

/* Members from number `from` on, each a family of its own, in one batch. */
static void enrol(unsigned from, unsigned count)
{
    struct aver_batch_item *items = calloc(count, sizeof *items);
    if (!items) aver_oom(count);
    for (unsigned i = 0; i < count; i++) {
        uint8_t *secret = aver_arena_alloc(&work, 32);
        aver_random(secret, 32);
        struct aver_cover cover = {
            .plan = AVER_LIT("summit-ppo-2026"), .from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY};
        struct aver_member member = {.member_id = member_id(from + i),
                                     .relationship = AVER_SELF,
                                     .birth_date = aver_day_of(1980, 1, 1),
                                     .covers = {&cover, 1, 1}};
        struct aver_family family = {.family_id = aver_bytes_str(aver_arena_printf(&work, "F%06u", from + i)),
                                     .secret = aver_bytes_of(secret, 32),
                                     .members = {&member, 1, 1}};
        struct aver_buf b = {0};
        aver_schema_encode(&b, &aver_family_schema, &family);
        items[i].item = aver_arena_copy(&work, aver_buf_view(&b));
        aver_buf_free(&b);
    }
    submit(AVER_TX_ENROL, items, count, &operations, "enrol the members");
    free(items);
}

void build_ledger(const char *dir)
{
    struct aver_why why = {0};
    struct aver_insurer insurers[] = {{"operations", operations.pk}, {"compliance", compliance.pk}};
    must(aver_ledger_create(dir, "bench", insurers, 2, &why), &why, "create the ledger");
    must(aver_ledger_open(&ledger, dir, AVER_LEDGER_WRITE, &why), &why, "open the ledger");
    struct aver_party_act party = {.action = AVER_PARTY_ADD,
                                   .party = AVER_LIT("clinic"),
                                   .name = AVER_LIT("Clinic"),
                                   .role = AVER_ROLE_PROVIDER,
                                   .public_key = aver_bytes_of(provider.pk.b, 32)};
    submit_one(AVER_TX_PARTY, &aver_party_act_schema, &party, &operations, "add the provider");
    for (int i = 0; i < 3; i++)
        contracts[i] = publish(AVER_ARTIFACT_CONTRACT, contract_names[i],
                               slurp(aver_arena_printf(&work, "contracts/%s.lua", contract_names[i])));
    struct aver_table_entry fees[LINES];
    for (int i = 0; i < LINES; i++) fees[i] = table_entry(codes[i], 45250000 + (uint64_t)i * 7310000, NULL);
    publish_table("summit-fees", AVER_TABLE_FEES, fees, LINES);
    struct aver_table_entry roster[] = {table_entry("1234567893", 0, "in_network")};
    publish_table("summit-providers", AVER_TABLE_ROSTER, roster, 1);
    struct aver_buf policy = {0};
    struct aver_list findings = {0};
    must(aver_policy_compile(&policy, "summit-ppo-2026.yaml", slurp("examples/summit-ppo-2026.yaml"), resolve,
                             NULL, &work, &findings, &why),
         &why, "compile the policy");
    publish(AVER_ARTIFACT_POLICY, "summit-ppo-2026", aver_buf_view(&policy));
}

aver_bytes claim_bytes(unsigned n)
{
    struct aver_claim *c = aver_claim_new(&work);
    aver_day day = aver_day_of(2026, 1, 5) + (aver_day)(n / FAMILIES % 250);
    /* Of many members, one anywhere among them: splitmix64's last step. */
    uint64_t member = n;
    if (members > FAMILIES)
        member = (member ^ member >> 15) * UINT64_C(0x94d049bb133111eb) % 0x1fffffffffffff;
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->patient_control_number = aver_bytes_str(aver_arena_printf(&work, "P%08u", n));
    c->place_of_service = AVER_LIT("11");
    c->subscriber->member_id = member_id((unsigned)(member % members));
    c->coverage->responsibility = AVER_LIT("P");
    c->billing_provider->npi = AVER_LIT("1234567893");
    c->assignment = AVER_LIT("AY");
    c->statement_from = c->statement_to = day;
    c->source->format = AVER_FORMAT_CSV;
    c->source->length = 1;
    c->source->sha256 = aver_sha256(c->patient_control_number);
    for (unsigned i = 0; i < LINES; i++) {
        struct aver_line *l = aver_list_add(&work, &c->lines, sizeof *l);
        l->number = i + 1;
        l->procedure = aver_bytes_str(codes[i]);
        l->charge.cents = 9000 + i * 1111;
        l->units = 1000;
        l->unit = AVER_LIT("UN");
        l->service_from = l->service_to = day;
        c->total_charge.cents += l->charge.cents;
    }
    struct aver_buf b = {0};
    struct aver_why why = {0};
    must(aver_claim_check(c, &why), &why, "make a claim");
    aver_schema_encode(&b, &aver_claim_schema, c);
    aver_bytes bytes = aver_arena_copy(&work, aver_buf_view(&b));
    aver_buf_free(&b);
    return bytes;
}

static uint64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static double one_audit(const char *dir, uint64_t *claims)
{
    struct aver_audit audit = {0};
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    double start = now();
    must(aver_ledger_audit(dir, &audit, &arena, NULL, NULL, &why), &why, "audit");
    double seconds = now() - start;
    if (audit.verdict != AVER_AUDIT_SAME) {
        const struct aver_audit_finding *f = audit.findings.items;
        fprintf(stderr, "bench: the audit does not say same: %s\n", audit.findings.count ? f->text : "");
        exit(1);
    }
    *claims = audit.claims;
    aver_arena_free(&arena);
    return seconds;
}

/* The quickest of three: what else the machine does is no part of an audit. */
static double audit_seconds(const char *dir, uint64_t *claims)
{
    double best = one_audit(dir, claims);
    for (int i = 0; i < 2; i++) {
        double seconds = one_audit(dir, claims);
        if (seconds < best) best = seconds;
    }
    return best;
}

static void environment_cost(void)
{
    enum { COUNT = 200000 };
    static const struct aver_vm_setup nothing;
    struct aver_vm *vm;
    struct aver_why why = {0};
    must(aver_vm_new(&vm, &nothing, "empty", AVER_LIT("return { f = function() end }"), &why), &why,
         "load a contract");
    double start = now();
    for (int i = 0; i < COUNT; i++) {
        struct aver_run run = {.entry = "f", .gas_limit = 10000};
        must(aver_vm_run(vm, &run, &why), &why, "run a contract");
    }
    figure("fresh_env_us", (now() - start) / COUNT * 1e6,
           "us an execution of an empty entry point, from a fresh image");
    aver_vm_free(vm);
}

/* ---- peers that decide the same claims without signature, proof or audit -------------------------------------------- */

static double figure_of(const char *name)
{
    for (size_t i = 0; i < figures_count; i++)
        if (strcmp(figures[i].name, name) == 0) return figures[i].value;
    return 0;
}

/* Runs a script that prints lines "name value". A peer that is not installed leaves its figures out. */
static void peer(const char *script, int64_t cents)
{
    char line[256], command[256], name[64];
    double value;
    snprintf(command, sizeof command, "sh tests/bench/peers/%s", script);
    FILE *f = popen(command, "r");
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%63s %lf", name, &value) != 2) continue;
        if (!strstr(name, "_checked_cents"))
            figure(strdup(name), value, "durable, unsigned, unproved");
        else if ((int64_t)value != cents) {
            fprintf(stderr,
                    "bench: %s: the peer pays %.0f cents of the first %d claims, the ledger %" PRId64 "\n",
                    script, value, CHECKED, cents);
            exit(1);
        }
    }
    int status = f ? pclose(f) : -1;
    if (status != 0)
        printf("  (%s ended with %d: its figures are absent or not whole)\n", script, WEXITSTATUS(status));
}

static void ratio(const char *name, const char *of, const char *to, const char *unit)
{
    if (figure_of(of) > 0 && figure_of(to) > 0) figure(name, figure_of(of) / figure_of(to), unit);
}

static void x12_rate(void)
{
    /* The largest part of our own example, repeated to a few megabytes of interchanges. */
    aver_bytes one = slurp("examples/claims.837");
    struct aver_buf many = {0};
    while (many.len < (size_t)8 << 20) aver_buf_bytes(&many, one);
    struct aver_arena arena = {0};
    struct aver_intake intake;
    double start = now();
    aver_intake_init(&intake, &arena);
    aver_x12_837_read(&intake, aver_buf_view(&many));
    figure("x12_mb_per_s", (double)many.len / 1e6 / (now() - start),
           "MB/s of 837P into canonical claims, one core");
    aver_arena_free(&arena);
    aver_buf_free(&many);
}

static int remove_all(const char *dir)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command) == 0 ? 0 : 2;
}

/* Keeps of a table that was written before what is not measured anew. */
static void write_json(bool merge)
{
    char line[256], name[64];
    double value;
    struct aver_buf kept = {0};
    (void)mkdir("build", 0777);
    FILE *json = merge ? fopen("build/bench.json", "r") : NULL;
    while (json && fgets(line, sizeof line, json))
        if (sscanf(line, " \"%63[^\"]\": %lf", name, &value) == 2 && figure_of(name) == 0)
            aver_buf_printf(&kept, "%s\n  \"%s\": %.4f", kept.len ? "," : "", name, value);
    if (json) fclose(json);
    for (size_t i = 0; i < figures_count; i++)
        aver_buf_printf(&kept, "%s\n  \"%s\": %.4f", kept.len ? "," : "", figures[i].name, figures[i].value);
    json = fopen("build/bench.json", "w");
    if (json) {
        fprintf(json, "{%.*s\n}\n", AVER_STR(aver_buf_view(&kept)));
        fclose(json);
    }
    aver_buf_free(&kept);
}

void named_signers(void)
{
    operations = signer_named("operations of the bench");
    compliance = signer_named("compliance of the bench");
    provider = signer_named("provider of the bench");
}

/* A directory that stays is given; else one that is removed. */
static int many_members(int argc, char **argv)
{
    char dir[] = "/tmp/aver-bench-XXXXXX";
    unsigned few = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
    unsigned many = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10000000;
    if (few == 0 || many <= few || (argc <= 3 && !mkdtemp(dir))) return 64;
    bench_members(argc > 3 ? argv[3] : dir, few, many);
    write_json(true);
    return argc > 3 ? 0 : remove_all(dir);
}

/* A batch of claims, from number `next` on, taken in by a ledger that is open. Gives its claims a second. */
static double take_batch(struct aver_batch_item *items, unsigned batch, unsigned *next, const char *dir)
{
    char log_path[96];
    snprintf(log_path, sizeof log_path, "%s/log/groups", dir);
    for (unsigned i = 0; i < batch; i++) items[i].item = claim_bytes((*next)++);
    uint64_t before = size_of(log_path);
    struct aver_why why = {0};
    must(aver_ledger_defer(ledger, true, &why), &why, "defer");
    double used = cpu_seconds(), start = now();
    submit(AVER_TX_CLAIMS, items, batch, &provider, "submit the batch");
    double cpu = cpu_seconds() - used, seconds = now() - start;
    seconds += settle(&cpu);
    must(aver_ledger_defer(ledger, false, &why), &why, "settle");
    figure("batch_cpu_us", cpu / batch * 1e6, "us a claim, of all cores together");
    figure("batch_claims_per_s", batch / seconds, "one signature, groups of 1000, synced, LMDB settled");
    figure("bytes_per_claim", (double)(size_of(log_path) - before) / batch, "of log and sealed bodies");
    return batch / seconds;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "adjudication") == 0) {
        aver_crypto_start();
        bench_adjudication();
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "gas") == 0) {
        aver_crypto_start();
        bench_gas();
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "members") == 0) {
        aver_crypto_start();
        return many_members(argc - 1, argv + 1);
    }
    bool only_intake = argc > 1 && strcmp(argv[1], "intake") == 0;
    bool only_batch = argc > 1 && strcmp(argv[1], "batch") == 0;
    if (only_intake || only_batch) argc--, argv++;
    unsigned batch = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 4000;
    char dir[] = "/tmp/aver-bench-XXXXXX", inside[64];
    aver_crypto_start();
    if (!mkdtemp(dir) || batch == 0 || batch > AVER_BATCH_ITEMS_MAX) return 64;
    snprintf(inside, sizeof inside, "%s/ledger", dir);
    operations = signer_new();
    compliance = signer_new();
    provider = signer_new();
    if (only_batch) {
        struct aver_batch_item *items = calloc(batch, sizeof *items);
        unsigned next = 0;
        if (!items) aver_oom(batch);
        build_ledger(inside);
        enrol(0, FAMILIES);
        take_batch(items, batch, &next, inside);
        aver_ledger_close(ledger);
        free(items);
        return remove_all(dir);
    }
    printf("averment bench: %u claims of %d lines, %ld cores\n", batch, LINES, sysconf(_SC_NPROCESSORS_ONLN));

    double cpu = cpu_seconds(), verify = verify_per_s();
    cpu = cpu_seconds() - cpu;
    figure("verify_per_s", verify, "raw Ed25519 verifications, all cores");
    if (only_intake) figure("verify_cpu_us", cpu / verify_count * 1e6, "us each");

    build_ledger(inside);
    enrol(0, FAMILIES);
    struct aver_batch_item *items = calloc(batch, sizeof *items);
    if (!items) aver_oom(batch);
    unsigned next = 0;
    double start = now();
    for (; next < ALONE; next++) {
        struct aver_batch_item one = {AVER_BYTES_NONE, claim_bytes(next)};
        submit(AVER_TX_CLAIMS, &one, 1, &provider, "submit a claim");
    }
    figure("claims_one_by_one_per_s", ALONE / (now() - start), "each waits for a sync of its own");
    for (unsigned i = 0; i < batch; i++) items[i].item = claim_bytes(next++);
    struct aver_why why = {0};
    must(aver_ledger_defer(ledger, true, &why), &why, "defer");
    double seconds = submit_signed(items, batch, &cpu) + settle(&cpu);
    must(aver_ledger_defer(ledger, false, &why), &why, "settle");
    double signed_per_s = batch / seconds;
    figure("signed_cpu_us", cpu / batch * 1e6, "us a claim, of all cores together");
    figure("signed_claims_per_s", signed_per_s,
           "each signed alone, adjudicated, synced by groups, LMDB settled");
    figure("signed_to_verify", signed_per_s / verify, "of raw verification");
    aver_ledger_close(ledger);
    ledger = NULL;
    uint64_t claims;
    double audit = only_intake ? 1 : audit_seconds(inside, &claims);
    if (!only_intake)
        figure("audit_to_intake_signed", (double)claims / audit / signed_per_s,
               "audit of those, of their intake");

    must(aver_ledger_open(&ledger, inside, AVER_LEDGER_WRITE, &why), &why, "open the ledger");
    double batch_per_s = take_batch(items, batch, &next, inside);
    half_load(signed_per_s, next);
    aver_ledger_close(ledger);
    if (only_intake) return remove_all(dir);
    environment_cost();
    bench_adjudication();
    bench_gas();
    bench_bundle(inside);

    double first = audit;
    uint64_t earlier = claims;
    audit = audit_seconds(inside, &claims);
    figure("audit_claims_per_s", (double)claims / audit, "re-executed from genesis, everything compared");
    /* What the second audit took longer than the first is the batch's share. */
    figure("audit_to_intake_batch", (double)(claims - earlier) / (audit - first) / batch_per_s,
           "audit of the batch, of its intake");
    x12_rate();
    char script[64];
    snprintf(script, sizeof script, "postgres.sh 20 1000 %d %d", FAMILIES, CHECKED);
    peer(script, checked_cents);
    snprintf(script, sizeof script, "redis.sh 60000 %d %d", FAMILIES, CHECKED);
    peer(script, checked_cents);
    ratio("signed_to_postgres", "signed_claims_per_s", "postgres_claims_per_s",
          "of PostgreSQL, a commit a claim");
    ratio("batch_to_postgres", "batch_claims_per_s", "postgres_batch_claims_per_s",
          "of PostgreSQL, 1000 claims a commit");
    ratio("batch_to_redis", "batch_claims_per_s", "redis_pipelined_claims_per_s",
          "of Redis, pipelined by 16");

    write_json(false);
    free(items);
    aver_arena_free(&work);
    return remove_all(dir);
}
