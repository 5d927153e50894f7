#!/bin/sh
# Debian packages as their users meet them: tests/packages.sh FOLDER [STEP...]
#
#   build     builds the packages of these sources, as a user, in a minimal root of Debian
#   lint      lintian has no error, warning or remark that debian/ does not explain
#   old       builds those of version 0.1, commit $HRL_OLD, likewise
#   abi       abidiff of both libraries: nothing that a program of 0.1 uses has changed
#   upgrade   0.1 is installed and used; upgraded, all goes on; purged, nothing stays
#             but what users made
#   alone     packages without sources: the commands of README, with a user's rights
#   source    these sources where there is make and nothing else: make train
#   check     the same: make check, all tests
#   container podman builds packaging/Containerfile and runs it
#
# Without steps all, in this order. Needs root, debootstrap and util-linux, and no more of
# the network than a mirror: $MIRROR with $SUITE (bookworm), or those that the host's apt
# has for that suite. DEB_BUILD_OPTIONS is 'nocheck' where it is not set; with '' the
# tests run during the build. FOLDER keeps roots and packages: a second run goes on there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
[ $# -gt 0 ] || { sed -n '2,19s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- build lint old abi upgrade alone source check container
suite=${SUITE:-bookworm}
old=${HRL_OLD:-28f9074}
options=${DEB_BUILD_OPTIONS-nocheck}
case " $options " in *nocheck*) profiles=nocheck ;; *) profiles= ;; esac

# shellcheck source=tests/packages/podman.sh
. "$here/packages/podman.sh"

fail() { echo "packages.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "roots are made by root; run it as root"
for program in debootstrap unshare chroot systemd-nspawn; do
  command -v $program >/dev/null || fail "$program is missing (Debian: debootstrap, util-linux,
    systemd-container)"
done

# "deb URI RELEASE main" lines: of $MIRROR, or those by which the host gets this suite.
list_sources() {
  if [ -n "${MIRROR:-}" ]; then
    echo "deb $MIRROR $suite main"
  else
    # shellcheck disable=SC2016
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
      'Created-By: Packages' 'Component: main' 'Origin: Debian' |
      grep -E " $suite(-security|-updates)? " | sort -u
  fi
}

# A command in a root, with processes and mounts of its own, which end with it.
inside() {
  mkdir -p "$folder/archives/partial"
  # shellcheck disable=SC2016
  FOLDER=$folder unshare --mount --pid --fork --kill-child sh -eu -c '
    root=$1
    shift
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --bind "$FOLDER/archives" "$root/var/cache/apt/archives"
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
      HOME=/root DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS="$OPTIONS" \
      DEB_BUILD_PROFILES="$PROFILES" "$@"' sh "$@"
}
processors=$(nproc)
export OPTIONS="$options parallel=$processors" PROFILES=$profiles

# A script in a root with systemd as its first process, and no network but its own.
boot() {
  cat >"$1/etc/systemd/system/hrl-test.service" <<UNIT
[Service]
Type=oneshot
Environment=LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
ExecStart=/bin/sh -c 'sh $2 && touch /passed'
StandardOutput=file:/test.log
StandardError=inherit
ExecStopPost=/bin/systemctl --no-block exit 0
UNIT
  mkdir -p "$1/etc/systemd/system/multi-user.target.wants"
  ln -sf ../hrl-test.service "$1/etc/systemd/system/multi-user.target.wants/"
  timeout -k 10 900 systemd-nspawn --quiet --directory "$1" --boot --register=no --keep-unit \
    --private-network --console=pipe --bind "$folder/archives:/var/cache/apt/archives" \
    </dev/null >"$folder/boot.log" 2>&1 || true
  cat "$1/test.log" || tail -n 20 "$folder/boot.log"
  [ -e "$1/passed" ] || fail "it did not pass: $1/test.log"
}

