/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A packaged QEMU with the plug-in, and what a guest's drivers would do with
 * the TDI and the TSM.
 */
#ifndef RIG_H
#define RIG_H

#include "teeio-qtest/pci.h"
#include "teeio/spec/tdi.h"
#include "teeio/spec/tsm.h"

#define RIG_SMMU     0x09050000ull
#define RIG_SMMU_SPI 74u
#define RIG_TSM      0x090c0000ull
#define RIG_TDI      (2u << 3) /* requester id */

/* RAM that firmware tables and the tests' SMMU structures leave alone. */
#define RIG_RAM       0x40000000ull
#define RIG_DATA      0x42000000ull

#define RIG_SMMU_ARGS "-device teeio-smmuv3,id=smmu"
#define RIG_TSM_ARGS  "-device teeio-tsm,id=tsm,memory=shared"
#define RIG_TDI_ARGS  "-device teeio-tdi,id=tdi,addr=2"

/* A stock device whose DMA engine can reach every address. */
#define RIG_EDU (3u << 3)
#define RIG_EDU_ARGS                                         \
    "-device edu,id=edu,addr=3,dma_mask=0xffffffffffffffff " \
    "-global arm-cpu.start-powered-off=on -icount shift=0,sleep=off"

/**
 * struct rig - one machine
 * @tdi, @edu: found, mapped and enabled where the machine has them
 */
struct rig {
    struct teeio_qtest *qtest;
    struct teeio_qpci pci;
    struct teeio_qpci_function tdi;
    struct teeio_qpci_function edu;
};

/* rig_plugin() - path of the plug-in, its commas doubled; g_free() it */
char *rig_plugin(void);
const char *rig_qemu_aarch64(void);
const char *rig_qemu_x86_64(void);

/*
 * rig_init() - in place of g_test_init()
 *
 * Ends the program as skipped when the packaged QEMU is missing.
 */
void rig_init(int *argc, char ***argv);

/* rig_is_noise() - a line that a sanitizer prints in every QEMU */
bool rig_is_noise(const char *line);

/* rig_start() - board virt, the plug-in, and @args; @plugin_args may be NULL */
struct rig *rig_start(const char *plugin_args, const char *args);
void rig_stop(struct rig *rig);

/* rig_place() - all BARs of a function that has none, e.g. after a reset */
void rig_place(struct teeio_qpci_function *function);

/* rig_gic() - watch the SPIs of the machine's interrupt controller */
void rig_gic(struct rig *rig);

/**
 * struct rig_dma - one descriptor of the TDI and what came of it
 * @control: opcode and flags
 */
struct rig_dma {
    uint32_t control;
    uint32_t length;
    uint64_t source;
    uint64_t dest;
    uint64_t pattern;
    uint32_t status;
    uint32_t checksum;
    uint64_t failed;
};

/* rig_dma() - run one descriptor to its end */
void rig_dma(struct rig *rig, struct rig_dma *dma);

/* rig_fill(), rig_checksum() - one descriptor; they return its status */
uint32_t rig_fill(struct rig *rig, uint64_t dest, uint32_t length,
                  uint8_t value, uint32_t flags);
uint32_t rig_checksum(struct rig *rig, uint64_t source, uint32_t length,
                      uint32_t flags, uint32_t *checksum);

/* rig_uniform_crc() - CRC-32 of @length bytes @value */
uint32_t rig_uniform_crc(uint8_t value, uint32_t length);

/* rig_reads() - does the TDI read @length bytes @value, with status OK? */
bool rig_reads(struct rig *rig, uint64_t source, uint8_t value, uint32_t length,
               uint32_t flags);

/* rig_edu_write(), rig_edu_read() - DMA of the edu device, @length <= 4096 */
void rig_edu_write(struct rig *rig, uint64_t dest, uint32_t length);
void rig_edu_read(struct rig *rig, uint64_t source, uint32_t length);

/* rig_tsm() - run one command; returns STATUS */
uint32_t rig_tsm(struct rig *rig, uint32_t command, uint32_t function);

/* rig_tsm_result() - RESULT of the last command */
uint32_t rig_tsm_result(struct rig *rig);

/* rig_own() - SHARE or UNSHARE; returns STATUS */
uint32_t rig_own(struct rig *rig, uint32_t command, uint64_t base,
                 uint64_t size);
uint32_t rig_owner(struct rig *rig, uint64_t gpa);

/* rig_run() - lock and start the TDI; it must end in RUN */
void rig_run(struct rig *rig);
uint32_t rig_state(struct rig *rig);

/* rig_counter() - counter of one of our devices by its id */
int64_t rig_counter(struct rig *rig, const char *id, const char *property);

#endif
