#!/bin/sh
# In a root: version 0.1 is installed and used, upgraded and used on, and purged.
#
#   upgrade.sh prepare     fetches what is needed, while there is a network
#   upgrade.sh             all the rest; with its service, where systemd is at work
set -eu
cd /test
. ./common.sh
service=http://127.0.0.1:8000
# of the library and its tools; in the order of their dependencies
first="libhrl0 libhrl-dev hrl-tools"

has_systemd() { [ -d /run/systemd/system ]; }

# Every path but those that any installed package has, and those of apt, dpkg and their kin.
list_strays() {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
    -o -path /test -o -path /old -o -path /new -o -path /var/cache -o -path /var/log \
    -o -path /var/lib/apt -o -path /var/lib/dpkg \) -prune -o -print | sort >/strays.all
  cat /var/lib/dpkg/info/*.list | sort -u >/strays.owned
  comm -23 /strays.all /strays.owned
}

prepare_all() {
  # shellcheck disable=SC2086
  prepare gcc libc6-dev pkg-config systemd systemd-sysv dbus
  offer /old
  # shellcheck disable=SC2086
  apt-get -q -y install --no-install-recommends --download-only $first >/apt.log 2>&1
  offer /new
  # shellcheck disable=SC2086
  apt-get -q -y install --download-only $first hrl-serve >/apt.log 2>&1
  apt-get -q -y install --no-install-recommends --download-only hrl-mpi python3-hrl >/apt.log 2>&1
}

use_old() {
  list_strays >/strays.before
  offer /old
  # shellcheck disable=SC2086
  apt-get -q -y install --no-install-recommends $first
  dpkg-query -W $first | tee /versions.old
  hana 'sed "s/income: .*/income: 1750/" /usr/share/hrl/scenarios/torino_single.yaml >mine.yaml'
  show 4 'hrl-train ./mine.yaml --episodes 200 --seed 5'
  # one that is stopped amid its work
  hana 'timeout --foreground -s INT 1 hrl-train ./mine.yaml --episodes 900000 --output stopped' >/stopped.log ||
    [ $? = 124 ] || fail "hrl-train did not begin"
  hana 'hrl-eval mine --csv >mine.csv; hrl-eval stopped/mine --csv >stopped.csv'
  # programs of 0.1, for which nobody has the sources any more
  for example in 02_step 04_advise 05_own_policy; do
    hana "gcc /usr/share/doc/libhrl-dev/examples/$example.c -o $example \
      \$(pkg-config --cflags --libs hrl) -lm"
  done
  run_programs before
  if has_systemd; then
    systemctl enable --now hrl-serve.service
    wait_for curl -sSf "$service/health"
    post /api/training/start '{"scenario_name": "bologna_coppia", "num_episodes": 200}' >/dev/null
    wait_for is_idle
    systemctl show -P MainPID hrl-serve >/pid.old
  fi
}

run_programs() {
  hana "./04_advise mine 3000 40 >advise.$1; ./05_own_policy >own.$1"
  hana "mkdir -p step.$1 && cd step.$1 && ../02_step >../step.$1.txt"
}

upgrade() {
  offer /new
  apt-get -q -y upgrade --with-new-pkgs
  apt-get -q -y install --no-install-recommends python3-hrl hrl-mpi
  dpkg-query -W $first hrl-serve | tee /versions.new
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' hrl-serve)" = "ii " ] ||
    fail "the upgrade took hrl-serve away"
  ! dpkg -L hrl-tools | grep hrl-serve || fail "hrl-tools still has files of hrl-serve"
}

use_new() {
  hana 'hrl-eval mine --csv >mine.new.csv 2>notes; cat notes; cmp mine.csv mine.new.csv' ||
    fail "the pair is another one"
  hana 'hrl-eval stopped/mine --csv 2>/dev/null | cmp - stopped.csv' || fail "the pair is another one"
  hana 'hrl-eval --inspect models/checkpoints/mine/checkpoint_episode_200' |
    grep -q '"library_version": *"0.1' || fail "no checkpoint of 0.1"
  run_programs after
  hana 'cmp advise.before advise.after && cmp own.before own.after' ||
    fail "programs of 0.1 do something else"
  hana 'hrl-train ./mine.yaml --resume auto --seed 5 --episodes 400' >/resumed.log 2>&1 ||
    { cat /resumed.log; fail "does not go on"; }
  grep -q 'resumed after episode 200' /resumed.log || { cat /resumed.log; fail "begins anew"; }
  ! grep skipped /resumed.log || fail "its checkpoints are not taken at once"
  head -n 4 /resumed.log
  go_on_stopped
  hana 'python3 -c "import hrl; print(hrl.Policy(\"mine\").advise(cash=3000, months_remaining=40))"'
  hana 'hrl-train-mpi --help' >/dev/null
  if has_systemd; then use_service; fi
}

