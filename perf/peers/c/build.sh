#!/bin/sh
# Builds the client and the servers of the I/O measurements into the given folder. Ends with 3 if there is no C compiler.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:?"usage: build.sh FOLDER"}
compiler=${CC:-cc}
if ! command -v "$compiler" >/dev/null; then
  echo "there is no C compiler '$compiler'" >&2
  exit 3
fi

mkdir -p "$out"
cd "$here"
compile() {
  "$compiler" -std=gnu11 -O2 -Wall -Wextra -Werror -o "$@"
}
compile "$out/echo-client" client.c client_echo.c client_udp.c client_accept.c client_idle.c tool.c
compile "$out/echo-server-epoll" echo-server-epoll.c tool.c
compile "$out/check-histogram" check-histogram.c
compile "$out/file-peer" file-peer.c tool.c -pthread

# The headers must know what the ring uses (Linux 6.1).
if printf '#include <linux/io_uring.h>\n#ifndef IORING_SETUP_DEFER_TASKRUN\n#error old\n#endif\n' | "$compiler" -E - >/dev/null 2>&1; then
  compile "$out/echo-server-uring" echo-server-uring.c uring.c tool.c
  compile "$out/uring-choices" uring-choices.c uring.c tool.c
  compile "$out/uring-memory" uring-memory.c uring.c tool.c
else
  echo "skipped what uses io_uring: the kernel's headers are older than Linux 6.1" >&2
fi
