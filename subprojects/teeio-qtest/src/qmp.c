/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The QEMU machine protocol, as far as tests need it.
 */

#include "internal.h"

static JsonObject *receive_object(struct teeio_qtest *qtest)
{
    g_autofree char *line = teeio_qtest_receive(qtest, &qtest->qmp);
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) node = json_from_string(line, &error);

    if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
        teeio_qtest_fail(qtest, "QMP line is no JSON object: %.200s", line);
    }
    return json_object_ref(json_node_get_object(node));
}

static JsonObject *execute(struct teeio_qtest *qtest, const char *command,
                           const char *format, va_list args)
{
    g_autofree char *line = NULL;
    JsonObject *reply;

    if (format) {
        g_autofree char *arguments = g_strdup_vprintf(format, args);

        line = g_strdup_printf("{\"execute\": \"%s\", \"arguments\": %s}",
                               command, arguments);
    } else {
        line = g_strdup_printf("{\"execute\": \"%s\"}", command);
    }
    teeio_qtest_send(qtest, &qtest->qmp, line);
    while (reply = receive_object(qtest),
           json_object_has_member(reply, "event")) {
        json_object_unref(reply);
    }
    return reply;
}

JsonObject *teeio_qtest_qmp(struct teeio_qtest *qtest, const char *command,
                            const char *arguments, ...)
{
    JsonObject *reply;
    va_list args;

    va_start(args, arguments);
    reply = execute(qtest, command, arguments, args);
    va_end(args);
    return reply;
}

static void require_return(struct teeio_qtest *qtest, const char *command,
                           JsonObject *reply)
{
    if (!json_object_has_member(reply, "return")) {
        teeio_qtest_fail(
            qtest, "QMP %s failed: %s", command,
            json_object_get_string_member(
                json_object_get_object_member(reply, "error"), "desc"));
    }
}

void teeio_qtest_qmp_ok(struct teeio_qtest *qtest, const char *command,
                        const char *arguments, ...)
{
    g_autoptr(JsonObject) reply = NULL;
    va_list args;

    va_start(args, arguments);
    reply = execute(qtest, command, arguments, args);
    va_end(args);
    require_return(qtest, command, reply);
}

void teeio_qtest_qmp_handshake(struct teeio_qtest *qtest)
{
    g_autoptr(JsonObject) greeting = receive_object(qtest);

    if (!json_object_has_member(greeting, "QMP")) {
        teeio_qtest_fail(qtest, "QMP greeting missing");
    }
    teeio_qtest_qmp_ok(qtest, "qmp_capabilities", NULL);
}

static JsonObject *qom_get(struct teeio_qtest *qtest, const char *path,
                           const char *property)
{
    JsonObject *reply = teeio_qtest_qmp(
        qtest, "qom-get", "{\"path\": \"%s\", \"property\": \"%s\"}", path,
        property);

    require_return(qtest, "qom-get", reply);
    return reply;
}

int64_t teeio_qtest_qom_int(struct teeio_qtest *qtest, const char *path,
                            const char *property)
{
    g_autoptr(JsonObject) reply = qom_get(qtest, path, property);

    return json_object_get_int_member(reply, "return");
}

char *teeio_qtest_qom_string(struct teeio_qtest *qtest, const char *path,
                             const char *property)
{
    g_autoptr(JsonObject) reply = qom_get(qtest, path, property);

    return g_strdup(json_object_get_string_member(reply, "return"));
}

char *teeio_qtest_qom_find(struct teeio_qtest *qtest, const char *parent,
                           const char *type)
{
    g_autoptr(JsonObject) reply =
        teeio_qtest_qmp(qtest, "qom-list", "{\"path\": \"%s\"}", parent);
    g_autofree char *wanted = g_strdup_printf("child<%s>", type);
    JsonArray *list;

    require_return(qtest, "qom-list", reply);
    list = json_object_get_array_member(reply, "return");
    for (guint i = 0; i < json_array_get_length(list); i++) {
        JsonObject *child = json_array_get_object_element(list, i);

        if (g_str_equal(json_object_get_string_member(child, "type"), wanted)) {
            return g_strconcat(parent, "/",
                               json_object_get_string_member(child, "name"),
                               NULL);
        }
    }
    return NULL;
}
