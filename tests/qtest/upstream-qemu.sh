#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
#
# Stands in for the QEMU of QEMU's own qtests, so that its tests of the SMMUv3
# drive ours: QTEST_QEMU_BINARY=upstream-qemu.sh iommu-smmuv3-test
#
# Packaged QEMU has no qtest accelerator, nor every option of a newer QEMU.
# TEEIO_QEMU and TEEIO_PLUGIN name the packaged QEMU and the plug-in.

set -eu

qemu=${TEEIO_QEMU:-qemu-system-aarch64}
plugin=${TEEIO_PLUGIN:?names the plug-in teeio.so}
smmu=false
tcg=false

# Each argument is taken from the front and, if it stays, put at the end.
count=$#
while [ "$count" -gt 0 ]; do
    argument=$1
    shift
    count=$((count - 1))
    case $argument in
    -run-with)
        shift
        count=$((count - 1))
        continue
        ;;
    qtest) argument=tcg tcg=true ;;
    virt,*iommu=smmuv3*)
        argument=$(printf '%s\n' "$argument" | sed 's/,iommu=smmuv3//')
        smmu=true
        ;;
    esac
    set -- "$@" "$argument"
done

if [ "$tcg" = true ]; then
    set -- -S "$@"
fi
if [ "$smmu" = true ]; then
    set -- -plugin "$plugin" -device teeio-smmuv3 "$@"
fi
exec "$qemu" "$@"
