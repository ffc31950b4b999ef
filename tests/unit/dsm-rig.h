/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * One device with three interfaces behind one port: link stream 7, selective
 * streams 1 (default) and 2, each enabled.
 */
#ifndef DSM_RIG_H
#define DSM_RIG_H

#include "fake-host.h"
#include "teeio/dsm.h"
#include "teeio/spec/ide.h"
#include "teeio/spec/tdisp.h"

enum {
    RIG_FUNCTIONS = 3,
    RIG_FUNCTION = 0x0100, /* and the two after it */
    RIG_SEGMENT = 3,
    RIG_SESSION = 0x12345678,
    RIG_LINK = 7,
    RIG_STREAM = 1,
    RIG_P2P = 2,
    RIG_STREAMS = 3,
};

#define RIG_BAR0 0x10000000ull
#define RIG_BAR2 0x480000000ull

struct dsm_rig {
    struct fake_host fake;
    struct teeio_quirks quirks;
    struct teeio_ide *ide;
    struct teeio_dsm *dsm;
    struct teeio_interface tdi[RIG_FUNCTIONS];
    uint8_t in[256];
    uint8_t out[1024];
    size_t used;
    uint8_t nonce[TEEIO_NONCE_SIZE];
    bool no_entropy;
    uint8_t entropy;
    unsigned moves;
};

/* dsm_rig_init() - @quirks as text, NULL for none */
void dsm_rig_init(struct dsm_rig *rig, const char *quirks);
void dsm_rig_clear(struct dsm_rig *rig);

/* dsm_rig_make(), dsm_rig_unmake() - the same on a host of the caller's */
void dsm_rig_make(struct dsm_rig *rig, const struct teeio_host *host,
                  const char *quirks);
void dsm_rig_unmake(struct dsm_rig *rig);

/* dsm_rig_config() - what the rig's functions are configured as */
struct teeio_interface_config dsm_rig_config(unsigned function);

/* dsm_rig_register() - offset of a register of selective block @index */
uint32_t dsm_rig_register(struct dsm_rig *rig, unsigned index, uint32_t reg);

/* dsm_rig_km() - one IDE_KM message for port 0; returns the response's length
 */
size_t dsm_rig_km(struct dsm_rig *rig, uint32_t session, uint8_t id,
                  uint8_t stream, uint8_t sub);

/* dsm_rig_program() - all keys of one key set; with @go they are used */
void dsm_rig_program(struct dsm_rig *rig, uint32_t session, uint8_t stream,
                     uint8_t set, bool go);

/*
 * dsm_rig_send() - one TDISP message to function 0, with @body_size bytes from
 * rig->in + 16 on; returns the error code, or 0 for a response of that kind
 */
uint32_t dsm_rig_send(struct dsm_rig *rig, uint8_t code, size_t body_size);

/* dsm_rig_send_to() - as above, with any FUNCTION_ID and session */
uint32_t dsm_rig_send_to(struct dsm_rig *rig, uint32_t function,
                         uint32_t session, uint8_t code, size_t body_size);

/* dsm_rig_lock() - LOCK_INTERFACE_REQUEST of function @index; keeps the nonce
 */
uint32_t dsm_rig_lock(struct dsm_rig *rig, unsigned index, uint16_t flags);

/* dsm_rig_start() - with the nonce of the last lock */
uint32_t dsm_rig_start(struct dsm_rig *rig, unsigned index);

/* dsm_rig_enter() - bring function 0 there by messages, keys and all */
void dsm_rig_enter(struct dsm_rig *rig, enum teeio_tdisp_state state,
                   uint16_t flags);

/* dsm_rig_cause() - cause of the last TDISP event */
const char *dsm_rig_cause(struct dsm_rig *rig);

#endif
