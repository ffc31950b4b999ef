/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * x-teeio-tsm-*: the commands of the TSM for the host, which thereby acts in
 * the guest's place.
 */
#include <glib.h>

#include "machine.h"
#include "qom.h"
#include "teeio/spec/spdm.h"
#include "teeio/spec/tsm.h"
#include "tsm-inject.h"

/* Returns: false, with @errp set, when it is no number from 0 to @most. */
static bool number(const char *command, QDict *arguments, const char *key,
                   int64_t otherwise, int64_t most, int64_t *value,
                   Error **errp)
{
    if (!qdict_haskey(arguments, key)) {
        *value = otherwise;
        return true;
    }
    *value = qdict_get_try_int(arguments, key, -1);
    if (*value < 0 || *value > most) {
        teeio_error(errp, "docs/specs/teeio-tsm lists the arguments",
                    "%s: %s must be a number from 0 to %" PRId64, command, key,
                    most);
        return false;
    }
    return true;
}

/**
 * struct request - one QMP command
 * @name: of it
 */
struct request {
    const char *name;
    struct teeio_function *function;
    struct teeio_tsm_call call;
};

static bool parse(QDict *arguments, struct request *request, Error **errp)
{
    const char *name = request->name;
    int64_t flags, stream, port, offset;

    request->function =
        teeio_machine_find(name, qdict_get_try_str(arguments, "tdi"), errp);
    if (!request->function) {
        return false;
    }
    if (!request->function->machine) {
        teeio_error(errp, "add -device teeio-tsm", "%s: the machine has no TSM",
                    name);
        return false;
    }
    if (!number(name, arguments, "flags", 0, UINT16_MAX, &flags, errp) ||
        !number(name, arguments, "stream", 0, UINT8_MAX, &stream, errp) ||
        !number(name, arguments, "port", 0, UINT8_MAX, &port, errp) ||
        !number(name, arguments, "offset", 0, INT64_MAX, &offset, errp)) {
        return false;
    }
    request->call.function = pci_requester_id(request->function->pci);
    request->call.flags = flags;
    request->call.stream = stream;
    request->call.port = port;
    request->call.offset = offset;
    return true;
}

/* Returns: false with @errp set. */
static bool call(struct request *request, uint32_t command, Error **errp)
{
    uint32_t status;

    request->call.command = command;
    status = teeio_tsm_call(request->function->machine->tsm, &request->call);
    if (status != TEEIO_TDISP_OK) {
        teeio_error(errp, "docs/specs/teeio-tsm tells what it means",
                    "%s: %s (0x%" PRIx32 ")", request->name,
                    teeio_tsm_status_name(status), status);
    }
    return status == TEEIO_TDISP_OK;
}

static const char *state_name(uint32_t state)
{
    return state < TEEIO_TDISP_STATES ? teeio_tdisp_state_name(state) : "?";
}

/* What the TSM knows, without another message. */
static QDict *new_reply(const struct request *request)
{
    struct teeio_requester *requester = teeio_tsm_requester(
        request->function->machine->tsm, request->call.function);
    uint8_t version = requester ? teeio_requester_version(requester) : 0;
    QDict *reply = qdict_new();

    qdict_put_str(
        reply, "state",
        teeio_tdisp_state_name(teeio_tdi_state(request->function->tdi)));
    qdict_put_int(reply, "session",
                  requester ? teeio_requester_session(requester) : 0);
    if (version) {
        qdict_put_str(reply, "spdm-version",
                      version == TEEIO_SPDM_12 ? "1.2" : "1.3");
    }
    return reply;
}

/* A command that gives no data. */
static void simple(const char *name, uint32_t command, QDict *arguments,
                   QObject **ret, Error **errp)
{
    struct request request = {.name = name};

    if (parse(arguments, &request, errp) && call(&request, command, errp)) {
        *ret = (QObject *)new_reply(&request);
    }
}

#define SIMPLE(fn, name, command)                                   \
    static void fn(QDict *arguments, QObject **ret, Error **errp)   \
    {                                                               \
        simple("x-teeio-tsm-" name, command, arguments, ret, errp); \
    }

SIMPLE(qmp_connect, "connect", TEEIO_TSM_CMD_CONNECT)
SIMPLE(qmp_disconnect, "disconnect", TEEIO_TSM_CMD_DISCONNECT)
SIMPLE(qmp_ide_setup, "ide-setup", TEEIO_TSM_CMD_IDE_SETUP)
SIMPLE(qmp_lock, "lock", TEEIO_TSM_CMD_LOCK)
SIMPLE(qmp_start, "start", TEEIO_TSM_CMD_START)
SIMPLE(qmp_stop, "stop", TEEIO_TSM_CMD_STOP)

