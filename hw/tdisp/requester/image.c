/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Connection and open session as bytes; a handshake never outlasts a call. */
#include "../../image.h"

#include <stdlib.h>

#include "requester-internal.h"

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'R', 'E', 'Q')
#define IMAGE_VERSION 1

static void put_keys(struct teeio_image_writer *image,
                     const struct teeio_requester_keys *keys)
{
    teeio_image_put_bytes(image, keys->secret, sizeof(keys->secret));
    teeio_image_put_bytes(image, keys->key, sizeof(keys->key));
    teeio_image_put_bytes(image, keys->iv, sizeof(keys->iv));
    teeio_image_put(image, keys->sequence, 8);
}

static void get_keys(struct teeio_image_reader *image,
                     struct teeio_requester_keys *keys)
{
    teeio_image_get_bytes(image, keys->secret, sizeof(keys->secret));
    teeio_image_get_bytes(image, keys->key, sizeof(keys->key));
    teeio_image_get_bytes(image, keys->iv, sizeof(keys->iv));
    keys->sequence = teeio_image_get(image, 8);
}

static void put_session(struct teeio_image_writer *image,
                        const struct teeio_requester_session *session)
{
    teeio_image_put(image, session->id, 4);
    teeio_image_put(image, session->heartbeat, 1);
    teeio_image_put(image, session->tag, 1);
    put_keys(image, &session->request);
    put_keys(image, &session->response);
    teeio_image_put_bytes(image, session->key_set, sizeof(session->key_set));
    teeio_image_put_bytes(image, session->port, sizeof(session->port));
}

static void get_session(struct teeio_image_reader *image,
                        struct teeio_requester_session *session)
{
    session->open = true;
    session->id = teeio_image_get(image, 4);
    session->heartbeat = teeio_image_get(image, 1);
    session->tag = teeio_image_get(image, 1);
    get_keys(image, &session->request);
    get_keys(image, &session->response);
    teeio_image_get_bytes(image, session->key_set, sizeof(session->key_set));
    teeio_image_get_bytes(image, session->port, sizeof(session->port));
    image->bad |= !session->id;
    for (unsigned i = 0; i < sizeof(session->key_set); i++) {
        image->bad |= session->key_set[i] > 2;
    }
}

size_t teeio_requester_save(const struct teeio_requester *r, uint8_t *buf,
                            size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);

    teeio_image_put(&image, r->ready, 1);
    if (!r->ready) {
        return image.used;
    }
    teeio_image_put(&image, r->version, 1);
    teeio_image_put(&image, r->caps, 4);
    teeio_image_put(&image, r->transfer_size, 4);
    teeio_image_put(&image, r->asym, 4);
    teeio_image_put(&image, r->hash, 4);
    teeio_image_put(&image, r->dhe, 2);
    teeio_image_put(&image, r->aead, 2);
    teeio_image_put_count(&image, r->vca_len);
    teeio_image_put_bytes(&image, r->vca, r->vca_len);
    teeio_image_put_count(&image, r->chain_len);
    teeio_image_put_bytes(&image, r->chain, r->chain_len);
    teeio_image_put(&image, r->session.open, 1);
    if (r->session.open) {
        put_session(&image, &r->session);
    }
    return image.used;
}

static size_t get_bytes(struct teeio_image_reader *image, uint8_t *bytes,
                        size_t size)
{
    uint64_t len = teeio_image_get_count(image);

    if (len > size) {
        image->bad = true;
        return 0;
    }
    teeio_image_get_bytes(image, bytes, len);
    return len;
}

/* Only what can have been negotiated, and a chain that is trusted here. */
static bool plausible(struct teeio_requester *r)
{
    return (r->version == TEEIO_SPDM_12 || r->version == TEEIO_SPDM_13) &&
           (!r->config.max_version || r->version <= r->config.max_version) &&
           r->transfer_size >= TEEIO_SPDM_MIN_DATA_TRANSFER_SIZE &&
           (r->asym == TEEIO_SPDM_ECDSA_P384 ||
            r->asym == TEEIO_SPDM_ECDSA_P256) &&
           teeio_spdm_hash_size(r->hash) && teeio_spdm_curve_size(r->dhe) &&
           teeio_spdm_aead_key(r->aead) &&
           teeio_requester_chain_check(r) == TEEIO_REQUESTER_OK;
}

static bool get_all(struct teeio_image_reader *image, struct teeio_requester *r)
{
    bool ready = teeio_image_get_bool(image);

    if (!ready) {
        return teeio_image_end(image);
    }
    r->version = teeio_image_get(image, 1);
    r->caps = teeio_image_get(image, 4);
    r->transfer_size = teeio_image_get(image, 4);
    r->asym = teeio_image_get(image, 4);
    r->hash = teeio_image_get(image, 4);
    r->dhe = teeio_image_get(image, 2);
    r->aead = teeio_image_get(image, 2);
    r->vca_len = get_bytes(image, r->vca, sizeof(r->vca));
    r->chain_len = get_bytes(image, r->chain, sizeof(r->chain));
    if (teeio_image_get_bool(image)) {
        get_session(image, &r->session);
    }
    r->ready = teeio_image_end(image) && plausible(r);
    return r->ready;
}

bool teeio_requester_load(struct teeio_requester *r, const uint8_t *buf,
                          size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_requester *next = teeio_requester_new(&r->config);
    bool good = next && get_all(&image, next);

    if (good) {
        next->text[0] = 0;
        *r = *next;
    }
    teeio_requester_free(next);
    return good;
}
