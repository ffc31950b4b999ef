# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""IDE_KM (PCIe 6.33.3) and TDISP (PCIe 11.3) requests inside a session."""
import os
import struct

from doe import expect

IDE_KM, TDISP = 0, 1
RX, TX = 0, 1
PR, NPR, CPL = 0, 1, 2

(GET_VERSION, GET_CAPABILITIES, LOCK, GET_REPORT, GET_STATE, START, STOP,
 BIND_P2P, UNBIND_P2P, SET_MMIO_ATTRIBUTE, VDM) = range(0x81, 0x8c)
TDISP_ERROR = 0x7f
UNLOCKED, LOCKED, RUN, ERROR_STATE = range(4)

INVALID_REQUEST, BUSY, INVALID_INTERFACE_STATE = 0x1, 0x3, 0x4
UNSUPPORTED_REQUEST, VERSION_MISMATCH = 0x7, 0x41
INVALID_INTERFACE, INVALID_NONCE = 0x101, 0x102


class TdispError(Exception):
    """The device answered TDISP_ERROR."""

    def __init__(self, code, data):
        super().__init__(f'TDISP_ERROR {code:#05x} data {data:#x}')
        self.code = code
        self.data = data


class IdeKm:
    """Keys of one port's streams."""

    def __init__(self, requester, session):
        self.requester = requester
        self.session = session

    def send(self, message):
        answer = self.requester.vendor(bytes([IDE_KM]) + message,
                                       self.session)
        expect(answer[:1] == bytes([IDE_KM]), 'IDE_KM: protocol')
        return answer[1:]

    def query(self, port=0):
        """Returns (devfn, bus, segment, max port, registers)."""
        answer = self.send(bytes([0, 0, port]))
        expect(answer[:3] == bytes([1, 0, port]), 'IDE_KM: QUERY_RESP')
        expect(len(answer) % 4 == 3, 'IDE_KM: whole registers')
        words = struct.unpack(f'<{len(answer) // 4 - 1}I', answer[7:])
        return tuple(answer[3:7]) + (words,)

    def key_prog(self, stream, key_set, direction, sub_stream, port=0,
                 key=None, iv=b'\x00\x00\x00\x00\x01\x00\x00\x00'):
        """Returns the status of KP_ACK."""
        which = key_set | direction << 1 | sub_stream << 4
        key = os.urandom(32) if key is None else key
        answer = self.send(bytes([2, 0, 0, stream, 0, which, port]) + key + iv)
        expect(len(answer) == 7 and answer[0] == 3, 'IDE_KM: KP_ACK')
        expect(answer[3] == stream and answer[5] == which and
               answer[6] == port, 'IDE_KM: KP_ACK echoes')
        return answer[4]

    def set_go(self, stream, key_set, direction, sub_stream, port=0, stop=0):
        which = key_set | direction << 1 | sub_stream << 4
        answer = self.send(bytes([4 + stop, 0, 0, stream, 0, which, port]))
        expect(answer == bytes([6, 0, 0, stream, 0, which, port]),
               'IDE_KM: K_GOSTOP_ACK')

    def establish(self, stream, key_set=0, port=0):
        """Keys and go for both directions of all three sub-streams."""
        slots = [(d, s) for d in (RX, TX) for s in (PR, NPR, CPL)]
        for direction, sub_stream in slots:
            status = self.key_prog(stream, key_set, direction, sub_stream,
                                   port)
            expect(status == 0, f'IDE_KM: KP_ACK status {status}')
        for direction, sub_stream in slots:
            self.set_go(stream, key_set, direction, sub_stream, port)


class Tdi:
    """One TEE device interface by its FUNCTION_ID."""

    def __init__(self, requester, session, function):
        self.requester = requester
        self.session = session
        self.function = function

    def raw(self, message):
        answer = self.requester.vendor(bytes([TDISP]) + message, self.session)
        expect(answer[:1] == bytes([TDISP]), 'TDISP: protocol')
        return answer[1:]

    def send(self, kind, body=b'', version=0x10):
        """Returns the body of the answer; raises TdispError."""
        head = struct.pack('<BBHIQ', version, kind, 0, self.function, 0)
        answer = self.raw(head + body)
        expect(len(answer) >= 16, 'TDISP: header')
        got = struct.unpack_from('<BBHIQ', answer)
        expect(got[0] == 0x10 and got[2] == 0 and got[4] == 0,
               'TDISP: header of an answer')
        expect(got[3] == self.function, 'TDISP: FUNCTION_ID of an answer')
        if got[1] == TDISP_ERROR:
            expect(len(answer) >= 24, 'TDISP: TDISP_ERROR')
            raise TdispError(*struct.unpack_from('<II', answer, 16))
        expect(got[1] == kind & 0x7f, f'TDISP: {got[1]:#x} answers {kind:#x}')
        return answer[16:]

    def get_version(self):
        body = self.send(GET_VERSION)
        expect(len(body) == 1 + body[0], 'TDISP: TDISP_VERSION')
        return list(body[1:])

    def get_capabilities(self):
        body = self.send(GET_CAPABILITIES, bytes(4))
        expect(len(body) == 28, 'TDISP: TDISP_CAPABILITIES')
        return {
            'dsm': struct.unpack_from('<I', body)[0],
            'requests': body[4:20],
            'lock_flags': struct.unpack_from('<H', body, 20)[0],
            'address_width': body[25],
            'num_req_this': body[26],
            'num_req_all': body[27],
        }

    def lock(self, flags=0, stream=0, offset=0, mask=0):
        """Returns the nonce."""
        body = self.send(LOCK, struct.pack('<HBBQQ', flags, stream, 0, offset,
                                           mask))
        expect(len(body) == 32, 'TDISP: LOCK_INTERFACE_RESPONSE')
        return body

    def start(self, nonce):
        expect(self.send(START, nonce) == b'', 'TDISP: START')

    def stop(self):
        expect(self.send(STOP) == b'', 'TDISP: STOP')

    def state(self):
        body = self.send(GET_STATE)
        expect(len(body) == 1, 'TDISP: state')
        return body[0]

    def report(self, portion=64):
        """The whole report, read in portions (PCIe 11.3.11)."""
        data = b''
        total = None
        while total is None or len(data) < total:
            body = self.send(GET_REPORT, struct.pack('<HH', len(data),
                                                     portion))
            length, remainder = struct.unpack_from('<HH', body)
            expect(0 < length <= portion and len(body) == 4 + length,
                   'TDISP: portion')
            sum_now = len(data) + length + remainder
            expect(total in (None, sum_now), 'TDISP: the report changes')
            total = sum_now
            data += body[4:]
        return Report(data)


class Report:
    """DEVICE_INTERFACE_REPORT (PCIe 11.3.11.1)."""

    def __init__(self, data):
        (self.info, reserved, self.msix_control, self.lnr, self.tph,
         count) = struct.unpack_from('<HHHHII', data)
        expect(reserved == 0 and not self.info & 0xffe0, 'report: reserved')
        offset = 16
        self.ranges = []
        for _ in range(count):
            page, pages, attributes, identity = struct.unpack_from(
                '<QIHH', data, offset)
            expect(not attributes & 0xfff0, 'report: attributes')
            self.ranges.append((page, pages, attributes, identity))
            offset += 16
        size, = struct.unpack_from('<I', data, offset)
        self.specific = data[offset + 4:]
        expect(len(self.specific) == size, 'report: device-specific part')
