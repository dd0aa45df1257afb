#!/usr/bin/env bash
# The whole suite: prerequisites, one build with warnings as errors, formatting, every test project. Prints a closing line with the counts.
#   tests/run.sh [--long] [arguments of 'dotnet test', for example --filter FullyQualifiedName~BlockPool]
# --long   more requests of a kind, longer answers, tighter limits: for a quiet machine
# Without arguments, everything: exactness as other processors too (tests/processors.sh), the faults (tests/faults.sh) last and one round of each.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
if [ "${1:-}" = --long ]; then
  export DYNAMO_TEST_LONG=1
  shift
fi
deploy/prerequisites.sh --tests || exit 1
faults=
[ $# -gt 0 ] || { faults=yes; set -- --filter Category!=Fault; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

echo "== build"
dotnet build Dynamo.Orleans.sln -c Release -nodeReuse:false -p:UseSharedCompilation=false -p:TorchBackend="${DYNAMO_TORCH_BACKEND:-cpu}" -v quiet || exit 1
DYNAMO_IS_BUILT=yes deploy/dynamo --version >/dev/null || exit 1   # notes what it is built from, so that no test builds it again

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
failed=0

# part NAME COMMAND...: its output is shown as it comes, kept to be counted, and its failure remembered.
part() {
  local name=$1; shift
  echo "== $name"
  "$@" 2>&1 | tee "$logs/$name"
  [ "${PIPESTATUS[0]}" = 0 ] || failed=1
}

# of PROJECT [arguments of 'dotnet test']
of() {
  local project=$1; shift
  DYNAMO_EXACTNESS_REPORT=$logs/.exactness dotnet test "tests/Dynamo.$project" -c Release --no-build --nologo "$@"
}

# The unit tests of the prefix index over a Debug build of it, which refuses what native memory does not have instead of writing there.
checked_index() {
  local folder=tests/Dynamo.UnitTests/bin/Checked
  dotnet build src/Dynamo.Routing -c Debug -nodeReuse:false -p:UseSharedCompilation=false -v quiet || return 1
  rm -rf "$folder" && cp -a tests/Dynamo.UnitTests/bin/Release/net10.0/linux-x64 "$folder" || return 1
  cp --remove-destination src/Dynamo.Routing/bin/Debug/net10.0/linux-x64/Dynamo.Routing.dll "$folder/" || return 1
  dotnet test "$folder/Dynamo.UnitTests.dll" --nologo --filter FullyQualifiedName~Routing.Prefixes
}

# Silos of one process. They have the cores to themselves: beside tests that compute, a worker may look slow that is not.
cluster() {
  local code=0
  of ClusterTests "$@" || code=1
  [ -z "$faults" ] || of ClusterTests --filter Category=Fault || code=1
  return $code
}

part UnitTests of UnitTests "$@"
[ -z "$faults" ] || part 'prefix index with its assertions' checked_index
part formatting dotnet format whitespace Dynamo.Orleans.sln --no-restore --verify-no-changes
part TorchTests of TorchTests "$@"
part ClusterTests cluster "$@"
part EndToEndTests of EndToEndTests "$@"
[ ! -s "$logs/.exactness" ] || sort -u "$logs/.exactness" | sed 's/^/   exactness as /'
if [ -n "$faults" ]; then
  part 'other processors' tests/processors.sh --no-build
  part 'faults, one round of each' of EndToEndTests --filter Category=Fault
fi

# One line for all projects, from each project's own summary ("Failed: 0, Passed: 12, Skipped: 1, ...").
cat "$logs"/* | awk '
  /Failed: *[0-9]+, Passed: *[0-9]+, Skipped: *[0-9]+/ {
    for (i = 1; i < NF; i++) {
      if ($i == "Failed:") f += $(i + 1) + 0
      if ($i == "Passed:") p += $(i + 1) + 0
      if ($i == "Skipped:") s += $(i + 1) + 0
    }
  }
  END { printf "%d passed, %d failed, %d skipped\n", p, f, s }'
exit $failed
