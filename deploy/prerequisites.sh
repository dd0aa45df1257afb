#!/usr/bin/env bash
# Installs what a build and a run need and a fresh Debian 12 or 13 lacks: the .NET 10 SDK, and a libstdc++ that TorchSharp can load.
# Does nothing, quickly, when everything is there. Needs root only when something is missing.
#   deploy/prerequisites.sh [--tests]
# --tests also installs the servers that tests start (Redis, NATS) and the tool that cuts links between them.
set -euo pipefail

readonly needed_symbol=GLIBCXX_3.4.32   # libLibTorchSharp.so 0.107 is built with GCC 13

say() { printf 'prerequisites: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "this is $(uname -s) on $(uname -m); the libtorch packages used here are for Linux on x86_64 only."
. /etc/os-release 2>/dev/null || true

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "'$*' needs root: run this once as root."
  fi
}

apt_updated=
apt_install() {
  if [ -z "$apt_updated" ]; then
    as_root apt-get update -qq || fail "'apt-get update' failed; see the lines above."
    apt_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# --- libstdc++ ---------------------------------------------------------------------------------------------------------------------
libstdcxx_path() { ldconfig -p | awk '/libstdc\+\+\.so\.6 .*x86-64/ && !found { print $NF; found = 1 }'; }
has_libstdcxx() {
  local path
  path=$(libstdcxx_path)
  [ -n "$path" ] && grep -qa "$needed_symbol" "$path"
}

# The archive that this machine already uses for its own release, so that mirrors keep working.
debian_archive() {
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /dev/null 2>/dev/null | awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z]+:\/\//) { print $i; break } }' || true
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '$1 == "URIs:" { print $2 }' || true
  } | awk '/\/debian\/?$/ && !found { print; found = 1 }'
}

install_libstdcxx() {
  if [ "${ID:-}" != debian ] || [ "${VERSION_ID:-}" != 12 ]; then
    if [ "${ID:-}" = debian ]; then
      apt_install libstdc++6
      return
    fi
    fail "${PRETTY_NAME:-this system} has a libstdc++ without $needed_symbol. TorchSharp needs the one of GCC 13 or newer (Debian 13, Ubuntu 24.04, Fedora 38, or newer)."
  fi
  local archive
  archive=$(debian_archive)
  [ -n "$archive" ] || fail "no Debian archive in /etc/apt/sources.list*; add one, then run this again."
  say "installing libstdc++6 of Debian 13 (trixie) with the libc6 it needs; nothing else is taken from there"
  as_root tee /etc/apt/sources.list.d/dynamo-orleans-trixie.sources >/dev/null <<EOF
Types: deb
URIs: $archive
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
  # libstdc++6 of Debian 13 needs its libc6, which moves only together with the packages built from the same source, with base-files
  # (libc6 2.41 breaks base-files < 13.3) and, where compilers are installed, with dpkg-dev and its Perl modules (libc6-dev 2.41-12+deb13u5
  # breaks libdpkg-perl < 1.22.22). Everything else of trixie stays out of reach: a negative priority is never taken.
  as_root tee /etc/apt/preferences.d/dynamo-orleans-trixie >/dev/null <<'EOF'
Package: *
Pin: release n=trixie
Pin-Priority: -10

Package: libstdc++6 gcc-14-base libc6 libc-bin libc6-dev libc-dev-bin libc6-dbg libc-devtools libc-l10n locales locales-all nscd base-files dpkg-dev libdpkg-perl
Pin: release n=trixie
Pin-Priority: 990
EOF
  apt_install --no-remove libstdc++6 || fail "apt would have to remove packages to install it (see them with 'apt-get install -s libstdc++6'). Remove or upgrade them, then run this again."
}

if ! has_libstdcxx; then
  install_libstdcxx
  has_libstdcxx || fail "libstdc++ still lacks $needed_symbol ($(libstdcxx_path)); install the one of GCC 13 or newer."
fi

# --- ICU: Unicode normalization of tokenizers ---------------------------------------------------------------------------------------
has_icu() { [ -n "$(ldconfig -p | awk '/libicuuc\.so.*x86-64/ { print $NF }')" ]; }

if ! has_icu; then
  [ "${ID:-}" = debian ] || fail "no ICU library (libicuuc.so) here; install your system's libicu package."
  apt_install ca-certificates   # brings the package lists up to date
  icu=$(apt-cache pkgnames libicu | grep -E '^libicu[0-9]+$' | sort -V | head -n 1)
  [ -n "$icu" ] || fail "no libicu package is known to apt."
  say "installing $icu"
  apt_install "$icu"
fi

# --- .NET SDK ----------------------------------------------------------------------------------------------------------------------
has_sdk() { command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }

install_sdk() {
  [ "${ID:-}" = debian ] || fail "no .NET 10 SDK here. Install it (https://dotnet.microsoft.com/download/dotnet/10.0), then run this again."
  apt_install ca-certificates curl
  if ! apt-cache policy dotnet-sdk-10.0 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    say "adding Microsoft's package source for Debian $VERSION_ID"
    local package
    package=$(mktemp --suffix=.deb)
    curl -fsSL "https://packages.microsoft.com/config/debian/$VERSION_ID/packages-microsoft-prod.deb" -o "$package" \
      || fail "no .NET 10 SDK here and Microsoft's package source cannot be reached; install the SDK (https://dotnet.microsoft.com/download/dotnet/10.0), then run this again."
    as_root dpkg -i "$package" >/dev/null
    rm -f "$package"
    apt_updated=
  fi
  say "installing the .NET 10 SDK"
  apt_install dotnet-sdk-10.0
}

if ! has_sdk; then
  install_sdk
  has_sdk || fail "the .NET 10 SDK is still not on PATH."
fi

# --- servers for tests ---------------------------------------------------------------------------------------------------------------
if [ "${1:-}" = --tests ] && [ "${ID:-}" = debian ]; then
  missing=()
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v nats-server >/dev/null || [ -x /usr/sbin/nats-server ] || missing+=(nats-server)
  command -v ip >/dev/null || [ -x /usr/sbin/ip ] || missing+=(iproute2)
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing ${missing[*]} for the tests"
    apt_install ca-certificates "${missing[@]}"
  fi
fi
