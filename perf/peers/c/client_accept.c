// Connections that do one byte and end: connect, a byte there, the byte back, our end, the server's end. The time is that of
// all of it, so that a server that puts off closing cannot look fast. So many are under way at a time as --connections says.
//
// The side that ends first keeps the port for a while (TIME_WAIT), and that is ours: the client has many addresses, so that no
// port is wanted again too soon.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

enum step { connecting, awaiting_byte, awaiting_end };

typedef struct {
  int descriptor;
  enum step step;
  char byte;
  uint64_t since_ns;
} slot;

static uint64_t opened;

static void watch_slot(int queue, int operation, slot *all, slot *it, uint32_t events) {
  watch(queue, operation, it->descriptor, events, (uint32_t)(it - all));
}

// The loopback's handshake is done when connect returns, unless the server's line of arrivals is full.
static bool try_send(slot *it) {
  if (send(it->descriptor, &it->byte, 1, MSG_NOSIGNAL) == 1) {
    it->step = awaiting_byte;
    return true;
  }
  if (errno != EAGAIN && errno != ENOTCONN) {
    fail_errno("send");
  }
  return false;
}

static void open_slot(const options *wish, int queue, slot *all, slot *it) {
  struct sockaddr_in source = source_address(opened), server = server_address(wish);
  int yes = 1;
  it->byte = (char)opened++;
  it->step = connecting;
  it->since_ns = now_ns();
  it->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (it->descriptor < 0 || setsockopt(it->descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes) != 0 ||
      bind(it->descriptor, (struct sockaddr *)&source, sizeof source) != 0) {
    fail_errno("socket");
  }
  if (connect(it->descriptor, (struct sockaddr *)&server, sizeof server) != 0 && errno != EINPROGRESS) {
    fail_errno("connect");
  }
  watch_slot(queue, EPOLL_CTL_ADD, all, it, try_send(it) ? EPOLLIN : EPOLLOUT);
}

static void receive_byte(slot *it) {
  char back;
  ssize_t count = recv(it->descriptor, &back, 1, 0);
  if (count < 0 && errno == EAGAIN) {
    return;
  }
  if (count != 1 || back != it->byte) {
    fail(count == 1 ? "a wrong byte came back" : "the server ended a connection before the byte came back");
  }
  if (shutdown(it->descriptor, SHUT_WR) != 0) {
    fail_errno("shutdown");
  }
  it->step = awaiting_end;
}

static void receive_end(run *run, int queue, slot *all, slot *it) {
  char more;
  ssize_t count = recv(it->descriptor, &more, 1, 0);
  if (count < 0 && errno == EAGAIN) {
    return;
  }
  if (count != 0) {
    fail(count > 0 ? "more came back than was sent" : "the server did not end a connection in order");
  }
  close(it->descriptor);
  run_note(run, now_ns() - it->since_ns);
  open_slot(run->wish, queue, all, it);
}

void run_accept(const options *wish) {
  static run run;
  struct epoll_event events[EVENTS];
  slot *all = calloc(wish->connections, sizeof *all);
  if (all == NULL) {
    fail("no memory");
  }
  int queue = make_queue();
  run_begin(&run, wish);
  for (uint32_t i = 0; i < wish->connections; i++) {
    open_slot(wish, queue, all, &all[i]);
  }
  while (run_goes_on(&run, now_ns())) {
    int ready = epoll_wait(queue, events, EVENTS, PATIENCE_MS);
    if (ready <= 0) {
      fail("no answer for %d ms", PATIENCE_MS);
    }
    for (int i = 0; i < ready; i++) {
      slot *it = &all[events[i].data.u32];
      switch (it->step) {
        case connecting:
          if (try_send(it)) {
            watch_slot(queue, EPOLL_CTL_MOD, all, it, EPOLLIN);
          }
          break;
        case awaiting_byte:
          receive_byte(it);
          break;
        case awaiting_end:
          receive_end(&run, queue, all, it);
          break;
      }
    }
  }
  putchar('{');
  print_window(&run);
  puts("}");
}
