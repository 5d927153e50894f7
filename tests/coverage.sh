#!/bin/sh
# How much of libhrl and cli the tests reach: tests/coverage.sh [SUITE...]
#
# Builds with gcov's counters in a temporary folder, runs the suites (all of them unless
# some are named) and prints gcovr's totals of lines and branches, then the files with the
# least. With KEEP=FOLDER that folder is used and stays, with every line in it as HTML.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
command -v gcovr >/dev/null 2>&1 || { echo "gcovr is missing" >&2; exit 77; }
if [ -n "${KEEP:-}" ]; then
  build=$KEEP
else
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
fi
[ -f "$build/build.ninja" ] ||
  meson setup "$build" "$root" -Db_coverage=true -Doptimization=0 -Ddebug=true \
    >"$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
rm -f "$build.log"
ninja -C "$build" >"$build/build.log" || { cat "$build/build.log" >&2; exit 1; }
find "$build" -name '*.gcda' -delete

# Tests that fail are told, and count nevertheless: what they reached they reached.
# (files_that_may_not_grow of `cli` always does: gcov's own files may not grow either.)
# Without optimisation and with counters everything takes several times as long.
suites=
for suite; do suites="$suites --suite $suite"; done
# shellcheck disable=SC2086
meson test -C "$build" --no-rebuild --timeout-multiplier 10 $suites || true

totals() {
  gcovr --root "$root" --object-directory "$build" --exclude-unreachable-branches \
    --exclude-throw-branches --gcov-ignore-parse-errors --filter "$root/$1/" "$build" \
    --json-summary "$build/$1.json" >/dev/null
  python3 - "$1" "$build/$1.json" <<'PYTHON'
import json
import sys

name, path = sys.argv[1:]
with open(path) as file:
    summary = json.load(file)
print(f"{name}: lines {summary['line_percent']:.1f} % of {summary['line_total']}, "
      f"branches {summary['branch_percent']:.1f} % of {summary['branch_total']}")
for file in sorted(summary["files"], key=lambda file: file["line_percent"])[:8]:
    print(f"  {file['line_percent']:5.1f} % {file['branch_percent']:5.1f} %  "
          f"{file['filename']}")
PYTHON
}
totals libhrl
totals cli
if [ -n "${KEEP:-}" ]; then
  mkdir -p "$build/html"
  gcovr --root "$root" --object-directory "$build" --exclude-unreachable-branches \
    --gcov-ignore-parse-errors --filter "$root/libhrl/" --filter "$root/cli/" "$build" \
    --html-details "$build/html/index.html" >/dev/null
fi
