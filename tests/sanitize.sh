#!/bin/sh
# Builds with a sanitizer in a folder of its own and runs suites, the short one where none is
# named: [CC=clang] tests/sanitize.sh address,undefined|thread [SUITE...]
set -eu
kind=${1:?usage: tests/sanitize.sh address,undefined|thread [SUITE...]}
shift
[ $# -gt 0 ] || set -- short
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build-${CC:+$CC-}$(echo "$kind" | tr ',' '-')
# clang's runtime is part of the program, not of the library
[ -f "$build/build.ninja" ] ||
  meson setup "$build" "$root" -Db_sanitize="$kind" -Dbuildtype=debugoptimized \
    -Db_lundef=false >/dev/null
ninja -C "$build" >"$build/build.log" || { cat "$build/build.log"; exit 1; }
suites=
for suite; do suites="$suites --suite $suite"; done
# everything takes several times as long
export HRL_TEST_PATIENCE=5
export LSAN_OPTIONS="suppressions=$root/tests/lsan.supp:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$root/tests/tsan.supp:print_suppressions=0"
# shellcheck disable=SC2086
meson test -C "$build" --no-rebuild $suites --print-errorlogs --timeout-multiplier 5
