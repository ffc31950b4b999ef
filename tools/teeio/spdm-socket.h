/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The socket protocol of the DMTF emulators, server side: 12 bytes of header,
 * big-endian, then one DOE data object.
 */
#ifndef TEEIO_SPDM_SOCKET_H
#define TEEIO_SPDM_SOCKET_H

#include <gio/gio.h>
#include <stddef.h>
#include <stdint.h>

/** The largest object that is taken; a DOE mailbox could hold 1 MiB. */
#define TEEIO_SPDM_SOCKET_MAX (64u << 10)

/**
 * struct teeio_spdm_peer - what answers on a socket
 * @opaque: passed back as first argument
 * @begin:  a connection begins: nothing of the one before is left
 * @object: answer one DOE object; returns the length of the answer, 0 when
 *          there is none
 */
struct teeio_spdm_peer {
    void *opaque;
    void (*begin)(void *opaque);
    size_t (*object)(void *opaque, const uint8_t *object, size_t len,
                     uint8_t *answer, size_t size);
};

/**
 * teeio_spdm_serve() - answer one connection until its end
 *
 * Blocks. Ends when the client goes, shuts down or breaks the protocol, or
 * when @cancellable is cancelled.
 *
 * Returns: false with @error set when the client broke the protocol or the
 * connection failed.
 */
gboolean teeio_spdm_serve(GSocketConnection *connection,
                          const struct teeio_spdm_peer *peer,
                          GCancellable *cancellable, GError **error);

#endif
