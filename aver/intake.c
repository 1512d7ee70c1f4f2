/* aver/intake.c - see intake.h. */
#include "aver/intake.h"

#include "adapters/csv_claims.h"
#include "adapters/x12_837.h"

#include <string.h>

const char *const aver_intake_format_names[] = {NULL, "auto", "837p", "csv"};

/* The first bytes that are no white space and no byte order mark. */
static aver_bytes start(aver_bytes file)
{
    if (file.len >= 3 && !memcmp(file.ptr, "\xef\xbb\xbf", 3)) file = aver_bytes_cut(file, 3, file.len - 3);
    while (file.len && (file.ptr[0] == ' ' || (file.ptr[0] >= '\t' && file.ptr[0] <= '\r')))
        file = aver_bytes_cut(file, 1, file.len - 1);
    return file;
}

/* What no reader here knows; 0: it may be CSV. */
static const char *unknown(aver_bytes text)
{
    if (text.len == 0) return "the file is empty";
    if (text.ptr[0] == '{' || text.ptr[0] == '[')
        return "this looks like JSON; submit reads X12 837P and CSV";
    if (text.ptr[0] == '<') return "this looks like XML; submit reads X12 837P and CSV";
    if (text.len >= 2 &&
        ((text.ptr[0] == 0xff && text.ptr[1] == 0xfe) || (text.ptr[0] == 0xfe && text.ptr[1] == 0xff)))
        return "the file is UTF-16; save it as UTF-8";
    if (text.len >= 4 && !memcmp(text.ptr, "PK\3\4", 4))
        return "this is a spreadsheet's own file or an archive; save the sheet as CSV (UTF-8)";
    if (text.ptr[0] == '%' || memchr(text.ptr, 0, text.len))
        return "this is no text; submit reads X12 837P and CSV";
    const uint8_t *end = memchr(text.ptr, '\n', text.len);
    size_t first = end ? (size_t)(end - text.ptr) : text.len;
    if (memchr(text.ptr, ',', first)) return NULL;
    if (memchr(text.ptr, ';', first) || memchr(text.ptr, '\t', first))
        return "the columns stand with semicolons or tabs between; save the file with commas, as CSV has them";
    return "it begins neither with ISA, as X12 does, nor with the names of columns, as CSV does; submit reads "
           "X12 837P and CSV";
}

void aver_intake_read(struct aver_intake *intake, aver_bytes file, uint64_t format)
{
    aver_bytes text = start(file);
    bool x12 = text.len >= 3 && !memcmp(text.ptr, "ISA", 3);
    if (format == AVER_INTAKE_837P || (format != AVER_INTAKE_CSV && x12)) {
        aver_x12_837_read(intake, file);
        return;
    }
    const char *not_known = format == AVER_INTAKE_CSV ? NULL : unknown(text);
    if (!not_known) {
        aver_csv_claims_read(intake, file);
        return;
    }
    struct aver_finding *f = aver_intake_finding(intake, AVER_LEVEL_FILE, "FILE-FORMAT");
    f->place = AVER_LIT("byte 0");
    f->covers_to = file.len;
    aver_finding_say(intake, f, "%s", not_known);
}
