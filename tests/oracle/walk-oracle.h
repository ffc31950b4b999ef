/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#ifndef TESTS_ORACLE_WALK_ORACLE_H
#define TESTS_ORACLE_WALK_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A second opinion on VMSAv8-64 walks, slow on purpose. It shares nothing with
 * hw/: no header, no constant. Sizes are numbers of bits, never register codes,
 * so that whoever compares has to decode CD and STE by himself:
 *
 *   T0SZ 25 is 25; TG0 0/1/2 is 12/16/14; TG1 1/2/3 is 14/12/16;
 *   S2TG 0/1/2 is 12/16/14; IPS, S2PS and IDR5.OAS 0..6 are
 *   32, 36, 40, 42, 44, 48, 52.
 *
 * Caches, stalls and the fetch of STE and CD are outside. PRIVCFG, INSTCFG and
 * S1DSS have to be applied to the access and to s1.on beforehand.
 */

/* One half of the address space of stage 1: [0] is TTB0, [1] is TTB1. */
struct oracle_half {
    bool epd;         /* CD.EPD0, EPD1 */
    unsigned txsz;    /* CD.T0SZ, T1SZ */
    unsigned granule; /* CD.TG0, TG1 as log2 of bytes: 12, 14 or 16 */
    uint64_t ttb;     /* CD.TTB0, TTB1: an IPA when stage 2 is on */
    bool tbi;         /* CD.TBI0, TBI1 */
    bool had;         /* CD.HAD0, HAD1 */
};

struct oracle_stage1 {
    bool on; /* STE.Config[0], unless S1DSS bypasses stage 1 */
    struct oracle_half half[2];
    unsigned ips; /* CD.IPS in bits; may exceed oas, which then rules */
    bool ds;      /* 52-bit form of 4K and 16K descriptors (IDR5.DS) */
    bool el2;     /* STE.STRW = EL2 without E2H: one privilege, TTB0 only */
    bool wxn;     /* CD.WXN */
    bool uwxn;    /* CD.UWXN: means nothing to AArch64 tables */
    bool pan;     /* CD.PAN */
    bool affd;    /* CD.AFFD */
    bool ha;      /* CD.HA */
    bool hd;      /* CD.HD */
};

struct oracle_stage2 {
    bool on;          /* STE.Config[1] */
    unsigned t0sz;    /* STE.S2T0SZ */
    unsigned sl0;     /* STE.S2SL0, and S2SL0_2 as bit 2 */
    unsigned granule; /* STE.S2TG as log2 of bytes */
    uint64_t ttb;     /* STE.S2TTB */
    unsigned ps;      /* STE.S2PS in bits; may exceed oas, which then rules */
    bool ds;          /* STE.S2DS */
    bool affd;        /* STE.S2AFFD */
    bool ha;          /* STE.S2HA */
    bool hd;          /* STE.S2HD */
    bool ptw;         /* STE.S2PTW */
    bool fwb;         /* STE.S2FWB: another coding of Device, see ptw */
};

struct oracle_config {
    struct oracle_stage1 s1;
    struct oracle_stage2 s2;
    unsigned oas; /* IDR5.OAS in bits; 52 also enables 64K's high bits */
    bool va52;    /* IDR5.VAX = 1: TxSZ down to 12 with 64K */
    bool stt;     /* IDR3.STT: TxSZ up to 48, or 47 with 64K */
    bool xnx;     /* IDR3.XNX: two-bit XN of stage 2 */
};

struct oracle_access {
    uint64_t address;
    bool write;
    bool privileged;
    bool instruction; /* ignored for a write, which is data */
};

/*
 * Guest memory. Both return false where the access gets an external abort.
 * cmpxchg stores what it found into *seen and writes only if that is expected.
 * It is called only with ha on.
 */
struct oracle_memory {
    void *opaque;
    bool (*read)(void *opaque, uint64_t address, uint64_t *value);
    bool (*cmpxchg)(void *opaque, uint64_t address, uint64_t expected,
                    uint64_t desired, uint64_t *seen);
};

enum oracle_fault {
    ORACLE_OK,
    ORACLE_TRANSLATION, /* F_TRANSLATION */
    ORACLE_ADDR_SIZE,   /* F_ADDR_SIZE */
    ORACLE_ACCESS,      /* F_ACCESS */
    ORACLE_PERMISSION,  /* F_PERMISSION */
    ORACLE_WALK_EABT,   /* F_WALK_EABT */
};

/* The codes of an event's CLASS. */
enum oracle_class {
    ORACLE_CLASS_TT = 1,
    ORACLE_CLASS_IN = 2,
};

/* A descriptor that hardware changed (AF, dirty). */
struct oracle_update {
    unsigned stage;
    uint64_t address; /* physical */
    uint64_t before;
    uint64_t after;
};

#define ORACLE_MAX_UPDATES 32

struct oracle_result {
    enum oracle_fault fault;

    /* Of a fault only. */
    unsigned stage; /* 1 or 2; the event's S2 */
    int level;      /* of the lookup, -1..3; 0 when no lookup was made */
    enum oracle_class class;
    bool tt_write;          /* class TT: the failing access is an update */
    uint64_t fetch_address; /* WALK_EABT: physical, dw3 of the event */

    /*
     * What stage 2 was last asked: the event's IPA when stage is 2, the output
     * of stage 1 when all went well; else 0.
     */
    uint64_t ipa;

    /* Of success only. Rights are those of the access's privilege. */
    uint64_t output;
    unsigned page_bits; /* smaller page of both stages; 64 if both are off */
    bool read;
    bool write; /* also where a write would first have to set dirty */
    bool exec;
    bool clean; /* the next write has to set dirty in some stage */

    /* Always. Every fetch counts once; compare-and-swaps do not count. */
    unsigned reads;
    unsigned n_updates;
    struct oracle_update updates[ORACLE_MAX_UPDATES];
};

void oracle_walk(const struct oracle_config *config,
                 const struct oracle_access *access,
                 const struct oracle_memory *memory,
                 struct oracle_result *result);

/*
 * Why an SMMU refuses this configuration before any walk: "C_BAD_CD: ..." or
 * "C_BAD_STE: ...", or NULL. oracle_walk() is only meaningful after NULL.
 */
const char *oracle_config_problem(const struct oracle_config *config);

const char *oracle_fault_name(enum oracle_fault fault);

/* The shape of one stage's tables, as a walk needs it. */
struct oracle_geometry {
    unsigned stage;
    unsigned granule;
    unsigned ia_bits;
    unsigned oa_bits;
    int start_level;
    uint64_t base; /* of the first table, aligned to its size */
    bool ds;
    bool wide; /* descriptors carry 52-bit addresses */
};

void oracle_stage1_geometry(const struct oracle_config *config, unsigned half,
                            struct oracle_geometry *geometry);
void oracle_stage2_geometry(const struct oracle_config *config,
                            struct oracle_geometry *geometry);

/* log2 of the bytes that one descriptor of this level stands for. */
unsigned oracle_level_shift(unsigned granule, int level);
bool oracle_block_allowed(const struct oracle_geometry *geometry, int level);
/* The address in a table or leaf descriptor, above bit `low`. */
uint64_t oracle_descriptor_address(const struct oracle_geometry *geometry,
                                   uint64_t descriptor, unsigned low);

#endif
