/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A guest that writes any register and any table, and devices that DMA. */
#include "input.h"
#include "teeio/fabric.h"
#include "teeio/smmuv3.h"

enum { MAX_COMMANDS = 4096 };

/* Registers worth hitting often: the rest is found by chance. */
static const uint32_t offsets[] = {
    0x20, 0x24,    0x28,    0x2c, 0x44, 0x50, 0x60, 0x64,
    0x80, 0x84,    0x88,    0x90, 0x94, 0x98, 0x9c, 0xa0,
    0xa4, 0x100a8, 0x100ac, 0xa8, 0xac, 0x68, 0xb0, 0x1fffc,
    0x6c, 0x70,    0xb4,    0xc0, 0xc4, 0xcc, 0xd0, 0x100c8,
};

static void write_table_word(struct fake_host *fake, struct fuzz_input *in)
{
    uint64_t gpa = fuzz_address(in);
    uint64_t value = fuzz_take(in, 8);

    /* Half of the words point back into memory, so that walks go deep. */
    if (value & (1ull << 63)) {
        value = (value & 0xfff) | (FAKE_HOST_RAM_BASE + (value & 0x3ff000));
    }
    fake->host.write(fake, gpa & ~7ull, &value, sizeof(value), true);
}

static void send(struct teeio_fabric *fabric, struct fuzz_input *in)
{
    struct teeio_tlp tlp = {.at = TEEIO_AT_UNTRANSLATED};
    uint8_t data[0x2000] = {0};

    tlp.kind = fuzz_take(in, 1) & 1 ? TEEIO_TLP_MWR : TEEIO_TLP_MRD;
    tlp.requester = fuzz_take(in, 1);
    tlp.address = fuzz_address(in);
    tlp.length = fuzz_take(in, 2) & 0x1fff;
    tlp.t = fuzz_take(in, 1) & 1;
    tlp.may_stall = fuzz_take(in, 1) & 1;
    tlp.pasid_valid = fuzz_take(in, 1) & 1;
    tlp.pasid = fuzz_take(in, 3) & 0xfffff;
    if (tlp.kind == TEEIO_TLP_MWR) {
        teeio_fabric_write(fabric, &tlp, data);
    } else {
        teeio_fabric_read(fabric, &tlp, data);
    }
}

static void request_page(struct teeio_smmuv3 *smmu, struct fuzz_input *in)
{
    uint64_t bits = fuzz_take(in, 1);
    struct teeio_page_request request = {
        .pasid_valid = bits & 1,
        .read = bits & 2,
        .write = bits & 4,
        .last = bits & 8,
        .t = bits & 16,
    };

    request.requester = fuzz_take(in, 1);
    request.pasid = fuzz_take(in, 3) & 0xfffff;
    request.group = fuzz_take(in, 2) & 0x1ff;
    request.address = fuzz_address(in);
    teeio_smmuv3_page_request(smmu, &request);
}

static void write_register(struct teeio_smmuv3 *smmu, bool realm,
                           uint64_t offset, uint64_t value, unsigned size)
{
    if (realm) {
        teeio_smmuv3_realm_write(smmu, offset, value, size);
    } else {
        teeio_smmuv3_write(smmu, offset, value, size);
    }
}

static void one_step(struct fake_host *fake, struct teeio_smmuv3 *smmu,
                     bool has_realm, struct teeio_fabric *fabric,
                     struct fuzz_input *in)
{
    uint64_t offset = offsets[fuzz_take(in, 1) % G_N_ELEMENTS(offsets)];
    uint64_t bits = fuzz_take(in, 1);
    unsigned size = bits & 1 ? 8 : 4;
    bool realm = has_realm && bits & 2;
    uint64_t place;

    switch (fuzz_take(in, 1) % 7) {
    case 0:
    case 1:
        write_register(smmu, realm, offset, fuzz_take(in, size), size);
        break;
    case 2:
        place = fuzz_take(in, 3) % TEEIO_SMMUV3_MMIO_SIZE;
        write_register(smmu, realm, place, fuzz_address(in), size);
        break;
    case 3:
        write_table_word(fake, in);
        break;
    case 4:
        send(fabric, in);
        break;
    case 5:
        teeio_smmuv3_read(smmu, fuzz_take(in, 3) % TEEIO_SMMUV3_MMIO_SIZE,
                          size);
        break;
    case 6:
        request_page(smmu, in);
        break;
    }
    for (int i = 0; i < MAX_COMMANDS && teeio_smmuv3_step(smmu); i++) {
    }
}

/* One guest in four has a unit that keeps to its architecture. */
static void choose_disabled(struct teeio_smmuv3 *smmu, struct fuzz_input *in)
{
    const struct teeio_disabled_places places = {
        .sink = FAKE_HOST_RAM_BASE + 0x8000,
        .window = FAKE_HOST_RAM_BASE,
        .window_bytes = fuzz_take(in, 2) * 0x1000,
        .table = FAKE_HOST_RAM_BASE + 0x10000,
    };
    struct teeio_disabled_rules rules = {
        .until = fuzz_take(in, 1) % TEEIO_DISABLED_UNTILS,
    };

    if (fuzz_take(in, 1) % 4) {
        for (unsigned i = 0; i < TEEIO_DISABLED_WHENS; i++) {
            rules.profile[i] = fuzz_take(in, 1) % TEEIO_DISABLED_PROFILES;
            rules.then[i] = fuzz_take(in, 1) % TEEIO_DISABLED_PROFILES;
        }
    }
    teeio_smmuv3_set_disabled(smmu, &rules, &places);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_host *fake = fuzz_host();
    struct fuzz_input in = {data, size};
    struct teeio_fabric fabric = {.host = &fake->host};
    struct teeio_ownership *ownership = teeio_ownership_new();
    struct teeio_smmuv3 *smmu;
    bool realm;

    teeio_ownership_add_ram(ownership, FAKE_HOST_RAM_BASE, FAKE_HOST_RAM_SIZE,
                            TEEIO_OWNER_PRIVATE);
    smmu = teeio_smmuv3_new(&fake->host, ownership,
                            fuzz_take(&in, 1) % TEEIO_T_POLICIES);
    realm = fuzz_take(&in, 1) & 1 && teeio_smmuv3_add_realm(smmu);
    choose_disabled(smmu, &in);
    fabric.iommu = teeio_smmuv3_iommu(smmu);
    fabric.ownership = ownership;
    while (in.left) {
        one_step(fake, smmu, realm, &fabric, &in);
    }
    teeio_smmuv3_free(smmu);
    teeio_ownership_free(ownership);
    return 0;
}
