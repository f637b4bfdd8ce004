// What the servers and the client share: options, time, cores, and what /proc says of a process and of a core.

#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull

// Ends with a line of JSON that says why, as a peer answers what it cannot do.
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The same, with what errno says.
_Noreturn void fail_errno(const char *what);

// The value of "--name value"; otherwise, if it is not there.
const char *option_text(int count, char **arguments, const char *name, const char *otherwise);
uint64_t option_number(int count, char **arguments, const char *name, uint64_t otherwise, uint64_t least, uint64_t most);

// Refuses what is not "--name value" with one of the names.
void allow_options(int count, char **arguments, const char *const *names);

// Confines the process to one core; below zero it runs where it likes.
void pin(int core);

// As many descriptors as this process may have at all; returns how many.
size_t raise_descriptors(void);

void set_blocking(int descriptor, bool is_blocking);
void set_no_delay(int descriptor);

uint64_t now_ns(void);
uint64_t own_cpu_ns(void);

// User and system time of a process, in steps of the kernel's clock tick; fails if there is no such process.
uint64_t process_cpu_ns(int process);

// The resident set of a process.
uint64_t process_bytes(int process);

// How long a core has been idle; false where the kernel does not tell.
bool core_idle_ns(int core, uint64_t *idle_ns);

// Tells the harness where the server listens: the first line of a server.
void say_ready(const char *name, uint16_t port);

// Opens what a server listens on, on the loopback address; the port is set to the one that was given.
int listen_tcp(uint16_t *port);
int bind_udp(uint16_t *port);

#endif
