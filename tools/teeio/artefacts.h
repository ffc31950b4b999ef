/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The artefact folder: always the same names, so that people can mail them.
 */
#ifndef TEEIO_ARTEFACTS_H
#define TEEIO_ARTEFACTS_H

#include "judge.h"
#include "plan.h"

#define TEEIO_SUMMARY   "summary.txt"
#define TEEIO_RESULT    "result.json"
#define TEEIO_EVENTS    "events.jsonl"
#define TEEIO_TLP       "tlp.pcapng"
#define TEEIO_TIMELINE  "timeline.json"
#define TEEIO_HTML      "report.html"
#define TEEIO_CONSOLE   "console.log"
#define TEEIO_QEMU_ARGS "qemu.args"
#define TEEIO_ENV       "env.txt"
#define TEEIO_SCENARIO  "scenario.ini"
#define TEEIO_INITRAMFS "initramfs.cpio"
#define TEEIO_DISK      "disk0.img"

/** teeio_default_out() - a folder named by the time, under the state folder */
char *teeio_default_out(void);

/** teeio_folder_path() - where @cell's artefacts go below @out */
char *teeio_folder_path(const char *out, const struct teeio_cell *cell);

/** teeio_folder_prepare() - make it, remove what an earlier run left */
bool teeio_folder_prepare(const char *folder, GError **error);

/** teeio_write_scenario() - the exact copy of its file */
bool teeio_write_scenario(const struct teeio_scenario *scenario,
                          const char *folder, GError **error);

/** teeio_write_inputs() - initramfs, disk, qemu.args */
bool teeio_write_inputs(const struct teeio_rig *rig,
                        const struct teeio_cell *cell, const char *folder,
                        GPtrArray *argv, GError **error);

/** teeio_write_results() - what is known of one boot when it is judged */
bool teeio_write_results(const struct teeio_rig *rig,
                         const struct teeio_result *result, GError **error);

/**
 * teeio_write_report() - the same for a scenario of several boots, whose
 * folder holds one folder for each
 */
bool teeio_write_report(const struct teeio_report *report, GError **error);

#endif
