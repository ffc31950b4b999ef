/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* TDISP messages, the responder: one handler per request. */
#include <string.h>

#include "../bytes.h"
#include "dsm-internal.h"
#include "teeio/spec/tdisp.h"

#define COUNT(array)     (sizeof(array) / sizeof((array)[0]))
#define HEADER           TEEIO_TDISP_HEADER_SIZE
#define INDEX(code)      ((code)-TEEIO_TDISP_MSG_GET_VERSION)

#define ADDR_WIDTH       52
#define ADDR_WIDTH_QUIRK 48

/* Without a cache line size: no TDI of ours has an LN requester. */
#define LOCK_FLAGS                                      \
    (TEEIO_TDISP_NO_FW_UPDATE | TEEIO_TDISP_LOCK_MSIX | \
     TEEIO_TDISP_ALL_REQUEST_REDIRECT)

/**
 * struct message - a request, and room for its response
 * @used: length of the response so far; the header is in place
 */
struct message {
    struct teeio_dsm *dsm;
    struct teeio_interface *interface;
    uint32_t session;
    const uint8_t *in;
    size_t len;
    uint8_t *out;
    size_t size;
    size_t used;
};

static bool quirk(const struct teeio_dsm *dsm, uint32_t flag)
{
    return teeio_quirks_has(dsm->config.quirks, flag);
}

/* @bytes zeros behind what there is; fixed responses always fit. */
static uint8_t *append(struct message *m, size_t bytes)
{
    uint8_t *at = m->out + m->used;

    memset(at, 0, bytes);
    m->used += bytes;
    return at;
}

static enum teeio_tdisp_error do_version(struct message *m)
{
    uint8_t *body = append(m, 2);

    body[0] = 1;
    body[1] = TEEIO_TDISP_VERSION_10;
    m->dsm->version_seen = true;
    return TEEIO_TDISP_OK;
}

static bool supported(const struct teeio_dsm *dsm, unsigned code);

static enum teeio_tdisp_error do_capabilities(struct message *m)
{
    const struct teeio_dsm *dsm = m->dsm;
    bool more = !quirk(dsm, TEEIO_QUIRK_MANDATORY_ONLY);
    uint8_t num = quirk(dsm, TEEIO_QUIRK_NUM_REQ_ZERO) ? 0 : 1;

    append(m, TEEIO_TDISP_CAPS_SIZE - HEADER);
    for (unsigned code = TEEIO_TDISP_MSG_GET_VERSION;
         code <= TEEIO_TDISP_MSG_VDM; code++) {
        unsigned bit = code - TEEIO_TDISP_REQUEST_BIT;

        if (supported(dsm, code)) {
            m->out[TEEIO_TDISP_CAPS_MESSAGES + bit / 8] |= 1u << bit % 8;
        }
    }
    teeio_put_le(m->out + TEEIO_TDISP_CAPS_FLAGS,
                 LOCK_FLAGS | (more ? TEEIO_TDISP_BIND_P2P : 0), 2);
    m->out[TEEIO_TDISP_CAPS_ADDR_WIDTH] =
        quirk(dsm, TEEIO_QUIRK_DEV_ADDR_WIDTH_48) ? ADDR_WIDTH_QUIRK
                                                  : ADDR_WIDTH;
    m->out[TEEIO_TDISP_CAPS_NUM_THIS] = num;
    m->out[TEEIO_TDISP_CAPS_NUM_ALL] = num;
    return TEEIO_TDISP_OK;
}

static enum teeio_tdisp_error do_lock(struct message *m)
{
    const struct teeio_lock lock = {
        .session = m->session,
        .flags = teeio_get_le(m->in + TEEIO_TDISP_LOCK_FLAGS, 2) &
                 TEEIO_TDISP_LOCK_FLAGS_ALL,
        .stream = m->in[TEEIO_TDISP_LOCK_STREAM],
        .offset = teeio_get_le(m->in + TEEIO_TDISP_LOCK_OFFSET, 8),
        .p2p_mask = teeio_get_le(m->in + TEEIO_TDISP_LOCK_P2P_MASK, 8),
    };

