/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* AtomicOps through the fabric. */
#include <string.h>

#include "smmu-rig.h"
#include "teeio/fabric.h"

#define RAM     FAKE_HOST_RAM_BASE
#define PRIVATE (RAM + 0x10000)

/* An IOMMU that adds nothing and allows @perm. */
struct fake_iommu {
    struct teeio_iommu iommu;
    unsigned perm;
    unsigned asked[TEEIO_TLP_KINDS];
};

static void fake_translate(struct teeio_iommu *iommu,
                           const struct teeio_tlp *tlp,
                           struct teeio_translation *answer)
{
    struct fake_iommu *fake = (struct fake_iommu *)iommu;
    unsigned wanted =
        tlp->kind == TEEIO_TLP_MWR ? TEEIO_PERM_WRITE : TEEIO_PERM_READ;

    fake->asked[tlp->kind]++;
    memset(answer, 0, sizeof(*answer));
    answer->verdict =
        fake->perm & wanted ? TEEIO_VERDICT_OK : TEEIO_VERDICT_FAULT;
    answer->perm = fake->perm;
    answer->output = tlp->address;
}

struct fixture {
    struct fake_host fake;
    struct fake_iommu iommu;
    struct teeio_fabric fabric;
    bool (*cmpxchg)(void *opaque, uint64_t gpa, uint64_t *expected,
                    uint64_t desired, bool trusted);
    unsigned races;
    bool trusted;
};

static void set_up(struct fixture *f, const void *data)
{
    (void)data;
    memset(f, 0, sizeof(*f));
    fake_host_init(&f->fake);
    f->iommu.iommu.translate = fake_translate;
    f->iommu.perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
    f->fabric.host = &f->fake.host;
    f->fabric.iommu = &f->iommu.iommu;
}

static void tear_down(struct fixture *f, const void *data)
{
    (void)data;
    fake_host_clear(&f->fake);
}

static struct teeio_tlp make_tlp(enum teeio_tlp_kind kind, uint64_t address,
                                 uint32_t length)
{
    return (struct teeio_tlp){
        .kind = kind, .address = address, .length = length, .requester = 0x10};
}

static void put(uint8_t *bytes, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        bytes[i] = value >> (8 * i);
    }
}

