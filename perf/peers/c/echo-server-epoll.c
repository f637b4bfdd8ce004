// The echo server that an expert writes for one core: one thread, one epoll, edge triggered, recv and send.
//
// A connection is registered once, for everything. What was read is sent at once from a buffer that all connections share;
// only what the kernel does not take is copied and kept until the connection can be written again, and nothing is read from
// it meanwhile. A read that does not fill the buffer has emptied the socket (epoll(7)), so the call that would only say so is
// saved; whatever comes afterwards is a new edge. The end of the input ends the server.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define EVENTS 256
#define BUFFER_BYTES 65536

typedef struct {
  char *kept;
  size_t begin, end;
} connection;

static char buffer[BUFFER_BYTES];
static connection *connections;
static size_t capacity;
static int queue;

static void watch(int descriptor, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  if (epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    fail_errno("epoll_ctl");
  }
}

static void end_connection(int descriptor) {
  free(connections[descriptor].kept);
  connections[descriptor] = (connection){0};
  close(descriptor);
}

static void accept_all(int listener) {
  for (;;) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EAGAIN) {
        return;
      }
      if (errno == ECONNABORTED || errno == EINTR) {
        continue;
      }
      fail_errno("accept4");
    }
    if ((size_t)descriptor >= capacity) {
      fail("more connections than the %zu descriptors that this process may have", capacity);
    }
    set_no_delay(descriptor);
    watch(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  }
}

// Sends what there is; true if all of it went. What is left is kept.
static bool send_or_keep(int descriptor, const char *bytes, size_t count) {
  ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) {
    end_connection(descriptor);
    return false;
  }
  size_t gone = sent < 0 ? 0 : (size_t)sent;
  if (gone == count) {
    return true;
  }
  connection *it = &connections[descriptor];
  if (it->kept == NULL && (it->kept = malloc(BUFFER_BYTES)) == NULL) {
    fail("no memory");
  }
  memcpy(it->kept, bytes + gone, count - gone);
  it->begin = 0;
  it->end = count - gone;
  return false;
}

// True if nothing is kept any more.
static bool send_kept(int descriptor) {
  connection *it = &connections[descriptor];
  while (it->begin < it->end) {
    ssize_t sent = send(descriptor, it->kept + it->begin, it->end - it->begin, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) {
        end_connection(descriptor);
      }
      return false;
    }
    it->begin += (size_t)sent;
  }
  return true;
}

static void serve(int descriptor, uint32_t events) {
  bool has_ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (!send_kept(descriptor)) {
    return;
  }
  for (;;) {
    ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) {
      end_connection(descriptor);
      return;
    }
    if (count < 0 || !send_or_keep(descriptor, buffer, (size_t)count)) {
      return;
    }
    if ((size_t)count < sizeof buffer && !has_ended) {
      return;
    }
  }
}

static void serve_datagrams(int descriptor) {
  for (;;) {
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(descriptor, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
    if (count < 0) {
      if (errno == EAGAIN) {
        return;
      }
      continue;
    }
    // A datagram that the kernel does not take now is lost, as datagrams may be.
    (void)sendto(descriptor, buffer, (size_t)count, MSG_NOSIGNAL, (struct sockaddr *)&from, length);
  }
}

static bool has_input_ended(void) {
  char rest[256];
  ssize_t count = read(STDIN_FILENO, rest, sizeof rest);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

int main(int count, char **arguments) {
  allow_options(count, arguments, (const char *const[]){"port", "core", "protocol", NULL});
  uint16_t port = (uint16_t)option_number(count, arguments, "port", 0, 0, 65535);
  pin((int)option_number(count, arguments, "core", (uint64_t)-1, 0, 1023));
  bool is_udp = strcmp(option_text(count, arguments, "protocol", "tcp"), "udp") == 0;
  capacity = raise_descriptors();
  connections = calloc(capacity, sizeof *connections);
  queue = epoll_create1(EPOLL_CLOEXEC);
  if (connections == NULL || queue < 0) {
    fail_errno("epoll_create1");
  }
  signal(SIGPIPE, SIG_IGN);
  int listener = is_udp ? bind_udp(&port) : listen_tcp(&port);
  watch(listener, EPOLLIN | EPOLLET);
  // An input that is no pipe and no terminal, such as a file, never becomes ready: then the server ends when it is killed.
  struct epoll_event input = {.events = EPOLLIN, .data.fd = STDIN_FILENO};
  (void)epoll_ctl(queue, EPOLL_CTL_ADD, STDIN_FILENO, &input);
  say_ready("epoll", port);

  struct epoll_event events[EVENTS];
  for (;;) {
    int ready = epoll_wait(queue, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      int descriptor = events[i].data.fd;
      if (descriptor == listener) {
        is_udp ? serve_datagrams(listener) : accept_all(listener);
      } else if (descriptor != STDIN_FILENO) {
        serve(descriptor, events[i].events);
      } else if (has_input_ended()) {
        return 0;
      }
    }
  }
}