    return teeio_interface_lock(m->interface, &lock,
                                append(m, TEEIO_TDISP_NONCE_SIZE));
}

static enum teeio_tdisp_error do_report(struct message *m)
{
    size_t offset = teeio_get_le(m->in + TEEIO_TDISP_REPORT_OFFSET, 2);
    size_t portion = teeio_get_le(m->in + TEEIO_TDISP_REPORT_LENGTH, 2);
    size_t room = m->size - TEEIO_TDISP_REPORT_BYTES;
    uint8_t report[TEEIO_REPORT_MAX];
    enum teeio_tdisp_error error;
    size_t total;

    error = teeio_interface_report(m->interface, report, &total);
    if (error != TEEIO_TDISP_OK) {
        return error;
    }
    if (offset >= total || !portion) {
        /* PCIe table 11-16; and a portion of nothing never ends. */
        return TEEIO_TDISP_INVALID_REQUEST;
    }
    portion = portion < room ? portion : room;
    portion = portion < total - offset ? portion : total - offset;
    append(m, TEEIO_TDISP_REPORT_BYTES - HEADER);
    teeio_put_le(m->out + TEEIO_TDISP_REPORT_PORTION, portion, 2);
    teeio_put_le(m->out + TEEIO_TDISP_REPORT_REMAINDER,
                 total - offset - portion, 2);
    memcpy(append(m, portion), report + offset, portion);
    return TEEIO_TDISP_OK;
}

static enum teeio_tdisp_error do_state(struct message *m)
{
    *append(m, 1) = m->interface->state;
    return TEEIO_TDISP_OK;
}

static enum teeio_tdisp_error do_start(struct message *m)
{
    return teeio_interface_start(m->interface,
                                 m->in + TEEIO_TDISP_NONCE_OFFSET);
}

static enum teeio_tdisp_error do_stop(struct message *m)
{
    return teeio_interface_stop(m->interface);
}

static enum teeio_tdisp_error do_bind(struct message *m)
{
    return teeio_interface_bind(m->interface, m->in[TEEIO_TDISP_P2P_STREAM]);
}

static enum teeio_tdisp_error do_unbind(struct message *m)
{
    return teeio_interface_unbind(m->interface, m->in[TEEIO_TDISP_P2P_STREAM]);
}

static enum teeio_tdisp_error do_set_attribute(struct message *m)
{
    const uint8_t *range = m->in + TEEIO_TDISP_RANGE_OFFSET;
    const struct teeio_attribute_change change = {
        .page = teeio_get_le(range + TEEIO_RANGE_FIRST_PAGE, 8),
        .pages = teeio_get_le(range + TEEIO_RANGE_PAGES, 4),
        .attributes = teeio_get_le(range + TEEIO_RANGE_ATTRIBUTES, 2),
        .id = teeio_get_le(range + TEEIO_RANGE_ID, 2),
    };

    return teeio_interface_set_attribute(m->interface, &change);
}

static enum teeio_tdisp_error do_vdm(struct message *m)
{
    size_t size = m->size - TEEIO_TDISP_ERROR_SIZE;
    enum teeio_tdisp_error error;

    error =
        m->dsm->config.vdm(m->dsm->config.opaque, m->interface, m->in + HEADER,
                           m->len - HEADER, m->out + m->used, &size);
    if (size > m->size - TEEIO_TDISP_ERROR_SIZE) {
        return TEEIO_TDISP_UNSPECIFIED;
    }
    m->used += size;
    return error;
}

