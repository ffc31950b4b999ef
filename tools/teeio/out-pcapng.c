/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Events as pcapng: each TLP as the bytes of a link, behind a pseudo-header
 * that tells what became of it. docs/specs/capture.rst has the layout.
 */
#include "artefacts.h"
#include "capture.h"
#include "convert.h"

#include <stdio.h>
#include <string.h>

#include "teeio/tlp-wire.h"

#define BLOCK_SECTION   0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET    6u
#define BYTE_ORDER_MARK 0x1a2b3c4du

#define OPTION_COMMENT  1u
#define OPTION_NAME     2u
#define OPTION_FLAGS    2u
#define OPTION_APP      4u
#define OPTION_TSRESOL  9u
#define FLAGS_INBOUND   1u
#define FLAGS_OUTBOUND  2u

/* LINKTYPE_WIRESHARK_UPPER_PDU: tags first; this one names the dissector. */
#define LINKTYPE           252u
#define TAG_DISSECTOR      12u
#define DISSECTOR          "teeio"

#define PSEUDO_VERSION     1u
#define PSEUDO_SYNTHESISED 1u /* the model has no such TLP */
#define PSEUDO_NO_WIRE     2u /* no bytes can stand for this TLP */

enum field {
    FIELD_SEQ = 1,
    FIELD_VERDICT,
    FIELD_ROUTE,
    FIELD_TDI_STATE,
    FIELD_OWNER,
    FIELD_S1,
    FIELD_S2,
    FIELD_VIA,
    FIELD_OUT,
    FIELD_FAULT,
    FIELD_ORIGIN,
    FIELD_TYPE,
    FIELD_REQUESTER,
    FIELD_ADDRESS,
    FIELD_LENGTH,
    FIELD_T,
    FIELD_XT,
};

enum { DEVICE_TO_HOST, HOST_TO_DEVICE };

/*
 * @comments: sequence number to text, from findings, which come later
 * @states:   requester to TDISP state
 * @notes:    comments that wait for the next TLP
 */
struct pcapng {
    GHashTable *comments;
    GHashTable *states;
    GPtrArray *notes;
};

static void put_le(GByteArray *out, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t byte = value >> (8 * i);

        g_byte_array_append(out, &byte, 1);
    }
}

static void put_be(GByteArray *out, uint64_t value, unsigned size)
{
    for (unsigned i = size; i > 0; i--) {
        uint8_t byte = value >> (8 * (i - 1));

        g_byte_array_append(out, &byte, 1);
    }
}

static void pad(GByteArray *out)
{
    put_le(out, 0, -out->len & 3);
}

static void put_option(GByteArray *body, unsigned code, const void *value,
                       size_t len)
{
    len = MIN(len, UINT16_MAX);
    put_le(body, code, 2);
    put_le(body, len, 2);
    g_byte_array_append(body, value, len);
    pad(body);
}

static void put_text(GByteArray *body, unsigned code, const char *text)
{
    put_option(body, code, text, strlen(text));
}

/* Frees @body, whose length is a multiple of 4. */
static void put_block(GByteArray *out, uint32_t type, GByteArray *body)
{
    uint32_t total = body->len + 12;

    put_le(out, type, 4);
    put_le(out, total, 4);
    g_byte_array_append(out, body->data, body->len);
    put_le(out, total, 4);
    g_byte_array_unref(body);
}

static void put_interface(GByteArray *out, const char *name)
{
    GByteArray *body = g_byte_array_new();
    uint8_t nanoseconds = 9;

    put_le(body, LINKTYPE, 4);
    put_le(body, 0, 4);
    put_text(body, OPTION_NAME, name);
    put_option(body, OPTION_TSRESOL, &nanoseconds, 1);
    put_le(body, 0, 4);
    put_block(out, BLOCK_INTERFACE, body);
}

static void *create(void)
{
    struct pcapng *p = g_new0(struct pcapng, 1);

    p->comments = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                        (GDestroyNotify)g_ptr_array_unref);
    p->states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    p->notes = g_ptr_array_new_with_free_func(g_free);
    return p;
}

static void survey(void *state, JsonObject *event)
{
    struct pcapng *p = state;
    guint64 trigger = teeio_json_number(event, "trigger");
    GPtrArray *texts;

    if (!g_str_equal(teeio_json_string(event, "ev"), "finding") || !trigger) {
        return;
    }
    texts = g_hash_table_lookup(p->comments, &trigger);
    if (!texts) {
        texts = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(p->comments, g_memdup2(&trigger, sizeof(trigger)),
                            texts);
    }
    g_ptr_array_add(texts, g_strdup_printf("finding %s: %s",
                                           teeio_json_string(event, "finding"),
                                           teeio_json_string(event, "text")));
}

static void begin(void *state, JsonObject *header, GByteArray *out)
{
    GByteArray *body = g_byte_array_new();
    g_autofree char *application = g_strdup_printf(
        "qemu-teeio %s, events of qemu-teeio %s in QEMU %s",
        TEEIO_PROJECT_VERSION, teeio_json_string(header, "tool"),
        teeio_json_string(header, "qemu"));

    (void)state;
    put_le(body, BYTE_ORDER_MARK, 4);
    put_le(body, 1, 4);
    put_le(body, UINT64_MAX, 8);
    put_text(body, OPTION_APP, application);
    put_le(body, 0, 4);
    put_block(out, BLOCK_SECTION, body);
    put_interface(out, "device-to-host");
    put_interface(out, "host-to-device");
}

