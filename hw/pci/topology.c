/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/topology.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"

#define HEADER_END  0x40u
#define LEGACY_SIZE 0x100u

unsigned config_capability(const uint8_t *config, uint8_t id)
{
    unsigned offset = config[TEEIO_CFG_CAPABILITIES] & ~3u;

    if (!(config_word(config, TEEIO_CFG_STATUS) & TEEIO_CFG_STATUS_CAPS)) {
        return 0;
    }
    /* 48 capabilities fill the space: more means a loop. */
    for (unsigned i = 0; i < 48 && offset >= HEADER_END; i++) {
        if (config[offset] == id) {
            return offset;
        }
        offset = config[offset + 1] & ~3u;
    }
    return 0;
}

unsigned config_extended(const uint8_t *config, uint16_t id)
{
    unsigned offset = LEGACY_SIZE;

    for (unsigned i = 0; i < 960 && offset >= LEGACY_SIZE; i++) {
        uint32_t header = config_long(config, offset);

        if (header && (header & 0xffff) == id) {
            return offset;
        }
        offset = header >> 20 & ~3u;
    }
    return 0;
}

void teeio_topology_drop(struct teeio_topology *topology)
{
    if (topology->port_count) {
        memset(topology->ports, 0,
               topology->port_count * sizeof(topology->ports[0]));
    }
    topology->bar_count = 0;
}

void teeio_topology_clear(struct teeio_topology *topology)
{
    free(topology->ports);
    free(topology->bars);
    memset(topology, 0, sizeof(*topology));
}

bool teeio_topology_set_port(struct teeio_topology *topology, uint16_t number,
                             const struct teeio_port *port)
{
    if (port->parent >= number) {
        return false;
    }
    if (number >= topology->port_count) {
        struct teeio_port *ports =
            realloc(topology->ports, (number + 1u) * sizeof(*ports));

        if (!ports) {
            return false;
        }
        memset(ports + topology->port_count, 0,
               (number + 1u - topology->port_count) * sizeof(*ports));
        topology->ports = ports;
        topology->port_count = number + 1u;
    }
    topology->ports[number] = *port;
    return true;
}

bool teeio_topology_add_bar(struct teeio_topology *topology,
                            const struct teeio_bar *bar)
{
    if (topology->bar_count == topology->bar_room) {
        unsigned room = topology->bar_room ? 2 * topology->bar_room : 16;
        struct teeio_bar *bars = realloc(topology->bars, room * sizeof(*bars));

        if (!bars) {
            return false;
        }
        topology->bars = bars;
        topology->bar_room = room;
    }
    topology->bars[topology->bar_count++] = *bar;
    return true;
}

static bool add_window(struct teeio_window *windows, unsigned *count,
                       const struct teeio_window *window)
{
    if (*count == TEEIO_WINDOWS || window->range.last < window->range.base) {
        return false;
    }
    windows[(*count)++] = *window;
    return true;
}

bool teeio_topology_add_outbound(struct teeio_topology *topology,
                                 const struct teeio_window *window)
{
    return add_window(topology->outbound, &topology->outbound_count, window);
}

bool teeio_topology_add_inbound(struct teeio_topology *topology,
                                const struct teeio_window *window)
{
    return add_window(topology->inbound, &topology->inbound_count, window);
}

static enum teeio_port_kind kind_of(const uint8_t *config, unsigned express)
{
    switch (config_word(config, express + TEEIO_EXP_FLAGS) >> 4 & 0xf) {
    case TEEIO_EXP_ROOT_PORT:
        return TEEIO_PORT_ROOT;
    case TEEIO_EXP_UPSTREAM:
        return TEEIO_PORT_UPSTREAM;
    case TEEIO_EXP_DOWNSTREAM:
        return TEEIO_PORT_DOWNSTREAM;
    default:
        return TEEIO_PORT_BRIDGE;
    }
}

/* PCIe 7.5.1.3: the low 20 bits are zeros of the base and ones of the limit. */
static struct teeio_range window_at(const uint8_t *config, unsigned offset)
{
    return (struct teeio_range){
        .base = (uint64_t)(config_word(config, offset) & 0xfff0) << 16,
        .last = (uint64_t)(config_word(config, offset + 2) & 0xfff0) << 16 |
                0xfffff,
    };
}

