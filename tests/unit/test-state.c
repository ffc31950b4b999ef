/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Saved state of the models: it comes back as it was, and what is no image
 * does no harm.
 */
#include <string.h>

#include "tdi-rig.h"
#include "teeio/smmuv3.h"
#include "teeio/spec/smmuv3.h"
#include "teeio/spec/tsm.h"
#include "teeio/tsm.h"

#define PAGE        0x1000ull
#define CORRUPTIONS 20000

/* One object of each kind in a small world, some of them with a past. */
struct world {
    struct tdi_rig rig;
    struct teeio_tsm *tsm;
    struct teeio_smmuv3 *smmu;
};

/* A model that can be saved; @use touches as much as possible of it. */
struct subject {
    const char *name;
    size_t (*save)(struct world *world, uint8_t *buf, size_t size);
    bool (*load)(struct world *world, const uint8_t *buf, size_t size);
    void (*use)(struct world *world);
};

static void world_init(struct world *world)
{
    tdi_rig_init(&world->rig);
    world->tsm = teeio_tsm_new(&world->rig.fake.host, world->rig.ownership);
    g_assert_true(teeio_tsm_attach(world->tsm, world->rig.tdi));
    world->smmu = teeio_smmuv3_new(&world->rig.fake.host, world->rig.ownership,
                                   TEEIO_T_UNIFIED);
}

static void world_clear(struct world *world)
{
    teeio_smmuv3_free(world->smmu);
    teeio_tsm_free(world->tsm);
    tdi_rig_clear(&world->rig);
}

static void tsm_write(struct world *world, uint32_t offset, uint64_t value,
                      unsigned size)
{
    teeio_tsm_write(world->tsm, offset, value, size);
}

static void tsm_command(struct world *world, uint32_t command)
{
    tsm_write(world, TEEIO_TSM_REG_FUNCTION, RIG_REQUESTER, 4);
    tsm_write(world, TEEIO_TSM_REG_COMMAND, command, 4);
}

static void own(struct world *world, uint32_t command, uint64_t base,
                uint64_t size)
{
    tsm_write(world, TEEIO_TSM_REG_ADDRESS, base, 8);
    tsm_write(world, TEEIO_TSM_REG_LENGTH, size, 8);
    tsm_command(world, command);
    g_assert_cmphex(teeio_tsm_read(world->tsm, TEEIO_TSM_REG_STATUS, 4), ==,
                    TEEIO_TDISP_OK);
}

static void translate(struct world *world, uint64_t address)
{
    struct teeio_iommu *iommu = teeio_smmuv3_iommu(world->smmu);
    struct teeio_translation answer = {0};
    const struct teeio_tlp tlp = {
        .kind = TEEIO_TLP_MRD,
        .requester = RIG_REQUESTER,
        .address = address,
        .length = 8,
    };

    iommu->translate(iommu, &tlp, &answer);
}

static void smmu_write(struct world *world, uint32_t offset, uint64_t value,
                       unsigned size)
{
    teeio_smmuv3_write(world->smmu, offset, value, size);
    while (teeio_smmuv3_step(world->smmu)) {
    }
}

/* An empty stream table, so that every request leaves a record. */
static void use_smmu(struct world *world)
{
    smmu_write(world, TEEIO_SMMUV3_REG_STRTAB_BASE, RIG_RAM + 0x10000, 8);
    smmu_write(world, TEEIO_SMMUV3_REG_STRTAB_BASE_CFG, 8, 4);
    smmu_write(world, TEEIO_SMMUV3_REG_EVENTQ_BASE, (RIG_RAM + 0x20000) | 2, 8);
    smmu_write(world, TEEIO_SMMUV3_REG_CMDQ_BASE, (RIG_RAM + 0x21000) | 2, 8);
    smmu_write(world, TEEIO_SMMUV3_REG_IRQ_CTRL, TEEIO_IRQ_CTRL_EVENTQ, 4);
    smmu_write(world, TEEIO_SMMUV3_REG_CR0,
               TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN | TEEIO_CR0_EVENTQEN, 4);
    for (int i = 0; i < 6; i++) {
        translate(world, i * PAGE);
    }
    /* Memory is zeros, and 0 is no command. */
    smmu_write(world, TEEIO_SMMUV3_REG_CMDQ_PROD, 1, 4);
}

