#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""A stock kernel reads a virtio disk behind teeio-smmuv3, over and over, and
is saved, loaded and reset meanwhile. Every read must bring what the disk
holds, and the kernel must have nothing to complain about.

Usage: snapshot.py QEMU PLUGIN INIT
"""
import os
import struct
import sys
import time

import rig


def make_qcow2(path):
    """An empty image, of which the snapshots are all that matters: header,
    refcount table, its block with four clusters in use, L1 table."""
    cluster = 1 << 16
    header = struct.pack('>4sIQIIQIIQQIIQ', b'QFI\xfb', 2, 0, 0, 16, 1 << 20,
                         0, 1, 3 * cluster, cluster, 1, 0, 0)
    table = struct.pack('>Q', 2 * cluster)
    block = struct.pack('>4H', 1, 1, 1, 1)
    with open(path, 'wb') as target:
        for part in (header, table, block, b''):
            target.write(part.ljust(cluster, b'\0'))


def arguments(folder):
    snapshots = os.path.join(folder, 'snap.qcow2')
    make_qcow2(snapshots)
    return ('-drive', f'if=none,id=snap,format=qcow2,file={snapshots}',
            '-device', 'virtio-blk-pci,drive=disk,iommu_platform=on,'
                       'disable-legacy=on',
            # Last, and yet it has to be loaded first.
            '-device', 'teeio-smmuv3,id=smmu')


def test_load_again(machine):
    """Save in the middle of traffic, go on, and go back to it."""
    machine.wait_step(5)
    if not machine.translations():
        raise RuntimeError('the disk is not behind the SMMU')
    machine.monitor('savevm one')
    machine.wait_step(10)
    for _ in range(3):
        machine.monitor('loadvm one')
        machine.wait_step(8)
    machine.finish()


def test_save_often(machine):
    """No moment is special."""
    machine.wait_step(1)
    for i in range(8):
        machine.monitor(f'savevm s{i}')
        time.sleep(0.05 * i)
        machine.monitor(f'loadvm s{i}')
    machine.finish()


def test_load_elsewhere(machine):
    """A new process takes up what another one left."""
    machine.finish()
    if any('Booting Linux' in line for line in machine.console):
        raise RuntimeError('the guest booted instead')


def test_reset(machine):
    """While the kernel boots, while it has just begun, and under load."""
    machine.wait('arm-smmu-v3')
    machine.command('system_reset')
    machine.wait('teeio-guest: ready')
    machine.command('system_reset')
    machine.wait('teeio-guest: ready')
    machine.wait_step(7)
    machine.command('system_reset')
    machine.wait('Booting Linux')
    machine.finish()


TESTS = (
    (test_load_again, ()),
    (test_load_elsewhere, ('-loadvm', 'one')),
    (test_save_often, ()),
    (test_reset, ()),
)


if len(sys.argv) != 4:
    sys.exit(__doc__.strip())
rig.run(TESTS, *sys.argv[1:], more=arguments)
