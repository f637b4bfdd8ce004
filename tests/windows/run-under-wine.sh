#!/usr/bin/env bash
# Publishes tests for Windows and runs them under wine. The last line is "N passed, N failed"; the exit code is zero only if something passed and nothing failed.
#
#   tests/windows/run-under-wine.sh                                              the completion port, and what else is known to run there
#   tests/windows/run-under-wine.sh Qi.Actors.IO.Tests --match EchoTests --names    tests of an assembly whose full name has this part, each told when it begins
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

wine=""
for candidate in wine64 /usr/lib/wine/wine64 wine; do
  if command -v "$candidate" > /dev/null; then
    wine="$(command -v "$candidate")"
    break
  fi
done
if [[ -z $wine ]]; then
  echo "wine was not found. Debian's package is wine64." >&2
  echo "0 passed, 0 failed"
  exit 1
fi

folder="$(mktemp -d)"
export WINEPREFIX="$folder/prefix" WINEDEBUG="${WINEDEBUG:--all}" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
server="$(dirname "$wine")/wineserver"
trap 'WINEPREFIX="$folder/prefix" "$server" -k > /dev/null 2>&1 || true; rm -rf "$folder"' EXIT

dotnet publish tests/windows/Qi.Actors.TestRunner -c Release -r win-x64 --self-contained -o "$folder/tests" -v quiet --nologo
"$wine" wineboot -i > /dev/null 2>&1

status=0
run() {
  # Without a limit a hang of wine would be one of this script.
  timeout "${QI_WINE_SECONDS:-600}" "$wine" "$folder/tests/Qi.Actors.TestRunner.exe" "$@" < /dev/null | tee -a "$folder/log" || status=1
  if ! tail -n 1 "$folder/log" | grep -q " passed, "; then
    echo "The process ended before its tests did, or took more than ${QI_WINE_SECONDS:-600} s." | tee -a "$folder/log"
    echo "0 passed, 1 failed" | tee -a "$folder/log"
    status=1
  fi
}

if (($# > 0)); then
  run "$@"
else
  run Qi.Actors.Platform.Tests --match .Completion --match "(CompletionPort)" --match OfAuto --match Parker
fi

awk '/^[0-9]+ passed, [0-9]+ failed\r?$/ { passed += $1; failed += $3 } END { printf "%d passed, %d failed\n", passed, failed }' "$folder/log"
exit "$status"