static void use_tdi(struct world *world)
{
    const struct tdi_request requests[] = {
        {TEEIO_TDI_OP_FILL | TEEIO_TDI_DESC_IRQ, 100, 0, RIG_RAM},
        {TEEIO_TDI_OP_CHECKSUM, 8, RIG_PRIVATE, 0},
        {TEEIO_TDI_OP_FILL, 100, 0, RIG_RAM + PAGE},
    };

    tsm_command(world, TEEIO_TSM_CMD_LOCK);
    tsm_command(world, TEEIO_TSM_CMD_START);
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        tdi_rig_queue(&world->rig, &requests[i]);
    }
    g_assert_true(teeio_tdi_step(world->rig.tdi));
    g_assert_true(teeio_tdi_step(world->rig.tdi));
}

static void use_tsm(struct world *world)
{
    tsm_write(world, TEEIO_TSM_REG_MARKER, 0x1234, 8);
    tsm_command(world, 0x77);
    tsm_command(world, TEEIO_TSM_CMD_LOCK);
}

static void use_ownership(struct world *world)
{
    own(world, TEEIO_TSM_CMD_UNSHARE, RIG_RAM, 3 * PAGE);
    own(world, TEEIO_TSM_CMD_UNSHARE, RIG_RAM + 8 * PAGE, 200 * PAGE);
    own(world, TEEIO_TSM_CMD_SHARE, RIG_RAM + 9 * PAGE, PAGE);
    own(world, TEEIO_TSM_CMD_SHARE, RIG_RAM + FAKE_HOST_RAM_SIZE - 70 * PAGE,
        70 * PAGE);
}

static size_t save_smmu(struct world *world, uint8_t *buf, size_t size)
{
    return teeio_smmuv3_save(world->smmu, buf, size);
}

static bool load_smmu(struct world *world, const uint8_t *buf, size_t size)
{
    return teeio_smmuv3_load(world->smmu, buf, size);
}

static size_t save_tdi(struct world *world, uint8_t *buf, size_t size)
{
    return teeio_tdi_save(world->rig.tdi, buf, size);
}

static bool load_tdi(struct world *world, const uint8_t *buf, size_t size)
{
    return teeio_tdi_load(world->rig.tdi, buf, size);
}

static size_t save_tsm(struct world *world, uint8_t *buf, size_t size)
{
    return teeio_tsm_save(world->tsm, buf, size);
}

static bool load_tsm(struct world *world, const uint8_t *buf, size_t size)
{
    return teeio_tsm_load(world->tsm, buf, size);
}

static size_t save_ownership(struct world *world, uint8_t *buf, size_t size)
{
    return teeio_ownership_save(world->rig.ownership, buf, size);
}

static bool load_ownership(struct world *world, const uint8_t *buf, size_t size)
{
    return teeio_ownership_load(world->rig.ownership, buf, size);
}

static const struct subject subjects[] = {
    {"smmuv3", save_smmu, load_smmu, use_smmu},
    {"tdi", save_tdi, load_tdi, use_tdi},
    {"tsm", save_tsm, load_tsm, use_tsm},
    {"ownership", save_ownership, load_ownership, use_ownership},
};

static GBytes *save(const struct subject *subject, struct world *world)
{
    size_t size = subject->save(world, NULL, 0);
    uint8_t *image = g_malloc(size);

    g_assert_cmpuint(subject->save(world, image, size), ==, size);
    return g_bytes_new_take(image, size);
}

/* In a block of exactly its size, so that a sanitizer sees what goes beyond. */
static bool load(const struct subject *subject, struct world *world,
                 const uint8_t *bytes, size_t size)
{
    g_autofree uint8_t *copy = size ? g_memdup2(bytes, size) : NULL;

    return subject->load(world, copy, size);
}

static void assert_state(const struct subject *subject, struct world *world,
                         GBytes *expected)
{
    g_autoptr(GBytes) now = save(subject, world);

    g_assert_true(g_bytes_equal(now, expected));
}

