/* adapters/x12.c - envelopes: ISA to IEA, GS to GE, ST to SE; what is given up when one of them is false. See x12.h.
 * Segments are read in x12_segment.c, findings made in x12_finding.c. */
#include "adapters/x12_reader.h"

#include <string.h>

void aver_x12_start(struct aver_x12 *x, struct aver_intake *intake, aver_bytes file)
{
    memset(x, 0, sizeof *x);
    x->intake = intake;
    x->file = file;
    x->line = 1;
    x->interchange_refused = x->group_refused = x->set_refused = x->overflow = AVER_INTAKE_NONE;
}

size_t aver_x12_refused(const struct aver_x12 *x)
{
    return x->interchange_refused != AVER_INTAKE_NONE ? x->interchange_refused
           : x->group_refused != AVER_INTAKE_NONE     ? x->group_refused
                                                      : x->set_refused;
}

/* --- giving up --- */

static size_t envelope_fault(struct aver_x12 *x, enum aver_level level, const char *code, const char *ik304,
                             const char *text)
{
    struct aver_x12_fault f = {.level = level, .code = code, .ik304 = ik304};
    return aver_x12_find(x, &x->segment, &f, "%s", text);
}

static void sets_refuse(struct aver_x12 *x, size_t from, size_t finding)
{
    struct aver_intake_set *sets = x->intake->sets.items;
    for (size_t i = from; i < x->intake->sets.count; i++) sets[i].refused = finding;
}

static void cover(struct aver_x12 *x, size_t finding, uint64_t from, uint64_t to)
{
    struct aver_finding *f = &aver_intake_findings(x->intake)[finding];
    if (f->covers_to == 0 || from < f->covers_from) f->covers_from = from;
    if (to > f->covers_to) f->covers_to = to;
}

static void interchange_refuse(struct aver_x12 *x, size_t finding)
{
    if (x->interchange_refused == AVER_INTAKE_NONE) x->interchange_refused = finding;
    aver_intake_withdraw(x->intake, x->claims_interchange, finding);
    sets_refuse(x, x->sets_interchange, finding);
    cover(x, finding, x->interchange_from, x->at);
}

static void group_refuse(struct aver_x12 *x, size_t finding)
{
    if (x->group_refused == AVER_INTAKE_NONE) x->group_refused = finding;
    aver_intake_withdraw(x->intake, x->claims_group, finding);
    sets_refuse(x, x->sets_group, finding);
    cover(x, finding, x->group_from, x->at);
}

static void set_refuse(struct aver_x12 *x, size_t finding)
{
    if (x->set_refused == AVER_INTAKE_NONE) x->set_refused = finding;
    aver_intake_withdraw(x->intake, x->claims_set, finding);
    cover(x, finding, x->set_from, x->at);
}

/* Every refused envelope's finding covers it to the end. */
static void covers_extend(struct aver_x12 *x)
{
    if (x->interchange_refused != AVER_INTAKE_NONE)
        cover(x, x->interchange_refused, x->interchange_from, x->at);
    if (x->group_refused != AVER_INTAKE_NONE) cover(x, x->group_refused, x->group_from, x->at);
    if (x->set_refused != AVER_INTAKE_NONE) cover(x, x->set_refused, x->set_from, x->at);
}

/* --- interchange --- */

/* From x->at to the next place where a well-formed ISA stands, or the end of the file. */
static void isa_seek(struct aver_x12 *x)
{
    const uint8_t *base = x->file.ptr;
    while (x->at < x->file.len) {
        const uint8_t *p = memchr(base + x->at, 'I', x->file.len - x->at);
        size_t to = p ? (size_t)(p - base) : x->file.len;
        for (; x->at < to; x->at++) x->line += base[x->at] == '\n';
        if (p && aver_x12_isa_shape(aver_bytes_of(p, x->file.len - x->at)) && !aver_x12_alphanumeric(p[3]))
            return;
        if (p) x->at++;
    }
}

/* What stands at x->at is no interchange: one finding covers it up to the next ISA. */
static void garbage(struct aver_x12 *x, const char *code, const char *text)
{
    size_t from = x->at;
    x->segment.offset = from;
    x->segment.line = x->line;
    x->segment.ordinal = x->segment.id = 0;
    x->segment.raw = aver_bytes_of(x->file.ptr + from, x->file.len - from);
    x->at++;
    isa_seek(x);
    enum aver_level level =
        x->interchanges == 0 && x->at == x->file.len ? AVER_LEVEL_FILE : AVER_LEVEL_INTERCHANGE;
    struct aver_x12_fault f = {.level = level, .code = code, .category = "A3"};
    size_t k = aver_x12_find(x, &x->segment, &f, "%s", text);
    cover(x, k, from, x->at);
}

