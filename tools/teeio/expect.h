/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Which properties are known to be broken, on which kernel and QEMU.
 */
#ifndef TEEIO_EXPECT_H
#define TEEIO_EXPECT_H

#include "judge.h"

struct teeio_expectations;

/**
 * teeio_expectations_new() - what --expect-bug and --expect say
 * @bug:  unless the file says otherwise, a broken property is expected
 * @path: file, or NULL
 * @all:  struct teeio_scenario: each line must be about one of them
 */
struct teeio_expectations *teeio_expectations_new(bool bug, const char *path,
                                                  GPtrArray *all,
                                                  GError **error);
void teeio_expectations_free(struct teeio_expectations *expectations);

/**
 * teeio_expect() - set @bug_expected and @bug_reason of @result
 *
 * Its boot and its capture tell kernel and QEMU.
 */
void teeio_expect(const struct teeio_expectations *expectations,
                  struct teeio_result *result);

#endif