# The minimal root that all others begin as.
make_base() {
  [ -e "$folder/base.done" ] && return
  rm -rf "$folder/base"
  list_sources >"$folder/sources.list"
  [ -s "$folder/sources.list" ] ||
    fail "the host's apt knows no mirror of $suite; set MIRROR=http://..."
  mirror=${MIRROR:-$(sed -n "s/^deb \([^ ]*\) $suite main/\1/p" "$folder/sources.list" | head -1)}
  debootstrap --variant=minbase "$suite" "$folder/base" "$mirror" >"$folder/debootstrap.log" ||
    fail "see $folder/debootstrap.log"
  cp "$folder/sources.list" "$folder/base/etc/apt/sources.list"
  apt-config dump Acquire >"$folder/base/etc/apt/apt.conf.d/90host" 2>/dev/null || true
  cp -L /etc/resolv.conf "$folder/base/etc/resolv.conf"
  # the installer of Debian writes it; without it programs ask the network for localhost
  echo '127.0.0.1 localhost' >"$folder/base/etc/hosts"
  inside "$folder/base" sh -c 'apt-get -q update && apt-get -q -y dist-upgrade' >"$folder/base.log" 2>&1 ||
    { tail -n 20 "$folder/base.log"; fail "the base cannot be upgraded"; }
  touch "$folder/base.done"
}

# A fresh root, by its name; $root is then its path.
make_root() {
  make_base
  root=$folder/root-$1
  rm -rf "$root"
  cp -a "$folder/base" "$root"
  mkdir -p "$root/test"
  cp -a "$here"/packages/. "$root/test/"
}

# build_packages NAME: what is in $root/src becomes packages in FOLDER/NAME.
build_packages() {
  inside "$root" sh /test/build.sh >"$folder/$1.log" 2>&1 ||
    { tail -n 30 "$folder/$1.log"; fail "the build failed: $folder/$1.log"; }
  rm -rf "${folder:?}/$1"
  mkdir "$folder/$1"
  find "$root/built" -maxdepth 1 -type f -exec cp {} "$folder/$1" \;
  (cd "$folder/$1" && du -h -- *.deb)
  grep '^seconds' "$folder/$1.log"
}

# The files of the sources as they are, committed or not.
list_files() { git -C "$source" ls-files -z --cached --others --exclude-standard; }

copy_sources() {
  mkdir "$root/src"
  list_files | tar -C "$source" -c --null -T - | tar x -C "$root/src"
}

step_build() {
  make_root build
  copy_sources
  build_packages new
}

step_old() {
  make_root old
  mkdir "$root/src"
  git -C "$source" archive "$old" | tar x -C "$root/src"
  build_packages old
}

step_lint() {
  make_root lint
  cp -a "$folder/new" "$root/new"
  inside "$root" sh /test/lint.sh
}

step_abi() {
  make_root abi
  cp -a "$folder/old" "$folder/new" "$root"
  inside "$root" sh /test/abi.sh
}

step_upgrade() {
  make_root upgrade
  cp -a "$folder/old" "$folder/new" "$root"
  inside "$root" sh /test/upgrade.sh prepare
  boot "$root" /test/upgrade.sh
}

step_alone() {
  make_root alone
  cp -a "$folder/new" "$root"
  inside "$root" sh /test/alone.sh
}

# These sources in a root with make, which is given a target.
make_there() {
  make_root "$1"
  inside "$root" apt-get -q -y install --no-install-recommends make >"$folder/$1.log" 2>&1
  copy_sources
  # where packages of npm come from, as with those of Debian
  registry=$(npm config get registry 2>/dev/null) && echo "registry=$registry" >"$root/root/.npmrc"
  authorities=$(npm config get cafile 2>/dev/null) && [ -f "$authorities" ] &&
    cp "$authorities" "$root/etc/npm.pem" && echo "cafile=/etc/npm.pem" >>"$root/root/.npmrc"
  inside "$root" sh /test/source.sh "$2"
}

step_source() { make_there source train; }

step_check() { make_there check check; }

step_container() {
  for program in podman runc; do
    command -v $program >/dev/null ||
      { echo "skipped: $program is missing (Debian: podman, buildah, runc)"; return; }
  done
  make_base
  tar -C "$folder/base" -c . | in_podman import -q - debian:12-slim >/dev/null
  list_files | tar -C "$source" -c --null -T - |
    in_podman build -q --isolation chroot \
    --network host --format docker -t hrl-serve -f packaging/Containerfile - >"$folder/container.log"
  in_podman images
  sh "$here/packages/container.sh" "$folder"
}

for step; do
  case $step in build | lint | old | abi | upgrade | alone | source | check | container) ;;
    *) fail "unknown step '$step'" ;;
  esac
  echo "== $step"
  "step_$step"
done
echo "packages: $* passed"
