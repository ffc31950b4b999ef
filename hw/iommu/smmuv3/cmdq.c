/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The command queue. Nothing is cached, so an invalidation has no work to do:
 * it is checked, recorded and complete.
 */
#include "smmuv3-internal.h"

#define LOG2_COMMAND 4

/*
 * struct opcode - one row per command (IHI 0070 chapter 4)
 * @present: the feature that it belongs to is in IDRx
 * @ssec:    it has an SSec bit, which only a Secure queue may set
 * @legal:   checks further operands
 * @signal:  tells software, after CONS has moved past the command
 */
struct opcode {
    const char *name;
    bool present;
    bool ssec;
    bool (*legal)(const struct teeio_smmuv3_command *command);
    void (*signal)(struct teeio_smmuv3 *smmu,
                   const struct teeio_smmuv3_command *command);
};

static unsigned completion(const struct teeio_smmuv3_command *command)
{
    return teeio_field(command->dw[0], TEEIO_CMD0_SYNC_CS);
}

static bool sync_is_legal(const struct teeio_smmuv3_command *command)
{
    return completion(command) <= TEEIO_SYNC_CS_SEV;
}

static void sync_signal(struct teeio_smmuv3 *smmu,
                        const struct teeio_smmuv3_command *command)
{
    if (completion(command) == TEEIO_SYNC_CS_IRQ) {
        smmu->host->raise(smmu->host->opaque, TEEIO_SMMUV3_CMDQ_SYNC);
    }
}

static const struct opcode opcodes[] = {
    [TEEIO_CMD_PREFETCH_CONFIG] = {"PREFETCH_CONFIG", true, true},
    [TEEIO_CMD_PREFETCH_ADDR] = {"PREFETCH_ADDR", true, true},
    [TEEIO_CMD_CFGI_STE] = {"CFGI_STE", true, true},
    [TEEIO_CMD_CFGI_STE_RANGE] = {"CFGI_STE_RANGE", true, true},
    [TEEIO_CMD_CFGI_CD] = {"CFGI_CD", true, true},
    [TEEIO_CMD_CFGI_CD_ALL] = {"CFGI_CD_ALL", true, true},
    [TEEIO_CMD_CFGI_VMS_PIDM] = {"CFGI_VMS_PIDM"},
    [TEEIO_CMD_TLBI_NH_ALL] = {"TLBI_NH_ALL", true},
    [TEEIO_CMD_TLBI_NH_ASID] = {"TLBI_NH_ASID", true},
    [TEEIO_CMD_TLBI_NH_VA] = {"TLBI_NH_VA", true},
    [TEEIO_CMD_TLBI_NH_VAA] = {"TLBI_NH_VAA", true},
    [TEEIO_CMD_TLBI_EL3_ALL] = {"TLBI_EL3_ALL"},
    [TEEIO_CMD_TLBI_EL3_VA] = {"TLBI_EL3_VA"},
    [TEEIO_CMD_TLBI_EL2_ALL] = {"TLBI_EL2_ALL"},
    [TEEIO_CMD_TLBI_EL2_ASID] = {"TLBI_EL2_ASID"},
    [TEEIO_CMD_TLBI_EL2_VA] = {"TLBI_EL2_VA"},
    [TEEIO_CMD_TLBI_EL2_VAA] = {"TLBI_EL2_VAA"},
    [TEEIO_CMD_TLBI_S12_VMALL] = {"TLBI_S12_VMALL"},
    [TEEIO_CMD_TLBI_S2_IPA] = {"TLBI_S2_IPA"},
    [TEEIO_CMD_TLBI_NSNH_ALL] = {"TLBI_NSNH_ALL", true},
    [TEEIO_CMD_ATC_INV] = {"ATC_INV"},
    [TEEIO_CMD_PRI_RESP] = {"PRI_RESP"},
    [TEEIO_CMD_RESUME] = {"RESUME"},
    [TEEIO_CMD_STALL_TERM] = {"STALL_TERM"},
    [TEEIO_CMD_SYNC] = {"SYNC", true, false, sync_is_legal, sync_signal},
    [TEEIO_CMD_TLBI_S_EL2_ALL] = {"TLBI_S_EL2_ALL"},
    [TEEIO_CMD_TLBI_S_EL2_ASID] = {"TLBI_S_EL2_ASID"},
    [TEEIO_CMD_TLBI_S_EL2_VA] = {"TLBI_S_EL2_VA"},
    [TEEIO_CMD_TLBI_S_EL2_VAA] = {"TLBI_S_EL2_VAA"},
    [TEEIO_CMD_TLBI_S_S12_VMALL] = {"TLBI_S_S12_VMALL"},
    [TEEIO_CMD_TLBI_S_S2_IPA] = {"TLBI_S_S2_IPA"},
    [TEEIO_CMD_TLBI_SNH_ALL] = {"TLBI_SNH_ALL"},
    [TEEIO_CMD_DPTI_ALL] = {"DPTI_ALL"},
    [TEEIO_CMD_DPTI_PA] = {"DPTI_PA"},
};

