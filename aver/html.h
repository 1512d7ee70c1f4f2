/* aver/html.h - text on its way into an HTML page: nothing that a claim or a policy says becomes markup. */
#ifndef AVER_AVER_HTML_H
#define AVER_AVER_HTML_H

#include "base/bytes.h"

/* Appends the text, safe within an element and within a quoted attribute: & < > " ' are written as references; control
 * characters, bytes that are no UTF-8, and the marks that turn the direction of writing (U+061C, U+200E, U+200F, U+202A to
 * U+202E, U+2066 to U+2069), with which a text could look like another, become U+FFFD. */
void aver_html_text(struct aver_buf *out, aver_bytes text);
/* The same for a format whose result is a text: its arguments may be anything, the format too. */
void aver_html_printf(struct aver_buf *out, const char *fmt, ...) AVER_PRINTF(2, 3);

#endif
