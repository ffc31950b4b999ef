/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/interface.h"

#include <string.h>

#include "../bytes.h"
#include "teeio/event.h"
#include "teeio/spec/tdisp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PAGE_MASK    ((UINT64_C(1) << TEEIO_RANGE_PAGE_LOG2) - 1)

/* What may not change of Device Control, 2 and 3 (PCIe table 11-2). */
#define EXTENDED_TAG 0x0100u
#define PHANTOM      0x0200u
#define NO_SNOOP     0x0800u
#define TAG_10       0x1000u
#define TAG_14       0x0004u

static const uint32_t tracked_control[3] = {EXTENDED_TAG | PHANTOM | NO_SNOOP,
                                            TAG_10, TAG_14};

#define D3 3

/* Trace @input and what the TDI made of it; enter the state @step.next. */
static void enter(struct teeio_interface *interface,
                  enum teeio_tdisp_input input, struct teeio_tdisp_step step,
                  const char *cause)
{
    enum teeio_tdisp_state from = interface->state;
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TDISP,
        .source = "tdi",
        .u.tdisp =
            {
                .requester = interface->config.requester,
                .input = input,
                .from = from,
                .to = step.next,
                .error = step.error,
                .cause = cause,
            },
    };

    interface->state = step.next;
    if (step.next != TEEIO_TDISP_CONFIG_LOCKED) {
        /* PCIe 11.3.9: the nonce does not outlive the state. */
        memset(interface->nonce, 0, sizeof(interface->nonce));
    }
    if (step.next == TEEIO_TDISP_CONFIG_UNLOCKED) {
        interface->lock = (struct teeio_lock){0};
        interface->bound = false;
        interface->range_count = 0;
        memset(interface->p2p, 0, sizeof(interface->p2p));
        memset(interface->ranges, 0, sizeof(interface->ranges));
    }
    if (step.next != from && interface->ops.moved) {
        interface->ops.moved(interface->ops.opaque, from, step.next);
    }
    if (interface->host->trace) {
        interface->host->trace(interface->host->opaque, &event);
    }
}

static struct teeio_tdisp_step refuse(const struct teeio_interface *interface,
                                      enum teeio_tdisp_error error)
{
    return (struct teeio_tdisp_step){interface->state, error};
}

void teeio_interface_break(struct teeio_interface *interface,
                           enum teeio_interface_cause cause)
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(interface->state, TEEIO_TDISP_CONFIG_CHANGE);

    /* A guest that sizes its BARs while unlocked is not worth an event. */
    if (step.next != interface->state) {
        enter(interface, TEEIO_TDISP_CONFIG_CHANGE, step,
              teeio_interface_cause_name(cause));
    }
}

void teeio_interface_reset(struct teeio_interface *interface)
{
    enter(interface, TEEIO_TDISP_RESET,
          teeio_tdisp_step(interface->state, TEEIO_TDISP_RESET), NULL);
}

void teeio_interface_flr(struct teeio_interface *interface)
{
    enter(interface, TEEIO_TDISP_FLR,
          teeio_tdisp_step(interface->state, TEEIO_TDISP_FLR), NULL);
}

typedef const struct teeio_interface_config config_t;

static bool requester_changed(config_t *was, config_t *now)
{
    return was->requester != now->requester || was->segment != now->segment;
}

static bool bus_master_cleared(config_t *was, config_t *now)
{
    return was->bus_master && !now->bus_master;
}

static bool bar_changed(config_t *was, config_t *now)
{
    for (unsigned i = 0; i < TEEIO_REPORT_BARS; i++) {
        if (was->report.bars[i].base != now->report.bars[i].base ||
            was->report.bars[i].size != now->report.bars[i].size) {
            return true;
        }
    }
    return was->digest != now->digest ||
           (was->memory_enable && !now->memory_enable);
}

static bool rom_changed(config_t *was, config_t *now)
{
    return was->rom != now->rom;
}

static bool power_lost(config_t *was, config_t *now)
{
    return was->power != D3 && now->power == D3 && !now->no_soft_reset;
}

