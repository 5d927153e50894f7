#!/bin/sh
# shellcheck disable=SC2016 # what Hana's shell expands
#
# In a root: the packages of /new without any sources, as README has it. Its programs in C and
# Python are taken from the README that libhrl-dev installs.
set -eu
cd /test
. ./common.sh
readme=/usr/share/doc/libhrl-dev/README.md

# block LANGUAGE: the first piece of code in this language.
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$readme" | sed '1d;$d'; }

prepare gcc libc6-dev pkg-config man-db
offer /new
apt-get -q -y install --no-install-recommends libhrl0 libhrl-dev hrl-tools hrl-serve hrl-mpi \
  python3-hrl >/apt.log 2>&1 || { tail -n 20 /apt.log; fail "the packages do not install"; }
[ ! -e "$readme.gz" ] || gunzip "$readme.gz"

# as `make train` does, and a household of one's own
show 4 'hrl-train bologna_coppia --episodes 1000'
block yaml >/home/hana/mine.yaml
grep '^\$ build/cli/' "$readme" | grep -v 'hrl-serve' | sed 's|^\$ build/cli/||' >/commands
[ "$(grep -c . /commands)" -ge 4 ] || fail "README has no commands"
while read -r command; do
  echo "\$ $command"
  show 2 "$command" </dev/null
done </commands
hana 'for form in html pdf svg; do hrl-eval bologna_coppia --report report.$form >/dev/null; done; ls -s report.*'
show 3 'hrl-runs list && hrl-runs compare 1 2'
hana 'hrl-train emergency_fund --episodes 100 --quiet'
hana 'hrl-sweep --help' >/dev/null

block c >/home/hana/program.c
show 9 'cc program.c -o program $(pkg-config --cflags --libs hrl) && mkdir -p c && cd c && ../program &&
  ls models/bologna_coppia_low_agent.pt'
show 9 'cc program.c -o static -static-libgcc $(pkg-config --cflags hrl) -Wl,-Bstatic -lhrl -Wl,-Bdynamic \
  $(pkg-config --static --libs hrl | sed "s/-lhrl//") && mkdir -p static.d && cd static.d && ../static &&
  ! ldd ../static | grep libhrl'
for example in /usr/share/doc/libhrl-dev/examples/*.c; do
  hana "gcc $example -o example \$(pkg-config --cflags --libs hrl) -lm" || fail "$example does not build"
done
block python >/home/hana/program.py
show 1 'python3 program.py'

show 1 'mpirun --oversubscribe -n 2 hrl-train-mpi bologna_coppia --episodes 100 --output ranks --quiet &&
  ls ranks/bologna_coppia_low_agent.pt'

# the service, on a port that the system chooses
hana 'exec hrl-serve --port 0 >served 2>log' &
wait_for grep -q http /home/hana/served
service=$(grep -o 'http://127[0-9.:]*' /home/hana/served)
curl -sSf -H 'Accept: text/html' "$service/" | grep -qi '<!doctype html>' || fail "no page"
post /api/training/start '{"scenario_name": "bologna_coppia", "num_episodes": 1000}' >/dev/null
wait_for is_idle
post /api/simulation/run '{"model_name": "generalist", "scenario_name": "bologna_coppia"}' >/dev/null

for page in hrl-train hrl-eval hrl-advise hrl-sweep hrl-runs hrl-serve hrl-train-mpi hrl-scenario libhrl; do
  man -w $page >/dev/null || fail "no manual of $page"
  man --warnings $page 2>&1 >/dev/null | grep . && fail "manual of $page"
done
for file in $(dpkg -L hrl-tools hrl-serve | grep bash-completion/completions/); do
  bash -n "$file" || fail "$file"
done
# no path leads to the sources
# shellcheck disable=SC2046
! grep -l /built/libhrl $(dpkg -L libhrl0 libhrl-dev hrl-tools hrl-serve hrl-mpi python3-hrl |
  grep -vE '/(doc|man)/' | while read -r path; do [ -f "$path" ] && echo "$path"; done) ||
  fail "a file has a path of the build"
echo "README's commands pass without sources"
