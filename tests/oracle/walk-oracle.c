/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <assert.h>
#include <string.h>

#include "walk-oracle.h"

/* Why a stage is asked to translate. */
enum purpose {
    FOR_DATA,        /* the transaction itself */
    FOR_TABLE_READ,  /* stage 1 fetches a descriptor */
    FOR_TABLE_WRITE, /* stage 1 sets AF or dirty in a descriptor */
};

struct walk {
    const struct oracle_config *config;
    const struct oracle_access *access;
    const struct oracle_memory *memory;
    struct oracle_result *result;
    bool again; /* a descriptor changed under the walk */
};

struct leaf {
    uint64_t descriptor;
    uint64_t descriptor_at; /* IPA in a nested stage 1, else physical */
    int level;
    uint64_t output;
    /* What the table descriptors above forbid (stage 1). */
    bool table_no_write;
    bool table_no_user;
    bool table_uxn;
    bool table_pxn;
};

struct rights {
    bool read;
    bool write;
    bool exec;
    bool clean; /* writable, but a write has to set dirty first */
};

/* What a stage gives when nothing fails. */
struct translated {
    uint64_t address;
    unsigned page_bits;
    struct rights rights;
};

static bool translate_stage2(struct walk *w, uint64_t ipa, enum purpose purpose,
                             struct translated *out);

static bool bit(uint64_t value, unsigned number)
{
    return value >> number & 1;
}

/* The low `count` bits. */
static uint64_t low_bits(uint64_t value, unsigned count)
{
    return count >= 64 ? value : value & ((UINT64_C(1) << count) - 1);
}

static bool fail(struct walk *w, enum oracle_fault fault, unsigned stage,
                 int level, enum purpose purpose)
{
    struct oracle_result *r = w->result;

    r->fault = fault;
    r->stage = stage;
    r->level = level;
    r->class = purpose == FOR_DATA ? ORACLE_CLASS_IN : ORACLE_CLASS_TT;
    r->tt_write = purpose == FOR_TABLE_WRITE;
    if (stage == 1) {
        r->ipa = 0;
    }
    return false;
}

static bool external_abort(struct walk *w, unsigned stage, int level,
                           enum purpose purpose, uint64_t address)
{
    w->result->fetch_address = address;
    return fail(w, ORACLE_WALK_EABT, stage, level, purpose);
}

/* Where a descriptor lies physically: stage-1 tables of a nest are at IPAs. */
static bool locate_descriptor(struct walk *w, unsigned stage, uint64_t address,
                              enum purpose purpose, uint64_t *physical)
{
    struct translated t;

    *physical = address;
    if (stage == 1 && w->config->s2.on) {
        if (!translate_stage2(w, address, purpose, &t)) {
            return false;
        }
        *physical = t.address;
    }
    return true;
}

static bool fetch_descriptor(struct walk *w, unsigned stage, int level,
                             enum purpose purpose, uint64_t address,
                             uint64_t *descriptor)
{
    uint64_t physical;

    if (!locate_descriptor(w, stage, address, FOR_TABLE_READ, &physical)) {
        return false;
    }
    w->result->reads++;
    if (!w->memory->read(w->memory->opaque, physical, descriptor)) {
        return external_abort(w, stage, level,
                              stage == 1 ? FOR_TABLE_READ : purpose, physical);
    }
    return true;
}

static bool rewrite_descriptor(struct walk *w, unsigned stage,
                               enum purpose purpose, const struct leaf *leaf,
                               uint64_t desired)
{
    struct oracle_result *r = w->result;
    uint64_t physical;
    uint64_t seen;

    if (desired == leaf->descriptor) {
        return true;
    }
    if (!locate_descriptor(w, stage, leaf->descriptor_at, FOR_TABLE_WRITE,
                           &physical)) {
        return false;
    }
    if (!w->memory->cmpxchg(w->memory->opaque, physical, leaf->descriptor,
                            desired, &seen)) {
        return external_abort(w, stage, leaf->level,
                              stage == 1 ? FOR_TABLE_WRITE : purpose, physical);
    }
    if (seen != leaf->descriptor) {
        w->again = true;
        return false;
    }
    assert(r->n_updates < ORACLE_MAX_UPDATES);
    r->updates[r->n_updates++] = (struct oracle_update){
        .stage = stage,
        .address = physical,
        .before = leaf->descriptor,
        .after = desired,
    };
    return true;
}

