/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "vtd-rig.h"

static const struct teeio_host *bank(struct vtd_rig *rig, bool trusted)
{
    return rig->banks && !trusted ? &rig->outside.host : &rig->fake.host;
}

static bool rig_read(void *opaque, uint64_t gpa, void *buf, size_t len,
                     bool trusted)
{
    const struct teeio_host *host = bank(opaque, trusted);

    return host->read(host->opaque, gpa, buf, len, trusted);
}

static bool rig_write(void *opaque, uint64_t gpa, const void *buf, size_t len,
                      bool trusted)
{
    struct vtd_rig *rig = opaque;
    const struct teeio_host *host = bank(rig, trusted);
    const uint8_t *bytes = buf;

    if (gpa >> 20 == 0xfee) {
        g_assert_cmpuint(len, ==, 4);
        rig->msis++;
        rig->msi_address = gpa;
        rig->msi_data = bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
                        (uint32_t)bytes[3] << 24;
        return true;
    }
    return host->write(host->opaque, gpa, buf, len, trusted);
}

static bool rig_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                        uint64_t desired, bool trusted)
{
    const struct teeio_host *host = bank(opaque, trusted);

    return host->cmpxchg(host->opaque, gpa, expected, desired, trusted);
}

static void rig_wake(void *opaque)
{
    struct vtd_rig *rig = opaque;

    rig->fake.wakes++;
}

static void rig_trace(void *opaque, const struct teeio_event *event)
{
    struct vtd_rig *rig = opaque;

    rig->fake.host.trace(&rig->fake, event);
}

static void guest_read(void *opaque, uint64_t gpa, void *buf, size_t len)
{
    memcpy(buf, fake_host_ptr(opaque, gpa), len);
}

static void guest_write(void *opaque, uint64_t gpa, const void *buf, size_t len)
{
    memcpy(fake_host_ptr(opaque, gpa), buf, len);
}

static void map_first(struct teeio_tables_x86 *space, uint64_t data,
                      uint64_t block)
{
    g_assert_true(
        teeio_tables_x86_map(space, RIG_RW, data, 1, TEEIO_TABLES_X86_RW));
    g_assert_true(teeio_tables_x86_map(space, RIG_RO, data + 0x1000, 1,
                                       TEEIO_TABLES_X86_RO));
    g_assert_true(
        teeio_tables_x86_map(space, RIG_2M, block, 2, TEEIO_TABLES_X86_RW));
}

static void build_scalable(struct vtd_rig *rig)
{
    struct teeio_tables *tables = &rig->tables;

    g_assert_true(teeio_tables_vtd_pasids_init(&rig->pasids, tables, 13));
    g_assert_true(teeio_tables_vtd_set_context(
        &rig->root, RIG_SRC, teeio_tables_vtd_scalable(&rig->pasids, 0)));
    g_assert_true(teeio_tables_vtd_set_context(
        &rig->root, RIG_PASS,
        teeio_tables_vtd_scalable(&rig->pasids, RIG_THROUGH)));
    g_assert_true(teeio_tables_x86_init(&rig->first, tables, 4, false));
    g_assert_true(teeio_tables_x86_init(&rig->first5, tables, 5, false));
    map_first(&rig->first, RIG_DATA, RIG_BLOCK);
    map_first(&rig->first5, RIG_DATA, RIG_BLOCK);
    /* The second stage maps RIG_RW, to which the first one leads as well. */
    g_assert_true(teeio_tables_x86_window_init(&rig->window, &rig->second,
                                               RIG_WINDOW, 0x10000));
    g_assert_true(
        teeio_tables_x86_init(&rig->nested, &rig->window.tables, 4, false));
    map_first(&rig->nested, RIG_RW, RIG_2M);
    g_assert_true(teeio_tables_vtd_set_pasid(
        &rig->pasids, 0, teeio_tables_vtd_second(&rig->second, RIG_DOMAIN)));
    g_assert_true(teeio_tables_vtd_set_pasid(
        &rig->pasids, RIG_FIRST,
        teeio_tables_vtd_first(&rig->first, RIG_DOMAIN + 1)));
    g_assert_true(teeio_tables_vtd_set_pasid(
        &rig->pasids, RIG_NESTED,
        teeio_tables_vtd_nested(&rig->nested, &rig->second, RIG_DOMAIN + 2)));
    g_assert_true(teeio_tables_vtd_set_pasid(
        &rig->pasids, RIG_THROUGH, teeio_tables_vtd_pass(RIG_DOMAIN + 3)));
    g_assert_true(teeio_tables_vtd_set_pasid(
        &rig->pasids, RIG_FIRST5,
        teeio_tables_vtd_first(&rig->first5, RIG_DOMAIN + 4)));
}

