// Connections that do nothing: all are opened, each with a byte there and back as the proof that the server has it. That is said
// in a line, so that somebody may look at the server meanwhile, and the client waits for a line or the end of its input. Then they
// are held, and the server's processor time is read; then a byte on each shows that it still lives. The server's memory is
// read before the first and after the last has been opened. The window of the report is the time of holding.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

static void exchange_byte(int descriptor, uint32_t index, run *run) {
  char sent = (char)index, back;
  uint64_t since = now_ns();
  if (send(descriptor, &sent, 1, MSG_NOSIGNAL) != 1) {
    fail_errno("send");
  }
  ssize_t count = recv(descriptor, &back, 1, 0);
  if (count != 1 || back != sent) {
    fail("connection %u: %s", index, count == 1 ? "a wrong byte came back" : count == 0 ? "the server ended it" : "no answer");
  }
  run->done++;
  histogram_add(&run->times, now_ns() - since);
}

static void hold(uint64_t ns) {
  struct timespec rest = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
  while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
}

static void await_input(void) {
  char next = 0;
  ssize_t count;
  do {
    count = read(STDIN_FILENO, &next, 1);
  } while ((count == 1 && next != '\n') || (count < 0 && errno == EINTR));
}

void run_idle(const options *wish) {
  static run run;
  int *all = calloc(wish->connections, sizeof *all);
  if (all == NULL) {
    fail("no memory");
  }
  struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
  run_begin(&run, wish);
  uint64_t before_bytes = wish->server > 0 ? process_bytes(wish->server) : 0;
  uint64_t begin = now_ns();
  for (uint32_t i = 0; i < wish->connections; i++) {
    all[i] = connect_blocking(wish, i);
    if (setsockopt(all[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
      fail_errno("SO_RCVTIMEO");
    }
    exchange_byte(all[i], i, &run);
  }
  uint64_t opened = now_ns();
  uint64_t after_bytes = wish->server > 0 ? process_bytes(wish->server) : 0;
  printf("{\"open\":%u}\n", wish->connections);
  fflush(stdout);
  await_input();
  hold(wish->warm_up_ns);
  read_all(wish, &run.first);
  hold(wish->duration_ns);
  read_all(wish, &run.last);
  for (uint32_t i = 0; i < wish->connections; i++) {
    exchange_byte(all[i], i, &run);
  }
  putchar('{');
  print_window(&run);
  printf(",\"openNs\":%llu", (unsigned long long)(opened - begin));
  if (wish->server > 0) {
    printf(",\"serverBytesEach\":%.1f", ((double)after_bytes - (double)before_bytes) / wish->connections);
  }
  puts("}");
}