static bool is_table(uint64_t descriptor, int level)
{
    return level < 3 && (descriptor & 3) == 3;
}

static bool is_leaf(const struct oracle_geometry *g, uint64_t descriptor,
                    int level)
{
    if (level == 3) {
        return (descriptor & 3) == 3;
    }
    return (descriptor & 3) == 1 && oracle_block_allowed(g, level);
}

static bool walk_tables(struct walk *w, const struct oracle_geometry *g,
                        enum purpose purpose, uint64_t ia, struct leaf *leaf)
{
    uint64_t table = g->base;
    unsigned index_top = g->ia_bits;

    memset(leaf, 0, sizeof(*leaf));
    if (table >> g->oa_bits) {
        return fail(w, ORACLE_ADDR_SIZE, g->stage, 0, purpose);
    }
    for (int level = g->start_level;; level++) {
        unsigned shift = oracle_level_shift(g->granule, level);
        uint64_t index = low_bits(ia, index_top) >> shift;
        uint64_t at = table + index * 8;
        uint64_t d;

        if (!fetch_descriptor(w, g->stage, level, purpose, at, &d)) {
            return false;
        }
        if (is_leaf(g, d, level)) {
            leaf->descriptor = d;
            leaf->descriptor_at = at;
            leaf->level = level;
            leaf->output =
                oracle_descriptor_address(g, d, shift) | low_bits(ia, shift);
            if (leaf->output >> g->oa_bits) {
                return fail(w, ORACLE_ADDR_SIZE, g->stage, level, purpose);
            }
            return true;
        }
        if (!is_table(d, level)) {
            return fail(w, ORACLE_TRANSLATION, g->stage, level, purpose);
        }
        table = oracle_descriptor_address(g, d, g->granule);
        if (table >> g->oa_bits) {
            return fail(w, ORACLE_ADDR_SIZE, g->stage, level, purpose);
        }
        leaf->table_no_write |= bit(d, 62);
        leaf->table_no_user |= bit(d, 61);
        leaf->table_uxn |= bit(d, 60);
        leaf->table_pxn |= bit(d, 59);
        index_top = shift;
    }
}

/* Stage 2: which of a transaction's accesses a leaf allows. */
static struct rights stage2_rights(const struct walk *w, uint64_t d)
{
    const struct oracle_config *config = w->config;
    bool xn1 = bit(d, 54);
    bool xn0 = bit(d, 53);
    struct rights r;

    r.read = bit(d, 6);
    r.clean = !bit(d, 7) && config->s2.hd && bit(d, 51);
    r.write = bit(d, 7) || r.clean;
    if (!config->xnx) {
        r.exec = !xn1;
    } else if (w->access->privileged) {
        r.exec = xn1 == xn0; /* 00 all, 11 privileged only */
    } else {
        r.exec = !xn1; /* 00 all, 01 unprivileged only */
    }
    return r;
}

static bool stage2_is_device(const struct oracle_stage2 *s2, uint64_t d)
{
    return s2->fwb ? !bit(d, 4) : !bit(d, 5) && !bit(d, 4);
}

static bool allowed(const struct oracle_access *access, struct rights r)
{
    if (access->write) {
        return r.write; /* data, whatever the access calls itself */
    }
    return access->instruction ? r.exec : r.read;
}

static bool stage2_permits(const struct walk *w, enum purpose purpose,
                           uint64_t d, struct rights r)
{
    if (purpose == FOR_DATA) {
        return allowed(w->access, r);
    }
    if (w->config->s2.ptw && stage2_is_device(&w->config->s2, d)) {
        return false;
    }
    return r.read && (purpose == FOR_TABLE_READ || r.write);
}

