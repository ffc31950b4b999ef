/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Reading scenario.ini. Whatever is wrong is told with file, group and key.
 */
#include "scenario.h"
#include "settings.h"
#include "tool.h"

#include "teeio/event.h"

#include <string.h>

#define DISK_MAX_MIB  1024
#define TIMEOUT_S     60
#define TIMEOUT_MAX_S 3600

/* Where in a file we are, for messages. */
struct reader {
    GKeyFile *file;
    const char *path;
    GError **error;
};

static bool complain(struct reader *in, const char *group, const char *key,
                     const char *hint, const char *format, ...)
    G_GNUC_PRINTF(5, 6);

static bool complain(struct reader *in, const char *group, const char *key,
                     const char *hint, const char *format, ...)
{
    g_autofree char *why = NULL;
    va_list args;

    va_start(args, format);
    why = g_strdup_vprintf(format, args);
    va_end(args);
    teeio_set_error(in->error, TEEIO_EXIT_USAGE, hint, "%s: [%s]%s%s: %s",
                    in->path, group, key ? " " : "", key ? key : "", why);
    return false;
}

struct group_keys {
    const char *group;
    const char *const *keys; /* NULL: any */
};

static const char *const scenario_keys[] = {"claim", "why",    "reference",
                                            "board", "kernel", NULL};
static const char *const machine_keys[] = {
    "devices",  "append", "modules", "memory",  "cpus", "cpu",
    "firmware", "disk",   "net",     "timeout", NULL};
static const struct group_keys known_groups[] = {
    {"scenario", scenario_keys},
    {"settings", NULL},
    {"matrix", NULL},
    {"machine", machine_keys},
    {"steps", NULL},
    {"judge", NULL}, /* parse_judge() looks at each */
};

/* append, or append@SETTING:VALUE */
static bool is_append(const char *key)
{
    return g_str_equal(key, "append") || g_str_has_prefix(key, "append@");
}

static bool check_group(struct reader *in, const char *group)
{
    const struct group_keys *known = NULL;
    g_auto(GStrv) keys = NULL;
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(known_groups); i++) {
        if (g_str_equal(known_groups[i].group, group)) {
            known = &known_groups[i];
        }
    }
    if (!known) {
        return complain(in, group, NULL,
                        "groups are scenario, settings, matrix, machine, "
                        "steps, judge",
                        "unknown group");
    }
    keys = g_key_file_get_keys(in->file, group, NULL, NULL);
    for (i = 0; known->keys && keys[i]; i++) {
        if (!g_strv_contains(known->keys, keys[i]) &&
            !(g_str_equal(group, "machine") && is_append(keys[i]))) {
            g_autofree char *list = g_strjoinv(", ", (char **)known->keys);
            g_autofree char *hint =
                g_strdup_printf("keys of this group are %s", list);

            return complain(in, group, keys[i], hint, "unknown key");
        }
    }
    return true;
}

/* GKeyFile keeps the last of two equal keys: a step would silently be lost. */
static bool check_duplicates(struct reader *in, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GHashTable *seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *group = g_strdup("");
    bool unique = true;
    size_t i;

    for (i = 0; lines[i] && unique; i++) {
        char *line = g_strstrip(lines[i]);
        char *equals = strchr(line, '=');

        if (line[0] == '[') {
            g_free(group);
            group = g_strndup(line + 1, strcspn(line + 1, "]"));
        } else if (line[0] != '#' && equals) {
            *equals = '\0';
            g_strchomp(line);
            if (!g_hash_table_add(seen,
                                  g_strdup_printf("%s/%s", group, line))) {
                unique = complain(in, group, line, "give each key once",
                                  "the key is there twice");
            }
        }
    }
    g_hash_table_unref(seen);
    return unique;
}

static char *get(struct reader *in, const char *group, const char *key)
{
    char *value = g_key_file_get_string(in->file, group, key, NULL);

    return value ? g_strstrip(value) : NULL;
}

