#!/bin/sh
# Configures the build folder once: configure.sh FOLDER build|check. Tests are part of it
# for `check` only, since they need more packages. MESON_FLAGS are passed on.
set -eu
build=$1
log=$(mktemp)
# warnings are errors where a machine checks the work, not on a user's newer compiler
[ -n "${CI:-}" ] && MESON_FLAGS="--werror ${MESON_FLAGS:-}"
tests=disabled
[ "$2" = check ] && tests=enabled

configure() {
  if [ ! -f "$build/build.ninja" ]; then
    # shellcheck disable=SC2086
    meson setup "$build" -Dtests=$tests ${MESON_FLAGS:-}
  elif [ $tests = enabled ] &&
      ! grep -q '^tests = enabled' "$build/meson-private/cmd_line.txt"; then
    # looks again for what was missing then
    meson configure "$build" -Dtests=enabled --clearcache
  fi
}

if configure >"$log" 2>&1; then
  rm -f "$log"
else
  cat "$log" >&2
  rm -f "$log"
  exit 1
fi