static uint64_t get(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

static enum teeio_verdict send(struct fixture *f, const struct teeio_tlp *tlp,
                               uint64_t first, uint64_t second,
                               uint64_t *original)
{
    uint8_t data[16];
    struct teeio_dma dma;
    enum teeio_verdict verdict;

    put(data, tlp->length, first);
    put(data + tlp->length, tlp->length, second);
    verdict = teeio_fabric_carry(&f->fabric, tlp, data, &dma);
    *original = get(data, tlp->length);
    g_assert_cmpint(dma.tlp.kind, ==, tlp->kind);
    return verdict;
}

static void test_operations(struct fixture *f, const void *data)
{
    static const struct {
        enum teeio_tlp_kind kind;
        uint32_t length;
        uint64_t offset, before, first, second, after;
    } cases[] = {
        {TEEIO_TLP_FETCHADD, 4, 0, 5, 7, 0, 12},
        {TEEIO_TLP_FETCHADD, 4, 4, 0xffffffff, 2, 0, 1},
        {TEEIO_TLP_FETCHADD, 8, 8, 0xffffffff, 2, 0, 0x100000001},
        {TEEIO_TLP_FETCHADD, 8, 8, UINT64_MAX, 1, 0, 0},
        {TEEIO_TLP_SWAP, 4, 4, 0x11223344, 0xaabbccdd, 0, 0xaabbccdd},
        {TEEIO_TLP_SWAP, 8, 8, 1, UINT64_MAX, 0, UINT64_MAX},
        {TEEIO_TLP_CAS, 4, 0, 9, 9, 0x80000000, 0x80000000},
        {TEEIO_TLP_CAS, 4, 4, 9, 8, 10, 9},
        {TEEIO_TLP_CAS, 8, 16, 1ull << 63, 1ull << 63, 3, 3},
        {TEEIO_TLP_CAS, 8, 16, 1, 2, 3, 1},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_tlp tlp = make_tlp(
            cases[i].kind, RAM + 0x100 + cases[i].offset, cases[i].length);
        uint8_t *memory = fake_host_ptr(&f->fake, RAM + 0x100);
        uint8_t expected[32];
        uint64_t original;

        g_test_message("case %u", i);
        memset(memory, 0x5a, 32);
        put(memory + cases[i].offset, cases[i].length, cases[i].before);
        memcpy(expected, memory, 32);
        put(expected + cases[i].offset, cases[i].length, cases[i].after);
        g_assert_cmpint(
            send(f, &tlp, cases[i].first, cases[i].second, &original), ==,
            TEEIO_VERDICT_OK);
        g_assert_cmphex(original, ==, cases[i].before);
        g_assert_cmpmem(memory, 32, expected, 32);
    }
    g_assert_cmpstr(
        teeio_tlp_kind_name(
            fake_host_last(&f->fake, TEEIO_EVENT_TLP)->u.dma.tlp.kind),
        ==, "CAS");
    g_assert_cmpuint(fake_host_count(&f->fake, TEEIO_EVENT_TLP), ==,
                     G_N_ELEMENTS(cases));
}

static void expect_refused(struct fixture *f, const struct teeio_tlp *tlp,
                           enum teeio_verdict verdict)
{
    uint64_t original;

    g_array_set_size(f->fake.events, 0);
    g_assert_cmpstr(teeio_verdict_name(send(f, tlp, 1, 1, &original)), ==,
                    teeio_verdict_name(verdict));
    g_assert_cmphex(original, ==, tlp->length == 4 ? UINT32_MAX : UINT64_MAX);
    g_assert_cmpuint(fake_host_count(&f->fake, TEEIO_EVENT_TLP), ==, 1);
    g_assert_cmphex(get(fake_host_ptr(&f->fake, RAM), 8), ==, 0);
    g_assert_cmphex(get(fake_host_ptr(&f->fake, PRIVATE), 8), ==, 0);
}

/* Both permissions are needed, and a missing one is what was asked last. */
static void test_permissions(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_FETCHADD, RAM, 8);

    (void)data;
    f->iommu.perm = TEEIO_PERM_READ;
    expect_refused(f, &tlp, TEEIO_VERDICT_FAULT);
    g_assert_cmpuint(f->iommu.asked[TEEIO_TLP_MWR], ==, 1);
    g_assert_cmpuint(f->iommu.asked[TEEIO_TLP_MRD], ==, 0);
    f->iommu.perm = TEEIO_PERM_WRITE;
    expect_refused(f, &tlp, TEEIO_VERDICT_FAULT);
    g_assert_cmpuint(f->iommu.asked[TEEIO_TLP_MRD], ==, 1);
    f->iommu.perm = TEEIO_PERM_NONE;
    expect_refused(f, &tlp, TEEIO_VERDICT_FAULT);
    g_assert_cmpuint(f->iommu.asked[TEEIO_TLP_FETCHADD], ==, 0);
}

static void test_malformed(struct fixture *f, const void *data)
{
    static const struct {
        uint64_t address;
        uint32_t length;
    } cases[] = {{RAM + 2, 4}, {RAM + 4, 8}, {RAM, 2}, {RAM, 5}};

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_tlp tlp =
            make_tlp(TEEIO_TLP_SWAP, cases[i].address, cases[i].length);
        uint8_t bytes[16] = {0};
        struct teeio_dma dma;

        g_assert_cmpint(teeio_fabric_carry(&f->fabric, &tlp, bytes, &dma), ==,
                        TEEIO_VERDICT_UNSUPPORTED);
        g_assert_cmphex(bytes[tlp.length - 1], ==, 0xff);
    }
    g_assert_cmpuint(f->iommu.asked[TEEIO_TLP_MWR], ==, 0);
}

static void test_no_memory(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_CAS, RAM, 4);

    (void)data;
    f->fake.fail_page = RAM;
    expect_refused(f, &tlp, TEEIO_VERDICT_NO_MEMORY);
    f->fake.fail_page = UINT64_MAX;
    f->fake.host.cmpxchg = NULL;
    expect_refused(f, &tlp, TEEIO_VERDICT_NO_MEMORY);
}

static bool note_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                         uint64_t desired, bool trusted)
{
    struct fixture *f =
        (struct fixture *)((char *)opaque - offsetof(struct fixture, fake));

    f->trusted = trusted;
    if (f->races) {
        /* Another thread was quicker, and changed the other half as well. */
        f->races--;
        put(fake_host_ptr(&f->fake, gpa), 8, 0x1111111100000064);
    }
    return f->cmpxchg(opaque, gpa, expected, desired, trusted);
}

