/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A scenario as its file states it. docs/dev/scenarios.rst is the format.
 */
#ifndef TEEIO_SCENARIO_H
#define TEEIO_SCENARIO_H

#include <glib.h>
#include <stdbool.h>

#include "hardware.h"

/** struct teeio_condition - "key=v1|v2" or "key!=v1|v2" */
struct teeio_condition {
    char *key;
    bool negated;
    char **values;
};

/**
 * struct teeio_step - one line of [steps], settings substituted
 * @text:    as written, after substitution
 * @guard:   runs only when this holds for the settings; NULL: always
 * @command: verb and arguments for the guest
 * @expect:  struct teeio_condition on the reply
 */
struct teeio_step {
    unsigned id;
    char *text;
    struct teeio_condition *guard;
    char *command;
    GPtrArray *expect;
};

/** enum teeio_rule_kind - what a line of [judge] asks for */
enum teeio_rule_kind {
    TEEIO_RULE_REQUIRE,    /* these findings appear */
    TEEIO_RULE_ALLOW,      /* these findings may appear */
    TEEIO_RULE_TRANSLATED, /* stage 1 translates all DMA */
    TEEIO_RULE_FAULTS,     /* these faults appear, and no others */
    TEEIO_RULE_DISABLED,   /* the same of profiles of disabled-behaviour */
    TEEIO_RULE_SENDERS,    /* the same of requesters and their T */
    TEEIO_RULE_COMMANDS,   /* these queue commands appear */
    TEEIO_RULE_LOG,        /* the guest's kernel prints such lines */
    TEEIO_RULE_NO_LOG,     /* it prints no such line */
    TEEIO_RULE_CANARY,     /* it is in private memory, and nowhere else */
};

/**
 * struct teeio_rule - one line of [judge]
 * @guard: holds for some settings only; NULL: always
 * @names: of findings, faults or profiles, or patterns; may be empty
 */
struct teeio_rule {
    enum teeio_rule_kind kind;
    struct teeio_condition *guard;
    char **names;
};

/** struct teeio_append - kernel arguments where @guard (or NULL) holds */
struct teeio_append {
    struct teeio_condition *guard;
    char *key;
    char *text;
};

/**
 * struct teeio_scenario - everything in scenario.ini
 * @settings:   key to default value
 * @keys:       the keys of @settings in the file's order
 * @matrix_key: NULL without a [matrix]
 * @step_ids:   of unsigned, in order; @step_texts: their lines
 * @rules:      struct teeio_rule
 * @appends:    struct teeio_append
 * @kernel, @memory: of the first boot with all defaults, to be shown
 * @hardware: by enum teeio_hardware_key as written, or NULL
 * @memory, @disk: MiB; @timeout: seconds for one boot
 */
struct teeio_scenario {
    char *id;
    char *path;
    char *claim;
    char *why;
    char *reference;
    char *board;
    char *kernel;
    GHashTable *settings;
    char **keys;
    char *matrix_key;
    char **matrix_values;
    char **devices;
    char **modules;
    char *hardware[TEEIO_HARDWARE_KEYS];
    GPtrArray *appends;
    unsigned memory;
    unsigned disk;
    unsigned timeout;
    bool net;
    GArray *step_ids;
    GPtrArray *step_texts;
    GPtrArray *rules;
    bool panic_allowed;
};

struct teeio_scenario *teeio_scenario_load(const char *dir, const char *id,
                                           GError **error);
void teeio_scenario_free(struct teeio_scenario *scenario);

/** teeio_rule_name() - as in [judge] */
const char *teeio_rule_name(enum teeio_rule_kind kind);

/** teeio_scenario_read() - the file @path, wherever it is, as @id */
struct teeio_scenario *teeio_scenario_read(const char *path, const char *id,
                                           GError **error);

/**
 * teeio_scenarios_load() - all of them, sorted by id
 * @own: folder with more of them (GROUP/NAME/scenario.ini), or NULL
 *
 * An id that is in both is an error.
 */
GPtrArray *teeio_scenarios_load(const char *own, GError **error);

/**
 * teeio_scenarios_select() - those that one of @globs matches, in order of id
 *
 * A glob that matches nothing is an error: it is most likely a wrong id.
 */
GPtrArray *teeio_scenarios_select(GPtrArray *all, char **globs, GError **error);

/** teeio_step_parse() - @text is one line with the settings substituted */
struct teeio_step *teeio_step_parse(unsigned id, const char *text,
                                    GError **error);
void teeio_step_free(struct teeio_step *step);

struct teeio_condition *teeio_condition_parse(const char *text);
void teeio_condition_free(struct teeio_condition *condition);
/** teeio_condition_holds() - @value NULL (no such key) never satisfies */
bool teeio_condition_holds(const struct teeio_condition *condition,
                           const char *value);

#endif