static void test_round_trip(gconstpointer opaque)
{
    const struct subject *subject = opaque;
    g_autoptr(GBytes) fresh = NULL;
    g_autoptr(GBytes) used = NULL;
    struct world from;
    struct world to;
    const uint8_t *image;
    size_t size;

    world_init(&from);
    world_init(&to);
    fresh = save(subject, &from);
    subject->use(&from);
    used = save(subject, &from);
    g_assert_false(g_bytes_equal(fresh, used));

    image = g_bytes_get_data(used, &size);
    g_assert_true(load(subject, &to, image, size));
    assert_state(subject, &to, used);
    image = g_bytes_get_data(fresh, &size);
    g_assert_true(load(subject, &to, image, size));
    assert_state(subject, &to, fresh);
    world_clear(&to);
    world_clear(&from);
}

static void test_short_buffer(gconstpointer opaque)
{
    const struct subject *subject = opaque;
    struct world world;
    size_t size;

    world_init(&world);
    size = subject->save(&world, NULL, 0);
    for (size_t room = 1; room < size; room += room < 64 ? 1 : 61) {
        g_autofree uint8_t *image = g_malloc(room);

        g_assert_cmpuint(subject->save(&world, image, room), ==, size);
    }
    world_clear(&world);
}

static void test_length(gconstpointer opaque)
{
    const struct subject *subject = opaque;
    g_autoptr(GBytes) before = NULL;
    g_autoptr(GBytes) used = NULL;
    g_autofree uint8_t *longer = NULL;
    const uint8_t *image;
    struct world world;
    size_t size;

    world_init(&world);
    before = save(subject, &world);
    subject->use(&world);
    used = save(subject, &world);
    world_clear(&world);

    world_init(&world);
    image = g_bytes_get_data(used, &size);
    for (size_t length = 0; length < size; length++) {
        g_assert_false(load(subject, &world, image, length));
        assert_state(subject, &world, before);
    }
    longer = g_malloc0(size + 1);
    memcpy(longer, image, size);
    g_assert_false(load(subject, &world, longer, size + 1));
    assert_state(subject, &world, before);
    world_clear(&world);
}

/* What was accepted must also be usable. */
static void exercise(struct world *world)
{
    for (int i = 0; i < 4; i++) {
        teeio_tdi_step(world->rig.tdi);
        teeio_smmuv3_step(world->smmu);
        translate(world, i * PAGE);
    }
    tsm_command(world, TEEIO_TSM_CMD_GET_STATE);
    tsm_command(world, TEEIO_TSM_CMD_STOP);
    teeio_ownership_count(world->rig.ownership, TEEIO_OWNER_PRIVATE);
}

static void test_corrupt(gconstpointer opaque)
{
    const struct subject *subject = opaque;
    g_autoptr(GBytes) used = NULL;
    const uint8_t *good;
    struct world world;
    unsigned refused = 0;
    size_t size;

    world_init(&world);
    subject->use(&world);
    used = save(subject, &world);
    good = g_bytes_get_data(used, &size);
    for (int i = 0; i < CORRUPTIONS; i++) {
        g_autofree uint8_t *bad = g_memdup2(good, size);

        for (int flips = g_test_rand_int_range(1, 5); flips; flips--) {
            bad[g_test_rand_int_range(0, size)] = g_test_rand_int();
        }
        if (subject->load(&world, bad, size)) {
            exercise(&world);
            g_assert_true(subject->load(&world, good, size));
            g_array_set_size(world.rig.fake.events, 0);
        } else {
            refused++;
        }
        assert_state(subject, &world, used);
    }
    g_assert_cmpuint(refused, >, 0);
    world_clear(&world);
}

/* An image of zeros behind a good head would be the easiest to forge. */
static void test_foreign(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++) {
        const struct subject *other =
            &subjects[(i + 1) % G_N_ELEMENTS(subjects)];
        g_autoptr(GBytes) image = NULL;
        const uint8_t *bytes;
        struct world world;
        size_t size;

        world_init(&world);
        image = save(other, &world);
        bytes = g_bytes_get_data(image, &size);
        g_assert_false(load(&subjects[i], &world, bytes, size));
        world_clear(&world);
    }
}

