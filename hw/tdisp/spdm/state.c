/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "../../image.h"

#include <string.h>

#include "spdm-internal.h"

#define IMAGE_TAG     TEEIO_IMAGE_TAG('S', 'P', 'D', 'M')
#define IMAGE_VERSION 1

/* One hash function's inner state; both keep whole blocks behind a count. */
static void put_hash(struct teeio_image_writer *image,
                     const struct teeio_spdm_hash *hash)
{
    teeio_image_put(image, hash->algorithm, 4);
    if (hash->algorithm == TEEIO_SPDM_SHA_256) {
        for (unsigned i = 0; i < _SHA256_DIGEST_LENGTH; i++) {
            teeio_image_put(image, hash->u.sha256.state[i], 4);
        }
        teeio_image_put(image, hash->u.sha256.count, 8);
        teeio_image_put(image, hash->u.sha256.index, 4);
        teeio_image_put_bytes(image, hash->u.sha256.block, SHA256_BLOCK_SIZE);
    } else if (hash->algorithm == TEEIO_SPDM_SHA_384) {
        for (unsigned i = 0; i < _SHA512_DIGEST_LENGTH; i++) {
            teeio_image_put(image, hash->u.sha384.state[i], 8);
        }
        teeio_image_put(image, hash->u.sha384.count_low, 8);
        teeio_image_put(image, hash->u.sha384.count_high, 8);
        teeio_image_put(image, hash->u.sha384.index, 4);
        teeio_image_put_bytes(image, hash->u.sha384.block, SHA512_BLOCK_SIZE);
    }
}

/* @algorithm: what it must be, when there is one */
static void get_hash(struct teeio_image_reader *image,
                     struct teeio_spdm_hash *hash, uint32_t algorithm)
{
    memset(hash, 0, sizeof(*hash));
    hash->algorithm = teeio_image_get(image, 4);
    if (hash->algorithm && hash->algorithm != algorithm) {
        image->bad = true;
    }
    if (hash->algorithm == TEEIO_SPDM_SHA_256) {
        for (unsigned i = 0; i < _SHA256_DIGEST_LENGTH; i++) {
            hash->u.sha256.state[i] = teeio_image_get(image, 4);
        }
        hash->u.sha256.count = teeio_image_get(image, 8);
        hash->u.sha256.index = teeio_image_get(image, 4);
        teeio_image_get_bytes(image, hash->u.sha256.block, SHA256_BLOCK_SIZE);
        image->bad |= hash->u.sha256.index >= SHA256_BLOCK_SIZE;
    } else if (hash->algorithm == TEEIO_SPDM_SHA_384) {
        for (unsigned i = 0; i < _SHA512_DIGEST_LENGTH; i++) {
            hash->u.sha384.state[i] = teeio_image_get(image, 8);
        }
        hash->u.sha384.count_low = teeio_image_get(image, 8);
        hash->u.sha384.count_high = teeio_image_get(image, 8);
        hash->u.sha384.index = teeio_image_get(image, 4);
        teeio_image_get_bytes(image, hash->u.sha384.block, SHA512_BLOCK_SIZE);
        image->bad |= hash->u.sha384.index >= SHA512_BLOCK_SIZE;
    }
}

static void put_transcript(struct teeio_image_writer *image,
                           const struct teeio_spdm_transcript *transcript)
{
    teeio_image_put(image, transcript->started, 1);
    if (transcript->started) {
        put_hash(image, &transcript->hash);
    }
}

static void get_transcript(struct teeio_image_reader *image,
                           struct teeio_spdm_transcript *transcript,
                           uint32_t algorithm)
{
    memset(transcript, 0, sizeof(*transcript));
    transcript->started = teeio_image_get_bool(image);
    if (transcript->started) {
        get_hash(image, &transcript->hash, algorithm);
        image->bad |= !transcript->hash.algorithm;
    }
}

static void put_keys(struct teeio_image_writer *image,
                     const struct teeio_spdm_keys *keys)
{
    teeio_image_put_bytes(image, keys->secret, sizeof(keys->secret));
    teeio_image_put_bytes(image, keys->key, sizeof(keys->key));
    teeio_image_put_bytes(image, keys->iv, sizeof(keys->iv));
    teeio_image_put(image, keys->sequence, 8);
}

