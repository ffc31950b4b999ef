/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What every part of the tool shares: exit codes, errors, places.
 */
#ifndef TEEIO_TOOL_H
#define TEEIO_TOOL_H

#include <glib.h>
#include <stdbool.h>

/** enum teeio_exit - promises to scripts; see teeio(1) */
enum teeio_exit {
    TEEIO_EXIT_OK = 0,
    TEEIO_EXIT_UNEXPECTED = 1,
    TEEIO_EXIT_USAGE = 2,
    TEEIO_EXIT_SKIPPED = 4,
    TEEIO_EXIT_RIG = 99,
    TEEIO_EXIT_UNTESTABLE = 125,   /* only with --bisect */
    TEEIO_EXIT_BISECT_USAGE = 129, /* only with --bisect */
    TEEIO_EXIT_INTERRUPTED = 130,
};

/** The code of an error in this domain is the exit code it leads to. */
#define TEEIO_TOOL_ERROR (teeio_error_quark())
GQuark teeio_error_quark(void);

/**
 * teeio_set_error() - an error in the tool's manner
 * @hint: what to do about it, or NULL
 *
 * The message reads "what failed: why"; the hint follows on a line of its own.
 */
void teeio_set_error(GError **error, enum teeio_exit code, const char *hint,
                     const char *format, ...) G_GNUC_PRINTF(4, 5);

/** teeio_print_error() - to stderr; returns the exit code; frees @error */
int teeio_print_error(GError *error);

/** teeio_usage() - print a usage error and return its exit code */
int teeio_usage(const char *hint, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * struct teeio_verb - one row of the verb table
 * @main: argv[0] is the verb itself
 * @help: the text of "teeio help VERB", to be freed
 */
struct teeio_verb {
    const char *name;
    const char *summary;
    int (*main)(int argc, char **argv);
    char *(*help)(void);
};

extern const struct teeio_verb teeio_verb_list;
extern const struct teeio_verb teeio_verb_show;
extern const struct teeio_verb teeio_verb_check;
extern const struct teeio_verb teeio_verb_run;
extern const struct teeio_verb teeio_verb_convert;
extern const struct teeio_verb teeio_verb_qemu;
extern const struct teeio_verb teeio_verb_report;
extern const struct teeio_verb teeio_verb_replay;
extern const struct teeio_verb teeio_verb_diff;
extern const struct teeio_verb teeio_verb_completion;
extern const struct teeio_verb teeio_verb_spdm_responder;

/** teeio_verbs() - all, ends with NULL; "help" is not among them */
const struct teeio_verb *const *teeio_verbs(void);

/* Places. All results are to be freed. */
char *teeio_path_scenarios(void);
char *teeio_path_plugin(void);
char *teeio_path_guest(const char *name);
char *teeio_path_kernels(const char *name);

/** teeio_default_qemu() - the QEMU for Arm or x86 when none is named */
char *teeio_default_qemu(bool x86);

/** teeio_need_file() - an error of the rig unless @path can be read */
bool teeio_need_file(const char *path, const char *what, const char *hint,
                     GError **error);

/** teeio_plugin_arg() - value of QEMU's -plugin; @events may be NULL */
char *teeio_plugin_arg(const char *plugin, const char *events);

/** teeio_package_version() - of the package that owns @binary, or NULL */
char *teeio_package_version(const char *binary);

/** teeio_shell_line() - @argv as one line that a shell reads back */
char *teeio_shell_line(GPtrArray *argv);

#endif