void vtd_rig_init(struct vtd_rig *rig, bool scalable,
                  enum teeio_t_policy policy, enum teeio_vtd_walk walk)
{
    memset(rig, 0, sizeof(*rig));
    fake_host_init(&rig->fake);
    fake_host_init(&rig->outside);
    rig->host = (struct teeio_host){
        .opaque = rig,
        .read = rig_read,
        .write = rig_write,
        .cmpxchg = rig_cmpxchg,
        .wake = rig_wake,
        .trace = rig_trace,
    };
    rig->ownership = teeio_ownership_new();
    g_assert_true(teeio_ownership_add_ram(rig->ownership, FAKE_HOST_RAM_BASE,
                                          FAKE_HOST_RAM_SIZE,
                                          TEEIO_OWNER_PRIVATE));
    rig->tables = (struct teeio_tables){
        .opaque = &rig->fake,
        .read = guest_read,
        .write = guest_write,
        .next = RIG_TABLES,
        .end = RIG_DATA,
    };
    g_assert_true(teeio_tables_vtd_init(&rig->root, &rig->tables, scalable));
    g_assert_true(teeio_tables_x86_init(&rig->second, &rig->tables, 4, true));
    g_assert_true(teeio_tables_x86_map(&rig->second, RIG_RW, RIG_DATA, 1,
                                       TEEIO_TABLES_SS_RW));
    g_assert_true(teeio_tables_x86_map(&rig->second, RIG_RO, RIG_DATA + 0x1000,
                                       1, TEEIO_TABLES_SS_R));
    g_assert_true(teeio_tables_x86_map(&rig->second, RIG_2M, RIG_BLOCK, 2,
                                       TEEIO_TABLES_SS_RW));
    if (scalable) {
        build_scalable(rig);
    } else {
        g_assert_true(teeio_tables_vtd_set_context(
            &rig->root, RIG_SRC,
            teeio_tables_vtd_legacy(&rig->second, RIG_DOMAIN, 1)));
        g_assert_true(teeio_tables_vtd_set_context(
            &rig->root, RIG_PASS,
            teeio_tables_vtd_legacy_pass(RIG_DOMAIN + 1)));
    }
    rig->wide = scalable;
    rig->vtd = teeio_vtd_new(&rig->host, rig->ownership, policy, walk);
}

void vtd_rig_clear(struct vtd_rig *rig)
{
    teeio_vtd_free(rig->vtd);
    teeio_ownership_free(rig->ownership);
    fake_host_clear(&rig->fake);
    fake_host_clear(&rig->outside);
}

uint32_t vtd_rig_get(struct vtd_rig *rig, uint64_t offset)
{
    return teeio_vtd_read(rig->vtd, offset, 4);
}

uint64_t vtd_rig_get64(struct vtd_rig *rig, uint64_t offset)
{
    return teeio_vtd_read(rig->vtd, offset, 8);
}

void vtd_rig_set(struct vtd_rig *rig, uint64_t offset, uint32_t value)
{
    teeio_vtd_write(rig->vtd, offset, value, 4);
}

void vtd_rig_set64(struct vtd_rig *rig, uint64_t offset, uint64_t value)
{
    teeio_vtd_write(rig->vtd, offset, value, 8);
}

void vtd_rig_enable(struct vtd_rig *rig)
{
    uint32_t states = vtd_rig_get(rig, 0x1c) & 0x84000000u;

    vtd_rig_set64(rig, 0x20, teeio_tables_vtd_root(&rig->root));
    vtd_rig_set(rig, 0x18, states | 0x40000000u);
    vtd_rig_set(rig, 0x18, states | 0x80000000u);
    g_assert_cmphex(vtd_rig_get(rig, 0x1c) & 0xc0000000u, ==, 0xc0000000u);
}

