/* tests/unit/test_smt.c - the state trie against a naive reference, its proofs, its pages, and the SmtSpec vectors of
 * cosmos/ics23. Random from a fixed seed: a failure comes back. */
#include "tests/unit/vectors.h"

#include "ledger/model/smt_build.h"
#include "ledger/model/smt_memory.h"

static const aver_digest zero;
static uint64_t seed;

static uint64_t rnd(void) /* splitmix64 */
{
    uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static aver_digest digest_of(uint64_t n, uint64_t what)
{
    uint64_t both[2] = {n, what};
    return aver_sha256(aver_bytes_of(both, sizeof both));
}

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    seed = 20260301;
    print_message("seed %llu\n", (unsigned long long)seed);
    return 0;
}

/* ---- the reference: a sorted array, and the definition ---- */

#define MODEL_MAX 4096
struct model {
    size_t n;
    struct aver_smt_update at[MODEL_MAX];
};

static void model_apply(struct model *model, const struct aver_smt_update *u)
{
    size_t i = 0;
    while (i < model->n && memcmp(model->at[i].path.b, u->path.b, 32) < 0) i++;
    bool there = i < model->n && aver_digest_eq(model->at[i].path, u->path);
    if (u->gone) {
        if (!there) return;
        memmove(&model->at[i], &model->at[i + 1], (--model->n - i) * sizeof model->at[0]);
        return;
    }
    if (!there) {
        assert_in_range(model->n, 0, MODEL_MAX - 1);
        memmove(&model->at[i + 1], &model->at[i], (model->n++ - i) * sizeof model->at[0]);
    }
    model->at[i] = *u;
}

static aver_digest model_root(const struct aver_smt_update *at, size_t n, unsigned depth)
{
    size_t k = 0;
    if (n == 0) return zero;
    if (n == 1) return at[0].leaf;
    while (k < n && !aver_smt_bit(&at[k].path, depth)) k++;
    aver_digest left = model_root(at, k, depth + 1), right = model_root(at + k, n - k, depth + 1);
    return aver_smt_node_hash(&left, &right);
}

/* Key `n` of the pool, as the state keeps it or as a table does. */
static void make(struct aver_smt_update *u, bool table, uint64_t n, uint64_t value, bool gone)
{
    aver_digest key = digest_of(n, 1), val = digest_of(value, 2);
    if (table) {
        aver_smt_set_row(u, aver_bytes_of(key.b, 1 + n % 32),
                         gone ? AVER_BYTES_NONE : aver_bytes_of(val.b, value % 33));
    } else {
        aver_smt_set(u, &key, gone ? NULL : &val);
    }
}

static void apply(const struct aver_smt *smt, struct model *model, struct aver_smt_update *u, size_t n)
{
    aver_digest root, again;
    aver_smt_sort(u, n);
    size_t kept = 0; /* a pool key may have been drawn twice: one change a key */
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !aver_digest_eq(u[i].path, u[kept - 1].path)) u[kept++] = u[i];
    assert_int_equal(aver_smt_apply(smt, &root, u, kept, NULL), AVER_OK);
    for (size_t i = 0; i < kept; i++) model_apply(model, &u[i]);
    again = model_root(model->at, model->n, 0);
    assert_true(aver_digest_eq(root, again));
    assert_int_equal(aver_smt_root(smt, &again, NULL), AVER_OK);
    assert_true(aver_digest_eq(root, again));
}

struct expect {
    const struct model *model;
    size_t at;
};

static aver_err visit(void *ctx, const aver_digest *path, const struct aver_smt_leaf *leaf,
                      struct aver_why *why)
{
    struct expect *expect = ctx;
    const struct aver_smt_update *u = &expect->model->at[expect->at++];
    (void)why;
    assert_true(aver_digest_eq(*path, u->path));
    assert_true(aver_digest_eq(leaf->key, u->key));
    assert_true(aver_digest_eq(leaf->value, u->value));
    return AVER_OK;
}

