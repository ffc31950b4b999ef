#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""T=1 of a TDI that a session has locked, at the teeio-root-port above it.
Arguments: QEMU, plug-in.
"""
import json
import os
import sys
import tempfile
import time

import flow
import tee
from doe import expect
from machine import PATIENCE, Function, Machine, Mailbox, make_disk

PORT, TDI = 0x08, 0x100
BAR, MSIX_BAR = 0x10000000, 0x10010000
RING, STATUS, TAIL, HEAD = BAR + 0x1000, 0x20, 0x18, 0x14
DATA = 0x42000000
FILL, CHECKSUM, T1 = 1, 2, 1 << 8
OK = 1
FIRST_BLOCK, BLOCK = 12 + 8, 20 + 24
CONTROL, STREAM_STATUS, RID1, RID2, ADDRESS = 4, 8, 12, 16, 20
ENABLE, DEFAULT = 1, 1 << 22
SECURE, FAILED = 2, 1 << 31
AER_STATUS, AER_MASK, AER_SEVERITY = 0x104, 0x108, 0x10c
CHECK_FAILED, MISROUTED = 1 << 28, 1 << 29
STREAM = 3


class Rig:
    """A TDI in RUN below a root port, both with the same stream enabled."""

    def __init__(self, events=None, arguments=()):
        settings = f',events={events}' if events else ''
        self.machine = Machine(
            *sys.argv[1:3], '-device', 'teeio-root-port,id=rp,addr=1',
            '-device', 'teeio-tdi,id=tdi,bus=rp', *arguments,
            settings=settings)
        self.port = Function(self.machine, PORT)
        for offset, value in ((0x18, 0x00010100), (0x20, 0x10001000),
                              (0x24, 0x0000fff0), (0x04, 0x0106)):
            self.port.writel(offset, value)
        self.function = Function(self.machine, TDI)
        for offset, value in ((0x10, BAR), (0x14, 0), (0x18, MSIX_BAR),
                              (0x04, 0x6)):
            self.function.writel(offset, value)
        self.block = self.port.extended(0x30) + FIRST_BLOCK
        self.peer = self.function.extended(0x30) + FIRST_BLOCK
        self.port.writel(self.block + CONTROL, ENABLE | STREAM << 24)
        self.tdi = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.close()

    def run(self):
        requester, session = flow.trusted(Mailbox(self.function))
        self.function.writel(self.peer + CONTROL,
                             ENABLE | DEFAULT | STREAM << 24)
        tee.IdeKm(requester, session).establish(STREAM)
        self.tdi = tee.Tdi(requester, session, TDI)
        self.tdi.start(self.tdi.lock(stream=STREAM))

    def keys(self, action, stream=STREAM):
        self.machine.command('x-teeio-port-ide', path='rp', stream=stream,
                             action=action)

    def descriptor(self, control, address=DATA):
        machine = self.machine
        tail = machine.readl(BAR + TAIL)
        entry = RING + tail % 64 * 64
        machine.writel(entry + STATUS, 0)
        machine.writel(entry + 4, 8)
        machine.writeq(entry + 0x08, address)
        machine.writeq(entry + 0x10, address)
        machine.writeq(entry + 0x18, 0x1122334455667788)
        machine.writel(entry, control)
        machine.writel(BAR + TAIL, (tail + 1) % 128)
        while machine.readl(BAR + HEAD) != (tail + 1) % 128:
            pass
        return machine.readl(entry + STATUS)

    def writes(self, flags=T1):
        """Does a write arrive?"""
        self.machine.writel(DATA, 0)
        expect(self.descriptor(FILL | flags) == OK, 'a write is posted')
        return self.machine.readl(DATA) == 0x55667788

    def errors(self, expected):
        """What the port has logged; clears it."""
        end = time.monotonic() + PATIENCE
        while self.port.readl(AER_STATUS) != expected:
            expect(time.monotonic() < end,
                   f'AER: {self.port.readl(AER_STATUS):#x}')
        self.port.writel(AER_STATUS, expected)
        expect(self.port.readl(AER_STATUS) == 0, 'AER: write 1 to clear')

    def state(self):
        return self.machine.command(
            'qom-get', path='/machine/peripheral/tdi', property='tdisp-state')


def follow(rig):
    """CPUs reach the ring whatever the TDI thinks of it."""
    rig.machine.command('qom-set', path='/machine/peripheral/tdi',
                        property='mmio-t', value='1')


def keys():
    """No T=1 until the port has keys, none after it lost them."""
    with Rig() as rig:
        rig.run()
        follow(rig)
        expect(not rig.writes(), 'no keys')
        rig.errors(CHECK_FAILED)
        expect(rig.writes(0), 'T=0 is not looked at')
        rig.keys('go')
        expect(rig.port.readl(rig.block + STREAM_STATUS) == SECURE, 'secure')
        expect(rig.writes(), 'keys')
        rig.errors(0)
        rig.keys('stop')
        expect(not rig.writes(), 'keys are gone')
        rig.errors(CHECK_FAILED)
        expect(rig.descriptor(CHECKSUM | T1) != OK, 'a read fails')
        rig.errors(CHECK_FAILED)
        expect(rig.tdi.state() == tee.RUN, 'the TDI knows nothing of it')


def associations():
    """RID and address association, and an id that the port does not know."""
    with Rig() as rig:
        rig.run()
        follow(rig)
        rig.keys('go')
        at = rig.block
        for base, limit, good in ((TDI, TDI, True), (TDI + 1, 0x1ff, False),
                                  (0, TDI - 1, False), (0, 0xffff, True)):
            rig.port.writel(at + RID1, limit << 8)
            rig.port.writel(at + RID2, base << 8 | 1)
            expect(rig.writes() == good, f'{base:#x} to {limit:#x}')
            rig.errors(0 if good else CHECK_FAILED)
        for place, good in ((DATA, True), (DATA + 0x100000, False)):
            megabyte = place >> 20
            rig.port.writel(at + ADDRESS,
                            1 | megabyte << 8 | megabyte << 20)
            expect(rig.writes() == good, f'{place:#x}')
            rig.errors(0 if good else CHECK_FAILED)
        rig.port.writel(at + ADDRESS, 0)
        rig.port.writel(at + CONTROL, ENABLE | (STREAM + 1) << 24)
        rig.keys('go', STREAM + 1)
        expect(not rig.writes(), 'another stream')
        rig.errors(MISROUTED)


def reports():
    """The event names the reason, the registers say how bad it is."""
    with tempfile.TemporaryDirectory(prefix='teeio-requester-') as folder:
        path = os.path.join(folder, 'events.jsonl')
        with Rig(path) as rig:
            rig.run()
            follow(rig)
            rig.port.writel(AER_SEVERITY, CHECK_FAILED)
            rig.writes()
            rig.errors(CHECK_FAILED)
            rig.port.writel(AER_MASK, MISROUTED)
            expect(rig.port.readl(AER_MASK) == MISROUTED, 'mask')
            rig.machine.command('quit')
            rig.machine.process.wait()
            with open(path, encoding='utf-8') as file:
                events = [json.loads(line) for line in file]
    refused = [e for e in events if e.get('refusal') == 'ide-check-failed']
    expect(len(refused) == 1, f'{len(refused)} events')
    event = refused[0]
    expect((event['route'], event['reason'], event['detector'], event['ide'],
            event['t'], event['verdict']) ==
           ('rejected', 'the stream is insecure', '0000:00:01.0', STREAM, 1,
            'unsupported'), str(event))


def failure():
    """What the port finds wrong, the device hears of."""
    with Rig() as rig:
        rig.run()
        rig.keys('go')
        rig.keys('fail')
        status = rig.port.readl(rig.block + STREAM_STATUS)
        expect(status == 0, f'the port noticed by itself: {status:#x}')
        status = rig.function.readl(rig.peer + STREAM_STATUS)
        expect(status == FAILED, f'the device was told: {status:#x}')
        expect(rig.state() == 'ERROR', 'ERROR')
        expect(rig.tdi.state() == tee.ERROR_STATE, 'by TDISP')


def other_failure():
    """Another stream of the port is none of the device's."""
    with Rig() as rig:
        rig.run()
        rig.port.writel(rig.block + BLOCK + CONTROL, ENABLE | 9 << 24)
        rig.keys('go', 9)
        rig.keys('fail', 9)
        expect(rig.tdi.state() == tee.RUN, 'RUN')