static void put_field(GByteArray *pdu, enum field field, const void *value,
                      size_t len)
{
    put_be(pdu, field, 1);
    put_be(pdu, MIN(len, 255), 1);
    g_byte_array_append(pdu, value, MIN(len, 255));
}

static void put_string(GByteArray *pdu, enum field field, const char *text)
{
    if (*text) {
        put_field(pdu, field, text, strlen(text));
    }
}

static void put_number(GByteArray *pdu, enum field field, uint64_t value,
                       unsigned size)
{
    put_be(pdu, field, 1);
    put_be(pdu, size, 1);
    put_be(pdu, value, size);
}

/* Without wire bytes, what they would have told. */
static void put_request(GByteArray *pdu, JsonObject *event)
{
    put_string(pdu, FIELD_TYPE, teeio_json_string(event, "type"));
    put_string(pdu, FIELD_REQUESTER, teeio_json_string(event, "requester"));
    put_number(pdu, FIELD_ADDRESS, teeio_json_number(event, "addr"), 8);
    put_number(pdu, FIELD_LENGTH, teeio_json_number(event, "len"), 4);
    put_number(pdu, FIELD_T, teeio_json_number(event, "t"), 1);
    put_number(pdu, FIELD_XT, teeio_json_number(event, "xt"), 1);
}

static void put_pseudo(GByteArray *pdu, const struct pcapng *p,
                       JsonObject *event, unsigned flags)
{
    static const struct {
        enum field field;
        const char *name;
    } strings[] = {
        {FIELD_VERDICT, "verdict"}, {FIELD_ROUTE, "route"},
        {FIELD_OWNER, "owner"},     {FIELD_S1, "s1"},
        {FIELD_S2, "s2"},           {FIELD_VIA, "via"},
        {FIELD_FAULT, "fault"},     {FIELD_ORIGIN, "origin"},
    };
    const char *tdi =
        g_hash_table_lookup(p->states, teeio_json_string(event, "requester"));
    guint start = pdu->len;

    put_be(pdu, PSEUDO_VERSION, 1);
    put_be(pdu, flags, 1);
    put_be(pdu, 0, 2);
    put_number(pdu, FIELD_SEQ, teeio_json_number(event, "seq"), 8);
    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++) {
        put_string(pdu, strings[i].field,
                   teeio_json_string(event, strings[i].name));
    }
    if (*teeio_json_string(event, "out")) {
        put_number(pdu, FIELD_OUT, teeio_json_number(event, "out"), 8);
    }
    put_string(pdu, FIELD_TDI_STATE, tdi ? tdi : "");
    if (flags & PSEUDO_NO_WIRE) {
        put_request(pdu, event);
    }
    pdu->data[start + 2] = (pdu->len - start) >> 8;
    pdu->data[start + 3] = pdu->len - start;
}

static void put_comments(GByteArray *body, GPtrArray *texts)
{
    for (guint i = 0; texts && i < texts->len; i++) {
        put_text(body, OPTION_COMMENT, texts->pdata[i]);
    }
}

/*
 * One packet. The payload is not recorded: @missing bytes are counted in the
 * packet's own length only, as in any capture that was cut short.
 */
static void put_packet(GByteArray *out, struct pcapng *p, JsonObject *event,
                       unsigned interface, const GByteArray *pdu,
                       size_t missing)
{
    GByteArray *body = g_byte_array_new();
    guint64 seq = teeio_json_number(event, "seq");
    guint64 time = teeio_json_number(event, "t_ns");

    put_le(body, interface, 4);
    put_le(body, time >> 32, 4);
    put_le(body, time, 4);
    put_le(body, pdu->len, 4);
    put_le(body, pdu->len + missing, 4);
    g_byte_array_append(body, pdu->data, pdu->len);
    pad(body);
    put_le(body, OPTION_FLAGS, 2);
    put_le(body, 4, 2);
    put_le(body, interface == DEVICE_TO_HOST ? FLAGS_INBOUND : FLAGS_OUTBOUND,
           4);
    if (interface == DEVICE_TO_HOST) {
        put_comments(body, p->notes);
        put_comments(body, g_hash_table_lookup(p->comments, &seq));
        g_ptr_array_set_size(p->notes, 0);
    }
    put_le(body, 0, 4);
    put_block(out, BLOCK_PACKET, body);
}

static GByteArray *new_pdu(void)
{
    GByteArray *pdu = g_byte_array_new();

    put_be(pdu, TAG_DISSECTOR, 2);
    put_be(pdu, 8, 2);
    g_byte_array_append(pdu, (const uint8_t *)DISSECTOR "\0\0\0", 8);
    put_be(pdu, 0, 4);
    return pdu;
}

