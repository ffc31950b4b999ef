#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Who may include what.

hw/ and include/teeio/ see their own headers and a few of the C standard's;
hw/firmware also libfdt, hw/tdisp/spdm also nettle, hogweed and GnuTLS. Only qemu/ and tests/ see the headers of qemu/.
"""
import os
import re
import sys

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Without those whose use is printing, aborting or global state.
STANDARD = {'inttypes.h', 'limits.h', 'stdalign.h', 'stdarg.h',
            'stdatomic.h', 'stdbool.h', 'stddef.h', 'stdint.h', 'stdio.h',
            'stdlib.h', 'string.h'}
EXTRA = {'hw/firmware/': {'libfdt.h'},
         'hw/tdisp/spdm/': {
             'gnutls/abstract.h', 'gnutls/x509.h', 'nettle/bignum.h',
             'nettle/chacha-poly1305.h', 'nettle/ecc-curve.h',
             'nettle/ecc.h', 'nettle/ecdsa.h', 'nettle/gcm.h',
             'nettle/hkdf.h', 'nettle/hmac.h', 'nettle/memops.h',
             'nettle/sha2.h'}}
# include/teeio/spec also serves the guest's kernel module.
KERNEL = {'include/teeio/spec/': {'linux/types.h', 'linux/bits.h'}}
QEMU_OWN = re.compile(r'^(\.\./)*(qemu|hw|qom|qapi|exec|migration|sysemu)/|'
                      r'^qemu-plugin\.h$')


def core_problem(root, name, kind, header):
    folder = os.path.dirname(name)
    if kind == '<':
        allowed = set(STANDARD)
        for table in (EXTRA, KERNEL):
            for prefix, more in table.items():
                if name.startswith(prefix):
                    allowed |= more
        if header in allowed:
            return None
        return f'<{header}> is not one of the headers this folder may use'
    if header.startswith('teeio/'):
        if os.path.isfile(os.path.join(root, 'include', header)):
            return None
        return f'"{header}" does not exist below include/'
    path = os.path.normpath(os.path.join(folder, header))
    if path.startswith(('hw/', 'include/teeio/')) and \
            os.path.isfile(os.path.join(root, path)):
        return None
    return f'"{header}" is neither teeio/... nor a header of hw/'


def other_problem(root, name, header, qemu_headers):
    path = os.path.normpath(os.path.join(os.path.dirname(name), header))
    if os.path.isfile(os.path.join(root, path)) and \
            not path.startswith('qemu/'):
        return None
    if QEMU_OWN.match(header) or header in qemu_headers or \
            path.startswith('qemu/'):
        return f'"{header}": only qemu/ may know QEMU'
    return None


def main():
    root = os.path.abspath(sys.argv[1])
    qemu_headers = {name[len('qemu/'):] for name in tree.files(root, '.h')
                    if name.startswith('qemu/')}
    problems = []
    for name in tree.files(root, '.c', '.h'):
        if name.startswith(('qemu/', 'tests/')):
            continue
        for number, line in enumerate(tree.lines(root, name), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            kind, header = match.groups()
            if name.startswith(('hw/', 'include/teeio/')):
                problem = core_problem(root, name, kind, header)
            else:
                problem = other_problem(root, name, header, qemu_headers)
            if problem:
                problems.append(f'{name}:{number}: {problem}')
    tree.finish(problems)


if __name__ == '__main__':
    main()