static void batches_equal_the_reference(void **state)
{
    static struct model model;
    static struct aver_smt_update u[600];
    (void)state;
    for (unsigned round = 0; round < 12; round++) {
        struct aver_smt_memory memory = {0};
        struct aver_smt smt = {aver_smt_memory_store(&memory), round & 1};
        uint64_t pool = round < 4 ? 6 : round < 8 ? 60 : 1500;
        model.n = 0;
        for (unsigned batch = 0; batch < 40; batch++) {
            size_t n = 1 + rnd() % (pool < 600 ? pool : 600);
            /* From batches that only add to batches that only remove; in every fourth round only those that add. */
            uint64_t gone_of_8 = round % 4 == 1 ? 0 : rnd() % 9;
            for (size_t i = 0; i < n; i++) make(&u[i], smt.table, rnd() % pool, rnd(), rnd() % 8 < gone_of_8);
            apply(&smt, &model, u, n);
        }
        struct expect expect = {&model, 0};
        aver_digest root;
        assert_int_equal(aver_smt_walk(&smt, &root, visit, &expect, NULL), AVER_OK);
        assert_int_equal(expect.at, model.n);
        assert_true(aver_digest_eq(root, model_root(model.at, model.n, 0)));

        /* A trie built at once from what is left has each page written once, and no more of them: just the same where nothing was
         * removed. Where all leaves go no page lingers of either. */
        struct aver_smt_memory fresh = {0};
        struct aver_smt built = {aver_smt_memory_store(&fresh), smt.table};
        assert_int_equal(aver_smt_apply(&built, &root, model.at, model.n, NULL), AVER_OK);
        assert_in_range(fresh.pages, model.n > 0, memory.pages);
        if (round % 4 == 1) assert_int_equal(fresh.pages, memory.pages);
        if (round % 4 == 1) assert_int_equal(fresh.bytes, memory.bytes);
        assert_int_equal(fresh.puts, fresh.pages);

        for (size_t i = 0; i < model.n; i++) model.at[i].gone = true;
        assert_int_equal(aver_smt_apply(&built, &root, model.at, model.n, NULL), AVER_OK);
        assert_true(aver_digest_eq(root, zero));
        assert_int_equal(aver_smt_apply(&smt, &root, model.at, model.n, NULL), AVER_OK);
        assert_true(aver_digest_eq(root, zero));
        assert_int_equal(fresh.pages + memory.pages, 0);
        assert_int_equal(fresh.bytes + memory.bytes, 0);
        aver_smt_memory_free(&fresh);
        aver_smt_memory_free(&memory);
    }
}

/* A final set reached by random changes: any order of them that keeps each key's own, any split into batches, keys that come
 * and go on the way. */
static void order_and_batches_do_not_matter(void **state)
{
    enum { KEYS = 120, CHANGES = 400, WAYS = 6, ROUNDS = 25 };
    static struct aver_smt_update change[CHANGES], batch[CHANGES];
    static struct model model;
    static struct aver_smt_build build;
    static size_t key_of[CHANGES], order[CHANGES], next_of[KEYS];
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool table = round & 1;
        size_t bytes = 0, pages = 0;
        aver_digest want = zero;
        model.n = 0;
        for (size_t i = 0; i < CHANGES; i++) {
            key_of[i] = rnd() % KEYS;
            make(&change[i], table, key_of[i], rnd(), rnd() % 3 == 0);
            model_apply(&model, &change[i]);
        }
        want = model_root(model.at, model.n, 0);
        for (unsigned way = 0; way < WAYS; way++) {
            struct aver_smt_memory memory = {0};
            struct aver_smt smt = {aver_smt_memory_store(&memory), table};
            aver_digest root = zero;
            /* A shuffle of the keys' turns; each turn takes the key's next change. */
            for (size_t i = 0; i < CHANGES; i++) order[i] = key_of[i];
            for (size_t i = CHANGES - 1; way && i > 0; i--) {
                size_t j = rnd() % (i + 1), t = order[i];
                order[i] = order[j];
                order[j] = t;
            }
            memset(next_of, 0, sizeof next_of);
            for (size_t at = 0; at < CHANGES;) {
                size_t n = 0, most = way == 1 ? 1 : 1 + rnd() % 40;
                for (; at < CHANGES && n < most; at++) {
                    size_t i = next_of[order[at]];
                    while (key_of[i] != order[at]) i++;
                    bool twice = false;
                    for (size_t k = 0; k < n; k++) twice |= aver_digest_eq(batch[k].path, change[i].path);
                    if (twice) break; /* one change a key in a batch */
                    next_of[order[at]] = i + 1;
                    batch[n++] = change[i];
                }
                aver_smt_sort(batch, n);
                assert_int_equal(aver_smt_apply(&smt, &root, batch, n, NULL), AVER_OK);
            }
            assert_true(aver_digest_eq(root, want));
            if (way == 0) bytes = memory.bytes, pages = memory.pages;
            assert_true(memory.bytes == bytes && memory.pages == pages); /* nor do the pages depend on it */
            aver_smt_memory_free(&memory);
        }
        memset(&build, 0, sizeof build);
        for (size_t i = 0; i < model.n; i++)
            assert_true(aver_smt_build_add(&build, &model.at[i].path, &model.at[i].leaf));
        assert_true(aver_digest_eq(aver_smt_build_root(&build), want));
    }
}

