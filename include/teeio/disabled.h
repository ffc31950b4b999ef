/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What an IOMMU does for a stream that it does not translate. IOMMUs differ:
 * some abort, some pass, some go on with what they had. Whatever the front end,
 * the profile replaces its own architecture's answer.
 */
#ifndef TEEIO_DISABLED_H
#define TEEIO_DISABLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** enum teeio_disabled_profile - what happens to the request */
enum teeio_disabled_profile {
    TEEIO_DISABLED_ARCHITECTED,  /* what the front end's specification says */
    TEEIO_DISABLED_BLOCK,        /* abort; a record unlike "not mapped" */
    TEEIO_DISABLED_BLOCK_SILENT, /* abort, no record */
    TEEIO_DISABLED_BLOCK_PERM,   /* identity without any permission */
    TEEIO_DISABLED_BYPASS,       /* identity */
    TEEIO_DISABLED_EMPTY,        /* as translated by an empty table */
    TEEIO_DISABLED_SINK,         /* a scratch page takes and gives all data */
    TEEIO_DISABLED_APERTURE,     /* tables inside a window, identity outside */
    TEEIO_DISABLED_STALE,        /* earlier translations live on */
    TEEIO_DISABLED_STALL,        /* the request waits */
    TEEIO_DISABLED_NO_RESPONSE,  /* completion timeout */
    TEEIO_DISABLED_OTHER_TABLE,  /* another owner's configuration counts */
    TEEIO_DISABLED_INVERTED,     /* software's "abort" passes and vice versa */
    TEEIO_DISABLED_PROFILES
};

/** enum teeio_disabled_when - the situation of the stream */
enum teeio_disabled_when {
    TEEIO_DISABLED_RESET,    /* the unit is off, or the stream was never
                              * translated */
    TEEIO_DISABLED_DETACH,   /* it was, and its configuration went away */
    TEEIO_DISABLED_UNMAPPED, /* it is, but nothing is mapped at the address */
    TEEIO_DISABLED_WHENS
};

/** enum teeio_disabled_off - what a front end found off */
enum teeio_disabled_off {
    TEEIO_DISABLED_OFF_UNIT,    /* all of it */
    TEEIO_DISABLED_OFF_STREAM,  /* this stream */
    TEEIO_DISABLED_OFF_ADDRESS, /* not the stream: nothing is mapped there */
};

/** enum teeio_disabled_until - when a stale translation ends */
enum teeio_disabled_until {
    TEEIO_DISABLED_UNTIL_INVALIDATION, /* as a TLB entry would */
    TEEIO_DISABLED_UNTIL_POWER,        /* the unit is switched off or on */
    TEEIO_DISABLED_UNTIL_RESET,        /* of the machine */
    TEEIO_DISABLED_UNTIL_NEVER,
    TEEIO_DISABLED_UNTILS
};

/** enum teeio_disabled_asked - what software's own configuration asks for */
enum teeio_disabled_asked {
    TEEIO_DISABLED_ASKED_NOTHING, /* it is invalid, or does not speak of it */
    TEEIO_DISABLED_ASKED_ABORT,
    TEEIO_DISABLED_ASKED_BYPASS,
};

/**
 * struct teeio_disabled_rules - which profile counts when
 * @profile: for each situation
 * @then:    what follows where @profile is STALE and nothing stale is left
 * @until:   how long it is
 */
struct teeio_disabled_rules {
    enum teeio_disabled_profile profile[TEEIO_DISABLED_WHENS];
    enum teeio_disabled_profile then[TEEIO_DISABLED_WHENS];
    enum teeio_disabled_until until;
};

/**
 * struct teeio_disabled_places - addresses that profiles refer to
 * @sink:         page that SINK leads to
 * @window:       first address of the window of APERTURE
 * @window_bytes: its size
 * @table:        base of what OTHER_TABLE goes by, in the front end's format
 */
struct teeio_disabled_places {
    uint64_t sink;
    uint64_t window;
    uint64_t window_bytes;
    uint64_t table;
};

/** enum teeio_disabled_action - what is left for the front end to do */
enum teeio_disabled_action {
    TEEIO_DISABLED_KEEP,      /* nothing: its own answer stands */
    TEEIO_DISABLED_DONE,      /* nothing: the answer has been replaced */
    TEEIO_DISABLED_SAY_BLOCK, /* fault: no configuration */
    TEEIO_DISABLED_SAY_PERM,  /* fault: no permission */
    TEEIO_DISABLED_SAY_EMPTY, /* fault: not mapped */
    TEEIO_DISABLED_DO_STALL,  /* let it wait */
    TEEIO_DISABLED_ASK_TABLE, /* translate by @places.table */
};

