/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio show: everything about one scenario.
 */
#include "output.h"
#include "tool.h"

#include <stdio.h>

static GOptionContext *options(char **format, char **own, char ***ids)
{
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_STRING, format, "text or json", "FORMAT"},
        {"scenarios", 0, 0, G_OPTION_ARG_FILENAME, own,
         "folder with scenarios of your own", "DIR"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, ids, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("ID");

    g_option_context_set_summary(
        context, "Show a scenario: its property, settings, machine, steps.");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *show_help(void)
{
    char *format = NULL;
    char *own = NULL;
    char **ids = NULL;
    GOptionContext *context = options(&format, &own, &ids);
    char *text;

    g_set_prgname("teeio show");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static void print_settings(const struct teeio_scenario *scenario)
{
    size_t i;

    for (i = 0; scenario->keys[i]; i++) {
        const char *key = scenario->keys[i];

        printf("setting    %s=%s", key,
               (char *)g_hash_table_lookup(scenario->settings, key));
        if (g_strcmp0(key, scenario->matrix_key) == 0) {
            g_autofree char *values = g_strjoinv(", ", scenario->matrix_values);

            printf("  (each of %s, unless set)", values);
        }
        printf("\n");
    }
}

static void print_guard(const struct teeio_condition *guard)
{
    if (guard) {
        g_autofree char *values = g_strjoinv("|", guard->values);

        printf(" when %s%s=%s", guard->key, guard->negated ? "!" : "", values);
    }
    printf("\n");
}

static void print_rules(const struct teeio_scenario *scenario)
{
    guint i;

    for (i = 0; i < scenario->rules->len; i++) {
        const struct teeio_rule *rule = scenario->rules->pdata[i];
        g_autofree char *names = g_strjoinv(", ", rule->names);

        switch (rule->kind) {
        case TEEIO_RULE_REQUIRE:
            printf("finding    %s must appear", names);
            break;
        case TEEIO_RULE_ALLOW:
            printf("finding    %s may appear", names);
            break;
        case TEEIO_RULE_TRANSLATED:
            printf("DMA        each must be translated");
            break;
        case TEEIO_RULE_FAULTS:
            printf("fault      %s must appear, no other may",
                   *names ? names : "none");
            break;
        case TEEIO_RULE_DISABLED:
            printf("disabled   %s must answer, no other may",
                   *names ? names : "none");
            break;
        case TEEIO_RULE_SENDERS:
            printf("requester  %s must send, no other may",
                   *names ? names : "none");
            break;
        case TEEIO_RULE_COMMANDS:
            printf("command    %s must appear", names);
            break;
        case TEEIO_RULE_LOG:
            printf("kernel     must say %s", names);
            break;
        case TEEIO_RULE_NO_LOG:
            printf("kernel     must not say %s", names);
            break;
        case TEEIO_RULE_CANARY:
            printf("canary     must be in private memory only");
            break;
        }
        print_guard(rule->guard);
    }
    printf("finding    any other breaks the property\n");
}

static void print_appends(const struct teeio_scenario *scenario)
{
    guint i;

    for (i = 0; i < scenario->appends->len; i++) {
        const struct teeio_append *append = scenario->appends->pdata[i];

        printf("append     %s", append->text);
        print_guard(append->guard);
    }
}

static void print_text(const struct teeio_scenario *scenario)
{
    guint i;

    printf("id         %s\n", scenario->id);
    printf("property   %s\n", scenario->claim);
    printf("why        %s\n", scenario->why ? scenario->why : "");
    printf("reference  %s\n", scenario->reference ? scenario->reference : "");
    printf("board      %s\n", scenario->board);
    printf("kernel     %s\n", scenario->kernel);
    print_settings(scenario);
    for (i = 0; scenario->devices[i]; i++) {
        printf("device     %s\n", scenario->devices[i]);
    }
    print_appends(scenario);
    print_rules(scenario);
    printf("steps\n");
    for (i = 0; i < scenario->step_ids->len; i++) {
        printf("  %02u  %s\n", g_array_index(scenario->step_ids, unsigned, i),
               (char *)scenario->step_texts->pdata[i]);
    }
}

/* An id, not a glob: show answers about one. */
static const struct teeio_scenario *find(GPtrArray *all, const char *id)
{
    guint i;

    for (i = 0; i < all->len; i++) {
        const struct teeio_scenario *scenario = all->pdata[i];

        if (g_str_equal(scenario->id, id)) {
            return scenario;
        }
    }
    return NULL;
}

static int show_one(GPtrArray *all, const char *id, const char *format)
{
    const struct teeio_scenario *scenario = find(all, id);

    if (!scenario) {
        return teeio_usage("'teeio list' names them",
                           "show: no scenario \"%s\"", id);
    }
    if (!format || g_str_equal(format, "text")) {
        print_text(scenario);
    } else if (g_str_equal(format, "json")) {
        g_autofree char *json = teeio_json_scenario(scenario);

        fputs(json, stdout);
    } else {
        return teeio_usage("text or json", "--format: unknown format \"%s\"",
                           format);
    }
    return TEEIO_EXIT_OK;
}

static int show_main(int argc, char **argv)
{
    g_autofree char *format = NULL;
    g_autofree char *own = NULL;
    g_auto(GStrv) ids = NULL;
    GOptionContext *context = options(&format, &own, &ids);
    g_autoptr(GPtrArray) all = NULL;
    GError *error = NULL;
    bool parsed;

    g_set_prgname("teeio show");
    parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    if (!parsed) {
        int code = teeio_usage("'teeio help show'", "show: %s", error->message);

        g_error_free(error);
        return code;
    }
    if (!ids || !ids[0] || ids[1]) {
        return teeio_usage("name one scenario: 'teeio show "
                           "tdisp/flip-unified'",
                           "show: one id is wanted");
    }
    all = teeio_scenarios_load(own, &error);
    return all ? show_one(all, ids[0], format) : teeio_print_error(error);
}

const struct teeio_verb teeio_verb_show = {"show", "explain one scenario",
                                           show_main, show_help};
