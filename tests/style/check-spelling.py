#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""codespell over all texts of the project."""
import os
import subprocess
import sys

import tree


def main():
    root = os.path.abspath(sys.argv[1])
    names = [name for name in tree.files(root)
             if not name.startswith('LICENSES/')]
    result = subprocess.run(
        [tree.tool('codespell'), '--ignore-words',
         os.path.join(os.path.dirname(__file__), 'spelling.txt')] + names,
        cwd=root, check=False)
    sys.exit(1 if result.returncode else 0)


if __name__ == '__main__':
    main()
