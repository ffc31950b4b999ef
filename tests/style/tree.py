# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""What the checks of the house rules share."""
import os
import shutil
import subprocess
import sys

SKIP = 77  # meson's exit code for a skipped test


def git_files(root):
    """Files that git tracks or would add, or None when this is no checkout.

    Another user may own the checkout, as in a CI container.
    """
    git = ['git', '-c', 'safe.directory=*', '-C', root]
    try:
        top = subprocess.run(git + ['rev-parse', '--show-toplevel'],
                             capture_output=True, text=True, check=True)
        if not os.path.samefile(top.stdout.strip(), root):
            return None
        names = subprocess.run(
            git + ['ls-files', '-z', '--cached', '--others',
                   '--exclude-standard'],
            capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return names.stdout.split('\0')


def walked_files(root):
    """All files outside hidden folders of tools and build folders."""
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name for name in folders
            if name not in ('.git', '__pycache__')
            and not os.path.exists(os.path.join(folder, name,
                                                'meson-private'))]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root)


def files(root, *suffixes):
    """Sorted names, below root, of the project's files with these endings."""
    names = git_files(root)
    if names is None:
        names = walked_files(root)
    return sorted(
        name for name in set(names)
        if name and (not suffixes or name.endswith(suffixes))
        and os.path.isfile(os.path.join(root, name)))


def lines(root, name):
    with open(os.path.join(root, name), encoding='utf-8',
              errors='replace') as text:
        return text.read().splitlines()


def tool(*names):
    """The first of these commands that is installed; without one, skip."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    skip(f'{names[-1]} is not installed')


def skip(reason):
    print(f'skipped: {reason}')
    sys.exit(SKIP)


def finish(problems):
    """Print the problems, "file:line: rule" each, and end the check."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
