#!/usr/bin/env bash
# The whole suite: prerequisites, formatting, one build with warnings as errors, every test project. Prints a closing line with the counts.
#   tests/run.sh [arguments of 'dotnet test', for example --filter FullyQualifiedName~BlockPool]
# Without arguments, everything: exactness as other processors too (tests/processors.sh), the faults (tests/faults.sh) last and one round of each.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
deploy/prerequisites.sh --tests || exit 1
faults=
[ $# -gt 0 ] || { faults=yes; set -- --filter Category!=Fault; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

echo "== build"
dotnet build Dynamo.Orleans.sln -c Release -nodeReuse:false -p:UseSharedCompilation=false -v quiet || exit 1

deploy/dynamo --version >/dev/null || exit 1   # notes what it is built from, so that no test builds it again

echo "== formatting"
dotnet format whitespace Dynamo.Orleans.sln --no-restore --verify-no-changes || exit 1

log=$(mktemp) exactness=$(mktemp)
trap 'rm -f "$log" "$exactness"' EXIT
failed=0
run() {
  local project=$1; shift
  dotnet test "tests/Dynamo.$project" -c Release --no-build --nologo "$@" 2>&1 | tee -a "$log"
  [ "${PIPESTATUS[0]}" = 0 ] || failed=1
}
for project in UnitTests TorchTests ClusterTests EndToEndTests; do
  echo "== $project"
  DYNAMO_EXACTNESS_REPORT=$exactness run "$project" "$@"
done
sort -u "$exactness" | sed 's/^/   exactness as /'
if [ -n "$faults" ]; then
  # Debug builds refuse what native memory does not have, instead of writing there.
  echo "== prefix index with its assertions"
  dotnet build tests/Dynamo.UnitTests -c Debug -nodeReuse:false -p:UseSharedCompilation=false -v quiet || failed=1
  dotnet test tests/Dynamo.UnitTests -c Debug --no-build --nologo --filter FullyQualifiedName~Routing.Prefixes 2>&1 | tee -a "$log"
  [ "${PIPESTATUS[0]}" = 0 ] || failed=1
  tests/processors.sh --no-build 2>&1 | tee -a "$log"
  [ "${PIPESTATUS[0]}" = 0 ] || failed=1
  echo "== faults, one round of each"
  run ClusterTests --filter Category=Fault
  run EndToEndTests --filter Category=Fault
fi

# One line for all projects, from each project's own summary ("Failed: 0, Passed: 12, Skipped: 1, ...").
awk '
  /Failed: *[0-9]+, Passed: *[0-9]+, Skipped: *[0-9]+/ {
    for (i = 1; i < NF; i++) {
      if ($i == "Failed:") f += $(i + 1) + 0
      if ($i == "Passed:") p += $(i + 1) + 0
      if ($i == "Skipped:") s += $(i + 1) + 0
    }
  }
  END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$log"
exit $failed
