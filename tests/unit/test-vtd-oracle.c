/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The unit and a naive walker, on random tables: the same answers, the same
 * fault reasons, the same flags in memory. A unit that remembers has to come
 * to the same answers as well, since nobody else changes the tables.
 */
#include <glib.h>
#include <string.h>

#include "teeio/vtd.h"
#include "x86-oracle.h"

#define BASE   0x40000000ull
#define PAGES  52u
#define WORDS  (PAGES * 512u)
#define USED   48u /* entries of a table, and pages that they lead to */
#define FIRSTS 12u /* pages 0 to 11: first-stage tables */
#define TABLES 24u /* up to here: second-stage tables */
#define ROOT   48u
#define WALKS  200u
#define SOURCE 0x0018u
#define PASID  3u

/* What every world has to show at least once, in all of them together. */
static const unsigned wanted[] = {
    0,    0x04, 0x05, 0x06, 0x07, 0x0c, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75,
    0x76, 0x77, 0x78, 0x79, 0x7a, 0x7b, 0x80, 0x81, 0x82, 0x84, 0x85, 0x86,
};

struct world {
    GRand *rand;
    struct x86_setup setup;
    uint64_t memory[WORDS];
};

struct bench {
    uint64_t memory[WORDS];
    struct teeio_host host;
    struct teeio_vtd *vtd;
};

static bool chance(struct world *w, unsigned percent)
{
    return g_rand_int_range(w->rand, 0, 100) < (int)percent;
}

static unsigned below(struct world *w, unsigned limit)
{
    return g_rand_int_range(w->rand, 0, limit);
}

static uint64_t *reach(struct bench *b, uint64_t gpa, size_t len)
{
    if (gpa < BASE || gpa - BASE > sizeof(b->memory) - len) {
        return NULL;
    }
    return (uint64_t *)((uint8_t *)b->memory + (gpa - BASE));
}

static bool bench_read(void *opaque, uint64_t gpa, void *buf, size_t len,
                       bool trusted)
{
    uint64_t *from = reach(opaque, gpa, len);

    (void)trusted;
    if (from) {
        memcpy(buf, from, len);
    }
    return from;
}

static bool bench_write(void *opaque, uint64_t gpa, const void *buf, size_t len,
                        bool trusted)
{
    (void)opaque;
    (void)gpa;
    (void)buf;
    (void)len;
    (void)trusted;
    return false;
}

static bool bench_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                          uint64_t desired, bool trusted)
{
    uint64_t *at = reach(opaque, gpa, 8);
    uint64_t old;

    (void)trusted;
    if (!at) {
        return false;
    }
    old = *at;
    if (old == *expected) {
        *at = desired;
    }
    *expected = old;
    return true;
}

static uint64_t pick_address(struct world *w, unsigned levels)
{
    uint64_t address = (uint64_t)below(w, USED) << 12;

    for (unsigned level = 2; level <= levels; level++) {
        unsigned index = level < 4 && chance(w, 50) ? 0 : below(w, 3);

        address |= (uint64_t)index << (12 + 9 * (level - 1));
    }
    return address;
}

static uint64_t random_high(struct world *w)
{
    return chance(w, 2) ? 1ull << (48 + below(w, 4)) : 0;
}

static uint64_t first_entry(struct world *w)
{
    const struct x86_setup *setup = &w->setup;
    uint64_t entry = g_rand_int(w->rand) & 0xf78;

    entry |= chance(w, 97) ? 1 : 0;
    entry |= chance(w, 90) ? 2 : 0;
    entry |= chance(w, 95) ? 4 : 0;
    entry |= chance(w, 8) ? 1ull << 63 : 0;
    entry |= (uint64_t)below(w, 0x800) << 52;
    entry |= random_high(w);
    if (setup->second_levels) {
        entry |= pick_address(w, setup->second_levels);
    } else if (chance(w, 97)) {
        entry |= BASE + ((uint64_t)below(w, FIRSTS) << 12);
    }
    entry &= ~0x80ull;
    if (chance(w, 12)) {
        entry |= 0x80;
        if (chance(w, 80)) {
            entry &= ~0x3fffe000ull;
        }
    }
    return entry;
}