static char **get_list(struct reader *in, const char *group, const char *key)
{
    char **list = g_key_file_get_string_list(in->file, group, key, NULL, NULL);
    size_t i;

    for (i = 0; list && list[i]; i++) {
        g_strstrip(list[i]);
    }
    return list ? list : g_new0(char *, 1);
}

static bool get_number(struct reader *in, const char *key, unsigned min,
                       unsigned max, unsigned *value)
{
    g_autofree char *text = get(in, "machine", key);
    g_autofree char *hint = NULL;
    guint64 number;

    if (!text) {
        return true;
    }
    if (!g_ascii_string_to_unsigned(text, 10, min, max, &number, NULL)) {
        hint = g_strdup_printf("a whole number from %u to %u", min, max);
        return complain(in, "machine", key, hint, "\"%s\" is out of range",
                        text);
    }
    *value = number;
    return true;
}

static bool parse_head(struct reader *in, struct teeio_scenario *s)
{
    s->claim = get(in, "scenario", "claim");
    s->why = get(in, "scenario", "why");
    s->reference = get(in, "scenario", "reference");
    s->board = get(in, "scenario", "board");
    s->hardware[TEEIO_HARDWARE_KERNEL] = get(in, "scenario", "kernel");
    if (!s->claim || !*s->claim) {
        return complain(in, "scenario", "claim",
                        "one sentence: the property that must hold", "missing");
    }
    if (!s->hardware[TEEIO_HARDWARE_KERNEL]) {
        return complain(in, "scenario", "kernel", "for example stock-arm64",
                        "missing");
    }
    if (!s->board ||
        (!g_str_equal(s->board, "virt") && !g_str_equal(s->board, "q35"))) {
        return complain(in, "scenario", "board", "virt or q35",
                        "missing, or a board that is not known");
    }
    return true;
}

static bool parse_settings(struct reader *in, struct teeio_scenario *s)
{
    g_auto(GStrv) matrix = g_key_file_get_keys(in->file, "matrix", NULL, NULL);
    size_t i;

    s->settings =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    s->keys = g_key_file_get_keys(in->file, "settings", NULL, NULL);
    if (!s->keys) {
        s->keys = g_new0(char *, 1);
    }
    for (i = 0; s->keys[i]; i++) {
        g_hash_table_insert(s->settings, g_strdup(s->keys[i]),
                            get(in, "settings", s->keys[i]));
    }
    if (!matrix || !matrix[0]) {
        return true;
    }
    if (matrix[1]) {
        return complain(in, "matrix", matrix[1], "keep one key",
                        "a matrix varies one setting");
    }
    if (!g_hash_table_contains(s->settings, matrix[0])) {
        return complain(in, "matrix", matrix[0],
                        "add it to [settings] with its default",
                        "not a setting of this scenario");
    }
    s->matrix_key = g_strdup(matrix[0]);
    s->matrix_values = get_list(in, "matrix", matrix[0]);
    if (!s->matrix_values[0]) {
        return complain(in, "matrix", matrix[0], "list the values as a;b;c",
                        "no values");
    }
    return true;
}

static void free_append(void *data)
{
    struct teeio_append *append = data;

    teeio_condition_free(append->guard);
    g_free(append->key);
    g_free(append->text);
    g_free(append);
}

/* A key may end in @SETTING:VALUE: its line is for that value only. */
static bool parse_suffix(struct reader *in, const struct teeio_scenario *s,
                         const char *group, const char *key,
                         struct teeio_condition **guard)
{
    const char *at = strchr(key, '@');
    g_autofree char *text = NULL;

    if (!at) {
        return true;
    }
    text = g_strdelimit(g_strdup(at + 1), ":", '=');
    *guard = teeio_condition_parse(text);
    if (*guard && g_hash_table_contains(s->settings, (*guard)->key)) {
        return true;
    }
    return complain(in, group, key,
                    "write KEY@SETTING:VALUE with a setting of [settings]",
                    "the condition after @ cannot be read");
}

