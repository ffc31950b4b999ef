/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The walker against the oracle, over random guests.
 */
#include <glib.h>
#include <string.h>

#include "../../hw/iommu/pgtable-arm.h"
#include "random-tables.h"
#include "teeio/iommu.h"

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
#define WALKS 100000u
#else
#define WALKS 1000000u
#endif
#define RENEW 50u /* walks over one guest */

/* Both walkers on one guest, and what ours wrote to it. */
struct rig {
    struct random_world *world;
    struct teeio_host host;
    struct teeio_arm_stage1 stage1;
    struct teeio_arm_stage2 stage2;
    struct oracle_update updates[ORACLE_MAX_UPDATES];
    unsigned n_updates;
};

static bool rig_read(void *opaque, uint64_t gpa, void *buf, size_t len,
                     bool trusted)
{
    struct rig *rig = opaque;
    const uint64_t *word = random_world_word(rig->world, gpa);
    uint64_t value = word ? GUINT64_TO_LE(*word) : 0;

    g_assert_cmpuint(len, ==, 8);
    g_assert_false(trusted);
    if (word) {
        memcpy(buf, &value, 8);
    }
    return word;
}

static bool rig_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                        uint64_t desired, bool trusted)
{
    struct rig *rig = opaque;
    uint64_t *word = random_world_word(rig->world, gpa);

    g_assert_false(trusted);
    if (!word) {
        return false;
    }
    g_assert_cmphex(*word, ==, GUINT64_FROM_LE(*expected));
    g_assert_cmpuint(rig->n_updates, <, ORACLE_MAX_UPDATES);
    rig->updates[rig->n_updates++] = (struct oracle_update){
        .address = gpa,
        .before = *word,
        .after = GUINT64_FROM_LE(desired),
    };
    *word = GUINT64_FROM_LE(desired);
    return true;
}

static unsigned stage2_level(unsigned granule, unsigned sl0)
{
    static const unsigned levels_4k[] = {2, 1, 0, 3};

    return granule == 12 ? levels_4k[sl0] : 3 - sl0;
}

static struct teeio_arm_stage2 convert_stage2(const struct oracle_config *from)
{
    const struct oracle_stage2 *s2 = &from->s2;

    return (struct teeio_arm_stage2){
        .granule_bits = s2->granule,
        .input_bits = 64 - s2->t0sz,
        .start_level = stage2_level(s2->granule, s2->sl0),
        .output_bits = MIN(s2->ps, from->oas),
        .table = s2->ttb,
        .ignore_access_flag = s2->affd,
        .ha = s2->ha,
        .hd = s2->hd,
        .protected_walk = s2->ptw,
        .xnx = from->xnx,
    };
}

static void convert(struct rig *rig)
{
    const struct oracle_config *from = &rig->world->config;

    rig->stage1 = (struct teeio_arm_stage1){
        .output_bits = MIN(from->s1.ips, from->oas),
        .ignore_access_flag = from->s1.affd,
        .wxn = from->s1.wxn,
        .pan = from->s1.pan,
        .ha = from->s1.ha,
        .hd = from->s1.hd,
    };
    for (unsigned i = 0; i < 2; i++) {
        const struct oracle_half *half = &from->s1.half[i];

        rig->stage1.half[i] = (struct teeio_arm_half){
            .enabled = !half->epd,
            .granule_bits = half->granule,
            .input_bits = 64 - half->txsz,
            .top_byte_free = half->tbi,
            .flat = half->had,
            .table = half->ttb,
        };
    }
    if (from->s2.on) {
        rig->stage2 = convert_stage2(from);
        g_assert_true(teeio_arm_stage2_fits(&rig->stage2));
    }
}

static struct teeio_walk walk(struct rig *rig,
                              const struct oracle_access *access)
{
    const struct oracle_config *config = &rig->world->config;
    struct teeio_table_memory memory = {.host = &rig->host};
    struct teeio_walk_stage stage1 = {&teeio_arm_stage1_ops, &rig->stage1};
    struct teeio_walk_stage stage2 = {&teeio_arm_stage2_ops, &rig->stage2};

    rig->n_updates = 0;
    return teeio_walk(&memory, config->s1.on ? &stage1 : NULL,
                      config->s2.on ? &stage2 : NULL, access->address,
                      (struct teeio_access){
                          .write = access->write,
                          .privileged = access->privileged,
                          .execute = access->instruction,
                      });
}

