#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""teeio-tdi of a packaged QEMU, locked through a real SPDM session over its
DOE mailbox. Arguments: QEMU, plug-in.
"""
import copy
import os
import sys
import tempfile

import flow
import tee
from doe import expect
from machine import Function, Machine, Mailbox, make_disk

REQUESTER = 0x10
BAR, MSIX_BAR = 0x10000000, 0x10010000
RING, STATUS, TAIL, HEAD = BAR + 0x1000, 0x20, 0x18, 0x14
DATA = 0x42000000
ONES = 0xffffffff
FILL, T1 = 1, 1 << 8
OK = 1
LINK_BLOCK = 8
ENABLE, DEFAULT = 1, 1 << 22


class Device:
    """One machine with one TDI, its BARs placed."""

    def __init__(self, arguments=(), options='', place=True):
        qemu, plugin = sys.argv[1:3]
        self.machine = Machine(qemu, plugin, '-device',
                               f'teeio-tdi,id=tdi,addr=2{options}', *arguments)
        self.function = Function(self.machine, REQUESTER)
        self.mailbox = Mailbox(self.function)
        self.ide = self.function.extended(0x30)
        if place:
            self.place()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.close()

    def place(self):
        for offset, value in ((0x10, BAR), (0x14, 0), (0x18, MSIX_BAR),
                              (0x04, 0x6)):
            self.function.writel(offset, value)

    def stream(self, block=0, number=0, flags=ENABLE | DEFAULT):
        """Enable a selective stream."""
        at = self.ide + 12 + LINK_BLOCK + block * (20 + 24)
        self.function.writel(at + 4, flags | number << 24)
        return at

    def counter(self, name):
        return self.machine.command('qom-get', path='/machine/peripheral/tdi',
                                    property=name)

    def fill(self, flags, address=DATA):
        """One descriptor of 8 bytes; returns its status."""
        machine = self.machine
        tail = machine.readl(BAR + TAIL)
        entry = RING + tail % 64 * 64
        machine.writel(entry + STATUS, 0)
        machine.writel(entry + 4, 8)
        machine.writeq(entry + 0x10, address)
        machine.writeq(entry + 0x18, 0x1122334455667788)
        machine.writel(entry, FILL | flags)
        machine.writel(BAR + TAIL, (tail + 1) % 128)
        while machine.readl(BAR + HEAD) != (tail + 1) % 128:
            pass
        return machine.readl(entry + STATUS)

    def run(self, flags=0):
        """Secure stream, LOCK, START; returns (requester, Tdi)."""
        requester, session = flow.trusted(self.mailbox)
        self.stream()
        tee.IdeKm(requester, session).establish(0)
        tdi = tee.Tdi(requester, session, REQUESTER)
        tdi.start(tdi.lock(flags=flags))
        return requester, tdi


def whole_flow():
    """All that every responder does, and the report of the real BARs."""
    with Device() as device:
        flow.discovery(device.mailbox)
        flow.identity(device.mailbox)
        flow.challenge(device.mailbox)
        flow.measurements(device.mailbox)
        report = flow.tdisp(device.mailbox, REQUESTER, device.stream)
        expect([r[0] << 12 for r in report.ranges] ==
               [BAR, BAR + 0x1000, BAR + 0x2000], f'ranges {report.ranges}')
        expect([r[2] for r in report.ranges] == [4, 0, 8], 'attributes')
        flow.session_end(device.mailbox, REQUESTER, device.stream)


def mmio():
    """CPUs have T=0 for whoever locked the TDI from outside."""
    with Device() as device:
        machine = device.machine
        machine.writel(RING, 0x1234)
        _, tdi = device.run()
        expect(machine.readl(RING) == ONES, 'refused read')
        machine.writel(RING, 0x5678)
        expect(machine.readl(BAR) == 0x49445454, 'registers are not TEE')
        tdi.stop()
        expect(machine.readl(RING) == 0x1234, 'dropped write')


def dma():
    """T=1 on the bound stream only; another stream takes the address away."""
    with Device(options=',mmio-t=1') as device:
        device.machine.command('qom-set', path='/machine/peripheral/tdi',
                               property='mmio-t', value='follow')
        _, tdi = device.run()
        device.machine.command('qom-set', path='/machine/peripheral/tdi',
                               property='mmio-t', value='1')
        expect(device.fill(T1) == OK, 'T=1')
        expect(device.counter('tlps-t1') == 1, 'sent with T=1')
        expect(device.machine.readl(DATA) == 0x55667788, 'data')
        at = device.stream(1, 5, ENABLE)
        low = DATA >> 20 & 0xfff
        device.function.writel(at + 20 + 4, 0)
        device.function.writel(at + 20 + 8, 0)
        device.function.writel(at + 20, 1 | low << 8 | low << 20)
        device.machine.writel(DATA, 0)
        refused = device.counter('refused')
        expect(device.fill(T1) == OK, 'a write is posted')
        expect(device.counter('tlps-t1') == 1, 'not sent')
        expect(device.counter('refused') == refused + 1, 'counted')
        expect(device.machine.readl(DATA) == 0, 'no data')
        expect(device.fill(T1, DATA + 0x100000) == OK and
               device.counter('tlps-t1') == 2, 'another address')
        expect(tdi.state() == tee.RUN, 'RUN goes on')


def errors():
    """What moves a TDI to ERROR that only a session can lock."""
    def disable(device):
        device.stream(flags=0)

    def msix(device):
        at = device.function.readl(0x34) & 0xfc
        while device.function.readl(at) & 0xff != 0x11:
            at = device.function.readl(at) >> 8 & 0xfc
        device.function.writel(at, 0x80000000)

    for cause, flags in ((disable, 0), (msix, 4)):
        with Device() as device:
            _, tdi = device.run(flags)
            cause(device)
            expect(tdi.state() == tee.ERROR_STATE, cause.__name__)
    with Device() as device:
        device.run()
        device.function.writel(0x88, 0x8000)
        expect(device.counter('spdm-sessions') == 0, 'FLR ends sessions')
        expect(device.counter('tdisp-state') == 'ERROR', 'FLR')
        device.machine.command('system_reset')
        while device.counter('tdisp-state') != 'CONFIG_UNLOCKED':
            pass
        device.place()
        _, tdi = device.run()
        expect(tdi.state() == tee.RUN, 'and all over again')


def snapshots():
    """A session goes on where it was saved."""
    with tempfile.TemporaryDirectory(prefix='teeio-requester-') as folder:
        disk = os.path.join(folder, 'disk.qcow2')
        make_disk(disk)
        drive = ('-drive', f'if=none,id=d,format=qcow2,file={disk}')
        with Device(drive) as device:
            _, tdi = device.run()
            for verb in ('savevm', 'loadvm'):
                frozen = copy.deepcopy(tdi.session)
                answer = device.machine.monitor(f'{verb} one')
                expect(not answer, f'{verb}: {answer}')
                if verb == 'savevm':
                    tdi.stop()
                    expect(device.counter('tdisp-state') == 'CONFIG_UNLOCKED',
                           'STOP')
                    saved = frozen
            expect(device.counter('tdisp-state') == 'RUN', 'RUN again')
            expect(device.counter('spdm-sessions') == 1, 'the session')
            tdi.session = saved
            expect(tdi.state() == tee.RUN, 'the session goes on')
            device.stream(flags=0)
            expect(tdi.state() == tee.ERROR_STATE, 'so does the stream')


def seeds():
    """The same seed gives the same nonces, another one others."""
    def nonce(options):
        with Device(options=options) as device:
            requester, session = flow.trusted(device.mailbox)
            device.stream()
            tee.IdeKm(requester, session).establish(0)
            return tee.Tdi(requester, session, REQUESTER).lock()

    one = nonce(',seed=1')
    expect(one == nonce(',seed=1'), 'seed')
    expect(one != nonce(',seed=2'), 'another seed')
    expect(nonce('') != nonce(''), 'no seed')


def settings():
    """A quirk and a version that the device is told to have."""
    with Device(options=',quirks=lock-without-keys+num-req-zero,'
                        'spdm-max-version=1.2') as device:
        requester = flow.Requester(flow.Exchange(device.mailbox), 0x12)
        requester.connect()
        requester.get_digests()
        requester.get_certificate()
        session = requester.open_session()
        tdi = tee.Tdi(requester, session, REQUESTER)
        expect(tdi.get_capabilities()['num_req_all'] == 0, 'num-req-zero')
        tdi.lock()
        versions = flow.Requester(flow.Exchange(device.mailbox), 0x12)
        expect(versions.raw(bytes([0x10, 0x84, 0, 0]))[5] == 1,
               'one version of SPDM')


def main():
    tests = (whole_flow, mmio, dma, errors, snapshots, seeds, settings)
    print(f'1..{len(tests)}')
    for number, test in enumerate(tests, 1):
        test()
        print(f'ok {number} {test.__name__}', flush=True)


if __name__ == '__main__':
    main()
