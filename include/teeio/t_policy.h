/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * T policies: what an IOMMU does with T=0 and with T=1 requests.
 */
#ifndef TEEIO_T_POLICY_H
#define TEEIO_T_POLICY_H

#include <stdbool.h>
#include <stdint.h>

enum teeio_t_policy {
    TEEIO_T_UNIFIED,    /* both values of T see the guest's stage 1 */
    TEEIO_T_ARM_SPLIT,  /* T=0 sees no guest stage 1: identity */
    TEEIO_T_T0_BLOCKED, /* T=0 is refused */
    TEEIO_T_TDX_SPLIT,  /* T=1 sees no guest stage 1: identity */
    TEEIO_T_AMD_SINGLE, /* one stage 2 for both, guarded by ownership */
    TEEIO_T_POLICIES
};

/**
 * struct teeio_t_rule - how requests with one value of T are served
 * @blocked:        refused without a look at the tables
 * @guest_stage1:   what the guest configured applies; else identity
 * @stage2_only:    without @guest_stage1: its stage 2 applies all the same
 * @private_tables: every table read must hit private memory; a host-writable
 *                  table makes the walk fault
 * @host_tables:    tables are read with the host's rights: private ones do not
 *                  answer
 * @plain:          PASID, ATS and PRI are refused
 * @shared_stage2:  with @private_tables: those of stage 2 may be the host's
 * @claims:         addresses say whose page they mean, and any other is denied
 */
struct teeio_t_rule {
    bool blocked;
    bool guest_stage1;
    bool private_tables;
    bool host_tables;
    bool plain;
    bool stage2_only;
    bool shared_stage2;
    bool claims;
};

/**
 * struct teeio_t_claims - how an address says whether it means a private page
 * @c_bit: with stage 1: number of the bit in its output addresses, which is
 *         removed from them
 * @vtom:  without stage 1: addresses below are private; a multiple of
 *         %TEEIO_PAGE_SIZE
 */
struct teeio_t_claims {
    unsigned c_bit;
    uint64_t vtom;
};

/** teeio_t_policy_rule() - the rule of @policy for TLPs with this @t */
const struct teeio_t_rule *teeio_t_policy_rule(enum teeio_t_policy policy,
                                               bool t);

/**
 * teeio_t_policy_realm_rule() - the same where T=1 has an interface of its own
 *
 * Returns: NULL when @policy knows of one interface only.
 */
const struct teeio_t_rule *teeio_t_policy_realm_rule(enum teeio_t_policy policy,
                                                     bool t);

/**
 * teeio_t_policy_name() - "unified", "arm-split", "t0-blocked", "tdx-split",
 * "amd-single"
 */
const char *teeio_t_policy_name(enum teeio_t_policy policy);

/**
 * teeio_t_policy_parse() - the reverse of teeio_t_policy_name()
 *
 * Returns: false for an unknown name; *@policy is then untouched.
 */
bool teeio_t_policy_parse(const char *name, enum teeio_t_policy *policy);

#endif
