/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "walk-rig.h"

#define ADDRESS 0x0000fffffffff000ull

static unsigned shift_of(unsigned granule, unsigned level)
{
    return granule + (granule - 3) * (3 - level);
}

static uint64_t new_table(struct walk_rig *rig, unsigned bits)
{
    uint64_t size = 1ull << bits;
    uint64_t table = (rig->next + size - 1) & ~(size - 1);

    rig->next = table + size;
    memset(fake_host_ptr(&rig->fake, table), 0, size);
    return table;
}

static unsigned start_of_stage1(const struct teeio_arm_half *half)
{
    unsigned level = 3;

    while (shift_of(half->granule_bits, level - 1) < half->input_bits) {
        level--;
    }
    return level;
}

static uint64_t *map(struct walk_rig *rig, uint64_t table, unsigned granule,
                     unsigned start, uint64_t input, unsigned level)
{
    uint64_t index = input >> shift_of(granule, start);

    for (;; start++) {
        uint64_t *slot = fake_host_ptr(&rig->fake, table + index * 8);

        if (start == level) {
            return slot;
        }
        if (!*slot) {
            *slot = GUINT64_TO_LE(new_table(rig, granule) | 3);
        }
        table = GUINT64_FROM_LE(*slot) & ADDRESS;
        index = input >> shift_of(granule, start + 1) &
                ((1ull << (granule - 3)) - 1);
    }
}

uint64_t *walk_rig_map1(struct walk_rig *rig, uint64_t va, uint64_t pa,
                        unsigned level, uint64_t attributes)
{
    const struct teeio_arm_half *half = &rig->stage1.half[0];
    uint64_t *slot = map(rig, half->table, half->granule_bits,
                         start_of_stage1(half), va, level);

    *slot = GUINT64_TO_LE(pa | attributes | (level == 3 ? 3 : 1));
    return slot;
}

uint64_t *walk_rig_map2(struct walk_rig *rig, uint64_t ipa, uint64_t pa,
                        unsigned level, uint64_t attributes)
{
    const struct teeio_arm_stage2 *stage2 = &rig->stage2;
    uint64_t *slot = map(rig, stage2->table, stage2->granule_bits,
                         stage2->start_level, ipa, level);

    *slot = GUINT64_TO_LE(pa | attributes | (level == 3 ? 3 : 1));
    return slot;
}

void walk_rig_map2_ram(struct walk_rig *rig, uint64_t attributes)
{
    for (uint64_t at = 0; at < FAKE_HOST_RAM_SIZE; at += 0x1000) {
        walk_rig_map2(rig, FAKE_HOST_RAM_BASE + at, FAKE_HOST_RAM_BASE + at, 3,
                      attributes);
    }
}

void walk_rig_new_stage1(struct walk_rig *rig)
{
    struct teeio_arm_half *half = &rig->stage1.half[0];
    unsigned shift = shift_of(half->granule_bits, start_of_stage1(half));

    half->table = new_table(rig, half->input_bits - shift + 3);
}

void walk_rig_new_stage2(struct walk_rig *rig)
{
    struct teeio_arm_stage2 *stage2 = &rig->stage2;
    unsigned shift = shift_of(stage2->granule_bits, stage2->start_level);

    stage2->table = new_table(rig, stage2->input_bits - shift + 3);
}

static bool rig_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                        uint64_t desired, bool trusted)
{
    struct walk_rig *rig = opaque;

    rig->updates++;
    rig->trusted = trusted;
    if (rig->updates_abort) {
        return false;
    }
    if (rig->races) {
        uint64_t word = GUINT64_TO_LE(rig->race_word);

        rig->races--;
        memcpy(fake_host_ptr(&rig->fake, gpa), &word, 8);
    }
    return rig->cmpxchg(&rig->fake, gpa, expected, desired, trusted);
}

void walk_rig_init(struct walk_rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    fake_host_init(&rig->fake);
    rig->next = WALK_RIG_TABLES;
    rig->cmpxchg = rig->fake.host.cmpxchg;
    /* The fake host is the first member, so one address serves both. */
    rig->fake.host.opaque = rig;
    rig->fake.host.cmpxchg = rig_cmpxchg;
    rig->memory.host = &rig->fake.host;
    rig->stage1 = (struct teeio_arm_stage1){
        .half = {{.enabled = true, .granule_bits = 12, .input_bits = 48}},
        .output_bits = 48,
    };
    rig->stage2 = (struct teeio_arm_stage2){
        .granule_bits = 12,
        .input_bits = 48,
        .output_bits = 48,
        .xnx = true,
    };
    walk_rig_new_stage1(rig);
    walk_rig_new_stage2(rig);
}

void walk_rig_clear(struct walk_rig *rig)
{
    fake_host_clear(&rig->fake);
}

struct teeio_walk walk_rig_run(struct walk_rig *rig, bool stage1, bool stage2,
                               uint64_t input, struct teeio_access access)
{
    struct teeio_walk_stage one = {&teeio_arm_stage1_ops, &rig->stage1};
    struct teeio_walk_stage two = {&teeio_arm_stage2_ops, &rig->stage2};

    return teeio_walk(&rig->memory, stage1 ? &one : NULL, stage2 ? &two : NULL,
                      input, access);
}

void walk_rig_expect(const struct teeio_walk *walk,
                     enum teeio_walk_status status, unsigned stage,
                     unsigned level)
{
    g_assert_cmpint(walk->status, ==, status);
    g_assert_cmpuint(walk->stage, ==, stage);
    g_assert_cmpuint(walk->level, ==, level);
}