static void get_keys(struct teeio_image_reader *image,
                     struct teeio_spdm_keys *keys)
{
    teeio_image_get_bytes(image, keys->secret, sizeof(keys->secret));
    teeio_image_get_bytes(image, keys->key, sizeof(keys->key));
    teeio_image_get_bytes(image, keys->iv, sizeof(keys->iv));
    keys->sequence = teeio_image_get(image, 8);
}

static void put_session(struct teeio_image_writer *image,
                        const struct teeio_spdm_session *session)
{
    teeio_image_put(image, session->phase, 1);
    if (!session->phase) {
        return;
    }
    teeio_image_put(image, session->update, 1);
    teeio_image_put(image, session->id, 4);
    teeio_image_put(image, session->heard, 8);
    put_keys(image, &session->request);
    put_keys(image, &session->response);
    put_transcript(image, &session->l1);
    if (session->phase == TEEIO_SPDM_HANDSHAKE) {
        put_hash(image, &session->th);
        teeio_image_put_bytes(image, session->secret, sizeof(session->secret));
    }
}

static void get_session(struct teeio_image_reader *image,
                        struct teeio_spdm_session *session, uint32_t algorithm)
{
    memset(session, 0, sizeof(*session));
    session->phase = teeio_image_get(image, 1);
    if (!session->phase) {
        return;
    }
    session->update = teeio_image_get(image, 1);
    session->id = teeio_image_get(image, 4);
    session->heard = teeio_image_get(image, 8);
    get_keys(image, &session->request);
    get_keys(image, &session->response);
    get_transcript(image, &session->l1, algorithm);
    if (session->phase == TEEIO_SPDM_HANDSHAKE) {
        get_hash(image, &session->th, algorithm);
        image->bad |= !session->th.algorithm;
        teeio_image_get_bytes(image, session->secret, sizeof(session->secret));
    }
    image->bad |= (session->phase != TEEIO_SPDM_HANDSHAKE &&
                   session->phase != TEEIO_SPDM_APPLICATION) ||
                  session->update > TEEIO_SPDM_UPDATE_ALL_KEYS;
}

static void put_large(struct teeio_image_writer *image,
                      const struct teeio_spdm_large *large)
{
    teeio_image_put(image, large->request, 1);
    teeio_image_put(image, large->handle, 1);
    teeio_image_put(image, large->next, 2);
    teeio_image_put(image, large->session, 4);
    teeio_image_put(image, large->len, 4);
    teeio_image_put(image, large->done, 4);
    teeio_image_put_bytes(image, large->data, large->len);
}

static void get_large(struct teeio_image_reader *image,
                      struct teeio_spdm_large *large)
{
    large->request = teeio_image_get(image, 1);
    large->handle = teeio_image_get(image, 1);
    large->next = teeio_image_get(image, 2);
    large->session = teeio_image_get(image, 4);
    large->len = teeio_image_get(image, 4);
    large->done = teeio_image_get(image, 4);
    if (large->len > sizeof(large->data) || large->done > large->len ||
        (large->request && large->request != TEEIO_SPDM_CHUNK_SEND &&
         large->request != TEEIO_SPDM_CHUNK_GET)) {
        image->bad = true;
        return;
    }
    teeio_image_get_bytes(image, large->data, large->len);
}

static void put_algorithms(struct teeio_image_writer *image,
                           const struct teeio_spdm_algorithms *chosen)
{
    teeio_image_put(image, chosen->asym, 4);
    teeio_image_put(image, chosen->hash, 4);
    teeio_image_put(image, chosen->dhe, 2);
    teeio_image_put(image, chosen->aead, 2);
    teeio_image_put(image, chosen->schedule, 2);
    teeio_image_put(image, chosen->measurement, 1);
    teeio_image_put(image, chosen->opaque, 1);
}

/* Each must be none or one that we have; else nothing later could be trusted.
 */
static void get_algorithms(struct teeio_image_reader *image,
                           struct teeio_spdm_algorithms *chosen)
{
    chosen->asym = teeio_image_get(image, 4);
    chosen->hash = teeio_image_get(image, 4);
    chosen->dhe = teeio_image_get(image, 2);
    chosen->aead = teeio_image_get(image, 2);
    chosen->schedule = teeio_image_get(image, 2);
    chosen->measurement = teeio_image_get(image, 1);
    chosen->opaque = teeio_image_get(image, 1);
    image->bad |= (chosen->hash && !teeio_spdm_hash_size(chosen->hash)) ||
                  (chosen->dhe && !teeio_spdm_curve_size(chosen->dhe)) ||
                  (chosen->aead && !teeio_spdm_aead_key(chosen->aead));
}

