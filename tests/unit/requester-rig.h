/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The TSM's requester before a whole device, with a wire to tamper with. */
#ifndef REQUESTER_RIG_H
#define REQUESTER_RIG_H

#include "dsm-rig.h"
#include "spdm-device.h"
#include "teeio/requester.h"

struct requester_rig {
    struct dsm_rig dsm;
    struct spdm_device device;
    struct teeio_requester *requester;
    GRand *rand;
    unsigned objects; /* exchanged so far */

    /* Changes the answer, *@len bytes of it; its return is the new length. */
    size_t (*tamper)(struct requester_rig *rig, uint8_t *answer, size_t len);
    unsigned at;    /* which object to tamper with, from 1; 0: all of them */
    unsigned value; /* for the tamper function */
    uint8_t kept[TEEIO_DOE_MAX_BYTES];
    size_t kept_len;
};

/*
 * requester_rig_make() - a device that may still be configured
 *
 * rig->device.config may be changed before requester_rig_start().
 */
void requester_rig_make(struct requester_rig *rig, const char *quirks);
void requester_rig_start(struct requester_rig *rig);

/* Both of them. */
void requester_rig_init(struct requester_rig *rig);
void requester_rig_clear(struct requester_rig *rig);

/* requester_rig_config() - for a requester of the test's own */
struct teeio_requester_config requester_rig_config(struct requester_rig *rig);

/* The steps up to there; each must work. */
void requester_rig_connect(struct requester_rig *rig);
void requester_rig_open(struct requester_rig *rig);
void requester_rig_run(struct requester_rig *rig);

#endif
