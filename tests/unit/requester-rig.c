/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "requester-rig.h"

#include <string.h>

#define OK TEEIO_REQUESTER_OK

static size_t exchange(void *opaque, const uint8_t *object, size_t len,
                       uint8_t *answer, size_t size)
{
    struct requester_rig *rig = opaque;
    size_t used;

    used = teeio_dsm_object(rig->dsm.dsm, object, len, answer, size);
    rig->objects++;
    if (rig->tamper && (!rig->at || rig->at == rig->objects)) {
        used = rig->tamper(rig, answer, used);
    }
    return used;
}

static void random_bytes(void *opaque, void *buf, size_t len)
{
    struct requester_rig *rig = opaque;
    uint8_t *bytes = buf;

    while (len--) {
        *bytes++ = g_rand_int(rig->rand);
    }
}

struct teeio_requester_config requester_rig_config(struct requester_rig *rig)
{
    return (struct teeio_requester_config){
        .opaque = rig, .exchange = exchange, .random = random_bytes};
}

void requester_rig_make(struct requester_rig *rig, const char *quirks)
{
    memset(rig, 0, sizeof(*rig));
    rig->rand = g_rand_new_with_seed(7);
    dsm_rig_init(&rig->dsm, quirks);
    spdm_device_init(&rig->device, 4);
}

void requester_rig_start(struct requester_rig *rig)
{
    const struct teeio_requester_config config = requester_rig_config(rig);

    g_assert_true(teeio_dsm_start_spdm(rig->dsm.dsm, &rig->device.config));
    rig->requester = teeio_requester_new(&config);
}

void requester_rig_init(struct requester_rig *rig)
{
    requester_rig_make(rig, NULL);
    requester_rig_start(rig);
}

void requester_rig_clear(struct requester_rig *rig)
{
    teeio_requester_free(rig->requester);
    spdm_device_clear(&rig->device);
    dsm_rig_clear(&rig->dsm);
    g_rand_free(rig->rand);
}

void requester_rig_connect(struct requester_rig *rig)
{
    if (teeio_requester_connect(rig->requester) != OK) {
        g_error("%s", teeio_requester_text(rig->requester));
    }
}

void requester_rig_open(struct requester_rig *rig)
{
    requester_rig_connect(rig);
    g_assert_cmpint(teeio_requester_open(rig->requester), ==, OK);
}

void requester_rig_run(struct requester_rig *rig)
{
    const struct teeio_requester_lock lock = {.stream = RIG_STREAM};
    uint8_t nonce[TEEIO_REQUESTER_NONCE];

    requester_rig_open(rig);
    g_assert_cmpint(teeio_requester_ide_setup(rig->requester, RIG_STREAM, 0),
                    ==, OK);
    g_assert_cmpint(
        teeio_requester_lock(rig->requester, RIG_FUNCTION, &lock, nonce), ==,
        OK);
    g_assert_cmpint(teeio_requester_start(rig->requester, RIG_FUNCTION, nonce),
                    ==, OK);
}
