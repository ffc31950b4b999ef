/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Going through the pages of a guest without touching those that the guest
 * has never used: reading one would make it take memory.
 */
#ifndef TEEIO_CONFIDENTIAL_PAGES_H
#define TEEIO_CONFIDENTIAL_PAGES_H

#include <stdint.h>

typedef void teeio_page_fn(void *opaque, uint64_t gpa, const uint8_t *page);

/**
 * teeio_pages_each() - call @fn with each page that may hold anything but zeros
 * @base, @end: guest physical, with the C bit for a private bank
 */
void teeio_pages_each(uint64_t base, uint64_t end, teeio_page_fn *fn,
                      void *opaque);

#endif
