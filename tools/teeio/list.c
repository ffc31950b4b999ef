/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio list: which scenarios there are.
 */
#include "output.h"
#include "tool.h"

#include <stdio.h>

static GOptionContext *options(char **format, char **own, char ***globs)
{
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_STRING, format, "text, json or ids",
         "FORMAT"},
        {"scenarios", 0, 0, G_OPTION_ARG_FILENAME, own,
         "folder with scenarios of your own", "DIR"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, globs, NULL,
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("[GLOB...]");

    g_option_context_set_summary(context,
                                 "List scenarios, all or those that a GLOB "
                                 "matches.");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *list_help(void)
{
    char *format = NULL;
    char *own = NULL;
    char **globs = NULL;
    GOptionContext *context = options(&format, &own, &globs);
    char *text;

    g_set_prgname("teeio list");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static void print_text(GPtrArray *scenarios)
{
    guint i;

    for (i = 0; i < scenarios->len; i++) {
        const struct teeio_scenario *scenario = scenarios->pdata[i];

        printf("%-24s %s, %s\n    %s\n", scenario->id, scenario->board,
               scenario->kernel, scenario->claim);
    }
}

static int print_list(GPtrArray *scenarios, const char *format)
{
    guint i;

    if (!format || g_str_equal(format, "text")) {
        print_text(scenarios);
    } else if (g_str_equal(format, "json")) {
        g_autofree char *json = teeio_json_list(scenarios);

        fputs(json, stdout);
    } else if (g_str_equal(format, "ids")) {
        for (i = 0; i < scenarios->len; i++) {
            const struct teeio_scenario *scenario = scenarios->pdata[i];

            printf("%s\n", scenario->id);
        }
    } else {
        return teeio_usage("text, json or ids",
                           "--format: unknown format \"%s\"", format);
    }
    return TEEIO_EXIT_OK;
}

static int list_main(int argc, char **argv)
{
    g_autofree char *format = NULL;
    g_autofree char *own = NULL;
    g_auto(GStrv) globs = NULL;
    GOptionContext *context = options(&format, &own, &globs);
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) chosen = NULL;
    char *everything[] = {(char *)"*", NULL};
    GError *error = NULL;
    bool parsed;

    g_set_prgname("teeio list");
    parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    if (!parsed) {
        int code = teeio_usage("'teeio help list'", "list: %s", error->message);

        g_error_free(error);
        return code;
    }
    all = teeio_scenarios_load(own, &error);
    if (all) {
        chosen =
            teeio_scenarios_select(all, globs ? globs : everything, &error);
    }
    return chosen ? print_list(chosen, format) : teeio_print_error(error);
}

const struct teeio_verb teeio_verb_list = {"list", "name the scenarios",
                                           list_main, list_help};
