#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""The requester against the DOE mailbox of teeio-tdi in a packaged QEMU.

Usage: test-doe.py QEMU PLUGIN [unittest arguments]
"""
import sys
import unittest

import flow
import tee
from doe import DISCOVERY, pack
from machine import ERROR, GO, CONTROL, WRITE_MAILBOX, Function, Machine, \
    Mailbox

QEMU, PLUGIN = sys.argv.pop(1), sys.argv.pop(1)
REQUESTER = 2 << 3
COMMAND, BAR0, BAR2 = 0x04, 0x10, 0x18
MEMORY, MASTER = 2, 4

IDE_CAPABILITY = 0x30
IDE_CAP, IDE_BLOCKS, IDE_LINK_SIZE = 0x04, 0x0c, 8
SEL_CONTROL, SEL_STATUS, SEL_RID1, SEL_RID2 = 0x04, 0x08, 0x0c, 0x10
STREAM_ENABLE, STREAM_DEFAULT = 1, 1 << 22
SECURE = 2


class Port:
    """The first selective stream of the function's IDE capability."""

    def __init__(self, function):
        self.function = function
        base = function.extended(IDE_CAPABILITY)
        capability = function.readl(base + IDE_CAP)
        links = (capability >> 13 & 7) + 1 if capability & 1 else 0
        self.block = base + IDE_BLOCKS + links * IDE_LINK_SIZE

    def enable(self):
        """Stream 0, the default one, for every requester."""
        self.function.writel(self.block + SEL_RID1, 0x00ffff00)
        self.function.writel(self.block + SEL_RID2, 1)
        self.function.writel(self.block + SEL_CONTROL,
                             STREAM_ENABLE | STREAM_DEFAULT)

    def state(self):
        return self.function.readl(self.block + SEL_STATUS) & 0xf


class Case(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(QEMU, PLUGIN, '-device',
                               'teeio-tdi,id=tdi,addr=2')
        self.addCleanup(self.machine.close)
        self.function = Function(self.machine, REQUESTER)
        self.mailbox = Mailbox(self.function)
        self.port = Port(self.function)

    def prepare(self):
        """What firmware and drivers do before TDISP."""
        for bar, value in ((BAR0, 0x10000000), (BAR0 + 4, 0),
                           (BAR2, 0x10010000), (BAR2 + 4, 0)):
            self.function.writel(bar, value)
        self.function.writel(COMMAND, MEMORY | MASTER)
        self.port.enable()

    def locked(self):
        requester, session = flow.trusted(self.mailbox)
        self.prepare()
        tdi, nonce = flow.locked_interface(requester, session, REQUESTER)
        return requester, tdi, nonce


class Flow(Case):
    def test_discovery(self):
        flow.discovery(self.mailbox)

    def test_identity(self):
        flow.identity(self.mailbox)

    def test_challenge(self):
        flow.challenge(self.mailbox)

    def test_measurements(self):
        flow.measurements(self.mailbox)

    def test_algorithms(self):
        flow.algorithms(self.mailbox)

    def test_order(self):
        flow.order(self.mailbox)

    def test_sessions(self):
        flow.sessions(self.mailbox)

    def test_bad_finish(self):
        flow.bad_finish(self.mailbox)

    def test_tdisp(self):
        """The report shows the BARs that software has placed."""
        report = flow.tdisp(self.mailbox, REQUESTER, self.prepare)
        pages = {page for page, *_ in report.ranges}
        self.assertIn(0x10000, pages)
        self.assertTrue(all(0x10000 <= page < 0x10020 for page in pages))

    def test_session_end(self):
        flow.session_end(self.mailbox, REQUESTER, self.prepare)


class Faults(Case):
    def test_forged(self):
        """No answer to a forged record, which the mailbox calls an error."""
        def unanswered(call):
            with self.assertRaises(Exception):
                call()
            self.assertTrue(self.mailbox.status() & ERROR)
            self.mailbox.abort()

        flow.forged(self.mailbox, unanswered)

    def test_truncated(self):
        """An object shorter than it says is dropped; an abort helps."""
        base = self.mailbox.base
        data = pack(DISCOVERY, bytes(4))
        self.function.writel(base + WRITE_MAILBOX,
                             int.from_bytes(data[:4], 'little'))
        self.function.writel(base + CONTROL, GO)
        self.mailbox.abort()
        flow.discovery(self.mailbox)


class Errors(Case):
    """What happens under a lock is seen by the requester, too."""

    def expect_error(self, requester, tdi):
        self.assertEqual(tdi.state(), tee.ERROR_STATE)
        flow.refused(lambda: tdi.start(bytes(32)),
                     tee.INVALID_INTERFACE_STATE)
        tdi.stop()
        self.assertEqual(tdi.state(), tee.UNLOCKED)

    def test_bar(self):
        requester, tdi, _ = self.locked()
        self.function.writel(BAR0, 0x10020000)
        self.expect_error(requester, tdi)

    def test_bus_master(self):
        requester, tdi, nonce = self.locked()
        tdi.start(nonce)
        self.function.writel(COMMAND, MEMORY)
        self.expect_error(requester, tdi)

    def test_stream(self):
        """A stream that is disabled becomes insecure."""
        requester, tdi, nonce = self.locked()
        tdi.start(nonce)
        self.assertEqual(self.port.state(), SECURE)
        self.function.writel(self.port.block + SEL_CONTROL, STREAM_DEFAULT)
        self.assertNotEqual(self.port.state(), SECURE)
        self.expect_error(requester, tdi)


class Resets(Case):
    def test_system_reset(self):
        """No session, no lock, no key outlives it."""
        requester, tdi, nonce = self.locked()
        tdi.start(nonce)
        self.machine.command('system_reset')
        with self.assertRaises(Exception):
            tdi.state()
        self.mailbox.abort()
        self.prepare()
        self.assertNotEqual(self.port.state(), SECURE)
        requester, session = flow.trusted(self.mailbox)
        tdi = tee.Tdi(requester, session, REQUESTER)
        self.assertEqual(tdi.state(), tee.UNLOCKED)


if __name__ == '__main__':
    unittest.main(verbosity=2)
