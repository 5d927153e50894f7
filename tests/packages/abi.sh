#!/bin/sh
# In a root: libhrl0 of /new takes the place of that of /old. abi.suppressions says what may
# have changed.
set -eu
apt-get -q -y install --no-install-recommends abigail-tools >/abi.log 2>&1
cd /
one() { find "$1" -name "$2" | head -1; }
status=0
abipkgdiff --suppressions /test/abi.suppressions --no-added-syms \
  --d1 "$(one old 'libhrl0-dbgsym_*.deb')" --d2 "$(one new 'libhrl0-dbgsym_*.deb')" \
  --devel1 "$(one old 'libhrl-dev_*.deb')" --devel2 "$(one new 'libhrl-dev_*.deb')" \
  "$(one old 'libhrl0_*.deb')" "$(one new 'libhrl0_*.deb')" >/abi.txt 2>&1 || status=$?
cat /abi.txt
echo "abipkgdiff ended with $status"
[ $status = 0 ]
