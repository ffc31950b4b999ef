/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "teeio/t_policy.h"

struct policy {
    const char *name;
    struct teeio_t_rule rules[2]; /* by T */
    bool realm;
    struct teeio_t_rule realm_rules[2];
};

static const struct policy policies[TEEIO_T_POLICIES] = {
    [TEEIO_T_UNIFIED] =
        {
            .name = "unified",
            .rules = {{.guest_stage1 = true},
                      {.guest_stage1 = true, .private_tables = true}},
        },
    [TEEIO_T_ARM_SPLIT] =
        {
            .name = "arm-split",
            .rules = {{.guest_stage1 = false},
                      {.guest_stage1 = true, .private_tables = true}},
            .realm = true,
            .realm_rules = {{.guest_stage1 = true, .host_tables = true},
                            {.guest_stage1 = true, .private_tables = true}},
        },
    [TEEIO_T_T0_BLOCKED] =
        {
            .name = "t0-blocked",
            .rules = {{.blocked = true},
                      {.guest_stage1 = true, .private_tables = true}},
            .realm = true,
            .realm_rules = {{.blocked = true},
                            {.guest_stage1 = true, .private_tables = true}},
        },
    [TEEIO_T_TDX_SPLIT] =
        {
            .name = "tdx-split",
            .rules = {{.guest_stage1 = true, .host_tables = true},
                      {.private_tables = true, .plain = true}},
        },
    [TEEIO_T_AMD_SINGLE] =
        {
            .name = "amd-single",
            .rules = {{.stage2_only = true, .claims = true},
                      {.guest_stage1 = true,
                       .private_tables = true,
                       .shared_stage2 = true,
                       .claims = true}},
        },
};

const struct teeio_t_rule *teeio_t_policy_rule(enum teeio_t_policy policy,
                                               bool t)
{
    return &policies[policy].rules[t];
}

const struct teeio_t_rule *teeio_t_policy_realm_rule(enum teeio_t_policy policy,
                                                     bool t)
{
    const struct policy *row = &policies[policy];

    return row->realm ? &row->realm_rules[t] : NULL;
}

const char *teeio_t_policy_name(enum teeio_t_policy policy)
{
    return (unsigned)policy < TEEIO_T_POLICIES ? policies[policy].name : "?";
}

bool teeio_t_policy_parse(const char *name, enum teeio_t_policy *policy)
{
    for (unsigned i = 0; i < TEEIO_T_POLICIES; i++) {
        if (strcmp(name, policies[i].name) == 0) {
            *policy = i;
            return true;
        }
    }
    return false;
}
