/* ledger/transition/act.c - see act.h. */
#include "ledger/transition/act.h"

#include <string.h>

enum aver_trap aver_act_rule(struct aver_call *call, const char *text)
{
    aver_call_say(call, "%s", text);
    return AVER_TRAP_RULE;
}

static enum aver_trap read_group(struct aver_call *call, aver_bytes text, enum aver_group *out)
{
    for (enum aver_group g = AVER_GROUP_CO; text.len == 2 && g <= AVER_GROUP_PR; g++)
        if (!memcmp(text.ptr, aver_group_names[g], 2)) {
            *out = g;
            return AVER_TRAP_NONE;
        }
    aver_call_say(call, "the group must be CO, OA, PI or PR, not %.*s", AVER_STR(text));
    return AVER_TRAP_ARGUMENT;
}

/* Capital letters and digits: nothing that could end an element or a segment of the 835. */
static bool is_code(aver_bytes text, size_t min, size_t max)
{
    if (text.len < min || text.len > max) return false;
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= '0' && text.ptr[i] <= '9') || (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z')))
            return false;
    return true;
}

/* Words that a decision can hold. */
bool aver_act_one_line(aver_bytes text, size_t max)
{
    if (text.len < 1 || text.len > max || !aver_bytes_utf8(text)) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) return false;
    return true;
}

/* Every reason is a place in the policy that exists. */
enum aver_trap aver_act_because(struct aver_call *call, int i, const struct aver_policy_node **out)
{
    static const char paths;
    struct aver_case *c = call->host;
    aver_bytes path;
    enum aver_trap trap = aver_arg_text(call, i, "because", &path);
    if (trap) return trap;
    const void **known = aver_call_memo_text(call, path, &paths);
    if (known && *known) {
        *out = *known;
        return AVER_TRAP_NONE;
    }
    *out = aver_policy_at(&c->policy->root, path);
    if (*out && path.len) {
        if (known) *known = *out;
        return AVER_TRAP_NONE;
    }
    aver_call_say(call, "the policy has nothing at %.*s: because must be the path of what decides",
                  AVER_STR(path));
    return AVER_TRAP_RULE;
}

enum aver_trap aver_act_carc(struct aver_call *call, int i, struct aver_act *out)
{
    enum aver_trap trap = aver_arg_text(call, i, "carc", &out->carc);
    if (trap) return trap;
    if (is_code(out->carc, 1, 3)) return AVER_TRAP_NONE;
    aver_call_say(call, "carc must be a claim adjustment reason code such as \"45\", not %.*s",
                  AVER_STR(out->carc));
    return AVER_TRAP_ARGUMENT;
}

static enum aver_trap texts(struct aver_call *call, struct aver_value list, const char *name, size_t max,
                            struct aver_arena *arena, struct aver_act_options *o, struct aver_list *out)
{
    if (list.kind == AVER_NIL) return AVER_TRAP_NONE;
    if (list.kind != AVER_TABLE) return aver_call_say(call, "%s must be a list", name), AVER_TRAP_ARGUMENT;
    for (uint64_t i = 1;; i++) {
        struct aver_value v = aver_call_item(call, &list, i);
        o->gas += AVER_GAS_CALL_FIELD;
        if (v.kind == AVER_NIL) return AVER_TRAP_NONE;
        if (v.kind != AVER_TEXT || v.text.len == 0 || v.text.len > 32 || out->count == max)
            return aver_call_say(call, "%s must be a list of at most %zu short strings", name, max),
                   AVER_TRAP_ARGUMENT;
        *(aver_bytes *)aver_list_add(arena, out, sizeof(aver_bytes)) = aver_arena_copy(arena, v.text);
    }
}

static struct aver_value option(struct aver_call *call, const struct aver_value *table, const char *name,
                                struct aver_act_options *o)
{
    o->gas += AVER_GAS_CALL_FIELD;
    return aver_call_field(call, table, name);
}