static bool control_changed(config_t *was, config_t *now)
{
    for (unsigned i = 0; i < COUNT(tracked_control); i++) {
        if ((was->device_control[i] ^ now->device_control[i]) &
            tracked_control[i]) {
            return true;
        }
    }
    return false;
}

static bool msix_changed(config_t *was, config_t *now)
{
    return was->report.msix_control != now->report.msix_control;
}

static bool pasid_changed(config_t *was, config_t *now)
{
    return was->pasid != now->pasid;
}

static bool pri_changed(config_t *was, config_t *now)
{
    return was->pri != now->pri;
}

static bool other_changed(config_t *was, config_t *now)
{
    return was->other != now->other;
}

/* @flag: counts only when LOCK set this flag; 0 = always */
static const struct {
    const char *name;
    bool (*changed)(config_t *was, config_t *now);
    uint16_t flag;
} causes[] = {
    [TEEIO_CAUSE_REQUESTER] = {"requester id", requester_changed, 0},
    [TEEIO_CAUSE_BUS_MASTER] = {"bus master enable", bus_master_cleared, 0},
    [TEEIO_CAUSE_BAR] = {"BAR or memory space enable", bar_changed, 0},
    [TEEIO_CAUSE_ROM] = {"expansion ROM BAR", rom_changed, 0},
    [TEEIO_CAUSE_POWER] = {"power state", power_lost, 0},
    [TEEIO_CAUSE_DEVICE_CONTROL] = {"device control", control_changed, 0},
    [TEEIO_CAUSE_MSIX] = {"MSI-X control", msix_changed, TEEIO_TDISP_LOCK_MSIX},
    [TEEIO_CAUSE_PASID] = {"PASID control", pasid_changed, 0},
    [TEEIO_CAUSE_PRI] = {"page request control", pri_changed, 0},
    [TEEIO_CAUSE_OTHER] = {"locked capability", other_changed, 0},
    [TEEIO_CAUSE_IDE_INSECURE] = {"IDE stream insecure", NULL, 0},
    [TEEIO_CAUSE_IDE_CHANGED] = {"IDE stream registers", NULL, 0},
    [TEEIO_CAUSE_SESSION] = {"session ended", NULL, 0},
    [TEEIO_CAUSE_FIRMWARE] = {"firmware update", NULL, 0},
    [TEEIO_CAUSE_POISON] = {"poisoned TLP", NULL, 0},
    [TEEIO_CAUSE_COMPLETION] = {"request not completed", NULL, 0},
    [TEEIO_CAUSE_DEVICE] = {"device condition", NULL, 0},
};
_Static_assert(COUNT(causes) == TEEIO_CAUSES, "a row per cause");

const char *teeio_interface_cause_name(enum teeio_interface_cause cause)
{
    return causes[cause].name;
}

void teeio_interface_configure(struct teeio_interface *interface,
                               const struct teeio_interface_config *config)
{
    struct teeio_interface_config was = interface->config;
    struct teeio_interface_config *now = &interface->config;

    *now = *config;
    if (now->report.info_size > TEEIO_REPORT_INFO_MAX) {
        now->report.info_size = TEEIO_REPORT_INFO_MAX;
    }
    for (unsigned i = 0; i < TEEIO_CAUSE_CONFIG_END; i++) {
        if (causes[i].flag && !(interface->lock.flags & causes[i].flag)) {
            continue;
        }
        if (causes[i].changed(&was, now)) {
            /* PCIe 11.2.6: what LOCK froze has changed. */
            teeio_interface_break(interface, i);
            return;
        }
    }
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a_size && b_size && (a - b < b_size || b - a < a_size);
}

