#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Every file says under which licence it is, and the models under both."""
import os
import shutil
import subprocess
import sys
import tempfile

import tree

DUAL = ('hw/', 'include/teeio/', 'subprojects/')
TAG = 'SPDX-License-' + 'Identifier:'  # in two, or it would be this file's
DUAL_TAG = f'{TAG} GPL-2.0-or-later OR BSD-2-Clause'


def reuse_lint(root, names):
    """Run reuse on a copy: it then needs neither git nor a clean tree."""
    program = tree.tool('reuse')
    with tempfile.TemporaryDirectory() as copy:
        for name in names:
            target = os.path.join(copy, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(os.path.join(root, name), target)
        result = subprocess.run([program, '--root', copy, 'lint'],
                                capture_output=True, text=True, cwd=copy,
                                check=False)
        if result.returncode:
            output = result.stdout + result.stderr
            return [output.replace(copy + '/', '')]
    return []


def main():
    root = os.path.abspath(sys.argv[1])
    names = tree.files(root)
    problems = []
    for name in names:
        if name.startswith(DUAL) and \
                name.endswith(('.c', '.h', 'meson.build')) and \
                DUAL_TAG not in tree.lines(root, name)[0]:
            problems.append(f'{name}:1: must begin with "{DUAL_TAG}"')
    tree.finish(problems + reuse_lint(root, names))


if __name__ == '__main__':
    main()
