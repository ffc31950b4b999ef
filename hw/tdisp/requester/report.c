/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The TDI report (PCIe 11.3.11), read with distrust. */
#include "../../bytes.h"
#include "teeio/requester.h"
#include "teeio/spec/tdisp.h"

#define INFO_RESERVED       0xffe0u
#define ATTRIBUTES_RESERVED 0xfff0u
#define PAGES_ALL           (UINT64_C(1) << (64 - TEEIO_RANGE_PAGE_LOG2))

static bool parse_range(const uint8_t *at, struct teeio_requester_range *range)
{
    range->page = teeio_get_le(at + TEEIO_RANGE_FIRST_PAGE, 8);
    range->pages = teeio_get_le(at + TEEIO_RANGE_PAGES, 4);
    range->attributes = teeio_get_le(at + TEEIO_RANGE_ATTRIBUTES, 2);
    range->id = teeio_get_le(at + TEEIO_RANGE_ID, 2);
    return range->pages && range->page < PAGES_ALL &&
           range->pages <= PAGES_ALL - range->page &&
           !(range->attributes & ATTRIBUTES_RESERVED);
}

bool teeio_requester_report_parse(struct teeio_requester_report *report)
{
    const uint8_t *bytes = report->bytes;
    size_t at = TEEIO_REPORT_HEADER_SIZE;

    if (report->size > sizeof(report->bytes) || report->size < at) {
        return false;
    }
    report->info = teeio_get_le(bytes + TEEIO_REPORT_INFO, 2);
    report->msix_control = teeio_get_le(bytes + TEEIO_REPORT_MSIX_CONTROL, 2);
    report->lnr_control = teeio_get_le(bytes + TEEIO_REPORT_LNR_CONTROL, 2);
    report->tph_control = teeio_get_le(bytes + TEEIO_REPORT_TPH_CONTROL, 4);
    report->range_count = teeio_get_le(bytes + TEEIO_REPORT_RANGE_COUNT, 4);
    if (report->info & INFO_RESERVED ||
        report->range_count > TEEIO_REQUESTER_RANGES ||
        report->size - at < report->range_count * TEEIO_RANGE_SIZE + 4) {
        return false;
    }
    for (unsigned i = 0; i < report->range_count; i++) {
        if (!parse_range(bytes + at, &report->ranges[i])) {
            return false;
        }
        at += TEEIO_RANGE_SIZE;
    }
    report->specific_size = teeio_get_le(bytes + at, 4);
    report->specific = at + 4;
    return report->specific_size == report->size - report->specific;
}
