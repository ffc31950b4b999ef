/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio: the verb table.
 */
#include "tool.h"

#include <locale.h>
#include <stdio.h>

static const struct teeio_verb *const verbs[] = {
    &teeio_verb_list,       &teeio_verb_show,           &teeio_verb_check,
    &teeio_verb_run,        &teeio_verb_convert,        &teeio_verb_qemu,
    &teeio_verb_report,     &teeio_verb_replay,         &teeio_verb_diff,
    &teeio_verb_completion, &teeio_verb_spdm_responder, NULL,
};

const struct teeio_verb *const *teeio_verbs(void)
{
    return verbs;
}

static const struct teeio_verb *find_verb(const char *name)
{
    size_t i;

    for (i = 0; verbs[i]; i++) {
        if (g_str_equal(verbs[i]->name, name)) {
            return verbs[i];
        }
    }
    return NULL;
}

static void print_usage(FILE *stream)
{
    size_t i;

    fprintf(stream, "Usage: teeio VERB [OPTION...] [ARG...]\n\n"
                    "Boot a guest behind modelled trusted-I/O hardware, play "
                    "a scenario, judge it.\n\nVerbs:\n");
    for (i = 0; verbs[i]; i++) {
        fprintf(stream, "  %-15s %s\n", verbs[i]->name, verbs[i]->summary);
    }
    fprintf(stream, "  help            explain a verb\n\n"
                    "Exit codes: 0 as expected, 1 not as expected, 2 usage,\n"
                    "            4 everything skipped, 99 the rig failed, 130 "
                    "interrupted.\n");
}

static int unknown_verb(const char *name)
{
    return teeio_usage("'teeio help' lists the verbs", "unknown verb: %s",
                       name);
}

static int help(int argc, char **argv)
{
    const struct teeio_verb *verb;
    g_autofree char *text = NULL;

    if (argc < 2) {
        print_usage(stdout);
        return TEEIO_EXIT_OK;
    }
    verb = find_verb(argv[1]);
    if (!verb) {
        return unknown_verb(argv[1]);
    }
    text = verb->help();
    fputs(text, stdout);
    return TEEIO_EXIT_OK;
}

int main(int argc, char **argv)
{
    const struct teeio_verb *verb;

    setlocale(LC_ALL, "");
    if (argc < 2) {
        print_usage(stderr);
        return TEEIO_EXIT_USAGE;
    }
    if (g_str_equal(argv[1], "--version")) {
        printf("teeio %s\n", TEEIO_PROJECT_VERSION);
        return TEEIO_EXIT_OK;
    }
    if (g_str_equal(argv[1], "help") || g_str_equal(argv[1], "--help") ||
        g_str_equal(argv[1], "-h")) {
        return help(argc - 1, argv + 1);
    }
    verb = find_verb(argv[1]);
    return verb ? verb->main(argc - 1, argv + 1) : unknown_verb(argv[1]);
}
