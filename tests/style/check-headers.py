#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Public headers compile alone, and those of specifications have no C
bit-fields, whose layout a compiler chooses.

usage: check-headers.py ROOT COMPILER...
"""
import os
import re
import subprocess
import sys

import tree

BIT_FIELD = re.compile(r'^\s*(unsigned|signed|int|bool|_Bool|char|short|long|'
                       r'u?int\d+_t|[us]\d+|__\w+|enum)\b[\w\s]*:\s*\w+\s*;')


def main():
    root = os.path.abspath(sys.argv[1])
    compiler = sys.argv[2:] or ['cc']
    problems = []
    for name in tree.files(root, '.h'):
        if not name.startswith('include/teeio/'):
            continue
        if name.startswith('include/teeio/spec/'):
            problems += [
                f'{name}:{number}: a bit-field: use a mask and a shift'
                for number, line in enumerate(tree.lines(root, name), 1)
                if BIT_FIELD.match(line)]
        result = subprocess.run(
            compiler + ['-std=c11', '-Wall', '-Wextra', '-Werror', '-Iinclude',
                        '-fsyntax-only', '-x', 'c', '-include', name,
                        os.devnull],
            cwd=root, capture_output=True, text=True, check=False)
        if result.returncode:
            problems.append(f'{name}:1: does not compile alone:\n'
                            + result.stderr)
    tree.finish(problems)


if __name__ == '__main__':
    main()
