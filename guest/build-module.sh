#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
#
# Build teeio_guest.ko against a kernel of the cache.

set -eu

usage() {
    echo 'usage: build-module.sh KERNEL OUTDIR'
    echo 'KERNEL: a name in the cache, or a folder (with a slash)'
}

case ${1:-} in
-h | --help)
    usage
    exit 0
    ;;
esac
if [ $# -ne 2 ]; then
    usage >&2
    exit 2
fi

case $1 in
*/*) kernel=$1 ;;
*) kernel=${XDG_CACHE_HOME:-$HOME/.cache}/qemu-teeio/kernels/$1 ;;
esac
name=$(basename "$kernel")
version=$(cat "$kernel/version" 2>/dev/null) || version=
headers=$kernel/headers/usr/src/linux-headers-$version
if [ -z "$version" ] || ! [ -d "$headers" ]; then
    echo "teeio: guest module: kernel $name is not in the cache" >&2
    case $name in
    custom-*) echo "hint: run guest/build-kernel.sh $name" >&2 ;;
    *) echo 'hint: run ./bootstrap deps' >&2 ;;
    esac
    exit 1
fi

# Debian's native compiler goes by this name, too.
if grep -q '^CONFIG_X86_64=y' "$kernel/config"; then
    arch=x86_64
    cross=x86_64-linux-gnu-
else
    arch=arm64
    cross=aarch64-linux-gnu-
fi

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
work=$out/teeio_guest.p

# kbuild writes beside its sources, and its guesses about what changed do not
# survive a new kernel: it is three seconds, so start afresh.
rm -rf "$work"
mkdir "$work"
cp "$here/module/"* "$work/"
# Type information for BPF would need pahole, and nobody reads it.
if ! make -s -C "$headers" M="$work" ARCH="$arch" \
    CROSS_COMPILE="$cross" CC="${cross}gcc" \
    CONFIG_DEBUG_INFO_BTF_MODULES= \
    TEEIO_INCLUDE="$here/../include" modules >"$work/log" 2>&1; then
    cat "$work/log" >&2
    echo "teeio: guest module: cannot build it for kernel $name" >&2
    exit 1
fi
"${cross}strip" -g -o "$out/teeio_guest.ko" "$work/teeio_guest.ko"
