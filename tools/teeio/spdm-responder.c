/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio spdm-responder: the device's SPDM, IDE_KM and TDISP as a process, for
 * requesters that reach a responder through a socket.
 */
#include "tool.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <stdio.h>

#include "spdm-device.h"
#include "spdm-socket.h"

#define DEFAULT_ADDRESS "127.0.0.1:2323"

struct settings {
    char **listen;
    char **quirks;
    char *version;
    gboolean any_function;
    gint max_port;
    char *seed;
    gboolean once;
};

struct responder {
    GMainLoop *loop;
    GCancellable *stop;
    GPtrArray *ports;
    bool once;
    gint status; /* atomic */
};

/* One address with the device behind it, and the thread that serves it. */
struct port {
    struct responder *responder;
    struct teeio_spdm_device *device;
    GSocketListener *listener;
    GThread *thread;
};

static GOptionContext *options(struct settings *settings)
{
    const GOptionEntry entries[] = {
        {"listen", 'l', 0, G_OPTION_ARG_STRING_ARRAY, &settings->listen,
         "where a device listens; once for each device (" DEFAULT_ADDRESS ")",
         "ADDRESS:PORT"},
        {"any-function-id", 0, 0, G_OPTION_ARG_NONE, &settings->any_function,
         "answer TDISP requests whatever their FUNCTION_ID", NULL},
        {"max-port", 0, 0, G_OPTION_ARG_INT, &settings->max_port,
         "the last PortIndex that IDE_KM accepts (0)", "N"},
        {"max-version", 0, 0, G_OPTION_ARG_STRING, &settings->version,
         "newest SPDM version offered (1.3)", "1.2|1.3"},
        {"quirk", 0, 0, G_OPTION_ARG_STRING_ARRAY, &settings->quirks,
         "behave as another tool expects; see teeio-spdm-responder(1)", "NAME"},
        {"seed", 0, 0, G_OPTION_ARG_STRING, &settings->seed,
         "repeat the same random numbers in each run", "N"},
        {"once", 0, 0, G_OPTION_ARG_NONE, &settings->once,
         "end with the first connection", NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("");

    g_option_context_set_summary(
        context, "Answer SPDM, IDE_KM and TDISP on a socket, as the device "
                 "does in its DOE mailbox.");
    g_option_context_set_description(
        context, "One connection is served after another; each begins with a "
                 "device after reset.\nPort 0 takes a free one. What is "
                 "listened on is printed, one line a device.\n");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static void settings_clear(struct settings *settings)
{
    g_strfreev(settings->listen);
    g_strfreev(settings->quirks);
    g_free(settings->version);
    g_free(settings->seed);
}

static char *help(void)
{
    struct settings settings = {0};
    GOptionContext *context = options(&settings);
    char *text;

    g_set_prgname("teeio spdm-responder");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static void begin(void *opaque)
{
    teeio_spdm_device_reset(opaque);
}

static size_t object(void *opaque, const uint8_t *request, size_t len,
                     uint8_t *answer, size_t size)
{
    return teeio_spdm_device_object(opaque, request, len, answer, size);
}

static void serve_one(struct port *port, GSocketConnection *connection)
{
    const struct teeio_spdm_peer peer = {port->device, begin, object};
    GError *error = NULL;

    if (!teeio_spdm_serve(connection, &peer, port->responder->stop, &error)) {
        if (g_cancellable_is_cancelled(port->responder->stop)) {
            g_error_free(error);
            return;
        }
        teeio_print_error(error);
        g_atomic_int_set(&port->responder->status, TEEIO_EXIT_UNEXPECTED);
    }
    if (port->responder->once) {
        g_main_loop_quit(port->responder->loop);
    }
}

static gpointer serve_port(gpointer opaque)
{
    struct port *port = opaque;
    GSocketConnection *connection;

    while ((connection = g_socket_listener_accept(
                port->listener, NULL, port->responder->stop, NULL))) {
        serve_one(port, connection);
        g_io_stream_close(G_IO_STREAM(connection), NULL, NULL);
        g_object_unref(connection);
    }
    return NULL;
}

static void port_free(gpointer data)
{
    struct port *port = data;

    if (port->thread) {
        g_thread_join(port->thread);
    }
    g_object_unref(port->listener);
    teeio_spdm_device_free(port->device);
    g_free(port);
}

/* Returns: false with @error set. */
static bool listen_at(struct port *port, const char *text, GError **error)
{
    g_autoptr(GSocketConnectable) named =
        g_network_address_parse(text, 2323, error);
    g_autoptr(GSocketAddressEnumerator) addresses = NULL;
    g_autoptr(GSocketAddress) address = NULL;
    g_autoptr(GSocketAddress) effective = NULL;
    g_autofree char *shown = NULL;

    if (!named) {
        return false;
    }
    addresses = g_socket_connectable_enumerate(named);
    address = g_socket_address_enumerator_next(addresses, NULL, error);
    if (!address || !g_socket_listener_add_address(
                        port->listener, address, G_SOCKET_TYPE_STREAM,
                        G_SOCKET_PROTOCOL_TCP, NULL, &effective, error)) {
        return false;
    }
    shown = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(effective));
    printf("listening on %s\n", shown);
    fflush(stdout);
    return true;
}

static bool add_port(struct responder *responder, const char *text,
                     const struct teeio_spdm_device_config *config,
                     GError **error)
{
    struct port *port = g_new0(struct port, 1);
    GError *cause = NULL;

    g_ptr_array_add(responder->ports, port);
    port->responder = responder;
    port->listener = g_socket_listener_new();
    port->device = teeio_spdm_device_new(config, error);
    if (!port->device) {
        return false;
    }
    if (!listen_at(port, text, &cause)) {
        teeio_set_error(error, TEEIO_EXIT_RIG,
                        "give another one with --listen ADDRESS:PORT",
                        "listening on %s: %s", text, cause->message);
        g_error_free(cause);
        return false;
    }
    port->thread = g_thread_new("port", serve_port, port);
    return true;
}

static gboolean on_signal(gpointer opaque)
{
    struct responder *responder = opaque;

    g_main_loop_quit(responder->loop);
    return G_SOURCE_CONTINUE;
}

static int serve(const struct settings *settings,
                 const struct teeio_spdm_device_config *config)
{
    static const char *const fallback[] = {DEFAULT_ADDRESS, NULL};
    const char *const *addresses =
        settings->listen ? (const char *const *)settings->listen : fallback;
    struct responder responder = {
        .loop = g_main_loop_new(NULL, FALSE),
        .stop = g_cancellable_new(),
        .ports = g_ptr_array_new_with_free_func(port_free),
        .once = settings->once,
    };
    struct teeio_spdm_device_config numbered = *config;
    GError *error = NULL;

    /* Whoever reads where we listen may end us at once. */
    g_unix_signal_add(SIGINT, on_signal, &responder);
    g_unix_signal_add(SIGTERM, on_signal, &responder);
    for (size_t i = 0; addresses[i] && !error; i++) {
        numbered.serial = i + 1;
        add_port(&responder, addresses[i], &numbered, &error);
    }
    if (error) {
        responder.status = teeio_print_error(error);
    } else {
        g_main_loop_run(responder.loop);
    }
    g_cancellable_cancel(responder.stop);
    g_ptr_array_unref(responder.ports);
    g_object_unref(responder.stop);
    g_main_loop_unref(responder.loop);
    return responder.status;
}

/* Returns: 0, or an exit code after a message. */
static int read_quirks(const struct settings *settings,
                       struct teeio_quirks *quirks)
{
    g_autofree char *text =
        settings->quirks ? g_strjoinv(",", settings->quirks) : g_strdup("");
    const char *bad;

    if (*text && !teeio_quirks_parse(text, quirks, &bad)) {
        return teeio_usage("teeio-spdm-responder(1) lists them",
                           "spdm-responder: no quirk \"%s\"", bad);
    }
    if (settings->max_port < 0 ||
        settings->max_port > (int)TEEIO_QUIRKS_MAX_PORT) {
        return teeio_usage("the last port can be 0 to 15",
                           "spdm-responder: no port %d", settings->max_port);
    }
    if (settings->max_port > 0) {
        quirks->max_port = settings->max_port;
    }
    if (settings->any_function) {
        quirks->flags |= TEEIO_QUIRK_ANY_FUNCTION_ID;
    }
    return 0;
}

/* Returns: 0, or an exit code after a message. */
static int configure(const struct settings *settings,
                     struct teeio_spdm_device_config *config)
{
    const char *version = settings->version ? settings->version : "1.3";
    guint64 seed = 0;

    if (!g_str_equal(version, "1.2") && !g_str_equal(version, "1.3")) {
        return teeio_usage("write --max-version 1.2 or 1.3",
                           "spdm-responder: no SPDM version \"%s\"", version);
    }
    if (settings->seed &&
        !g_ascii_string_to_unsigned(settings->seed, 10, 0, G_MAXUINT32, &seed,
                                    NULL)) {
        return teeio_usage("a seed is a number below 2^32",
                           "spdm-responder: no seed \"%s\"", settings->seed);
    }
    *config = (struct teeio_spdm_device_config){
        .only_12 = g_str_equal(version, "1.2"),
        .seeded = settings->seed,
        .seed = seed,
    };
    return read_quirks(settings, &config->quirks);
}

static int responder_main(int argc, char **argv)
{
    struct settings settings = {0};
    struct teeio_spdm_device_config config;
    GOptionContext *context = options(&settings);
    GError *error = NULL;
    int code;

    g_set_prgname("teeio spdm-responder");
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        code = teeio_usage("see 'teeio help spdm-responder'",
                           "spdm-responder: %s", error->message);
        g_error_free(error);
    } else if (argc > 1) {
        code =
            teeio_usage("see 'teeio help spdm-responder'",
                        "spdm-responder: unexpected argument \"%s\"", argv[1]);
    } else {
        code = configure(&settings, &config);
        if (!code) {
            code = serve(&settings, &config);
        }
    }
    g_option_context_free(context);
    settings_clear(&settings);
    return code;
}

const struct teeio_verb teeio_verb_spdm_responder = {
    "spdm-responder", "answer SPDM and TDISP on a socket", responder_main,
    help};
