# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""A packaged QEMU with the plug-in, driven through QEMU's qtest protocol, and
the DOE mailbox (PCIe 7.9.24) of a function in it.
"""
import json
import os
import socket
import struct
import subprocess
import tempfile
import time

from doe import expect

ECAM = 0x4010000000  # of board virt
DOE_CAPABILITY = 0x2e
CONTROL, STATUS, WRITE_MAILBOX, READ_MAILBOX = 0x8, 0xc, 0x10, 0x14
ABORT, GO = 1 << 0, 1 << 31
BUSY, ERROR, READY = 1 << 0, 1 << 2, 1 << 31
PATIENCE = 20  # seconds


def make_disk(path):
    """An empty qcow2 of 1 MiB: header, refcounts, its first block, L1 table."""
    cluster = 0x10000
    image = bytearray(4 * cluster)
    struct.pack_into('>4sI', image, 0, b'QFI\xfb', 2)
    struct.pack_into('>IQIIQQI', image, 20, 16, 1 << 20, 0, 1, 3 * cluster,
                     cluster, 1)
    struct.pack_into('>Q', image, cluster, 2 * cluster)
    struct.pack_into('>4H', image, 2 * cluster, 1, 1, 1, 1)
    with open(path, 'wb') as disk:
        disk.write(image)


class Machine:
    """Board virt, stopped; its devices are reached without a guest."""

    def __init__(self, qemu, plugin, *arguments, settings=''):
        self.folder = tempfile.TemporaryDirectory(prefix='teeio-requester-')
        paths = [os.path.join(self.folder.name, name)
                 for name in ('qtest', 'qmp')]
        listeners = [socket.socket(socket.AF_UNIX) for _ in paths]
        for listener, path in zip(listeners, paths):
            listener.bind(path)
            listener.listen(1)
            listener.settimeout(PATIENCE)
        # A sanitized plug-in needs the run-time libraries in QEMU, too.
        environment = dict(os.environ,
                           LD_PRELOAD=os.environ.get('TEEIO_QTEST_PRELOAD',
                                                     ''))
        self.process = subprocess.Popen(
            [qemu, '-nodefaults', '-no-user-config', '-display', 'none',
             '-accel', 'tcg', '-S', '-M', 'virt,gic-version=3', '-m', '256',
             '-qtest', f'unix:{paths[0]}', '-qtest-log', '/dev/null',
             '-qmp', f'unix:{paths[1]}', '-plugin',
             plugin.replace(',', ',,') + settings, *arguments],
            stdin=subprocess.DEVNULL, env=environment)
        self.files = []
        try:
            for listener in listeners:
                connection = listener.accept()[0]
                self.files.append(connection.makefile('rw', encoding='utf-8'))
                connection.close()
                listener.close()
        except OSError:
            self.close()
            raise
        self.qtest, self.qmp = self.files
        self.qmp.readline()
        self.command('qmp_capabilities')

    def close(self):
        self.process.kill()
        self.process.wait()
        for file in self.files:
            file.close()
        self.folder.cleanup()

    def command(self, execute, **arguments):
        """One QMP command; returns its answer, raises on an error."""
        json.dump({'execute': execute, 'arguments': arguments}, self.qmp)
        self.qmp.flush()
        while True:
            reply = json.loads(self.qmp.readline())
            if 'error' in reply:
                raise RuntimeError(f'{execute}: {reply["error"]["desc"]}')
            if 'return' in reply:
                return reply['return']

    def monitor(self, line):
        return self.command('human-monitor-command', **{'command-line': line})

    def line(self, text):
        self.qtest.write(text + '\n')
        self.qtest.flush()
        while True:
            answer = self.qtest.readline().split()
            if answer[0] != 'IRQ':
                expect(answer[0] == 'OK', f'qtest: {text}')
                return answer[1:]

    def readl(self, address):
        return int(self.line(f'readl {address:#x}')[0], 16)

    def writel(self, address, value):
        self.line(f'writel {address:#x} {value:#x}')

    def writeq(self, address, value):
        self.line(f'writeq {address:#x} {value:#x}')


class Function:
    """The config space of one function."""

    def __init__(self, machine, requester):
        self.machine = machine
        self.base = ECAM + (requester << 12)

    def readl(self, offset):
        return self.machine.readl(self.base + offset)

    def writel(self, offset, value):
        self.machine.writel(self.base + offset, value)

    def extended(self, wanted):
        """Offset of an extended capability."""
        offset = 0x100
        while offset:
            header = self.readl(offset)
            if header & 0xffff == wanted:
                return offset
            offset = header >> 20
        raise LookupError(f'no extended capability {wanted:#x}')


class Mailbox:
    """A channel for whole DOE objects."""

    def __init__(self, function):
        self.function = function
        self.base = function.extended(DOE_CAPABILITY)

    def status(self):
        return self.function.readl(self.base + STATUS)

    def wait(self, mask, value):
        end = time.monotonic() + PATIENCE
        while True:
            status = self.status()
            if status & mask == value:
                return
            expect(not status & ERROR, 'DOE: error')
            expect(time.monotonic() < end, 'DOE: no answer')

    def exchange(self, data):
        base = self.base
        self.wait(BUSY, 0)
        for offset in range(0, len(data), 4):
            self.function.writel(base + WRITE_MAILBOX, int.from_bytes(
                data[offset:offset + 4], 'little'))
        self.function.writel(base + CONTROL, GO)
        self.wait(READY, READY)
        answer = self.pop() + self.pop()
        length = int.from_bytes(answer[4:8], 'little') & 0x3ffff
        while len(answer) < 4 * length:
            answer += self.pop()
        expect(not self.status() & READY, 'DOE: data after the object')
        return answer

    def pop(self):
        value = self.function.readl(self.base + READ_MAILBOX)
        self.function.writel(self.base + READ_MAILBOX, 0)
        return value.to_bytes(4, 'little')

    def abort(self):
        self.function.writel(self.base + CONTROL, ABORT)
        self.wait(BUSY | ERROR, 0)
