/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Transactions that wait until software has repaired what they met (IHI 0070
 * 3.12.2). The transaction itself stays with its device; here is who waits.
 */
#include "smmuv3-internal.h"

struct smmuv3_stall *smmuv3_stall(struct smmuv3_interface *iface,
                                  const struct teeio_tlp *tlp,
                                  struct teeio_translation *answer)
{
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        struct smmuv3_stall *stall = &iface->stalls[i];

        if (!stall->busy) {
            *stall = (struct smmuv3_stall){
                .busy = true,
                .requester = tlp->requester,
            };
            answer->stall_tag = i;
            answer->fault.dw[1] |=
                TEEIO_EVT1_STALL | teeio_field_make(i, TEEIO_EVT1_STAG);
            iface->smmu->stats.stalls++;
            return stall;
        }
    }
    /* IHI 0070 3.12: a fault may terminate although it is set to stall. */
    answer->verdict = TEEIO_VERDICT_FAULT;
    return NULL;
}

static void release(struct smmuv3_interface *iface, unsigned stag,
                    enum teeio_stall_outcome outcome)
{
    const struct teeio_smmuv3_devices *devices = &iface->smmu->devices;

    iface->stalls[stag].busy = false;
    if (devices->resume) {
        devices->resume(devices->opaque, iface->stalls[stag].requester, stag,
                        outcome);
    }
}

void smmuv3_stall_resume(struct smmuv3_interface *iface, uint32_t stream,
                         uint16_t stag, enum teeio_stall_outcome outcome)
{
    /* IHI 0070 4.7.1: the tag alone proves nothing. */
    if (stag < SMMUV3_STALL_MAX && iface->stalls[stag].busy &&
        iface->stalls[stag].requester == stream) {
        release(iface, stag, outcome);
    }
}

void smmuv3_stall_abort(struct smmuv3_interface *iface, uint32_t stream)
{
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        smmuv3_stall_resume(iface, stream, i, TEEIO_STALL_ABORT);
    }
}

void smmuv3_stall_abort_all(struct smmuv3_interface *iface)
{
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        if (iface->stalls[i].busy) {
            release(iface, i, TEEIO_STALL_ABORT);
        }
    }
}

void smmuv3_stall_retry(struct smmuv3_interface *iface)
{
    if (!smmuv3_eventq_writable(iface)) {
        return;
    }
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        if (iface->stalls[i].busy && !iface->stalls[i].recorded) {
            release(iface, i, TEEIO_STALL_RETRY);
        }
    }
}
