// Datagrams to and fro: one is under way on each socket, which is connected, so that a server's absence is told. A datagram
// begins with its socket and its number; what comes late, after it was sent again, is passed over. What did not come within
// some time counts as lost and is sent again.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

#define LOST_AFTER_NS (100 * NS_PER_MS)

typedef struct {
  uint32_t index, number;
} label;

typedef struct {
  int descriptor;
  label sent;
  uint64_t since_ns;
  // The first sending of the datagram that is under way.
  uint64_t first_ns;
} endpoint;

static char *outgoing;
static char *incoming;

static void send_datagram(const options *wish, endpoint *it, uint64_t now) {
  memcpy(outgoing, &it->sent, sizeof it->sent);
  memcpy(outgoing + sizeof it->sent, pattern(it->sent.index + it->sent.number), wish->size - sizeof it->sent);
  it->since_ns = now;
  // One that does not go out is found lost.
  if (send(it->descriptor, outgoing, wish->size, 0) < 0 && errno != EAGAIN && errno != ENOBUFS) {
    fail_errno("send");
  }
}

static void receive(run *run, endpoint *it) {
  const options *wish = run->wish;
  ssize_t count = recv(it->descriptor, incoming, (size_t)wish->size + 1, 0);
  if (count < 0) {
    if (errno == EAGAIN) {
      return;
    }
    fail_errno("recv");
  }
  label back;
  if ((size_t)count != wish->size) {
    fail("socket %u: %zd bytes came back of a datagram of %u", it->sent.index, count, wish->size);
  }
  memcpy(&back, incoming, sizeof back);
  if (back.index != it->sent.index || back.number > it->sent.number ||
      memcmp(incoming + sizeof back, pattern(back.index + back.number), wish->size - sizeof back) != 0) {
    fail("socket %u: wrong bytes came back in datagram %u", it->sent.index, it->sent.number);
  }
  if (back.number < it->sent.number) {
    return;
  }
  uint64_t now = now_ns();
  run_note(run, now - it->first_ns);
  it->sent.number++;
  it->first_ns = now;
  send_datagram(wish, it, now);
}

static void send_lost_again(run *run, endpoint *all, uint64_t now) {
  for (uint32_t i = 0; i < run->wish->connections; i++) {
    if (now - all[i].first_ns > PATIENCE_MS * NS_PER_MS) {
      fail("socket %u: no answer for %d ms", i, PATIENCE_MS);
    }
    if (now - all[i].since_ns > LOST_AFTER_NS) {
      run->lost += run->is_counting;
      send_datagram(run->wish, &all[i], now);
    }
  }
}

static endpoint *open_endpoints(const options *wish, int queue) {
  endpoint *all = calloc(wish->connections, sizeof *all);
  struct sockaddr_in server = server_address(wish);
  if (all == NULL) {
    fail("no memory");
  }
  for (uint32_t i = 0; i < wish->connections; i++) {
    all[i].sent.index = i;
    all[i].descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (all[i].descriptor < 0 || connect(all[i].descriptor, (struct sockaddr *)&server, sizeof server) != 0) {
      fail_errno("socket");
    }
    watch(queue, EPOLL_CTL_ADD, all[i].descriptor, EPOLLIN, i);
  }
  return all;
}

void run_udp(const options *wish) {
  static run run;
  struct epoll_event events[EVENTS];
  if (wish->window != 1 || wish->size < sizeof(label) || wish->size > 60000) {
    fail("a datagram has 8 to 60000 bytes, and the window is 1");
  }
  outgoing = malloc(wish->size);
  incoming = malloc((size_t)wish->size + 1);
  if (outgoing == NULL || incoming == NULL) {
    fail("no memory");
  }
  make_pattern(wish->size);
  int queue = make_queue();
  endpoint *all = open_endpoints(wish, queue);
  run_begin(&run, wish);
  uint64_t now = now_ns(), next_search = now + LOST_AFTER_NS;
  for (uint32_t i = 0; i < wish->connections; i++) {
    all[i].first_ns = now_ns();
    send_datagram(wish, &all[i], all[i].first_ns);
  }
  while (run_goes_on(&run, now)) {
    int ready = epoll_wait(queue, events, EVENTS, (int)(LOST_AFTER_NS / NS_PER_MS));
    for (int i = 0; i < ready; i++) {
      receive(&run, &all[events[i].data.u32]);
    }
    now = now_ns();
    if (now >= next_search) {
      send_lost_again(&run, all, now);
      next_search = now + LOST_AFTER_NS / 2;
    }
  }
  putchar('{');
  print_window(&run);
  puts("}");
}