static uint64_t second_entry(struct world *w)
{
    uint64_t entry = g_rand_int(w->rand) & 0x778;

    entry |= chance(w, 96) ? 1 : 0;
    entry |= chance(w, 92) ? 2 : 0;
    entry |= chance(w, 2) ? 0x800 : 0;
    entry |= (uint64_t)below(w, 0x1000) << 52;
    entry |= random_high(w);
    if (chance(w, 97)) {
        unsigned from = chance(w, 60) ? FIRSTS : 0;

        entry |= BASE + ((uint64_t)(from + below(w, FIRSTS)) << 12);
    }
    if (chance(w, 12)) {
        entry |= 0x80;
        if (chance(w, 80)) {
            entry &= ~0x3ffff000ull;
        }
    }
    return entry;
}

static void build_setup(struct world *w)
{
    struct x86_setup *setup = &w->setup;
    unsigned kind = below(w, 4);

    *setup = (struct x86_setup){.legacy = kind == 0};
    if (kind != 1) {
        setup->second_levels = 3 + below(w, 3);
        setup->second = BASE + ((FIRSTS + (uint64_t)below(w, FIRSTS)) << 12);
        setup->ssade = kind && chance(w, 50);
    }
    if (kind == 1 || kind == 2) {
        setup->first_levels = 4 + below(w, 2);
        setup->first = setup->second_levels
                           ? pick_address(w, setup->second_levels)
                           : BASE + ((uint64_t)below(w, FIRSTS) << 12);
        setup->wpe = chance(w, 50);
        setup->nxe = chance(w, 80);
        setup->smep = chance(w, 50);
        setup->eafe = chance(w, 30);
    }
    if (setup->second_levels && chance(w, 3)) {
        setup->second = 0x1000;
    }
    if (setup->first_levels && chance(w, 3)) {
        setup->first = 0x7000;
    }
}

/* The structures that lead to the tables: manual, sections 9.1 to 9.6. */
static void build_config(struct world *w)
{
    const struct x86_setup *setup = &w->setup;
    uint64_t *root = &w->memory[ROOT * 512];
    uint64_t *context = root + 512, *directory = root + 1024;
    uint64_t *entry = root + 1536 + 8 * PASID;
    uint64_t page = BASE + (ROOT << 12);
    unsigned width = setup->second_levels ? setup->second_levels - 2 : 0;
    unsigned type = setup->first_levels ? setup->second_levels ? 3 : 1 : 2;

    root[0] = (page + 0x1000) | 1;
    if (setup->legacy) {
        context[2 * SOURCE] = setup->second | 1;
        context[2 * SOURCE + 1] = 0x100 | width;
        return;
    }
    context[4 * SOURCE] = (page + 0x2000) | 0x9;
    directory[0] = (page + 0x3000) | 1;
    entry[0] = setup->second | (uint64_t)setup->ssade << 9 | type << 6 |
               width << 2 | 1;
    entry[1] = 1;
    entry[2] = setup->first | setup->eafe << 7 | setup->smep << 6 |
               setup->nxe << 5 | setup->wpe << 4 |
               (setup->first_levels == 5 ? 4 : 0) | 3;
}

static void build(struct world *w)
{
    memset(w->memory, 0, sizeof(w->memory));
    build_setup(w);
    for (unsigned i = 0; i < TABLES * USED; i++) {
        unsigned page = i / USED;

        w->memory[page * 512 + i % USED] =
            page < FIRSTS ? first_entry(w) : second_entry(w);
    }
    build_config(w);
}

static void start(struct bench *b, const struct world *w, bool remember)
{
    memcpy(b->memory, w->memory, sizeof(b->memory));
    b->host = (struct teeio_host){
        .opaque = b,
        .read = bench_read,
        .write = bench_write,
        .cmpxchg = bench_cmpxchg,
    };
    b->vtd =
        teeio_vtd_new(&b->host, NULL, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_TRUSTED);
    teeio_vtd_set_iotlb(b->vtd, remember, false);
    teeio_vtd_write(b->vtd, 0x20,
                    (BASE + (ROOT << 12)) | (w->setup.legacy ? 0 : 0x400), 8);
    teeio_vtd_write(b->vtd, 0x18, 0x40000000u, 4);
    teeio_vtd_write(b->vtd, 0x18, 0x80000000u, 4);
}

