#!/usr/bin/env bash
# Runs every workload of every built peer, or of the named ones, at a small size and compares the results with what they must be.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
limit=120
failures=0

# Sizes that the shares of tasks do not divide.
size_of() {
  case $1 in
    skynet) echo 1000 ;;
    unbalanced) echo 50 ;;
    overshoot) echo 1003 ;;
    file-copy) echo 103 ;;
    wake-*) echo 103 ;;
    *) echo 10007 ;;
  esac
}

expected_of() {
  local workload=$1 size=$2
  case $workload in
    tell | tell-inside | fanin) echo $((size * (size + 1) / 2)) ;;
    skynet) echo $((size * (size - 1) / 2)) ;;
    ask | ask-64) echo $((size * (size + 1) / 2 + size)) ;;
    unbalanced) ones "$size" ;;
    *) echo "$size" ;;
  esac
}

# The numbers of the shell have 64 bits and a sign: a shift to the right has to drop the copies of the sign.
ones() {
  local size=$1 sum=0 seed step x
  for ((seed = 1; seed <= size; seed++)); do
    x=$seed
    for ((step = 0; step < 2000; step++)); do
      ((x ^= (x >> 12) & 0x000FFFFFFFFFFFFF, x ^= x << 25, x ^= (x >> 27) & 0x0000001FFFFFFFFF)) || true
    done
    ((sum += ((x * 0x2545F4914F6CDD1D) >> 63) & 1)) || true
  done
  echo "$sum"
}

# Every member a reply to the workload has to have.
members_of() {
  case $1 in
    parked*) echo ns cpuNs bytesPerUnit ;;
    overshoot | wake-*) echo ns cpuNs p50Ns p99Ns p999Ns ;;
    *) echo ns cpuNs ;;
  esac
}

member() {
  sed -n "s/.*\"$1\":\(-\{0,1\}[0-9.]*\)[,}].*/\1/p" <<<"$2"
}

fail() {
  echo "FAILED $*"
  failures=$((failures + 1))
}

check_reply() {
  local peer=$1 workload=$2 size=$3 reply=$4 expected name
  expected=$(expected_of "$workload" "$size")
  if [[ $(member result "$reply") != "$expected" ]]; then
    fail "$peer $workload $size: expected $expected, got $reply"
    return
  fi
  for name in $(members_of "$workload"); do
    [[ -n $(member "$name" "$reply") ]] || fail "$peer $workload $size: no $name in $reply"
  done
}

check_peer() {
  local peer=$1 greeting workloads workload replies requests=() i=0
  # At the end of its input a peer ends with 0.
  greeting=$(timeout "$limit" "$here/bin/$peer" </dev/null) || {
    fail "$peer: exit code $?"
    return
  }
  read -ra workloads < <(sed -n 's/.*"workloads":\[\([^]]*\)\].*/\1/p' <<<"$greeting" | tr -d '"' | tr ',' ' ')
  for workload in "${workloads[@]}"; do
    requests+=("run $workload $(size_of "$workload")")
  done
  requests+=("run nothing 1" "run spawn none")
  mapfile -t replies < <(printf '%s\n' "${requests[@]}" | timeout "$limit" "$here/bin/$peer")

  for workload in "${workloads[@]}"; do
    i=$((i + 1))
    check_reply "$peer" "$workload" "$(size_of "$workload")" "${replies[i]:-nothing}"
  done
  for i in 1 2; do
    [[ ${replies[${#workloads[@]} + i]:-nothing} == '{"error":'* ]] || fail "$peer: no error for a wrong request"
  done
  echo "checked $peer: ${#workloads[@]} workloads"
}

checked=0
peers=("$@")
if [[ ${#peers[@]} -eq 0 ]]; then
  peers=(tokio tokio-jemalloc go erlang c)
fi
for peer in "${peers[@]}"; do
  if [[ -x $here/bin/$peer ]]; then
    check_peer "$peer"
    checked=$((checked + 1))
  else
    echo "not built: $peer"
  fi
done
if [[ $checked -eq 0 || $failures -gt 0 ]]; then
  echo "$failures failures in $checked peers"
  exit 1
fi
echo "all results are right"
