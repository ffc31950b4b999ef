/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(TEEIO_SPDM_ALG_STRUCTS + 4 * TEEIO_SPDM_ALG_MAX_EXT +
                       4 * TEEIO_SPDM_ALG_STRUCT ==
                   TEEIO_SPDM_ALG_MAX_LENGTH,
               "what read_structs() takes is no longer than Length may be");

/* What a requester offers beyond the fixed part. */
struct offer {
    unsigned structs;
    uint8_t types[4];
    uint16_t dhe;
    uint16_t aead;
    uint16_t schedule;
};

/* @preferred: best first */
static uint32_t choose(uint32_t offered, const uint32_t *preferred,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (offered & preferred[i]) {
            return preferred[i];
        }
    }
    return 0;
}

/*
 * The structures in @data up to @len; AlgType rises from one to the next.
 * Returns: false when they are not as DSP0274 "Algorithm request structure"
 * wants them.
 */
static bool read_structs(const uint8_t *data, size_t len, unsigned count,
                         unsigned extended, struct offer *offer)
{
    uint8_t last = TEEIO_SPDM_ALG_TYPE_DHE - 1;

    if (count > COUNT(offer->types)) {
        return false;
    }
    while (offer->structs < count) {
        uint8_t type;
        unsigned more;
        uint16_t bits;

        if (len < TEEIO_SPDM_ALG_STRUCT) {
            return false;
        }
        type = data[0];
        more = data[1] & 0xf;
        bits = teeio_spdm_number(data + 2, 2);
        extended += more;
        if (type <= last || type > TEEIO_SPDM_ALG_TYPE_KEY_SCHEDULE ||
            (data[1] & 0xf0) != TEEIO_SPDM_ALG_FIXED_COUNT_2 ||
            len < TEEIO_SPDM_ALG_STRUCT + 4 * more ||
            extended > TEEIO_SPDM_ALG_MAX_EXT) {
            return false;
        }
        last = type;
        offer->types[offer->structs++] = type;
        if (type == TEEIO_SPDM_ALG_TYPE_DHE) {
            offer->dhe = bits;
        } else if (type == TEEIO_SPDM_ALG_TYPE_AEAD) {
            offer->aead = bits;
        } else if (type == TEEIO_SPDM_ALG_TYPE_KEY_SCHEDULE) {
            offer->schedule = bits;
        }
        data += TEEIO_SPDM_ALG_STRUCT + 4 * more;
        len -= TEEIO_SPDM_ALG_STRUCT + 4 * more;
    }
    return len == 0;
}

static struct teeio_spdm_algorithms select(const struct teeio_spdm *spdm,
                                           const uint8_t *data,
                                           const struct offer *offer)
{
    static const uint32_t hashes[] = {TEEIO_SPDM_SHA_384, TEEIO_SPDM_SHA_256};
    static const uint32_t groups[] = {TEEIO_SPDM_SECP384R1,
                                      TEEIO_SPDM_SECP256R1};
    static const uint32_t ciphers[] = {TEEIO_SPDM_AES_256_GCM,
                                       TEEIO_SPDM_CHACHA20_POLY1305,
                                       TEEIO_SPDM_AES_128_GCM};
    struct teeio_spdm_algorithms chosen = {0};
    uint32_t both = spdm->own_caps & spdm->peer_caps;

    /* One key, one algorithm that it can sign with. */
    chosen.asym =
        teeio_spdm_number(data + TEEIO_SPDM_ALG_BASE_ASYM, 4) &
        (spdm->key_curve == TEEIO_SPDM_SECP384R1 ? TEEIO_SPDM_ECDSA_P384
                                                 : TEEIO_SPDM_ECDSA_P256);
    chosen.hash = choose(teeio_spdm_number(data + TEEIO_SPDM_ALG_BASE_HASH, 4),
                         hashes, COUNT(hashes));
    chosen.opaque = data[TEEIO_SPDM_ALG_OTHER_PARAMS] & TEEIO_SPDM_OPAQUE_FMT1;
    if (spdm->own_caps & TEEIO_SPDM_RSP_MEAS_CAP) {
        chosen.measurement =
            data[TEEIO_SPDM_ALG_MEAS_SPEC] & TEEIO_SPDM_MEAS_SPEC_DMTF;
    }
    if (both & TEEIO_SPDM_KEY_EX_CAP) {
        chosen.dhe = choose(offer->dhe, groups, COUNT(groups));
        chosen.aead = choose(offer->aead, ciphers, COUNT(ciphers));
        chosen.schedule = offer->schedule & TEEIO_SPDM_KEY_SCHEDULE;
    }
    return chosen;
}

