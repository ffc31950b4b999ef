#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
#
# Fetch a pinned Debian kernel, its modules and its headers into the cache.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
kind=stock
# shellcheck source=guest/lib-kernel.sh
. "$here/lib-kernel.sh"

usage() {
    cat <<EOF
usage: fetch-kernel.sh [--cache DIR] NAME

Fetch the kernel NAME into DIR/kernels/NAME (DIR: by default
\${XDG_CACHE_HOME:-\$HOME/.cache}/qemu-teeio).
Known names: $(known_names)
EOF
}

inputs() {
    cat "$sums"
}

# Fill $work/new with what the cache promises.
produce() {
    say 'unpacking'
    new=$work/new
    mkdir -p "$new/headers" "$work/image"
    for file in $(wanted_files); do
        case $file in
        linux-image-*) dpkg-deb -x "$debs/$file" "$work/image" ;;
        *) dpkg-deb -x "$debs/$file" "$new/headers" ;;
        esac
    done
    version=$(cd "$work/image/lib/modules" && echo *)
    [ -f "$work/image/boot/vmlinuz-$version" ] ||
        die "its package has no vmlinuz-$version"
    # Loaded by a guest without the tools that would unpack them.
    if [ -n "$(find "$work/image/lib/modules" -name '*.ko.xz')" ]; then
        need xz xz-utils
        find "$work/image/lib/modules" -name '*.ko.xz' -exec xz -d -T0 {} +
    fi
    depmod -b "$work/image" "$version"
    mv "$work/image/boot/vmlinuz-$version" "$new/vmlinuz"
    mv "$work/image/lib/modules/$version" "$new/modules"
    cp "$work/image/boot/config-$version" "$new/config"
    printf '%s\n' "$version" >"$new/version"
    # The one absolute path in the headers.
    sed -i "s#^include /usr/src/#include $dir/headers/usr/src/#" \
        "$new/headers/usr/src/linux-headers-$version/Makefile"
}

kernel_main "$@"