/* PCIe 11.3.8: is the device configured so that it may be locked? */
static bool fit(const struct teeio_interface_config *config)
{
    const struct teeio_report_bar *bars = config->report.bars;
    uint64_t rom = config->rom & 1 ? config->rom & ~(uint64_t)1 : 0;

    for (unsigned i = 0; i < TEEIO_REPORT_BARS; i++) {
        if (bars[i].size && !bars[i].base) {
            return false;
        }
        if (rom && overlap(bars[i].base, bars[i].size, rom, config->rom_size)) {
            return false;
        }
        for (unsigned j = 0; j < i; j++) {
            if (overlap(bars[i].base, bars[i].size, bars[j].base,
                        bars[j].size)) {
                return false;
            }
        }
    }
    return config->memory_enable && config->power != D3 &&
           !(config->device_control[0] & PHANTOM);
}

static enum teeio_tdisp_error check_stream(const struct teeio_interface *it,
                                           const struct teeio_lock *lock)
{
    unsigned defaults;
    int stream = teeio_ide_default_stream(it->ide, &defaults);

    if (defaults > 1 || teeio_ide_traffic_class(it->ide, lock->stream)) {
        return TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION;
    }
    if (stream != lock->stream ||
        !teeio_ide_keyed(it->ide, lock->stream, lock->session, false)) {
        return TEEIO_TDISP_INVALID_REQUEST;
    }
    return TEEIO_TDISP_OK;
}

static bool needs_ide(const struct teeio_interface *it,
                      const struct teeio_lock *lock)
{
    return it->ide && !lock->local &&
           !teeio_quirks_has(it->quirks, TEEIO_QUIRK_LOCK_WITHOUT_KEYS);
}

/* Fills in the ranges. */
static enum teeio_tdisp_error check_lock(struct teeio_interface *interface,
                                         const struct teeio_lock *lock)
{
    enum teeio_tdisp_error error = TEEIO_TDISP_OK;
    const struct teeio_report_inputs *inputs = &interface->config.report;
    size_t count;
    uint64_t page;

    if (needs_ide(interface, lock)) {
        error = check_stream(interface, lock);
    }
    if (error != TEEIO_TDISP_OK) {
        return error;
    }
    if (!fit(&interface->config)) {
        return TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION;
    }
    count = teeio_report_ranges(inputs, lock->flags & TEEIO_TDISP_LOCK_MSIX,
                                interface->ranges);
    if (count > TEEIO_REPORT_RANGES) {
        return TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION;
    }
    /* PCIe 11.3.8: the offset is of pages and may not overflow. */
    if (lock->offset & PAGE_MASK) {
        return TEEIO_TDISP_INVALID_REQUEST;
    }
    for (size_t i = 0; i < count; i++) {
        if (!teeio_report_first_page(inputs, &interface->ranges[i],
                                     lock->offset, &page)) {
            return TEEIO_TDISP_INVALID_REQUEST;
        }
    }
    interface->range_count = count;
    return TEEIO_TDISP_OK;
}

/* A bijection of 64-bit values that leaves no pattern of counting behind. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 32;
    return x;
}

/* Without a random source, the first word alone keeps two nonces apart. */
static bool make_nonce(struct teeio_interface *it)
{
    uint64_t salt = (uint64_t)it->config.requester << 48;
    uint64_t word = mix(++it->locks);

    if (it->random) {
        return it->random(it->random_opaque, it->nonce, sizeof(it->nonce));
    }
    salt ^= it->host->clock(it->host->opaque);
    for (unsigned i = 0; i < sizeof(it->nonce); i += 8) {
        teeio_put_le(it->nonce + i, word, 8);
        word = mix(word + salt);
    }
    return true;
}

enum teeio_tdisp_error teeio_interface_lock(struct teeio_interface *interface,
                                            const struct teeio_lock *lock,
                                            uint8_t nonce[TEEIO_NONCE_SIZE])
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(interface->state, TEEIO_TDISP_LOCK);
    enum teeio_tdisp_error error;

    if (step.error == TEEIO_TDISP_OK) {
        error = check_lock(interface, lock);
        if (error == TEEIO_TDISP_OK && !make_nonce(interface)) {
            /* PCIe 11.3.9, table 11-12 */
            error = TEEIO_TDISP_INSUFFICIENT_ENTROPY;
        }
        if (error != TEEIO_TDISP_OK) {
            step = refuse(interface, error);
        } else {
            interface->lock = *lock;
            interface->bound = needs_ide(interface, lock);
        }
    }
    enter(interface, TEEIO_TDISP_LOCK, step, NULL);
    if (step.error == TEEIO_TDISP_OK) {
        memcpy(nonce, interface->nonce, TEEIO_NONCE_SIZE);
    }
    return step.error;
}

