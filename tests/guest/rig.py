# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""A stock kernel that reads a virtio disk behind teeio-smmuv3, over and over,
and what a test needs to follow it.
"""
import json
import os
import re
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

MODULES = ('virtio_pci', 'virtio_blk')
DISK_SIZE = 4 << 20
READS = 40
TIME_LIMIT = 90  # seconds for one boot
APPEND = 'console=ttyAMA0 nokaslr loglevel=7 panic=-1'
COMPLAINT = re.compile(r'Oops|BUG:|I/O error|Kernel panic|event 0x|'
                       r'CMDQ error|CMD_SYNC timeout|unexpected global')


def kernel_folder():
    cache = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return os.path.join(cache, 'qemu-teeio', 'kernels', 'stock-arm64')


def module_files(kernel):
    """The modules and what they need, in the order in which they load."""
    needs = {}
    with open(os.path.join(kernel, 'modules', 'modules.dep'),
              encoding='utf-8') as dep:
        for line in dep:
            path, others = line.split(':')
            needs[path] = others.split()
    by_name = {os.path.basename(p).split('.')[0].replace('-', '_'): p
               for p in needs}
    order = []

    def add(path):
        for other in reversed(needs[path]):
            add(other)
        if path not in order:
            order.append(path)

    for name in MODULES:
        add(by_name[name])
    return order


class Initramfs:
    """An archive in the kernel's "newc" format."""

    def __init__(self):
        self.data = bytearray()
        self.inode = 0

    def add(self, name, mode, content=b'', device=(0, 0)):
        path = name.encode() + b'\0'
        self.inode += 1
        fields = (self.inode, mode, 0, 0, 1, 0, len(content), 0, 0,
                  *device, len(path), 0)
        self.data += b'070701' + b''.join(b'%08X' % f for f in fields) + path
        self.data += bytes(-len(self.data) % 4)
        self.data += content
        self.data += bytes(-len(self.data) % 4)

    def add_file(self, name, path, mode=0o100644):
        with open(path, 'rb') as source:
            self.add(name, mode, source.read())


def make_initramfs(path, init, kernel):
    archive = Initramfs()
    for folder in ('dev', 'proc', 'sys', 'etc', 'etc/teeio', 'lib'):
        archive.add(folder, 0o40755)
    archive.add('dev/console', 0o20600, device=(5, 1))
    archive.add_file('init', init, 0o100755)
    listed = []
    for module in module_files(kernel):
        name = 'lib/' + os.path.basename(module)
        archive.add_file(name, os.path.join(kernel, 'modules', module))
        listed.append(f'/{name}\n')
    archive.add('etc/teeio/modules', 0o100644, ''.join(listed).encode())
    steps = ''.join(f'{i} blk vda bytes={DISK_SIZE}\n'
                    for i in range(1, READS + 1))
    archive.add('etc/teeio/steps', 0o100644, steps.encode())
    archive.add('TRAILER!!!', 0)
    with open(path, 'wb') as target:
        target.write(archive.data)