#define DIFFERS(what, a, b)                                       \
    do {                                                          \
        if ((uint64_t)(a) != (uint64_t)(b)) {                     \
            g_test_message("%s: walker 0x%" G_GINT64_MODIFIER     \
                           "x, oracle 0x%" G_GINT64_MODIFIER "x", \
                           what, (uint64_t)(a), (uint64_t)(b));   \
            return true;                                          \
        }                                                         \
    } while (0)

static bool success_differs(const struct oracle_config *config,
                            const struct oracle_access *access,
                            const struct teeio_walk *ours,
                            const struct oracle_result *theirs)
{
    bool fetch = access->instruction && !access->write;
    unsigned perm = 0;

    if (fetch ? theirs->exec : theirs->read) {
        perm |= TEEIO_PERM_READ;
    }
    if (theirs->write && !theirs->clean) {
        perm |= TEEIO_PERM_WRITE;
    }
    DIFFERS("output", ours->output, theirs->output);
    DIFFERS("perm", ours->perm, perm);
    if (config->s1.on || config->s2.on) {
        DIFFERS("page", ours->page_mask, (1ull << theirs->page_bits) - 1);
    }
    return false;
}

static bool fault_differs(const struct teeio_walk *ours,
                          const struct oracle_result *theirs)
{
    DIFFERS("stage", ours->stage, theirs->stage);
    DIFFERS("level", ours->level, theirs->level);
    DIFFERS("on_table", ours->on_table, theirs->class == ORACLE_CLASS_TT);
    DIFFERS("table_write", ours->table_write, theirs->tt_write);
    if (theirs->fault == ORACLE_WALK_EABT) {
        DIFFERS("descriptor", ours->descriptor, theirs->fetch_address);
    }
    return false;
}

static bool differs(const struct rig *rig, const struct oracle_access *access,
                    const struct teeio_walk *ours,
                    const struct oracle_result *theirs)
{
    static const enum teeio_walk_status statuses[] = {
        [ORACLE_OK] = TEEIO_WALK_OK,
        [ORACLE_TRANSLATION] = TEEIO_WALK_TRANSLATION,
        [ORACLE_ADDR_SIZE] = TEEIO_WALK_ADDR_SIZE,
        [ORACLE_ACCESS] = TEEIO_WALK_ACCESS,
        [ORACLE_PERMISSION] = TEEIO_WALK_PERMISSION,
        [ORACLE_WALK_EABT] = TEEIO_WALK_FETCH,
    };

    DIFFERS("status", ours->status, statuses[theirs->fault]);
    DIFFERS("ipa", ours->ipa, theirs->ipa);
    DIFFERS("reads", ours->reads, theirs->reads);
    DIFFERS("updates", rig->n_updates, theirs->n_updates);
    for (unsigned i = 0; i < rig->n_updates; i++) {
        DIFFERS("update", rig->updates[i].address, theirs->updates[i].address);
        DIFFERS("before", rig->updates[i].before, theirs->updates[i].before);
        DIFFERS("after", rig->updates[i].after, theirs->updates[i].after);
    }
    return theirs->fault == ORACLE_OK
               ? success_differs(&rig->world->config, access, ours, theirs)
               : fault_differs(ours, theirs);
}

/* How often each kind of answer came: by fault, stage and class. */
struct census {
    unsigned seen[ORACLE_WALK_EABT + 1][3][3];
    unsigned table_writes;
    unsigned updates;
};

static void count(struct census *census, const struct oracle_result *result)
{
    census->seen[result->fault][result->stage][result->class]++;
    census->table_writes += result->tt_write;
    census->updates += result->n_updates;
}

