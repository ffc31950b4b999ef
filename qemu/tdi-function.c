/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Everything here runs under QEMU's big lock.
 */
#include "tdi-function.h"

#include "tdi-vf.h"
#include "teeio/spec/tdi.h"

/* Descriptors in one go, before the main loop serves others. */
#define BUDGET 8

static void refresh(struct teeio_tdi_function *f)
{
    PCIDevice *pci = f->function.pci;
    struct teeio_tdi_services services = {0};
    struct teeio_interface_config config = {0};

    if (pci) {
        services = teeio_tdi_config_services(&f->config, pci);
        teeio_tdi_report_read(pci, &services, &config);
    }
    if (f->pf) {
        teeio_tdi_vf_report(f, &config);
    } else {
        config.other = teeio_tdi_vfs_digest(pci);
        teeio_ide_set_function(f->function.security->ide, 0, config.requester);
    }
    teeio_tdi_configure(f->function.tdi, &config);
    teeio_tdi_set_services(f->function.tdi, &services);
    if (teeio_tdi_state(f->function.tdi) == TEEIO_TDISP_CONFIG_UNLOCKED) {
        f->function.accepted = false;
    }
}

void teeio_tdi_function_refresh(struct teeio_tdi_function *f)
{
    refresh(f);
}

void teeio_function_refresh(struct teeio_function *function)
{
    refresh((struct teeio_tdi_function *)function);
}

size_t teeio_function_exchange(struct teeio_machine *machine,
                               struct teeio_function *function,
                               const uint8_t *object, size_t len,
                               uint8_t *answer, size_t size)
{
    bool unlocked[TEEIO_TSM_MAX_TDIS];
    size_t used;

    for (unsigned i = 0; i < machine->count; i++) {
        teeio_function_refresh(machine->functions[i]);
        unlocked[i] = teeio_tdi_state(machine->functions[i]->tdi) ==
                      TEEIO_TDISP_CONFIG_UNLOCKED;
    }
    used =
        teeio_security_exchange(function->security, object, len, answer, size);
    for (unsigned i = 0; i < machine->count; i++) {
        machine->functions[i]->accepted |=
            unlocked[i] && teeio_tdi_state(machine->functions[i]->tdi) ==
                               TEEIO_TDISP_CONFIG_LOCKED;
    }
    return used;
}

static void engine(void *opaque);

static void schedule(struct teeio_tdi_function *f)
{
    if (!f->scheduled) {
        f->scheduled = true;
        aio_bh_schedule_oneshot_full(qemu_get_aio_context(), engine, f,
                                     "teeio-tdi");
    }
}

static void request_page(void *opaque, const struct teeio_page_request *request)
{
    struct teeio_machine *machine = opaque;

    machine->front_end.request_page(machine, request);
}

/* Without an SMMU nobody pages in. */
static void connect_pages(struct teeio_tdi_function *f)
{
    const struct teeio_tdi_pages pages = {
        .opaque = f->machine,
        .request = f->machine->front_end.request_page ? request_page : NULL,
    };

    teeio_tdi_set_pages(f->function.tdi, &pages);
}

static void reset_models(struct teeio_tdi_function *f,
                         enum teeio_tdi_reset reset)
{
    if (reset == TEEIO_TDI_FUNCTION_RESET) {
        teeio_tdi_flr(f->function.tdi);
    } else {
        teeio_tdi_reset(f->function.tdi);
    }
    /* PCIe 11.4.9: only function 0 stands for the whole device. */
    if (f->pf) {
        return;
    }
    if (reset == TEEIO_TDI_FUNCTION_RESET) {
        teeio_security_flr(f->function.security);
    } else {
        teeio_security_reset(f->function.security);
    }
}

static void engine(void *opaque)
{
    struct teeio_tdi_function *f = opaque;
    struct teeio_machine *machine = f->machine;
    bool more = true;

    f->scheduled = false;
    /* PCIe 5.3.1.4.1: in D3hot a function sends no request. */
    if (f->lines.halted || !f->function.pci ||
        teeio_tdi_power(f->function.pci)) {
        return;
    }
    refresh(f);
    connect_pages(f);
    machine->busy = true;
    machine->requester = teeio_tdi_requester(f->function.tdi);
    for (int i = 0; more && i < BUDGET; i++) {
        more = teeio_tdi_step(f->function.tdi);
    }
    machine->busy = false;
    if (f->reset_due) {
        reset_models(f, f->reset_due);
        f->reset_due = TEEIO_TDI_NO_RESET;
    } else if (more) {
        schedule(f);
    }
    /* Its DMA may have reached config space. */
    refresh(f);
}

/* Its own DMA came back to it; that of a peer is welcome. */
static bool reentered(const struct teeio_tdi_function *f)
{
    return f->machine->busy &&
           f->machine->requester == teeio_tdi_requester(f->function.tdi);
}

/*
 * PCIe 11.2.1. A TDI that was locked without a session has no stream that its
 * TSM could access it by: then follow has nothing to check, but for a peer.
 */
static bool refused(const struct teeio_tdi_function *f, uint64_t offset)
{
    const struct teeio_interface *interface =
        teeio_tdi_interface(f->function.tdi);
    bool t = f->mmio_t == TEEIO_MMIO_T_1;

    if (f->machine->busy) {
        t = false;
    } else if (f->mmio_t == TEEIO_MMIO_T_FOLLOW) {
        if (interface->lock.local) {
            return false;
        }
        t = f->function.accepted;
    }
    return !teeio_interface_mmio_allowed(interface, 0, offset, t);
}

