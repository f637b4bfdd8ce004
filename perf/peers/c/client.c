// Loads an echo server and prints one line of JSON. See the table of options in perf/peers/README.md.
//
// It says how busy it was itself, how busy the server was, and how long either's core was idle: a rate says something of the
// server only if the server had no time left. Times of the core that others used are nobody's idle time.

#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATTERN_PERIOD 251
#define SOURCES 60

static char *pattern_bytes;

void make_pattern(size_t longest) {
  pattern_bytes = malloc(longest + PATTERN_PERIOD);
  if (pattern_bytes == NULL) {
    fail("no memory");
  }
  for (size_t i = 0; i < longest + PATTERN_PERIOD; i++) {
    pattern_bytes[i] = (char)(i % PATTERN_PERIOD);
  }
}

const char *pattern(uint64_t place) { return pattern_bytes + place % PATTERN_PERIOD; }

void read_all(const options *wish, reading *into) {
  into->server_cpu_ns = wish->server > 0 ? process_cpu_ns(wish->server) : 0;
  into->has_core_idle = core_idle_ns(wish->core, &into->core_idle_ns);
  into->has_server_core_idle = core_idle_ns(wish->server_core, &into->server_core_idle_ns);
  into->cpu_ns = own_cpu_ns();
  into->wall_ns = now_ns();
}

void run_begin(run *it, const options *wish) {
  memset(it, 0, sizeof *it);
  it->wish = wish;
  it->next_ns = now_ns() + wish->warm_up_ns;
}

bool run_goes_on(run *it, uint64_t now) {
  bool has_enough = it->is_counting && it->wish->count > 0 && it->done >= it->wish->count;
  if (now < it->next_ns && !has_enough) {
    return true;
  }
  if (!it->is_counting) {
    read_all(it->wish, &it->first);
    it->is_counting = true;
    it->next_ns = it->first.wall_ns + it->wish->duration_ns;
    return true;
  }
  read_all(it->wish, &it->last);
  return false;
}

static void print_number(const char *name, uint64_t number) { printf("\"%s\":%llu,", name, (unsigned long long)number); }

static void print_span(const char *name, uint64_t first, uint64_t last) { print_number(name, last < first ? 0 : last - first); }

void print_window(const run *it) {
  const options *wish = it->wish;
  const reading *first = &it->first, *last = &it->last;
  printf("\"mode\":\"%s\",", wish->mode);
  print_number("connections", wish->connections);
  print_number("size", wish->size);
  print_number("window", wish->window);
  print_number("roundTrips", it->done);
  print_number("lost", it->lost);
  if (it->times.total > 0) {
    print_number("p50Ns", histogram_quantile(&it->times, 500));
    print_number("p99Ns", histogram_quantile(&it->times, 990));
    print_number("p999Ns", histogram_quantile(&it->times, 999));
  }
  if (wish->server > 0) {
    print_span("serverCpuNs", first->server_cpu_ns, last->server_cpu_ns);
  }
  if (first->has_core_idle) {
    print_span("coreIdleNs", first->core_idle_ns, last->core_idle_ns);
  }
  if (first->has_server_core_idle) {
    print_span("serverCoreIdleNs", first->server_core_idle_ns, last->server_core_idle_ns);
  }
  print_span("cpuNs", first->cpu_ns, last->cpu_ns);
  printf("\"ns\":%llu", (unsigned long long)(last->wall_ns - first->wall_ns));
}

struct sockaddr_in source_address(uint64_t number) {
  uint32_t address = INADDR_LOOPBACK + 1 + (uint32_t)(number % SOURCES);
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
}

struct sockaddr_in server_address(const options *wish) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(wish->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int connect_blocking(const options *wish, uint64_t number) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1;
  struct sockaddr_in source = source_address(number), server = server_address(wish);
  if (descriptor < 0 || setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes) != 0 ||
      bind(descriptor, (struct sockaddr *)&source, sizeof source) != 0) {
    fail_errno("socket");
  }
  if (connect(descriptor, (struct sockaddr *)&server, sizeof server) != 0) {
    fail_errno("connect");
  }
  set_no_delay(descriptor);
  return descriptor;
}

int make_queue(void) {
  int queue = epoll_create1(EPOLL_CLOEXEC);
  if (queue < 0) {
    fail_errno("epoll_create1");
  }
  return queue;
}

void watch(int queue, int operation, int descriptor, uint32_t events, uint32_t index) {
  struct epoll_event event = {.events = events, .data.u32 = index};
  if (epoll_ctl(queue, operation, descriptor, &event) != 0) {
    fail_errno("epoll_ctl");
  }
}

static const struct {
  const char *name;
  void (*run)(const options *wish);
} modes[] = {{"echo", run_echo}, {"udp", run_udp}, {"accept", run_accept}, {"idle", run_idle}};

int main(int count, char **arguments) {
  allow_options(count, arguments, (const char *const[]){"mode", "port", "connections", "size", "window", "warm-up-ms", "ms", "count",
                                                        "server-pid", "core", "server-core", NULL});
  options wish = {
      .mode = option_text(count, arguments, "mode", "echo"),
      .port = (uint16_t)option_number(count, arguments, "port", 0, 1, 65535),
      .connections = (uint32_t)option_number(count, arguments, "connections", 64, 1, 1000000),
      .size = (uint32_t)option_number(count, arguments, "size", 64, 1, 1 << 20),
      .window = (uint32_t)option_number(count, arguments, "window", 1, 1, 4096),
      .warm_up_ns = option_number(count, arguments, "warm-up-ms", 1000, 0, 600000) * NS_PER_MS,
      .duration_ns = option_number(count, arguments, "ms", 2000, 1, 600000) * NS_PER_MS,
      .count = option_number(count, arguments, "count", 0, 1, UINT64_MAX),
      .server = (int)option_number(count, arguments, "server-pid", 0, 1, INT32_MAX),
      .core = (int)option_number(count, arguments, "core", (uint64_t)-1, 0, 1023),
      .server_core = (int)option_number(count, arguments, "server-core", (uint64_t)-1, 0, 1023),
  };
  if (wish.port == 0) {
    fail("--port is missing: the first line of the server says it");
  }
  size_t room = raise_descriptors();
  if (room < wish.connections + 16ull) {
    fail("--connections is %u, and this process may have %zu descriptors. Raise the limit: ulimit -n", wish.connections, room);
  }
  signal(SIGPIPE, SIG_IGN);
  pin(wish.core);
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    if (strcmp(modes[i].name, wish.mode) == 0) {
      modes[i].run(&wish);
      return 0;
    }
  }
  fail("--mode is '%s'. There are: echo, udp, accept, idle", wish.mode);
}
