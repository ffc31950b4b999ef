/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A guest that writes any DOE register, and whole objects of any content. */
#include <string.h>

#include "input.h"
#include "teeio/doe.h"
#include "teeio/spec/doe.h"

static size_t echo(void *opaque, const uint8_t *payload, size_t len,
                   uint8_t *answer, size_t size)
{
    size_t used = len < size ? len : size;

    (void)opaque;
    memcpy(answer, payload, used);
    return used;
}

static const struct teeio_doe_protocol list[] = {{1, 1, NULL, echo},
                                                 {1, 2, NULL, echo}};

static void serve(const struct teeio_doe_protocols *protocols,
                  const struct fuzz_input *in)
{
    uint8_t *answer = g_malloc(64);
    size_t used = teeio_doe_serve(protocols, in->data, in->left, answer, 64);

    g_assert_cmpuint(used, <=, 64);
    g_assert_true(!used || teeio_doe_length(answer) == used);
    g_free(answer);
}

static void reload(struct teeio_doe *doe, struct fuzz_input *in)
{
    size_t size = teeio_doe_save(doe, NULL, 0);
    uint8_t *image = g_malloc(size);
    size_t at = fuzz_take(in, 2) % size;

    teeio_doe_save(doe, image, size);
    image[at] ^= fuzz_take(in, 1);
    teeio_doe_load(doe, image, size);
    g_free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_host *fake = fuzz_host();
    struct fuzz_input in = {data, size};
    const struct teeio_doe_config config = {
        .host = &fake->host,
        .protocols = {list, G_N_ELEMENTS(list)},
        .interrupt = true,
        .delay = fuzz_take(&in, 1) & 1,
    };
    struct teeio_doe *doe = teeio_doe_new(&config);

    serve(&config.protocols, &in);
    while (in.left) {
        uint8_t what = fuzz_take(&in, 1);
        uint32_t offset = (what >> 2) % TEEIO_DOE_CAP_SIZE;
        unsigned width = offset % 4 == 0 ? 4 : offset % 2 == 0 ? 2 : 1;

        switch (what & 3) {
        case 0:
            teeio_doe_read(doe, offset, width);
            teeio_doe_step(doe);
            break;
        case 1:
            teeio_doe_write(doe, offset, fuzz_take(&in, width), width);
            break;
        case 2:
            /* Something that is likely to be an object. */
            teeio_doe_write(doe, TEEIO_DOE_REG_WRITE, 1 | (what >> 2) << 16, 4);
            teeio_doe_write(doe, TEEIO_DOE_REG_WRITE, 3, 4);
            teeio_doe_write(doe, TEEIO_DOE_REG_WRITE, fuzz_take(&in, 4), 4);
            teeio_doe_write(doe, TEEIO_DOE_REG_CONTROL,
                            TEEIO_DOE_CONTROL_GO | TEEIO_DOE_CONTROL_INT_EN, 4);
            break;
        case 3:
            if (what >> 2 == 0) {
                reload(doe, &in);
            }
            break;
        }
    }
    teeio_doe_free(doe);
    return 0;
}
