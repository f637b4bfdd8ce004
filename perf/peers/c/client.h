// The client: what it is asked to do, and the window in which it counts.

#ifndef CLIENT_H
#define CLIENT_H

#include <netinet/in.h>

#include "histogram.h"
#include "tool.h"

#define EVENTS 256

// No answer for so long: the server has lost something.
#define PATIENCE_MS 5000

typedef struct {
  const char *mode;
  uint16_t port;
  uint32_t connections;
  uint32_t size;
  uint32_t window;
  uint64_t warm_up_ns;
  uint64_t duration_ns;
  // Ends the run after so many round trips, whatever the time; 0 if only the time counts.
  uint64_t count;
  // 0 if nothing is to be measured of the server.
  int server;
  int core;
  int server_core;
} options;

// What is read at both ends of the window.
typedef struct {
  uint64_t wall_ns, cpu_ns, server_cpu_ns;
  uint64_t core_idle_ns, server_core_idle_ns;
  bool has_core_idle, has_server_core_idle;
} reading;

// A run warms up until a time, then counts until another or until it has enough.
typedef struct {
  const options *wish;
  bool is_counting;
  uint64_t next_ns;
  uint64_t done;
  uint64_t lost;
  reading first, last;
  histogram times;
} run;

void run_begin(run *it, const options *wish);

// Goes from the warm-up to the window, and says when the window is over.
bool run_goes_on(run *it, uint64_t now);

static inline void run_note(run *it, uint64_t ns) {
  if (it->is_counting) {
    it->done++;
    histogram_add(&it->times, ns);
  }
}

void read_all(const options *wish, reading *into);

// Prints what the window held, without the brackets around it.
void print_window(const run *it);

// An address on the loopback network for the client's end: a few ports each, so that none runs out of them.
struct sockaddr_in source_address(uint64_t number);
struct sockaddr_in server_address(const options *wish);

// A connected TCP socket; blocking.
int connect_blocking(const options *wish, uint64_t number);

int make_queue(void);
void watch(int queue, int operation, int descriptor, uint32_t events, uint32_t index);

// Bytes that differ from one place to the next, with a period that is no power of two: what is shifted is found.
const char *pattern(uint64_t place);
void make_pattern(size_t longest);

void run_echo(const options *wish);
void run_udp(const options *wish);
void run_accept(const options *wish);
void run_idle(const options *wish);

#endif
