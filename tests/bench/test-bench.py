#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""teeio-bench answers in JSON, and its library part has its keys."""
import json
import subprocess
import sys

KEYS = ('lib_hit_ns', 'lib_seq_miss_ns', 'lib_nested_random_ns',
        'nested_cold_reads', 'nested_warm_reads')


def main():
    bench = sys.argv[1]
    run = subprocess.run([bench, '--quick', '--part=lib', '--format=json'],
                         check=True, capture_output=True, text=True)
    figures = json.loads(run.stdout)
    missing = [key for key in KEYS
               if not isinstance(figures.get(key), (int, float))]
    if missing:
        print(f'no number for {", ".join(missing)}', file=sys.stderr)
        return 1
    run = subprocess.run([bench, '--part=none'], capture_output=True)
    if run.returncode != 2:
        print(f'an unknown part ends with {run.returncode}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