static void decode_acs(const uint8_t *config, struct teeio_port *port)
{
    unsigned acs = config_extended(config, TEEIO_ECAP_ACS);

    if (acs) {
        port->acs = config_word(config, acs + TEEIO_ACS_CONTROL) &
                    config_word(config, acs + TEEIO_ACS_CAPABILITY) &
                    TEEIO_ACS_ALL;
    }
    if (port->acs & TEEIO_ACS_EC) {
        port->egress = config_long(config, acs + TEEIO_ACS_VECTOR);
    }
}

void teeio_port_decode(const uint8_t *config, struct teeio_port *port)
{
    const struct teeio_range nothing = {.base = 1, .last = 0};
    uint16_t command = config_word(config, TEEIO_CFG_COMMAND);
    unsigned capability = config_capability(config, TEEIO_CAP_EXPRESS);

    port->kind = TEEIO_PORT_BRIDGE;
    port->number = 0;
    port->acs = 0;
    port->egress = 0;
    if (capability) {
        port->kind = kind_of(config, capability);
        port->number = config_long(config, capability + TEEIO_EXP_LNKCAP) >> 24;
        decode_acs(config, port);
    }
    port->secondary = config[TEEIO_CFG_SECONDARY];
    port->subordinate = config[TEEIO_CFG_SUBORDINATE];
    port->forwards = command & TEEIO_CFG_COMMAND_BME;
    port->memory[0] = nothing;
    port->memory[1] = nothing;
    if (command & TEEIO_CFG_COMMAND_MSE) {
        port->memory[0] = window_at(config, TEEIO_CFG_MEMORY);
        port->memory[1] = window_at(config, TEEIO_CFG_PREFETCHABLE);
        if (config[TEEIO_CFG_PREFETCHABLE] & 1) {
            port->memory[1].base |=
                (uint64_t)config_long(config, TEEIO_CFG_PREF_BASE_HI) << 32;
            port->memory[1].last |=
                (uint64_t)config_long(config, TEEIO_CFG_PREF_LIMIT_HI) << 32;
        }
    }
}

/* Returns: how many registers the BAR takes. */
static unsigned decode_bar(const uint8_t *config, const uint8_t *writable,
                           unsigned offset, bool last,
                           struct teeio_range *range)
{
    uint32_t low = config_long(config, offset);
    uint64_t mask = config_long(writable, offset) & ~0xfu;
    uint64_t base = low & ~0xfu;
    bool wide = !last && !(low & TEEIO_CFG_BAR_IO) &&
                (low & TEEIO_CFG_BAR_TYPE) == TEEIO_CFG_BAR_64;

    *range = (struct teeio_range){.base = 1, .last = 0};
    if (wide) {
        mask |= (uint64_t)config_long(writable, offset + 4) << 32;
        base |= (uint64_t)config_long(config, offset + 4) << 32;
    } else if (mask) {
        mask |= (uint64_t)UINT32_MAX << 32;
    }
    if (mask && !(low & TEEIO_CFG_BAR_IO)) {
        range->base = base & mask;
        range->last = range->base | ~mask;
    }
    return wide ? 2 : 1;
}

bool teeio_topology_decode_bars(struct teeio_topology *topology,
                                const uint8_t *config, const uint8_t *writable,
                                bool bridge, uint16_t parent, uint16_t bdf)
{
    const unsigned count = bridge ? 2 : 6;
    struct teeio_bar bar = {.parent = parent, .bdf = bdf};

    if (!(config_word(config, TEEIO_CFG_COMMAND) & TEEIO_CFG_COMMAND_MSE)) {
        return true;
    }
    for (unsigned i = 0; i < count;) {
        i += decode_bar(config, writable, TEEIO_CFG_BAR + 4 * i, i + 1 == count,
                        &bar.range);
        if (bar.range.base <= bar.range.last &&
            !teeio_topology_add_bar(topology, &bar)) {
            return false;
        }
    }
    return true;
}
