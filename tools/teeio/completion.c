/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio completion: scripts for shells. Verbs and options come from the verbs'
 * own help, so that nothing has to be kept in step.
 */
#include "tool.h"

#include <stdio.h>
#include <string.h>

/* One option of a verb, as its help has it. */
struct option {
    char *name; /* without the dashes */
    char *argument;
    char *summary;
};

/* Values that a shell can offer; a row without a verb is for all verbs. */
static const struct {
    const char *verb;
    const char *option;
    const char *values;
} values[] = {
    {"list", "format", "text json ids"},
    {"show", "format", "text json"},
    {NULL, "format", "text ktap tap json junit"},
    {NULL, "color", "auto always never"},
    {NULL, "to", "pcapng timeline"},
};

static const char *const with_ids[] = {"list", "show", "run", NULL};

static const char *values_of(const char *verb, const char *option)
{
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(values); i++) {
        if (g_str_equal(values[i].option, option) &&
            (!values[i].verb || g_str_equal(values[i].verb, verb))) {
            return values[i].values;
        }
    }
    return NULL;
}

static void free_option(void *data)
{
    struct option *option = data;

    g_free(option->name);
    g_free(option->argument);
    g_free(option->summary);
    g_free(option);
}

static GPtrArray *options_of(const struct teeio_verb *verb)
{
    g_autoptr(GRegex) regex =
        g_regex_new("^  (?:-., )?--([a-z-]+)(?:=(\\S+))? +(.*)$",
                    G_REGEX_MULTILINE, 0, NULL);
    g_autofree char *help = verb->help();
    GPtrArray *options = g_ptr_array_new_with_free_func(free_option);
    g_autoptr(GMatchInfo) match = NULL;

    g_regex_match(regex, help, 0, &match);
    while (g_match_info_matches(match)) {
        struct option *option = g_new0(struct option, 1);

        option->name = g_match_info_fetch(match, 1);
        option->argument = g_match_info_fetch(match, 2);
        option->summary = g_match_info_fetch(match, 3);
        g_ptr_array_add(options, option);
        g_match_info_next(match, NULL);
    }
    return options;
}

static void print_verbs(void)
{
    const struct teeio_verb *const *verbs = teeio_verbs();
    size_t i;

    for (i = 0; verbs[i]; i++) {
        printf("%s ", verbs[i]->name);
    }
    printf("help");
}

static void print_options(const struct teeio_verb *verb)
{
    g_autoptr(GPtrArray) options = options_of(verb);
    guint i;

    for (i = 0; i < options->len; i++) {
        const struct option *option = options->pdata[i];

        printf("%s--%s%s", i ? " " : "", option->name,
               *option->argument ? "=" : "");
    }
}

/* "verb:--option) echo 'values' ;;" for each that has values. */
static void print_value_cases(const char *format)
{
    const struct teeio_verb *const *verbs = teeio_verbs();
    size_t v;
    guint i;

    for (v = 0; verbs[v]; v++) {
        g_autoptr(GPtrArray) options = options_of(verbs[v]);

        for (i = 0; i < options->len; i++) {
            const struct option *option = options->pdata[i];
            const char *words = values_of(verbs[v]->name, option->name);

            if (words) {
                printf(format, verbs[v]->name, option->name, words);
            }
        }
    }
}

static void print_option_cases(const char *open, const char *close)
{
    const struct teeio_verb *const *verbs = teeio_verbs();
    size_t v;

    for (v = 0; verbs[v]; v++) {
        printf(open, verbs[v]->name);
        print_options(verbs[v]);
        printf("%s", close);
    }
}

/* A word that nothing here knows is left to the shell: most are files. */
static void print_bash(void)
{
    printf("_teeio() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} words=\n"
           "    local prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}\n"
           "    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        COMPREPLY=($(compgen -W '");
    print_verbs();
    printf("' -- \"$cur\"))\n"
           "        return\n"
           "    fi\n"
           "    # Readline breaks --option=value at the equals sign.\n"
           "    if [ \"$cur\" = = ]; then\n"
           "        cur=\n"
           "    elif [ \"$prev\" = = ]; then\n"
           "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    fi\n"
           "    case $verb:$prev in\n");
    print_value_cases("    %s:--%s) words='%s' ;;\n");
    printf("    esac\n"
           "    if [ -n \"$words\" ]; then\n"
           "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
           "        return\n"
           "    fi\n"
           "    case $cur in\n"
           "    -*)\n"
           "        case $verb in\n");
    print_option_cases("        %s) words='", "' ;;\n");
    printf("        esac\n"
           "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
           "        [[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n"
           "        return\n"
           "        ;;\n"
           "    esac\n"
           "    case $verb in\n"
           "    help) words='");
    print_verbs();
    printf("' ;;\n"
           "    list | show | run)\n"
           "        words=$(teeio list --format=ids 2>/dev/null) ;;\n"
           "    completion) words='bash zsh fish' ;;\n"
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
           "}\n"
           "complete -o default -F _teeio teeio\n");
}

