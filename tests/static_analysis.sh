#!/bin/sh
# Holds libhrl and cli to clang-tidy (.clang-tidy says which checks) and cppcheck:
# tests/static_analysis.sh BUILD, a configured build folder. 77: a tool is missing.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:?usage: tests/static_analysis.sh BUILD}
for tool in clang-tidy cppcheck; do
  command -v $tool >/dev/null 2>&1 || { echo "$tool is missing"; exit 77; }
done
[ -f "$build/compile_commands.json" ] || { echo "$build is not configured"; exit 1; }

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
cores=$(getconf _NPROCESSORS_ONLN)
failed=0

# Only what the build compiles: hrl-serve's sources are not there without its libraries.
sources=$(cd "$root" && for file in $(find libhrl cli -name '*.c' | sort); do
  grep -q "$file\"" "$build/compile_commands.json" && echo "$root/$file"
done)

# One file each time: with several, the checker of va_list takes one's for another's.
# shellcheck disable=SC2016
echo "$sources" | xargs -P "$cores" -n 1 sh -c '
  name=$(echo "$2" | tr / _)
  clang-tidy -p "$0" --quiet "$2" >"$1/$name.tidy" 2>"$1/$name.said"
  echo $? >"$1/$name.status"' "$build" "$log"
for status in "$log"/*.status; do
  [ "$(cat "$status")" = 0 ] && continue
  failed=1
  cat "${status%.status}.tidy"
  # what it says about itself, counts of warnings in headers aside
  grep -v -e ' warnings\? ' -e '^Suppressed' "${status%.status}.said"
done

# A line that is right as it is says so: cppcheck-suppress, with the reason. Headers of
# other libraries are not looked into.
cppcheck --enable=warning,performance,portability --inline-suppr --error-exitcode=1 --quiet \
  --std=c11 --library=posix --library=gnu -j "$cores" --template=gcc \
  --suppress=missingIncludeSystem -D_GNU_SOURCE -DHRLP_USE_BLIS -DHRLP_SMALL_KERNELS \
  -I "$root/include" -I "$root/libhrl" -I "$root/cli" "$root/libhrl" "$root/cli" || failed=1

[ $failed = 0 ] && echo "$(echo "$sources" | wc -l) sources, nothing found"
exit $failed