static struct teeio_translation ask(struct bench *b, const struct world *w,
                                    const struct x86_access *access)
{
    struct teeio_iommu *iommu = teeio_vtd_iommu(b->vtd);
    const struct teeio_tlp tlp = {
        .kind = access->write ? TEEIO_TLP_MWR : TEEIO_TLP_MRD,
        .address = access->address,
        .length = 1,
        .requester = SOURCE,
        .pasid_valid = !w->setup.legacy,
        .pasid = w->setup.legacy ? 0 : PASID,
        .privileged = access->supervisor,
        .execute = access->execute,
    };
    struct teeio_translation answer;

    iommu->translate(iommu, &tlp, &answer);
    return answer;
}

static void compare(const struct teeio_translation *answer,
                    const struct x86_verdict *verdict, bool flags)
{
    if (verdict->reason) {
        g_assert_cmpint(answer->verdict, ==, TEEIO_VERDICT_FAULT);
        g_assert_cmphex(answer->fault.dw[1] >> 32 & 0xff, ==, verdict->reason);
        return;
    }
    g_assert_cmpint(answer->verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer->output, ==, verdict->output);
    if (answer->page_mask != (1ull << verdict->bits) - 1) {
        /* The window of interrupts lies in the page. */
        g_assert_cmpuint(verdict->bits, >, 20);
        g_assert_cmphex(answer->page_mask, ==, 0xfffff);
    }
    if (flags) {
        g_assert_cmpint(!(answer->perm & TEEIO_PERM_READ), ==, !verdict->read);
        g_assert_cmpint(!(answer->perm & TEEIO_PERM_WRITE), ==,
                        !verdict->write);
    }
}

static struct x86_access pick_access(struct world *w)
{
    unsigned levels =
        w->setup.first_levels ? w->setup.first_levels : w->setup.second_levels;
    struct x86_access access = {
        .address = pick_address(w, levels) | below(w, 0x1000),
        .write = chance(w, 40),
        .supervisor = !w->setup.legacy && chance(w, 25),
        .execute = !w->setup.legacy && chance(w, 15),
    };

    if (chance(w, 2)) {
        access.address |= 1ull << (38 + below(w, 26));
    }
    return access;
}

static void play(struct world *w, struct bench *plain, struct bench *cached,
                 unsigned seen[256])
{
    static uint64_t copy[WORDS];
    struct x86_memory memory = {BASE, WORDS, copy};

    build(w);
    memcpy(copy, w->memory, sizeof(copy));
    start(plain, w, false);
    start(cached, w, true);
    for (unsigned i = 0; i < WALKS; i++) {
        struct x86_access access = pick_access(w);
        struct x86_verdict verdict;
        struct teeio_translation answer;

        if (w->setup.legacy && access.address >> 20 == 0xfee) {
            continue;
        }
        verdict = x86_oracle(&w->setup, &access, &memory);
        seen[verdict.reason]++;
        answer = ask(plain, w, &access);
        compare(&answer, &verdict, true);
        answer = ask(cached, w, &access);
        compare(&answer, &verdict, false);
    }
    g_assert_cmpmem(plain->memory, sizeof(copy), copy, sizeof(copy));
    teeio_vtd_free(plain->vtd);
    teeio_vtd_free(cached->vtd);
}

static void test_random(void)
{
    static struct bench plain, cached;
    static struct world w;
    const char *more = g_getenv("TEEIO_ORACLE_WORLDS");
    unsigned worlds = more ? atoi(more) : 1500;
    unsigned seen[256] = {0};

    w.rand = g_rand_new_with_seed(g_test_rand_int());
    for (unsigned i = 0; i < worlds; i++) {
        play(&w, &plain, &cached, seen);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_test_message("reason 0x%02x: %u", wanted[i], seen[wanted[i]]);
        g_assert_cmpuint(seen[wanted[i]], >, 0);
    }
    g_rand_free(w.rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtd-oracle/random", test_random);
    return g_test_run();
}