/* The root from sorted leaves, at every size and as it grows; and with paths that share up to 255 bits. */
static void built_from_sorted_leaves(void **state)
{
    enum { N = 300 };
    static struct aver_smt_update u[N];
    static struct aver_smt_build build;
    (void)state;
    for (int deep = 0; deep < 2; deep++) {
        for (size_t i = 0; i < N; i++) {
            make(&u[i], true, i, i, false);
            if (!deep) continue;
            u[i].path = digest_of(5, 5);
            if (i < 256) u[i].path.b[i / 8] ^= (uint8_t)(0x80 >> i % 8);
            if (i > 256) u[i].path.b[31] ^= (uint8_t)(i - 255), u[i].path.b[0] ^= 0x80;
        }
        aver_smt_sort(u, N);
        memset(&build, 0, sizeof build);
        assert_true(aver_digest_eq(aver_smt_build_root(&build), zero));
        for (size_t i = 0; i < N; i++) {
            assert_true(aver_smt_build_add(&build, &u[i].path, &u[i].leaf));
            assert_true(aver_digest_eq(aver_smt_build_root(&build), model_root(u, i + 1, 0)));
            assert_false(aver_smt_build_add(&build, &u[i].path, &u[i].leaf)); /* twice */
            if (i) assert_false(aver_smt_build_add(&build, &u[i - 1].path, &u[i - 1].leaf));
        }
    }
}

static void what_changes_nothing_writes_nothing(void **state)
{
    enum { N = 200 };
    static struct aver_smt_update u[N];
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {aver_smt_memory_store(&memory), false};
    aver_digest root, again;
    (void)state;
    make(&u[0], false, 7, 7, true); /* from an empty trie */
    assert_int_equal(aver_smt_apply(&smt, &root, u, 1, NULL), AVER_OK);
    assert_true(aver_digest_eq(root, zero));
    for (size_t i = 0; i < N; i++) make(&u[i], false, i, i, false);
    aver_smt_sort(u, N);
    assert_int_equal(aver_smt_apply(&smt, &root, u, N, NULL), AVER_OK);
    size_t puts = memory.puts;
    assert_int_equal(aver_smt_apply(&smt, &again, u, N, NULL), AVER_OK); /* the same values */
    assert_true(aver_digest_eq(root, again));
    assert_int_equal(aver_smt_apply(&smt, &again, u, 0, NULL), AVER_OK); /* no change */
    assert_true(aver_digest_eq(root, again));
    for (size_t i = 0; i < N; i++) make(&u[i], false, N + i, 0, true); /* keys that are not there */
    aver_smt_sort(u, N);
    assert_int_equal(aver_smt_apply(&smt, &again, u, N, NULL), AVER_OK);
    assert_true(aver_digest_eq(root, again));
    assert_int_equal(memory.puts, puts);
    aver_smt_memory_free(&memory);
}

