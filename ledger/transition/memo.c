/* ledger/transition/memo.c - see memo.h. */
#include "ledger/transition/memo.h"

#include <string.h>

#include "ledger/model/state.h"

/* Claims and members are many, and seldom read twice. */
static bool worth_keeping(aver_bytes secret, aver_bytes name)
{
    if (secret.len != 32 || name.len == 0 || name.len > AVER_MEMO_NAME_BYTES) return false;
    return name.len == 1 || (name.ptr[1] == '/' && !memchr("cfm", name.ptr[0], 3));
}

static size_t slot_of(aver_bytes name)
{
    uint32_t h = (uint32_t)name.len;
    for (size_t i = 0; i < name.len; i++) h = (h ^ name.ptr[i]) * UINT32_C(0x01000193);
    return (h ^ h >> 16) % AVER_MEMO_SLOTS;
}

struct aver_memo_entry *aver_memo_key(struct aver_memo *memo, aver_bytes secret,
                                      const struct aver_hmac_key *made, aver_bytes name)
{
    if (!memo || !worth_keeping(secret, name)) return NULL;
    struct aver_memo_entry *e = &memo->of[slot_of(name)];
    if (e->name_len == name.len && memcmp(e->name, name.ptr, name.len) == 0 &&
        memcmp(e->secret, secret.ptr, sizeof e->secret) == 0)
        return e;
    memcpy(e->secret, secret.ptr, sizeof e->secret);
    memcpy(e->name, name.ptr, name.len);
    e->name_len = (uint16_t)name.len;
    e->has_value = false;
    e->key = aver_state_key_by(made, name);
    return e;
}

aver_digest aver_memo_value(struct aver_memo_entry *e, const struct aver_hmac_key *made, aver_bytes name,
                            uint64_t height, aver_bytes record)
{
    if (e->has_value && e->height == height && e->record_len == record.len &&
        (record.len == 0 || memcmp(e->record, record.ptr, record.len) == 0))
        return e->value;
    aver_digest value = aver_state_value_by(made, name, height, record);
    if (record.len <= AVER_MEMO_RECORD_BYTES) {
        if (record.len) memcpy(e->record, record.ptr, record.len);
        e->record_len = (uint16_t)record.len;
        e->height = height;
        e->value = value;
        e->has_value = true;
    }
    return value;
}
