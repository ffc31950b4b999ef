#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Every command that the documentation shows is a command that works.

usage: test-docs.py SOURCE BUILD

Commands are the lines of indented blocks that begin with one of RUNNERS. What
would boot a guest is run with --dry-run, since the guest tests boot it; what
would configure or install is compared with the script's own help.
"""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

SOURCE, BUILD = (os.path.abspath(path) for path in sys.argv[1:3])
SCRATCH = tempfile.TemporaryDirectory(prefix='teeio-docs-')
PLACEHOLDERS = {'GROUP/NAME': 'tdisp/flip-unified', '/registers/NAME': '/'}


def pages():
    yield from glob.glob(os.path.join(SOURCE, '*.md'))
    yield from glob.glob(os.path.join(SOURCE, 'docs', '**', '*.rst'),
                         recursive=True)
    yield from glob.glob(os.path.join(SOURCE, 'subprojects', '*', '*.md'))


def output_of(args, cwd=BUILD):
    done = subprocess.run(args, cwd=cwd, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60)
    if done.returncode:
        raise RuntimeError(f'exit code {done.returncode}\n{done.stdout}')
    return done.stdout


def teeio(args):
    args = [PLACEHOLDERS.get(arg, arg) for arg in args]
    args = [os.path.join(SCRATCH.name, 'out') if arg == 'build/look' else arg
            for arg in args]
    if args[0] in ('run', 'qemu') and '--dry-run' not in args:
        args.insert(1, '--dry-run')
    output_of([os.path.join(BUILD, 'teeio')] + args, SCRATCH.name)


def bootstrap(args):
    text = output_of([os.path.join(SOURCE, 'bootstrap'), 'help'])
    if not re.search(rf'^  {re.escape(args[0])} ', text, re.MULTILINE):
        raise RuntimeError(f'no verb {args[0]}')


def configure(args):
    text = output_of([os.path.join(SOURCE, 'configure'), '--help'])
    for option in args:
        if option.split('=')[0] not in text:
            raise RuntimeError(f'no option {option}')


def meson(args):
    names = output_of(['meson', 'test', '--list', '-C', BUILD])
    suites = [args[i + 1] for i, arg in enumerate(args) if arg == '--suite']
    for suite in suites:
        if f'{suite} ' not in names.replace(':', ' ').replace('+', ' '):
            raise RuntimeError(f'no suite {suite}')


def built_program(args):
    program = os.path.join(BUILD, *args[0].split('/')[1:])
    output_of([program] + [PLACEHOLDERS.get(arg, arg) for arg in args[1:]])


def guest_script(args):
    output_of([os.path.join(SOURCE, args[0]), '--help'])
    if len(args) > 1 and not glob.glob(
            os.path.join(SOURCE, 'guest', 'kernels', args[1] + '.sums')):
        raise RuntimeError(f'no kernel {args[1]}')


def style_check(args):
    output_of([os.path.join(SOURCE, args[0]), SOURCE])


RUNNERS = [
    (r'build/teeio ', lambda args: teeio(args[1:])),
    (r'\./bootstrap ', lambda args: bootstrap(args[1:])),
    (r'\./configure ', lambda args: configure(args[1:])),
    (r'meson test ', lambda args: meson(args[2:])),
    (r'build/tests/', built_program),
    (r'tests/style/', style_check),
    (r'guest/[a-z-]+\.sh ', guest_script),
]


def commands():
    for page in sorted(pages()):
        with open(page, encoding='utf-8') as text:
            for number, line in enumerate(text, 1):
                match = re.match(r'(?:   +|\t)(?:\$ )?(.*)', line)
                for pattern, run in RUNNERS:
                    if match and re.match(pattern, match[1]):
                        where = os.path.relpath(page, SOURCE)
                        yield f'{where}:{number}', match[1].rstrip(), run


def main():
    with open(os.path.join(SCRATCH.name, 'Image'), 'w', encoding='utf-8'):
        pass
    found = list(commands())
    failed = 0
    print(f'1..{len(found)}')
    for number, (where, command, run) in enumerate(found, 1):
        try:
            run(shlex.split(command, comments=True))
            print(f'ok {number} {where} {command}'.replace('#', '-'))
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f'not ok {number} {where} {command}'.replace('#', '-'))
            for line in str(error).splitlines():
                print(f'# {line}')
    return 1 if failed or not found else 0


if __name__ == '__main__':
    sys.exit(main())
