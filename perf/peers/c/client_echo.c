// Messages to and fro over connections that stay: a window of messages is under way on each, a new one goes out for each that
// has come back whole. Every byte is compared with what was sent at its place in the stream. One clock reading an event serves
// the messages that came and those that go.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

// Neighbours' streams differ at each place.
#define SHIFT 7

typedef struct {
  int descriptor;
  uint32_t index;
  bool waits_for_room;
  // Places in the stream: what may be sent by now, what was, and what came back.
  uint64_t allowed, sent, received;
  // When each message of the window became allowed.
  uint64_t *since_ns;
} connection;

static void send_allowed(int queue, connection *it) {
  while (it->sent < it->allowed) {
    ssize_t count = send(it->descriptor, pattern(it->sent + it->index * SHIFT), it->allowed - it->sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) {
      fail_errno("send");
    }
    if (count < 0) {
      break;
    }
    it->sent += (uint64_t)count;
  }
  bool waits = it->sent < it->allowed;
  if (waits != it->waits_for_room) {
    it->waits_for_room = waits;
    watch(queue, EPOLL_CTL_MOD, it->descriptor, waits ? EPOLLIN | EPOLLOUT : EPOLLIN, it->index);
  }
}

static void allow_messages(const options *wish, connection *it, uint64_t count, uint64_t now) {
  for (uint64_t message = it->allowed / wish->size; count > 0; message++, count--) {
    it->since_ns[message % wish->window] = now;
    it->allowed += wish->size;
  }
}

// True if messages have come back whole.
static bool receive(run *run, connection *it, char *buffer, size_t capacity, uint64_t now) {
  const options *wish = run->wish;
  ssize_t count = recv(it->descriptor, buffer, capacity, 0);
  if (count <= 0) {
    if (count < 0 && errno == EAGAIN) {
      return false;
    }
    fail("connection %u: the server ended it after %llu bytes", it->index, (unsigned long long)it->received);
  }
  if (it->received + (uint64_t)count > it->sent) {
    fail("connection %u: more came back than was sent, %llu bytes", it->index, (unsigned long long)it->sent);
  }
  if (memcmp(buffer, pattern(it->received + it->index * SHIFT), (size_t)count) != 0) {
    fail("connection %u: wrong bytes came back within %zd from %llu on", it->index, count, (unsigned long long)it->received);
  }
  uint64_t first = it->received / wish->size;
  it->received += (uint64_t)count;
  uint64_t end = it->received / wish->size;
  for (uint64_t message = first; message < end; message++) {
    run_note(run, now - it->since_ns[message % wish->window]);
  }
  allow_messages(wish, it, end - first, now);
  return end > first;
}

static connection *open_connections(const options *wish, int queue) {
  connection *all = calloc(wish->connections, sizeof *all);
  uint64_t *times = calloc((size_t)wish->connections * wish->window, sizeof *times);
  if (all == NULL || times == NULL) {
    fail("no memory");
  }
  for (uint32_t i = 0; i < wish->connections; i++) {
    all[i].index = i;
    all[i].since_ns = times + (size_t)i * wish->window;
    all[i].descriptor = connect_blocking(wish, i);
    set_blocking(all[i].descriptor, false);
    watch(queue, EPOLL_CTL_ADD, all[i].descriptor, EPOLLIN, i);
  }
  return all;
}

void run_echo(const options *wish) {
  static run run;
  struct epoll_event events[EVENTS];
  size_t capacity = (size_t)wish->size * wish->window;
  char *buffer = malloc(capacity);
  if (buffer == NULL) {
    fail("no memory");
  }
  make_pattern(capacity);
  int queue = make_queue();
  connection *all = open_connections(wish, queue);
  run_begin(&run, wish);
  for (uint32_t i = 0; i < wish->connections; i++) {
    allow_messages(wish, &all[i], wish->window, now_ns());
    send_allowed(queue, &all[i]);
  }
  while (run_goes_on(&run, now_ns())) {
    int ready = epoll_wait(queue, events, EVENTS, PATIENCE_MS);
    if (ready <= 0) {
      fail("no answer for %d ms", PATIENCE_MS);
    }
    for (int i = 0; i < ready; i++) {
      connection *it = &all[events[i].data.u32];
      bool may_send = (events[i].events & EPOLLOUT) != 0;
      if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0) {
        may_send |= receive(&run, it, buffer, capacity, now_ns());
      }
      if (may_send) {
        send_allowed(queue, it);
      }
    }
  }
  putchar('{');
  print_window(&run);
  puts("}");
}
