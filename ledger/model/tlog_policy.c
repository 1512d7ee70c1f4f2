/* ledger/model/tlog_policy.c - see tlog_policy.h. */
#include "ledger/model/tlog_policy.h"

#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

struct reader {
    struct aver_tlog_policy *out;
    size_t witnesses, groups;
    bool quorum;
    unsigned line;
    aver_bytes rest; /* of the line */
    struct aver_why *why;
};

static aver_err bad(struct reader *r, const char *code, const char *what)
{
    char place[24];
    snprintf(place, sizeof place, "line %u", r->line);
    return aver_fail(r->why, strcmp(code, "TRUST-SIZE") ? AVER_E_INPUT : AVER_E_LIMIT, code, place, "%s",
                     what);
}

/* The next word of the line; absent at its end. */
static aver_bytes next_word(struct reader *r)
{
    aver_bytes rest = r->rest = aver_bytes_trim(r->rest);
    size_t len = 0;
    while (len < rest.len && rest.ptr[len] != ' ' && rest.ptr[len] != '\t') len++;
    if (len == 0) return AVER_BYTES_NONE;
    r->rest = aver_bytes_cut(rest, len, rest.len - len);
    return aver_bytes_cut(rest, 0, len);
}

static uint32_t find(const struct aver_tlog_policy *policy, aver_bytes name)
{
    for (size_t i = 0; i < policy->nodes_count; i++)
        if (aver_bytes_eq(policy->node[i].name, name)) return (uint32_t)i;
    return AVER_TLOG_NONE;
}

static aver_err read_key(struct reader *r, struct aver_note_key *key, aver_bytes vkey)
{
    struct aver_why inner = {0};
    if (aver_note_vkey_read(key, vkey, &inner) == AVER_OK) return AVER_OK;
    return bad(r, "TRUST-KEY", inner.text);
}

/* "[<url>]", and nothing behind it. */
static aver_err read_url(struct reader *r, aver_bytes *url)
{
    *url = next_word(r);
    if (next_word(r).ptr) return bad(r, "TRUST-LINE", "there are words behind the URL; take them away");
    return AVER_OK;
}

static bool same_key(const struct aver_note_key *a, const struct aver_note_key *b)
{
    return memcmp(a->pk.b, b->pk.b, sizeof a->pk.b) == 0;
}

/* "log <vkey> [<url>]" */
static aver_err read_log(struct reader *r)
{
    struct aver_tlog_policy *p = r->out;
    struct aver_tlog_log log;
    aver_bytes vkey = next_word(r);
    if (!vkey.ptr) return bad(r, "TRUST-LINE", "a log's line is: log VKEY [URL]");
    AVER_TRY(read_key(r, &log.key, vkey));
    AVER_TRY(read_url(r, &log.url));
    for (size_t i = 0; i < p->logs_count; i++)
        if (same_key(&p->log[i].key, &log.key))
            return bad(r, "TRUST-KEY", "another log above has the same public key; keep one of the lines");
    if (p->logs_count == AVER_TLOG_LOGS_MAX)
        return bad(r, "TRUST-SIZE", "this is one log more than are read");
    p->log[p->logs_count++] = log;
    return AVER_OK;
}

/* A name that may be given here. "The special name `none` is predefined". */
static aver_err read_new_name(struct reader *r, aver_bytes *name)
{
    *name = next_word(r);
    if (!name->ptr) return bad(r, "TRUST-LINE", "a name is missing");
    if (aver_bytes_is(*name, "none"))
        return bad(r, "TRUST-NAME", "`none` means that no witness is needed and cannot be given as a name");
    if (find(r->out, *name) != AVER_TLOG_NONE)
        return bad(r, "TRUST-NAME", "a witness or group above has this name already; choose another");
    return AVER_OK;
}

static struct aver_tlog_node *add_node(struct aver_tlog_policy *p, aver_bytes name)
{
    struct aver_tlog_node *node = &p->node[p->nodes_count++];
    *node = (struct aver_tlog_node){.name = name, .parent = AVER_TLOG_NONE, .url = AVER_BYTES_NONE};
    return node;
}

/* "witness <name> <vkey> [<url>]" */
static aver_err read_witness(struct reader *r)
{
    struct aver_tlog_policy *p = r->out;
    struct aver_note_key key;
    aver_bytes name, url;
    AVER_TRY(read_new_name(r, &name));
    aver_bytes vkey = next_word(r);
    if (!vkey.ptr) return bad(r, "TRUST-LINE", "a witness's line is: witness NAME VKEY [URL]");
    AVER_TRY(read_key(r, &key, vkey));
    if (key.type != AVER_NOTE_COSIGNATURE)
        return bad(r, "TRUST-KEY",
                   "a witness's key is of type 0x04, timed cosignatures; this one signs plain notes");
    AVER_TRY(read_url(r, &url));
    for (size_t i = 0; i < p->nodes_count; i++)
        if (!p->node[i].group && same_key(&p->node[i].key, &key))
            return bad(r, "TRUST-KEY",
                       "another witness above has the same public key; keep one of the lines");
    if (r->witnesses++ == AVER_TLOG_WITNESSES_MAX)
        return bad(r, "TRUST-SIZE", "this is one witness more than are read");
    struct aver_tlog_node *node = add_node(p, name);
    node->key = key;
    node->url = url;
    return AVER_OK;
}