/** The longest text of teeio_disabled_format(), with its end. */
#define TEEIO_DISABLED_TEXT 160

struct teeio_tlp;
struct teeio_translation;
struct teeio_disabled;

/** teeio_disabled_profile_name() - "block-silent", "sink", ... */
const char *teeio_disabled_profile_name(enum teeio_disabled_profile profile);

/** teeio_disabled_when_name() - "reset", "detach" or "unmapped" */
const char *teeio_disabled_when_name(enum teeio_disabled_when when);

/**
 * teeio_disabled_parse() - read a rule
 * @text: a profile for all situations; or "SITUATION:PROFILE/...", where a
 *        profile may be "stale+PROFILE" and "until:WHEN" may be added; or the
 *        name of a row of teeio_disabled_driver()
 *
 * Returns: false, with *@rules unchanged, when @text is none of them.
 */
bool teeio_disabled_parse(const char *text, struct teeio_disabled_rules *rules);

/**
 * teeio_disabled_format() - a text that teeio_disabled_parse() reads
 * @buf: at least %TEEIO_DISABLED_TEXT bytes
 *
 * Returns: @buf.
 */
char *teeio_disabled_format(const struct teeio_disabled_rules *rules,
                            char buf[TEEIO_DISABLED_TEXT]);

/** teeio_disabled_uses() - does any situation need @profile? */
bool teeio_disabled_uses(const struct teeio_disabled_rules *rules,
                         enum teeio_disabled_profile profile);

/**
 * struct teeio_disabled_row - what one Linux driver makes of its IOMMU
 * @name:  "linux-VERSION:DRIVER"; 6.1 stands for 5.18 too
 * @rules: in the language of teeio_disabled_parse()
 * @note:  what the hardware does, few words
 */
struct teeio_disabled_row {
    const char *name;
    const char *rules;
    const char *note;
};

/** teeio_disabled_driver() - row @index; NULL beyond the last */
const struct teeio_disabled_row *teeio_disabled_driver(size_t index);

/**
 * teeio_disabled_new() - what one unit has to remember for its rules
 *
 * The caller serialises the functions below on one instance.
 *
 * Returns: NULL when out of memory.
 */
struct teeio_disabled *
teeio_disabled_new(const struct teeio_disabled_rules *rules,
                   const struct teeio_disabled_places *places);
void teeio_disabled_free(struct teeio_disabled *disabled);

/** teeio_disabled_attached() - @stream is configured to be translated */
void teeio_disabled_attached(struct teeio_disabled *disabled, uint16_t stream);
bool teeio_disabled_was_attached(const struct teeio_disabled *disabled,
                                 uint16_t stream);

/** teeio_disabled_note() - @tlp was translated: STALE may need it */
void teeio_disabled_note(struct teeio_disabled *disabled,
                         const struct teeio_tlp *tlp,
                         const struct teeio_translation *answer);

/**
 * teeio_disabled_forget() - end what is stale, if @event is what ends it
 *
 * %TEEIO_DISABLED_UNTIL_RESET also makes every stream one that was never
 * translated.
 */
void teeio_disabled_forget(struct teeio_disabled *disabled,
                           enum teeio_disabled_until event);

/** teeio_disabled_stalls() - may a request wait for its stream to be attached
 */
bool teeio_disabled_stalls(const struct teeio_disabled *disabled);

/** teeio_disabled_table() - where OTHER_TABLE finds its configuration */
uint64_t teeio_disabled_table(const struct teeio_disabled *disabled);

/**
 * teeio_disabled_answer() - replace the answer to a request not translated
 * @off:    why it was not
 * @asked:  by software
 * @answer: the front end's own; its @disabled and @when tell afterwards what
 *          has replaced it
 *
 * A stream that software made bypass is not off, unless the rule is INVERTED.
 */
enum teeio_disabled_action teeio_disabled_answer(
    const struct teeio_disabled *disabled, enum teeio_disabled_off off,
    enum teeio_disabled_asked asked, const struct teeio_tlp *tlp,
    struct teeio_translation *answer);

#endif