def snapshot():
    """The check and the errors that it has logged survive."""
    with tempfile.TemporaryDirectory(prefix='teeio-requester-') as folder:
        disk = os.path.join(folder, 'disk.qcow2')
        make_disk(disk)
        drive = ('-drive', f'if=none,id=d,format=qcow2,file={disk}')
        with Rig(arguments=drive) as rig:
            rig.run()
            follow(rig)
            expect(not rig.writes(), 'no keys')
            while rig.port.readl(AER_STATUS) != CHECK_FAILED:
                pass
            rig.keys('go')
            answer = rig.machine.monitor('savevm one')
            expect(not answer, f'savevm: {answer}')
            rig.errors(CHECK_FAILED)
            rig.keys('fail')
            expect(rig.state() == 'ERROR', 'ERROR')
            answer = rig.machine.monitor('loadvm one')
            expect(not answer, f'loadvm: {answer}')
            expect(rig.state() == 'RUN', 'RUN again')
            rig.errors(CHECK_FAILED)
            expect(rig.port.readl(rig.block + STREAM_STATUS) == SECURE,
                   'the stream')
            rig.keys('stop')
            rig.keys('go')
            expect(rig.port.readl(0x18) & 0xffffff == 0x010100, 'buses')


def main():
    tests = (keys, associations, reports, failure, other_failure,
             snapshot)
    print(f'1..{len(tests)}')
    for number, test in enumerate(tests, 1):
        test()
        print(f'ok {number} {test.__name__}', flush=True)


if __name__ == '__main__':
    main()
