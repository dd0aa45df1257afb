#!/usr/bin/env bash
# Kills, stalls and cuts a cluster of real processes under load, compares every stream with the undisturbed one, and prints what came of it
# as a table (docs/reliability.md says what each row is).
#   tests/faults.sh [--rounds N] [--subject demo|mocker] [--only WORDS]
# --rounds N     each fault N times, default 5
# --subject S    demo: the bundled model; mocker: simulated GPUs; default demo
# --only WORDS   only tests whose full name contains it, for example WorkerDeath
# Exits with 1 when a stream was lost, doubled, changed or refused, or stood still for too long; the rounds after it are then not done.
set -uo pipefail

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit "$1"; }

rounds=5 subject=demo only=
while [ $# -gt 0 ]; do
  case $1 in
    --rounds | --subject | --only)
      [ $# -ge 2 ] || { printf 'faults.sh: %s needs a value\n' "$1" >&2; exit 2; }
      declare "${1#--}=$2"; shift 2 ;;
    -h | --help) usage 0 ;;
    *) printf 'faults.sh: unknown argument %s\n' "$1" >&2; usage 2 >&2 ;;
  esac
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || { printf 'faults.sh: --rounds must be a number from 1, is %s\n' "$rounds" >&2; exit 2; }
[[ $subject =~ ^(demo|mocker)$ ]] || { printf 'faults.sh: --subject must be demo or mocker, is %s\n' "$subject" >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
deploy/prerequisites.sh || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build tests/Dynamo.EndToEndTests -c Release -nodeReuse:false -p:UseSharedCompilation=false -v quiet || exit 1

report=$(mktemp)
trap 'rm -f "$report"' EXIT
filter='Category=Fault'
[ -z "$only" ] || filter="$filter&FullyQualifiedName~$only"
DYNAMO_TEST_LONG=1 DYNAMO_FAULT_REPORT=$report DYNAMO_FAULT_ROUNDS=$rounds DYNAMO_FAULT_SUBJECT=$subject \
  dotnet test tests/Dynamo.EndToEndTests -c Release --no-build --nologo --filter "$filter"
code=$?

# One row for each fault, in the order they were done first. Columns of the report: fault, subject, streams, in flight at the fault, same, failed,
# lost, doubled, different, median gap, longest gap.
printf '\n%s, %s on %s cores, %s\n\n' "$subject" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(git rev-parse --short HEAD)"
printf '| fault | rounds | streams | in flight | same as undisturbed | failed | lost | doubled | different | longest pause of a stream, ms: median of rounds (worst) |\n|---|---|---|---|---|---|---|---|---|---|\n'
awk -F '\t' '
  !($1 in n) { order[++k] = $1 }
  { n[$1]++; s[$1] += $3; live[$1] += $4; same[$1] += $5; f[$1] += $6; l[$1] += $7; d[$1] += $8; x[$1] += $9; gap[$1, n[$1]] = $11 + 0 }
  END {
    for (i = 1; i <= k; i++) {
      name = order[i]; m = n[name]
      for (a = 2; a <= m; a++) {
        value = gap[name, a]
        for (b = a - 1; b >= 1 && gap[name, b] > value; b--) gap[name, b + 1] = gap[name, b]
        gap[name, b + 1] = value
      }
      printf "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d (%d) |\n", name, m, s[name], live[name], same[name], f[name], l[name], d[name], x[name], gap[name, int((m + 1) / 2)], gap[name, m]
    }
  }' "$report"
exit $code