static bool parse_appends(struct reader *in, struct teeio_scenario *s)
{
    g_auto(GStrv) keys = g_key_file_get_keys(in->file, "machine", NULL, NULL);
    size_t i;

    s->appends = g_ptr_array_new_with_free_func(free_append);
    for (i = 0; keys && keys[i]; i++) {
        struct teeio_append *append;

        if (!is_append(keys[i])) {
            continue;
        }
        append = g_new0(struct teeio_append, 1);
        g_ptr_array_add(s->appends, append);
        append->key = g_strdup(keys[i]);
        append->text = get(in, "machine", keys[i]);
        if (!parse_suffix(in, s, "machine", keys[i], &append->guard)) {
            return false;
        }
    }
    return true;
}

static bool parse_machine(struct reader *in, struct teeio_scenario *s)
{
    g_autofree char *net = get(in, "machine", "net");

    s->devices = get_list(in, "machine", "devices");
    s->modules = get_list(in, "machine", "modules");
    for (int key = TEEIO_HARDWARE_MEMORY; key < TEEIO_HARDWARE_KEYS; key++) {
        s->hardware[key] = get(in, "machine", teeio_hardware_key_name(key));
    }
    s->timeout = TIMEOUT_S;
    if (net && !g_str_equal(net, "user")) {
        return complain(in, "machine", "net", "the only kind is user",
                        "unknown kind \"%s\"", net);
    }
    s->net = net != NULL;
    return parse_appends(in, s) &&
           get_number(in, "disk", 0, DISK_MAX_MIB, &s->disk) &&
           get_number(in, "timeout", 1, TIMEOUT_MAX_S, &s->timeout);
}

static bool parse_steps(struct reader *in, struct teeio_scenario *s)
{
    g_auto(GStrv) keys = g_key_file_get_keys(in->file, "steps", NULL, NULL);
    guint64 last = 0;
    size_t i;

    s->step_ids = g_array_new(FALSE, FALSE, sizeof(unsigned));
    s->step_texts = g_ptr_array_new_with_free_func(g_free);
    if (!keys || !keys[0]) {
        return complain(in, "steps", NULL, "add a line 01=VERB ARGS",
                        "no steps");
    }
    for (i = 0; keys[i]; i++) {
        guint64 number;
        unsigned id;

        if (!g_ascii_string_to_unsigned(keys[i], 10, last + 1, 9999, &number,
                                        NULL)) {
            return complain(in, "steps", keys[i],
                            "number the steps upwards: 01, 02, ...",
                            "not a number above the step before");
        }
        last = number;
        id = number;
        g_array_append_val(s->step_ids, id);
        g_ptr_array_add(s->step_texts, get(in, "steps", keys[i]));
    }
    return true;
}

static bool known_finding(const char *name)
{
    int kind;

    for (kind = 0; kind < TEEIO_FINDINGS; kind++) {
        if (g_str_equal(teeio_finding_name(kind), name)) {
            return true;
        }
    }
    return false;
}

/* [A-Z][A-Z0-9_.]*, as F_TRANSLATION, SFS.2: each IOMMU has its own names. */
static bool may_be_name(const char *name)
{
    return g_ascii_isupper(*name) &&
           !name[strspn(name, G_CSET_A_2_Z G_CSET_DIGITS "_.")];
}

static void free_rule(void *data)
{
    struct teeio_rule *rule = data;

    teeio_condition_free(rule->guard);
    g_strfreev(rule->names);
    g_free(rule);
}

static bool known_profile(const char *name)
{
    int profile = TEEIO_DISABLED_ARCHITECTED + 1;

    while (profile < TEEIO_DISABLED_PROFILES &&
           !g_str_equal(teeio_disabled_profile_name(profile), name)) {
        profile++;
    }
    return profile < TEEIO_DISABLED_PROFILES;
}