/* "group <name> all|any|<k> <name>..." */
static aver_err read_group(struct reader *r)
{
    struct aver_tlog_policy *p = r->out;
    aver_bytes name, word;
    uint64_t need = 0;
    AVER_TRY(read_new_name(r, &name));
    aver_bytes how = next_word(r);
    bool all = aver_bytes_is(how, "all");
    if (!how.ptr || (!all && !aver_bytes_is(how, "any") && aver_bytes_u64(&need, how) != AVER_OK))
        return bad(r, "TRUST-LINE", "a group's line is: group NAME all|any|NUMBER MEMBER...");
    if (aver_bytes_is(how, "any")) need = 1;
    if (r->groups++ == AVER_TLOG_GROUPS_MAX)
        return bad(r, "TRUST-SIZE", "this is one group more than are read");
    uint32_t index = (uint32_t)p->nodes_count, of = 0;
    while ((word = next_word(r)).ptr) {
        uint32_t member = find(p, word);
        if (member == AVER_TLOG_NONE)
            return bad(r, "TRUST-NAME", "a member is no witness or group of a line above");
        /* "Each defined name can be listed as a group member at most once." */
        if (p->node[member].parent != AVER_TLOG_NONE)
            return bad(r, "TRUST-NAME", "a member is listed in a group already; a name counts once only");
        p->node[member].parent = index;
        of++;
    }
    if (all) need = of;
    if (need < 1 || need > of) /* also where there is no member */
        return bad(r, "TRUST-LINE", "a group needs 1 of its members at least and all of them at most");
    struct aver_tlog_node *node = add_node(p, name);
    node->group = true;
    node->need = (uint32_t)need;
    node->of = of;
    return AVER_OK;
}

/* "quorum <name>|none" */
static aver_err read_quorum(struct reader *r)
{
    aver_bytes name = next_word(r);
    if (!name.ptr || next_word(r).ptr) return bad(r, "TRUST-LINE", "the quorum's line is: quorum NAME|none");
    if (r->quorum) return bad(r, "TRUST-QUORUM", "there is a quorum above; a policy has one");
    r->quorum = true;
    r->out->quorum = find(r->out, name);
    if (r->out->quorum == AVER_TLOG_NONE && !aver_bytes_is(name, "none"))
        return bad(r, "TRUST-NAME", "the quorum is no witness or group of a line above, nor `none`");
    return AVER_OK;
}

static aver_err read_line(struct reader *r)
{
    for (size_t i = 0; i < r->rest.len; i++)
        if ((r->rest.ptr[i] < 0x20 && r->rest.ptr[i] != '\t') || r->rest.ptr[i] == 0x7f)
            return bad(r, "TRUST-TEXT",
                       "a control character; lines end in a newline alone and words are parted by spaces or "
                       "tabs");
    aver_bytes word = next_word(r);
    if (!word.ptr || word.ptr[0] == '#') return AVER_OK;
    if (aver_bytes_is(word, "log")) return read_log(r);
    if (aver_bytes_is(word, "witness")) return read_witness(r);
    if (aver_bytes_is(word, "group")) return read_group(r);
    if (aver_bytes_is(word, "quorum")) return read_quorum(r);
    return bad(r, "TRUST-LINE", "a line begins with log, witness, group, quorum or #");
}

aver_err aver_tlog_policy_read(struct aver_tlog_policy *out, aver_bytes text, struct aver_why *why)
{
    struct reader r = {.out = out, .line = 1, .why = why};
    out->logs_count = out->nodes_count = 0;
    out->quorum = AVER_TLOG_NONE;
    if (text.len > AVER_TLOG_POLICY_BYTES_MAX)
        return aver_fail(why, AVER_E_LIMIT, "TRUST-SIZE", "",
                         "a trust policy of %zu bytes is above the %d that are read", text.len,
                         AVER_TLOG_POLICY_BYTES_MAX);
    for (; text.len; r.line++) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        if (!end)
            return bad(&r, "TRUST-TEXT", "the last line does not end in a newline; the file may be cut off");
        size_t len = (size_t)(end - text.ptr);
        r.rest = aver_bytes_cut(text, 0, len);
        AVER_TRY(read_line(&r));
        text = aver_bytes_cut(text, len + 1, text.len - len - 1);
    }
    if (!r.quorum)
        return bad(&r, "TRUST-QUORUM", "there is no quorum; write `quorum NAME`, or `quorum none`");
    return AVER_OK;
}

/* ---- checking ---- */

/* This key's signature; NULL where there is none. */
static aver_err look_for(const struct aver_note *note, const struct aver_note_key *key,
                         const struct aver_note_signature **out, struct aver_why *why)
{
    struct aver_why inner;
    aver_err err = aver_note_find(note, key, out, &inner);
    if (err == AVER_OK) return AVER_OK;
    *out = NULL;
    if (err == AVER_E_REFUSED) return AVER_OK;
    if (why) *why = inner;
    return err;
}

