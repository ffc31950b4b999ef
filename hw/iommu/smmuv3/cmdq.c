/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The command queue (IHI 0070 3.5.1 and 7.1).
 */
#include "smmuv3-internal.h"

static unsigned run(struct smmuv3_interface *iface,
                    const struct smmuv3_opcode *opcode,
                    const struct teeio_smmuv3_command *command)
{
    if (!opcode->run) {
        /* IHI 0070 4.1.3: unknown, or of a feature that IDRx denies. */
        return TEEIO_CERROR_ILL;
    }
    if (opcode->ssec && command->dw[0] & TEEIO_CMD0_SSEC) {
        /* IHI 0070 4.1.6: Secure streams are beyond a Non-secure queue. */
        return TEEIO_CERROR_ILL;
    }
    return opcode->run(iface, command);
}

static void record(struct smmuv3_interface *iface, const char *name,
                   const struct teeio_smmuv3_command *command, unsigned error)
{
    static const char *const errors[] = {
        [TEEIO_CERROR_ILL] = "CERROR_ILL",
        [TEEIO_CERROR_ABT] = "CERROR_ABT",
        [TEEIO_CERROR_ATC_INV_SYNC] = "CERROR_ATC_INV_SYNC",
    };
    struct teeio_event event = {
        .kind = TEEIO_EVENT_COMMAND,
        .u.command =
            {
                .name = name,
                .dw = {command->dw[0], command->dw[1]},
                .error = errors[error],
            },
    };

    smmuv3_trace(iface, &event);
}

bool smmuv3_cmdq_has_work(const struct smmuv3_interface *iface)
{
    struct smmuv3_queue queue = smmuv3_queue_load(iface, SMMUV3_CMDQ);

    /* IHI 0070 7.1: an error stops the queue until it is acknowledged. */
    return smmuv3_enabled(iface, TEEIO_CR0_CMDQEN) &&
           !smmuv3_gerror_active(iface, TEEIO_GERROR_CMDQ_ERR) &&
           !smmuv3_queue_empty(&queue);
}

struct smmuv3_interface *smmuv3_find_work(struct teeio_smmuv3 *smmu)
{
    for (unsigned i = 0; i < smmu->count; i++) {
        if (smmuv3_cmdq_has_work(&smmu->interfaces[i])) {
            return &smmu->interfaces[i];
        }
    }
    return NULL;
}

static unsigned fetch(const struct smmuv3_interface *iface,
                      const struct smmuv3_queue *queue,
                      struct teeio_smmuv3_command *command)
{
    struct teeio_table_memory memory = {
        .host = iface->smmu->host,
        .ownership = iface->smmu->ownership,
    };
    uint64_t gpa = smmuv3_queue_entry(queue, queue->cons);

    /* IHI 0070 7.1: an aborted fetch is reported like a bad command. */
    return smmuv3_in_space(iface, gpa, iface->space) &&
                   teeio_table_fetch(&memory, gpa, command->dw, 2) ==
                       TEEIO_FETCH_OK
               ? TEEIO_CERROR_NONE
               : TEEIO_CERROR_ABT;
}

static void step(struct smmuv3_interface *iface)
{
    const struct smmuv3_opcode *opcode;
    struct teeio_smmuv3_command command;
    struct smmuv3_queue queue;
    uint64_t *cons = &iface->values[REG_CMDQ_CONS];
    unsigned error;

    queue = smmuv3_queue_load(iface, SMMUV3_CMDQ);
    error = fetch(iface, &queue, &command);
    opcode = smmuv3_find_opcode(&command);
    if (error == TEEIO_CERROR_NONE) {
        error = run(iface, opcode, &command);
    }
    iface->smmu->stats.commands++;
    if (iface->smmu->host->trace) {
        record(iface, opcode->name, &command, error);
    }

    if (error != TEEIO_CERROR_NONE) {
        *cons = (*cons & ~TEEIO_CMDQ_CONS_ERR) |
                teeio_field_make(error, TEEIO_CMDQ_CONS_ERR);
        smmuv3_gerror(iface, TEEIO_GERROR_CMDQ_ERR);
        return;
    }
    *cons = smmuv3_queue_next(&queue, queue.cons);
    if (opcode->signal) {
        opcode->signal(iface, &command);
    }
}

bool teeio_smmuv3_step(struct teeio_smmuv3 *smmu)
{
    struct smmuv3_interface *iface = smmuv3_find_work(smmu);

    if (!iface) {
        return false;
    }
    step(iface);
    return smmuv3_find_work(smmu);
}
