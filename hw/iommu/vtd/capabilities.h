/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What CAP and ECAP say (VT-d 11.4.2 and 11.4.3). Each row is a field: name,
 * lowest bit, number of bits, value, meaning. Fields that are not listed are
 * 0: the feature is absent.
 */
#ifndef TEEIO_VTD_CAPABILITIES_H
#define TEEIO_VTD_CAPABILITIES_H

#define VTD_FAULTS           8u
#define VTD_GUEST_BITS       57u
#define VTD_DOMAIN_MASK_BITS 18u

#define VTD_CAP_FIELDS(row)                                                          \
    row("ND", 0, 3, 6, "65536 domains") row("AFL", 3, 1, 0,                          \
                                            "no advanced fault log")                 \
        row("RWBF", 4, 1, 0, "no write buffer to flush") row(                        \
            "PLMR", 5, 1, 0,                                                         \
            "no protected low memory") row("PHMR", 6, 1, 0,                          \
                                           "no protected high memory")               \
            row("CM", 7, 1, 0, "entries that are not present are not cached") row(   \
                "SAGAW", 8, 5, 0xe,                                                  \
                "second stage with 3, 4 and 5 levels") row("MGAW", 16, 6,            \
                                                           VTD_GUEST_BITS - 1,       \
                                                           "57-bit input addresses") \
                row("ZLR", 22, 1, 1, "zero-length reads of write-only pages") row(   \
                    "FRO", 24, 10, 0x22,                                             \
                    "fault recording registers are at 0x220")                        \
                    row("SSLPS", 34, 4, 3,                                           \
                        "second stage with 2 MiB and 1 GiB pages")                   \
                        row("PSI", 39, 1, 1, "invalidation by page") row(            \
                            "NFR", 40, 8, VTD_FAULTS - 1,                            \
                            "8 fault recording registers")                           \
                            row("MAMV", 48, 6, VTD_DOMAIN_MASK_BITS,                 \
                                "up to 2^18 pages at once")                          \
                                row("DWD", 54, 1, 1, "writes are drained") row(      \
                                    "DRD", 55, 1, 1, "reads are drained")            \
                                    row("FS1GP", 56, 1, 1,                           \
                                        "first stage with 1 GiB pages")              \
                                        row("PI", 59, 1, 0,                          \
                                            "no posted interrupts")                  \
                                            row("FS5LP", 60, 1, 1,                   \
                                                "first stage with 5 levels")         \
                                                row("ECMDS", 61, 1, 0,               \
                                                    "no enhanced commands")          \
                                                    row("ESRTPS", 63, 1, 0,          \
                                                        "a new root table leaves the caches alone")

#define VTD_ECAP_FIELDS(row)                                                                   \
    row("C", 0, 1, 1, "table walks see what processors have written") row(                     \
        "QI", 1, 1, 1,                                                                         \
        "invalidation queue") row("DT", 2, 1, 1,                                               \
                                  "device-TLBs") row("IR", 3, 1, 0,                            \
                                                     "no interrupt remapping")                 \
        row("EIM", 4, 1, 0, "no extended interrupt mode") row(                                 \
            "PT", 6, 1, 1,                                                                     \
            "pass-through") row("SC", 7, 1, 1,                                                 \
                                "snoop control is accepted, without effect")                   \
            row("IRO", 8, 10, 0xf, "IOTLB registers are at 0xf0") row(                         \
                "MHMV", 20, 4, 0,                                                              \
                "no interrupt entries") row("MTS", 25, 1, 0,                                   \
                                            "no memory types")                                 \
                row("NEST", 26, 1, 1, "nested translation") row(                               \
                    "PRS", 29, 1, 1,                                                           \
                    "page requests") row("ERS", 30, 1, 1,                                      \
                                         "execute requests") row("SRS", 31, 1,                 \
                                                                 1,                            \
                                                                 "supervisor requests")        \
                    row("NWFS", 33, 1, 0, "the no-write flag changes nothing") row(            \
                        "EAFS", 34, 1, 1,                                                      \
                        "extended accessed flag") row("PSS", 35, 5, 19,                        \
                                                      "20-bit PASIDs")                         \
                        row("PASID", 40, 1, 1, "requests with PASID") row(                     \
                            "DIT", 41, 1, 1,                                                   \
                            "device-TLB invalidations name the function")                      \
                            row("PDS", 42, 1, 1, "page requests are drained") row(             \
                                "SMTS", 43, 1, 1,                                              \
                                "scalable mode") row("VCS", 44, 1, 0,                          \
                                                     "no virtual commands")                    \
                                row("SSADS", 45, 1, 1,                                         \
                                    "accessed and dirty flags in the second stage")            \
                                    row("SSTS", 46, 1, 1,                                      \
                                        "second-stage translation in scalable mode")           \
                                        row("FSTS", 47, 1, 1,                                  \
                                            "first-stage translation in scalable mode")        \
                                            row("SMPWCS", 48, 1, 1,                            \
                                                "page-walk snoop is accepted, without effect") \
                                                row("RPS", 49, 1, 1,                           \
                                                    "RID_PASID")                               \
                                                    row("PMS", 51, 1, 0,                       \
                                                        "no performance counters")             \
                                                        row("ADMS", 52, 1, 1,                  \
                                                            "abort-DMA mode")                  \
                                                            row("RPRIVS", 53,                  \
                                                                1, 0,                          \
                                                                "no RID_PRIV")

/* What goes with scalable mode, and what with the queue (VT-d 11.4.2, 11.4.3):
 * fields that say of first stages, PASIDs and page requests; QI and DT. */
#define VTD_CAP_SCALABLE (TEEIO_BIT64(56) | TEEIO_BIT64(60))
#define VTD_ECAP_SCALABLE                                            \
    (TEEIO_MASK64(31, 29) | TEEIO_BIT64(26) | TEEIO_MASK64(40, 34) | \
     TEEIO_MASK64(43, 42) | TEEIO_MASK64(49, 45))
#define VTD_ECAP_QUEUE (TEEIO_MASK64(2, 1) | TEEIO_BIT64(41))

#define VTD_FIELD_VALUE(name, low, width, value, doc) \
    | ((uint64_t)(value) << (low))
#define VTD_CAP  (UINT64_C(0) VTD_CAP_FIELDS(VTD_FIELD_VALUE))
#define VTD_ECAP (UINT64_C(0) VTD_ECAP_FIELDS(VTD_FIELD_VALUE))

#endif
