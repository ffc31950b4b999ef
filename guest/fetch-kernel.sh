#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
#
# Fetch a pinned Debian kernel, its modules and its headers into the cache.
# apt works in folders of its own below the cache: neither root nor a foreign
# architecture is needed, and the machine's package state stays as it is.

set -eu

# Kernels that come as packages; a list without an image is somebody else's.
known() {
    ( cd "$here/kernels" && grep -l ' linux-image-' -- *.sums |
        sed 's/\.sums$//' | tr '\n' ' ' | sed 's/ $//' )
}

usage() {
    cat <<EOF
usage: fetch-kernel.sh [--cache DIR] NAME

Fetch the kernel NAME into DIR/kernels/NAME (DIR: by default
\${XDG_CACHE_HOME:-\$HOME/.cache}/qemu-teeio).
Known names: $(known)
EOF
}

die() {
    printf 'teeio: kernel %s: %s\n' "$name" "$1" >&2
    if [ $# -gt 1 ]; then
        printf 'hint: %s\n' "$2" >&2
    fi
    exit 1
}

say() {
    printf 'teeio: kernel %s: %s\n' "$name" "$1" >&2
}

need() {
    command -v "$1" >/dev/null 2>&1 ||
        die "the command $1 is missing" "install the package $2"
}

# File names of the packages that this machine needs: linux-kbuild holds
# programs, so it must be of the machine's own architecture.
wanted_files() {
    awk -v host="$host" '
        /^#/ { next }
        $2 ~ /^linux-kbuild/ && $2 !~ "_" host "[.]deb$" { next }
        { print $2 }' "$sums"
}

verify() {
    ( cd "$1" && grep -F "  $2" "$sums" | sha256sum --status -c - )
}

# Copy the entries of the machine's apt sources, without their restrictions to
# an architecture: all, or with $1 = debian those whose URI says so.
copy_sources() {
    rm -rf "$apt/sources"
    mkdir -p "$apt/sources"
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$list" ] || continue
        awk -v only="$1" '
            !/^[ \t]*deb[ \t]/ || /[ \t]cdrom:/ { next }
            only == "" || $0 ~ (":/[^ \t]*" only)' "$list" |
            sed -e 's/arch=[^] ]*//' -e 's/\[ *\]//' \
                >>"$apt/sources/$(basename "$list" .list).list"
    done
    for list in /etc/apt/sources.list.d/*.sources; do
        [ -r "$list" ] || continue
        awk -v only="$1" '
            BEGIN { RS = ""; ORS = "\n\n" }
            /(^|\n)Enabled:[ \t]*no/ { next }
            only == "" || $0 ~ ("(^|\n)URIs:[^\n]*" only)' "$list" |
            sed -e '/^Architectures:/d' -e 's/^Types:.*/Types: deb/' \
                >"$apt/sources/$(basename "$list")"
    done
    find "$apt/sources" -type f -empty -delete
    [ -n "$(ls -A "$apt/sources")" ]
}

# The machine's settings for reaching its mirrors (proxies, time limits) stay;
# its hooks and extra indexes do not.
write_apt_conf() {
    {
        apt-config dump | grep '^Acquire::' |
            grep -v -e '::IndexTargets' -e '::Languages' || :
        cat <<EOF
APT::Architecture "$host";
APT::Architectures { "$host"; "arm64"; };
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::Etc::Main "none";
Dir::Etc::Parts "$apt/none";
Dir::Etc::SourceList "$apt/none/sources.list";
Dir::Etc::SourceParts "$apt/sources";
Dir::Etc::Preferences "none";
Dir::Etc::PreferencesParts "$apt/none";
Dir::State "$apt/state";
Dir::State::Status "$apt/state/status";
Dir::Cache "$apt/cache";
Dir::Cache::PkgCache "";
Dir::Cache::SrcPkgCache "";
Dir::Log "$apt/log";
EOF
    } >"$apt/apt.conf"
}

prepare_apt() {
    need apt-get apt
    mkdir -p "$apt/none" "$apt/log" "$apt/state/lists/partial" \
        "$apt/cache/archives/partial"
    : >"$apt/state/status"
    copy_sources debian || copy_sources '' ||
        die 'this machine has no apt sources' \
            "add Debian 12 (bookworm, main) to /etc/apt/sources.list"
    write_apt_conf
}

# $@: file names of packages. apt-get update also fails when a mirror that is
# of no use here does, so only the download decides.
download() {
    prepare_apt
    say 'reading package lists'
    APT_CONFIG=$apt/apt.conf apt-get -q update >"$apt/log/update" 2>&1 || :
    specs=$(printf '%s\n' "$@" | sed -e 's/\.deb$//' -e 's/_all$//' \
        -e 's/^\([^_]*\)_\([^_]*\)_\(.*\)$/\1:\3=\2/' \
        -e 's/^\([^_]*\)_\([^_]*\)$/\1=\2/')
    say "downloading $# packages"
    # shellcheck disable=SC2086 # the specifications are words
    if ! ( cd "$work" && APT_CONFIG=$apt/apt.conf \
        apt-get -q download $specs >"$apt/log/download" 2>&1 ); then
        cat "$apt/log/update" "$apt/log/download" | grep '^E:' |
            head -n 3 >&2
        die 'cannot download its packages' \
            "this needs the network and Debian 12 (bookworm, main) in the apt \
sources; or put these files into $debs: $*"
    fi
    for file in "$@"; do
        # apt writes a colon in a version as %3a; these have none.
        verify "$work" "$file" ||
            die "$file is not the one that is pinned" \
                'try another Debian mirror; this one is not to be trusted'
        mv "$work/$file" "$debs/"
    done
}

fetch_packages() {
    missing=
    for file in $(wanted_files); do
        if ! [ -f "$debs/$file" ] || ! verify "$debs" "$file"; then
            missing="$missing $file"
        fi
    done
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086 # file names without blanks
        download $missing
    fi
}

# Fill $work/new with what the cache promises.
unpack() {
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
    PATH=$PATH:/usr/sbin:/sbin depmod -b "$work/image" "$version"
    mv "$work/image/boot/vmlinuz-$version" "$new/vmlinuz"
    mv "$work/image/lib/modules/$version" "$new/modules"
    cp "$work/image/boot/config-$version" "$new/config"
    printf '%s\n' "$version" >"$new/version"
    # The one absolute path in the headers.
    sed -i "s#^include /usr/src/#include $dir/headers/usr/src/#" \
        "$new/headers/usr/src/linux-headers-$version/Makefile"
}

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}/qemu-teeio
name=
while [ $# -gt 0 ]; do
    case $1 in
    --cache)
        [ $# -gt 1 ] || { usage >&2; exit 2; }
        cache=$2
        shift
        ;;
    --cache=*) cache=${1#--cache=} ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*)
        usage >&2
        exit 2
        ;;
    *)
        [ -z "$name" ] || { usage >&2; exit 2; }
        name=$1
        ;;
    esac
    shift
