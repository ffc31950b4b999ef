#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""Add up meson's test logs: "N passed, N failed, N skipped".

A program that speaks TAP counts with each of its test points, any other one
as one test. Exit code 1 when anything failed or nothing passed.
"""
import json
import re
import sys

PLAN = re.compile(r'^1\.\.\d', re.MULTILINE)
POINT = re.compile(r'^(not )?ok\b(.*)$', re.MULTILINE)
SKIP = re.compile(r'#\s*skip', re.IGNORECASE)
TODO = re.compile(r'#\s*todo', re.IGNORECASE)  # a failure is expected

GOOD = {'OK', 'EXPECTEDFAIL'}


def count(test):
    """(passed, failed, skipped) of one entry of testlog.json."""
    output = test.get('stdout') or ''
    result = test['result']
    if not PLAN.search(output):
        return (int(result in GOOD),
                int(result not in GOOD and result != 'SKIP'),
                int(result == 'SKIP'))
    passed = failed = skipped = 0
    for bad, rest in POINT.findall(output):
        if SKIP.search(rest):
            skipped += 1
        elif bool(bad) != bool(TODO.search(rest)):
            failed += 1
        else:
            passed += 1
    if result == 'SKIP' and not passed + skipped:
        skipped = 1  # "1..0 # SKIP" has no test point
    # A crash, a time-out or a plan that was not kept has no test point.
    if result not in GOOD and result != 'SKIP' and not failed:
        failed = 1
    return passed, failed, skipped


def main():
    total = [0, 0, 0]
    for log in sys.argv[1:]:
        try:
            with open(log, encoding='utf-8') as lines:
                tests = [json.loads(line) for line in lines if line.strip()]
        except OSError as error:
            print(f'summary: {log}: {error.strerror}', file=sys.stderr)
            total[1] += 1
            continue
        for test in tests:
            counts = count(test)
            total = [a + b for a, b in zip(total, counts)]
            if counts[1]:
                print(f'failed: {test["name"]}', file=sys.stderr)
    passed, failed, skipped = total
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