/* The signature of one of the logs that are believed. */
static aver_err check_log(const struct aver_tlog_policy *policy, const struct aver_note_key *known,
                          const struct aver_note *note, struct aver_tlog_seen *out, struct aver_why *why)
{
    bool signed_by = false;
    if (known) {
        AVER_TRY(aver_note_verify(note, known, why));
        if (!aver_bytes_eq(known->name, out->checkpoint.origin))
            return aver_fail(why, AVER_E_REFUSED, "TRUST-LOG", "line 1",
                             "the checkpoint is of the log %.*s, and that of %.*s is wanted",
                             AVER_STR(out->checkpoint.origin), AVER_STR(known->name));
        out->log = *known;
        signed_by = policy->logs_count == 0;
    }
    for (size_t i = 0; i < policy->logs_count; i++) {
        const struct aver_note_key *key = &policy->log[i].key;
        const struct aver_note_signature *found;
        AVER_TRY(look_for(note, key, &found, why));
        if (!found) continue;
        /* "This name MUST correspond to the log's origin line". */
        if (!aver_bytes_eq(key->name, out->checkpoint.origin) || (known && !same_key(key, known))) continue;
        if (!signed_by) out->log = *key;
        signed_by = true;
    }
    if (signed_by) return AVER_OK;
    if (policy->logs_count == 0)
        return aver_fail(why, AVER_E_REFUSED, "TRUST-LOG", "",
                         "the policy lists no log, and none is known from elsewhere; add its line: log VKEY");
    return aver_fail(why, AVER_E_REFUSED, "TRUST-LOG", "",
                     "the checkpoint of %.*s is signed by no log of the policy",
                     AVER_STR(out->checkpoint.origin));
}

struct tally {
    bool met[AVER_TLOG_NODES_MAX];
    uint32_t got[AVER_TLOG_NODES_MAX]; /* members that are met */
};

static aver_err check_witnesses(const struct aver_tlog_policy *policy, const struct aver_note *note,
                                struct aver_tlog_seen *out, struct tally *tally, struct aver_why *why)
{
    memset(tally, 0, sizeof *tally);
    for (size_t i = 0; i < policy->nodes_count; i++) {
        const struct aver_tlog_node *node = &policy->node[i];
        const struct aver_note_signature *found;
        if (node->group) {
            tally->met[i] = tally->got[i] >= node->need;
        } else {
            AVER_TRY(look_for(note, &node->key, &found, why));
            tally->met[i] = found;
            if (found) out->time[i] = found->time, out->witnesses++;
        }
        if (tally->met[i] && node->parent != AVER_TLOG_NONE) tally->got[node->parent]++;
    }
    return AVER_OK;
}

/* "quorum both needs 2 of 2 and has 1, not south": from the quorum down to the witnesses. Parents stand behind members. */
static aver_err say_missing(const struct aver_tlog_policy *policy, const struct tally *tally,
                            struct aver_why *why)
{
    bool asked[AVER_TLOG_NODES_MAX] = {false};
    struct aver_buf words = {0};
    asked[policy->quorum] = true;
    for (size_t i = policy->quorum + 1; i-- > 0;) {
        const struct aver_tlog_node *node = &policy->node[i];
        if (node->parent != AVER_TLOG_NONE && asked[node->parent] && !tally->met[i]) asked[i] = true;
        if (!asked[i] || (!node->group && i != policy->quorum)) continue;
        aver_buf_printf(&words, "%s%s%.*s", words.len ? "; " : "", i == policy->quorum ? "the quorum " : "",
                        AVER_STR(node->name));
        if (!node->group) {
            aver_buf_str(&words, " has not cosigned");
            continue;
        }
        aver_buf_printf(&words, " needs %u of its %u members and has %u, not", node->need, node->of,
                        tally->got[i]);
        const char *comma = " ";
        for (size_t m = 0; m < i; m++)
            if (policy->node[m].parent == i && !tally->met[m]) {
                aver_buf_printf(&words, "%s%.*s", comma, AVER_STR(policy->node[m].name));
                comma = ", ";
            }
    }
    (void)aver_fail(why, AVER_E_REFUSED, "TRUST-WITNESSES", "", "%.*s", (int)words.len, (char *)words.ptr);
    aver_buf_free(&words);
    return AVER_E_REFUSED;
}

aver_err aver_tlog_policy_check(const struct aver_tlog_policy *policy, const struct aver_note_key *known,
                                aver_bytes bytes, struct aver_tlog_seen *out, struct aver_why *why)
{
    struct aver_note note;
    struct aver_tlog_seen seen = {0};
    struct tally tally;
    AVER_TRY(aver_note_read(&note, bytes, why));
    AVER_TRY(aver_checkpoint_read(&seen.checkpoint, note.text, why));
    AVER_TRY(check_log(policy, known, &note, &seen, why));
    AVER_TRY(check_witnesses(policy, &note, &seen, &tally, why));
    if (out) *out = seen;
    if (policy->quorum != AVER_TLOG_NONE && !tally.met[policy->quorum])
        return say_missing(policy, &tally, why);
    return AVER_OK;
}