/* A requester as events name it, and T. */
static bool known_sender(const char *name)
{
    return g_regex_match_simple(
        "^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7] t=[01]$", name, 0, 0);
}

static bool check_name(struct reader *in, enum teeio_rule_kind kind,
                       const char *key, const char *name)
{
    switch (kind) {
    case TEEIO_RULE_FAULTS:
        return may_be_name(name) ||
               complain(in, "judge", key, "for example faults=F_TRANSLATION",
                        "\"%s\" is no name of a fault", name);
    case TEEIO_RULE_COMMANDS:
        return may_be_name(name) ||
               complain(in, "judge", key, "for example commands=ATC_INV",
                        "\"%s\" is no name of a command", name);
    case TEEIO_RULE_DISABLED:
        return known_profile(name) ||
               complain(in, "judge", key, "for example disabled=bypass",
                        "unknown profile \"%s\"", name);
    case TEEIO_RULE_SENDERS:
        return known_sender(name) ||
               complain(in, "judge", key,
                        "for example senders=0000:00:02.0 t=1",
                        "\"%s\" is no requester with its T", name);
    case TEEIO_RULE_LOG:
    case TEEIO_RULE_NO_LOG:
        return *name ||
               complain(in, "judge", key, "for example kernel-log=*event 0x10*",
                        "an empty pattern");
    default:
        return known_finding(name) ||
               complain(in, "judge", key, "kinds stand in teeio-report(5)",
                        "unknown finding \"%s\"", name);
    }
}

static bool check_rule(struct reader *in, const struct teeio_rule *rule,
                       const char *key)
{
    size_t i;

    for (i = 0; rule->names[i]; i++) {
        if (!check_name(in, rule->kind, key, rule->names[i])) {
            return false;
        }
    }
    return true;
}

const char *teeio_rule_name(enum teeio_rule_kind kind)
{
    static const char *const names[] = {
        [TEEIO_RULE_REQUIRE] = "require",
        [TEEIO_RULE_ALLOW] = "allow",
        [TEEIO_RULE_TRANSLATED] = "all-translated",
        [TEEIO_RULE_FAULTS] = "faults",
        [TEEIO_RULE_DISABLED] = "disabled",
        [TEEIO_RULE_SENDERS] = "senders",
        [TEEIO_RULE_COMMANDS] = "commands",
        [TEEIO_RULE_LOG] = "kernel-log",
        [TEEIO_RULE_NO_LOG] = "no-kernel-log",
        [TEEIO_RULE_CANARY] = "canary",
    };

    return kind < G_N_ELEMENTS(names) ? names[kind] : NULL;
}

static bool parse_rule(struct reader *in, struct teeio_scenario *s,
                       const char *key)
{
    g_autofree char *name = g_strndup(key, strcspn(key, "@"));
    g_autofree char *value = NULL;
    struct teeio_rule *rule;
    const char *yes;
    int kind = 0;

    while (teeio_rule_name(kind) && !g_str_equal(teeio_rule_name(kind), name)) {
        kind++;
    }
    if (!teeio_rule_name(kind)) {
        return complain(
            in, "judge", key,
            "keys are require, allow, faults, disabled, senders, "
            "commands, kernel-log, no-kernel-log, all-translated=yes, "
            "canary=clean, panic=allowed",
            "unknown key");
    }
    rule = g_new0(struct teeio_rule, 1);
    g_ptr_array_add(s->rules, rule);
    rule->kind = kind;
    if (kind != TEEIO_RULE_TRANSLATED && kind != TEEIO_RULE_CANARY) {
        rule->names = get_list(in, "judge", key);
        return parse_suffix(in, s, "judge", key, &rule->guard) &&
               check_rule(in, rule, key);
    }
    rule->names = g_new0(char *, 1);
    value = get(in, "judge", key);
    yes = kind == TEEIO_RULE_CANARY ? "clean" : "yes";
    if (!g_str_equal(value, yes)) {
        g_autofree char *hint =
            g_strdup_printf("leave it out, or write %s", yes);

        return complain(in, "judge", key, hint, "the value \"%s\" is not known",
                        value);
    }
    return parse_suffix(in, s, "judge", key, &rule->guard);
}

