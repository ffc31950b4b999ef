# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""The socket protocol of the DMTF emulators: 12 bytes of big-endian header,
then one DOE object.
"""
import socket
import struct

from doe import expect

NORMAL, CLOSE_EOM, SHUTDOWN, TEST = 0x0001, 0xfffd, 0xfffe, 0xdead
UNKNOWN = 0xffff
PCI_DOE = 2


class Emulator:
    """A connection to a responder that is a process."""

    def __init__(self, host, port, hello=True, timeout=20):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hello:
            answer = self.command(TEST, b'Client Hello!\0')
            expect(answer == b'Server Hello!\0', 'emulator: hello')

    def receive(self, size):
        data = b''
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError('emulator: the connection was closed')
            data += part
        return data

    def send_raw(self, command, transport, data=b''):
        self.socket.sendall(struct.pack('>III', command, transport,
                                        len(data)) + data)

    def receive_raw(self):
        command, transport, size = struct.unpack('>III', self.receive(12))
        return command, transport, self.receive(size)

    def command(self, command, data=b''):
        self.send_raw(command, PCI_DOE, data)
        got, transport, answer = self.receive_raw()
        expect((got, transport) == (command, PCI_DOE), 'emulator: header')
        return answer

    def exchange(self, data):
        return self.command(NORMAL, data)

    def shutdown(self):
        expect(self.command(SHUTDOWN) == b'', 'emulator: shutdown')
        self.close()

    def close(self):
        self.socket.close()
