#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""The rules of the bindings reserved-memory/reserved-memory, shared-dma-pool
and pci/pci-device, on the trees that guests get. dtc must find nothing either.

usage: pool-binding.py QEMU PLUGIN DTC
"""
import os
import struct
import subprocess
import sys
import tempfile
import unittest

QEMU, PLUGIN, DTC = sys.argv[1:4]
DISK = ('-drive', 'if=none,id=d,format=raw,file=/dev/zero,readonly=on')


class Node:
    def __init__(self, name, parent):
        self.name, self.parent = name, parent
        self.props, self.children = {}, []

    def cells(self, name):
        data = self.props.get(name, b'')
        return struct.unpack(f'>{len(data) // 4}I', data)

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def path(self):
        return f'{self.parent.path()}/{self.name}' if self.parent else ''


def parse(blob):
    """Flattened tree, Devicetree Specification 0.4, chapter 5."""
    (_, _, struct_at, strings_at) = struct.unpack_from('>4I', blob)
    node = root = None
    at = struct_at
    while True:
        token, = struct.unpack_from('>I', blob, at)
        at += 4
        if token == 1:
            end = blob.index(b'\0', at)
            child = Node(blob[at:end].decode(), node)
            if node:
                node.children.append(child)
            else:
                root = child
            node, at = child, (end + 4) & ~3
        elif token == 2:
            node = node.parent
        elif token == 3:
            size, name = struct.unpack_from('>2I', blob, at)
            name += strings_at
            name = blob[name:blob.index(b'\0', name)].decode()
            node.props[name] = blob[at + 8:at + 8 + size]
            at = (at + 8 + size + 3) & ~3
        elif token == 9:
            return root


def dump(*args):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'board.dtb')
        subprocess.run(
            [QEMU, '-nodefaults', '-display', 'none', '-cpu', 'cortex-a57',
             '-M', f'virt,dumpdtb={path}', '-plugin', PLUGIN, *args],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ,
                 'LD_PRELOAD': os.environ.get('TEEIO_QTEST_PRELOAD', '')})
        said = subprocess.run([DTC, '-I', 'dtb', '-O', 'dtb', '-o',
                               os.devnull, path], check=True,
                              stderr=subprocess.PIPE, encoding='utf-8').stderr
        with open(path, 'rb') as blob:
            return parse(blob.read()), said


class Binding(unittest.TestCase):
    def check_parent(self, parent):
        self.assertEqual(parent.cells('#address-cells'), (2,))
        self.assertEqual(parent.cells('#size-cells'), (2,))
        self.assertEqual(parent.props['ranges'], b'')

    def check_pool(self, node, ram):
        self.assertEqual(node.props['compatible'], b'restricted-dma-pool\0')
        for forbidden in ('no-map', 'reusable', 'linux,cma-default'):
            self.assertNotIn(forbidden, node.props)
        self.assertNotEqual('reg' in node.props, 'size' in node.props)
        if 'reg' not in node.props:
            self.assertNotIn('@', node.name)
            self.assertEqual(len(node.cells('size')), 2)
            return
        base, size = struct.unpack('>2Q', node.props['reg'])
        self.assertEqual(node.name.split('@')[1], f'{base:x}')
        self.assertNotIn('alignment', node.props)
        # All of it is memory, and a 32-bit device reaches it.
        self.assertGreaterEqual(base, ram[0])
        self.assertLessEqual(base + size, min(ram[0] + ram[1], 1 << 32))

    def check_apart(self, pools):
        spans = sorted(struct.unpack('>2Q', p.props['reg'])
                       for p in pools if 'reg' in p.props)
        for (base, size), (following, _) in zip(spans, spans[1:]):
            self.assertLessEqual(base + size, following)

    def check_pci(self, node):
        """A child of a PCI bus: reg is config space of bus 0."""
        device, function = (int(x, 16) for x in node.name.split('@')[1]
                            .split(','))
        self.assertEqual(node.cells('reg'),
                         (device << 11 | function << 8, 0, 0, 0, 0))
        self.assertLessEqual(function, 7)
        self.assertLessEqual(device, 31)
        parent = node.parent
        self.assertEqual(parent.props['device_type'], b'pci\0')
        self.assertEqual(parent.cells('#address-cells'), (3,))
        self.assertEqual(parent.cells('#size-cells'), (2,))
        self.assertIn('ranges', parent.props)

    def tree(self, *args):
        root, said = dump(*args)
        for word in ('reserved', 'pool', 'pci', 'dma-ranges', 'memory-region'):
            self.assertNotIn(word, said)
        memory = next(n for n in root.children if n.name.startswith('memory@'))
        ram = struct.unpack('>2Q', memory.props['reg'])
        pools = {}
        for node in root.walk():
            if node.name == 'reserved-memory':
                self.check_parent(node)
                for pool in node.children:
                    self.check_pool(pool, ram)
                    pools[pool.cells('phandle')[0]] = pool
                self.check_apart(node.children)
        users = {}
        for node in root.walk():
            for phandle in node.cells('memory-region'):
                self.assertIn(phandle, pools)
                users.setdefault(phandle, []).append(node.path())
            if node.parent and '/pcie@10000000/' in node.path():
                self.check_pci(node)
        self.assertEqual(set(users), set(pools))
        return root, [users[phandle] for phandle in sorted(pools)]

    def test_bus(self):
        _, users = self.tree('-device', 'teeio-pool')
        self.assertEqual(users, [['/pcie@10000000']])

    def test_none(self):
        root, users = self.tree('-device', 'teeio-tdi')
        self.assertEqual(users, [])
        self.assertNotIn('reserved-memory', [n.name for n in root.children])

    def test_all(self):
        _, users = self.tree('-device', 'teeio-pool,scope=all')
        self.assertEqual(len(users[0]), 33)

    def test_functions(self):
        _, users = self.tree(
            *DISK, '-device', 'pcie-root-port,id=rp,addr=3.2',
            '-device', 'virtio-blk-pci,id=b,bus=rp,drive=d',
            '-device', 'virtio-rng-pci,id=r,addr=5',
            '-device', 'virtio-rng-device,id=m',
            '-device', 'teeio-pool,scope=b', '-device',
            'teeio-pool,scope=r+m,dma-default=on', '-device',
            'teeio-pool,placement=dynamic')
        self.assertEqual(users[0], ['/pcie@10000000/pcie@3,2/dev@0,0'])
        self.assertEqual(sorted(users[1]), ['/pcie@10000000/dev@5,0',
                                            '/virtio_mmio@a003e00'])
        self.assertEqual(users[2], ['/pcie@10000000'])

    def test_many(self):
        args = []
        for size in ('64K', '1M', '8M', '3M') * 4:
            args += ['-device', f'teeio-pool,size={size}']
        _, users = self.tree(*args, '-m', '8G')
        self.assertEqual(len(users), 16)

    def test_windows(self):
        root, _ = self.tree(
            '-device', 'teeio-window,base=0x40000000,size=0x10000000',
            '-device', 'teeio-window,base=0x8000000000,size=0x1000,'
                       'target=0x50000000',
            '-device', 'teeio-window,base=0,size=0x1000,via=none')
        bridge = next(n for n in root.children if n.name == 'pcie@10000000')
        self.assertEqual(bridge.cells('dma-ranges'),
                         (0x2000000, 0, 0x40000000, 0, 0x40000000, 0,
                          0x10000000,
                          0x2000000, 0x80, 0, 0, 0x50000000, 0, 0x1000))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
