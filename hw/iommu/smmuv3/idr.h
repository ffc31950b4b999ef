/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the SMMU advertises (IHI 0070 6.3): the registers take their values
 * from here, and so does the manual. F(name, high bit, low bit, value, what
 * that means).
 */
#ifndef TEEIO_SMMUV3_IDR_H
#define TEEIO_SMMUV3_IDR_H

#define SMMUV3_IDR0(F)                                                        \
    F("S2P", 0, 0, 1, "stage 2 is there")                                     \
    F("S1P", 1, 1, 1, "stage 1 is there; with S2P, nested too")               \
    F("TTF", 3, 2, 2, "VMSAv8-64 tables only")                                \
    F("COHACC", 4, 4, 1, "tables and queues are accessed coherently")         \
    F("BTM", 5, 5, 0, "no broadcast TLB maintenance")                         \
    F("HTTU", 7, 6, 2, "access flag and dirty state by hardware")             \
    F("DORMHINT", 8, 8, 0, "no dormant hint")                                 \
    F("HYP", 9, 9, 0, "no EL2 stage 1 contexts")                              \
    F("ATS", 10, 10, 1, "translation requests and translated requests")       \
    F("NS1ATS", 11, 11, 0, "split-stage ATS is there")                        \
    F("ASID16", 12, 12, 1, "16-bit ASIDs")                                    \
    F("MSI", 13, 13, 1,                                                       \
      "MSIs where software gives an address, else wires; they reach RAM "     \
      "only")                                                                 \
    F("SEV", 14, 14, 1, "``CMD_SYNC`` takes CS=SEV, which nobody can notice") \
    F("ATOS", 15, 15, 0, "no address translation by register")                \
    F("PRI", 16, 16, 1, "page requests")                                      \
    F("VMW", 17, 17, 0, "no VMID wildcards")                                  \
    F("VMID16", 18, 18, 1, "16-bit VMIDs")                                    \
    F("CD2L", 19, 19, 1, "linear and two-level CD tables")                    \
    F("VATOS", 20, 20, 0, "no VATOS page")                                    \
    F("TTENDIAN", 22, 21, 2, "little-endian tables only")                     \
    F("ATSRECERR", 23, 23, 0,                                                 \
      "configuration errors of translation requests are not recorded")        \
    F("STALL_MODEL", 25, 24, 0,                                               \
      "stall or terminate; only a requester that can wait is stalled")        \
    F("TERM_MODEL", 26, 26, 0, "``CD.A`` chooses between abort and RAZ/WI")   \
    F("ST_LEVEL", 28, 27, 1, "linear and two-level stream tables")            \
    F("RME_IMPL", 30, 30, 0, "no granule protection tables")

#define SMMUV3_IDR1(F)                                                        \
    F("SIDSIZE", 5, 0, SMMUV3_SIDSIZE,                                        \
      "bits of a StreamID, which is the PCI requester id")                    \
    F("SSIDSIZE", 10, 6, SMMUV3_SSIDSIZE,                                     \
      "bits of a SubstreamID, which is the PASID")                            \
    F("PRIQS", 15, 11, SMMUV3_PRIQS, "log2 of the entries of the PRI queue")  \
    F("EVENTQS", 20, 16, SMMUV3_EVENTQS,                                      \
      "log2 of the entries of the event queue")                               \
    F("CMDQS", 25, 21, SMMUV3_CMDQS,                                          \
      "log2 of the entries of the command queue")                             \
    F("ATTR_PERMS_OVR", 26, 26, 1, "STEs override privilege and instruction") \
    F("ATTR_TYPES_OVR", 27, 27, 0, "no overrides of memory types")            \
    F("REL", 28, 28, 0, "no preset addresses")                                \
    F("QUEUES_PRESET", 29, 29, 0, "software places the queues")               \
    F("TABLES_PRESET", 30, 30, 0, "software places the stream table")         \
    F("ECMDQ", 31, 31, 0, "one command queue")

#define SMMUV3_IDR2(F) F("BA_VATOS", 9, 0, 0, "no VATOS page")

