/* adapters/x12_write.c - segments for what we send as X12. */
#include <inttypes.h>

#include "adapters/x12_write.h"

#define ISA_ID_MAX 15

/* U+00C0 to U+00FF; '?' where no letter of ASCII comes near. */
static const char latin1[] = "AAAAAAACEEEEIIIIDNOOOOO?OUUUUYTsaaaaaaaceeeeiiiidnooooo?ouuuuyty";

static uint8_t clean_byte(uint8_t c)
{
    if (c == '*' || c == ':' || c == '^' || c == '~') return '-';
    if (c == '`') return '\'';
    if (c < ' ' || c == 0x7f) return ' ';
    return c;
}

void aver_x12_clean(struct aver_buf *out, aver_bytes text, size_t max)
{
    size_t start = out->len;
    for (size_t i = 0; i < text.len && out->len - start < max; i++) {
        uint8_t c = text.ptr[i];
        if (c < 0x80) {
            c = clean_byte(c);
            if (c != ' ' || out->len > start) aver_buf_byte(out, c);
        } else if (c == 0xc3 && i + 1 < text.len && (text.ptr[i + 1] & 0xc0) == 0x80) {
            aver_buf_byte(out, (uint8_t)latin1[text.ptr[++i] & 0x3f]);
        } else if ((c & 0xc0) != 0x80) { /* the rest of a longer sequence adds nothing */
            aver_buf_byte(out, '?');
        }
    }
    while (out->len > start && out->ptr[out->len - 1] == ' ') out->len--;
}

void aver_x12_put_segment(struct aver_x12_writer *w, const char *id)
{
    aver_buf_str(w->out, id);
    w->pending = 0;
}

/* Writes the separators up to the element that is about to be written. */
static void reach(struct aver_x12_writer *w)
{
    for (; w->pending > 0; w->pending--) aver_buf_byte(w->out, '*');
}

void aver_x12_put_text(struct aver_x12_writer *w, aver_bytes text, size_t max)
{
    w->pending++;
    size_t before = w->out->len, pending = w->pending;
    reach(w);
    size_t start = w->out->len;
    aver_x12_clean(w->out, text, max);
    if (w->out->len > start) return;
    w->out->len = before;
    w->pending = pending;
}

void aver_x12_put_code(struct aver_x12_writer *w, const char *code)
{
    w->pending++;
    if (!*code) return;
    reach(w);
    aver_buf_str(w->out, code);
}

void aver_x12_put_number(struct aver_x12_writer *w, uint64_t n)
{
    w->pending++;
    reach(w);
    aver_buf_printf(w->out, "%" PRIu64, n);
}

void aver_x12_put_cents(struct aver_x12_writer *w, int64_t cents)
{
    char text[AVER_MONEY_TEXT];
    aver_x12_put_code(w, aver_cents_x12(text, cents));
}

void aver_x12_put_units(struct aver_x12_writer *w, uint64_t thousandths)
{
    aver_x12_put_number(w, thousandths / 1000);
    unsigned rest = (unsigned)(thousandths % 1000);
    if (rest == 0) return;
    aver_buf_printf(w->out, ".%03u", rest);
    while (w->out->ptr[w->out->len - 1] == '0') w->out->len--;
}

void aver_x12_put_day(struct aver_x12_writer *w, aver_day day)
{
    char text[AVER_DAY_TEXT];
    aver_x12_put_code(w, day == AVER_NO_DAY ? "" : aver_day_ccyymmdd(text, day));
}

void aver_x12_put_component(struct aver_x12_writer *w, aver_bytes text, size_t max)
{
    aver_buf_byte(w->out, ':');
    size_t start = w->out->len;
    aver_x12_clean(w->out, text, max);
    if (w->out->len == start) w->out->len--;
}

void aver_x12_put_end(struct aver_x12_writer *w)
{
    aver_buf_str(w->out, "~\n");
    w->pending = 0;
    w->segments++;
}

static void isa_id(struct aver_buf *out, aver_bytes id)
{
    size_t start = out->len;
    aver_buf_str(out, "*ZZ*");
    aver_x12_clean(out, id, ISA_ID_MAX);
    while (out->len - start < 4 + ISA_ID_MAX) aver_buf_byte(out, ' ');
}

void aver_x12_begin_interchange(struct aver_x12_writer *w, aver_bytes sender, aver_bytes receiver,
                                aver_day day, uint64_t control, char usage, const char *functional_id,
                                const char *version)
{
    char date[AVER_DAY_TEXT];
    aver_day_ccyymmdd(date, day);
    aver_buf_str(w->out, "ISA*00*          *00*          ");
    isa_id(w->out, sender);
    isa_id(w->out, receiver);
    aver_buf_printf(w->out, "*%s*0000*^*00501*%09" PRIu64 "*0*%c*:~\n", date + 2, control, usage);
    aver_x12_put_segment(w, "GS");
    aver_x12_put_code(w, functional_id);
    aver_x12_put_text(w, sender, ISA_ID_MAX);
    aver_x12_put_text(w, receiver, ISA_ID_MAX);
    aver_x12_put_code(w, date);
    aver_x12_put_code(w, "0000");
    aver_x12_put_number(w, control);
    aver_x12_put_code(w, "X");
    aver_x12_put_code(w, version);
    aver_x12_put_end(w);
}

void aver_x12_end_interchange(struct aver_x12_writer *w, uint64_t sets, uint64_t control)
{
    aver_x12_put_segment(w, "GE");
    aver_x12_put_number(w, sets);
    aver_x12_put_number(w, control);
    aver_x12_put_end(w);
    aver_buf_printf(w->out, "IEA*1*%09" PRIu64 "~\n", control);
}
