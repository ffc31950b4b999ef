#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""clang-format 14 has nothing to change in any C file."""
import os
import subprocess
import sys

import tree


def main():
    root = os.path.abspath(sys.argv[1])
    program = tree.tool('clang-format-14', 'clang-format')
    version = subprocess.run([program, '--version'], capture_output=True,
                             text=True, check=True).stdout
    if ' version 14.' not in version:
        tree.skip(f'.clang-format is for version 14, this is {version.strip()}')
    names = tree.files(root, '.c', '.h')
    result = subprocess.run([program, '--dry-run', '-Werror', '--'] + names,
                            cwd=root, check=False)
    sys.exit(1 if result.returncode else 0)


if __name__ == '__main__':
    main()