/* Paths made by hand that share their first 0 to 255 bits: the deepest tries there can be. */
static void paths_that_share_255_bits(void **state)
{
    static struct model model;
    static struct aver_smt_update u[257];
    static struct aver_smt_proof proof;
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {aver_smt_memory_store(&memory), true};
    (void)state;
    model.n = 0;
    for (unsigned i = 0; i <= 256; i++) { /* 256: the base itself; else it with bit i turned */
        u[i] = (struct aver_smt_update){.path = digest_of(5, 5)};
        if (i < 256) u[i].path.b[i / 8] ^= (uint8_t)(0x80 >> i % 8);
        u[i].key = u[i].path;
        u[i].value = digest_of(i, 6);
        u[i].leaf = aver_smt_leaf_hash(&u[i].path, &u[i].value);
    }
    struct aver_smt_update base = u[256], last = u[255];
    apply(&smt, &model, u, 257);
    assert_int_equal(memory.pages,
                     51 + 1); /* branches, four leaves beside the path in each; a bucket of the last 53 */
    assert_int_equal(aver_smt_prove(&smt, &proof, NULL, &base.path, NULL), AVER_OK);
    assert_int_equal(proof.depth, 256);
    assert_int_equal(proof.end, AVER_SMT_MEMBER);
    struct aver_buf buf = {0};
    aver_smt_proof_write(&buf, &proof);
    assert_int_equal(buf.len, 3 + 32 + 32 * 256);
    assert_in_range(buf.len, 0, AVER_SMT_PROOF_BYTES_MAX);
    assert_int_equal(aver_smt_proof_read(&proof, aver_buf_view(&buf), NULL), AVER_OK);
    aver_digest root;
    assert_int_equal(aver_smt_proof_root(&root, &base.path, &base.value, &proof, NULL), AVER_OK);
    assert_true(aver_digest_eq(root, model_root(model.at, model.n, 0)));
    aver_buf_free(&buf);

    struct aver_smt_neighbours near;
    assert_int_equal(aver_smt_neighbours(&smt, &near, &base.path, NULL), AVER_OK);
    assert_true(aver_smt_bit(&base.path, 255) ? aver_digest_eq(near.left.key, last.path)
                                              : aver_digest_eq(near.right.key, last.path));
    for (unsigned i = 0; i < 257; i++) u[i].gone = i != 100;
    apply(&smt, &model, u, 257); /* the one left rises from below to the top */
    assert_int_equal(memory.pages, 1);
    assert_int_equal(aver_smt_prove(&smt, &proof, NULL, &base.path, NULL), AVER_OK);
    assert_int_equal(proof.depth, 0);
    aver_smt_memory_free(&memory);
}

/* ---- proofs ---- */

/* What a key and a value are before hashing, for make() of the same arguments. */
struct preimage {
    aver_digest key_digest, value_digest;
    aver_bytes key, value;
};
static void preimage_of(struct preimage *p, bool table, uint64_t n, uint64_t value)
{
    p->key_digest = digest_of(n, 1), p->value_digest = digest_of(value, 2);
    p->key = aver_bytes_of(p->key_digest.b, table ? 1 + n % 32 : 32);
    p->value = aver_bytes_of(p->value_digest.b, table ? value % 33 : 32);
}

static bool shows(const aver_digest *root, const struct preimage *p, bool member, aver_bytes proof)
{
    static struct aver_smt_proof read;
    if (aver_smt_proof_read(&read, proof, NULL) != AVER_OK) return false;
    return (member ? aver_smt_verify_member(root, p->key, p->value, &read, NULL)
                   : aver_smt_verify_absent(root, p->key, &read, NULL)) == AVER_OK;
}

