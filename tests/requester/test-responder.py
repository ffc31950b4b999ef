#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""The requester against "teeio spdm-responder", over its socket.

Usage: test-responder.py TEEIO [unittest arguments]
"""
import signal
import socket
import subprocess
import sys
import unittest

import emulator
import flow
import tee

TEEIO = sys.argv.pop(1)
FUNCTION = 0x0100  # of the one function that the process has


class Responder:
    """The process with its ports."""

    def __init__(self, *arguments, ports=1):
        self.channels = []
        listen = ['--listen', '127.0.0.1:0'] * ports
        self.process = subprocess.Popen(
            [TEEIO, 'spdm-responder', *listen, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = [self.process.stdout.readline() for _ in range(ports)]
        self.ports = [int(line.rsplit(':', 1)[1]) for line in lines]

    def connect(self, number=0, **options):
        channel = emulator.Emulator('127.0.0.1', self.ports[number],
                                    **options)
        self.channels.append(channel)
        return channel

    def stop(self):
        """Returns (exit code, stdout, stderr)."""
        for channel in self.channels:
            channel.close()
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


class Case(unittest.TestCase):
    arguments = ()
    ports = 1

    def setUp(self):
        self.responder = Responder(*self.arguments, ports=self.ports)
        self.addCleanup(self.end)

    def end(self):
        code, out, _ = self.responder.stop()
        self.assertEqual((code, out), (0, ''))

    def run_flow(self, function, *arguments):
        return function(self.responder.connect(), *arguments)


class Flow(Case):
    def test_discovery(self):
        self.run_flow(flow.discovery)

    def test_identity(self):
        self.run_flow(flow.identity)

    def test_challenge(self):
        self.run_flow(flow.challenge)

    def test_measurements(self):
        self.run_flow(flow.measurements)

    def test_algorithms(self):
        self.run_flow(flow.algorithms)

    def test_order(self):
        self.run_flow(flow.order)

    def test_sessions(self):
        self.run_flow(flow.sessions)

    def test_heartbeat(self):
        self.run_flow(flow.heartbeat)

    def test_bad_finish(self):
        self.run_flow(flow.bad_finish)

    def test_forged(self):
        channel = self.responder.connect()

        def unanswered(call):
            channel.socket.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                call()
            channel.socket.settimeout(20)

        flow.forged(channel, unanswered)

    def test_tdisp(self):
        report = self.run_flow(flow.tdisp, FUNCTION, lambda: None)
        self.assertTrue(report.ranges)

    def test_session_end(self):
        self.run_flow(flow.session_end, FUNCTION, lambda: None)


class Connections(Case):
    def test_one_after_another(self):
        """Nothing of a connection is left for the next one."""
        first = self.responder.connect()
        requester, session = flow.trusted(first)
        flow.locked_interface(requester, session, FUNCTION)
        first.shutdown()
        second = self.responder.connect()
        requester, session = flow.trusted(second)
        tdi = tee.Tdi(requester, session, FUNCTION)
        self.assertEqual(tdi.state(), tee.UNLOCKED)
        second.close()

    def test_without_hello(self):
        """A client may begin at once, and leave without a word."""
        channel = self.responder.connect(hello=False)
        flow.discovery(channel)
        channel.close()
        flow.discovery(self.responder.connect())


class Devices(Case):
    ports = 2

    def test_two(self):
        """Each port is a device of its own, at the same time."""
        channels = [self.responder.connect(n) for n in range(2)]
        both = [flow.trusted(channel) for channel in channels]
        chains = {requester.chain for requester, _ in both}
        self.assertEqual(len(chains), 2)
        requester, session = both[0]
        flow.locked_interface(requester, session, FUNCTION)
        requester, session = both[1]
        self.assertEqual(tee.Tdi(requester, session, FUNCTION).state(),
                         tee.UNLOCKED)


class Overrides(Case):
    arguments = ('--any-function-id', '--max-port', '1')

    def test_foreign_ids(self):
        """What the DMTF requester asks for: port 1 and any FUNCTION_ID."""
        channel = self.responder.connect()
        requester, session = flow.trusted(channel)
        tdi, nonce = flow.locked_interface(requester, session, 0xbeef, port=1)
        tdi.start(nonce)
        self.assertEqual(tdi.state(), tee.RUN)
        keys = tee.IdeKm(requester, session)
        self.assertEqual(keys.query(1)[3], 1)
        self.assertEqual(keys.key_prog(0, 1, tee.RX, tee.PR, port=2), 2)


class Strict(Case):
    def test_other_function(self):
        channel = self.responder.connect()
        requester, session = flow.trusted(channel)
        flow.refused(tee.Tdi(requester, session, 0xbeef).state,
                     tee.INVALID_INTERFACE)
        keys = tee.IdeKm(requester, session)
        self.assertEqual(keys.key_prog(0, 0, tee.RX, tee.PR, port=1), 2)


class Old(Case):
    arguments = ('--max-version', '1.2')

    def test_no_1_3(self):
        channel = self.responder.connect()
        requester = flow.connect(channel)
        self.assertEqual(requester.suite.version, 0x12)


class Seeded(unittest.TestCase):
    def test_repeatable(self):
        """With a seed, what is random is the same in each run."""
        nonces = []
        for arguments in (['--seed', '7'], ['--seed', '7'], ['--seed', '8'],
                          [], []):
            responder = Responder(*arguments)
            requester, session = flow.trusted(responder.connect())
            nonces.append(flow.locked_interface(requester, session,
                                                FUNCTION)[1])
            responder.stop()
        self.assertEqual(nonces[0], nonces[1])
        self.assertEqual(len(set(nonces)), 4)


class Broken(Case):
    def end(self):
        code, _, self.said = self.responder.stop()
        self.assertEqual(code, 1)
        self.assertIn('teeio: connection: ', self.said)

    def test_transport(self):
        """A client that speaks MCTP is told off and dropped."""
        channel = self.responder.connect(hello=False)
        channel.send_raw(emulator.TEST, 1, b'Client Hello!\0')
        with self.assertRaises(EOFError):
            channel.receive_raw()
        flow.discovery(self.responder.connect())

    def test_too_long(self):
        channel = self.responder.connect()
        channel.socket.sendall(b'\0\0\0\1\0\0\0\2\x7f\xff\xff\xff')
        with self.assertRaises((EOFError, ConnectionError)):
            channel.receive_raw()
        flow.discovery(self.responder.connect())

    def test_cut_off(self):
        channel = self.responder.connect()
        channel.socket.sendall(b'\0\0\0\1\0\0')
        channel.close()
        flow.discovery(self.responder.connect())


class Usage(unittest.TestCase):
    def teeio(self, *arguments):
        return subprocess.run([TEEIO, 'spdm-responder', *arguments],
                              capture_output=True, text=True, timeout=20,
                              check=False)

    def refused(self, code, *arguments):
        result = self.teeio(*arguments)
        self.assertEqual(result.returncode, code, result)
        self.assertEqual(result.stdout, '')
        self.assertRegex(result.stderr, r'\Ateeio: .*\nhint: .*\n\Z')

    def test_refused(self):
        self.refused(2, '--max-version', '1.4')
        self.refused(2, '--max-port', '999')
        self.refused(2, '--quirk', 'no-such-quirk')
        self.refused(2, 'argument')
        self.refused(2, '--no-such-option')
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen(1)
            self.refused(99, '--listen',
                         f'127.0.0.1:{taken.getsockname()[1]}')
        self.refused(99, '--listen', '127.0.0.1:port')


if __name__ == '__main__':
    unittest.main(verbosity=2)


