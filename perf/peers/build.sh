#!/usr/bin/env bash
# Builds the peers into bin/, from Debian's packages. With --no-install it installs nothing; with names, it builds these only.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$here/bin
obj=$here/obj
registry=/usr/share/cargo/registry
can_install=yes
is_updated=no
peers=()

for argument in "$@"; do
  case $argument in
    --no-install) can_install=no ;;
    tokio | tokio-jemalloc | go | erlang | c) peers+=("$argument") ;;
    *)
      echo "usage: build.sh [--no-install] [tokio] [tokio-jemalloc] [go] [erlang] [c]" >&2
      exit 2
      ;;
  esac
done
if [[ ${#peers[@]} -eq 0 ]]; then
  peers=(tokio tokio-jemalloc go erlang c)
fi

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

install_packages() {
  [[ $can_install == yes ]] && command -v apt-get >/dev/null || return 1
  if [[ $is_updated == no ]]; then
    as_root apt-get update -qq >/dev/null || return 1
    is_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# need <peer> <test> <package>...: installs the packages unless the test succeeds already.
need() {
  local peer=$1 test=$2
  shift 2
  "$test" && return
  { install_packages "$@" && "$test"; } || {
    echo "skipped $peer: cannot install $*"
    return 1
  }
}

has_cargo() { command -v cargo >/dev/null; }
has_linker() { command -v cc >/dev/null; }
has_tokio() { compgen -G "$registry/tokio-1.*" >/dev/null && compgen -G "$registry/libc-0.2.*" >/dev/null; }
has_jemalloc() { [[ -n $(jemalloc) ]]; }
has_go() { command -v go >/dev/null; }
has_erlang() { command -v erlc >/dev/null; }

jemalloc() {
  compgen -G "/usr/lib/*/libjemalloc.so.2" | head -n 1 || true
}

build_tokio() {
  need tokio has_cargo cargo || return 0
  need tokio has_linker gcc libc6-dev || return 0
  need tokio has_tokio librust-tokio-dev librust-libc-dev || return 0
  # Cargo finds the folder's .cargo/config.toml from the working directory.
  cd "$here/tokio"
  [[ -f Cargo.lock ]] || cargo generate-lockfile --quiet
  TOKIO_VERSION=$(sed -n '/^name = "tokio"$/{n;s/^version = "\(.*\)"$/\1/p;}' Cargo.lock)
  export TOKIO_VERSION
  cargo build --quiet --release --target-dir "$obj/tokio"
  install -m 755 "$obj/tokio/release/tokio-peer" "$bin/tokio"
  echo "built tokio"
}

build_tokio_jemalloc() {
  [[ -x $bin/tokio ]] || build_tokio
  [[ -x $bin/tokio ]] || return 0
  need tokio-jemalloc has_jemalloc libjemalloc2 || return 0
  write_wrapper tokio-jemalloc <<EOF
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
exec env LD_PRELOAD="$(jemalloc)" "\$here/tokio" "Tokio+jemalloc"
EOF
  echo "built tokio-jemalloc"
}

build_go() {
  need go has_go golang-go || return 0
  cd "$here/go"
  GOTOOLCHAIN=local GOFLAGS='' GOPROXY=off CGO_ENABLED=0 go build -trimpath -o "$bin/go" .
  echo "built go"
}

build_erlang() {
  need erlang has_erlang erlang-base || return 0
  mkdir -p "$obj/erlang"
  erlc -Werror +inline -o "$obj/erlang" "$here"/erlang/src/*.erl
  # +P: by default there is room for 262,144 processes only. What is logged must not come between the lines of the protocol.
  write_wrapper erlang <<'EOF'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec erl -noshell +P 4194304 -pa "$here/../obj/erlang" \
  -kernel logger '[{handler, default, logger_std_h, #{config => #{type => standard_error}}}]' \
  -run load_peer main
EOF
  echo "built erlang"
}

# The client and the servers of net-compare are no peers of compare, so they lie in a folder of their own.
build_c() {
  need c has_linker gcc libc6-dev || return 0
  "$here/c/build.sh" "$bin/net"
  mv "$bin/net/file-peer" "$bin/c"
  echo "built c"
}

# write_wrapper <name>: makes an executable of what comes on stdin.
write_wrapper() {
  cat >"$bin/$1"
  chmod 755 "$bin/$1"
}

mkdir -p "$bin"
for peer in "${peers[@]}"; do
  "build_${peer//-/_}"
done
