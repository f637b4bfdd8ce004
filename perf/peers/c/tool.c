#define _GNU_SOURCE
#include "tool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void fail(const char *format, ...) {
  char why[512];
  va_list values;
  va_start(values, format);
  vsnprintf(why, sizeof why, format, values);
  va_end(values);
  // The texts are ours and hold no quotes but those of options, which are turned into apostrophes.
  for (char *c = why; *c != 0; c++) {
    if (*c == '"' || *c == '\\') {
      *c = '\'';
    }
  }
  printf("{\"error\":\"%s\"}\n", why);
  fflush(stdout);
  exit(1);
}

void fail_errno(const char *what) {
  int error = errno;
  fail("%s: %s (%d)", what, strerror(error), error);
}

const char *option_text(int count, char **arguments, const char *name, const char *otherwise) {
  for (int i = 1; i + 1 < count; i += 2) {
    if (strncmp(arguments[i], "--", 2) == 0 && strcmp(arguments[i] + 2, name) == 0) {
      return arguments[i + 1];
    }
  }
  return otherwise;
}

uint64_t option_number(int count, char **arguments, const char *name, uint64_t otherwise, uint64_t least, uint64_t most) {
  const char *text = option_text(count, arguments, name, NULL);
  if (text == NULL) {
    return otherwise;
  }
  char *end;
  errno = 0;
  uint64_t number = strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || number < least || number > most) {
    fail("--%s is '%s'. It must be a whole number from %llu to %llu", name, text, (unsigned long long)least, (unsigned long long)most);
  }
  return number;
}

void allow_options(int count, char **arguments, const char *const *names) {
  for (int i = 1; i < count; i += 2) {
    bool is_known = false;
    for (const char *const *name = names; *name != NULL && !is_known; name++) {
      is_known = strncmp(arguments[i], "--", 2) == 0 && strcmp(arguments[i] + 2, *name) == 0;
    }
    if (!is_known) {
      fail("'%s' is no option. See the table in perf/peers/README.md", arguments[i]);
    }
    if (i + 1 == count) {
      fail("%s has no value", arguments[i]);
    }
  }
}

void pin(int core) {
  if (core < 0) {
    return;
  }
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  if (sched_setaffinity(0, sizeof cores, &cores) != 0) {
    fail("core %d cannot be used: %s", core, strerror(errno));
  }
}

size_t raise_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    fail_errno("getrlimit");
  }
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    fail_errno("setrlimit");
  }
  return limit.rlim_cur;
}

void set_blocking(int descriptor, bool is_blocking) {
  int flags = fcntl(descriptor, F_GETFL);
  if (fcntl(descriptor, F_SETFL, is_blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) != 0) {
    fail_errno("fcntl");
  }
}

void set_no_delay(int descriptor) {
  int yes = 1;
  if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0) {
    fail_errno("TCP_NODELAY");
  }
}

static uint64_t clock_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

uint64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

uint64_t own_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

static uint64_t ticks_to_ns(uint64_t ticks) { return ticks * (NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK)); }

static bool read_text(const char *path, char *text, size_t capacity) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  ssize_t length = read(file, text, capacity - 1);
  close(file);
  text[length > 0 ? length : 0] = 0;
  return length > 0;
}

uint64_t process_cpu_ns(int process) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", process);
  // The name in parentheses may hold anything, so the fields are counted from the last parenthesis: 14 and 15 are the times.
  char *rest = read_text(path, text, sizeof text) ? strrchr(text, ')') : NULL;
  unsigned long long user, system;
  if (rest == NULL || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2) {
    fail("the server, process %d, is gone", process);
  }
  return ticks_to_ns(user + system);
}

uint64_t process_bytes(int process) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/statm", process);
  unsigned long long pages;
  if (!read_text(path, text, sizeof text) || sscanf(text, "%*u %llu", &pages) != 1) {
    fail("the server, process %d, is gone", process);
  }
  return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool core_idle_ns(int core, uint64_t *idle_ns) {
  // A line for each core comes before the line of interrupts, which may be longer than all of them.
  static char text[1 << 16];
  char name[16];
  snprintf(name, sizeof name, "\ncpu%d ", core);
  char *line = core >= 0 && read_text("/proc/stat", text, sizeof text) ? strstr(text, name) : NULL;
  unsigned long long idle, waiting;
  if (line == NULL || sscanf(line + strlen(name), "%*u %*u %*u %llu %llu", &idle, &waiting) != 2) {
    return false;
  }
  *idle_ns = ticks_to_ns(idle + waiting);
  return true;
}

void say_ready(const char *name, uint16_t port) {
  printf("{\"server\":\"%s\",\"port\":%u,\"pid\":%d}\n", name, port, getpid());
  fflush(stdout);
}

static int bind_loopback(int type, uint16_t *port) {
  int descriptor = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) {
    fail_errno("socket");
  }
  if (bind(descriptor, (struct sockaddr *)&address, length) != 0 || getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) {
    fail_errno("bind");
  }
  *port = ntohs(address.sin_port);
  return descriptor;
}

int listen_tcp(uint16_t *port) {
  int listener = bind_loopback(SOCK_STREAM, port);
  if (listen(listener, 4096) != 0) {
    fail_errno("listen");
  }
  return listener;
}

int bind_udp(uint16_t *port) { return bind_loopback(SOCK_DGRAM, port); }