/* Stage 1 has class TT where a descriptor could not be reached only. */
static bool is_possible(unsigned fault, unsigned stage, unsigned class)
{
    if (fault == ORACLE_OK) {
        return stage == 0 && class == 0;
    }
    if (stage == 1) {
        return (fault == ORACLE_WALK_EABT) == (class == ORACLE_CLASS_TT) &&
               class;
    }
    return stage == 2 && class;
}

static void check_census(const struct census *census)
{
    for (unsigned i = 0; i < sizeof(census->seen) / sizeof(unsigned); i++) {
        unsigned fault = i / 9, stage = i / 3 % 3, class = i % 3;
        unsigned seen = census->seen[fault][stage][class];

        if (!is_possible(fault, stage, class)) {
            g_assert_cmpuint(seen, ==, 0);
            continue;
        }
        g_test_message("%s stage %u class %u: %u",
                       oracle_fault_name((enum oracle_fault)fault), stage,
                       class, seen);
        g_assert_cmpuint(seen, >, WALKS / 5000);
    }
    g_test_message("updates %u, refused on a table %u", census->updates,
                   census->table_writes);
    g_assert_cmpuint(census->updates, >, WALKS / 200);
    g_assert_cmpuint(census->table_writes, >, WALKS / 10000);
}

static struct random_features features_of(unsigned seed)
{
    return (struct random_features){
        .oas = seed % 3 ? 48 : 44,
        .granules = 1 << 12 | 1 << 14 | 1 << 16,
        .stage1 = true,
        .stage2 = true,
        .stt = true,
        .xnx = seed % 4,
        .had = true,
        .httu = 2,
    };
}

static void test_random(void)
{
    struct rig rig = {
        .world = random_world_new(),
        .host = {.opaque = &rig, .read = rig_read, .cmpxchg = rig_cmpxchg},
    };
    struct oracle_memory memory = random_world_memory(rig.world);
    struct census census = {0};

    for (unsigned i = 0; i < WALKS; i++) {
        const struct oracle_config *config = &rig.world->config;
        struct oracle_access access;
        struct oracle_result theirs;
        struct teeio_walk ours;

        if (i % RENEW == 0) {
            struct random_features features = features_of(i / RENEW);

            random_world_build(rig.world, &features, i / RENEW);
            convert(&rig);
        }
        random_world_access(rig.world, &access);
        if (!config->s1.on) {
            /* Larger ones never get as far as a walk. */
            access.address &= (1ull << config->oas) - 1;
        }
        oracle_walk(config, &access, &memory, &theirs);
        random_world_undo(rig.world, &theirs);
        ours = walk(&rig, &access);
        if (differs(&rig, &access, &ours, &theirs)) {
            g_test_message("walk %u, oracle: %s stage %u", i,
                           oracle_fault_name(theirs.fault), theirs.stage);
            g_test_fail();
            break;
        }
        if (i % 4) {
            /* At times the next walk meets what this one wrote. */
            random_world_undo(rig.world, &theirs);
        }
        count(&census, &theirs);
    }
    if (!g_test_failed()) {
        check_census(&census);
    }
    random_world_free(rig.world);
}

/* Which start levels go with which input sizes. */
static void test_stage2_fits(void)
{
    for (unsigned granule = 12; granule <= 16; granule += 2) {
        for (unsigned i = 0; i < 4 * 33; i++) {
            struct oracle_config config = {
                .oas = 48,
                .stt = true,
                .s2 = {.on = true,
                       .granule = granule,
                       .sl0 = i % 4,
                       .t0sz = 16 + i / 4,
                       .ps = 48},
            };
            struct teeio_arm_stage2 ours = convert_stage2(&config);
            const char *problem = oracle_config_problem(&config);

            if (!problem) {
                g_assert_true(teeio_arm_stage2_fits(&ours));
            } else if (strstr(problem, "S2SL0 against S2T0SZ")) {
                g_assert_false(teeio_arm_stage2_fits(&ours));
            }
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/walk-oracle/random", test_random);
    g_test_add_func("/walk-oracle/stage2-fits", test_stage2_fits);
    return g_test_run();
}
