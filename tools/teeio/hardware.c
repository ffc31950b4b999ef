/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "hardware.h"
#include "scenario.h"
#include "settings.h"
#include "tool.h"

#include <string.h>

#define MEMORY_MIB     512
#define MEMORY_MIN_MIB 64
#define MEMORY_MAX_MIB 65536
#define CPUS_MAX       64

#define OVMF           "/usr/share/ovmf/OVMF.fd"

const char *teeio_hardware_key_name(enum teeio_hardware_key key)
{
    static const char *const names[] = {
        [TEEIO_HARDWARE_KERNEL] = "kernel",
        [TEEIO_HARDWARE_MEMORY] = "memory",
        [TEEIO_HARDWARE_CPUS] = "cpus",
        [TEEIO_HARDWARE_CPU] = "cpu",
        [TEEIO_HARDWARE_FIRMWARE] = "firmware",
    };

    return names[key];
}

static bool complain(const struct teeio_scenario *scenario,
                     enum teeio_hardware_key key, const char *hint,
                     const char *value, GError **error)
{
    teeio_set_error(error, TEEIO_EXIT_USAGE, hint,
                    "%s: [%s] %s: \"%s\" is not possible", scenario->path,
                    key == TEEIO_HARDWARE_KERNEL ? "scenario" : "machine",
                    teeio_hardware_key_name(key), value);
    return false;
}

static bool get_number(const struct teeio_scenario *scenario,
                       enum teeio_hardware_key key, const char *text,
                       unsigned min, unsigned max, unsigned *value,
                       GError **error)
{
    g_autofree char *hint = NULL;
    guint64 number;

    if (!text) {
        return true;
    }
    if (!g_ascii_string_to_unsigned(text, 10, min, max, &number, NULL)) {
        hint = g_strdup_printf("a whole number from %u to %u", min, max);
        return complain(scenario, key, hint, text, error);
    }
    *value = number;
    return true;
}

/* Only boards with a choice of firmware know the names. */
static bool get_firmware(const struct teeio_scenario *scenario,
                         const char *text, struct teeio_hardware *hardware,
                         GError **error)
{
    if (!text || g_str_equal(text, "seabios")) {
        return !text || g_str_equal(scenario->board, "q35") ||
               complain(scenario, TEEIO_HARDWARE_FIRMWARE,
                        "leave it out on this board", text, error);
    }
    if (!g_str_equal(text, "ovmf") || !g_str_equal(scenario->board, "q35")) {
        return complain(scenario, TEEIO_HARDWARE_FIRMWARE,
                        "seabios or ovmf, on board q35", text, error);
    }
    hardware->firmware = g_strdup(OVMF);
    return true;
}

static bool get_kernel(const struct teeio_scenario *scenario, const char *text,
                       struct teeio_hardware *hardware, GError **error)
{
    if (!*text || strchr(text, '/')) {
        return complain(scenario, TEEIO_HARDWARE_KERNEL,
                        "the name of a cached kernel, like stock-arm64", text,
                        error);
    }
    hardware->kernel = g_strdup(text);
    return true;
}

bool teeio_hardware_resolve(const struct teeio_scenario *scenario,
                            GHashTable *values, struct teeio_hardware *hardware,
                            GError **error)
{
    char *texts[TEEIO_HARDWARE_KEYS + 1] = {0};
    bool good = true;

    *hardware = (struct teeio_hardware){.memory = MEMORY_MIB, .cpus = 1};
    for (int key = 0; key < TEEIO_HARDWARE_KEYS && good; key++) {
        const char *raw = scenario->hardware[key];

        if (raw) {
            texts[key] = teeio_expand(scenario, values, raw,
                                      key == TEEIO_HARDWARE_KERNEL ? "scenario"
                                                                   : "machine",
                                      teeio_hardware_key_name(key), error);
            good = texts[key] != NULL;
        }
    }
    good =
        good &&
        get_kernel(scenario, texts[TEEIO_HARDWARE_KERNEL], hardware, error) &&
        get_number(scenario, TEEIO_HARDWARE_MEMORY,
                   texts[TEEIO_HARDWARE_MEMORY], MEMORY_MIN_MIB, MEMORY_MAX_MIB,
                   &hardware->memory, error) &&
        get_number(scenario, TEEIO_HARDWARE_CPUS, texts[TEEIO_HARDWARE_CPUS], 1,
                   CPUS_MAX, &hardware->cpus, error) &&
        get_firmware(scenario, texts[TEEIO_HARDWARE_FIRMWARE], hardware, error);
    if (good && texts[TEEIO_HARDWARE_CPU]) {
        hardware->cpu = g_strdup(texts[TEEIO_HARDWARE_CPU]);
    }
    for (int key = 0; key < TEEIO_HARDWARE_KEYS; key++) {
        g_free(texts[key]);
    }
    return good;
}

void teeio_hardware_clear(struct teeio_hardware *hardware)
{
    g_free(hardware->kernel);
    g_free(hardware->cpu);
    g_free(hardware->firmware);
    memset(hardware, 0, sizeof(*hardware));
}
