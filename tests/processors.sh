#!/usr/bin/env bash
# The suites that promise equal bits (Category=Exactness: every logit of a sequence alone and among others, the reference's answers, a crowd of
# sampled answers end to end), once more as each other kind of processor that this one can play: in child processes from which oneDNN, MKL, ATen
# and .NET have instructions hidden. Says by the numerics class what each run really was.
#   tests/processors.sh [--no-build] [--own]
# --no-build  run what is built
# --own       as this processor itself, too; tests/run.sh has that among the rest
# With DYNAMO_TEST_LONG=1 also with AVX-512 hidden from .NET alone, and more answers of a kind.
# Exits with 1 when a test failed.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
build=yes own=
for argument; do
  case $argument in
    --no-build) build= ;;
    --own) own=yes ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit ;;
    *) printf 'processors.sh: unknown argument %s\n' "$argument" >&2; exit 2 ;;
  esac
done
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if [ -n "$build" ]; then
  for project in TorchTests EndToEndTests; do
    dotnet build "tests/Dynamo.$project" -c Release -nodeReuse:false -p:UseSharedCompilation=false -v quiet || exit 1
  done
  deploy/dynamo --version >/dev/null || exit 1
fi

report=$(mktemp)
trap 'rm -f "$report"' EXIT
failed=0
# run NAME [VARIABLE=VALUE...]
run() {
  local name=$1; shift
  echo "== exactness: $name"
  : >"$report"
  for project in TorchTests EndToEndTests; do
    env "$@" DYNAMO_EXACTNESS_REPORT="$report" dotnet test "tests/Dynamo.$project" -c Release --no-build --nologo --filter Category=Exactness || failed=1
  done
  sort -u "$report" | sed 's/^/   as /'
}
has() { grep -qwm1 "$1" /proc/cpuinfo; }

hidden='hidden from this processor'
[ -z "$own" ] || run 'this processor'
if has amx_bf16; then
  run "AMX $hidden" ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16
fi
if has avx512_bf16; then
  run "bfloat16 instructions $hidden" ONEDNN_MAX_CPU_ISA=AVX512_CORE
fi
if has avx512f; then
  run "AVX-512 $hidden" ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2 ATEN_CPU_CAPABILITY=avx2 DOTNET_EnableAVX512=0
  [ "${DYNAMO_TEST_LONG:-}" != 1 ] || run "AVX-512 hidden from .NET alone" DOTNET_EnableAVX512=0
fi
has avx512f || echo "== exactness: this processor has no AVX-512, so there is no other kind that it can play"
exit $failed
