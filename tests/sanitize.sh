#!/bin/sh
# Builds with a sanitizer in a folder of its own and runs the short suite:
# tests/sanitize.sh address,undefined|thread [BUILD]
set -eu
kind=${1:?usage: tests/sanitize.sh address,undefined|thread [BUILD]}
root=$(cd "$(dirname "$0")/.." && pwd)
build=${2:-$root/build-$(echo "$kind" | tr ',' '-')}
[ -f "$build/build.ninja" ] ||
  meson setup "$build" "$root" -Db_sanitize="$kind" -Dbuildtype=debugoptimized \
    -Dman=disabled >/dev/null
ninja -C "$build" >"$build/build.log" || { cat "$build/build.log"; exit 1; }
# everything takes several times as long
meson test -C "$build" --no-rebuild --suite short --print-errorlogs --timeout-multiplier 5
