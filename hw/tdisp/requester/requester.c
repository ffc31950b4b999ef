/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "requester-internal.h"

static const char *const names[] = {
    [TEEIO_REQUESTER_OK] = "ok",
    [TEEIO_REQUESTER_NO_ANSWER] = "no answer",
    [TEEIO_REQUESTER_MALFORMED] = "malformed",
    [TEEIO_REQUESTER_UNEXPECTED] = "unexpected",
    [TEEIO_REQUESTER_REFUSED] = "refused",
    [TEEIO_REQUESTER_UNSUPPORTED] = "unsupported",
    [TEEIO_REQUESTER_UNTRUSTED] = "untrusted",
    [TEEIO_REQUESTER_BAD_SIGNATURE] = "bad signature",
    [TEEIO_REQUESTER_NOT_AUTHENTIC] = "not authentic",
    [TEEIO_REQUESTER_NOT_CONNECTED] = "not connected",
    [TEEIO_REQUESTER_NO_SESSION] = "no session",
    [TEEIO_REQUESTER_TDISP_ERROR] = "TDISP error",
    [TEEIO_REQUESTER_KEY_REFUSED] = "key refused",
    [TEEIO_REQUESTER_TOO_LARGE] = "too large",
    [TEEIO_REQUESTER_NO_RANDOM] = "no random bytes",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == TEEIO_REQUESTER_FAILURES,
               "a name per failure");

const char *teeio_requester_failure_name(enum teeio_requester_failure failure)
{
    return (unsigned)failure < TEEIO_REQUESTER_FAILURES ? names[failure]
                                                        : "unknown";
}

struct teeio_requester *
teeio_requester_new(const struct teeio_requester_config *config)
{
    struct teeio_requester *r = calloc(1, sizeof(*r));

    if (r) {
        r->config = *config;
        r->rng = (struct teeio_spdm_rng){config->opaque, config->random};
    }
    return r;
}

void teeio_requester_free(struct teeio_requester *r)
{
    if (r) {
        teeio_spdm_wipe(r, sizeof(*r));
        free(r);
    }
}

void teeio_requester_reset(struct teeio_requester *r)
{
    struct teeio_requester_config config = r->config;
    struct teeio_spdm_rng rng = r->rng;

    teeio_spdm_wipe(r, sizeof(*r));
    r->config = config;
    r->rng = rng;
}

void teeio_requester_drop(struct teeio_requester *r)
{
    teeio_spdm_wipe(&r->session, sizeof(r->session));
}

teeio_result teeio_requester_fail(struct teeio_requester *r, const char *what,
                                  teeio_result result, uint32_t detail)
{
    r->detail = detail;
    if (detail) {
        snprintf(r->text, sizeof(r->text), "%s: %s (0x%" PRIx32 ")", what,
                 names[result], detail);
    } else {
        snprintf(r->text, sizeof(r->text), "%s: %s", what, names[result]);
    }
    return result;
}

teeio_result teeio_requester_need(struct teeio_requester *r, const char *what,
                                  bool session)
{
    if (!r->ready) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_NOT_CONNECTED, 0);
    }
    if (session && !r->session.open) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_NO_SESSION, 0);
    }
    return TEEIO_REQUESTER_OK;
}

const char *teeio_requester_text(const struct teeio_requester *r)
{
    return r->text;
}

uint32_t teeio_requester_detail(const struct teeio_requester *r)
{
    return r->detail;
}

bool teeio_requester_connected(const struct teeio_requester *r)
{
    return r->ready;
}

uint8_t teeio_requester_version(const struct teeio_requester *r)
{
    return r->ready ? r->version : 0;
}

const uint8_t *teeio_requester_chain(const struct teeio_requester *r,
                                     size_t *size)
{
    size_t head = TEEIO_SPDM_CHAIN_HEADER + teeio_spdm_hash_size(r->hash);

    if (!r->ready) {
        return NULL;
    }
    *size = r->chain_len - head;
    return r->chain + head;
}

uint32_t teeio_requester_session(const struct teeio_requester *r)
{
    return r->session.open ? r->session.id : 0;
}

uint8_t teeio_requester_heartbeat_period(const struct teeio_requester *r)
{
    return r->session.heartbeat;
}

bool teeio_requester_ide_keyed(const struct teeio_requester *r, uint8_t stream)
{
    return r->session.key_set[stream];
}

void teeio_requester_inject(struct teeio_requester *r,
                            enum teeio_requester_fault fault, unsigned count)
{
    r->fault = count ? fault : TEEIO_REQUESTER_NO_FAULT;
    r->fault_count = count;
}

bool teeio_requester_faulty(struct teeio_requester *r,
                            enum teeio_requester_fault fault)
{
    if (r->fault != fault) {
        return false;
    }
    if (--r->fault_count == 0) {
        r->fault = TEEIO_REQUESTER_NO_FAULT;
    }
    return true;
}
