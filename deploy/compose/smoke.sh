#!/bin/sh
# Whether a farm that `docker compose up --wait` started does what it is for: a key, a job of each pool through TLS, the queue
# and its watchers behind the proxy. Takes the same -f as it was started with; the key that it makes it revokes.
set -eu
port=${DASEIN_HTTPS_PORT:-443}
name=${DASEIN_NAME:-localhost}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
compose() { docker compose "$@"; }

compose "$@" exec -T proxy cat /tls/fullchain.pem > "$work/ca.pem"
key=$(compose "$@" run --rm -T admin key --role admin --name smoke 2> "$work/said") || { cat "$work/said"; exit 1; }
printf 'header = "X-API-Key: %s"\n' "$key" > "$work/curl"
call() { curl -sS --fail-with-body --cacert "$work/ca.pem" --resolve "$name:$port:127.0.0.1" -K "$work/curl" "$@"; }
base=https://$name:$port

echo "Without a key: $(curl -s -o /dev/null -w '%{http_code}' --cacert "$work/ca.pem" --resolve "$name:$port:127.0.0.1" "$base/api/v2/jobs")"
job=$(call -H 'Prefer: wait=60' --json '{"kind": "ping", "params": {"echo": "smoke"}}' "$base/api/v2/jobs")
echo "$job" | grep -q '"succeeded"' || { echo "The job did not succeed: $job"; exit 1; }
echo "A job went all the way."
question=$(call -H 'Prefer: wait=60' --json '{"question": "Which instructions leak the key?"}' "$base/api/v2/queries")
echo "$question" | grep -q '"succeeded"' || { echo "The question was not answered: $question"; exit 1; }
echo "A question was answered."
pools=$(call "$base/api/v2/pools")
for pool in simulation query ingest remforge; do
    echo "$pools" | tr -d ' \n' | grep -q "\"$pool\"" || { echo "No pool $pool: $pools"; exit 1; }
done
echo "All pools are known."
flower=$(curl -s -o /dev/null -w '%{http_code}' --cacert "$work/ca.pem" --resolve "$name:$port:127.0.0.1" "$base/flower/")
[ "$flower" = 401 ] || { echo "Flower answers $flower to a stranger."; exit 1; }
prefix=${key#dsn_}
call -o /dev/null -X DELETE "$base/api/v2/keys/${prefix%%_*}"
echo "Everything that was asked for answered."