static void test_races(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_FETCHADD, RAM, 4);
    uint64_t original;

    (void)data;
    f->cmpxchg = f->fake.host.cmpxchg;
    f->fake.host.cmpxchg = note_cmpxchg;
    f->races = 1;
    g_assert_cmpint(send(f, &tlp, 1, 0, &original), ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(original, ==, 0x64);
    g_assert_cmphex(get(fake_host_ptr(&f->fake, RAM), 8), ==,
                    0x1111111100000065);
}

static bool always_changed(void *opaque, uint64_t gpa, uint64_t *expected,
                           uint64_t desired, bool trusted)
{
    (void)opaque;
    (void)gpa;
    (void)desired;
    (void)trusted;
    ++*expected;
    return true;
}

static void test_gives_up(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_FETCHADD, RAM, 8);

    (void)data;
    f->fake.host.cmpxchg = always_changed;
    expect_refused(f, &tlp, TEEIO_VERDICT_NO_MEMORY);
}

static void test_ownership(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_SWAP, PRIVATE, 8);
    struct teeio_ownership *ownership = teeio_ownership_new();
    uint64_t original;

    (void)data;
    teeio_ownership_add_ram(ownership, RAM, FAKE_HOST_RAM_SIZE,
                            TEEIO_OWNER_SHARED);
    teeio_ownership_set(ownership, PRIVATE, 0x1000, TEEIO_OWNER_PRIVATE);
    f->fabric.ownership = ownership;
    f->cmpxchg = f->fake.host.cmpxchg;
    f->fake.host.cmpxchg = note_cmpxchg;
    expect_refused(f, &tlp, TEEIO_VERDICT_DENIED);
    tlp.t = true;
    g_assert_cmpint(send(f, &tlp, 7, 0, &original), ==, TEEIO_VERDICT_OK);
    g_assert_true(f->trusted);
    tlp.address = RAM;
    g_assert_cmpint(send(f, &tlp, 7, 0, &original), ==, TEEIO_VERDICT_OK);
    g_assert_false(f->trusted);
    teeio_ownership_free(ownership);
}

/* Behind an SMMU: its own tables, its own fault record. */
static void test_smmu(void)
{
    struct smmu_rig rig;
    struct teeio_fabric fabric = {0};
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_FETCHADD, RIG_RW + 8);
    uint8_t data[4] = {5};
    struct teeio_dma dma;

    smmu_rig_init(&rig, TEEIO_T_UNIFIED, 8);
    smmu_rig_enable(&rig, 4);
    smmu_rig_share(&rig, RIG_DATA);
    smmu_rig_share(&rig, RIG_DATA + 0x1000);
    fabric.host = &rig.fake.host;
    fabric.ownership = rig.ownership;
    fabric.iommu = teeio_smmuv3_iommu(rig.smmu);
    smmu_rig_put(&rig, RIG_DATA + 8, 0x100000001);
    for (unsigned i = 0; i < 2; i++) {
        /* walked, then remembered */
        data[0] = 5;
        g_assert_cmpint(teeio_fabric_carry(&fabric, &tlp, data, &dma), ==,
                        TEEIO_VERDICT_OK);
        g_assert_cmphex(get(data, 4), ==, 1 + 5 * i);
    }
    g_assert_cmphex(get(fake_host_ptr(&rig.fake, RIG_DATA + 8), 8), ==,
                    0x10000000b);

    tlp.address = RIG_RO;
    g_assert_cmpint(teeio_fabric_carry(&fabric, &tlp, data, &dma), ==,
                    TEEIO_VERDICT_FAULT);
    g_assert_cmpstr(dma.xlate.fault.name, ==, "F_PERMISSION");
    g_assert_cmphex(get(data, 4), ==, UINT32_MAX);
    g_assert_cmphex(get(fake_host_ptr(&rig.fake, RIG_DATA + 0x1000), 8), ==, 0);
    smmu_rig_clear(&rig);
}

#define ADD(name, function)                                             \
    g_test_add("/atomic/" name, struct fixture, NULL, set_up, function, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("operations", test_operations);
    ADD("permissions", test_permissions);
    ADD("malformed", test_malformed);
    ADD("no-memory", test_no_memory);
    ADD("races", test_races);
    ADD("gives-up", test_gives_up);
    ADD("ownership", test_ownership);
    g_test_add_func("/atomic/smmu", test_smmu);
    return g_test_run();
}
