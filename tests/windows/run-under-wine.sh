#!/usr/bin/env bash
# Publishes tests for Windows and runs them under wine. The last line is "N passed, N failed"; the exit code is zero only if something passed and nothing failed.
#
#   tests/windows/run-under-wine.sh                                   the reactors and what else floor 0 has, and the sockets
#   tests/windows/run-under-wine.sh --match CompletionPort --names    tests whose full name has this part, each told when it begins
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

wine=""
for candidate in wine64 /usr/lib/wine/wine64 wine; do
  if command -v "$candidate" > /dev/null; then
    wine="$candidate"
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
server="$(command -v wineserver || command -v wineserver64 || echo "$(dirname "$(command -v "$wine")")/wineserver64")"
trap '"$server" -k > /dev/null 2>&1 || true; rm -rf "$folder"' EXIT

dotnet publish tests/windows/Qi.Actors.TestRunner -c Release -r win-x64 --self-contained -o "$folder/tests" -v quiet --nologo
"$wine" wineboot -i > /dev/null 2>&1

# Without a limit a hang of wine would be one of this script.
timeout "${QI_WINE_SECONDS:-900}" "$wine" "$folder/tests/Qi.Actors.TestRunner.exe" Qi.Actors.Platform.Tests Qi.Actors.IO.Tests "$@" < /dev/null
