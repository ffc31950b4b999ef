/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Interrupts: a write to memory where software gave an address, a wire where
 * it did not (IHI 0070 3.18).
 */
#include "smmuv3-internal.h"

/*
 * struct source - the registers of one interrupt
 * @cfg0:  the address; the data follows
 * @error: what an aborted MSI makes active
 */
static const struct source {
    uint64_t enable;
    enum smmuv3_reg cfg0;
    enum teeio_smmuv3_line line;
    uint64_t error;
} sources[] = {
    [SMMUV3_IRQ_EVENTQ] = {TEEIO_IRQ_CTRL_EVENTQ, REG_EVENTQ_IRQ_CFG0,
                           TEEIO_SMMUV3_EVENTQ,
                           TEEIO_GERROR_MSI_EVENTQ_ABT_ERR},
    [SMMUV3_IRQ_PRIQ] = {TEEIO_IRQ_CTRL_PRIQ, REG_PRIQ_IRQ_CFG0,
                         TEEIO_SMMUV3_PRIQ, TEEIO_GERROR_MSI_PRIQ_ABT_ERR},
    [SMMUV3_IRQ_GERROR] = {TEEIO_IRQ_CTRL_GERROR, REG_GERROR_IRQ_CFG0,
                           TEEIO_SMMUV3_GERROR,
                           TEEIO_GERROR_MSI_GERROR_ABT_ERR},
};

bool smmuv3_store(const struct smmuv3_interface *iface, uint64_t gpa,
                  const void *bytes, size_t length, enum teeio_owner space)
{
    const struct teeio_ownership *ownership = iface->smmu->ownership;
    const struct teeio_host *host = iface->smmu->host;
    bool trusted =
        ownership && teeio_ownership_get(ownership, gpa) == TEEIO_OWNER_PRIVATE;

    return smmuv3_in_space(iface, gpa, space) &&
           host->write(host->opaque, gpa, bytes, length, trusted);
}

void smmuv3_msi(struct smmuv3_interface *iface, uint64_t address,
                bool non_secure, uint32_t data, uint64_t error)
{
    enum teeio_owner space = iface->space;
    uint8_t bytes[4];

    if (non_secure && smmuv3_is_realm(iface)) {
        space = TEEIO_OWNER_SHARED;
    }
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        bytes[i] = data >> 8 * i;
    }
    if (!smmuv3_store(iface, address, bytes, sizeof(bytes), space)) {
        /* IHI 0070 7.5: an interrupt that went astray is a global error. */
        smmuv3_gerror(iface, error);
    }
}

void smmuv3_raise(const struct smmuv3_interface *iface,
                  enum teeio_smmuv3_line line)
{
    const struct teeio_host *host = iface->smmu->host;

    host->raise(host->opaque, iface->first_line + line);
}

void smmuv3_interrupt(struct smmuv3_interface *iface, enum smmuv3_irq irq)
{
    const struct source *source = &sources[irq];
    uint64_t address = iface->values[source->cfg0] & TEEIO_IRQ_CFG0_ADDR;

    if (!(iface->values[REG_IRQ_CTRL] & source->enable)) {
        return;
    }
    if (address) {
        smmuv3_msi(iface, address,
                   iface->values[source->cfg0] & TEEIO_IRQ_CFG0_NS,
                   iface->values[source->cfg0 + 1], source->error);
    } else {
        smmuv3_raise(iface, source->line);
    }
}

bool smmuv3_gerror_active(const struct smmuv3_interface *iface, uint64_t error)
{
    return (iface->values[REG_GERROR] ^ iface->values[REG_GERRORN]) & error;
}

void smmuv3_gerror(struct smmuv3_interface *iface, uint64_t error)
{
    if (smmuv3_gerror_active(iface, error)) {
        return;
    }
    iface->values[REG_GERROR] ^= error;
    /* IHI 0070 7.5.1: telling of a lost GERROR MSI would lose another. */
    if (error != TEEIO_GERROR_MSI_GERROR_ABT_ERR) {
        smmuv3_interrupt(iface, SMMUV3_IRQ_GERROR);
    }
}