static enum aver_trap fill_options(struct aver_call *call, const struct aver_value *table,
                                   struct aver_arena *arena, struct aver_act_options *o)
{
    enum aver_trap trap;
    struct aver_value group = option(call, table, "group", o), note = option(call, table, "note", o),
                      fee = option(call, table, "fee", o), edit = option(call, table, "edit", o),
                      copay = option(call, table, "copay", o);
    if (group.kind == AVER_TEXT && (trap = read_group(call, group.text, &o->group))) return trap;
    o->grouped = group.kind == AVER_TEXT;
    if ((trap = texts(call, option(call, table, "rarc", o), "rarc", 5, arena, o, &o->rarc))) return trap;
    for (size_t i = 0; i < o->rarc.count; i++)
        if (!is_code(((aver_bytes *)o->rarc.items)[i], 2, 5))
            return aver_call_say(call, "rarc must be a list of remark codes such as \"N130\""),
                   AVER_TRAP_ARGUMENT;
    struct aver_value consumes = option(call, table, "consumes", o);
    o->consuming = consumes.kind != AVER_NIL;
    if ((trap = texts(call, consumes, "consumes", 4, arena, o, &o->consumes))) return trap;
    if (note.kind != AVER_NIL && (note.kind != AVER_TEXT || !aver_act_one_line(note.text, 256)))
        return aver_call_say(call, "note must be one line of 1 to 256 bytes"), AVER_TRAP_ARGUMENT;
    if (note.kind == AVER_TEXT) o->note = aver_arena_copy(arena, note.text);
    if (fee.kind != AVER_NIL && (fee.kind != AVER_OBJECT || fee.object.type != &aver_fee_type))
        return aver_call_say(call, "fee must be what fees.find returned"), AVER_TRAP_ARGUMENT;
    if (fee.kind == AVER_OBJECT) o->fee = fee.object.self;
    if (edit.kind != AVER_NIL && (edit.kind != AVER_OBJECT || edit.object.type != &aver_edit_type))
        return aver_call_say(call, "edit must be what edits.pairs or edits.units returned"),
               AVER_TRAP_ARGUMENT;
    if (edit.kind == AVER_OBJECT) o->edit = edit.object.self;
    o->copay = copay.kind == AVER_BOOL && copay.boolean;
    return AVER_TRAP_NONE;
}

/* Options that were prepared (vm.h) are read once; what reading them takes is charged each time. */
enum aver_trap aver_act_options_read(struct aver_call *call, int i, struct aver_act *out)
{
    static const struct aver_act_options none;
    const struct aver_value *table = &call->args[i];
    struct aver_case *c = call->host;
    out->options = &none;
    if (table->kind == AVER_NIL) return AVER_TRAP_NONE;
    if (table->kind != AVER_TABLE)
        return aver_call_say(call, "the last argument must be a table of options"), AVER_TRAP_ARGUMENT;
    void **known = aver_call_memo_table(call, table);
    if (known && *known) {
        out->options = *known;
        aver_call_charge(call, out->options->gas);
        return AVER_TRAP_NONE;
    }
    struct aver_arena *arena = known ? aver_call_memo_room(call) : c->arena;
    struct aver_act_options *o = AVER_NEW(arena, struct aver_act_options);
    *o = (struct aver_act_options){0};
    enum aver_trap trap = fill_options(call, table, arena, o);
    if (trap) return trap;
    if (known) *known = o;
    out->options = o;
    return AVER_TRAP_NONE;
}

enum aver_trap aver_act_read(struct aver_call *call, int at_group, int at_because, struct aver_act *out)
{
    aver_bytes group;
    enum aver_trap trap = aver_arg_text(call, at_group, "group", &group);
    if (trap) return trap;
    if ((trap = read_group(call, group, &out->group))) return trap;
    if ((trap = aver_act_carc(call, at_group + 1, out))) return trap;
    if ((trap = aver_act_because(call, at_because, &out->because))) return trap;
    return aver_act_options_read(call, at_because + 1, out);
}