static void print_zsh(void)
{
    printf("#compdef teeio\n"
           "_teeio() {\n"
           "    local -a found\n"
           "    local verb=$words[2] cur=$words[CURRENT]\n"
           "    if (( CURRENT == 2 )); then\n"
           "        found=(");
    print_verbs();
    printf(")\n"
           "        compadd -a found\n"
           "        return\n"
           "    fi\n"
           "    case $verb:$cur in\n");
    print_value_cases("    %s:--%s=*) found=(%s) ;;\n");
    printf("    esac\n"
           "    if (( $#found )); then\n"
           "        compset -P '*='\n"
           "        compadd -a found\n"
           "        return\n"
           "    fi\n"
           "    if [[ $cur == -* ]]; then\n"
           "        case $verb in\n");
    print_option_cases("        %s) found=(", ") ;;\n");
    printf("        esac\n"
           "        compadd -S '' -- ${(M)found:#*=}\n"
           "        compadd -- ${found:#*=}\n"
           "        return\n"
           "    fi\n"
           "    case $verb in\n"
           "    help) found=(");
    print_verbs();
    printf(
        ") ;;\n"
        "    list | show | run)\n"
        "        found=(${(f)\"$(teeio list --format=ids 2>/dev/null)\"}) ;;\n"
        "    completion) found=(bash zsh fish) ;;\n"
        "    *) _files; return ;;\n"
        "    esac\n"
        "    compadd -a found\n"
        "}\n"
        "compdef _teeio teeio\n");
}

/* For single quotes of fish. */
static char *quote(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "'", -1);

    return g_strjoinv("\\'", parts);
}

static void print_fish_verb(const struct teeio_verb *verb)
{
    g_autoptr(GPtrArray) options = options_of(verb);
    g_autofree char *summary = quote(verb->summary);
    guint i;

    printf("complete -c teeio -n __fish_use_subcommand -f -a %s -d '%s'\n",
           verb->name, summary);
    for (i = 0; i < options->len; i++) {
        const struct option *option = options->pdata[i];
        g_autofree char *about = quote(option->summary);
        const char *words = values_of(verb->name, option->name);

        printf("complete -c teeio -n '__fish_seen_subcommand_from %s' -l %s",
               verb->name, option->name);
        if (words) {
            printf(" -x -a '%s'", words);
        } else if (*option->argument) {
            printf(" -r");
        }
        printf(" -d '%s'\n", about);
    }
}

static void print_fish(void)
{
    const struct teeio_verb *const *verbs = teeio_verbs();
    size_t v;

    for (v = 0; verbs[v]; v++) {
        print_fish_verb(verbs[v]);
    }
    for (v = 0; with_ids[v]; v++) {
        printf("complete -c teeio -n '__fish_seen_subcommand_from %s' -f "
               "-a '(teeio list --format=ids 2>/dev/null)'\n",
               with_ids[v]);
    }
    printf("complete -c teeio -n '__fish_seen_subcommand_from completion' -f "
           "-a 'bash zsh fish'\n");
}

static GOptionContext *options(char ***shells)
{
    const GOptionEntry entries[] = {
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, shells, NULL,
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("bash|zsh|fish");

    g_option_context_set_summary(
        context, "Print a script that completes command lines in a shell.");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *completion_help(void)
{
    char **shells = NULL;
    GOptionContext *context = options(&shells);
    char *text;

    g_set_prgname("teeio completion");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static int completion_main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } table[] = {
        {"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    g_auto(GStrv) shells = NULL;
    GOptionContext *context = options(&shells);
    GError *error = NULL;
    bool parsed;
    size_t i;

    g_set_prgname("teeio completion");
    parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    if (!parsed) {
        int code = teeio_usage("'teeio help completion'", "completion: %s",
                               error->message);

        g_error_free(error);
        return code;
    }
    for (i = 0; shells && shells[0] && !shells[1] && i < G_N_ELEMENTS(table);
         i++) {
        if (g_str_equal(shells[0], table[i].name)) {
            table[i].print();
            return TEEIO_EXIT_OK;
        }
    }
    return teeio_usage("bash, zsh or fish",
                       "completion: one shell that is known is wanted");
}

const struct teeio_verb teeio_verb_completion = {
    "completion", "print a script for a shell", completion_main,
    completion_help};
