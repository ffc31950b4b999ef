/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * T policies: what an IOMMU does with T=0 and with T=1 requests.
 */
#ifndef TEEIO_T_POLICY_H
#define TEEIO_T_POLICY_H

#include <stdbool.h>

enum teeio_t_policy {
    TEEIO_T_UNIFIED,    /* both values of T see the guest's stage 1 */
    TEEIO_T_ARM_SPLIT,  /* T=0 sees no guest stage 1: identity */
    TEEIO_T_T0_BLOCKED, /* T=0 is refused */
    TEEIO_T_TDX_SPLIT,  /* T=1 sees no guest stage 1: identity */
    TEEIO_T_POLICIES
};

/**
 * struct teeio_t_rule - how requests with one value of T are served
 * @blocked:        refused without a look at the tables
 * @guest_stage1:   what the guest configured applies; else identity
 * @private_tables: every table read must hit private memory; a host-writable
 *                  table makes the walk fault
 * @host_tables:    tables are read with the host's rights: private ones do not
 *                  answer
 * @plain:          PASID, ATS and PRI are refused
 */
struct teeio_t_rule {
    bool blocked;
    bool guest_stage1;
    bool private_tables;
    bool host_tables;
    bool plain;
};

/** teeio_t_policy_rule() - the rule of @policy for TLPs with this @t */
const struct teeio_t_rule *teeio_t_policy_rule(enum teeio_t_policy policy,
                                               bool t);

/**
 * teeio_t_policy_name() - "unified", "arm-split", "t0-blocked", "tdx-split"
 */
const char *teeio_t_policy_name(enum teeio_t_policy policy);

/**
 * teeio_t_policy_parse() - the reverse of teeio_t_policy_name()
 *
 * Returns: false for an unknown name; *@policy is then untouched.
 */
bool teeio_t_policy_parse(const char *name, enum teeio_t_policy *policy);

#endif