static void proofs_of_members_and_absent_keys(void **state)
{
    static struct aver_smt_update u[500];
    static struct aver_smt_proof proof;
    static const size_t sizes[] = {0, 1, 2, 3, 10, 500};
    struct aver_buf buf = {0};
    (void)state;
    for (size_t k = 0; k < 2 * sizeof sizes / sizeof sizes[0]; k++) {
        size_t n = sizes[k / 2], ends[3] = {0};
        struct aver_smt_memory memory = {0};
        struct aver_smt smt = {aver_smt_memory_store(&memory), k & 1};
        aver_digest root;
        for (size_t i = 0; i < n; i++) make(&u[i], smt.table, i, i, false);
        aver_smt_sort(u, n);
        assert_int_equal(aver_smt_apply(&smt, &root, u, n, NULL), AVER_OK);
        for (size_t i = 0; i < n + 300; i++) {
            bool member = i < n;
            struct preimage p, other;
            struct aver_smt_leaf leaf, got;
            preimage_of(&p, smt.table, i, i);
            preimage_of(&other, smt.table, i, i + 1);
            aver_digest path = aver_sha256(p.key);
            assert_int_equal(aver_smt_prove(&smt, &proof, &leaf, &path, NULL), AVER_OK);
            assert_int_equal(proof.end == AVER_SMT_MEMBER, member);
            assert_int_equal(aver_smt_get(&smt, &got, &path, NULL), member ? AVER_OK : AVER_E_NOT_FOUND);
            if (member) assert_true(aver_digest_eq(got.value, leaf.value));
            ends[proof.end]++;
            buf.len = 0;
            aver_smt_proof_write(&buf, &proof);
            assert_true(shows(&root, &p, member, aver_buf_view(&buf)));
            assert_false(shows(&root, &p, !member, aver_buf_view(&buf)));
            if (member) assert_false(shows(&root, &other, true, aver_buf_view(&buf)));
            assert_false(shows(&zero, &p, member, aver_buf_view(&buf)) && n);
            if (i % 50) continue;
            for (size_t at = 0; at < buf.len; at++) {
                for (unsigned bit = 0; bit < 8; bit++) {
                    buf.ptr[at] ^= (uint8_t)(1 << bit);
                    assert_false(shows(&root, &p, member, aver_buf_view(&buf)));
                    buf.ptr[at] ^= (uint8_t)(1 << bit);
                }
                assert_false(shows(&root, &p, member, aver_bytes_of(buf.ptr, at)));
            }
            aver_buf_byte(&buf, 0);
            assert_false(shows(&root, &p, member, aver_buf_view(&buf)));
        }
        assert_int_equal(ends[AVER_SMT_MEMBER], n);
        if (n == 500) assert_true(ends[AVER_SMT_EMPTY] > 20 && ends[AVER_SMT_OTHER] > 20);
        aver_smt_memory_free(&memory);
    }
    aver_buf_free(&buf);
}

static void a_proof_has_one_form(void **state)
{
    static struct aver_smt_proof proof;
    struct aver_why why;
    uint8_t written_zero[3 + 1 + 32] = {AVER_SMT_EMPTY, 0, 1, 0x80};
    uint8_t beyond[3 + 1] = {AVER_SMT_EMPTY, 0, 1, 0x40};
    uint8_t deep[3 + 33] = {AVER_SMT_EMPTY, 1, 1};
    uint8_t end[3] = {3, 0, 0}, none[3] = {AVER_SMT_EMPTY, 0, 0};
    (void)state;
    const aver_bytes bad[] = {aver_bytes_of(written_zero, sizeof written_zero),
                              aver_bytes_of(beyond, sizeof beyond), aver_bytes_of(deep, sizeof deep),
                              aver_bytes_of(end, sizeof end), aver_bytes_of(none, 2)};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(aver_smt_proof_read(&proof, bad[i], &why), AVER_E_INPUT);
        assert_string_equal(why.code, "SMT-PROOF");
    }
    assert_int_equal(aver_smt_proof_read(&proof, aver_bytes_of(none, 3), &why), AVER_OK);
}

static void neighbours_are_the_next_leaves(void **state)
{
    enum { N = 400 };
    static struct aver_smt_update u[N];
    (void)state;
    for (size_t n = 0; n <= N; n = n < 4 ? n + 1 : n * 2 + 92) {
        struct aver_smt_memory memory = {0};
        struct aver_smt smt = {aver_smt_memory_store(&memory), n & 1};
        aver_digest root;
        for (size_t i = 0; i < n; i++) make(&u[i], smt.table, i, i, false);
        aver_smt_sort(u, n);
        assert_int_equal(aver_smt_apply(&smt, &root, u, n, NULL), AVER_OK);
        for (size_t q = 0; q < 600; q++) {
            struct aver_smt_neighbours near;
            aver_digest path = q < n ? u[q].path : digest_of(rnd(), 9);
            if (q >= n && n && q % 4 == 0) { /* close to a leaf */
                path = u[q % n].path;
                path.b[q % 32] ^= (uint8_t)(1u << q % 8);
            }
            size_t left = 0,
                   right = n; /* the first left leaves are left of it, those from right on are right of it */
            while (left < n && memcmp(u[left].path.b, path.b, 32) < 0) left++;
            while (right > 0 && memcmp(u[right - 1].path.b, path.b, 32) > 0) right--;
            assert_int_equal(aver_smt_neighbours(&smt, &near, &path, NULL), AVER_OK);
            assert_int_equal(near.has_left, left > 0);
            assert_int_equal(near.has_right, right < n);
            if (left) assert_true(aver_digest_eq(near.left.key, u[left - 1].key));
            if (left) assert_true(aver_digest_eq(near.left.value, u[left - 1].value));
            if (right < n) assert_true(aver_digest_eq(near.right.key, u[right].key));
        }
        aver_smt_memory_free(&memory);
    }
}

