#!/usr/bin/env bash
# Routing by prefixes against round-robin, live: two clusters of one frontend and three workers with the bundled model, loaded in turn with the
# same requests, 24 shared heads of 1,024 tokens that one worker's cache cannot hold together. Prints first tokens and reuse of each round.
#   tests/routing.sh [--rounds N]
set -uo pipefail

rounds=3
[ $# -eq 0 ] || { [ "$1" = --rounds ] && rounds=${2:?--rounds needs a number}; } || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
deploy/prerequisites.sh --tests || exit 1
dynamo=$root/deploy/dynamo
"$dynamo" --version >/dev/null || exit 1

work=$(mktemp -d)
pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"; }
trap cleanup EXIT

free_port() { local port; while :; do port=$((20000 + RANDOM % 20000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }; done; }
redis=$(free_port)
redis-server --port "$redis" --bind 127.0.0.1 --dir "$work" --appendonly yes >/dev/null & pids+=($!)
export REDIS_ENDPOINTS=127.0.0.1:$redis
unset NATS_SERVER HEAD_NODE_IP

declare -A port
for mode in kv round-robin; do
  export DYN_NAMESPACE=routing-$mode
  port[$mode]=$(free_port)
  "$dynamo" frontend --router-mode "$mode" --http-port "${port[$mode]}" 2>"$work/$mode.frontend" & pids+=($!)
  for worker in 1 2 3; do
    "$dynamo" worker --model deploy/models/demo --num-threads 1 --num-gpu-blocks-override 400 2>"$work/$mode.$worker" & pids+=($!)
  done
done
for mode in kv round-robin; do
  for _ in $(seq 120); do
    ready=$(curl -s "http://127.0.0.1:${port[$mode]}/admin/workers" | grep -o '"state":"ready"' | wc -l)
    [ "$ready" = 3 ] && break
    sleep 0.5
  done
  [ "$ready" = 3 ] || { echo "routing.sh: the workers of $mode did not come up:" >&2; cat "$work/$mode".* >&2; exit 1; }
done

field() { grep -o "\"$1\": *[0-9.]*" "$2" | grep -o '[0-9.]*$'; }
printf '| round | router | mean TTFT, ms | p99 TTFT, ms | prompt tokens reused |\n|---|---|---|---|---|\n'
for round in $(seq "$rounds"); do
  for mode in kv round-robin; do
    "$dynamo" bench "http://127.0.0.1:${port[$mode]}" --concurrency 6 --requests 192 --input-tokens 1100 --output-tokens 8 \
      --prefix-groups 24 --prefix-tokens 1024 --seed "$round" --json "$work/report.json" >/dev/null 2>"$work/bench" || { cat "$work/bench" >&2; exit 1; }
    printf '| %s | %s | %s | %s | %s |\n' "$round" "$mode" "$(field mean_ttft_ms "$work/report.json")" "$(field p99_ttft_ms "$work/report.json")" \
      "$(field prefix_cache_reused_ratio "$work/report.json")"
  done
done
