#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Two CPUs map and unmap while an IOThread of the disk translates, with a
plug-in that ThreadSanitizer watches.

Usage: threads.py QEMU PLUGIN INIT LIBTSAN JUMPS [,OPTIONS-OF-PLUGIN]
"""
import glob
import os
import re
import sys

import rig

OURS = re.compile(r'\b(?:hw|qemu)/\S+\.[ch]:')



def arguments(folder):
    del folder
    return ('-smp', '2', '-object', 'iothread,id=io',
            '-device', 'teeio-smmuv3,id=smmu',
            '-device', 'virtio-blk-pci,drive=disk,iommu_platform=on,'
                       'disable-legacy=on,iothread=io')


def reports(folder):
    return os.path.join(folder, 'tsan')


def test_iothread(machine):
    """Each unmapping waits for a command while the other thread translates."""
    machine.wait_step(3)
    if not machine.translations():
        raise RuntimeError('the disk is not behind the SMMU')
    machine.finish()
    for name in glob.glob(reports(machine.folder) + '.*'):
        with open(name, encoding='utf-8', errors='replace') as text:
            judge(text.read().split('=' * 18))


def judge(found):
    """QEMU itself is not instrumented: what it synchronises with atomics
    looks like a race. One of ours has our code on both sides.
    """
    for report in found:
        sides = report.split('\n\n')[:2]
        if len(sides) == 2 and all(OURS.search(side) for side in sides):
            raise RuntimeError(report.replace('\n', '\n# '))


def main(qemu, plugin, init, tsan, jumps, *options):
    def environment(folder):
        return {'LD_PRELOAD': f'{jumps}:{tsan}',
                'TSAN_OPTIONS': f'log_path={reports(folder)} exitcode=0'}

    rig.run([(test_iothread, ())], qemu, plugin, init, arguments,
            environment=environment, options=''.join(options))


if not 6 <= len(sys.argv) <= 7:
    sys.exit(__doc__.strip())
main(*sys.argv[1:])
