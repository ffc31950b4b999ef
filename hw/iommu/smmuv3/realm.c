/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The Realm programming interface (IHI 0070 3.10.3 and 6.2.7): what differs
 * from the Non-secure one.
 */
#include <string.h>

#include "idr.h"
#include "smmuv3-internal.h"

#define MSI_ADDRESS (TEEIO_MASK64(SMMUV3_OAS_BITS - 1, 2) | TEEIO_IRQ_CFG0_NS)

static const struct teeio_reg differences[] = {
    {
        .name = "R_IDR0",
        .offset = TEEIO_SMMUV3_REG_IDR0,
        .width = 4,
        .reset = SMMUV3_RESET(SMMUV3_R_IDR0),
        .doc = "Features.",
    },
    {
        .name = "R_IDR1",
        .offset = TEEIO_SMMUV3_REG_IDR1,
        .width = 4,
        .reset = SMMUV3_RESET(SMMUV3_R_IDR1),
        .doc = "The interface is there; its sizes are those of IDR1.",
    },
    {
        .name = "R_IDR3",
        .offset = TEEIO_SMMUV3_REG_IDR3,
        .width = 4,
        .reset = SMMUV3_RESET(SMMUV3_R_IDR3),
        .doc = "Features: none of those that it names.",
    },
    {
        .name = "R_IDR5",
        .offset = TEEIO_SMMUV3_REG_IDR5,
        .width = 4,
        .doc = "Reserved: IDR5 counts.",
    },
    {
        .name = "R_IIDR",
        .offset = TEEIO_SMMUV3_REG_IIDR,
        .width = 4,
        .doc = "Reserved: IIDR counts.",
    },
    {
        .name = "R_AIDR",
        .offset = TEEIO_SMMUV3_REG_AIDR,
        .width = 4,
        .reset = SMMUV3_RESET(SMMUV3_R_AIDR),
        .doc = "Architecture version: RME device assignment.",
    },
    {
        .name = "R_CR0",
        .offset = TEEIO_SMMUV3_REG_CR0,
        .width = 4,
        .reset = TEEIO_CR0_ATSCHK,
        .rw = TEEIO_CR0_SMMUEN | TEEIO_CR0_PRIQEN | TEEIO_CR0_EVENTQEN |
              TEEIO_CR0_CMDQEN,
        .hook = HOOK_CR0,
        .doc = "As CR0; translated requests are always checked.",
    },
    {
        .name = "R_CR0ACK",
        .offset = TEEIO_SMMUV3_REG_CR0ACK,
        .width = 4,
        .reset = TEEIO_CR0_ATSCHK,
        .doc = "R_CR0 as it has taken effect, which is at once.",
    },
    {
        .name = "R_GBPA",
        .offset = TEEIO_SMMUV3_REG_GBPA,
        .width = 4,
        .reset = TEEIO_GBPA_ABORT,
        .doc = "While SMMUEN=0 all traffic is aborted.",
    },
    {
        .name = "R_GERROR_IRQ_CFG0",
        .offset = TEEIO_SMMUV3_REG_GERROR_IRQ_CFG0,
        .width = 8,
        .rw = MSI_ADDRESS,
        .doc = "As GERROR_IRQ_CFG0; bit 63 (NS): the MSI goes to shared "
               "memory, else to private memory.",
    },
    {
        .name = "R_EVENTQ_IRQ_CFG0",
        .offset = TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0,
        .width = 8,
        .rw = MSI_ADDRESS,
        .doc = "As EVENTQ_IRQ_CFG0, with NS.",
    },
    {
        .name = "R_PRIQ_IRQ_CFG0",
        .offset = TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG0,
        .width = 8,
        .rw = MSI_ADDRESS,
        .doc = "As PRIQ_IRQ_CFG0, with NS.",
    },
};

const struct teeio_reg *teeio_smmuv3_realm_registers(size_t *count)
{
    *count = sizeof(differences) / sizeof(differences[0]);
    return differences;
}

static void build_table(struct teeio_reg table[REGS])
{
    const struct teeio_reg *next = differences;
    const struct teeio_reg *end =
        differences + sizeof(differences) / sizeof(differences[0]);

    memcpy(table, smmuv3_registers, REGS * sizeof(table[0]));
    for (unsigned i = 0; i < REGS && next < end; i++) {
        if (table[i].offset == next->offset) {
            table[i] = *next++;
        }
    }
}

bool teeio_smmuv3_add_realm(struct teeio_smmuv3 *smmu)
{
    struct smmuv3_interface *realm = &smmu->interfaces[SMMUV3_REALM];

    if (!teeio_t_policy_realm_rule(smmu->policy, true)) {
        return false;
    }
    for (unsigned t = 0; t < 2; t++) {
        smmu->rules[t] = teeio_t_policy_realm_rule(smmu->policy, t);
    }
    build_table(smmu->realm_table);
    smmuv3_connect(realm, smmu, "smmuv3-realm", smmu->realm_table);
    realm->first_line = TEEIO_SMMUV3_LINES;
    realm->space = TEEIO_OWNER_PRIVATE;
    smmu->interfaces[SMMUV3_NON_SECURE].space = TEEIO_OWNER_SHARED;
    smmu->by_t[1] = realm;
    smmu->count = SMMUV3_INTERFACES;
    return true;
}

uint64_t teeio_smmuv3_realm_read(struct teeio_smmuv3 *smmu, uint64_t offset,
                                 unsigned size)
{
    return smmuv3_read(smmu->by_t[1], offset, size);
}

void teeio_smmuv3_realm_write(struct teeio_smmuv3 *smmu, uint64_t offset,
                              uint64_t value, unsigned size)
{
    smmuv3_write(smmu->by_t[1], offset, value, size);
}

bool smmuv3_in_space(const struct smmuv3_interface *iface, uint64_t gpa,
                     enum teeio_owner space)
{
    const struct teeio_ownership *ownership = iface->smmu->ownership;
    enum teeio_owner owner;

    if (space == TEEIO_OWNER_NONE || !ownership) {
        return true;
    }
    owner = teeio_ownership_get(ownership, gpa);
    return owner == space || owner == TEEIO_OWNER_NONE;
}
