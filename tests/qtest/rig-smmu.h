/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What an operating system does with the SMMU of a rig.
 */
#ifndef RIG_SMMU_H
#define RIG_SMMU_H

#include "rig.h"
#include "teeio-tables/smmuv3.h"
#include "teeio/spec/smmuv3.h"

/* Everything that the SMMU walks; ownership is changed for the whole. */
#define RIG_TABLES      0x43000000ull
#define RIG_TABLES_SIZE 0x00100000ull

#define RIG_CMDQ        0x43800000ull
#define RIG_EVENTQ      0x43810000ull
#define RIG_QUEUE_LOG2  3u
#define RIG_SPI_EVENTQ  RIG_SMMU_SPI

#define RIG_STREAM_LOG2 8u

/* The Realm interface of the same SMMU, and what it walks. */
#define RIG_REALM        0x09100000ull
#define RIG_REALM_SPI    100u
#define RIG_REALM_MEMORY 0x43c00000ull /* private */
#define RIG_REALM_SIZE   0x00200000ull
#define RIG_REALM_ARGS   RIG_SMMU_ARGS ",t-policy=arm-split,realm=on"

/**
 * struct rig_smmu - one interface of an SMMU under our control
 * @base:         of its registers
 * @cmdq, @eventq: where its queues are
 * @prod, @cons:   of the command and event queue
 */
struct rig_smmu {
    struct rig *rig;
    uint64_t base;
    uint64_t cmdq;
    uint64_t eventq;
    struct teeio_tables tables;
    struct teeio_tables_streams streams;
    uint32_t prod;
    uint32_t cons;
};

/**
 * struct rig_domain - one stage 1 address space
 * @cd: where its CD lies
 */
struct rig_domain {
    struct teeio_tables_space space;
    uint64_t cd;
};

/* rig_smmu_init() - queues and an empty stream table; still disabled */
void rig_smmu_init(struct rig_smmu *smmu, struct rig *rig);

/* rig_realm_init() - the same for the Realm interface, all in private memory */
void rig_realm_init(struct rig_smmu *smmu, struct rig *rig);

/* rig_smmu_enable() - SMMUEN=1, invalidate everything */
void rig_smmu_enable(struct rig_smmu *smmu);

/* rig_smmu_private() - UNSHARE the tables, as T=1 walks demand */
void rig_smmu_private(struct rig_smmu *smmu);

void rig_domain_init(struct rig_domain *domain, struct rig_smmu *smmu);

/* rig_map() - one page at @iova */
void rig_map(struct rig_domain *domain, uint64_t iova, uint64_t gpa,
             uint64_t attributes);

/* rig_attach() - let stream @sid be translated by @domain */
void rig_attach(struct rig_smmu *smmu, uint32_t sid,
                const struct rig_domain *domain);
void rig_set_ste(struct rig_smmu *smmu, uint32_t sid,
                 struct teeio_tables_ste ste);

/* rig_command() - run one command to its end */
void rig_command(struct rig_smmu *smmu, uint64_t dw0, uint64_t dw1);

/* rig_event() - take the oldest event record; false when there is none */
bool rig_event(struct rig_smmu *smmu, struct teeio_smmuv3_event *event);

/* rig_sync() - CFGI_ALL, TLBI_NSNH_ALL, SYNC */
void rig_sync(struct rig_smmu *smmu);

#endif