static bool parse_judge(struct reader *in, struct teeio_scenario *s)
{
    g_auto(GStrv) keys = g_key_file_get_keys(in->file, "judge", NULL, NULL);
    size_t i;

    s->rules = g_ptr_array_new_with_free_func(free_rule);
    for (i = 0; keys && keys[i]; i++) {
        if (g_str_equal(keys[i], "panic")) {
            g_autofree char *value = get(in, "judge", keys[i]);

            s->panic_allowed = g_str_equal(value, "allowed");
        } else if (!parse_rule(in, s, keys[i])) {
            return false;
        }
    }
    return true;
}

static bool parse_all(struct reader *in, struct teeio_scenario *s)
{
    g_auto(GStrv) groups = g_key_file_get_groups(in->file, NULL);
    size_t i;

    for (i = 0; groups[i]; i++) {
        if (!check_group(in, groups[i])) {
            return false;
        }
    }
    return parse_head(in, s) && parse_settings(in, s) && parse_machine(in, s) &&
           parse_steps(in, s) && parse_judge(in, s);
}

struct teeio_scenario *teeio_scenario_load(const char *dir, const char *id,
                                           GError **error)
{
    g_autofree char *path = g_build_filename(dir, id, "scenario.ini", NULL);

    return teeio_scenario_read(path, id, error);
}

struct teeio_scenario *teeio_scenario_read(const char *path, const char *id,
                                           GError **error)
{
    struct teeio_scenario *s = g_new0(struct teeio_scenario, 1);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *text = NULL;
    GError *why = NULL;
    struct reader in = {file, NULL, error};
    const struct teeio_cell *first;
    GPtrArray *cells;

    s->id = g_strdup(id);
    s->path = g_strdup(path);
    in.path = s->path;
    if (!g_file_get_contents(s->path, &text, NULL, &why) ||
        !g_key_file_load_from_data(file, text, -1, G_KEY_FILE_NONE, &why)) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "the format is described in docs/dev/scenarios.rst",
                        "%s: %s", s->path, why->message);
        g_error_free(why);
        goto fail;
    }
    if (!check_duplicates(&in, text) || !parse_all(&in, s)) {
        goto fail;
    }
    /* Substituting once with the defaults finds what is wrong in a step. */
    cells = teeio_cells_new(s, NULL, error);
    if (!cells) {
        goto fail;
    }
    first = cells->pdata[0];
    s->kernel = g_strdup(first->hardware.kernel);
    s->memory = first->hardware.memory;
    g_ptr_array_unref(cells);
    return s;

fail:
    teeio_scenario_free(s);
    return NULL;
}

void teeio_scenario_free(struct teeio_scenario *s)
{
    if (!s) {
        return;
    }
    g_free(s->id);
    g_free(s->path);
    g_free(s->claim);
    g_free(s->why);
    g_free(s->reference);
    g_free(s->board);
    g_free(s->kernel);
    for (int key = 0; key < TEEIO_HARDWARE_KEYS; key++) {
        g_free(s->hardware[key]);
    }
    g_clear_pointer(&s->settings, g_hash_table_unref);
    g_strfreev(s->keys);
    g_free(s->matrix_key);
    g_strfreev(s->matrix_values);
    g_strfreev(s->devices);
    g_strfreev(s->modules);
    g_clear_pointer(&s->appends, g_ptr_array_unref);
    g_clear_pointer(&s->step_ids, g_array_unref);
    g_clear_pointer(&s->step_texts, g_ptr_array_unref);
    g_clear_pointer(&s->rules, g_ptr_array_unref);
    g_free(s);
}
