# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
# shellcheck shell=sh disable=SC2154 # the script sets here and kind
#
# What the scripts that put a kernel into the cache share. apt works in
# folders of its own below the cache: neither root nor a foreign architecture
# is needed, and the machine's package state stays as it is.
#
# The script defines
#   here      the folder of this file
#   kind      what the names of its kernels begin with
#   usage     prints its help
#   inputs    prints all that its result depends on
#   produce   fills $work/new from the packages in $debs
# and calls kernel_main "$@".

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

known_names() {
    ( cd "$here/kernels" && echo "$kind"-*.sums | sed 's/[.]sums//g' )
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
APT::Architectures { "$host"; "$target"; };
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
    if grep -q '~bpo' "$sums"; then
        printf 'deb %s %s main\n' http://deb.debian.org/debian \
            bookworm-backports >"$apt/sources/backports.list"
    fi
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

bad_usage() {
    usage >&2
    exit 2
}

parse_arguments() {
    cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}/qemu-teeio
    name=
    while [ $# -gt 0 ]; do
        case $1 in
        --cache)
            [ $# -gt 1 ] || bad_usage
            cache=$2
            shift
            ;;
        --cache=*) cache=${1#--cache=} ;;
        -h | --help)
            usage
            exit 0
            ;;
        -*) bad_usage ;;
        *)
            [ -z "$name" ] || bad_usage
            name=$1
            ;;
        esac
        shift
    done
    [ -n "$name" ] || bad_usage
}

is_complete() {
    [ "$(cat "$dir/stamp" 2>/dev/null)" = "$stamp" ]
}

lock() {
    exec 9>"$cache/kernels/.$name.lock"
    if ! flock -n 9; then
        say 'waiting for another run to finish'
        flock 9
        if is_complete; then
            exit 0
        fi
    fi
}

kernel_main() {
    parse_arguments "$@"
    sums=$here/kernels/$name.sums
    case $name in
    "$kind"-*) [ -f "$sums" ] ;;
    *) false ;;
    esac || die 'no such kernel here' "known: $(known_names)"

    mkdir -p "$cache/kernels" "$cache/debs" 2>/dev/null ||
        die "cannot write below $cache" \
            'set XDG_CACHE_HOME, or give --cache DIR'
    cache=$(cd "$cache" && pwd)
    dir=$cache/kernels/$name
    debs=$cache/debs

    # The stamp holds all that the result depends on, and is written last.
    stamp="$(inputs | sha256sum | cut -d ' ' -f 1) $dir"
    if is_complete; then
        exit 0
    fi

    PATH=$PATH:/usr/sbin:/sbin
    need flock util-linux
    need dpkg-deb dpkg
    need depmod kmod
    host=$(dpkg --print-architecture)
    case $name in
    *-amd64*) target=amd64 ;;
    *) target=arm64 ;;
    esac
    lock

    # Also removes what a killed run left behind.
    work=$cache/kernels/.$name.work
    rm -rf "$work"
    mkdir "$work"
    apt=$work/apt
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' HUP INT TERM
    fetch_packages
    produce
    rm -rf "$dir"
    mv "$work/new" "$dir"
    printf '%s\n' "$stamp" >"$dir/stamp"
    say "ready in $dir"
}
