# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""A requester of SPDM 1.2 and 1.3 (DSP0274), written from the specification.

It shares no code with the responder and checks every field of an answer.
"""
import os
import struct

from cryptography import x509
from cryptography.exceptions import InvalidSignature

import crypto
import secured
from doe import SECURED_SPDM, SPDM, Violation, expect

GET_DIGESTS, GET_CERTIFICATE, CHALLENGE, GET_VERSION = 0x81, 0x82, 0x83, 0x84
GET_MEASUREMENTS, GET_CAPABILITIES, NEGOTIATE_ALGORITHMS = 0xe0, 0xe1, 0xe3
KEY_EXCHANGE, FINISH, HEARTBEAT, KEY_UPDATE = 0xe4, 0xe5, 0xe8, 0xe9
END_SESSION, VENDOR_DEFINED_REQUEST = 0xec, 0xfe
ERROR = 0x7f

CAP_CERT, CAP_CHAL, CAP_ENCRYPT, CAP_MAC = 1 << 1, 1 << 2, 1 << 6, 1 << 7
CAP_KEY_EX, CAP_HBEAT, CAP_KEY_UPD = 1 << 9, 1 << 13, 1 << 14
CAP_MEAS, CAP_MEAS_SIG = 3 << 3, 2 << 3
CAP_HANDSHAKE_IN_THE_CLEAR, CAP_CHUNK = 1 << 15, 1 << 17
OURS = CAP_CERT | CAP_CHAL | CAP_ENCRYPT | CAP_MAC | CAP_KEY_EX | CAP_HBEAT | \
    CAP_KEY_UPD

DHE, AEAD, REQ_ASYM, KEY_SCHEDULE = 2, 3, 4, 5
PCI_SIG_STANDARD = 3
PCI_SIG_VENDOR = b'\x01\x00'
NONCE_SIZE = 32
CONTEXT_SIZE = 8
BUFFER = 4096


class SpdmError(Exception):
    """The responder answered ERROR."""

    def __init__(self, code, data):
        super().__init__(f'ERROR {code:#04x} data {data:#04x}')
        self.code = code
        self.data = data


class Reader:
    """Takes a message apart, and insists that nothing is left."""

    def __init__(self, data, offset=0):
        self.data = data
        self.offset = offset

    def take(self, size):
        expect(self.offset + size <= len(self.data), 'SPDM: short message')
        self.offset += size
        return self.data[self.offset - size:self.offset]

    def number(self, size):
        return int.from_bytes(self.take(size), 'little')

    def zeros(self, size, what):
        expect(self.take(size) == bytes(size), f'SPDM: reserved: {what}')

    def end(self, padded=False):
        rest = self.data[self.offset:]
        allowed = 3 if padded else 0
        expect(len(rest) <= allowed and not any(rest),
               f'SPDM: {len(rest)} bytes after the message')


class Suite:
    """What was negotiated."""

    version = 0x10
    capabilities = 0
    hash = signature = group = cipher = measurement_hash = None
    key_size = 0


class Session:
    """One session: its id, its keys, and the L1 of its measurements."""

    def __init__(self, identifier):
        self.id = identifier
        self.keys = None
        self.heartbeat = 0
        self.measurements = b''


class Requester:
    """One connection to a responder.

    max_version: 0x12 or 0x13; offer: algorithm bits by type, as asymmetric,
    hash, DHE, AEAD.
    """

    def __init__(self, exchange, max_version=0x13,
                 offer=(1 << 7, 1 << 1, 1 << 4, 1 << 1), capabilities=OURS):
        self.channel = exchange
        self.max_version = max_version
        self.offer = offer
        self.capabilities = capabilities
        self.suite = Suite()
        self.vca = b''
        self.certificates_seen = b''
        self.measurements_seen = b''
        self.chain = b''
        self.leaf = None

    # Messages outside and inside of a session

    def raw(self, message, session=None):
        """One message, whatever it says; returns the whole answer."""
        if session is None:
            return self.channel.exchange(SPDM, message)
        record = secured.seal(session.keys.request, session.id, message)
        answer = self.channel.exchange(SECURED_SPDM, record)
        return secured.unseal(session.keys.response, session.id, answer)

    def request(self, code, param1=0, param2=0, body=b'', session=None):
        """Returns (request, answer); raises SpdmError."""
        message = struct.pack('BBBB', self.suite.version, code, param1,
                              param2) + body
        return message, self.check(code, self.raw(message, session))

    def check(self, code, answer):
        expect(len(answer) >= 4, 'SPDM: header')
        if answer[1] == ERROR and not self.suite.capabilities:
            # The version is only chosen by GET_CAPABILITIES.
            expect(answer[0] in (0x10, self.suite.version), 'SPDM: version')
            raise SpdmError(answer[2], answer[3])
        expect(answer[0] == self.suite.version,
               f'SPDM: version {answer[0]:#x} of an answer')
        if answer[1] == ERROR:
            raise SpdmError(answer[2], answer[3])
        expect(answer[1] == code & 0x7f,
               f'SPDM: {answer[1]:#x} answers {code:#x}')
        return answer

    # Version, capabilities, algorithms (DSP0274 10.2 to 10.4)

    def connect(self):
        self.get_version()
        self.get_capabilities()
        self.negotiate_algorithms()

    def get_version(self):
        self.suite = Suite()
        self.certificates_seen = self.measurements_seen = b''
        request, answer = self.request(GET_VERSION)
        reader = Reader(answer, 2)
        reader.zeros(3, 'VERSION')
        count = reader.number(1)
        entries = [reader.number(2) for _ in range(count)]
        size = reader.offset
        reader.end(padded=True)
        usable = [e >> 8 for e in entries if 0x12 <= e >> 8
                  <= self.max_version]
        expect(usable, f'SPDM: no version in common: {entries}')
        expect(len(set(entries)) == count, 'SPDM: a version twice')
        self.suite.version = max(usable)
        self.vca = request + answer[:size]
        return entries

    def get_capabilities(self):
        body = struct.pack('<BBHIII', 0, 0, 0, self.capabilities, BUFFER,
                           BUFFER)
        request, answer = self.request(GET_CAPABILITIES, body=body)
        reader = Reader(answer, 4)
        reader.zeros(1, 'CAPABILITIES')
        reader.number(1)
        reader.zeros(2, 'CAPABILITIES')
        self.suite.capabilities = reader.number(4)
        transfer, largest = reader.number(4), reader.number(4)
        size = reader.offset
        reader.end(padded=True)
        expect(transfer >= 42, 'SPDM: DataTransferSize of 42 at least')
        # Without chunks, a message is what is transferred.
        expect(largest == transfer or self.suite.capabilities & CAP_CHUNK,
               'SPDM: MaxSPDMmsgSize')
        self.vca += request + answer[:size]

    def negotiate_algorithms(self):
        asymmetric, digest, group, cipher = self.offer
        tables = b''.join(struct.pack('<BBH', kind, 0x20, bits)
                          for kind, bits in ((DHE, group), (AEAD, cipher),
                                             (KEY_SCHEDULE, 1)))
        fixed = struct.pack('<BBII', 1, 2, asymmetric, digest) + bytes(16)
        body = struct.pack('<H', 4 + 2 + len(fixed) + len(tables)) + fixed + \
            tables
        request, answer = self.request(NEGOTIATE_ALGORITHMS, 3, body=body)
        self.vca += request + answer[:self.read_algorithms(answer)]

    def read_algorithms(self, answer):
        reader = Reader(answer, 2)
        count = reader.number(1)
        reader.zeros(1, 'ALGORITHMS')
        length = reader.number(2)
        expect(reader.number(1) == 1, 'SPDM: DMTF measurements')
        expect(reader.number(1) & 0xf == 2, 'SPDM: opaque data format 1')
        measurement_hash = reader.number(4)
        asymmetric, digest = reader.number(4), reader.number(4)
        reader.zeros(12, 'ALGORITHMS')
        expect(reader.take(4) == bytes(4), 'SPDM: extended algorithms')
        chosen = {}
        for _ in range(count):
            kind, shape, bits = struct.unpack('<BBH', reader.take(4))
            expect(shape == 0x20, 'SPDM: algorithm structure')
            chosen[kind] = bits
        expect(reader.offset == length, 'SPDM: length of ALGORITHMS')
        reader.end(padded=True)
        offered = dict(zip((0, 1, DHE, AEAD), self.offer))
        chosen.update({0: asymmetric, 1: digest})
        for kind, bits in offered.items():
            got = chosen.get(kind, 0)
            expect(bin(got).count('1') == 1 and got & bits,
                   f'SPDM: selection {got:#x} of {bits:#x}')
        expect(chosen.get(KEY_SCHEDULE) == 1, 'SPDM: key schedule')
        suite = self.suite
        suite.signature = crypto.SIGNATURES[asymmetric]
        suite.hash = crypto.HASHES[digest]
        suite.group = crypto.GROUPS[chosen[DHE]]
        suite.cipher, suite.key_size = crypto.CIPHERS[chosen[AEAD]]
        # Bit 0 says raw bit streams only, then SHA-256, SHA-384 (table 21).
        suite.measurement_hash = {2: crypto.SHA256, 4: crypto.SHA384}.get(
            measurement_hash)
        return length

    # Certificates (DSP0274 10.6 and 10.7)

    def get_digests(self):
        request, answer = self.request(GET_DIGESTS)
        slots = answer[3]
        reader = Reader(answer, 4)
        digests = {slot: reader.take(self.suite.hash.size)
                   for slot in range(8) if slots >> slot & 1}
        size = reader.offset
        reader.end(padded=True)
        self.certificates_seen += request + answer[:size]
        return digests

    def get_certificate(self, slot=0, portion=1024):
        chain = b''
        remainder = 1
        while remainder:
            request, answer = self.request(
                GET_CERTIFICATE, slot,
                body=struct.pack('<HH', len(chain), portion))
            expect(answer[2] & 0xf == slot, 'SPDM: slot of CERTIFICATE')
            reader = Reader(answer, 4)
            length, remainder = reader.number(2), reader.number(2)
            expect(0 < length <= portion, 'SPDM: portion of CERTIFICATE')
            chain += reader.take(length)
            size = reader.offset
            reader.end(padded=True)
            self.certificates_seen += request + answer[:size]
        self.read_chain(chain)
        return chain

    def read_chain(self, chain):
        """DSP0274 table 33: length, digest of the root, certificates"""
        size = self.suite.hash.size
        length, reserved = struct.unpack_from('<HH', chain)
        expect(length == len(chain) and reserved == 0, 'chain: header')
        rest = chain[4 + size:]
        certificates = []
        while rest:
            expect(rest[:2] == b'\x30\x82', 'chain: DER')
            end = 4 + int.from_bytes(rest[2:4], 'big')
            certificates.append(rest[:end])
            rest = rest[end:]
        expect(self.suite.hash.digest(certificates[0]) == chain[4:4 + size],
               'chain: digest of the root')
        parsed = [x509.load_der_x509_certificate(c) for c in certificates]
        for parent, child in zip(parsed[:1] + parsed, parsed):
            expect(child.issuer == parent.subject, 'chain: issuer')
            self.verify_certificate(parent.public_key(), child)
        self.chain = chain
        self.certificates = parsed
        self.leaf = parsed[-1]

    @staticmethod
    def verify_certificate(key, certificate):
        from cryptography.hazmat.primitives.asymmetric import ec
        try:
            key.verify(certificate.signature,
                       certificate.tbs_certificate_bytes,
                       ec.ECDSA(certificate.signature_hash_algorithm))
        except InvalidSignature:
            expect(False, 'chain: signature')

    def verify(self, signature, what, transcript):
        """DSP0274 15: a prefix, 100 bytes, and the digest of the rest"""
        version = b'dmtf-spdm-v%d.%d.*' % (self.suite.version >> 4,
                                           self.suite.version & 15)
        context = b'responder-' + what + b' signing'
        prefix = version * 4
        prefix += bytes(100 - len(prefix) - len(context)) + context
        message = prefix + self.suite.hash.digest(transcript)
        try:
            self.suite.signature.verify(self.leaf.public_key(), signature,
                                        message, self.suite.hash)
        except InvalidSignature:
            expect(False, f'SPDM: signature of {what.decode()}')

    # Challenge and measurements (DSP0274 10.8 to 10.11)

    def context(self):
        return os.urandom(CONTEXT_SIZE) if self.suite.version >= 0x13 else b''

    def opaque(self, reader):
        size = reader.number(2)
        expect(size <= 1024, 'SPDM: opaque data')
        return reader.take(size)

    def challenge(self, slot=0, summary=0):
        size = self.suite.hash.size
        context = self.context()
        request, answer = self.request(
            CHALLENGE, slot, summary, os.urandom(NONCE_SIZE) + context)
        expect(answer[2] & 0xf == slot, 'SPDM: slot of CHALLENGE_AUTH')
        reader = Reader(answer, 4)
        expect(reader.take(size) == self.suite.hash.digest(self.chain),
               'SPDM: digest of the chain')
        reader.take(NONCE_SIZE)
        found = reader.take(size) if summary else b''
        self.opaque(reader)
        expect(reader.take(len(context)) == context, 'SPDM: context')
        signed = reader.offset
        signature = reader.take(2 * self.suite.signature.size)
        reader.end(padded=True)
        self.verify(signature, b'challenge_auth',
                    self.vca + self.certificates_seen + request +
                    answer[:signed])
        self.certificates_seen = b''
        return found

    def get_measurements(self, operation=0xff, signed=False, raw=False,
                         session=None, slot=0):
        """Returns (count, {index: (type, value)})."""
        body = os.urandom(NONCE_SIZE) + bytes([slot]) if signed else b''
        context = self.context()
        request, answer = self.request(
            GET_MEASUREMENTS, signed | raw << 1, operation, body + context,
            session)
        reader = Reader(answer, 4)
        count = reader.number(1)
        blocks = self.read_blocks(count, reader.take(reader.number(3)))
        reader.take(NONCE_SIZE)
        self.opaque(reader)
        expect(reader.take(len(context)) == context, 'SPDM: context')
        size = reader.offset
        if session:
            seen = session.measurements
        else:
            seen = self.measurements_seen
        seen += request + answer[:size]
        if signed:
            signature = reader.take(2 * self.suite.signature.size)
            expect(answer[3] & 0xf == slot, 'SPDM: slot of MEASUREMENTS')
            self.verify(signature, b'measurements', self.vca + seen)
            seen = b''
        reader.end(padded=session is None)
        if session:
            session.measurements = seen
        else:
            self.measurements_seen = seen
        return answer[2], blocks

    def read_blocks(self, count, record):
        reader = Reader(record)
        blocks = {}
        for _ in range(count):
            index, spec, size = struct.unpack('<BBH', reader.take(4))
            block = Reader(reader.take(size))
            expect(spec == 1, 'SPDM: DMTF measurement')
            kind, length = block.number(1), block.number(2)
            blocks[index] = kind, block.take(length)
            block.end()
            if not kind & 0x80:
                expect(length == self.suite.measurement_hash.size,
                       'SPDM: digest of a measurement')
        reader.end()
        expect(len(blocks) == count, 'SPDM: an index twice')
        return blocks

    # Sessions (DSP0274 10.16 to 10.23)

    @staticmethod
    def versions_offered():
        """DSP0277 6.2: we speak 1.1, as an element of opaque data format 1"""
        data = bytes([1, 1, 1]) + struct.pack('<H', 0x1100)
        element = struct.pack('<BBH', 0, 0, len(data)) + data
        return bytes([1, 0, 0, 0]) + element + bytes(-len(element) % 4)

    @staticmethod
    def read_selection(opaque):
        reader = Reader(opaque)
        expect(reader.number(1) == 1, 'opaque data: one element')
        reader.zeros(3, 'opaque data')
        expect(reader.take(2) == bytes(2), 'opaque data: DMTF')
        element = Reader(reader.take(reader.number(2)))
        expect(element.take(2) == b'\x01\x00', 'opaque data: selection')
        expect(element.number(2) & 0xff00 == 0x1100, 'opaque data: DSP0277')
        element.end()
        reader.zeros(-reader.offset % 4, 'padding of opaque data')
        reader.end()

    def key_exchange(self, half=0x1234, summary=0, slot=0):
        """Returns a session in its handshake phase."""
        suite = self.suite
        private = suite.group.generate()
        opaque = self.versions_offered()
        request, answer = self.request(
            KEY_EXCHANGE, summary, slot,
            struct.pack('<HBB', half, 0, 0) + os.urandom(32) +
            suite.group.public_bytes(private) +
            struct.pack('<H', len(opaque)) + opaque)
        reader = Reader(answer, 4)
        session = Session(half | reader.number(2) << 16)
        session.heartbeat = answer[2]
        expect(reader.number(1) == 0, 'SPDM: mutual authentication')
        reader.number(1)
        reader.take(32)
        peer = reader.take(2 * suite.group.size)
        session.summary = reader.take(suite.hash.size) if summary else b''
        self.read_selection(self.opaque(reader))
        signed = reader.offset
        signature = reader.take(2 * suite.signature.size)
        first = reader.offset
        proof = reader.take(suite.hash.size)
        reader.end(padded=True)
        transcript = self.vca + suite.hash.digest(self.chain) + request
        self.verify(signature, b'key_exchange_rsp',
                    transcript + answer[:signed])
        th1 = suite.hash.digest(transcript + answer[:first])
        shared = suite.group.agree(private, peer)
        session.handshake = suite.hash.hmac(bytes(suite.hash.size), shared)
        session.keys = secured.Keys(suite, session.handshake, b'hs', th1)
        finished = session.keys.response.finished_key()
        expect(suite.hash.hmac(finished, th1) == proof,
               'SPDM: ResponderVerifyData')
        session.transcript = transcript + answer[:reader.offset]
        return session

    def finish(self, session, spoil=False):
        suite = self.suite
        header = struct.pack('BBBB', suite.version, FINISH, 0, 0)
        finished = session.keys.request.finished_key()
        proof = suite.hash.hmac(finished, suite.hash.digest(
            session.transcript + header))
        if spoil:
            proof = bytes([proof[0] ^ 1]) + proof[1:]
        answer = self.raw(header + proof, session)
        self.check(FINISH, answer)
        expect(len(answer) == 4, 'SPDM: FINISH_RSP')
        transcript = session.transcript + header + proof + answer
        secret = secured.master_secret(suite, session.handshake)
        session.keys = secured.Keys(suite, secret, b'app',
                                    suite.hash.digest(transcript))

    def open_session(self, half=0x1234, **options):
        session = self.key_exchange(half, **options)
        self.finish(session)
        return session

    def heartbeat(self, session):
        answer = self.request(HEARTBEAT, session=session)[1]
        expect(answer[2:] == bytes(2), 'SPDM: HEARTBEAT_ACK')

    def probe(self, session):
        """Does the session still work in both directions?"""
        if session.heartbeat:
            self.heartbeat(session)
        else:
            self.get_measurements(0, session=session)

    def key_update(self, session, both=False, tag=0x5a):
        """UpdateKey or UpdateAllKeys, then VerifyNewKey."""
        operation = 2 if both else 1
        message = struct.pack('BBBB', self.suite.version, KEY_UPDATE,
                              operation, tag)
        record = secured.seal(session.keys.request, session.id, message)
        session.keys.request.update()
        if both:
            session.keys.response.update()
        answer = secured.unseal(session.keys.response, session.id,
                                self.channel.exchange(SECURED_SPDM, record))
        self.check(KEY_UPDATE, answer)
        expect(answer[2:] == bytes([operation, tag]), 'SPDM: KEY_UPDATE_ACK')
        answer = self.request(KEY_UPDATE, 3, tag ^ 1, session=session)[1]
        expect(answer[2:] == bytes([3, tag ^ 1]), 'SPDM: KEY_UPDATE_ACK')

    def end_session(self, session):
        answer = self.request(END_SESSION, session=session)[1]
        expect(answer[2:] == bytes(2), 'SPDM: END_SESSION_ACK')

    def vendor(self, payload, session=None):
        """One vendor-defined message of the PCI-SIG; returns its payload."""
        head = struct.pack('<HB', PCI_SIG_STANDARD, len(PCI_SIG_VENDOR)) + \
            PCI_SIG_VENDOR
        body = head + struct.pack('<H', len(payload)) + payload
        answer = self.request(VENDOR_DEFINED_REQUEST, body=body,
                              session=session)[1]
        reader = Reader(answer, 4)
        expect(reader.take(len(head)) == head, 'SPDM: vendor of an answer')
        data = reader.take(reader.number(2))
        reader.end(padded=session is None)
        return data


__all__ = ['Requester', 'SpdmError', 'Violation']
