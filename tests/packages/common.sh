# To be read by the scripts in a root. Hana is a user with a home and no rights.
# shellcheck shell=sh

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# A command of Hana's, in her home.
hana() { su hana -c "cd && $*"; }

# show LINES COMMAND...: the last lines of what a command of Hana's prints.
show() {
  lines=$1
  shift
  hana "$@" >/shown.log 2>&1 || { cat /shown.log; fail "$*"; }
  tail -n "$lines" /shown.log
}

# Packages of a folder become what apt installs from, without any network.
offer() {
  (cd "$1" && apt-ftparchive packages . >Packages)
  echo "deb [trusted=yes] file:$1 ./" >/etc/apt/sources.list.d/hrl.list
  # what is known of Debian's packages stays as it is
  apt-get -q update -o Dir::Etc::sourcelist=sources.list.d/hrl.list -o Dir::Etc::sourceparts=- \
    -o APT::Get::List-Cleanup=0 >/apt.log 2>&1
}

# What is fetched now need not be later.
prepare() {
  apt-get -q -y install --no-install-recommends apt-utils curl "$@" >/apt.log 2>&1
  useradd -m hana
}

# Waits for a command to succeed, a minute at most.
wait_for() {
  tries=0
  until "$@" >/waited.log 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { cat /waited.log; fail "waited in vain for: $*"; }
    sleep 0.2
  done
}

# Is no training at work? $service is where the service is.
# shellcheck disable=SC2154
is_idle() { curl -sSf "$service/api/training/status" | grep -Eq '"is_training": ?false'; }

post() { curl -sSf -H 'Content-Type: application/json' -d "$2" "$service$1"; }