# Some episodes more than the checkpoint has.
go_on_stopped() {
  newest=$(ls /home/hana/stopped/checkpoints/mine | sed -n 's/checkpoint_episode_//p' | sort -n | tail -n 1)
  hana "hrl-train ./mine.yaml --resume stopped/checkpoints/mine --output stopped \
    --episodes $((newest + 100))" >/resumed.log 2>&1 || { cat /resumed.log; fail "does not go on"; }
  grep -q "resumed after episode $newest" /resumed.log || { cat /resumed.log; fail "begins anew"; }
  echo "a run stopped after $newest episodes goes on"
}

use_service() {
  wait_for curl -sSf "$service/health"
  [ "$(systemctl is-enabled hrl-serve)" = enabled ] || fail "the service is no longer enabled"
  [ "$(systemctl show -P MainPID hrl-serve)" != "$(cat /pid.old)" ] ||
    fail "the old program still runs"
  curl -sSf "$service/api/models" | grep -q '"name": *"bologna_coppia"' || fail "no model of 0.1"
  post /api/simulation/run \
    '{"model_name": "bologna_coppia", "scenario_name": "bologna_coppia", "num_episodes": 10}' >/dev/null
  post /api/training/start '{"scenario_name": "torino_single", "num_episodes": 200}' >/dev/null
  wait_for is_idle
  curl -sSf -H 'Accept: text/html' "$service/" | grep -qi '<!doctype html>' || fail "no page"
  ls -R /var/lib/private/hrl | grep torino_single_low_agent.pt
  systemctl show -p DynamicUser -p MemoryPeak hrl-serve
  echo "the service went on with its models"
  use_override
  systemctl stop hrl-serve
  systemctl start hrl-serve.socket
  curl -sSf "$service/health" >/dev/null || fail "its socket does not start it"
}

# As docs/installing.md has it.
use_override() {
  echo secret-of-the-test >/etc/hrl-serve.token
  chmod 600 /etc/hrl-serve.token
  mkdir -p /etc/systemd/system/hrl-serve.service.d
  override=/etc/systemd/system/hrl-serve.service.d/override.conf
  cat >$override <<'UNIT'
[Service]
ExecStart=
ExecStart=/usr/bin/hrl-serve --models /var/lib/hrl/models --host 0.0.0.0 --token-file %d/token
LoadCredential=token:/etc/hrl-serve.token
UNIT
  systemctl daemon-reload
  systemctl restart hrl-serve
  wait_for curl -sSf "$service/health"
  code=$(curl -s -o /dev/null -w '%{http_code}' "$service/api/models")
  [ "$code" = 401 ] || fail "without the token: $code"
  curl -sSf -H 'Authorization: Bearer secret-of-the-test' "$service/api/models" >/dev/null ||
    fail "the token is not taken"
  rm -r $override /etc/systemd/system/hrl-serve.service.d /etc/hrl-serve.token
  systemctl daemon-reload
}

purge() {
  # shellcheck disable=SC2046
  apt-get -q -y purge $(dpkg-query -W -f '${source:Package} ${Package}\n' |
    sed -n 's/^libhrl //p')
  ! dpkg -l '*hrl*' | grep -E '^.[^n]' | grep -E 'hrl' || fail "packages are left"
  if has_systemd; then
    ! systemctl is-active hrl-serve || fail "the service still runs"
    [ -e /var/lib/private/hrl/models/bologna_coppia_low_agent.pt ] || fail "models are lost"
  fi
  [ -e /home/hana/models/mine_low_agent.pt ] || fail "models are lost"
  list_strays >/strays.after
  # models and runs are their users'; what else Debian's own packages left behind is theirs
  ! comm -13 /strays.before /strays.after | grep hrl |
    grep -vE '^/(home/hana|var/lib/hrl|var/lib/private/hrl)(/|$)' || fail "files are left"
}

if [ "${1:-}" = prepare ]; then
  prepare_all
else
  use_old
  upgrade
  use_new
  purge
  echo "upgraded, used on and purged"
fi