def make_disk(path):
    """Every sector differs, and says where it belongs. Returns the CRC."""
    content = b''.join(struct.pack('<QQ', i, ~i & (1 << 64) - 1) * 32
                       for i in range(DISK_SIZE // 512))
    with open(path, 'wb') as target:
        target.write(content)
    return zlib.crc32(content)


class Machine:
    """One QEMU; what its guest says is checked line by line."""

    def __init__(self, rig, *more):
        self.crc = rig['crc']
        self.folder = rig['folder']
        self.console = []
        self.buffer = b''
        self.deadline = time.monotonic() + TIME_LIMIT
        path = os.path.join(rig['folder'], 'qmp')
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        plugin = rig['plugin'].replace(',', ',,') + rig.get('options', '')
        self.process = subprocess.Popen(
            [rig['qemu'], '-nodefaults', '-no-user-config', '-display', 'none',
             '-accel', 'tcg', '-M', 'virt,gic-version=3', '-cpu', 'cortex-a57',
             '-m', '256', '-serial', 'stdio', '-qmp', f'unix:{path}',
             '-plugin', plugin,
             '-kernel', os.path.join(rig['kernel'], 'vmlinuz'),
             '-initrd', rig['initrd'], '-append', APPEND,
             '-drive', 'if=none,id=disk,format=raw,readonly=on,'
                       f'file={rig["disk"]}', *more],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            env={**os.environ, **rig.get('environment', {})})
        listener.settimeout(TIME_LIMIT)
        self.qmp = listener.accept()[0].makefile('rw', encoding='utf-8')
        listener.close()
        os.unlink(path)
        self.qmp.readline()
        self.command('qmp_capabilities')

    def command(self, execute, **arguments):
        json.dump({'execute': execute, 'arguments': arguments}, self.qmp)
        self.qmp.write('\n')
        self.qmp.flush()
        while True:
            reply = json.loads(self.qmp.readline())
            if 'error' in reply:
                raise RuntimeError(f'{execute}: {reply["error"]["desc"]}')
            if 'return' in reply:
                return reply['return']

    def monitor(self, line):
        text = self.command('human-monitor-command', **{'command-line': line})
        if text:
            raise RuntimeError(f'{line}: {text}')

    def line(self):
        """The next line of the console, None at its end."""
        while b'\n' not in self.buffer:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [],
                                              left)[0]:
                raise RuntimeError('the guest is silent')
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                return None
            self.buffer += more
        line, self.buffer = self.buffer.split(b'\n', 1)
        text = line.decode(errors='replace').strip()
        self.console.append(text)
        if COMPLAINT.search(text):
            raise RuntimeError(f'the guest complains: {text}')
        if ' step ' in text and f'crc=0x{self.crc:08x}' not in text:
            raise RuntimeError(f'the guest read something else: {text}')
        return text

    def wait(self, pattern):
        while True:
            text = self.line()
            if text is None:
                raise RuntimeError(f'the guest ended without {pattern}')
            if re.search(pattern, text):
                return text

    def wait_step(self, step):
        self.wait(rf'teeio-guest: step {step} ok')

    def finish(self):
        """The guest's last words, and the end of QEMU that follows."""
        self.wait('teeio-guest: done')
        while self.line() is not None:
            pass
        if self.process.wait(TIME_LIMIT):
            raise RuntimeError(f'QEMU left with {self.process.returncode}')

    def translations(self):
        return self.command('qom-get', path='/machine/peripheral/smmu',
                            property='translations')

    def kill(self):
        self.process.kill()
        self.process.wait()


def run_one(rig, number, test, arguments):
    """Returns: whether it passed; says so in TAP."""
    machine = None
    error = None
    try:
        machine = Machine(rig, *arguments)
        test(machine)
    except (RuntimeError, OSError, ValueError) as failure:
        error = failure
    if machine:
        machine.kill()
    name = test.__name__.removeprefix('test_').replace('_', '-')
    print(f'{"not " if error else ""}ok {number} {name}', flush=True)
    if error:
        print(f'# {error}')
        for line in machine.console[-30:] if machine else ():
            print(f'# console: {line}')
    return not error


def run(tests, qemu, plugin, init, more, **settings):
    """Print TAP and leave. tests: pairs of a function and QEMU arguments;
    more(folder): arguments for all of them; settings: added to the rig, as
    environment(folder), or options of the plug-in.
    """
    kernel = kernel_folder()
    if not os.path.exists(qemu) or not os.path.exists(
            os.path.join(kernel, 'vmlinuz')):
        print('1..0 # SKIP QEMU or the stock kernel is missing')
        return
    with tempfile.TemporaryDirectory(prefix='teeio-guest-') as folder:
        rig = {
            'folder': folder, 'qemu': qemu, 'plugin': plugin, 'kernel': kernel,
            'initrd': os.path.join(folder, 'initrd'),
            'disk': os.path.join(folder, 'disk.raw'),
            **settings,
        }
        make_initramfs(rig['initrd'], init, kernel)
        rig['crc'] = make_disk(rig['disk'])
        if 'environment' in rig:
            rig['environment'] = rig['environment'](folder)
        common = more(folder)
        print(f'1..{len(tests)}')
        passed = [run_one(rig, number, test, (*common, *arguments))
                  for number, (test, arguments) in enumerate(tests, 1)]
    sys.exit(not all(passed))
