# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""What every responder of ours has to do, whatever carries its DOE objects."""
import struct

from cryptography.x509 import SubjectAlternativeName

import spdm
import tee
from doe import (DISCOVERY, PCI_SIG, SECURED_SPDM, SPDM, Exchange, Violation,
                 discover, expect)
from secured import seal
from spdm import Requester, SpdmError

INVALID_REQUEST, UNEXPECTED_REQUEST, UNSUPPORTED_REQUEST = 0x1, 0x4, 0x7
VERSION_MISMATCH, DECRYPT_ERROR, SESSION_REQUIRED = 0x41, 0x6, 0xb
SECP256 = (1 << 4, 1 << 0, 1 << 3, 1 << 0)
SAN_OID = '2.23.147'


def refused(call, *codes):
    """The call must end in ERROR with one of these codes."""
    try:
        call()
    except (SpdmError, tee.TdispError) as error:
        expect(error.code in codes, f'{error}, not one of {codes}')
        return error
    raise AssertionError(f'accepted; expected an error of {codes}')


def connect(channel, version=0x13, **options):
    requester = Requester(Exchange(channel), version, **options)
    requester.connect()
    return requester


def authenticate(channel, version=0x13, **options):
    requester = connect(channel, version, **options)
    expect(set(requester.get_digests()) == {0}, 'one slot')
    requester.get_certificate()
    return requester


def trusted(channel, version=0x13, half=0x1234):
    """Returns (requester, session)."""
    requester = authenticate(channel, version)
    return requester, requester.open_session(half)


def discovery(channel):
    """The three protocols, each once."""
    found = discover(channel)
    expect(sorted(found) == [(PCI_SIG, t)
                             for t in (DISCOVERY, SPDM, SECURED_SPDM)],
           f'DOE protocols {found}')


def identity(channel):
    """The chain verifies, and its leaf names a PCIe component."""
    for portion in (64, 1024):
        requester = connect(channel)
        digests = requester.get_digests()
        chain = requester.get_certificate(portion=portion)
        expect(requester.suite.hash.digest(chain) == digests[0],
               'the digest is that of the chain')
    names = requester.leaf.extensions.get_extension_for_class(
        SubjectAlternativeName).value
    texts = [n.value for n in names
             if n.type_id.dotted_string.startswith(SAN_OID)]
    expect(any(b'Vendor=1234:Device=7EE1' in t for t in texts),
           f'subject alternative name {texts}')


def challenge(channel):
    """Signed with and without a summary, in both versions."""
    for version in (0x12, 0x13):
        requester = authenticate(channel, version)
        requester.challenge()
        requester.get_digests()
        expect(any(requester.challenge(summary=0xff)), 'summary of all')
    refused(lambda: requester.challenge(slot=5), INVALID_REQUEST)


def measurements(channel):
    """All, one by one, signed or not, raw or as digests, in and out of a
    session.
    """
    for version in (0x12, 0x13):
        requester, session = trusted(channel, version)
        for where in (None, session):
            count, none = requester.get_measurements(0, session=where)
            expect(count > 0 and not none, 'the number of measurements')
            blocks = requester.get_measurements(session=where)[1]
            expect(len(blocks) == count, 'all measurements')
            for index in blocks:
                one = requester.get_measurements(index, session=where)[1]
                expect(one == {index: blocks[index]}, 'one measurement')
            raw = requester.get_measurements(raw=True, session=where)[1]
            for kind, value in raw.values():
                if kind & 0x80:
                    same = {k & 0x7f: v for k, v in blocks.values()}
                    digest = requester.suite.measurement_hash.digest(value)
                    expect(same[kind & 0x7f] == digest or kind & 0x7f > 1,
                           'digest of a raw measurement')
            requester.get_measurements(signed=True, session=where)
            requester.get_measurements(signed=True, session=where)
        refused(lambda: requester.get_measurements(0xef), INVALID_REQUEST)


def algorithms(channel):
    """The small curve, SHA-256 and AES-128 where the chain allows them."""
    requester = connect(channel, offer=(1 << 7, 3, 3 << 3, 7))
    expect(requester.suite.hash.name == 'sha384', 'the best is chosen')
    for cipher in (1 << 0, 1 << 1, 1 << 2):
        requester = authenticate(channel, offer=(1 << 7, 1 << 0, 1 << 3,
                                                 cipher))
        session = requester.open_session()
        requester.probe(session)
    nothing = connect_raw(channel)
    nothing.offer = (1 << 0, 1 << 1, 1 << 4, 1 << 1)
    try:
        nothing.negotiate_algorithms()
    except (SpdmError, Violation):
        return
    raise AssertionError('a signature algorithm out of nothing')


def connect_raw(channel):
    requester = Requester(Exchange(channel))
    requester.get_version()
    requester.get_capabilities()
    return requester


def order(channel):
    """Requests out of order get UnexpectedRequest and harm nothing."""
    requester = Requester(Exchange(channel))
    requester.get_version()
    refused(requester.get_digests, UNEXPECTED_REQUEST)
    refused(requester.negotiate_algorithms, UNEXPECTED_REQUEST)
    requester.get_capabilities()
    requester.negotiate_algorithms()
    refused(lambda: requester.request(spdm.FINISH, body=bytes(48)),
            UNEXPECTED_REQUEST, 0xb)
    refused(lambda: requester.request(spdm.HEARTBEAT), UNEXPECTED_REQUEST,
            0xb)
    refused(lambda: requester.request(0xf0), UNSUPPORTED_REQUEST)
    requester.suite.version = 0x11
    answer = requester.raw(bytes([0x11, spdm.GET_DIGESTS, 0, 0]))
    expect(answer[1] == spdm.ERROR and answer[2] == VERSION_MISMATCH,
           'VersionMismatch')
    requester.suite.version = 0x13
    requester.get_digests()