static aver_bytes isa_element(const struct aver_x12 *x, unsigned n)
{
    return aver_x12_element(&x->segment, n);
}

/* At OUTSIDE: true when an interchange begins. */
static bool interchange_begin(struct aver_x12 *x)
{
    bool spaces = false;
    aver_x12_space_skip(x, &spaces);
    if (x->file.len - x->at >= 3 && memcmp(x->file.ptr + x->at, "\xef\xbb\xbf", 3) == 0) {
        x->segment.offset = x->segment.end = x->at;
        x->segment.line = x->line;
        x->segment.raw = AVER_BYTES_NONE;
        aver_x12_warn_once(x, WARNED_MARK, "X12-BYTE-ORDER-MARK",
                           "a byte order mark is skipped; send the file without it");
        x->at += 3;
    }
    if (x->at == 0 && x->file.len >= 4 &&
        (memcmp(x->file.ptr, "I\0S", 4) == 0 || memcmp(x->file.ptr, "\xff\xfeI", 4) == 0 ||
         memcmp(x->file.ptr, "\xfe\xff\0I", 4) == 0 || memcmp(x->file.ptr, "\0I\0S", 4) == 0)) {
        garbage(x, "X12-UTF16", "the file is UTF-16; send X12 as ASCII or UTF-8");
        return false;
    }
    aver_x12_space_skip(x, &spaces);
    if (x->at == x->file.len) return false;
    aver_bytes rest = aver_bytes_of(x->file.ptr + x->at, x->file.len - x->at);
    if (!aver_x12_isa_shape(rest)) {
        if (rest.len >= 3 && memcmp(rest.ptr, "ISA", 3) == 0)
            garbage(
                x, "X12-ISA",
                "the ISA segment is not 106 bytes long with its 16 separators in place; pad its elements as X12 asks");
        else
            garbage(x, "X12-NO-ISA", "no interchange begins here; an X12 file starts with ISA");
        return false;
    }
    if (x->interchanges == AVER_X12_INTERCHANGES_MAX) {
        x->segment.offset = x->at;
        x->segment.line = x->line;
        x->segment.ordinal = x->segment.id = 0;
        x->segment.raw = aver_bytes_of(rest.ptr, ISA_BYTES);
        size_t k = envelope_fault(x, AVER_LEVEL_FILE, "X12-INTERCHANGES", NULL,
                                  "the file holds more than 10000 interchanges; split it");
        cover(x, k, x->at, x->file.len);
        x->at = x->file.len;
        return false;
    }
    x->interchanges++;
    x->element = rest.ptr[3];
    x->repetition = rest.ptr[82];
    x->component = rest.ptr[104];
    x->terminator = rest.ptr[105];
    bool letter = aver_x12_alphanumeric(x->repetition) || x->repetition == ' ';
    if (letter) x->repetition = 0;
    x->interchange_from = x->at;
    x->groups = 0;
    x->interchange_refused = x->group_refused = x->set_refused = AVER_INTAKE_NONE;
    x->claims_interchange = x->intake->claims.count;
    x->sets_interchange = x->intake->sets.count;
    x->interchange = x->group = x->set = AVER_BYTES_NONE;
    if (!aver_x12_delimiters_usable(x)) {
        garbage(
            x, "X12-DELIMITERS",
            "the delimiters that ISA declares are alike, or letters, digits or spaces; declare four different ones");
        return false;
    }
    aver_x12_classes_set(x);
    x->class[rest.ptr[82]] = PLAIN; /* ISA11 itself */
    x->class[rest.ptr[104]] = PLAIN;
    bool too_long = false;
    bool whole = aver_x12_segment_scan(x, &too_long) && x->segment.raw.len == ISA_BYTES - 1;
    aver_x12_classes_set(x);
    if (!whole) { /* its terminator or another separator stands inside an element */
        x->at = (size_t)x->interchange_from;
        x->line = x->segment.line;
        garbage(x, "X12-DELIMITERS",
                "a delimiter that ISA declares stands inside one of its elements; declare another");
        return false;
    }
    x->isa = x->segment.raw;
    x->interchange = isa_element(x, 13);
    x->state = IN_INTERCHANGE;
    if (spaces)
        aver_x12_warn_once(x, WARNED_SPACE, "X12-SPACE",
                           "white space stands before an interchange and is skipped; send none but newlines");
    if (letter)
        aver_x12_warn_once(
            x, WARNED_REPETITION, "X12-ISA11",
            "ISA11 is a letter, as it was in 4010; 005010 wants the repetition separator there, for example ^");
    return true;
}

