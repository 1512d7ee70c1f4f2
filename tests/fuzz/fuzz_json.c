/* tests/fuzz/fuzz_json.c - whatever is read can be written, and reads the same again; whatever is refused says where. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In both trees every value has the same path, kind, name and text; containers have other spacing. */
static void must_equal(const struct aver_json *a, const struct aver_json *b)
{
    const struct aver_json *top = a;
    for (;;) {
        AVER_ASSERT(a->kind == b->kind && a->count == b->count && a->index == b->index);
        AVER_ASSERT(aver_bytes_eq(a->key, b->key) && !a->key.ptr == !b->key.ptr);
        bool scalar = a->kind != AVER_JSON_ARRAY && a->kind != AVER_JSON_OBJECT;
        AVER_ASSERT(!scalar || aver_bytes_eq(a->text, b->text));
        AVER_ASSERT(a->kind != AVER_JSON_STRING || aver_bytes_utf8(a->text));
        if (a->key.ptr) AVER_ASSERT(aver_json_find(a->parent, a->key) == a);
        AVER_ASSERT(!a->first == !b->first);
        if (a->first) {
            a = a->first, b = b->first;
            continue;
        }
        while (a != top && !a->next) {
            AVER_ASSERT(!b->next);
            a = a->parent, b = b->parent;
        }
        if (a == top) return;
        AVER_ASSERT(b->next);
        a = a->next, b = b->next;
    }
}

static void write_to(struct aver_buf *buf, const struct aver_json *value, bool pretty)
{
    struct aver_json_writer w = {.buf = buf, .pretty = pretty};
    aver_json_put_value(&w, value);
    aver_json_finish(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    const struct aver_json *first = NULL, *again = NULL;
    if (aver_json_parse(&first, &arena, aver_bytes_of(data, size), &why) == AVER_OK) {
        struct aver_buf once[2] = {{0}}, twice[2] = {{0}};
        for (int pretty = 0; pretty < 2; pretty++) {
            write_to(&once[pretty], first, pretty);
            AVER_ASSERT(aver_json_parse(&again, &arena, aver_buf_view(&once[pretty]), NULL) == AVER_OK);
            must_equal(first, again);
            write_to(&twice[pretty], again, pretty);
            AVER_ASSERT(aver_bytes_eq(aver_buf_view(&once[pretty]), aver_buf_view(&twice[pretty])));
        }
        for (int i = 0; i < 2; i++) aver_buf_free(&once[i]), aver_buf_free(&twice[i]);
    } else {
        AVER_ASSERT(!first && why.code[0] && why.text[0] && strncmp(why.place, "line ", 5) == 0);
        AVER_ASSERT(!strpbrk(why.place, "\n\r") && !strpbrk(why.text, "\n\r"));
    }
    /* Any bytes at all make a string that reads. */
    struct aver_buf text = {0};
    struct aver_json_writer w = {.buf = &text};
    aver_json_put_string(&w, size ? aver_bytes_of(data, size) : AVER_LIT(""));
    aver_json_finish(&w);
    AVER_ASSERT(aver_json_parse(&again, &arena, aver_buf_view(&text), NULL) == AVER_OK);
    if (aver_bytes_utf8(aver_bytes_of(data, size)))
        AVER_ASSERT(aver_bytes_eq(aver_json_string(again), aver_bytes_of(data, size)));
    aver_buf_free(&text);
    aver_arena_free(&arena);
    return 0;
}