static const struct opcode *
find_opcode(const struct teeio_smmuv3_command *command)
{
    static const struct opcode unknown = {"UNKNOWN"};
    uint64_t value = teeio_field(command->dw[0], TEEIO_CMD0_OPCODE);

    if (value >= sizeof(opcodes) / sizeof(opcodes[0]) || !opcodes[value].name) {
        return &unknown;
    }
    return &opcodes[value];
}

static unsigned check(const struct opcode *opcode,
                      const struct teeio_smmuv3_command *command)
{
    if (!opcode->present) {
        /* IHI 0070 4.1.3: unknown, or of a feature that IDRx denies. */
        return TEEIO_CERROR_ILL;
    }
    if (opcode->ssec && command->dw[0] & TEEIO_CMD0_SSEC) {
        /* IHI 0070 4.1.6: Secure streams are beyond a Non-secure queue. */
        return TEEIO_CERROR_ILL;
    }
    if (opcode->legal && !opcode->legal(command)) {
        /* IHI 0070 4.7.3: a reserved CS. */
        return TEEIO_CERROR_ILL;
    }
    return TEEIO_CERROR_NONE;
}

static void record(struct teeio_smmuv3 *smmu, const struct opcode *opcode,
                   const struct teeio_smmuv3_command *command, unsigned error)
{
    static const char *const errors[] = {
        [TEEIO_CERROR_ILL] = "CERROR_ILL",
        [TEEIO_CERROR_ABT] = "CERROR_ABT",
    };
    struct teeio_event event = {
        .kind = TEEIO_EVENT_COMMAND,
        .u.command =
            {
                .name = opcode->name,
                .dw = {command->dw[0], command->dw[1]},
                .error = errors[error],
            },
    };

    /* IHI 0070 4.3.6: the widest range goes by another name. */
    if (opcode == &opcodes[TEEIO_CMD_CFGI_STE_RANGE] &&
        teeio_field(command->dw[1], TEEIO_CMD1_CFGI_RANGE) ==
            TEEIO_CFGI_RANGE_ALL) {
        event.u.command.name = "CFGI_ALL";
    }
    smmuv3_trace(smmu, &event);
}

static struct smmuv3_queue load(const struct teeio_smmuv3 *smmu)
{
    return smmuv3_queue_load(smmu, REG_CMDQ_BASE, SMMUV3_CMDQS, LOG2_COMMAND);
}

bool smmuv3_cmdq_has_work(const struct teeio_smmuv3 *smmu)
{
    struct smmuv3_queue queue = load(smmu);

    /* IHI 0070 7.1: an error stops the queue until it is acknowledged. */
    return smmuv3_enabled(smmu, TEEIO_CR0_CMDQEN) &&
           !smmuv3_gerror_active(smmu, TEEIO_GERROR_CMDQ_ERR) &&
           !smmuv3_queue_empty(&queue);
}

static unsigned fetch(const struct teeio_smmuv3 *smmu,
                      const struct smmuv3_queue *queue,
                      struct teeio_smmuv3_command *command)
{
    struct teeio_table_memory memory = {
        .host = smmu->host,
        .ownership = smmu->ownership,
    };
    uint64_t gpa =
        queue->base +
        ((uint64_t)smmuv3_queue_index(queue, queue->cons) << LOG2_COMMAND);

    /* IHI 0070 7.1: an aborted fetch is reported like a bad command. */
    return teeio_table_fetch(&memory, gpa, command->dw, 2) == TEEIO_FETCH_OK
               ? TEEIO_CERROR_NONE
               : TEEIO_CERROR_ABT;
}

bool teeio_smmuv3_step(struct teeio_smmuv3 *smmu)
{
    struct teeio_smmuv3_command command;
    struct smmuv3_queue queue;
    const struct opcode *opcode;
    uint64_t *cons = &smmu->values[REG_CMDQ_CONS];
    unsigned error;

    if (!smmuv3_cmdq_has_work(smmu)) {
        return false;
    }
    queue = load(smmu);
    error = fetch(smmu, &queue, &command);
    opcode = find_opcode(&command);
    if (error == TEEIO_CERROR_NONE) {
        error = check(opcode, &command);
    }
    smmu->stats.commands++;
    record(smmu, opcode, &command, error);

    if (error != TEEIO_CERROR_NONE) {
        *cons = (*cons & ~TEEIO_CMDQ_CONS_ERR) |
                teeio_field_make(error, TEEIO_CMDQ_CONS_ERR);
        smmuv3_gerror(smmu, TEEIO_GERROR_CMDQ_ERR);
        return false;
    }
    *cons = smmuv3_queue_next(&queue, queue.cons);
    if (opcode->signal) {
        opcode->signal(smmu, &command);
    }
    return smmuv3_cmdq_has_work(smmu);
}
