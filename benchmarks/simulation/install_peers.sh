#!/bin/sh
# Installs the peers of the simulation benchmarks: R and three of its packages, from Debian and from nowhere else.
# Safe to run again: what is there stays there. Needs root.
set -eu

packages="r-base-core r-cran-survival r-cran-rpact r-cran-mediana r-cran-cmprsk"

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done

if [ -z "$missing" ]; then
    echo "peers are installed"
else
    if [ "$(id -u)" -ne 0 ]; then
        echo "run this as root: packages are missing:$missing" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing
fi

dpkg-query -W -f='${Package} ${Version}\n' $packages
