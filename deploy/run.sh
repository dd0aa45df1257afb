#!/usr/bin/env bash
# From a fresh machine to an answer: prerequisites, build, 'dynamo serve' on the bundled model, one question over HTTP with its streamed
# answer and speed, then serving until Ctrl-C.
#   deploy/run.sh [--once] [arguments of 'dynamo serve', for example DIR or --model DIR]
# --once stops after the answer.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
once= host=${DYN_HTTP_HOST:-127.0.0.1} port=${DYN_HTTP_PORT:-8000} model= key=${DYN_API_KEY:-${VLLM_API_KEY:-}}
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --once) once=yes; shift; continue ;;
    --http-port | --port) port=${2:-} ;;
    --http-port=* | --port=*) port=${1#*=} ;;
    --http-host | --host) host=${2:-} ;;
    --http-host=* | --host=*) host=${1#*=} ;;
    --model | --model=*) model=yes ;;
    --api-key) key=${2:-} ;;
    --api-key=*) key=${1#*=} ;;
    --api-key-file) key=$(grep -v '^#' "${2:-}" | grep -m 1 . || true) ;;
    --api-key-file=*) key=$(grep -v '^#' "${1#*=}" | grep -m 1 . || true) ;;
    [!-]*) [ ${#arguments[@]} -gt 0 ] || model=yes ;;   # the first word alone, as 'dynamo serve DIR'
  esac
  arguments+=("$1")
  shift
done
[ -n "$model" ] || arguments+=(--model "$here/models/demo")
case $host in
  0.0.0.0 | '[::]' | '::') host=127.0.0.1 ;;
  *:*) host=[${host//[\[\]]/}] ;;
esac

"$here/prerequisites.sh"
"$here/dynamo" --version >/dev/null   # builds, before anything is timed or waited for

"$here/dynamo" serve "${arguments[@]}" &
server=$!
stop() {
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The chat command waits until the model is ready, as long as the server lives.
OPENAI_API_KEY=${key%%,*} "$here/dynamo" chat --url "http://$host:$port" --wait-for-pid "$server" --message "What is 17 + 25?" --temperature 0 --timing

if [ -z "$once" ]; then
  printf '\nServing on http://%s:%s (OpenAI API under /v1). Stop with Ctrl-C.\n' "$host" "$port"
  trap - EXIT
  trap 'kill -TERM "$server" 2>/dev/null' INT TERM
  while kill -0 "$server" 2>/dev/null; do wait "$server" && code=0 || code=$?; done
  exit "${code:-0}"
fi
