/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The walker against a naive second one, over random tables.
 */
#include <string.h>

#include "../../hw/iommu/pgtable-arm.h"
#include "fake-host.h"
#include "teeio/iommu.h"

#define POOL  FAKE_HOST_RAM_BASE
#define PAGES 32u
#define WALKS 100000u
#define RENEW 2000u /* walks over one set of tables */

static uint64_t random64(GRand *rand)
{
    return (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
}

/* True once in @n. */
static bool rarely(GRand *rand, int n)
{
    return g_rand_int_range(rand, 0, n) == 0;
}

static uint64_t random_descriptor(GRand *rand)
{
    uint64_t attributes = random64(rand) & 0xfff0000000000fecull;
    uint64_t page = POOL + g_rand_int_range(rand, 0, PAGES) * 4096ull;

    if (!rarely(rand, 8)) {
        attributes |= 1ull << 10;
    }
    if (!rarely(rand, 3)) {
        /* Hardly anything would ever be allowed otherwise. */
        attributes &= 0x0ff0000000000fffull;
    }
    switch (g_rand_int_range(rand, 0, 16)) {
    case 0:
        return random64(rand) & ~1ull;
    case 1:
        return random64(rand) | 1;
    case 2:
    case 3:
        return attributes | (random64(rand) & 0x00000ffffffff000ull) | 1;
    case 4:
        /* Not in guest memory, or not even an address. */
        return attributes | (random64(rand) & 0x0000fffffffff000ull) | 3;
    default:
        return attributes | page | 3;
    }
}

static void renew(struct fake_host *fake, GRand *rand)
{
    for (unsigned i = 0; i < PAGES * 512; i++) {
        uint64_t descriptor = GUINT64_TO_LE(random_descriptor(rand));

        memcpy(fake->ram + 8 * i, &descriptor, 8);
    }
    fake->fail_page = POOL + g_rand_int_range(rand, 0, PAGES) * 4096ull;
}

static uint64_t random_address(GRand *rand,
                               const struct teeio_arm_stage1 *config)
{
    bool high = g_rand_boolean(rand);
    uint64_t low =
        random64(rand) & ((1ull << config->half[high].input_bits) - 1);

    if (rarely(rand, 16)) {
        return random64(rand);
    }
    if (rarely(rand, 16)) {
        low ^= 1ull << g_rand_int_range(rand, 24, 64);
    }
    return high ? low | ~((1ull << config->half[high].input_bits) - 1) : low;
}

static void random_config(GRand *rand, struct teeio_arm_stage1 *config)
{
    static const unsigned sizes[] = {32, 36, 40, 42, 44, 48};

    for (unsigned i = 0; i < 2; i++) {
        config->half[i] = (struct teeio_arm_half){
            .enabled = !rarely(rand, 8),
            .granule_bits = 12,
            .input_bits = g_rand_int_range(rand, 25, 49),
            .top_byte_free = g_rand_boolean(rand),
            .flat = g_rand_boolean(rand),
            .table = POOL + g_rand_int_range(rand, 0, PAGES) * 4096ull,
        };
    }
    config->output_bits = sizes[g_rand_int_range(rand, 0, 6)];
    config->ignore_access_flag = g_rand_boolean(rand);
    config->wxn = rarely(rand, 4);
    config->pan = rarely(rand, 4);
}

struct verdict {
    enum teeio_walk_status status;
    unsigned level;
    uint64_t output;
    uint64_t mask;
    unsigned perm;
};

/* What AP[2:1] gives to data accesses, as the manual's table has it. */
static unsigned data_rights(unsigned ap, bool privileged)
{
    static const unsigned user[] = {0, 3, 0, 1};
    static const unsigned kernel[] = {3, 3, 1, 1};

    return privileged ? kernel[ap] : user[ap];
}

static struct verdict naive_leaf(const struct teeio_arm_stage1 *config,
                                 uint64_t d, unsigned ap, bool pxn, bool uxn,
                                 struct teeio_access access,
                                 struct verdict verdict)
{
    unsigned rights = data_rights(ap, access.privileged);
    bool execute = !(access.privileged ? pxn : uxn);

    if (!(d >> 10 & 1) && !config->ignore_access_flag) {
        verdict.status = TEEIO_WALK_ACCESS;
        return verdict;
    }
    if ((access.privileged && ap == 1) || (config->wxn && rights & 2)) {
        execute = false;
    }
    if (config->pan && access.privileged && ap & 1) {
        rights = 0;
    }
    if (access.execute && !access.write) {
        rights = (rights & 2) | execute;
    }
    verdict.perm = rights;
    verdict.status =
        rights & (access.write ? 2 : 1) ? TEEIO_WALK_OK : TEEIO_WALK_PERMISSION;
    return verdict;
}

static struct verdict naive(struct fake_host *fake,
                            const struct teeio_arm_stage1 *config, uint64_t va,
                            struct teeio_access access)
{
    const struct teeio_arm_half *half = &config->half[va >> 55 & 1];
    static const unsigned shifts[] = {39, 30, 21, 12};
    unsigned n = half->input_bits;
    struct verdict v = {.level = n > 39 ? 0 : n > 30 ? 1 : 2};
    unsigned ap_no_user = 0, ap_read_only = 0;
    bool pxn = false, uxn = false;
    uint64_t table = half->table;

    for (unsigned bit = n; bit < (half->top_byte_free ? 56 : 64); bit++) {
        if ((va >> bit & 1) != (va >> 55 & 1)) {
            v.level = 0;
            v.status = TEEIO_WALK_TRANSLATION;
            return v;
        }
    }
    if (!half->enabled) {
        v.level = 0;
        v.status = TEEIO_WALK_TRANSLATION;
        return v;
    }
    if (n < 64) {
        va &= (1ull << n) - 1;
    }

    for (;; v.level++) {
        unsigned shift = shifts[v.level];
        uint64_t at = table + (va >> shift) % 512 * 8;
        uint64_t size = 1ull << shift;
        uint64_t d, address;
        bool leaf;

        if ((at & ~0xfffull) == fake->fail_page || at < FAKE_HOST_RAM_BASE ||
            at + 8 > FAKE_HOST_RAM_BASE + FAKE_HOST_RAM_SIZE) {
            v.status = TEEIO_WALK_FETCH;
            return v;
        }
        memcpy(&d, fake->ram + (at - FAKE_HOST_RAM_BASE), 8);
        d = GUINT64_FROM_LE(d);
        if (!(d & 1) || ((d & 3) == 1 && (v.level == 0 || v.level == 3))) {
            v.status = TEEIO_WALK_TRANSLATION;
            return v;
        }
        leaf = v.level == 3 || (d & 3) == 1;
        address = d % (1ull << 48);
        address -= address % (leaf ? size : 4096);
        if (address >> config->output_bits) {
            v.status = TEEIO_WALK_ADDR_SIZE;
            return v;
        }
        if (leaf) {
            unsigned ap = (d >> 6 & 3 & ~ap_no_user) | ap_read_only;

            v.output = address + va % size;
            v.mask = size - 1;
            return naive_leaf(config, d, ap, pxn || d >> 53 & 1,
                              uxn || d >> 54 & 1, access, v);
        }
        if (!half->flat) {
            pxn |= d >> 59 & 1;
            uxn |= d >> 60 & 1;
            ap_no_user |= d >> 61 & 1;
            ap_read_only |= (d >> 62 & 1) << 1;
        }
        table = address;
    }
}

static void test_random(void)
{
    GRand *rand = g_rand_new_with_seed(20261120);
    unsigned seen[TEEIO_WALK_FETCH + 1] = {0};
    struct teeio_arm_stage1 config;
    struct fake_host fake;

    fake_host_init(&fake);
    for (unsigned i = 0; i < WALKS; i++) {
        struct teeio_table_memory memory = {.host = &fake.host};
        struct teeio_walk_stage stage1 = {&teeio_arm_stage1_ops, &config};
        uint32_t bits = g_rand_int(rand);
        struct teeio_access access = {
            .write = bits & 1,
            .privileged = bits & 2,
            .execute = bits & 4,
        };
        struct teeio_walk ours;
        struct verdict theirs;
        uint64_t va;

        if (i % RENEW == 0) {
            renew(&fake, rand);
        }
        random_config(rand, &config);
        va = random_address(rand, &config);
        ours = teeio_walk(&memory, &stage1, NULL, va, access);
        theirs = naive(&fake, &config, va, access);

        g_assert_cmpint(ours.status, ==, theirs.status);
        g_assert_cmpuint(ours.level, ==, theirs.level);
        if (theirs.status == TEEIO_WALK_OK) {
            g_assert_cmphex(ours.output, ==, theirs.output);
            g_assert_cmphex(ours.page_mask, ==, theirs.mask);
            g_assert_cmpuint(ours.perm, ==, theirs.perm);
        }
        seen[theirs.status]++;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(seen); i++) {
        g_test_message("status %u: %u walks", i, seen[i]);
        g_assert_cmpuint(seen[i], >, WALKS / 200);
    }
    fake_host_clear(&fake);
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/walk-random/naive-walker", test_random);
    return g_test_run();
}