def sessions(channel):
    """Four at once with keys of their own; an end frees its place."""
    for version in (0x12, 0x13):
        requester = authenticate(channel, version)
        opened = [requester.open_session(half) for half in range(1, 5)]
        expect(len({s.id for s in opened}) == 4, 'session ids')
        refused(lambda: requester.key_exchange(9), 0xa)
        for session in opened:
            requester.probe(session)
            requester.key_update(session)
            requester.probe(session)
            requester.key_update(session, both=True)
            requester.probe(session)
        requester.end_session(opened[0])
        again = requester.open_session(7)
        requester.probe(again)
        requester.probe(opened[3])


def heartbeat(channel):
    """Answered where a period was announced."""
    requester, session = trusted(channel)
    if session.heartbeat:
        requester.heartbeat(session)
    else:
        refused(lambda: requester.heartbeat(session), UNEXPECTED_REQUEST,
                UNSUPPORTED_REQUEST)


def bad_finish(channel):
    """A wrong RequesterVerifyData opens nothing."""
    requester = authenticate(channel)
    session = requester.key_exchange()
    refused(lambda: requester.finish(session, spoil=True), DECRYPT_ERROR,
            INVALID_REQUEST)
    session = requester.open_session(0x4321)
    requester.probe(session)


def locked_interface(requester, session, function, stream=0, port=0):
    """Keys, LOCK; returns (Tdi, nonce)."""
    keys = tee.IdeKm(requester, session)
    keys.establish(stream, port=port)
    tdi = tee.Tdi(requester, session, function)
    return tdi, tdi.lock(stream=stream)


def tdisp(channel, function, prepare):
    """Lock, report, start, stop over a secure stream."""
    for version in (0x12, 0x13):
        requester, session = trusted(channel, version)
        refused(lambda: tee.Tdi(requester, None, function).state(),
                UNEXPECTED_REQUEST, UNSUPPORTED_REQUEST, SESSION_REQUIRED,
                INVALID_REQUEST)
        tdi = tee.Tdi(requester, session, function)
        expect(tdi.get_version() == [0x10], 'TDISP 1.0')
        expect(tdi.get_capabilities()['requests'][0] & 0xfe == 0xfe,
               'mandatory requests')
        expect(tdi.state() == tee.UNLOCKED, 'CONFIG_UNLOCKED at first')
        prepare()
        refused(lambda: tdi.lock(), tee.INVALID_REQUEST)
        refused(tdi.report, tee.INVALID_INTERFACE_STATE)
        refused(lambda: tdi.start(bytes(32)), tee.INVALID_INTERFACE_STATE)
        tdi, nonce = locked_interface(requester, session, function)
        expect(tdi.state() == tee.LOCKED, 'CONFIG_LOCKED')
        reports = [tdi.report(portion) for portion in (16, 4096)]
        expect(reports[0].ranges == reports[1].ranges, 'report in portions')
        wrong = bytes([nonce[0] ^ 1]) + nonce[1:]
        refused(lambda: tdi.start(wrong), tee.INVALID_NONCE)
        expect(tdi.state() == tee.LOCKED, 'a wrong nonce keeps the state')
        tdi.start(nonce)
        expect(tdi.state() == tee.RUN, 'RUN')
        refused(lambda: tdi.start(nonce), tee.INVALID_INTERFACE_STATE)
        tdi.stop()
        expect(tdi.state() == tee.UNLOCKED, 'STOP leads home')
        refused(lambda: tdi.send(0xc0), tee.UNSUPPORTED_REQUEST)
        refused(lambda: tdi.send(tee.GET_STATE, version=0x20),
                tee.VERSION_MISMATCH)
        other = tee.Tdi(requester, session, function ^ 0x40)
        refused(other.state, tee.INVALID_INTERFACE)
        requester.end_session(session)
    return reports[0]


def session_end(channel, function, prepare):
    """The session that locked an interface ends: ERROR, then STOP."""
    requester, session = trusted(channel)
    prepare()
    tdi, nonce = locked_interface(requester, session, function)
    tdi.start(nonce)
    requester.end_session(session)
    tdi.session = requester.open_session(2)
    expect(tdi.state() == tee.ERROR_STATE, 'ERROR')
    tdi.stop()
    expect(tdi.state() == tee.UNLOCKED, 'STOP leads home')


def forged(channel, unanswered):
    """A record that does not decrypt gets no answer and ends its session."""
    requester, session = trusted(channel)
    message = struct.pack('BBBB', 0x13, spdm.GET_MEASUREMENTS, 0, 0) + \
        bytes(spdm.CONTEXT_SIZE)
    record = bytearray(seal(session.keys.request, session.id, message))
    record[-1] ^= 1
    unanswered(lambda: requester.channel.exchange(SECURED_SPDM,
                                                  bytes(record)))
    unanswered(lambda: requester.probe(session))
    requester.probe(requester.open_session(5))