static void put_tlp(GByteArray *out, struct pcapng *p, JsonObject *event,
                    unsigned interface, const struct teeio_tlp_wire *wire,
                    unsigned flags)
{
    g_autoptr(GByteArray) pdu = new_pdu();
    uint8_t head[TEEIO_WIRE_MAX_HEAD];
    size_t len = 0, missing = 0;

    if (flags & PSEUDO_NO_WIRE ||
        teeio_wire_encode_head(wire, head, &len) != TEEIO_WIRE_OK) {
        flags |= PSEUDO_NO_WIRE;
    } else if (teeio_wire_has_data(wire->type)) {
        missing = 4u * wire->dwords;
    }
    put_pseudo(pdu, p, event, flags);
    g_byte_array_append(pdu, head, len);
    put_packet(out, p, event, interface, pdu, missing);
}

static bool find_kind(const char *name, enum teeio_tlp_kind *kind)
{
    for (unsigned i = 0; i < TEEIO_TLP_KINDS; i++) {
        if (g_str_equal(teeio_tlp_kind_name(i), name)) {
            *kind = i;
            return true;
        }
    }
    return false;
}

/* False: the event tells of a TLP that has no wire form here. */
static bool tlp_of(JsonObject *event, struct teeio_tlp *tlp)
{
    const char *at = teeio_json_string(event, "at");
    guint64 length = teeio_json_number(event, "len");
    unsigned bus, slot, function;

    *tlp = (struct teeio_tlp){
        .at = g_str_equal(at, "request")      ? TEEIO_AT_TRANSLATION_REQUEST
              : g_str_equal(at, "translated") ? TEEIO_AT_TRANSLATED
                                              : TEEIO_AT_UNTRANSLATED,
        .address = teeio_json_number(event, "addr"),
        .length = MIN(length, UINT32_MAX),
        .t = teeio_json_number(event, "t"),
        .xt = teeio_json_number(event, "xt"),
        .pasid_valid = *teeio_json_string(event, "pasid"),
        .pasid = teeio_json_number(event, "pasid"),
        .privileged = teeio_json_number(event, "pmr"),
        .execute = teeio_json_number(event, "exe"),
        .ide = json_object_has_member(event, "ide"),
        .stream = teeio_json_number(event, "ide"),
    };
    if (sscanf(teeio_json_string(event, "requester"), "%*x:%x:%x.%x", &bus,
               &slot, &function) != 3) {
        return false;
    }
    tlp->requester = bus << 8 | (slot & 0x1f) << 3 | (function & 7);
    return find_kind(teeio_json_string(event, "type"), &tlp->kind) &&
           teeio_tlp_well_formed(tlp);
}

/* What the requester is told, or -1: nothing yet. */
static int completion_status(const char *verdict)
{
    static const struct {
        const char *verdict;
        int status;
    } rows[] = {
        {"ok", TEEIO_CPL_SC},
        {"unsupported", TEEIO_CPL_UR},
        {"no-memory", TEEIO_CPL_UR},
        {"stalled", -1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_str_equal(rows[i].verdict, verdict)) {
            return rows[i].status;
        }
    }
    return TEEIO_CPL_CA;
}

static void take_tlp(struct pcapng *p, JsonObject *event, GByteArray *out)
{
    guint64 seq = teeio_json_number(event, "seq");
    int status = completion_status(teeio_json_string(event, "verdict"));
    struct teeio_tlp_wire request = {0}, completion;
    struct teeio_tlp tlp;
    bool posted;

    if (!tlp_of(event, &tlp)) {
        put_tlp(out, p, event, DEVICE_TO_HOST, &request, PSEUDO_NO_WIRE);
        return;
    }
    teeio_wire_request(&request, &tlp, seq & 0xff);
    put_tlp(out, p, event, DEVICE_TO_HOST, &request, 0);
    posted = request.type == TEEIO_WIRE_MWR;
    if (!posted && status >= 0) {
        teeio_wire_complete(&completion, &request, 0, status);
        put_tlp(out, p, event, HOST_TO_DEVICE, &completion, PSEUDO_SYNTHESISED);
    }
}

static void event(void *state, JsonObject *event, GByteArray *out)
{
    struct pcapng *p = state;
    const char *ev = teeio_json_string(event, "ev");

    if (g_str_equal(ev, "tlp")) {
        take_tlp(p, event, out);
    } else if (g_str_equal(ev, "tdisp")) {
        g_hash_table_replace(p->states,
                             g_strdup(teeio_json_string(event, "requester")),
                             g_strdup(teeio_json_string(event, "to")));
    } else if (g_str_equal(ev, "marker")) {
        g_ptr_array_add(
            p->notes,
            g_strdup_printf("marker %s", teeio_json_string(event, "value")));
    }
}

static void end(void *state, GByteArray *out)
{
    struct pcapng *p = state;

    (void)out;
    g_hash_table_unref(p->comments);
    g_hash_table_unref(p->states);
    g_ptr_array_unref(p->notes);
    g_free(p);
}

const struct teeio_format teeio_format_pcapng = {
    .name = "pcapng",
    .file = TEEIO_TLP,
    .create = create,
    .survey = survey,
    .begin = begin,
    .event = event,
    .end = end,
};
