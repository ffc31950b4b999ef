/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/report.h"

#include <string.h>

#include "../bytes.h"
#include "teeio/spec/tdisp.h"

#define PAGE   (UINT64_C(1) << TEEIO_RANGE_PAGE_LOG2)
#define PLACES (2 + TEEIO_REPORT_WINDOWS)

_Static_assert(TEEIO_REPORT_MAX == TEEIO_REPORT_HEADER_SIZE +
                                       TEEIO_RANGE_SIZE * TEEIO_REPORT_RANGES +
                                       4 + TEEIO_REPORT_INFO_MAX,
               "the longest report");

/**
 * struct special - pages of a BAR that differ from the rest of it
 * @first, @end: in pages from the one that the BAR begins in
 * @hidden:      not a part of any range
 */
struct special {
    uint64_t first;
    uint64_t end;
    uint16_t attributes;
    bool hidden;
};

/* Returns: 0 when nothing of @place lies in @bar, else 1 and *@special. */
static unsigned cut(const struct teeio_report_inputs *inputs, unsigned bar,
                    const struct teeio_report_place *place, uint16_t attributes,
                    bool hidden, struct special *special)
{
    uint64_t within = inputs->bars[bar].base & (PAGE - 1);
    uint64_t size = inputs->bars[bar].size;

    if (!place->size || place->bar != bar || place->offset >= size) {
        return 0;
    }
    if (place->size < size - place->offset) {
        size = place->offset + place->size;
    }
    *special = (struct special){
        .first = (within + place->offset) / PAGE,
        .end = (within + size + PAGE - 1) / PAGE,
        .attributes = attributes,
        .hidden = hidden,
    };
    return 1;
}

/*
 * What the page @page is, and in *@end where that may change next. A page that
 * two things share is both of them, and hidden when one of them is.
 */
static struct special classify(const struct special *specials, unsigned count,
                               uint64_t page, uint64_t end)
{
    struct special is = {.first = page, .end = end};

    for (unsigned i = 0; i < count; i++) {
        const struct special *special = &specials[i];

        if (page >= special->first && page < special->end) {
            is.attributes |= special->attributes;
            is.hidden |= special->hidden;
            is.end = special->end < is.end ? special->end : is.end;
        } else if (page < special->first && special->first < is.end) {
            is.end = special->first;
        }
    }
    return is;
}

static size_t add(struct teeio_mmio_range *ranges, size_t count, unsigned bar,
                  const struct special *is)
{
    struct teeio_mmio_range *last = count ? &ranges[count - 1] : NULL;
    uint64_t pages = is->end - is->first;

    if (is->hidden) {
        return count;
    }
    if (last && last->bar == bar && last->attributes == is->attributes &&
        last->offset + last->pages * PAGE == is->first * PAGE &&
        pages <= UINT32_MAX - last->pages) {
        last->pages += pages;
        return count;
    }
    if (count >= TEEIO_REPORT_RANGES || pages > UINT32_MAX) {
        return TEEIO_REPORT_RANGES + 1;
    }
    ranges[count] = (struct teeio_mmio_range){
        .bar = bar,
        .offset = is->first * PAGE,
        .pages = pages,
        .attributes = is->attributes,
        .shared = is->attributes & TEEIO_RANGE_NON_TEE_MEM,
    };
    return count + 1;
}

size_t teeio_report_ranges(const struct teeio_report_inputs *inputs,
                           bool msix_locked,
                           struct teeio_mmio_range ranges[TEEIO_REPORT_RANGES])
{
    size_t count = 0;

    for (unsigned bar = 0; bar < TEEIO_REPORT_BARS; bar++) {
        const struct teeio_report_bar *it = &inputs->bars[bar];
        uint64_t within = it->base & (PAGE - 1);
        uint64_t end = it->size ? (within + it->size + PAGE - 1) / PAGE : 0;
        struct special specials[PLACES];
        struct special is = {0};
        unsigned used = 0;

        used += cut(inputs, bar, &inputs->table, TEEIO_RANGE_MSIX_TABLE,
                    !msix_locked, &specials[used]);
        used += cut(inputs, bar, &inputs->pba, TEEIO_RANGE_MSIX_PBA,
                    !msix_locked, &specials[used]);
        for (unsigned i = 0; i < TEEIO_REPORT_WINDOWS; i++) {
            used += cut(inputs, bar, &inputs->windows[i].place,
                        inputs->windows[i].attributes, false, &specials[used]);
        }
        for (uint64_t page = 0; page < end && count <= TEEIO_REPORT_RANGES;
             page = is.end) {
            is = classify(specials, used, page, end);
            count = add(ranges, count, bar, &is);
        }
    }
    return count;
}

bool teeio_report_first_page(const struct teeio_report_inputs *inputs,
                             const struct teeio_mmio_range *range,
                             uint64_t offset, uint64_t *page)
{
    uint64_t first =
        (inputs->bars[range->bar].base & ~(PAGE - 1)) + range->offset;
    uint64_t last = first + (range->pages * PAGE - 1);

    *page = (first + offset) >> TEEIO_RANGE_PAGE_LOG2;
    if (offset >> 63) {
        return first >= -offset;
    }
    return last <= UINT64_MAX - offset;
}

static uint16_t interface_info(const struct teeio_report_inputs *inputs,
                               uint16_t flags)
{
    return (flags & TEEIO_TDISP_NO_FW_UPDATE ? TEEIO_REPORT_NO_FW_UPDATE : 0) |
           (inputs->without_pasid ? TEEIO_REPORT_WITHOUT_PASID : 0) |
           (inputs->with_pasid ? TEEIO_REPORT_WITH_PASID : 0) |
           (inputs->ats ? TEEIO_REPORT_ATS : 0) |
           (inputs->pri ? TEEIO_REPORT_PRS : 0);
}

size_t teeio_report_build(const struct teeio_report_inputs *inputs,
                          const struct teeio_mmio_range *ranges, size_t count,
                          uint16_t flags, uint64_t offset,
                          uint8_t report[TEEIO_REPORT_MAX])
{
    size_t used = TEEIO_REPORT_HEADER_SIZE;

    memset(report, 0, TEEIO_REPORT_HEADER_SIZE);
    teeio_put_le(report + TEEIO_REPORT_INFO, interface_info(inputs, flags), 2);
    if (flags & TEEIO_TDISP_LOCK_MSIX && inputs->table.size) {
        teeio_put_le(report + TEEIO_REPORT_MSIX_CONTROL, inputs->msix_control,
                     2);
        teeio_put_le(report + TEEIO_REPORT_TPH_CONTROL, inputs->tph_control, 4);
    }
    teeio_put_le(report + TEEIO_REPORT_LNR_CONTROL, inputs->lnr_control, 2);
    teeio_put_le(report + TEEIO_REPORT_RANGE_COUNT, count, 4);
    for (size_t i = 0; i < count; i++) {
        uint8_t *range = report + used;
        uint64_t page;

        teeio_report_first_page(inputs, &ranges[i], offset, &page);
        teeio_put_le(range + TEEIO_RANGE_FIRST_PAGE, page, 8);
        teeio_put_le(range + TEEIO_RANGE_PAGES, ranges[i].pages, 4);
        teeio_put_le(range + TEEIO_RANGE_ATTRIBUTES, ranges[i].attributes, 2);
        teeio_put_le(range + TEEIO_RANGE_ID, ranges[i].bar, 2);
        used += TEEIO_RANGE_SIZE;
    }
    teeio_put_le(report + used, inputs->info_size, 4);
    used += 4;
    memcpy(report + used, inputs->info, inputs->info_size);
    return used + inputs->info_size;
}
