#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
#
# Build a small kernel from Debian's pinned source into the cache, with what
# the stock kernels leave out: restricted DMA pools, checks of the DMA API, its
# benchmark. The fragments in kernels/ say what it has; all else is off.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
kind=custom
cross=aarch64-linux-gnu-
# shellcheck source=guest/lib-kernel.sh
. "$here/lib-kernel.sh"

usage() {
    cat <<EOF
usage: build-kernel.sh [--cache DIR] NAME

Build the kernel NAME into DIR/kernels/NAME (DIR: by default
\${XDG_CACHE_HOME:-\$HOME/.cache}/qemu-teeio).
Known names: $(known_names)
EOF
}

fragments() {
    cat "$here/kernels/base.config" "$here/kernels/${name#custom-}.config"
}

inputs() {
    cat "$sums"
    fragments
    cat "$here/build-kernel.sh"
    ${cross}gcc --version 2>/dev/null || :
}

# Of the caller's environment, little may reach kbuild: it reads dozens of
# variables. The fixed dates and names make the same Image of the same input.
kbuild() {
    env -i PATH="$PATH" HOME="${HOME:-/}" TMPDIR="${TMPDIR:-/tmp}" LC_ALL=C \
        CCACHE_DIR="$cache/ccache" CCACHE_MAXSIZE=500M \
        KBUILD_BUILD_TIMESTAMP='2026-01-01 00:00:00 UTC' \
        KBUILD_BUILD_USER=teeio KBUILD_BUILD_HOST=guest \
        KBUILD_BUILD_VERSION=1 \
        make -C "$source" ARCH=arm64 CROSS_COMPILE="$cross" \
        CC="$compiler" "$@"
}

need_tools() {
    need ${cross}gcc gcc-aarch64-linux-gnu
    need gcc gcc
    need make make
    need flex flex
    need bison bison
    need bc bc
    need xz xz-utils
    compiler=${cross}gcc
    if command -v ccache >/dev/null 2>&1; then
        compiler="ccache ${cross}gcc"
    fi
}

unpack() {
    say 'unpacking the source (1.5 GB until the end)'
    file=$(wanted_files)
    package=${file%%_*}
    dpkg-deb --fsys-tarfile "$debs/$file" |
        tar -xO "./usr/src/$package.tar.xz" |
        tar -xJ -C "$work"
    source=$work/$package
    [ -f "$source/Makefile" ] || die "cannot unpack $file" 'is the disk full?'
}

# The lines of the fragment $1 that the configuration $2 contradicts: kconfig
# drops those with unmet needs and does not say so.
dropped() {
    awk '
        FNR == 1 { files++ }
        files == 2 && /^# CONFIG_.* is not set$/ && $2 in has { print }
        !/^CONFIG_/ { next }
        { symbol = substr($0, 1, index($0, "=") - 1) }
        files == 1 { has[symbol] = $0 }
        files == 2 && has[symbol] != $0 { print }' "$2" "$1"
}

# Without CONFIG_MODVERSIONS only the release tells whether a module fits, so
# it carries a hash of the configuration.
configure() {
    say 'configuring'
    fragments >"$work/all.config"
    kbuild -s KCONFIG_ALLCONFIG="$work/all.config" allnoconfig >"$log" 2>&1 ||
        build_failed 'configuring it'
    lost=$(dropped "$work/all.config" "$source/.config")
    if [ -n "$lost" ]; then
        printf '%s\n' "$lost" >&2
        die 'its configuration does not take these lines' \
            'something that they depend on is missing in guest/kernels'
    fi
    id=$(sha256sum "$source/.config" | cut -c 1-8)
    sed -i "s/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION=\"-guest-$id\"/" \
        "$source/.config"
}

build_failed() {
    kept=$cache/kernels/$name.log
    mv "$log" "$kept"
    grep -e 'rror[ :]' -e '[*][*][*]' "$kept" | head -n 5 >&2
    die "$1 failed" "all of its output: $kept"
}

# kbuild prints a line an object; a sign of life now and then is enough.
compile() {
    say 'compiling, about six minutes on two cores'
    rm -f "$work/built"
    { kbuild -j"$(nproc)" Image modules 2>&1 && : >"$work/built"; } |
        awk -v log_file="$log" -v name="$name" '
            { print >>log_file }
            /^  (CC|AS|HOSTCC) / && ++objects % 200 == 0 {
                printf "teeio: kernel %s: %d objects\n", name, objects
                fflush()
            }' >&2
    [ -e "$work/built" ] || build_failed 'building it'
    kbuild -s INSTALL_MOD_PATH="$work/installed" INSTALL_MOD_STRIP=1 \
        modules_install >>"$log" 2>&1 || build_failed 'installing its modules'
}

# What modules are built with, as a tree that kbuild takes for one in which
# the kernel was built.
collect_headers() {
    headers=$new/headers/usr/src/linux-headers-$version
    mkdir -p "$headers"
    ( cd "$source" &&
        find Makefile .config Module.symvers include scripts \
            arch/arm64/Makefile arch/arm64/include \
            ! -type d ! -name '*.o' ! -name '.*.cmd' -print |
        tar -cf - -T - ) | tar -xf - -C "$headers"
}

collect() {
    version=$(cat "$source/include/config/kernel.release")
    new=$work/new
    mkdir "$new"
    printf '%s\n' "$version" >"$new/version"
    install -m 644 "$source/arch/arm64/boot/Image" "$new/vmlinuz"
    mv "$source/System.map" "$new/"
    cp "$source/.config" "$new/config"
    rm -f "$work/installed/lib/modules/$version/build" \
        "$work/installed/lib/modules/$version/source"
    depmod -b "$work/installed" "$version"
    mv "$work/installed/lib/modules/$version" "$new/modules"
    collect_headers
}

produce() {
    need_tools
    log=$work/log
    rm -f "$cache/kernels/$name.log"
    unpack
    configure
    compile
    collect
}

kernel_main "$@"
