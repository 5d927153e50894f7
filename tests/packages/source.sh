#!/bin/sh
# In a root with make and nothing else: the first command of README.
set -eu
cd /src
began=$(date +%s)
make train >/train.log 2>&1 || { tail -n 20 /train.log; exit 1; }
grep -v '^episode' /train.log
echo "seconds of make train: $(($(date +%s) - began)), packages included"
