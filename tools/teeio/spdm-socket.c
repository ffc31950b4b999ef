/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "tool.h"

#define HEADER_SIZE   12
#define TRANSPORT_DOE 2

#define NORMAL        0x0001
#define CONTINUE      0xfffd
#define SHUTDOWN      0xfffe
#define UNKNOWN       0xffff
#define TEST          0xdead

static const char server_hello[] = "Server Hello!";

/* One message; the answer is built where the request was. */
struct message {
    uint32_t command;
    uint32_t transport;
    uint32_t size;
    uint8_t data[TEEIO_SPDM_SOCKET_MAX];
};

struct server {
    GInputStream *input;
    GOutputStream *output;
    GCancellable *cancellable;
    const struct teeio_spdm_peer *peer;
    struct message request;
    struct message answer;
};

/* Returns: false at the end of the connection, where @error may be unset. */
static gboolean receive(struct server *server, GError **error)
{
    struct message *request = &server->request;
    uint32_t header[HEADER_SIZE / 4];
    gsize got;

    if (!g_input_stream_read_all(server->input, header, sizeof(header), &got,
                                 server->cancellable, error) ||
        got == 0) {
        return FALSE;
    }
    request->command = GUINT32_FROM_BE(header[0]);
    request->transport = GUINT32_FROM_BE(header[1]);
    request->size = GUINT32_FROM_BE(header[2]);
    if (got < sizeof(header)) {
        teeio_set_error(error, TEEIO_EXIT_UNEXPECTED, NULL,
                        "connection: it ended inside a header");
        return FALSE;
    }
    if (request->size > TEEIO_SPDM_SOCKET_MAX) {
        teeio_set_error(error, TEEIO_EXIT_UNEXPECTED, NULL,
                        "connection: a message of %u bytes is more than %u",
                        request->size, TEEIO_SPDM_SOCKET_MAX);
        return FALSE;
    }
    if (!g_input_stream_read_all(server->input, request->data, request->size,
                                 &got, server->cancellable, error)) {
        return FALSE;
    }
    if (got < request->size) {
        teeio_set_error(error, TEEIO_EXIT_UNEXPECTED, NULL,
                        "connection: it ended inside a message");
        return FALSE;
    }
    return TRUE;
}

/* In one piece: a client without TCP_NODELAY would wait for the second. */
static gboolean send_answer(struct server *server, GError **error)
{
    const struct message *answer = &server->answer;
    g_autofree uint8_t *bytes = g_malloc(HEADER_SIZE + answer->size);
    const uint32_t header[] = {
        GUINT32_TO_BE(answer->command),
        GUINT32_TO_BE(answer->transport),
        GUINT32_TO_BE(answer->size),
    };

    memcpy(bytes, header, HEADER_SIZE);
    memcpy(bytes + HEADER_SIZE, answer->data, answer->size);
    return g_output_stream_write_all(server->output, bytes,
                                     HEADER_SIZE + answer->size, NULL,
                                     server->cancellable, error);
}

static void answer_normal(struct server *server)
{
    server->answer.size = server->peer->object(
        server->peer->opaque, server->request.data, server->request.size,
        server->answer.data, sizeof(server->answer.data));
}

static void answer_test(struct server *server)
{
    memcpy(server->answer.data, server_hello, sizeof(server_hello));
    server->answer.size = sizeof(server_hello);
}

static const struct {
    uint32_t command;
    void (*answer)(struct server *server); /* NULL: an empty one */
} commands[] = {
    {NORMAL, answer_normal},
    {TEST, answer_test},
    {CONTINUE, NULL},
    {SHUTDOWN, NULL},
};

/* Returns: false when there is nothing to be sent. */
static bool answer(struct server *server)
{
    server->answer.command = UNKNOWN;
    server->answer.transport = TRANSPORT_DOE;
    server->answer.size = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (commands[i].command == server->request.command) {
            server->answer.command = server->request.command;
            if (commands[i].answer) {
                commands[i].answer(server);
                return server->answer.size > 0;
            }
        }
    }
    return true;
}

static gboolean serve(struct server *server, GError **error)
{
    while (receive(server, error)) {
        if (server->request.transport != TRANSPORT_DOE) {
            teeio_set_error(error, TEEIO_EXIT_UNEXPECTED,
                            "start the client with PCI_DOE as its transport",
                            "connection: transport %u is not PCI DOE (%u)",
                            server->request.transport, TRANSPORT_DOE);
            return FALSE;
        }
        if (answer(server) && !send_answer(server, error)) {
            return FALSE;
        }
        if (server->request.command == SHUTDOWN) {
            return TRUE;
        }
    }
    return !*error;
}

gboolean teeio_spdm_serve(GSocketConnection *connection,
                          const struct teeio_spdm_peer *peer,
                          GCancellable *cancellable, GError **error)
{
    GIOStream *stream = G_IO_STREAM(connection);
    g_autofree struct server *server = g_new0(struct server, 1);
    GError *failure = NULL;

    server->input = g_io_stream_get_input_stream(stream);
    server->output = g_io_stream_get_output_stream(stream);
    server->cancellable = cancellable;
    server->peer = peer;
    /* An answer is small and waited for. */
    g_socket_set_option(g_socket_connection_get_socket(connection), IPPROTO_TCP,
                        TCP_NODELAY, 1, NULL);
    peer->begin(peer->opaque);
    if (serve(server, &failure)) {
        return TRUE;
    }
    g_propagate_error(error, failure);
    return FALSE;
}