/* What an image depends on: one of another device is of no use. */
static void whose(const struct teeio_spdm *spdm, uint8_t *digest)
{
    teeio_spdm_digest(TEEIO_SPDM_SHA_256, spdm->config.chain,
                      spdm->config.chain_size, digest);
}

size_t teeio_spdm_save(const struct teeio_spdm *spdm, uint8_t *buf, size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);
    uint8_t digest[SHA256_DIGEST_SIZE];

    whose(spdm, digest);
    teeio_image_put_bytes(&image, digest, sizeof(digest));
    teeio_image_put(&image, spdm->own_caps, 4);
    teeio_image_put(&image, spdm->connection, 1);
    teeio_image_put(&image, spdm->version, 1);
    teeio_image_put(&image, spdm->peer_caps, 4);
    teeio_image_put(&image, spdm->peer_transfer_size, 4);
    teeio_image_put(&image, spdm->peer_message_size, 4);
    teeio_image_put(&image, spdm->vca_len, 2);
    teeio_image_put_bytes(&image, spdm->vca, spdm->vca_len);
    put_algorithms(&image, &spdm->algorithms);
    put_transcript(&image, &spdm->m1);
    put_transcript(&image, &spdm->l1);
    teeio_image_put(&image, spdm->last_session, 2);
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        put_session(&image, &spdm->sessions[i]);
    }
    put_large(&image, &spdm->large);
    return image.used;
}

/* Is what was read a state that the responder can be in? */
static bool possible(const struct teeio_spdm *spdm)
{
    bool sessions = false;

    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        sessions |= spdm->sessions[i].phase;
    }
    if (spdm->connection > TEEIO_SPDM_CONNECTION_ALGORITHMS ||
        (spdm->version && spdm->version != TEEIO_SPDM_12 &&
         spdm->version != TEEIO_SPDM_13) ||
        (spdm->connection > TEEIO_SPDM_CONNECTION_VERSION &&
         (!spdm->version ||
          spdm->peer_transfer_size < TEEIO_SPDM_MIN_DATA_TRANSFER_SIZE))) {
        return false;
    }
    return !sessions || (spdm->connection == TEEIO_SPDM_CONNECTION_ALGORITHMS &&
                         spdm->algorithms.hash && spdm->algorithms.asym &&
                         spdm->algorithms.dhe && spdm->algorithms.aead);
}

static bool read_image(struct teeio_spdm *spdm, const uint8_t *buf, size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    uint8_t expected[SHA256_DIGEST_SIZE];
    uint8_t digest[SHA256_DIGEST_SIZE];

    whose(spdm, expected);
    teeio_image_get_bytes(&image, digest, sizeof(digest));
    if (memcmp(digest, expected, sizeof(digest)) != 0 ||
        teeio_image_get(&image, 4) != spdm->own_caps) {
        return false;
    }
    spdm->connection = teeio_image_get(&image, 1);
    spdm->version = teeio_image_get(&image, 1);
    spdm->peer_caps = teeio_image_get(&image, 4);
    spdm->peer_transfer_size = teeio_image_get(&image, 4);
    spdm->peer_message_size = teeio_image_get(&image, 4);
    spdm->vca_len = teeio_image_get(&image, 2);
    if (spdm->vca_len > sizeof(spdm->vca)) {
        return false;
    }
    teeio_image_get_bytes(&image, spdm->vca, spdm->vca_len);
    get_algorithms(&image, &spdm->algorithms);
    get_transcript(&image, &spdm->m1, spdm->algorithms.hash);
    get_transcript(&image, &spdm->l1, spdm->algorithms.hash);
    spdm->last_session = teeio_image_get(&image, 2);
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        get_session(&image, &spdm->sessions[i], spdm->algorithms.hash);
    }
    get_large(&image, &spdm->large);
    return teeio_image_end(&image) && possible(spdm);
}

bool teeio_spdm_load(struct teeio_spdm *spdm, const uint8_t *buf, size_t size)
{
    struct teeio_spdm *next = teeio_spdm_copy(spdm);
    bool ok;

    if (!next) {
        return false;
    }
    ok = read_image(next, buf, size);
    if (ok) {
        *spdm = *next;
    }
    teeio_spdm_free(next);
    return ok;
}
