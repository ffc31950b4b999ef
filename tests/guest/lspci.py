#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""What a stock kernel finds in configuration space, told by lspci: an oracle
that knows the layouts for itself.

Usage: lspci.py TEEIO SCENARIOS SCENARIO
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

DUMPED = re.compile(r'^teeio-guest: config (.*)$', re.MULTILINE)
ACS = 'ACSCap: SrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ ' \
      'EgressCtrl- DirectTrans+'
AER = '[100 v2] Advanced Error Reporting'

# A line each, its white space aside; "!" before what must not be there. IDE
# is capability 0x30, for which lspci 3.9 has no name.
EXPECTED = {
    '00:01.0': ('Express (v2) Root Port', AER, 'RootCmd: CERptEn+',
                '[148 v1] Access Control Services', ACS),
    '01:00.0': ('Express (v2) Upstream Port', AER, '!Access Control Services'),
    '02:00.0': ('Express (v2) Downstream Port', AER,
                '[148 v1] Access Control Services', ACS),
    '00:02.0': ('Device 1234:7ee1', 'FLReset+', 'MSI-X: Enable+ Count=3',
                '[c0] Power Management version 3',
                '[100 v1] Address Translation Service (ATS)',
                'ATSCap: Invalidate Queue Depth: 00',
                '[110 v1] Process Address Space ID (PASID)',
                'PASIDCap: Exec- Priv-, Max PASID Width: 14',
                '[120 v1] Page Request Interface (PRI)',
                'Page Request Capacity: 00000001',
                '[140 v1] Single Root I/O Virtualization (SR-IOV)',
                'IOVCtl: Enable+ Migration- Interrupt- MSE+',
                'Initial VFs: 2, Total VFs: 2, Number of VFs: 2',
                'VF offset: 128, stride: 1, Device ID: 7eeb',
                '[180 v1] Alternative Routing-ID Interpretation (ARI)',
                '[190 v1] Data Object Exchange', 'DOECap: IntSup+',
                'Interrupt Message Number 002',
                r'/\[200 v1\] (Integrity|Extended Capability ID 0x30)'),
    '00:12.1': ('FLReset+', 'MSI-X: Enable+ Count=2',
                '[100 v1] Address Translation Service (ATS)',
                '[110 v1] Alternative Routing-ID Interpretation (ARI)',
                '!PASID', '!Page Request', '!SR-IOV', '!Data Object Exchange',
                '![200 v1]'),
}


def dump(teeio, scenarios, scenario):
    """The lines that init printed, as lspci -F reads them."""
    with tempfile.TemporaryDirectory(prefix='teeio-lspci-') as out:
        done = subprocess.run([teeio, 'run', '--scenarios', scenarios,
                               '--out', out, scenario],
                              stdout=subprocess.PIPE, text=True, check=False,
                              timeout=400, stdin=subprocess.DEVNULL)
        if done.returncode:
            sys.exit(done.stdout)
        with open(os.path.join(out, scenario, 'console.log'),
                  encoding='utf-8', errors='replace') as log:
            text = log.read().replace('\r', '')
    return '\n'.join(DUMPED.findall(text)) + '\n'


def functions(text):
    """What lspci says of each function, by its address."""
    with tempfile.NamedTemporaryFile('w', prefix='teeio-lspci-') as file:
        file.write(text)
        file.flush()
        out = subprocess.run(['lspci', '-F', file.name, '-vvv'],
                             stdout=subprocess.PIPE, text=True, check=True,
                             stderr=subprocess.DEVNULL).stdout
    return {part.split()[0]: ' '.join(part.split())
            for part in out.strip().split('\n\n')}


def holds(wanted, text):
    if wanted[0] == '!':
        return wanted[1:] not in text
    if wanted[0] == '/':
        return re.search(wanted[1:], text)
    return wanted in text


def main(teeio, scenarios, scenario):
    if not shutil.which('lspci'):
        print('1..0 # SKIP lspci is not installed')
        return
    told = functions(dump(teeio, scenarios, scenario))
    good = True
    print(f'1..{len(EXPECTED)}')
    for number, (bdf, lines) in enumerate(EXPECTED.items(), 1):
        text = told.get(bdf, '')
        wrong = [line for line in (*lines, '!<chain broken>', '!!!!')
                 if not text or not holds(line, text)]
        print(f'{"not " if wrong else ""}ok {number} {bdf}')
        for line in wrong:
            print(f'# expected {line}')
        if wrong:
            print(f'# {text}')
        good = good and not wrong
    sys.exit(not good)


if len(sys.argv) != 4:
    sys.exit(__doc__.strip())
main(*sys.argv[1:])