/* @size: of the whole request; a VDM may be longer */
static const struct {
    size_t size;
    bool optional;
    enum teeio_tdisp_error (*run)(struct message *m);
} handlers[] = {
    [INDEX(TEEIO_TDISP_MSG_GET_VERSION)] = {HEADER, false, do_version},
    [INDEX(TEEIO_TDISP_MSG_GET_CAPABILITIES)] = {TEEIO_TDISP_GET_CAPS_SIZE,
                                                 false, do_capabilities},
    [INDEX(TEEIO_TDISP_MSG_LOCK)] = {TEEIO_TDISP_LOCK_SIZE, false, do_lock},
    [INDEX(TEEIO_TDISP_MSG_GET_REPORT)] = {TEEIO_TDISP_REPORT_SIZE, false,
                                           do_report},
    [INDEX(TEEIO_TDISP_MSG_GET_STATE)] = {HEADER, false, do_state},
    [INDEX(TEEIO_TDISP_MSG_START)] = {HEADER + TEEIO_TDISP_NONCE_SIZE, false,
                                      do_start},
    [INDEX(TEEIO_TDISP_MSG_STOP)] = {HEADER, false, do_stop},
    [INDEX(TEEIO_TDISP_MSG_BIND_P2P)] = {HEADER + 1, true, do_bind},
    [INDEX(TEEIO_TDISP_MSG_UNBIND_P2P)] = {HEADER + 1, true, do_unbind},
    [INDEX(TEEIO_TDISP_MSG_SET_MMIO_ATTRIBUTE)] = {HEADER + TEEIO_RANGE_SIZE,
                                                   true, do_set_attribute},
    [INDEX(TEEIO_TDISP_MSG_VDM)] = {HEADER + 2, true, do_vdm},
};
_Static_assert(COUNT(handlers) == INDEX(TEEIO_TDISP_MSG_VDM) + 1,
               "a row per request");

static bool supported(const struct teeio_dsm *dsm, unsigned code)
{
    unsigned index = INDEX(code);

    if (code < TEEIO_TDISP_MSG_GET_VERSION || index >= COUNT(handlers)) {
        return false;
    }
    if (code == TEEIO_TDISP_MSG_VDM && !dsm->config.vdm) {
        return false;
    }
    return !handlers[index].optional || !quirk(dsm, TEEIO_QUIRK_MANDATORY_ONLY);
}

static bool version_fits(const struct message *m)
{
    uint8_t version = m->in[TEEIO_TDISP_VERSION_OFFSET];

    /* PCIe 11.3.4: whoever asks for versions needs the major one only. */
    if (m->in[TEEIO_TDISP_TYPE_OFFSET] == TEEIO_TDISP_MSG_GET_VERSION) {
        version = (version & TEEIO_TDISP_MAJOR) |
                  (TEEIO_TDISP_VERSION_10 & ~TEEIO_TDISP_MAJOR);
    }
    return version == TEEIO_TDISP_VERSION_10;
}

static enum teeio_tdisp_error run(struct message *m)
{
    unsigned code = m->in[TEEIO_TDISP_TYPE_OFFSET];
    size_t wanted;

    if (!version_fits(m)) {
        return TEEIO_TDISP_VERSION_MISMATCH;
    }
    if (!supported(m->dsm, code)) {
        return TEEIO_TDISP_UNSUPPORTED_REQUEST;
    }
    wanted = handlers[INDEX(code)].size;
    if (m->len < HEADER) {
        return TEEIO_TDISP_INVALID_REQUEST;
    }
    m->interface = teeio_dsm_find(
        m->dsm, teeio_get_le(m->in + TEEIO_TDISP_FUNCTION_OFFSET, 4));
    if (!m->interface ||
        (!m->dsm->version_seen && code != TEEIO_TDISP_MSG_GET_VERSION &&
         quirk(m->dsm, TEEIO_QUIRK_VERSION_FIRST))) {
        return TEEIO_TDISP_INVALID_INTERFACE;
    }
    if (m->len < wanted || (m->len > wanted && code != TEEIO_TDISP_MSG_VDM)) {
        return TEEIO_TDISP_INVALID_REQUEST;
    }
    return handlers[INDEX(code)].run(m);
}

