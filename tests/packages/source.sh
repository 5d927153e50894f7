#!/bin/sh
# In a root with make and nothing else: make TARGET, by the words of README.
set -eu
cd /src
began=$(date +%s)
make "$1" >"/$1.log" 2>&1 || { tail -n 40 "/$1.log"; exit 1; }
# a run's results, or the tests' counts
grep -v '^episode' "/$1.log" | tail -n 12
echo "seconds of make $1: $(($(date +%s) - began)), packages included"