static bool translate_stage2(struct walk *w, uint64_t ipa, enum purpose purpose,
                             struct translated *out)
{
    const struct oracle_stage2 *s2 = &w->config->s2;
    bool write =
        purpose == FOR_TABLE_WRITE || (purpose == FOR_DATA && w->access->write);
    struct oracle_geometry g;
    struct leaf leaf;
    struct rights rights;
    uint64_t desired;

    oracle_stage2_geometry(w->config, &g);
    w->result->ipa = ipa;
    if (ipa >> g.ia_bits) {
        return fail(w, ORACLE_TRANSLATION, 2, 0, purpose);
    }
    if (!walk_tables(w, &g, purpose, ipa, &leaf)) {
        return false;
    }
    if (!bit(leaf.descriptor, 10) && !s2->ha && !s2->affd) {
        return fail(w, ORACLE_ACCESS, 2, leaf.level, purpose);
    }
    rights = stage2_rights(w, leaf.descriptor);
    if (!stage2_permits(w, purpose, leaf.descriptor, rights)) {
        return fail(w, ORACLE_PERMISSION, 2, leaf.level, purpose);
    }
    desired = leaf.descriptor;
    if (s2->ha) {
        desired |= UINT64_C(1) << 10;
    }
    if (write && rights.clean) {
        desired |= UINT64_C(1) << 7;
        rights.clean = false;
    }
    if (!rewrite_descriptor(w, 2, purpose, &leaf, desired)) {
        return false;
    }
    out->address = leaf.output;
    out->page_bits = oracle_level_shift(g.granule, leaf.level);
    out->rights = rights;
    return true;
}

/* EL2 without E2H: there is nobody unprivileged. */
static struct rights el2_rights(const struct walk *w, const struct leaf *leaf)
{
    const struct oracle_stage1 *s1 = &w->config->s1;
    uint64_t d = leaf->descriptor;
    struct rights r;

    r.read = true;
    r.clean = bit(d, 7) && s1->hd && bit(d, 51) && !leaf->table_no_write;
    r.write = (!bit(d, 7) && !leaf->table_no_write) || r.clean;
    r.exec = !bit(d, 54) && !leaf->table_uxn && !(s1->wxn && r.write);
    return r;
}

static struct rights el1_rights(const struct walk *w, const struct leaf *leaf)
{
    const struct oracle_stage1 *s1 = &w->config->s1;
    uint64_t d = leaf->descriptor;
    bool clean = bit(d, 7) && s1->hd && bit(d, 51);
    bool writable = (!bit(d, 7) || clean) && !leaf->table_no_write;
    bool user = bit(d, 6) && !leaf->table_no_user;
    bool user_write = user && writable;
    struct rights r;

    if (w->access->privileged) {
        r.read = true;
        r.write = writable;
        /* Nothing that user space writes is ever run with privilege. */
        r.exec = !bit(d, 53) && !leaf->table_pxn && !user_write &&
                 !(s1->wxn && writable);
        if (s1->pan && user) {
            r.read = false;
            r.write = false;
        }
    } else {
        r.read = user;
        r.write = user_write;
        r.exec = !bit(d, 54) && !leaf->table_uxn && !(s1->wxn && user_write);
    }
    r.clean = clean && r.write;
    return r;
}

/* All bits above the range equal bit 55; with TBI, up to bit 55 only. */
static bool in_range(const struct oracle_half *h, unsigned half, uint64_t va)
{
    uint64_t sign = half ? UINT64_MAX : 0;
    unsigned top = h->tbi ? 55 : 63;

    for (unsigned n = 64 - h->txsz; n <= top; n++) {
        if (bit(va, n) != bit(sign, n)) {
            return false;
        }
    }
    return true;
}

/* Which TTB an address uses; false where none does. */
static bool select_half(const struct oracle_stage1 *s1, uint64_t va,
                        unsigned *half)
{
    *half = s1->el2 ? 0 : bit(va, 55);
    if (s1->half[*half].epd && !s1->el2) {
        return false;
    }
    return in_range(&s1->half[*half], *half, va);
}