/* The digits of two numbers without leading zeros. */
static bool same_number(aver_bytes a, aver_bytes b)
{
    while (a.len > 1 && a.ptr[0] == '0') a.ptr++, a.len--;
    while (b.len > 1 && b.ptr[0] == '0') b.ptr++, b.len--;
    return a.ptr && b.ptr && aver_bytes_eq(a, b);
}

static bool count_is(aver_bytes text, uint64_t n)
{
    uint64_t v;
    while (text.len > 1 && text.ptr[0] == '0') text.ptr++, text.len--;
    return aver_bytes_u64(&v, text) == AVER_OK && v == n;
}

static void trailer_fault(struct aver_x12 *x, enum aver_level level, const char *code, unsigned element,
                          const char *what, uint64_t counted, aver_bytes header)
{
    struct aver_x12_fault f = {.level = level, .code = code, .element = element, .ik304 = "8", .ik403 = "7"};
    aver_bytes said = aver_x12_element(&x->segment, element);
    size_t k = header.ptr || element == 2
                   ? aver_x12_find(x, &x->segment, &f, "%s is \"%.*s\", but the header says \"%.*s\"", what,
                                   AVER_STR(said), AVER_STR(header))
                   : aver_x12_find(x, &x->segment, &f, "%s is \"%.*s\", but there are %llu", what,
                                   AVER_STR(said), (unsigned long long)counted);
    if (level == AVER_LEVEL_SET)
        set_refuse(x, k);
    else if (level == AVER_LEVEL_GROUP)
        group_refuse(x, k);
    else
        interchange_refuse(x, k);
}

static void interchange_end(struct aver_x12 *x)
{
    if (!count_is(aver_x12_element(&x->segment, 1), x->groups))
        trailer_fault(x, AVER_LEVEL_INTERCHANGE, "X12-IEA01", 1, "the count of groups", x->groups,
                      AVER_BYTES_NONE);
    if (!same_number(aver_x12_element(&x->segment, 2), x->interchange))
        trailer_fault(x, AVER_LEVEL_INTERCHANGE, "X12-IEA02", 2, "the interchange control number", 0,
                      x->interchange);
    covers_extend(x);
    x->state = OUTSIDE;
}

/* --- groups and sets --- */

static void group_begin(struct aver_x12 *x)
{
    x->groups++;
    x->sets = 0;
    x->set_numbers_count = 0;
    if (x->set_numbers_cap) memset(x->set_numbers, 0, x->set_numbers_cap * sizeof *x->set_numbers);
    x->group_from = x->segment.offset;
    x->group_refused = x->set_refused = AVER_INTAKE_NONE;
    x->claims_group = x->intake->claims.count;
    x->sets_group = x->intake->sets.count;
    x->gs = x->segment.raw;
    x->functional = aver_x12_element(&x->segment, 1);
    x->group = aver_x12_element(&x->segment, 6);
    x->version = aver_x12_element(&x->segment, 8);
    x->set = AVER_BYTES_NONE;
    x->state = IN_GROUP;
}

static void group_end(struct aver_x12 *x)
{
    if (!count_is(aver_x12_element(&x->segment, 1), x->sets))
        trailer_fault(x, AVER_LEVEL_GROUP, "X12-GE01", 1, "the count of sets", x->sets, AVER_BYTES_NONE);
    if (!same_number(aver_x12_element(&x->segment, 2), x->group))
        trailer_fault(x, AVER_LEVEL_GROUP, "X12-GE02", 2, "the group control number", 0, x->group);
}