/* PCIe 5.3.1.4.1: in D3hot a function takes no memory request. */
static bool deaf(const struct teeio_tdi_function *f, uint64_t offset)
{
    return reentered(f) || teeio_tdi_power(f->function.pci) ||
           refused(f, offset);
}

static uint64_t bar_read(void *opaque, hwaddr offset, unsigned size)
{
    struct teeio_tdi_function *f = opaque;

    if (deaf(f, offset)) {
        return UINT64_MAX;
    }
    return teeio_tdi_read(f->function.tdi, offset, size);
}

static void bar_write(void *opaque, hwaddr offset, uint64_t value,
                      unsigned size)
{
    struct teeio_tdi_function *f = opaque;

    if (!deaf(f, offset)) {
        teeio_tdi_write(f->function.tdi, offset, value, size);
    }
}

const MemoryRegionOps *teeio_tdi_function_ops(void)
{
    static const MemoryRegionOps ops = {
        .read = bar_read,
        .write = bar_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .valid = {.min_access_size = 4, .max_access_size = 8},
        .impl = {.min_access_size = 4, .max_access_size = 8},
    };

    return &ops;
}

uint32_t teeio_tdi_function_read(struct teeio_tdi_function *f, uint32_t address,
                                 int len)
{
    uint32_t value;

    if (f->pf) {
        return pci_default_read_config(f->function.pci, address, len);
    }
    if (teeio_security_read(f->function.security, address, len, &value)) {
        return value;
    }
    return teeio_tdi_config_read(&f->config, f->function.pci, address, len);
}

void teeio_tdi_function_write(struct teeio_tdi_function *f, uint32_t address,
                              uint32_t value, int len)
{
    PCIDevice *pci = f->function.pci;
    unsigned power = teeio_tdi_power(pci);

    if (f->machine->busy && !f->pf && teeio_tdi_vfs_covers(pci, address)) {
        /* No function comes or goes while one is at work. */
        return;
    }
    if (!f->machine->busy) {
        /* A bus number may have changed without a write to the function. */
        refresh(f);
        if (!f->pf &&
            teeio_security_write(f->function.security, address, value, len)) {
            return;
        }
    }
    if (f->pf) {
        pci_default_write_config(pci, address, value, len);
    } else {
        teeio_tdi_config_write(&f->config, pci, address, value, len);
        teeio_tdi_vfs_write(f, address, value, len);
    }
    f->resetting = TEEIO_TDI_FUNCTION_RESET;
    pcie_cap_flr_write_config(pci, address, value, len);
    if (power && !teeio_tdi_power(pci)) {
        /* PCIe 5.3.1.4.1: without No_Soft_Reset, the way out is a reset. */
        pci_device_reset(pci);
    }
    f->resetting = TEEIO_TDI_NO_RESET;
    if (!f->machine->busy) {
        refresh(f);
    }
}

void teeio_tdi_function_reset(struct teeio_tdi_function *f)
{
    enum teeio_tdi_reset reset =
        f->resetting ? f->resetting : TEEIO_TDI_CONVENTIONAL_RESET;

    teeio_lines_reset(&f->lines);
    if (f->machine->busy) {
        f->reset_due = reset;
    } else {
        reset_models(f, reset);
    }
    if (!f->pf) {
        teeio_tdi_vfs_reset(f);
        teeio_tdi_report_reset(f->function.pci);
    }
    teeio_tdi_config_reset(&f->config, f->function.pci);
    if (!f->machine->busy) {
        refresh(f);
    }
}

static void host_raise(void *opaque, unsigned line)
{
    struct teeio_tdi_function *f = opaque;

    teeio_lines_raise(&f->lines, line);
}

static void host_wake(void *opaque)
{
    schedule(opaque);
}

/* A machine that runs again may have been halted between two descriptors. */
static void resume(void *opaque)
{
    schedule(opaque);
}

static void send_msi(void *opaque, unsigned line)
{
    struct teeio_tdi_function *f = opaque;

    if (line < TEEIO_TDI_VECTORS && f->function.pci) {
        msix_notify(f->function.pci, line);
    }
}

bool teeio_tdi_function_create(struct teeio_tdi_function *f,
                               struct teeio_machine *machine, Error **errp)
{
    f->machine = machine;
    if (machine->count == TEEIO_TSM_MAX_TDIS) {
        teeio_error(errp, "give fewer teeio-tdi",
                    "teeio-tdi: the machine has %d already",
                    TEEIO_TSM_MAX_TDIS);
        return false;
    }
    teeio_host_init(&f->host, f);
    f->host.raise = host_raise;
    f->host.wake = host_wake;
    f->lines.fire = send_msi;
    f->lines.resume = resume;
    f->lines.opaque = f;
    f->function.tdi = teeio_tdi_new(&f->host, &machine->fabric);
    if (!f->function.tdi) {
        teeio_error(errp, "give the machine less memory",
                    "teeio-tdi: out of memory");
        return false;
    }
    return true;
}

void teeio_tdi_function_free(struct teeio_tdi_function *f)
{
    if (f->function.tdi) {
        teeio_tdi_free(f->function.tdi);
        f->function.tdi = NULL;
    }
}
