#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""What the core archive may hold: no writable data, and no call beyond a
short list, so that any number of instances can live in any host.
"""
import re
import subprocess
import sys

import tree

ALLOWED = re.compile(r'''
    (mem(chr|cmp|cpy|move|set)
    |str(n?cmp|n?len|r?chr|str|spn|cspn|n?cpy|n?cat|toull?)
    |v?snprintf
    |[mc]alloc|realloc|free|qsort|bsearch
    |fdt\d*_\w+
    |(nettle|gnutls)_\w+|__gmpz_\w+                   # hw/tdisp/spdm
    |__(mem|str|v?snprintf)\w*_chk|__stack_chk_fail  # hardening
    |__[a-z]+[sdt]i[0-9]                             # compiler's arithmetic
    |_GLOBAL_OFFSET_TABLE_
    )\Z''', re.VERBOSE)
# Written once by the dynamic linker, read-only afterwards.
RELRO = ('.data.rel.ro', '.init_array', '.fini_array')
SANITIZER = re.compile(r'__(asan|ubsan|tsan|msan|sanitizer)_')

# A thin archive shows its members in square brackets.
MEMBER = re.compile(r'^File: .*[(\[](.+)[)\]]$')
SECTION = re.compile(r'^\s*\[\s*(\d+)\]\s+(\S+)\s+\S+\s+\S+\s+\S+\s+\S+\s+'
                     r'\S+\s+([A-Za-z]*)')
SYMBOL = re.compile(r'^\s*\d+:\s+\S+\s+\S+\s+(\S+)\s+(\S+)\s+\S+\s+'
                    r'(\S+)\s+(\S+)')


def read(archive):
    """(defined names, [(member, name, problem)]) of the archive."""
    text = subprocess.run([tree.tool('readelf'), '-SsW', archive],
                          capture_output=True, text=True, check=True).stdout
    member, sections = '?', {}
    defined, undefined, writable = set(), [], []
    for line in text.splitlines():
        match = MEMBER.match(line)
        if match:
            member, sections = match[1], {}
            continue
        match = SECTION.match(line)
        if match:
            sections[match[1]] = (match[2], match[3])
            continue
        match = SYMBOL.match(line)
        if not match:
            continue
        kind, binding, index, name = match.groups()
        if index == 'UND':
            undefined.append((member, name))
            continue
        if binding != 'LOCAL':
            defined.add(name)
        section, flags = sections.get(index, (index, ''))
        if kind in ('OBJECT', 'TLS') and (index == 'COM' or 'W' in flags) \
                and not section.startswith(RELRO):
            writable.append((member, name, f'writable data in {section}'))
    calls = [(member, name, 'is not one of the functions hw/ may call')
             for member, name in undefined
             if name not in defined and not ALLOWED.match(name)]
    return undefined, writable + calls


def places(archive):
    """Where each (member, symbol) is in the sources, if the archive has debug
    information."""
    text = subprocess.run([tree.tool('nm'), '-l', archive],
                          capture_output=True, text=True, check=False).stdout
    member, found = '?', {}
    for line in text.splitlines():
        if line.endswith(':') and ' ' not in line:
            member = line[:-1].rpartition('/')[2]
        elif '\t' in line:
            symbol, place = line.split('\t', 1)
            found[member, symbol.split()[-1]] = place
    return found


def main():
    archive = sys.argv[1]
    undefined, problems = read(archive)
    if any(SANITIZER.match(name) for _, name in undefined):
        tree.skip('a sanitizer puts its own symbols into this build')
    where = places(archive) if problems else {}
    tree.finish([
        f'{where.get((member.rpartition("/")[2], name), member)}: '
        f'{name}: {problem}' for member, name, problem in problems])


if __name__ == '__main__':
    main()