/* X12.6: ST02 is unique within its group. True when `number` is new. */
static bool set_number_new(struct aver_x12 *x, aver_bytes number)
{
    uint64_t h =
        UINT64_C(14695981039346656037);     /* FNV-1a; nine digits do not collide by chance, and a set that */
    for (size_t i = 0; i < number.len; i++) /* collides on purpose is only refused as a repeat */
        h = (h ^ number.ptr[i]) * UINT64_C(1099511628211);
    h |= 1;
    if (x->set_numbers_count * 2 >= x->set_numbers_cap) {
        size_t cap = x->set_numbers_cap ? x->set_numbers_cap * 2 : 64;
        uint64_t *grown = AVER_NEW_ARRAY(x->intake->arena, uint64_t, cap);
        for (size_t i = 0; i < x->set_numbers_cap; i++) {
            if (!x->set_numbers[i]) continue;
            size_t k = (size_t)(x->set_numbers[i] >> 1) & (cap - 1);
            while (grown[k]) k = (k + 1) & (cap - 1);
            grown[k] = x->set_numbers[i];
        }
        x->set_numbers = grown;
        x->set_numbers_cap = cap;
    }
    size_t k = (size_t)(h >> 1) & (x->set_numbers_cap - 1);
    for (; x->set_numbers[k]; k = (k + 1) & (x->set_numbers_cap - 1))
        if (x->set_numbers[k] == h) return false;
    x->set_numbers[k] = h;
    x->set_numbers_count++;
    return true;
}

static void set_begin(struct aver_x12 *x)
{
    x->sets++;
    x->segments = 1;
    x->segment.ordinal = 1;
    x->set_from = x->segment.offset;
    x->claims_set = x->intake->claims.count;
    x->set_refused = AVER_INTAKE_NONE;
    x->st = x->segment.raw;
    x->set_id = aver_x12_element(&x->segment, 1);
    x->set = aver_x12_element(&x->segment, 2);
    x->set_version = aver_x12_element(&x->segment, 3);
    x->state = IN_SET;
    struct aver_intake_set *set = aver_list_add(x->intake->arena, &x->intake->sets, sizeof *set);
    *set = (struct aver_intake_set){x->isa, x->gs, x->st, AVER_INTAKE_NONE};
    struct aver_x12_fault f = {
        .level = AVER_LEVEL_SET, .code = "X12-ST02", .element = 2, .ik304 = "8", .ik403 = "7"};
    if (!x->set.ptr || x->set.len > 9)
        set_refuse(x,
                   aver_x12_find(x, &x->segment, &f, "the set control number must have 4 to 9 characters"));
    else if (!set_number_new(x, x->set))
        set_refuse(x, aver_x12_find(x, &x->segment, &f,
                                    "the set control number %.*s is used twice in one group; number the sets",
                                    AVER_STR(x->set)));
}

static void set_end(struct aver_x12 *x)
{
    if (x->pending) {
        x->segment.ordinal = 0;
        set_refuse(x, envelope_fault(x, AVER_LEVEL_SET, "X12-SE-MISSING", "3",
                                     "the set ends without its SE segment"));
        return;
    }
    if (!count_is(aver_x12_element(&x->segment, 1), x->segments))
        trailer_fault(x, AVER_LEVEL_SET, "X12-SE01", 1, "the count of segments", x->segments,
                      AVER_BYTES_NONE);
    if (!same_number(aver_x12_element(&x->segment, 2), x->set))
        trailer_fault(x, AVER_LEVEL_SET, "X12-SE02", 2, "the set control number", 0, x->set);
}

/* Leaves the set once the caller has seen its end. */
static void set_leave(struct aver_x12 *x)
{
    covers_extend(x);
    size_t refused = aver_x12_refused(x);
    if (refused != AVER_INTAKE_NONE) sets_refuse(x, x->intake->sets.count - 1, refused);
    x->set = AVER_BYTES_NONE;
    x->set_refused = AVER_INTAKE_NONE;
    x->state = IN_GROUP;
}

static void group_leave(struct aver_x12 *x)
{
    covers_extend(x);
    x->group = x->version = AVER_BYTES_NONE;
    x->group_refused = AVER_INTAKE_NONE;
    x->state = IN_INTERCHANGE;
}

/* The interchange ends without IEA, at the end of the file or at another ISA, or cannot be read on. */
static void interchange_lost(struct aver_x12 *x, const char *code, const char *text)
{
    interchange_refuse(x, envelope_fault(x, AVER_LEVEL_INTERCHANGE, code, NULL, text));
}

static bool is_isa(const struct aver_x12 *x)
{
    return x->segment.id == AVER_X12_ID3('I', 'S', 'A') &&
           aver_x12_isa_shape(
               aver_bytes_of(x->file.ptr + x->segment.offset, x->file.len - x->segment.offset));
}

enum { GONE = -1, STAY = 0 }; /* what envelope_step found, beside events */

