#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""No file over 800 lines, no function over 120."""
import ast
import os
import re
import sys

import tree

FILE_LIMIT = 800
FUNCTION_LIMIT = 120
SHELL_FUNCTION = re.compile(r'^\w+\(\)')


def brace_functions(text, start):
    """(first line, length) of what lies between a line that start accepts
    and the next line that is a closing brace in the first column."""
    first = None
    for number, line in enumerate(text, 1):
        if first is None and start(line):
            first = number
        elif first is not None and line.startswith('}'):
            yield first, number - first + 1
            first = None


def python_functions(text):
    for node in ast.walk(ast.parse('\n'.join(text))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def functions(name, text):
    if name.endswith(('.c', '.h')):
        # The style puts a function's brace on a line of its own.
        return brace_functions(text, lambda line: line.rstrip() == '{')
    if name.endswith('.py'):
        return python_functions(text)
    return brace_functions(text, SHELL_FUNCTION.match)


def is_code(name, text):
    return name.endswith(('.c', '.h', '.py', '.sh', 'meson.build')) or \
        bool(text and text[0].startswith('#!'))


def main():
    root = os.path.abspath(sys.argv[1])
    problems = []
    for name in tree.files(root):
        text = tree.lines(root, name)
        if not is_code(name, text):
            continue
        if len(text) > FILE_LIMIT:
            problems.append(f'{name}:{len(text)}: {len(text)} lines, '
                            f'{FILE_LIMIT} are allowed')
        for first, length in functions(name, text):
            if length > FUNCTION_LIMIT:
                problems.append(f'{name}:{first}: a function of {length} '
                                f'lines, {FUNCTION_LIMIT} are allowed')
    tree.finish(problems)


if __name__ == '__main__':
    main()
