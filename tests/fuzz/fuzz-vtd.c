/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A guest that writes any register and any table, and devices that DMA. */
#include "input.h"
#include "teeio/fabric.h"
#include "teeio/vtd.h"

/* The longest queue has 2^15 descriptors; the head always gets to the tail. */
enum { MAX_DESCRIPTORS = 1 << 16 };

/* Registers worth hitting often: the rest is found by chance. */
static const uint32_t offsets[] = {
    0x18, 0x18, 0x20, 0x28, 0x34, 0x38, 0x80, 0x88, 0x88,  0x90,  0x9c,
    0xa0, 0xc0, 0xc8, 0xd0, 0xdc, 0xe0, 0xf0, 0xf8, 0x228, 0x22c,
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

/* A descriptor whose type at least is known. */
static void write_descriptor(struct fake_host *fake, struct fuzz_input *in)
{
    uint64_t gpa = fuzz_address(in) & ~15ull;
    uint64_t value = fuzz_take(in, 8);

    value = (value & ~0xe0full) | (1 + (value & 0xf) % 9);
    fake->host.write(fake, gpa, &value, sizeof(value), true);
}

static void send(struct teeio_fabric *fabric, struct fuzz_input *in)
{
    uint64_t bits = fuzz_take(in, 1);
    struct teeio_tlp tlp = {
        .kind = bits & 1 ? TEEIO_TLP_MWR : TEEIO_TLP_MRD,
        .at = (bits >> 1) % TEEIO_AT_TYPES,
        .requester = fuzz_take(in, 1),
        .address = fuzz_address(in),
        .length = fuzz_take(in, 2) & 0x1fff,
        .t = bits & 8,
        .pasid_valid = bits & 16,
        .privileged = bits & 32,
        .execute = bits & 64,
    };
    struct teeio_translation answer;
    uint8_t data[0x2000] = {0};

    tlp.pasid = fuzz_take(in, 3) & 0xfffff;
    if (tlp.at != TEEIO_AT_UNTRANSLATED) {
        fabric->iommu->translate(fabric->iommu, &tlp, &answer);
    } else if (tlp.kind == TEEIO_TLP_MWR) {
        teeio_fabric_write(fabric, &tlp, data);
    } else {
        teeio_fabric_read(fabric, &tlp, data);
    }
}

static void request_page(struct teeio_vtd *vtd, struct fuzz_input *in)
{
    uint64_t bits = fuzz_take(in, 1);
    const struct teeio_page_request request = {
        .requester = fuzz_take(in, 1),
        .pasid_valid = bits & 1,
        .pasid = fuzz_take(in, 3) & 0xfffff,
        .group = fuzz_take(in, 2) & 0x1ff,
        .address = fuzz_address(in),
        .read = bits & 2,
        .write = bits & 4,
        .last = bits & 8,
    };

    teeio_vtd_page_request(vtd, &request);
}

static void one_step(struct fake_host *fake, struct teeio_vtd *vtd,
                     struct teeio_fabric *fabric, struct fuzz_input *in)
{
    uint64_t offset = offsets[fuzz_take(in, 1) % G_N_ELEMENTS(offsets)];
    unsigned size = fuzz_take(in, 1) & 1 ? 8 : 4;
    unsigned steps = 0;

    switch (fuzz_take(in, 1) % 8) {
    case 0:
        teeio_vtd_write(vtd, offset, fuzz_take(in, size), size);
        break;
    case 1:
        teeio_vtd_write(vtd, offset, fuzz_address(in) | fuzz_take(in, 2), size);
        break;
    case 2:
        teeio_vtd_write(vtd, fuzz_take(in, 2) % TEEIO_VTD_MMIO_SIZE,
                        fuzz_address(in), size);
        break;
    case 3:
        write_table_word(fake, in);
        break;
    case 4:
        send(fabric, in);
        break;
    case 5:
        teeio_vtd_read(vtd, fuzz_take(in, 2) % TEEIO_VTD_MMIO_SIZE, size);
        break;
    case 6:
        request_page(vtd, in);
        break;
    case 7:
        write_descriptor(fake, in);
        break;
    }
    while (teeio_vtd_step(vtd)) {
        g_assert_cmpuint(steps++, <, MAX_DESCRIPTORS);
    }
}

/* Half of the inputs begin where a driver has brought the unit. */
static void bring_up(struct teeio_vtd *vtd, uint64_t bits)
{
    uint64_t mode = (bits & 3) << 10;

    teeio_vtd_write(vtd, 0x90, FAKE_HOST_RAM_BASE | (bits & 4 ? 0x800 : 0), 8);
    teeio_vtd_write(vtd, 0x20, FAKE_HOST_RAM_BASE | mode, 8);
    teeio_vtd_write(vtd, 0x18, 0x44000000, 4);
    teeio_vtd_write(vtd, 0x18, 0x84000000, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_host *fake = fuzz_host();
    struct fuzz_input in = {data, size};
    struct teeio_fabric fabric = {.host = &fake->host};
    struct teeio_ownership *ownership = teeio_ownership_new();
    uint64_t bits = fuzz_take(&in, 1);
    struct teeio_vtd *vtd;

    teeio_ownership_add_ram(ownership, FAKE_HOST_RAM_BASE, FAKE_HOST_RAM_SIZE,
                            TEEIO_OWNER_PRIVATE);
    vtd = teeio_vtd_new(&fake->host, ownership, bits % TEEIO_T_POLICIES,
                        bits >> 6 & 1);
    teeio_vtd_set_iotlb(vtd, bits & 16, bits & 32);
    if (bits & 128) {
        bring_up(vtd, fuzz_take(&in, 1));
    }
    fabric.iommu = teeio_vtd_iommu(vtd);
    fabric.ownership = ownership;
    while (in.left) {
        one_step(fake, vtd, &fabric, &in);
    }
    teeio_vtd_free(vtd);
    teeio_ownership_free(ownership);
    return 0;
}
