#!/bin/sh
# Makes sure that the Debian packages are there which building (setup.sh build) or also
# testing (setup.sh check) needs. Installs what is missing when it may; otherwise says how.
set -eu

build="gcc libc6-dev meson ninja-build pkg-config libyaml-dev libjansson-dev
  libblis-serial-dev librandom123-dev libzip-dev zlib1g-dev libmicrohttpd-dev
  libwslay-dev libgnutls28-dev libsqlite3-dev scdoc libprotobuf-c-dev
  protobuf-c-compiler libjs-dygraphs"
check="g++ check python3 cmake libcairo2-dev libpango1.0-dev"
# real clients and peers: without them the tests that need them are skipped
peers="python3-socketio python3-requests python3-websocket python3-torch python3-numpy
  python3-protobuf nodejs npm doxygen poppler-utils openmpi-bin libopenmpi-dev
  chromium chromium-driver python3-selenium strace"

# A tool from elsewhere is as good as Debian's, and so is any variant of BLIS.
is_there() {
  case $1 in
    gcc|g++|meson|cmake|npm|python3) command -v "$1" >/dev/null 2>&1 && return 0 ;;
    ninja-build) command -v ninja >/dev/null 2>&1 && return 0 ;;
    nodejs) command -v node >/dev/null 2>&1 && return 0 ;;
    libblis-serial-dev) ls /usr/include/*/blis.h >/dev/null 2>&1 && return 0 ;;
  esac
  case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null || true) in
    *' installed') return 0 ;;
  esac
  return 1
}

missing_of() {
  list=
  for package in "$@"; do is_there "$package" || list="$list $package"; done
  echo $list
}

# A mirror that does not answer is given up after ten seconds.
apt="apt-get -o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10"

install() {
  log=$(mktemp)
  echo "installing Debian packages: $*"
  if { $apt update && DEBIAN_FRONTEND=noninteractive \
       $apt install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  tail -n 20 "$log" >&2
  rm -f "$log"
  return 1
}

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "no dpkg here: not looking for packages; meson will say what is missing" >&2
  exit 0
fi

needed=$build
[ "$1" = check ] && needed="$build $check"
needed=$(missing_of $needed)
wanted=
[ "$1" = check ] && wanted=$(missing_of $peers)
[ -n "$needed$wanted" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  if [ -n "$needed" ] && ! install $needed; then
    echo "these packages could not be installed, see above: $needed" >&2
    exit 1
  fi
  if [ -n "$wanted" ] && ! install $wanted; then
    echo "not installed, some tests will be skipped: $wanted" >&2
  fi
  exit 0
fi

if [ -n "$needed" ]; then
  echo "Debian packages are missing. Run this line, then make again:" >&2
  echo "  sudo apt-get install --no-install-recommends $(echo $needed $wanted)" >&2
  exit 1
fi
echo "some tests will be skipped; to run them too:" >&2
echo "  sudo apt-get install --no-install-recommends $wanted" >&2
