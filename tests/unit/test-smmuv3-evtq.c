/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "smmu-rig.h"

#define LOG2SIZE 2u
#define OVERFLOW 0x80000000ull

static void setup(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    smmu_rig_enable(rig, LOG2SIZE);
}

static void teardown(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(rig);
}

static uint64_t prod(struct smmu_rig *rig)
{
    return smmu_rig_get(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD);
}

static void set_cons(struct smmu_rig *rig, uint64_t value)
{
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_EVENTQ_CONS, value);
}

static void fault(struct smmu_rig *rig, uint64_t address)
{
    g_assert_cmpstr(smmu_rig_read(rig, address).fault.name, ==,
                    "F_TRANSLATION");
}

static bool queued(struct smmu_rig *rig)
{
    return fake_host_last(&rig->fake, TEEIO_EVENT_FAULT)->u.fault.queued;
}

static uint64_t word(struct smmu_rig *rig, unsigned entry, unsigned n)
{
    return teeio_tables_get(&rig->tables, RIG_EVENTQ + 32 * entry + 8 * n);
}

static void test_record(struct smmu_rig *rig, gconstpointer data)
{
    const struct teeio_event *event;

    (void)data;
    fault(rig, RIG_UNMAPPED + 0x10);
    g_assert_cmphex(prod(rig), ==, 1);
    g_assert_cmphex(word(rig, 0, 0), ==, (uint64_t)RIG_SID << 32 | 0x10);
    g_assert_cmphex(word(rig, 0, 1), ==, 1ull << 35 | 2ull << 40);
    g_assert_cmphex(word(rig, 0, 2), ==, RIG_UNMAPPED + 0x10);
    g_assert_cmphex(word(rig, 0, 3), ==, 0);

    event = fake_host_last(&rig->fake, TEEIO_EVENT_FAULT);
    g_assert_cmpstr(event->source, ==, "smmuv3");
    g_assert_cmphex(event->u.fault.stream, ==, RIG_SID);
    g_assert_true(event->u.fault.queued);
    g_assert_cmphex(event->u.fault.fault.dw[2], ==, RIG_UNMAPPED + 0x10);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).faults, ==, 1);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).events_lost, ==, 0);
}

static void test_interrupt(struct smmu_rig *rig, gconstpointer data)
{
    unsigned *raised = &rig->fake.raised[TEEIO_SMMUV3_EVENTQ];

    (void)data;
    fault(rig, RIG_UNMAPPED);
    g_assert_cmpuint(*raised, ==, 1);
    /* Only from empty to not empty. */
    fault(rig, RIG_UNMAPPED);
    g_assert_cmpuint(*raised, ==, 1);
    set_cons(rig, 2);
    fault(rig, RIG_UNMAPPED);
    g_assert_cmpuint(*raised, ==, 2);

    set_cons(rig, 3);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, TEEIO_IRQ_CTRL_GERROR);
    fault(rig, RIG_UNMAPPED);
    g_assert_cmpuint(*raised, ==, 2);
    g_assert_cmphex(prod(rig), ==, 4);
}

static void test_overflow(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned i = 0; i < 4; i++) {
        fault(rig, RIG_UNMAPPED + i);
        g_assert_true(queued(rig));
    }
    g_assert_cmphex(prod(rig), ==, 4);
    fault(rig, RIG_UNMAPPED + 4);
    g_assert_false(queued(rig));
    g_assert_cmphex(prod(rig), ==, OVERFLOW | 4);
    fault(rig, RIG_UNMAPPED + 5);
    g_assert_cmphex(prod(rig), ==, OVERFLOW | 4);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).events_lost, ==, 2);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(word(rig, i, 2), ==, RIG_UNMAPPED + i);
    }

    /* Space without acknowledgement: records flow, OVFLG stays. */
    set_cons(rig, 1);
    fault(rig, RIG_UNMAPPED + 6);
    g_assert_true(queued(rig));
    g_assert_cmphex(prod(rig), ==, OVERFLOW | 5);
    g_assert_cmphex(word(rig, 0, 2), ==, RIG_UNMAPPED + 6);

    /* Acknowledged; the next loss toggles the flag back. */
    set_cons(rig, OVERFLOW | 1);
    fault(rig, RIG_UNMAPPED);
    g_assert_cmphex(prod(rig), ==, 5);
}

static void test_disabled(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_SMMUEN);
    fault(rig, RIG_UNMAPPED);
    g_assert_false(queued(rig));
    g_assert_cmphex(prod(rig), ==, 0);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_EVENTQ], ==, 0);
}

static void test_write_abort(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    rig->fake.fail_page = RIG_EVENTQ;
    fault(rig, RIG_UNMAPPED);
    g_assert_false(queued(rig));
    g_assert_cmphex(prod(rig), ==, 0);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GERROR), ==, 4);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_GERROR], ==, 1);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_EVENTQ], ==, 0);

    /* Memory is back, but the error has not been acknowledged. */
    rig->fake.fail_page = UINT64_MAX;
    fault(rig, RIG_UNMAPPED);
    g_assert_false(queued(rig));
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GERRORN, 4);
    fault(rig, RIG_UNMAPPED);
    g_assert_true(queued(rig));
    g_assert_cmphex(prod(rig), ==, 1);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_GERROR], ==, 1);
}

/* Any LOG2SIZE, PROD and CONS: records stay inside 1024 entries. */
static void test_any_size(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t end = RIG_EVENTQ + 1024 * 32;

    (void)data;
    for (unsigned log2size = 0; log2size < 32; log2size++) {
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_SMMUEN);
        smmu_rig_set64(rig, TEEIO_SMMUV3_REG_EVENTQ_BASE,
                       RIG_EVENTQ | log2size);
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD, 0xfffff);
        set_cons(rig, 0xfffff);
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0,
                     TEEIO_CR0_SMMUEN | TEEIO_CR0_EVENTQEN);
        fault(rig, RIG_UNMAPPED);
        g_assert_true(queued(rig));
        g_assert_cmphex(prod(rig), ==, 0);
        g_assert_cmphex(word(rig, (1u << MIN(log2size, 10)) - 1, 2), ==,
                        RIG_UNMAPPED);
        for (unsigned i = 0; i < 64; i++) {
            g_assert_cmphex(teeio_tables_get(&rig->tables, end + 8 * i), ==, 0);
        }
    }
}

static void test_no_trace(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    rig->fake.host.trace = NULL;
    fault(rig, RIG_UNMAPPED);
    g_assert_cmphex(prod(rig), ==, 1);
}

#define ADD(name)                                                   \
    g_test_add("/smmuv3-evtq/" #name, struct smmu_rig, NULL, setup, \
               test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(record);
    ADD(interrupt);
    ADD(overflow);
    ADD(disabled);
    ADD(write_abort);
    ADD(any_size);
    ADD(no_trace);
    return g_test_run();
}