/* ---- damaged pages ---- */

static size_t put_count;
static struct {
    struct aver_smt_place place;
    struct aver_buf bytes;
} put_log[64];

static aver_err log_put(void *ctx, const struct aver_smt_place *place, aver_bytes page, struct aver_why *why)
{
    (void)why;
    assert_in_range(put_count, 0, 63);
    put_log[put_count].place = *place;
    put_log[put_count].bytes = (struct aver_buf){0};
    aver_buf_bytes(&put_log[put_count++].bytes, page);
    struct aver_smt_store under = aver_smt_memory_store(ctx);
    return under.put(under.ctx, place, page, why);
}

static void any_damaged_page_is_found(void **state)
{
    enum { N = 70 }; /* a branch and its buckets */
    static struct aver_smt_update u[N];
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {aver_smt_memory_store(&memory), false};
    aver_digest root, again;
    struct aver_why why;
    (void)state;
    for (size_t i = 0; i < N; i++) make(&u[i], false, i, i, false);
    aver_smt_sort(u, N);
    put_count = 0;
    smt.store.put = log_put;
    assert_int_equal(aver_smt_apply(&smt, &root, u, N, NULL), AVER_OK);
    smt.store = aver_smt_memory_store(&memory);
    assert_in_range(put_count, 5, 63);
    for (size_t i = 0; i < put_count; i++) {
        struct aver_buf *bytes = &put_log[i].bytes;
        const struct aver_smt_place *place = &put_log[i].place;
        uint8_t key[AVER_SMT_PLACE_KEY_MAX];
        assert_int_equal(aver_smt_place_key(key, place), 1 + (place->depth + 1) / 2);
        for (size_t at = 0; at < bytes->len; at++) {
            bytes->ptr[at] ^= (uint8_t)(1u << at % 8);
            assert_int_equal(smt.store.put(smt.store.ctx, place, aver_buf_view(bytes), NULL), AVER_OK);
            aver_err err = aver_smt_walk(&smt, &again, NULL, NULL, &why);
            assert_true(err == AVER_E_CORRUPT);
            bytes->ptr[at] ^= (uint8_t)(1u << at % 8);
        }
        assert_int_equal(smt.store.put(smt.store.ctx, place, aver_bytes_of(bytes->ptr, bytes->len - 1), NULL),
                         AVER_OK);
        assert_int_equal(aver_smt_walk(&smt, &again, NULL, NULL, &why), AVER_E_CORRUPT);
        assert_string_equal(why.code, "SMT-PAGE");
        assert_int_equal(smt.store.put(smt.store.ctx, place, aver_buf_view(bytes), NULL), AVER_OK);
    }
    assert_int_equal(aver_smt_walk(&smt, &again, NULL, NULL, NULL), AVER_OK);
    assert_true(aver_digest_eq(root, again));
    for (size_t i = 0; i < put_count; i++) { /* a page that is missing; those below it are freed with it */
        if (put_log[i].place.depth == 0) continue;
        bool leaf_page = true;
        for (size_t j = 0; j < put_count; j++) leaf_page &= put_log[j].place.depth <= put_log[i].place.depth;
        if (!leaf_page) continue;
        assert_int_equal(smt.store.del(smt.store.ctx, &put_log[i].place, NULL), AVER_OK);
        assert_int_equal(aver_smt_walk(&smt, &again, NULL, NULL, &why), AVER_E_CORRUPT);
        assert_string_equal(why.code, "SMT-PAGE");
    }
    for (size_t i = 0; i < put_count; i++) aver_buf_free(&put_log[i].bytes);
    aver_smt_memory_free(&memory);
}

static aver_err full_put(void *ctx, const struct aver_smt_place *place, aver_bytes page, struct aver_why *why)
{
    (void)ctx, (void)place, (void)page;
    return aver_fail(why, AVER_E_FULL, "TEST-FULL", "", "no space left");
}

