/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* IDE_KM, the responder (PCIe 6.33.3). */
#include <string.h>

#include "../bytes.h"
#include "../pci/ide-internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct message {
    struct teeio_ide *ide;
    uint32_t session;
    const uint8_t *bytes;
    size_t len;
    uint8_t *response;
    size_t size;
};

static bool quirk(const struct teeio_ide *ide, uint32_t flag)
{
    return teeio_quirks_has(ide->config.quirks, flag);
}

static uint8_t max_port(const struct teeio_ide *ide)
{
    return ide->config.quirks ? ide->config.quirks->max_port : 0;
}

static size_t do_query(const struct message *in)
{
    const struct teeio_ide *ide = in->ide;
    unsigned words = teeio_ide_words(ide) - TEEIO_IDE_REG_CAP / 4;
    size_t used = TEEIO_IDE_KM_QUERY_REGS + 4 * words;
    uint8_t *out = in->response;

    if (in->len != TEEIO_IDE_KM_QUERY_SIZE || used > in->size ||
        in->bytes[TEEIO_IDE_KM_QUERY_PORT] > max_port(ide)) {
        return 0;
    }
    out[0] = TEEIO_IDE_KM_QUERY_RESP;
    out[1] = 0;
    out[TEEIO_IDE_KM_QUERY_PORT] = in->bytes[TEEIO_IDE_KM_QUERY_PORT];
    out[TEEIO_IDE_KM_QUERY_FUNCTION] = ide->requester;
    out[TEEIO_IDE_KM_QUERY_BUS] = ide->requester >> 8;
    out[TEEIO_IDE_KM_QUERY_SEGMENT] = ide->segment;
    out[TEEIO_IDE_KM_QUERY_MAX_PORT] = max_port(ide);
    for (unsigned i = 0; i < words; i++) {
        teeio_put_le(out + TEEIO_IDE_KM_QUERY_REGS + 4 * i,
                     ide->words[TEEIO_IDE_REG_CAP / 4 + i], 4);
    }
    return used;
}

/* Returns: the sub-streams that a message means, a mask; 0 when none. */
static uint8_t sub_streams(const struct message *in)
{
    uint8_t value = in->bytes[TEEIO_IDE_KM_SUB_STREAM];
    unsigned sub = value >> TEEIO_IDE_KM_SUB_LSB;
    unsigned first = value & TEEIO_IDE_KM_TX ? TEEIO_IDE_SUBS : 0;

    if (quirk(in->ide, TEEIO_QUIRK_KM_ONE_SUB_STREAM)) {
        return ((1u << TEEIO_IDE_SUBS) - 1) << first;
    }
    if (sub >= TEEIO_IDE_SUBS || value & TEEIO_IDE_KM_RESERVED) {
        return 0;
    }
    return 1u << (first + sub);
}

static bool good_values(const struct message *in)
{
    const uint8_t *ifv = in->bytes + TEEIO_IDE_KM_IFV;

    /* PCIe 6.33.3: the initial value is 0 in DW 0 and 1 in DW 1. */
    return sub_streams(in) && teeio_get_le(ifv, 4) == 0 &&
           teeio_get_le(ifv + 4, 4) == 1;
}

static bool another_session(const struct teeio_ide_slot *slot, uint32_t session)
{
    return (slot->programmed[0] || slot->programmed[1]) &&
           slot->session != session;
}

/* Returns: the status of a KEY_PROG of the right length. */
static uint8_t program(const struct message *in)
{
    uint8_t port = in->bytes[TEEIO_IDE_KM_PORT];
    uint8_t stream = in->bytes[TEEIO_IDE_KM_STREAM];
    uint8_t subs = sub_streams(in);
    unsigned set = in->bytes[TEEIO_IDE_KM_SUB_STREAM] & TEEIO_IDE_KM_KEY_SET;
    struct teeio_ide_slot *slot;

    if (port > max_port(in->ide)) {
        return TEEIO_IDE_KM_BAD_PORT;
    }
    if (!good_values(in) || !teeio_ide_known(in->ide, stream)) {
        return quirk(in->ide, TEEIO_QUIRK_KM_ANY_VALUE)
                   ? TEEIO_IDE_KM_OK
                   : TEEIO_IDE_KM_BAD_VALUE;
    }
    slot = teeio_ide_slot_new(in->ide, port, stream);
    if (another_session(slot, in->session)) {
        /* PCIe 11.4.5: one session for all keys of a stream. */
        return TEEIO_IDE_KM_BAD_VALUE;
    }
    if (slot->active[set] & subs) {
        /* PCIe 6.33.3: a refresh goes to the key set that is not in use. */
        return TEEIO_IDE_KM_UNSPECIFIED;
    }
    slot->session = in->session;
    slot->programmed[set] |= subs;
    return TEEIO_IDE_KM_OK;
}

