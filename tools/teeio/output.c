/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "output.h"
#include "tool.h"

#include <unistd.h>

static bool pick_format(struct teeio_output *out, const char *format,
                        GError **error)
{
    static const struct teeio_output_ops *const formats[] = {
        &teeio_output_text, &teeio_output_ktap, &teeio_output_tap,
        &teeio_output_json, &teeio_output_junit};
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (!format || g_str_equal(formats[i]->name, format)) {
            out->ops = formats[i];
            return true;
        }
    }
    teeio_set_error(error, TEEIO_EXIT_USAGE, TEEIO_OUTPUT_FORMATS,
                    "--format: unknown format \"%s\"", format);
    return false;
}

/* NO_COLOR is stronger than CLICOLOR_FORCE; a dumb terminal has no colour. */
static bool pick_colour(struct teeio_output *out, const char *colour,
                        GError **error)
{
    const char *none = g_getenv("NO_COLOR");
    const char *force = g_getenv("CLICOLOR_FORCE");

    if (!colour || g_str_equal(colour, "auto")) {
        if (none && *none) {
            out->colour = false;
        } else if (force && *force && !g_str_equal(force, "0")) {
            out->colour = true;
        } else {
            out->colour = isatty(STDOUT_FILENO) &&
                          g_strcmp0(g_getenv("TERM"), "dumb") != 0;
        }
        return true;
    }
    out->colour = g_str_equal(colour, "always");
    if (!out->colour && !g_str_equal(colour, "never")) {
        teeio_set_error(error, TEEIO_EXIT_USAGE, "auto, always or never",
                        "--color: unknown value \"%s\"", colour);
        return false;
    }
    return true;
}

bool teeio_output_pick(struct teeio_output *out, const char *format,
                       const char *colour, GError **error)
{
    return pick_format(out, format, error) && pick_colour(out, colour, error);
}

void teeio_output_report(struct teeio_output *out,
                         const struct teeio_report *report)
{
    out->counts[report->outcome]++;
    out->ops->report(out, report);
}

int teeio_output_exit(const struct teeio_output *out)
{
    const unsigned *counts = out->counts;

    if (teeio_interrupted()) {
        return TEEIO_EXIT_INTERRUPTED;
    }
    if (counts[TEEIO_FAIL] || counts[TEEIO_XPASS]) {
        return TEEIO_EXIT_UNEXPECTED;
    }
    if (counts[TEEIO_ERROR]) {
        return TEEIO_EXIT_RIG;
    }
    if (out->scenarios && counts[TEEIO_SKIP] == out->scenarios) {
        return TEEIO_EXIT_SKIPPED;
    }
    return TEEIO_EXIT_OK;
}