static uint32_t measurement_hash(const struct teeio_spdm_algorithms *chosen)
{
    if (!chosen->measurement) {
        return 0;
    }
    return chosen->hash == TEEIO_SPDM_SHA_256   ? TEEIO_SPDM_MEAS_SHA_256
           : chosen->hash == TEEIO_SPDM_SHA_384 ? TEEIO_SPDM_MEAS_SHA_384
                                                : 0;
}

/* Structures come back in the order, and of the types, that were asked for. */
static void put_structs(struct teeio_spdm_response *rsp,
                        const struct offer *offer,
                        const struct teeio_spdm_algorithms *chosen)
{
    const uint16_t selected[] = {
        [TEEIO_SPDM_ALG_TYPE_DHE] = chosen->dhe,
        [TEEIO_SPDM_ALG_TYPE_AEAD] = chosen->aead,
        [TEEIO_SPDM_ALG_TYPE_REQ_BASE_ASYM] = 0,
        [TEEIO_SPDM_ALG_TYPE_KEY_SCHEDULE] = chosen->schedule,
    };

    for (unsigned i = 0; i < offer->structs; i++) {
        teeio_spdm_put_number(rsp, offer->types[i], 1);
        teeio_spdm_put_number(rsp, TEEIO_SPDM_ALG_FIXED_COUNT_2, 1);
        teeio_spdm_put_number(rsp, selected[offer->types[i]], 2);
    }
}

static bool read_offer(const struct teeio_spdm *spdm,
                       const struct teeio_spdm_request *req, size_t *len,
                       struct offer *offer)
{
    const uint8_t *data = req->data;
    unsigned extended;
    size_t start;

    if (req->len < TEEIO_SPDM_ALG_STRUCTS) {
        return false;
    }
    extended = data[TEEIO_SPDM_ALG_EXT_ASYM_COUNT] +
               data[TEEIO_SPDM_ALG_EXT_HASH_COUNT];
    start = TEEIO_SPDM_ALG_STRUCTS + 4 * (size_t)extended;
    *len = teeio_spdm_number(data + TEEIO_SPDM_ALG_LENGTH, 2);
    if (*len > req->len || *len < start || extended > TEEIO_SPDM_ALG_MAX_EXT) {
        return false;
    }
    if (spdm->version >= TEEIO_SPDM_13 &&
        (data[TEEIO_SPDM_ALG_OTHER_PARAMS] & TEEIO_SPDM_MULTI_KEY_CONN)) {
        return false;
    }
    return read_structs(data + start, *len - start, req->param1, extended,
                        offer);
}

uint8_t teeio_spdm_do_algorithms(struct teeio_spdm *spdm,
                                 const struct teeio_spdm_request *req,
                                 struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_algorithms chosen;
    struct offer offer = {0};
    size_t len;

    if (!read_offer(spdm, req, &len, &offer)) {
        /*
         * DSP0274 "NEGOTIATE_ALGORITHMS": lengths that disagree, structures
         * out of order, or several keys, which we said we do not have.
         */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    chosen = select(spdm, req->data, &offer);
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_ALGORITHMS, offer.structs, 0);
    teeio_spdm_put_number(
        rsp, TEEIO_SPDM_ALG_RSP_STRUCTS + TEEIO_SPDM_ALG_STRUCT * offer.structs,
        2);
    teeio_spdm_put_number(rsp, chosen.measurement, 1);
    teeio_spdm_put_number(rsp, chosen.opaque, 1);
    teeio_spdm_put_number(rsp, measurement_hash(&chosen), 4);
    teeio_spdm_put_number(rsp, chosen.asym, 4);
    teeio_spdm_put_number(rsp, chosen.hash, 4);
    while (rsp->len < TEEIO_SPDM_ALG_RSP_STRUCTS) {
        teeio_spdm_put_number(rsp, 0, 1);
    }
    put_structs(rsp, &offer, &chosen);
    if (teeio_spdm_fits(rsp, 0)) {
        spdm->algorithms = chosen;
        spdm->connection = TEEIO_SPDM_CONNECTION_ALGORITHMS;
        teeio_spdm_vca_add(spdm, req->data, len);
        teeio_spdm_vca_add(spdm, rsp->data, rsp->len);
    }
    return 0;
}
