#!/bin/sh
# Hunts for inputs that break a promise: tests/fuzz/run.sh FOLDER SECONDS [TARGET...]
#
# Builds the targets with clang, AddressSanitizer and UndefinedBehaviorSanitizer in FOLDER
# and runs each for SECONDS, one after the other. New inputs gather in FOLDER/found/NAME;
# what broke a promise lies in FOLDER/broken and belongs into corpus/NAME once it is mended.
# With SECONDS 0 nothing is hunted: the fewest and smallest inputs of both that reach the
# same code go to FOLDER/merged/NAME, from where corpus/NAME can be renewed.
set -eu
[ $# -ge 2 ] || { echo "usage: $0 FOLDER SECONDS [TARGET...]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
seconds=$2
shift 2
[ $# -gt 0 ] || set -- scenario archive pickle metadata history runs packets body query scenario_body results connection

if [ ! -f "$folder/build.ninja" ]; then
  CC=${CC:-clang} meson setup "$folder" "$here/../.." -Dfuzz=true \
    -Db_sanitize=address,undefined -Db_lundef=false \
    -Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined' \
    -Doptimization=1 -Ddebug=true -Dexamples=false -Dman=disabled >/dev/null
fi
targets=
for name; do targets="$targets tests/fuzz/fuzz_$name"; done
# shellcheck disable=SC2086
ninja -C "$folder" $targets >"$folder/build.log" || { cat "$folder/build.log"; exit 1; }
mkdir -p "$folder/broken"

# Sizes that hold every construct; larger ones only slow the search.
longest() {
  case $1 in
    archive) echo 40000 ;;
    metadata) echo 12000 ;;
    runs) echo 24576 ;;
    scenario|history) echo 8192 ;;
    *) echo 4096 ;;
  esac
}

# The service logs every request on standard error.
silenced() {
  case $1 in
    connection) echo 2 ;;
    *) echo 0 ;;
  esac
}

dictionary() {
  case $1 in
    scenario) echo yaml ;;
    archive|pickle) echo pickle ;;
    packets) echo packets ;;
    connection) echo http ;;
    runs) echo sql ;;
    *) echo json ;;
  esac
}

failed=0
for name; do
  target=$folder/tests/fuzz/fuzz_$name
  found=$folder/found/$name
  mkdir -p "$found"
  if [ "$seconds" = 0 ]; then
    merged=$folder/merged/$name
    rm -rf "$merged"
    mkdir -p "$merged"
    "$target" -merge=1 -use_counters=0 -max_len="$(longest "$name")" "$merged" \
      "$here/corpus/$name" "$found" 2>&1 | tail -n 1
    continue
  fi
  if ! "$target" -max_total_time="$seconds" -max_len="$(longest "$name")" -timeout=10 \
      -rss_limit_mb=2048 -close_fd_mask="$(silenced "$name")" -dict="$here/$(dictionary "$name").dict" \
      -artifact_prefix="$folder/broken/$name-" -print_final_stats=1 \
      "$found" "$here/corpus/$name" >"$folder/$name.log" 2>&1; then
    failed=1
    echo "$name: broken promise, see $folder/$name.log"
  fi
  printf '%s: ' "$name"
  # the last line of its progress: code reached, inputs kept; and how many were tried
  grep -aE 'cov: ' "$folder/$name.log" | tail -n 1 | sed 's/^#\([0-9]*\)[^c]*/\1 executions, /'
done
exit "$failed"
