#!/bin/sh
# The image hrl-serve as its users run it: container.sh FOLDER, which in_podman uses. The
# container has no network but its own, so that curl is called inside.
set -eu
folder=$1
. "$(dirname "$0")/podman.sh"
. "$(dirname "$0")/common.sh"
scratch=$(mktemp -d)
name=hrl-test-$$
token=secret-of-the-test

end() {
  in_podman rm -f "$name" >/dev/null 2>&1 || true
  in_podman volume rm -f "$name" >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap end EXIT

# (podman's default limits may be more than this machine allows)
run() {
  in_podman run --network none --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 "$@"
}

start() {
  run -d --name "$name" --volume "$name:/var/lib/hrl" \
    --volume "$scratch/token:/run/secrets/hrl-token:ro" hrl-serve >"$scratch/start" 2>&1 ||
    { cat "$scratch/start"; fail "it does not start"; }
  wait_for in_podman healthcheck run "$name"
}

echo $token >"$scratch/token"
if run --rm --no-healthcheck hrl-serve >"$scratch/bare" 2>&1; then
  fail "it starts without a token"
fi
grep hrl-token "$scratch/bare" || { cat "$scratch/bare"; fail "the token is not named"; }

start
in_podman exec -i "$name" sh -eu -s $token <<'SCRIPT' || fail "see above"
service=http://127.0.0.1:8000
ask() { curl -sSf -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; }
token=$1
id
[ "$(id -u)" = 10001 ]
[ "$(curl -s -o /dev/null -w '%{http_code}' $service/api/models)" = 401 ]
ask $service/api/training/start -d '{"scenario_name": "bologna_coppia", "num_episodes": 200}' >/dev/null
tries=0
until ask $service/api/training/status | grep -Eq '"is_training": ?false'; do
  tries=$((tries + 1))
  [ $tries -lt 150 ]
  sleep 0.2
done
ls /var/lib/hrl/models/bologna_coppia_low_agent.pt
if touch /usr/bin/mine 2>/dev/null; then exit 1; fi
SCRIPT

in_podman stop -t 20 "$name" >/dev/null 2>&1
[ "$(in_podman inspect -f '{{.State.ExitCode}}' "$name")" = 0 ] || fail "it did not end by itself"
in_podman rm "$name" >/dev/null 2>&1

# the next one finds what this one made
start
in_podman exec "$name" curl -sSf -H "Authorization: Bearer $token" \
  http://127.0.0.1:8000/api/models | grep -q '"name": *"bologna_coppia"' || fail "the model is lost"
echo "the container trains, ends and goes on with its volume"