/* Returns: whether this response has the fault; it counts then. */
static bool faulty(struct teeio_dsm *dsm, enum teeio_dsm_fault fault)
{
    if (dsm->fault != fault) {
        return false;
    }
    if (--dsm->fault_count == 0) {
        dsm->fault = TEEIO_DSM_NO_FAULT;
    }
    return true;
}

static void spoil(struct message *m)
{
    switch (m->out[TEEIO_TDISP_TYPE_OFFSET] | TEEIO_TDISP_REQUEST_BIT) {
    case TEEIO_TDISP_MSG_LOCK:
        if (faulty(m->dsm, TEEIO_DSM_FAULT_NONCE)) {
            m->out[TEEIO_TDISP_NONCE_OFFSET] ^= 1;
        }
        break;
    case TEEIO_TDISP_MSG_GET_STATE:
        if (faulty(m->dsm, TEEIO_DSM_FAULT_STATE)) {
            m->out[TEEIO_TDISP_STATE_OFFSET] = m->dsm->fault_value;
        }
        break;
    case TEEIO_TDISP_MSG_GET_REPORT:
        if (faulty(m->dsm, TEEIO_DSM_FAULT_REPORT)) {
            m->out[m->used - 1] ^= 1;
        }
        break;
    default:
        break;
    }
}

/* PCIe 11.3.24; @extended bytes of vendor data lie behind the header. */
static void fail(struct message *m, enum teeio_tdisp_error error,
                 size_t extended)
{
    uint32_t data = 0;

    if (error == TEEIO_TDISP_UNSUPPORTED_REQUEST) {
        data = m->in[TEEIO_TDISP_TYPE_OFFSET];
    } else if (error == TEEIO_TDISP_VENDOR_SPECIFIC_ERROR) {
        data = extended;
    } else {
        extended = 0;
    }
    memmove(m->out + TEEIO_TDISP_ERROR_SIZE, m->out + HEADER, extended);
    m->out[TEEIO_TDISP_TYPE_OFFSET] = TEEIO_TDISP_MSG_ERROR;
    teeio_put_le(m->out + TEEIO_TDISP_ERROR_CODE, error, 4);
    teeio_put_le(m->out + TEEIO_TDISP_ERROR_DATA, data, 4);
    m->used = TEEIO_TDISP_ERROR_SIZE + extended;
}

size_t teeio_dsm_tdisp(struct teeio_dsm *dsm, uint32_t session,
                       const uint8_t *message, size_t len, uint8_t *response,
                       size_t size)
{
    size_t known = len < HEADER ? len : HEADER;
    struct message m = {dsm, NULL,     session, message,
                        len, response, size,    HEADER};
    enum teeio_tdisp_error error;

    /* Not even a message type to answer to, or nowhere to answer. */
    if (len < TEEIO_TDISP_FUNCTION_OFFSET || size < TEEIO_DSM_MIN_RESPONSE ||
        faulty(dsm, TEEIO_DSM_FAULT_SILENCE)) {
        return 0;
    }
    memset(response, 0, HEADER);
    memcpy(response + TEEIO_TDISP_FUNCTION_OFFSET,
           message + TEEIO_TDISP_FUNCTION_OFFSET,
           known - TEEIO_TDISP_FUNCTION_OFFSET);
    response[TEEIO_TDISP_VERSION_OFFSET] = TEEIO_TDISP_VERSION_10;
    response[TEEIO_TDISP_TYPE_OFFSET] =
        message[TEEIO_TDISP_TYPE_OFFSET] & ~TEEIO_TDISP_REQUEST_BIT;
    if (faulty(dsm, TEEIO_DSM_FAULT_ERROR)) {
        error = dsm->fault_value;
        m.used = HEADER;
    } else {
        error = run(&m);
    }
    if (error != TEEIO_TDISP_OK) {
        fail(&m, error, m.used - HEADER);
    } else {
        spoil(&m);
    }
    return m.used;
}
