/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Text and numbers on the page.
 */
#include "html.h"

#define REPLACEMENT 0xfffd

/*
 * XML has no character for most control codes, and those that turn the
 * direction of text let a name look like another one.
 */
static gunichar visible(gunichar c)
{
    if (c == '\n' || c == '\t') {
        return c;
    }
    if (c < 0x20) {
        return 0x2400 + c;
    }
    if ((c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) ||
        (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
        (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef)) {
        return REPLACEMENT;
    }
    return c;
}

void html_text(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    const char *p;

    for (p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = visible(g_utf8_get_char(p));

        switch (c) {
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '"':
            g_string_append(out, "&quot;");
            break;
        default:
            g_string_append_unichar(out, c);
        }
    }
}

void html_add(GString *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_string_append_vprintf(out, format, args);
    va_end(args);
}

void html_count(GString *out, guint64 count)
{
    if (count >= 1000) {
        html_count(out, count / 1000);
        html_add(out, ",%03u", (unsigned)(count % 1000));
    } else {
        html_add(out, "%u", (unsigned)count);
    }
}

void html_counted(GString *out, guint64 count, const char *what)
{
    html_count(out, count);
    html_add(out, " %s%s", what, count == 1 ? "" : "s");
}

void html_time(GString *out, guint64 t_ns)
{
    html_add(out, "%" G_GUINT64_FORMAT ".%06u s",
             t_ns / G_GUINT64_CONSTANT(1000000000),
             (unsigned)(t_ns / 1000 % 1000000));
}

unsigned html_level(guint64 count)
{
    unsigned bits = 0;

    if (count == G_MAXUINT64) {
        count--;
    }
    for (count++; count >> bits > 1; bits++) {
    }
    return bits * 16 +
           (unsigned)((bits > 4 ? count >> (bits - 4) : count << (4 - bits)) -
                      16);
}

const char *html_class_name(enum html_class class)
{
    static const char *const names[HTML_CLASSES] = {
        [HTML_T0] = "T=0 passed",
        [HTML_T1] = "T=1 passed",
        [HTML_T0_STOPPED] = "T=0 stopped",
        [HTML_T1_STOPPED] = "T=1 stopped",
    };

    return names[class];
}
