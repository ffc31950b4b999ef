# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Keys of an SPDM session (DSP0274 12) and secured messages (DSP0277).

Over DOE a record carries no sequence number.
"""
import struct

from cryptography.exceptions import InvalidTag

from doe import expect

TAG_SIZE = 16
IV_SIZE = 12


def bin_concat(version, label, size, context=b''):
    """DSP0274 12.2"""
    return struct.pack('<H', size) + b'spdm%d.%d ' % (
        version >> 4, version & 15) + label + context


class Direction:
    """One direction of a session: its secret, key, IV and sequence number."""

    def __init__(self, suite, secret):
        self.suite = suite
        self.set_secret(secret)

    def expand(self, label, size):
        return self.suite.hash.expand(
            self.secret, bin_concat(self.suite.version, label, size), size)

    def set_secret(self, secret):
        self.secret = secret
        self.cipher = self.suite.cipher(
            self.expand(b'key', self.suite.key_size))
        self.iv = self.expand(b'iv', IV_SIZE)
        self.sequence = 0

    def finished_key(self):
        return self.expand(b'finished', self.suite.hash.size)

    def update(self):
        """DSP0274 12.9: the next traffic secret"""
        self.set_secret(self.expand(b'traffic upd', self.suite.hash.size))

    def __deepcopy__(self, memo):
        twin = Direction(self.suite, self.secret)
        twin.sequence = self.sequence
        return twin

    def nonce(self):
        count = struct.pack('<Q', self.sequence) + bytes(IV_SIZE - 8)
        self.sequence += 1
        return bytes(a ^ b for a, b in zip(self.iv, count))


class Keys:
    """Both directions with the secrets of one phase (DSP0274 12.3)."""

    def __init__(self, suite, secret, phase, transcript):
        def direction(who):
            label = who + b' ' + phase + b' data'
            info = bin_concat(suite.version, label, suite.hash.size,
                              transcript)
            return Direction(suite, suite.hash.expand(secret, info,
                                                      suite.hash.size))

        self.request = direction(b'req')
        self.response = direction(b'rsp')


def master_secret(suite, handshake_secret):
    size = suite.hash.size
    salt = suite.hash.expand(handshake_secret,
                             bin_concat(suite.version, b'derived', size), size)
    return suite.hash.hmac(salt, bytes(size))


def seal(direction, session, message, junk=b''):
    plain = struct.pack('<H', len(message)) + message + junk
    head = struct.pack('<IH', session, len(plain) + TAG_SIZE)
    return head + direction.cipher.encrypt(direction.nonce(), plain, head)


def unseal(direction, session, record):
    expect(len(record) >= 6, 'record: header')
    got, length = struct.unpack_from('<IH', record)
    expect(got == session, f'record: session {got:#x}')
    expect(6 + length <= len(record) < 6 + length + 4, 'record: length')
    try:
        plain = direction.cipher.decrypt(direction.nonce(),
                                         record[6:6 + length], record[:6])
    except InvalidTag:
        expect(False, 'record: authentication')
    size, = struct.unpack_from('<H', plain)
    expect(size + 2 <= len(plain), 'record: application data')
    return plain[2:2 + size]