static void test_tdi_goes_on(void)
{
    g_autoptr(GBytes) image = NULL;
    const struct teeio_event *event;
    struct world from;
    struct world to;

    world_init(&from);
    use_tdi(&from);
    image = save(&subjects[1], &from);
    world_clear(&from);

    world_init(&to);
    g_assert_true(teeio_tdi_load(to.rig.tdi, g_bytes_get_data(image, NULL),
                                 g_bytes_get_size(image)));
    g_assert_cmpuint(to.rig.fake.wakes, ==, 1);
    g_assert_cmpint(teeio_tdi_state(to.rig.tdi), ==, TEEIO_TDISP_RUN);
    event = fake_host_last(&to.rig.fake, TEEIO_EVENT_TDISP);
    g_assert_cmpint(event->u.tdisp.to, ==, TEEIO_TDISP_RUN);

    teeio_tdi_set_config(to.rig.tdi, RIG_REQUESTER, true, RIG_DIGEST);
    g_assert_false(teeio_tdi_step(to.rig.tdi));
    g_assert_cmpint(teeio_tdi_state(to.rig.tdi), ==, TEEIO_TDISP_RUN);
    g_assert_cmphex(*(uint8_t *)fake_host_ptr(&to.rig.fake, RIG_RAM + PAGE), ==,
                    RIG_PATTERN & 0xff);
    g_assert_cmpuint(teeio_tdi_stats(to.rig.tdi).descriptors, ==, 3);
    world_clear(&to);
}

static void stall(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                  struct teeio_translation *answer)
{
    (void)iommu;
    (void)tlp;
    *answer = (struct teeio_translation){
        .verdict = TEEIO_VERDICT_STALLED,
        .stall_tag = 5,
    };
}

/* A request stalls, and the answer comes after the state was loaded. */
static void test_stall_survives(void)
{
    struct teeio_iommu stalling = {.translate = stall};
    const struct tdi_request request = {TEEIO_TDI_OP_FILL, 100, 0, RIG_RAM};
    g_autoptr(GBytes) image = NULL;
    const uint8_t *bytes;
    struct world from;
    struct world to;
    size_t size;

    world_init(&from);
    from.rig.fabric.iommu = &stalling;
    tdi_rig_queue(&from.rig, &request);
    g_assert_false(teeio_tdi_step(from.rig.tdi));
    image = save(&subjects[1], &from);
    world_clear(&from);

    world_init(&to);
    bytes = g_bytes_get_data(image, &size);
    for (size_t length = 0; length < size; length++) {
        g_assert_false(load(&subjects[1], &to, bytes, length));
    }
    g_assert_true(load(&subjects[1], &to, bytes, size));
    assert_state(&subjects[1], &to, image);
    g_assert_false(teeio_tdi_step(to.rig.tdi));
    g_assert_cmpuint(tdi_rig_reg(&to.rig, TEEIO_TDI_REG_HEAD), ==, 0);
    teeio_tdi_resume(to.rig.tdi, 5, TEEIO_STALL_RETRY);
    g_assert_false(teeio_tdi_step(to.rig.tdi));
    g_assert_cmpuint(tdi_rig_reg(&to.rig, TEEIO_TDI_REG_HEAD), ==, 1);
    g_assert_cmphex(*(uint8_t *)fake_host_ptr(&to.rig.fake, RIG_RAM), ==,
                    RIG_PATTERN & 0xff);
    world_clear(&to);
}

/* LOCK before, START after: the nonce is on both sides. */
static void test_nonce_survives(void)
{
    g_autoptr(GBytes) tdi = NULL;
    g_autoptr(GBytes) tsm = NULL;
    struct world from;
    struct world to;

    world_init(&from);
    tsm_command(&from, TEEIO_TSM_CMD_LOCK);
    tdi = save(&subjects[1], &from);
    tsm = save(&subjects[2], &from);
    world_clear(&from);

    world_init(&to);
    g_assert_true(teeio_tdi_load(to.rig.tdi, g_bytes_get_data(tdi, NULL),
                                 g_bytes_get_size(tdi)));
    g_assert_true(teeio_tsm_load(to.tsm, g_bytes_get_data(tsm, NULL),
                                 g_bytes_get_size(tsm)));
    tsm_command(&to, TEEIO_TSM_CMD_START);
    g_assert_cmphex(teeio_tsm_read(to.tsm, TEEIO_TSM_REG_STATUS, 4), ==,
                    TEEIO_TDISP_OK);
    world_clear(&to);
}