void vtd_rig_queue(struct vtd_rig *rig)
{
    uint32_t states = vtd_rig_get(rig, 0x1c) & 0x80000000u;

    vtd_rig_set64(rig, 0x88, 0);
    vtd_rig_set64(rig, 0x90, RIG_IQ | (rig->wide ? 0x800 : 0));
    vtd_rig_set(rig, 0x18, states | 0x04000000u);
    rig->tail = 0;
}

void vtd_rig_push(struct vtd_rig *rig, uint64_t dw0, uint64_t dw1)
{
    uint64_t gpa = RIG_IQ + rig->tail;

    vtd_rig_put(rig, gpa, dw0);
    vtd_rig_put(rig, gpa + 8, dw1);
    if (rig->wide) {
        vtd_rig_put(rig, gpa + 16, 0);
        vtd_rig_put(rig, gpa + 24, 0);
    }
    rig->tail = (rig->tail + (rig->wide ? 32 : 16)) & 0xfff;
}

void vtd_rig_run(struct vtd_rig *rig)
{
    vtd_rig_set64(rig, 0x88, rig->tail);
    while (teeio_vtd_step(rig->vtd)) {
    }
}

void vtd_rig_do(struct vtd_rig *rig, uint64_t dw0, uint64_t dw1)
{
    vtd_rig_push(rig, dw0, dw1);
    vtd_rig_run(rig);
    g_assert_cmphex(vtd_rig_get64(rig, 0x80), ==, rig->tail);
    g_assert_cmphex(vtd_rig_get(rig, 0x34) & 0x70, ==, 0);
}

struct teeio_tlp vtd_rig_tlp(enum teeio_tlp_kind kind, uint64_t address)
{
    return (struct teeio_tlp){
        .kind = kind,
        .address = address,
        .length = 4,
        .requester = RIG_SRC,
    };
}

struct teeio_tlp vtd_rig_pasid(enum teeio_tlp_kind kind, uint64_t address,
                               uint32_t pasid)
{
    struct teeio_tlp tlp = vtd_rig_tlp(kind, address);

    tlp.pasid_valid = true;
    tlp.pasid = pasid;
    return tlp;
}

struct teeio_translation vtd_rig_send(struct vtd_rig *rig, struct teeio_tlp tlp)
{
    struct teeio_iommu *iommu = teeio_vtd_iommu(rig->vtd);
    struct teeio_translation answer;

    memset(&answer, 0xa5, sizeof(answer));
    iommu->translate(iommu, &tlp, &answer);
    return answer;
}

struct teeio_translation vtd_rig_ok(struct vtd_rig *rig, struct teeio_tlp tlp,
                                    uint64_t output)
{
    struct teeio_translation answer = vtd_rig_send(rig, tlp);

    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer.output, ==, output);
    return answer;
}

struct teeio_translation vtd_rig_fault(struct vtd_rig *rig,
                                       struct teeio_tlp tlp, unsigned reason)
{
    struct teeio_translation answer = vtd_rig_send(rig, tlp);

    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_true(answer.fault.present);
    g_assert_cmphex(answer.fault.dw[1] >> 32 & 0xff, ==, reason);
    g_assert_cmphex(answer.fault.dw[1] & 0xffff, ==, tlp.requester);
    g_assert_cmphex(answer.fault.dw[0], ==, tlp.address & ~0xfffull);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_NONE);
    return answer;
}

void vtd_rig_share(struct vtd_rig *rig, uint64_t gpa)
{
    g_assert_true(teeio_ownership_set(rig->ownership, gpa & ~0xfffull, 0x1000,
                                      TEEIO_OWNER_SHARED));
}

uint64_t vtd_rig_word(struct vtd_rig *rig, uint64_t gpa)
{
    return teeio_tables_get(&rig->tables, gpa);
}

void vtd_rig_put(struct vtd_rig *rig, uint64_t gpa, uint64_t word)
{
    teeio_tables_put(&rig->tables, gpa, word);
}