#define SMMUV3_IDR3(F)                                                      \
    F("HAD", 2, 2, 1, "hierarchical attributes can be disabled")            \
    F("PBHA", 3, 3, 0, "no page-based hardware attributes")                 \
    F("XNX", 4, 4, 1, "execute-never of stage 2 by privilege")              \
    F("PPS", 5, 5, 0, "``STE.PPAR`` decides about the PASID of a response") \
    F("MPAM", 7, 7, 0, "no resource partitioning")                          \
    F("FWB", 8, 8, 0, "no forced write-back by stage 2")                    \
    F("STT", 9, 9, 1, "small translation tables")                           \
    F("RIL", 10, 10, 1, "range invalidation and level hints")               \
    F("BBML", 12, 11, 2, "block sizes may change without a break")          \
    F("E0PD", 13, 13, 0, "no E0PD")                                         \
    F("PTWNNC", 14, 14, 0, "tables in device memory as ``S2PTW`` says")     \
    F("DPT", 15, 15, 0, "no device permission table")

#define SMMUV3_IDR4(F) F("IMPDEF", 31, 0, 0, "implementation defined: nothing")

#define SMMUV3_IDR5(F)                                                      \
    F("OAS", 2, 0, 5,                                                       \
      "output addresses of 48 bits; a larger ``CD.IPS`` or ``STE.S2PS`` "   \
      "counts as 48")                                                       \
    F("GRAN4K", 4, 4, 1, "4 KiB pages, blocks of 2 MiB and 1 GiB")          \
    F("GRAN16K", 5, 5, 1, "16 KiB pages, blocks of 32 MiB")                 \
    F("GRAN64K", 6, 6, 1, "64 KiB pages, blocks of 512 MiB")                \
    F("DS", 7, 7, 0, "no 52-bit addresses with 4 and 16 KiB pages")         \
    F("D128", 8, 8, 0, "no 128-bit descriptors")                            \
    F("VAX", 11, 10, 0, "input addresses of 48 bits in each of two ranges") \
    F("STALL_MAX", 31, 16, SMMUV3_STALL_MAX, "transactions that wait at most")

#define SMMUV3_IIDR(F)                                          \
    F("Implementer", 11, 0, 0, "no manufacturer's JEP106 code") \
    F("Revision", 15, 12, 0, "")                                \
    F("Variant", 19, 16, 0, "")                                 \
    F("ProductID", 31, 20, 0x7ee, "product number of this project")

#define SMMUV3_AIDR(F)                     \
    F("ArchMinorRev", 3, 0, 2, "SMMUv3.2") \
    F("ArchMajorRev", 7, 4, 0, "SMMUv3")

#define SMMUV3_R_IDR0(F)                                             \
    F("ATS", 10, 10, 1, "as IDR0")                                   \
    F("MSI", 13, 13, 1, "as IDR0")                                   \
    F("PRI", 16, 16, 1, "as IDR0")                                   \
    F("STALL_MODEL", 25, 24, 1, "no stalls: every fault terminates") \
    F("ECMDQ", 31, 31, 0, "one command queue")

#define SMMUV3_R_IDR1(F) \
    F("RME_DA_IMPL", 31, 31, 1, "the Realm interface is there")

#define SMMUV3_R_IDR3(F)                                 \
    F("DPT", 15, 15, 0, "no device permission table")    \
    F("MEC", 16, 16, 0, "no memory encryption contexts") \
    F("XT", 17, 17, 0, "XT has no meaning")

#define SMMUV3_R_AIDR(F)                                              \
    F("ArchMinorRev", 3, 0, 0, "Realm Management Extension for SMMU") \
    F("ArchMajorRev", 7, 4, 0, "Realm Management Extension for SMMU")

/* The sum of all fields: the reset value of a register. */
#define SMMUV3_FIELD_VALUE(name, high, low, value, meaning) \
    | (uint64_t)(value) << (low)
#define SMMUV3_RESET(fields) (UINT64_C(0) fields(SMMUV3_FIELD_VALUE))

#endif
