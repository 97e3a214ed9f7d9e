#!/bin/sh
# Make one cluster of $NODES (host:port, by blanks) with $REPLICAS replicas a master, once: run again, it finds it made.
set -eu
[ -z "${PASSWORD_FILE:-}" ] || REDISCLI_AUTH=$(cat "$PASSWORD_FILE")
export REDISCLI_AUTH="${REDISCLI_AUTH:-}"
[ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH
found=
for node in $NODES; do
  host=${node%:*} port=${node##*:}
  until redis-cli -h "$host" -p "$port" ping 2> /dev/null | grep -q PONG; do sleep 1; done
  if redis-cli -h "$host" -p "$port" cluster info | grep -q 'cluster_state:ok'; then
    echo "The cluster is there already, says $node."
    exit 0
  fi
  # Nodes are introduced to each other by address.
  found="$found $(getent ahostsv4 "$host" | head -n 1 | cut -d ' ' -f 1):$port"
done
# shellcheck disable=SC2086  # one word a node
redis-cli --cluster create $found --cluster-replicas "$REPLICAS" --cluster-yes