/* The state that the device tells, be it true or not. */
static void qmp_state(QDict *arguments, QObject **ret, Error **errp)
{
    struct request request = {.name = "x-teeio-tsm-state"};
    QDict *reply;

    if (parse(arguments, &request, errp) &&
        call(&request, TEEIO_TSM_CMD_GET_STATE, errp)) {
        reply = new_reply(&request);
        qdict_put_str(reply, "state", state_name(request.call.result));
        *ret = (QObject *)reply;
    }
}

static char *hex(const uint8_t *bytes, size_t size)
{
    GString *text = g_string_sized_new(2 * size + 1);

    for (size_t i = 0; i < size; i++) {
        g_string_append_printf(text, "%02x", bytes[i]);
    }
    return g_string_free(text, FALSE);
}

static void put_hex(QDict *dict, const char *key, const uint8_t *bytes,
                    size_t size)
{
    g_autofree char *text = hex(bytes, size);

    qdict_put_str(dict, key, text);
}

static QObject *range_object(const struct teeio_requester_range *range)
{
    QDict *dict = qdict_new();

    qdict_put_int(dict, "page", (int64_t)range->page);
    qdict_put_int(dict, "pages", range->pages);
    qdict_put_int(dict, "attributes", range->attributes);
    qdict_put_int(dict, "id", range->id);
    return (QObject *)dict;
}

static void qmp_report(QDict *arguments, QObject **ret, Error **errp)
{
    g_autofree struct teeio_requester_report *report =
        g_new0(struct teeio_requester_report, 1);
    struct request request = {
        .name = "x-teeio-tsm-report",
        .call = {.buf = report->bytes, .size = sizeof(report->bytes)},
    };
    QDict *reply;
    QList *ranges;

    if (!parse(arguments, &request, errp) ||
        !call(&request, TEEIO_TSM_CMD_REPORT, errp)) {
        return;
    }
    report->size = request.call.result;
    if (report->size > sizeof(report->bytes) ||
        !teeio_requester_report_parse(report)) {
        teeio_error(errp, "docs/specs/teeio-tsm tells what is checked",
                    "%s: the report makes no sense", request.name);
        return;
    }
    reply = new_reply(&request);
    ranges = qlist_new();
    for (uint32_t i = 0; i < report->range_count; i++) {
        qlist_append_obj(ranges, range_object(&report->ranges[i]));
    }
    qdict_put_int(reply, "info", report->info);
    qdict_put_int(reply, "msix-control", report->msix_control);
    qdict_put_int(reply, "lnr-control", report->lnr_control);
    qdict_put_int(reply, "tph-control", report->tph_control);
    qdict_put_obj(reply, "ranges", (QObject *)ranges);
    put_hex(reply, "device-specific", report->bytes + report->specific,
            report->specific_size);
    *ret = (QObject *)reply;
}

static QObject *block_object(const struct teeio_requester_block *block)
{
    g_autofree char *digest = NULL;
    QDict *dict = qdict_new();

    qdict_put_int(dict, "index", block->index);
    qdict_put_int(dict, "type", block->type);
    if (block->raw) {
        put_hex(dict, "value", block->value, block->size);
        digest = g_compute_checksum_for_data(G_CHECKSUM_SHA384, block->value,
                                             block->size);
    } else {
        digest = hex(block->value, block->size);
    }
    qdict_put_str(dict, "digest", digest);
    return (QObject *)dict;
}

static void qmp_measurements(QDict *arguments, QObject **ret, Error **errp)
{
    g_autofree uint8_t *record = g_malloc0(TEEIO_REQUESTER_RECORD_MAX);
    struct request request = {
        .name = "x-teeio-tsm-measurements",
        .call = {.buf = record, .size = TEEIO_REQUESTER_RECORD_MAX},
    };
    struct teeio_requester_block block;
    size_t at = 0;
    QDict *reply;
    QList *blocks;

    if (!parse(arguments, &request, errp) ||
        !call(&request, TEEIO_TSM_CMD_MEASUREMENTS, errp)) {
        return;
    }
    reply = new_reply(&request);
    blocks = qlist_new();
    while (teeio_requester_block(record, request.call.result, &at, &block)) {
        qlist_append_obj(blocks, block_object(&block));
    }
    qdict_put_obj(reply, "measurements", (QObject *)blocks);
    *ret = (QObject *)reply;
}

void teeio_register_tsm_qmp(void)
{
    static const struct {
        const char *name;
        QmpCommandFunc *run;
    } commands[] = {
        {"x-teeio-tsm-connect", qmp_connect},
        {"x-teeio-tsm-disconnect", qmp_disconnect},
        {"x-teeio-tsm-ide-setup", qmp_ide_setup},
        {"x-teeio-tsm-lock", qmp_lock},
        {"x-teeio-tsm-report", qmp_report},
        {"x-teeio-tsm-measurements", qmp_measurements},
        {"x-teeio-tsm-start", qmp_start},
        {"x-teeio-tsm-stop", qmp_stop},
        {"x-teeio-tsm-state", qmp_state},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        qmp_register_command(&qmp_commands, commands[i].name, commands[i].run,
                             0, 0);
    }
    teeio_register_inject();
}
