# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Data objects of PCI Express Data Object Exchange (PCIe 6.30).

A channel is anything with exchange(bytes) -> bytes for one whole object.
"""
import struct

PCI_SIG = 0x0001
DISCOVERY, SPDM, SECURED_SPDM = 0, 1, 2
MAX_DW = 1 << 18


class Violation(Exception):
    """The other side broke the specification."""


def expect(condition, text):
    if not condition:
        raise Violation(text)


def pack(kind, payload, vendor=PCI_SIG):
    payload += bytes(-len(payload) % 4)
    length = 2 + len(payload) // 4
    return struct.pack('<HBBI', vendor, kind, 0, length % MAX_DW) + payload


def unpack(data):
    """Returns (vendor, type, payload); the payload is whole DWs."""
    expect(len(data) >= 8 and len(data) % 4 == 0, 'DOE: object of whole DWs')
    vendor, kind, reserved, length = struct.unpack_from('<HBBI', data)
    expect(reserved == 0, 'DOE: reserved byte')
    expect(length < MAX_DW, 'DOE: reserved bits of the length')
    expect((length or MAX_DW) * 4 == len(data), 'DOE: length')
    return vendor, kind, data[8:]


def discover(channel):
    """Returns the protocols as a list of (vendor, type)."""
    found = []
    index = 0
    while True:
        answer = channel.exchange(pack(DISCOVERY, bytes([index, 0, 0, 0])))
        vendor, kind, payload = unpack(answer)
        expect((vendor, kind) == (PCI_SIG, DISCOVERY), 'DOE: discovery type')
        expect(len(payload) == 4, 'DOE: discovery is one DW')
        protocol = struct.unpack('<HBB', payload)
        found.append(protocol[:2])
        if protocol[2] == 0:
            return found
        expect(protocol[2] == index + 1, 'DOE: next index')
        index += 1


class Exchange:
    """One protocol of a mailbox: payload in, payload out."""

    def __init__(self, channel):
        self.channel = channel

    def exchange(self, kind, payload):
        vendor, got, answer = unpack(self.channel.exchange(pack(kind,
                                                                payload)))
        expect(vendor == PCI_SIG and got == kind,
               f'DOE: type {got} answers type {kind}')
        return answer
