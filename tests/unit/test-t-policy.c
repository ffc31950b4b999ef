/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>

#include "teeio/t_policy.h"

static void test_names(void)
{
    for (int i = 0; i < TEEIO_T_POLICIES; i++) {
        enum teeio_t_policy policy = TEEIO_T_POLICIES;

        g_assert_true(teeio_t_policy_parse(teeio_t_policy_name(i), &policy));
        g_assert_cmpint(policy, ==, i);
    }
    g_assert_cmpstr(teeio_t_policy_name(TEEIO_T_UNIFIED), ==, "unified");
    g_assert_cmpstr(teeio_t_policy_name(TEEIO_T_ARM_SPLIT), ==, "arm-split");
    g_assert_cmpstr(teeio_t_policy_name(TEEIO_T_T0_BLOCKED), ==, "t0-blocked");
    g_assert_cmpstr(teeio_t_policy_name(TEEIO_T_TDX_SPLIT), ==, "tdx-split");
    g_assert_cmpstr(teeio_t_policy_name(TEEIO_T_AMD_SINGLE), ==, "amd-single");
}

static void test_unknown_name(void)
{
    static const char *const names[] = {"", "Unified", "unified ", "tdx"};
    enum teeio_t_policy policy = TEEIO_T_ARM_SPLIT;

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_false(teeio_t_policy_parse(names[i], &policy));
        g_assert_cmpint(policy, ==, TEEIO_T_ARM_SPLIT);
    }
}

static void test_rules(void)
{
    static const struct teeio_t_rule expected[TEEIO_T_POLICIES][2] = {
        [TEEIO_T_UNIFIED] = {{false, true, false, false, false},
                             {false, true, true, false, false}},
        [TEEIO_T_ARM_SPLIT] = {{false, false, false, false, false},
                               {false, true, true, false, false}},
        [TEEIO_T_T0_BLOCKED] = {{true, false, false, false, false},
                                {false, true, true, false, false}},
        [TEEIO_T_TDX_SPLIT] = {{false, true, false, true, false},
                               {false, false, true, false, true}},
        [TEEIO_T_AMD_SINGLE] = {{.stage2_only = true, .claims = true},
                                {.guest_stage1 = true,
                                 .private_tables = true,
                                 .shared_stage2 = true,
                                 .claims = true}},
    };

    for (int policy = 0; policy < TEEIO_T_POLICIES; policy++) {
        for (int t = 0; t < 2; t++) {
            const struct teeio_t_rule *rule = teeio_t_policy_rule(policy, t);
            const struct teeio_t_rule *want = &expected[policy][t];

            g_assert_cmpint(rule->blocked, ==, want->blocked);
            g_assert_cmpint(rule->guest_stage1, ==, want->guest_stage1);
            g_assert_cmpint(rule->private_tables, ==, want->private_tables);
            g_assert_cmpint(rule->host_tables, ==, want->host_tables);
            g_assert_cmpint(rule->plain, ==, want->plain);
            g_assert_cmpint(rule->stage2_only, ==, want->stage2_only);
            g_assert_cmpint(rule->shared_stage2, ==, want->shared_stage2);
            g_assert_cmpint(rule->claims, ==, want->claims);
        }
    }
}

/* With an interface for each T, none sees what is not there. */
static void test_realm_rules(void)
{
    for (int policy = 0; policy < TEEIO_T_POLICIES; policy++) {
        const struct teeio_t_rule *t0 =
            teeio_t_policy_realm_rule(policy, false);
        const struct teeio_t_rule *t1 = teeio_t_policy_realm_rule(policy, true);
        bool split = policy == TEEIO_T_ARM_SPLIT;

        if (!split && policy != TEEIO_T_T0_BLOCKED) {
            g_assert_null(t0);
            g_assert_null(t1);
            continue;
        }
        g_assert_cmpint(t0->blocked, ==, !split);
        g_assert_cmpint(t0->guest_stage1, ==, split);
        g_assert_cmpint(t0->host_tables, ==, split);
        g_assert_true(t1->guest_stage1 && t1->private_tables);
        g_assert_false(t1->blocked || t1->host_tables || t1->plain);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/t-policy/names", test_names);
    g_test_add_func("/t-policy/unknown-name", test_unknown_name);
    g_test_add_func("/t-policy/rules", test_rules);
    g_test_add_func("/t-policy/realm-rules", test_realm_rules);
    return g_test_run();
}