done
[ -n "$name" ] || { usage >&2; exit 2; }

sums=$here/kernels/$name.sums
grep -q ' linux-image-' "$sums" 2>/dev/null ||
    die 'no such kernel among the packages' "known: $(known)"

mkdir -p "$cache/kernels" "$cache/debs" 2>/dev/null ||
    die "cannot write below $cache" 'set XDG_CACHE_HOME, or give --cache DIR'
cache=$(cd "$cache" && pwd)
dir=$cache/kernels/$name
debs=$cache/debs

# The stamp holds all that the result depends on, and is written last.
stamp="$(sha256sum "$sums" | cut -d ' ' -f 1) $dir"
is_complete() {
    [ "$(cat "$dir/stamp" 2>/dev/null)" = "$stamp" ]
}
if is_complete; then
    exit 0
fi

need flock util-linux
need dpkg-deb dpkg
PATH=$PATH:/usr/sbin:/sbin need depmod kmod
host=$(dpkg --print-architecture)

exec 9>"$cache/kernels/.$name.lock"
if ! flock -n 9; then
    say 'waiting for another run to finish'
    flock 9
    if is_complete; then
        exit 0
    fi
fi

# What a killed run left behind.
rm -rf "$cache/kernels/.$name".??????
work=$(mktemp -d "$cache/kernels/.$name.XXXXXX")
apt=$work/apt
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
fetch_packages
unpack
rm -rf "$dir"
mv "$work/new" "$dir"
printf '%s\n' "$stamp" >"$dir/stamp"
say "ready in $dir"
