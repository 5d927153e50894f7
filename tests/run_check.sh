#!/bin/sh
# Builds and runs all the tests; the last line is "N passed, N failed" (and skipped ones).
set -u
build=$1
ninja -C "$build" || { echo "0 passed, 1 failed"; exit 1; }
log=$build/meson-logs/testlog.txt
# clang-tidy takes longer than all the rest: tests/static_analysis.sh BUILD runs it
meson test -C "$build" --no-rebuild --print-errorlogs --no-suite static
status=$?
count() { sed -n "s/^$1: *\([0-9]*\) *$/\1/p" "$log" | tail -n 1; }
passed=$(count Ok)
failed=$(( $(count Fail) + $(count Timeout) + $(count 'Unexpected Pass') ))
skipped=$(count Skipped)
grep -l . "$log" >/dev/null 2>&1 || failed=1
if [ "${skipped:-0}" -gt 0 ]; then
  echo "${passed:-0} passed, $failed failed, $skipped skipped"
else
  echo "${passed:-0} passed, $failed failed"
fi
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ]