static void a_store_error_comes_through(void **state)
{
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {aver_smt_memory_store(&memory), false};
    struct aver_smt_update u;
    struct aver_why why;
    aver_digest root;
    (void)state;
    smt.store.put = full_put;
    make(&u, false, 1, 1, false);
    assert_int_equal(aver_smt_apply(&smt, &root, &u, 1, &why), AVER_E_FULL);
    assert_string_equal(why.code, "TEST-FULL");
}

/* ---- ICS-23 ---- */

/* The next field of a protobuf message; a varint comes as its value, bytes as what they hold. */
struct field {
    unsigned number;
    uint64_t varint;
    aver_bytes bytes;
};
static uint64_t varint(aver_bytes *in)
{
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        assert_true(in->len > 0 && shift < 64);
        uint8_t b = *in->ptr;
        *in = aver_bytes_cut(*in, 1, in->len - 1);
        v |= (uint64_t)(b & 0x7f) << shift;
        if (b < 0x80) return v;
    }
}
static bool next_field(struct field *f, aver_bytes *in)
{
    if (in->len == 0) return false;
    uint64_t tag = varint(in);
    *f = (struct field){.number = (unsigned)(tag >> 3)};
    f->varint = varint(in);
    if ((tag & 7) == 0) return true;
    assert_int_equal(tag & 7, 2);
    f->bytes = aver_bytes_cut(*in, 0, f->varint);
    *in = aver_bytes_cut(*in, f->varint, in->len - f->varint);
    return true;
}

struct existence {
    struct aver_smt_opened opened;
    struct aver_smt_proof proof;
    aver_digest path, value_hash;
};

static void read_existence(struct existence *e, aver_bytes in)
{
    aver_bytes key = AVER_BYTES_NONE, value = AVER_BYTES_NONE, op[AVER_SMT_DEPTH_MAX];
    unsigned depth = 0;
    for (struct field f; next_field(&f, &in);) {
        if (f.number == 1) key = f.bytes;
        if (f.number == 2) value = f.bytes;
        if (f.number == 4) op[depth++] = f.bytes;
    }
    memset(&e->proof, 0, sizeof e->proof);
    e->proof.depth = depth;
    e->opened = (struct aver_smt_opened){key, value, &e->proof};
    e->path = aver_sha256(key), e->value_hash = aver_sha256(value);
    for (unsigned i = 0; i < depth; i++) {
        unsigned d = depth - 1 - i; /* ICS-23 begins at the leaf */
        aver_bytes prefix = AVER_BYTES_NONE, suffix = AVER_BYTES_NONE;
        for (struct field f; next_field(&f, &op[i]);) {
            if (f.number == 2) prefix = f.bytes;
            if (f.number == 3) suffix = f.bytes;
        }
        bool right = prefix.len == 33;
        assert_int_equal(right, aver_smt_bit(&e->path, d));
        aver_bytes sibling = right ? aver_bytes_cut(prefix, 1, 32) : suffix;
        assert_int_equal(sibling.len, 32);
        memcpy(e->proof.sibling[d].b, sibling.ptr, 32);
    }
}

static unsigned common_bits(const aver_digest *a, const aver_digest *b)
{
    unsigned n = 0;
    while (n < 256 && aver_smt_bit(a, n) == aver_smt_bit(b, n)) n++;
    return n;
}

/* Our one-path proof of absence, made out of the neighbour that shares most of the path. */
static void absence_from(struct aver_smt_proof *out, const struct existence *near, const aver_digest *path)
{
    unsigned common = common_bits(path, &near->path);
    *out = near->proof;
    if (common >= near->proof.depth) {
        out->end = AVER_SMT_OTHER;
        out->other_path = near->path, out->other_value_hash = near->value_hash;
        return;
    }
    assert_true(aver_digest_eq(near->proof.sibling[common], zero));
    aver_digest sub = aver_smt_leaf_hash(&near->path, &near->value_hash);
    for (unsigned d = near->proof.depth; d-- > common + 1;)
        sub = aver_smt_bit(&near->path, d) ? aver_smt_node_hash(&near->proof.sibling[d], &sub)
                                           : aver_smt_node_hash(&sub, &near->proof.sibling[d]);
    out->end = AVER_SMT_EMPTY;
    out->depth = common + 1;
    out->sibling[common] = sub;
}

