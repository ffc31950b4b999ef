#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""shellcheck over every shell script, found by its first line, and over what
it sources."""
import os
import re
import subprocess
import sys

import tree

SHELL = re.compile(r'^#!.*\b(ba|da)?sh\b')


def main():
    root = os.path.abspath(sys.argv[1])
    names = [name for name in tree.files(root)
             if SHELL.match((tree.lines(root, name) or [''])[0])]
    result = subprocess.run(
        [tree.tool('shellcheck'), '--format=gcc', '--external-sources',
         '--check-sourced', '--source-path=SCRIPTDIR', '--'] + names,
        cwd=root, check=False)
    sys.exit(1 if result.returncode else 0)


if __name__ == '__main__':
    main()
