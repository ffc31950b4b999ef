#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
#
# Run one libFuzzer target for TEEIO_FUZZ_SECONDS (60) from its corpus. What
# it finds stays in a folder of the build.

set -eu

if [ $# -ne 3 ]; then
    echo 'usage: run-fuzzer.sh TARGET CORPUS FOUND' >&2
    exit 2
fi
target=$(realpath "$1")
corpus=$2
found=$3
seconds=${TEEIO_FUZZ_SECONDS:-60}

case $seconds in
0* | *[!0-9]*) # 0 would mean for ever
    echo "teeio: fuzz: TEEIO_FUZZ_SECONDS=$seconds is no time" >&2
    echo 'hint: a whole number of seconds, from 1' >&2
    exit 2
    ;;
esac
if ! ls "$corpus"/* >/dev/null 2>&1; then
    echo "teeio: fuzz: $corpus has no input: it is never started empty" >&2
    exit 2
fi
mkdir -p "$found/corpus"
log=$found/log
reproducer=$found/reproducer
rm -f "$reproducer"

status=0
"$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 \
    -malloc_limit_mb=64 -print_final_stats=1 \
    -exact_artifact_path="$reproducer" "$found/corpus" "$corpus" \
    >"$log" 2>&1 || status=$?
if [ "$status" -eq 0 ]; then
    tail -n 8 "$log"
    exit 0
fi

tail -n 60 "$log"
if [ -e "$reproducer" ]; then
    echo "reproducer: $reproducer"
    echo "replay:     $target $reproducer"
fi
echo "teeio: fuzz: $(basename "$target") ended with $status: $log has all" >&2
# Not libFuzzer's 77, which would count as a skipped test.
exit 1