static bool translate_stage1(struct walk *w, struct translated *out)
{
    const struct oracle_stage1 *s1 = &w->config->s1;
    uint64_t va = w->access->address;
    struct oracle_geometry g;
    struct leaf leaf;
    struct rights rights;
    uint64_t desired;
    unsigned half;

    if (!select_half(s1, va, &half)) {
        return fail(w, ORACLE_TRANSLATION, 1, 0, FOR_DATA);
    }
    oracle_stage1_geometry(w->config, half, &g);
    if (!walk_tables(w, &g, FOR_DATA, low_bits(va, g.ia_bits), &leaf)) {
        return false;
    }
    if (s1->half[half].had) {
        leaf.table_no_write = leaf.table_no_user = false;
        leaf.table_uxn = leaf.table_pxn = false;
    }
    if (!bit(leaf.descriptor, 10) && !s1->ha && !s1->affd) {
        return fail(w, ORACLE_ACCESS, 1, leaf.level, FOR_DATA);
    }
    rights = s1->el2 ? el2_rights(w, &leaf) : el1_rights(w, &leaf);
    if (!allowed(w->access, rights)) {
        return fail(w, ORACLE_PERMISSION, 1, leaf.level, FOR_DATA);
    }
    desired = leaf.descriptor;
    if (s1->ha) {
        desired |= UINT64_C(1) << 10;
    }
    if (w->access->write && rights.clean) {
        desired &= ~(UINT64_C(1) << 7);
        rights.clean = false;
    }
    if (!rewrite_descriptor(w, 1, FOR_DATA, &leaf, desired)) {
        return false;
    }
    out->address = leaf.output;
    out->page_bits = oracle_level_shift(g.granule, leaf.level);
    out->rights = rights;
    return true;
}

static const struct translated untranslated = {
    .page_bits = 64,
    .rights = {.read = true, .write = true, .exec = true},
};

/* False on a fault, or when again is set. */
static bool translate(struct walk *w)
{
    struct oracle_result *r = w->result;
    struct translated one = untranslated;
    struct translated two = untranslated;

    one.address = w->access->address;
    if (w->config->s1.on) {
        if (!translate_stage1(w, &one)) {
            return false;
        }
    } else if (one.address >> w->config->oas) {
        return fail(w, ORACLE_ADDR_SIZE, 1, 0, FOR_DATA);
    }
    two.address = one.address;
    r->ipa = 0;
    if (w->config->s2.on && !translate_stage2(w, one.address, FOR_DATA, &two)) {
        return false;
    }
    r->output = two.address;
    r->page_bits =
        one.page_bits < two.page_bits ? one.page_bits : two.page_bits;
    r->read = one.rights.read && two.rights.read;
    r->write = one.rights.write && two.rights.write;
    r->exec = one.rights.exec && two.rights.exec;
    r->clean = r->write && (one.rights.clean || two.rights.clean);
    return true;
}

void oracle_walk(const struct oracle_config *config,
                 const struct oracle_access *access,
                 const struct oracle_memory *memory,
                 struct oracle_result *result)
{
    struct walk w = {
        .config = config,
        .access = access,
        .memory = memory,
        .result = result,
    };

    memset(result, 0, sizeof(*result));
    do {
        w.again = false;
        translate(&w);
    } while (w.again);
}

const char *oracle_fault_name(enum oracle_fault fault)
{
    static const char *const names[] = {
        [ORACLE_OK] = "ok",
        [ORACLE_TRANSLATION] = "F_TRANSLATION",
        [ORACLE_ADDR_SIZE] = "F_ADDR_SIZE",
        [ORACLE_ACCESS] = "F_ACCESS",
        [ORACLE_PERMISSION] = "F_PERMISSION",
        [ORACLE_WALK_EABT] = "F_WALK_EABT",
    };

    return names[fault];
}