static int step(struct aver_x12 *x)
{
    enum got got = aver_x12_segment_next(x);
    if (got == GOT_TOO_LONG) {
        interchange_lost(x, "X12-SEGMENT-LENGTH",
                         "no segment terminator in 16384 bytes; the interchange is given up from here");
        x->at = x->next;
        isa_seek(x);
        covers_extend(x);
        return GONE;
    }
    if (got == GOT_END) {
        interchange_lost(x, "X12-TRUNCATED", "the file ends inside an interchange; send it to its IEA");
        return GONE;
    }
    uint32_t id = x->segment.id;
    if (x->segment.flags & AVER_X12_CUT && id != AVER_X12_ID3('I', 'E', 'A')) {
        interchange_lost(x, "X12-TRUNCATED", "the file ends inside a segment; send it to its IEA");
        return GONE;
    }
    if (is_isa(x)) {
        x->at = (size_t)x->segment.offset;
        x->line = x->segment.line;
        interchange_lost(x, "X12-IEA-MISSING", "another ISA begins before this interchange's IEA");
        return GONE;
    }
    bool envelope = id == AVER_X12_ID2('S', 'T') || id == AVER_X12_ID2('G', 'S') ||
                    id == AVER_X12_ID2('G', 'E') || id == AVER_X12_ID3('I', 'E', 'A');
    if (x->state == IN_SET) {
        if (id == AVER_X12_ID2('S', 'E') || envelope) {
            /* Judged when the set is left, so that the caller's findings about it stand first. */
            x->pending = envelope;
            return AVER_X12_SET_END;
        }
        if (x->segments <= AVER_X12_SET_SEGMENTS_MAX) return AVER_X12_SEGMENT;
        interchange_lost(x, "X12-SEGMENTS", "the set has more than 10000000 segments; split it");
        isa_seek(x);
        return GONE;
    }
    if (x->state == IN_GROUP) {
        if (id == AVER_X12_ID2('S', 'T')) {
            set_begin(x);
            return AVER_X12_SET;
        }
        if (id == AVER_X12_ID2('G', 'E'))
            group_end(x);
        else if (envelope) {
            group_refuse(x, envelope_fault(x, AVER_LEVEL_GROUP, "X12-GE-MISSING", NULL,
                                           "the group ends without its GE segment"));
            x->pending = true;
        } else {
            if (x->group_refused == AVER_INTAKE_NONE)
                group_refuse(x, envelope_fault(x, AVER_LEVEL_GROUP, "X12-ENVELOPE", "2",
                                               "only ST or GE may stand here, between two sets of a group"));
            return STAY;
        }
        return AVER_X12_GROUP_END;
    }
    if (id == AVER_X12_ID2('G', 'S')) {
        group_begin(x);
        return AVER_X12_GROUP;
    }
    if (id == AVER_X12_ID3('I', 'E', 'A')) {
        if (x->segment.flags & AVER_X12_CUT)
            aver_x12_warn_once(x, WARNED_END, "X12-TERMINATOR",
                               "the last segment has no terminator; send the file to its last byte");
        interchange_end(x);
    } else if (id != AVER_X12_ID3('T', 'A', '1') && x->interchange_refused == AVER_INTAKE_NONE)
        interchange_refuse(
            x, envelope_fault(x, AVER_LEVEL_INTERCHANGE, "X12-ENVELOPE", "2",
                              "only GS or IEA may stand here, between two groups of an interchange"));
    return STAY;
}

/* What is left at the next call, after its end event has been given. */
enum { LEAVING_SET = 1, LEAVING_GROUP };

enum aver_x12_event aver_x12_next(struct aver_x12 *x)
{
    for (;;) {
        if (x->leaving == LEAVING_SET) {
            if (!x->lost) set_end(x);
            set_leave(x);
        } else if (x->leaving == LEAVING_GROUP)
            group_leave(x);
        x->leaving = 0;
        if (x->lost) {
            /* Unwinds what is open, so that the caller sees an end for every beginning. */
            if (x->state == IN_SET) {
                x->leaving = LEAVING_SET;
                return AVER_X12_SET_END;
            }
            if (x->state == IN_GROUP) {
                x->leaving = LEAVING_GROUP;
                return AVER_X12_GROUP_END;
            }
            covers_extend(x);
            x->lost = false;
            x->pending = false;
            x->state = OUTSIDE;
        }
        if (x->state == OUTSIDE) {
            if (!interchange_begin(x) && x->at == x->file.len) return AVER_X12_END;
            continue;
        }
        int event = step(x);
        if (event == GONE)
            x->lost = true;
        else if (event == AVER_X12_SET_END)
            x->leaving = LEAVING_SET;
        else if (event == AVER_X12_GROUP_END)
            x->leaving = LEAVING_GROUP;
        if (event > STAY) return (enum aver_x12_event)event;
    }
}