static void vector(const char *path, const char *json)
{
    static struct existence exist[2];
    static struct aver_smt_proof absence;
    uint8_t proof[8192], key[64], value[64];
    aver_digest root;
    aver_bytes hex = vectors_text(json, "proof"), khex = vectors_text(json, "key"),
               vhex = vectors_text(json, "value");
    aver_bytes k = aver_bytes_of(key, khex.len / 2), v = aver_bytes_of(value, vhex.len / 2);
    print_message("%s\n", path);
    assert_in_range(hex.len, 2, 2 * sizeof proof);
    assert_int_equal(aver_unhex(root.b, 32, vectors_text(json, "root")), AVER_OK);
    assert_int_equal(aver_unhex(proof, hex.len / 2, hex), AVER_OK);
    assert_int_equal(aver_unhex(key, k.len, khex), AVER_OK);
    assert_int_equal(aver_unhex(value, v.len, vhex), AVER_OK);

    struct field f;
    struct aver_buf ours = {0};
    aver_bytes in = aver_bytes_of(proof, hex.len / 2);
    assert_true(next_field(&f, &in));
    if (f.number == 1) {
        read_existence(&exist[0], f.bytes);
        assert_int_equal(aver_smt_verify_member(&root, k, v, &exist[0].proof, NULL), AVER_OK);
        assert_int_equal(aver_smt_verify_member(&root, k, k, &exist[0].proof, NULL), AVER_E_DIFFERS);
        exist[0].proof.sibling[3].b[3] ^= 8;
        assert_int_equal(aver_smt_verify_member(&root, k, v, &exist[0].proof, NULL), AVER_E_DIFFERS);
        exist[0].proof.sibling[3].b[3] ^= 8;
        aver_smt_ics23_exist(&ours, &exist[0].opened);
    } else {
        assert_int_equal(f.number, 2);
        struct existence *side[2] = {NULL, NULL}, *near = NULL;
        aver_digest where = aver_sha256(k);
        aver_bytes message = f.bytes, name = AVER_BYTES_NONE;
        while (next_field(&f, &message)) {
            if (f.number == 1) name = f.bytes;
            if (f.number < 2) continue;
            struct existence *e = side[f.number - 2] = &exist[f.number - 2];
            read_existence(e, f.bytes);
            assert_int_equal(aver_smt_verify_member(&root, e->opened.key, e->opened.value, &e->proof, NULL),
                             AVER_OK);
            assert_true(f.number == 2 ? memcmp(e->path.b, where.b, 32) < 0
                                      : memcmp(e->path.b, where.b, 32) > 0);
            if (!near || common_bits(&where, &e->path) > common_bits(&where, &near->path)) near = e;
        }
        absence_from(&absence, near, &where);
        assert_int_equal(aver_smt_verify_absent(&root, k, &absence, NULL), AVER_OK);
        assert_int_equal(aver_smt_verify_absent(&root, near->opened.key, &absence, NULL), AVER_E_DIFFERS);
        aver_smt_ics23_absent(&ours, name, side[0] ? &side[0]->opened : NULL,
                              side[1] ? &side[1]->opened : NULL);
    }
    /* Our writer gives the bytes of the vector. */
    assert_int_equal(ours.len, hex.len / 2);
    assert_memory_equal(ours.ptr, proof, ours.len);
    aver_buf_free(&ours);
}

static void ics23_vectors(void **state)
{
    char dir[1024];
    (void)state;
    vectors_dir(dir, "vectors/ics23/testdata/smt");
    assert_int_equal(vectors_each(dir, vector), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_equal_the_reference),
        cmocka_unit_test(order_and_batches_do_not_matter),
        cmocka_unit_test(built_from_sorted_leaves),
        cmocka_unit_test(what_changes_nothing_writes_nothing),
        cmocka_unit_test(paths_that_share_255_bits),
        cmocka_unit_test(proofs_of_members_and_absent_keys),
        cmocka_unit_test(a_proof_has_one_form),
        cmocka_unit_test(neighbours_are_the_next_leaves),
        cmocka_unit_test(any_damaged_page_is_found),
        cmocka_unit_test(a_store_error_comes_through),
        cmocka_unit_test(ics23_vectors),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