enum teeio_tdisp_error
teeio_interface_start(struct teeio_interface *interface,
                      const uint8_t nonce[TEEIO_NONCE_SIZE])
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(interface->state, TEEIO_TDISP_START);

    if (step.error == TEEIO_TDISP_OK &&
        memcmp(nonce, interface->nonce, TEEIO_NONCE_SIZE) != 0) {
        /* PCIe 11.3.14: not the nonce of the LOCK before; nothing moves. */
        step = refuse(interface, TEEIO_TDISP_INVALID_NONCE);
    }
    enter(interface, TEEIO_TDISP_START, step, NULL);
    return step.error;
}

enum teeio_tdisp_error teeio_interface_stop(struct teeio_interface *interface)
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(interface->state, TEEIO_TDISP_STOP);

    if (interface->state == TEEIO_TDISP_CONFIG_UNLOCKED &&
        teeio_quirks_has(interface->quirks, TEEIO_QUIRK_STOP_UNLOCKED_ERROR)) {
        step = refuse(interface, TEEIO_TDISP_INVALID_INTERFACE_STATE);
    }
    enter(interface, TEEIO_TDISP_STOP, step, NULL);
    return step.error;
}

enum teeio_tdisp_error
teeio_interface_report(const struct teeio_interface *interface,
                       uint8_t report[TEEIO_REPORT_MAX], size_t *size)
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(interface->state, TEEIO_TDISP_GET_REPORT);

    if (step.error == TEEIO_TDISP_OK) {
        *size =
            teeio_report_build(&interface->config.report, interface->ranges,
                               interface->range_count, interface->lock.flags,
                               interface->lock.offset, report);
    }
    return step.error;
}

static bool in_set(const uint8_t set[32], uint8_t stream)
{
    return set[stream / 8] & 1u << stream % 8;
}

/* PCIe table 11-21 */
static bool fit_for_p2p(const struct teeio_interface *it, uint8_t stream)
{
    return it->lock.flags & TEEIO_TDISP_BIND_P2P && it->config.report.ats &&
           it->ide && teeio_ide_unfit(it->ide, stream) == TEEIO_IDE_FIT &&
           teeio_ide_keyed(it->ide, stream, it->lock.session, it->lock.local);
}

enum teeio_tdisp_error teeio_interface_bind(struct teeio_interface *interface,
                                            uint8_t stream)
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(interface->state, TEEIO_TDISP_BIND);

    if (step.error == TEEIO_TDISP_OK && !fit_for_p2p(interface, stream)) {
        step = refuse(interface, TEEIO_TDISP_INVALID_REQUEST);
    }
    if (step.error == TEEIO_TDISP_OK) {
        interface->p2p[stream / 8] |= 1u << stream % 8;
    }
    enter(interface, TEEIO_TDISP_BIND, step, NULL);
    return step.error;
}

enum teeio_tdisp_error teeio_interface_unbind(struct teeio_interface *interface,
                                              uint8_t stream)
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(interface->state, TEEIO_TDISP_UNBIND);

    if (step.error == TEEIO_TDISP_OK && !in_set(interface->p2p, stream)) {
        /* PCIe table 11-23 */
        step = refuse(interface, TEEIO_TDISP_INVALID_REQUEST);
    }
    if (step.error == TEEIO_TDISP_OK) {
        interface->p2p[stream / 8] &= ~(1u << stream % 8);
    }
    enter(interface, TEEIO_TDISP_UNBIND, step, NULL);
    return step.error;
}