static void test_policy_differs(void)
{
    struct world world;
    struct teeio_smmuv3 *other;
    uint8_t image[2048];
    size_t size;

    world_init(&world);
    other = teeio_smmuv3_new(&world.rig.fake.host, world.rig.ownership,
                             TEEIO_T_ARM_SPLIT);
    size = teeio_smmuv3_save(world.smmu, image, sizeof(image));
    g_assert_cmpuint(size, <=, sizeof(image));
    g_assert_false(teeio_smmuv3_load(other, image, size));
    teeio_smmuv3_free(other);
    world_clear(&world);
}

/* A terabyte that is all of one kind is a few bytes. */
static void test_ownership_sparse(void)
{
    struct teeio_ownership *map = teeio_ownership_new();
    struct teeio_ownership *copy = teeio_ownership_new();
    const uint64_t terabyte = 1ull << 40;
    uint8_t image[128];
    size_t size;

    g_assert_true(
        teeio_ownership_add_ram(map, RIG_RAM, terabyte, TEEIO_OWNER_PRIVATE));
    g_assert_true(
        teeio_ownership_add_ram(copy, RIG_RAM, terabyte, TEEIO_OWNER_PRIVATE));
    g_assert_true(teeio_ownership_set(map, RIG_RAM + terabyte / 2, 3 * PAGE,
                                      TEEIO_OWNER_SHARED));
    size = teeio_ownership_save(map, image, sizeof(image));
    g_assert_cmpuint(size, <=, 64);
    g_assert_true(teeio_ownership_load(copy, image, size));
    g_assert_cmpuint(teeio_ownership_count(copy, TEEIO_OWNER_SHARED), ==, 3);
    g_assert_cmpint(teeio_ownership_get(copy, RIG_RAM + terabyte / 2), ==,
                    TEEIO_OWNER_SHARED);
    teeio_ownership_free(copy);
    teeio_ownership_free(map);
}

/* Runs of pages that no map of one gigabyte has. */
static void test_ownership_hostile(void)
{
    static const struct {
        size_t length;
        uint8_t runs[24];
    } rows[] = {
        {3, {0x81, 0x80, 0x10}}, /* a page too many */
        {4, {0, 0x81, 0x80, 0x10}},
        {9, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
        {10, {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
        {11, {1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
        {10, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
        {5, {0, 0, 0x80, 0x80, 0x10}}, /* runs of nothing */
        {6, {1, 0, 0, 0xff, 0xff, 0x0f}},
        {4, {0x80, 0x80, 0x10, 0}}, /* one run too many */
        {0, {0}},
    };
    struct teeio_ownership *map = teeio_ownership_new();
    const uint64_t gigabyte = 1ull << 30;
    uint8_t image[64];
    size_t size;

    g_assert_true(
        teeio_ownership_add_ram(map, RIG_RAM, gigabyte, TEEIO_OWNER_PRIVATE));
    size = teeio_ownership_save(map, image, sizeof(image));
    g_assert_cmpmem(image + size - 3, 3, "\x80\x80\x10", 3);
    size -= 3;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        memcpy(image + size, rows[i].runs, rows[i].length);
        g_assert_false(teeio_ownership_load(map, image, size + rows[i].length));
        g_assert_cmpuint(teeio_ownership_count(map, TEEIO_OWNER_SHARED), ==, 0);
    }
    teeio_ownership_free(map);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(gconstpointer opaque);
    } tests[] = {
        {"round-trip", test_round_trip},
        {"short-buffer", test_short_buffer},
        {"length", test_length},
        {"corrupt", test_corrupt},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(tests); j++) {
            g_autofree char *path = g_strdup_printf(
                "/state/%s/%s", subjects[i].name, tests[j].name);

            g_test_add_data_func(path, &subjects[i], tests[j].run);
        }
    }
    g_test_add_func("/state/foreign", test_foreign);
    g_test_add_func("/state/tdi/goes-on", test_tdi_goes_on);
    g_test_add_func("/state/tdi/nonce", test_nonce_survives);
    g_test_add_func("/state/tdi/stall", test_stall_survives);
    g_test_add_func("/state/smmuv3/policy", test_policy_differs);
    g_test_add_func("/state/ownership/sparse", test_ownership_sparse);
    g_test_add_func("/state/ownership/hostile", test_ownership_hostile);
    return g_test_run();
}