static size_t acknowledge(const struct message *in, uint8_t id, uint8_t status)
{
    size_t known = in->len < TEEIO_IDE_KM_SIZE ? in->len : TEEIO_IDE_KM_SIZE;

    if (in->size < TEEIO_IDE_KM_SIZE) {
        return 0;
    }
    memset(in->response, 0, TEEIO_IDE_KM_SIZE);
    memcpy(in->response, in->bytes, known);
    memset(in->response + 1, 0, 2);
    in->response[0] = id;
    in->response[TEEIO_IDE_KM_STATUS] = status;
    return TEEIO_IDE_KM_SIZE;
}

static size_t do_key_prog(const struct message *in)
{
    uint8_t status = TEEIO_IDE_KM_BAD_LENGTH;

    if (in->len == TEEIO_IDE_KM_PROG_SIZE) {
        status = program(in);
    }
    if ((status == TEEIO_IDE_KM_BAD_LENGTH &&
         quirk(in->ide, TEEIO_QUIRK_KM_DROP_BAD_LENGTH)) ||
        (status == TEEIO_IDE_KM_BAD_PORT &&
         quirk(in->ide, TEEIO_QUIRK_KM_DROP_BAD_PORT))) {
        return 0;
    }
    return acknowledge(in, TEEIO_IDE_KM_KP_ACK, status);
}

/*
 * K_GOSTOP_ACK has no status, so what cannot be done is not acknowledged.
 *
 * Returns: NULL when there are no such keys of this session.
 */
static struct teeio_ide_slot *find_keys(const struct message *in)
{
    unsigned set = in->bytes[TEEIO_IDE_KM_SUB_STREAM] & TEEIO_IDE_KM_KEY_SET;
    uint8_t subs = sub_streams(in);
    struct teeio_ide_slot *slot = teeio_ide_slot(
        in->ide, in->bytes[TEEIO_IDE_KM_PORT], in->bytes[TEEIO_IDE_KM_STREAM]);

    if (!slot || !subs || slot->session != in->session ||
        (slot->programmed[set] & subs) != subs) {
        return NULL;
    }
    return slot;
}

static size_t do_k_set_go(const struct message *in)
{
    struct teeio_ide_slot *slot;
    unsigned set;

    if (in->len != TEEIO_IDE_KM_SIZE) {
        return 0;
    }
    slot = find_keys(in);
    if (!slot) {
        return 0;
    }
    set = in->bytes[TEEIO_IDE_KM_SUB_STREAM] & TEEIO_IDE_KM_KEY_SET;
    slot->active[set] |= sub_streams(in);
    slot->active[!set] &= ~sub_streams(in);
    teeio_ide_refresh(in->ide);
    return acknowledge(in, TEEIO_IDE_KM_K_GOSTOP_ACK, 0);
}

static size_t do_k_set_stop(const struct message *in)
{
    struct teeio_ide_slot *slot;
    unsigned set;

    if (in->len != TEEIO_IDE_KM_SIZE) {
        return 0;
    }
    slot = find_keys(in);
    if (!slot) {
        return 0;
    }
    /* PCIe 6.33.3: what is stopped has to be programmed again. */
    set = in->bytes[TEEIO_IDE_KM_SUB_STREAM] & TEEIO_IDE_KM_KEY_SET;
    slot->active[set] &= ~sub_streams(in);
    slot->programmed[set] &= ~sub_streams(in);
    teeio_ide_refresh(in->ide);
    return acknowledge(in, TEEIO_IDE_KM_K_GOSTOP_ACK, 0);
}

static size_t (*const handlers[])(const struct message *in) = {
    [TEEIO_IDE_KM_QUERY] = do_query,
    [TEEIO_IDE_KM_KEY_PROG] = do_key_prog,
    [TEEIO_IDE_KM_K_SET_GO] = do_k_set_go,
    [TEEIO_IDE_KM_K_SET_STOP] = do_k_set_stop,
};

size_t teeio_ide_km_message(struct teeio_ide *ide, uint32_t session,
                            const uint8_t *message, size_t len,
                            uint8_t *response, size_t size)
{
    const struct message in = {ide, session, message, len, response, size};
    size_t used;

    if (!len || message[0] >= COUNT(handlers) || !handlers[message[0]]) {
        return 0;
    }
    /* PCIe 6.33.3: a second session finds nobody. */
    if (ide->owned && ide->owner != session &&
        !quirk(ide, TEEIO_QUIRK_KM_ANY_SESSION)) {
        return 0;
    }
    used = handlers[message[0]](&in);
    if (used && !ide->owned) {
        ide->owned = true;
        ide->owner = session;
    }
    return used;
}