/* Returns: NULL when no range of the report is the one that is meant. */
static struct teeio_mmio_range *
find_range(struct teeio_interface *it,
           const struct teeio_attribute_change *change)
{
    for (unsigned i = 0; i < it->range_count; i++) {
        struct teeio_mmio_range *range = &it->ranges[i];
        uint64_t page;

        teeio_report_first_page(&it->config.report, range, it->lock.offset,
                                &page);
        if (page == change->page && range->pages == change->pages &&
            range->bar == change->id) {
            return range;
        }
    }
    return NULL;
}

enum teeio_tdisp_error
teeio_interface_set_attribute(struct teeio_interface *interface,
                              const struct teeio_attribute_change *change)
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(interface->state, TEEIO_TDISP_SET_ATTRIBUTE);
    struct teeio_mmio_range *range = find_range(interface, change);
    const uint16_t other = TEEIO_RANGE_MSIX_TABLE | TEEIO_RANGE_MSIX_PBA;

    if (step.error == TEEIO_TDISP_OK) {
        /* PCIe table 11-25 */
        if (!range || !(range->attributes & TEEIO_RANGE_UPDATABLE) ||
            change->attributes & other) {
            step = refuse(interface, TEEIO_TDISP_INVALID_REQUEST);
        } else {
            range->shared = change->attributes & TEEIO_RANGE_NON_TEE_MEM;
        }
    }
    enter(interface, TEEIO_TDISP_SET_ATTRIBUTE, step, NULL);
    return step.error;
}

bool teeio_interface_is_bound(const struct teeio_interface *interface,
                              uint8_t stream)
{
    return (interface->bound && interface->lock.stream == stream) ||
           in_set(interface->p2p, stream);
}

bool teeio_interface_mmio_allowed(const struct teeio_interface *interface,
                                  unsigned bar, uint64_t offset, bool t)
{
    enum teeio_tdisp_state state = interface->state;

    if (state == TEEIO_TDISP_CONFIG_UNLOCKED) {
        return !t;
    }
    if (bar < TEEIO_REPORT_BARS) {
        offset += interface->config.report.bars[bar].base & PAGE_MASK;
    }
    for (unsigned i = 0; i < interface->range_count; i++) {
        const struct teeio_mmio_range *range = &interface->ranges[i];

        if (range->bar == bar && offset >= range->offset &&
            (offset - range->offset) >> TEEIO_RANGE_PAGE_LOG2 < range->pages) {
            return range->shared ||
                   (t && (state == TEEIO_TDISP_RUN ||
                          (state == TEEIO_TDISP_CONFIG_LOCKED &&
                           teeio_quirks_has(interface->quirks,
                                            TEEIO_QUIRK_MMIO_IN_LOCKED))));
        }
    }
    return true;
}

bool teeio_interface_msix_t(const struct teeio_interface *interface)
{
    return interface->state == TEEIO_TDISP_RUN &&
           interface->lock.flags & TEEIO_TDISP_LOCK_MSIX;
}

uint32_t teeio_interface_function_id(const struct teeio_interface *interface)
{
    uint32_t segment = interface->config.segment;

    return interface->config.requester |
           (segment
                ? segment << TEEIO_TDISP_SEGMENT_LSB | TEEIO_TDISP_SEGMENT_VALID
                : 0);
}

void teeio_interface_init(struct teeio_interface *interface,
                          const struct teeio_host *host,
                          const struct teeio_interface_ops *ops)
{
    *interface = (struct teeio_interface){.host = host};
    if (ops) {
        interface->ops = *ops;
    }
}

void teeio_interface_attach(struct teeio_interface *interface,
                            struct teeio_ide *ide,
                            const struct teeio_quirks *quirks)
{
    interface->ide = ide;
    interface->quirks = quirks;
}

void teeio_interface_set_random(struct teeio_interface *interface, void *opaque,
                                bool (*random)(void *opaque, uint8_t *buf,
                                               size_t size))
{
    interface->random_opaque = opaque;
    interface->random = random;
}
