// What memory that is registered with a ring saves, and what sending without a copy does. One operation is made again as soon as it has ended, on as many
// lanes as --depth says; one line of JSON tells how many, and what processor time the process had for each.
//
//   --mode     read or write: blocks of a file; send: bytes to --address and --port; sink: takes bytes at that address and port, and says nothing
//   --memory   plain or fixed (registered with the ring; of send, only together with --copy no)
//   --copy     of send: yes, or no (SEND_ZC, whose memory is used again after the notification)
//   --direct   of files: 1 for no page cache
//   --cold     of files: 1 to have the cache emptied first, and read each block once, in order
//   --file     where the file lies; it is gone as soon as it is open. By default in the working folder
//   --file-bytes, --size, --depth, --ms, --core

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tool.h"
#include "uring.h"

#define CHUNK_BYTES (256u * 1024)
#define MOST_CHUNKS 16u
#define COPIED 0x80000000u

static uring ring;
static bool is_fixed, is_copied, is_writing, is_socket, is_cold;
static uint32_t size;
static uint64_t blocks, next_block, random_state = 88172645463325252ull;
static char *memory;
static int descriptor;
static uint64_t done_count, copied_count;

static uint64_t next_place(void) {
  if (is_cold) {
    return next_block++;
  }
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state % blocks;
}

static void begin(uint32_t lane) {
  struct io_uring_sqe *it = uring_next(&ring);
  char *place = memory + (size_t)lane * size;
  it->fd = descriptor;
  it->addr = (uint64_t)(uintptr_t)place;
  it->len = size;
  it->user_data = lane;
  if (is_socket) {
    it->opcode = is_copied ? IORING_OP_SEND : IORING_OP_SEND_ZC;
    it->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
    it->ioprio = is_copied ? 0 : IORING_SEND_ZC_REPORT_USAGE | (is_fixed ? IORING_RECVSEND_FIXED_BUF : 0);
  } else {
    it->off = next_place() * size;
    it->opcode = is_writing ? (is_fixed ? IORING_OP_WRITE_FIXED : IORING_OP_WRITE) : is_fixed ? IORING_OP_READ_FIXED : IORING_OP_READ;
  }
  if (is_fixed) {
    it->buf_index = (uint16_t)((size_t)lane * size / CHUNK_BYTES);
  }
}

static void register_memory(void) {
  struct io_uring_rsrc_register table = {.nr = MOST_CHUNKS, .flags = IORING_RSRC_REGISTER_SPARSE};
  struct iovec chunks[MOST_CHUNKS];
  for (uint32_t i = 0; i < MOST_CHUNKS; i++) {
    chunks[i] = (struct iovec){.iov_base = memory + (size_t)i * CHUNK_BYTES, .iov_len = CHUNK_BYTES};
  }
  struct io_uring_rsrc_update2 update = {.data = (uint64_t)(uintptr_t)chunks, .nr = MOST_CHUNKS};
  if (syscall(__NR_io_uring_register, ring.descriptor, IORING_REGISTER_BUFFERS2, &table, sizeof table) != 0 ||
      syscall(__NR_io_uring_register, ring.descriptor, IORING_REGISTER_BUFFERS_UPDATE, &update, sizeof update) != (long)MOST_CHUNKS) {
    fail_errno("registering memory");
  }
}

static struct sockaddr_in address_of(int count, char **arguments) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)option_number(count, arguments, "port", 7777, 1, 65535))};
  inet_pton(AF_INET, option_text(count, arguments, "address", "127.0.0.1"), &address.sin_addr);
  return address;
}

_Noreturn static void sink(const struct sockaddr_in *address) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (const struct sockaddr *)address, sizeof *address) != 0 || listen(listener, 1) != 0) {
    fail_errno("bind");
  }
  for (;;) {
    int taken = accept(listener, NULL, NULL);
    while (taken >= 0 && recv(taken, NULL, 1 << 20, MSG_TRUNC) > 0) {
    }
    close(taken);
  }
}

static void open_file(int count, char **arguments) {
  const char *path = option_text(count, arguments, "file", "uring-memory.bin");
  uint64_t bytes = option_number(count, arguments, "file-bytes", 64 << 20, size, UINT64_MAX);
  int flags = O_RDWR | O_CREAT | O_CLOEXEC;
  int filled = open(path, flags, 0600);
  static char chunk[CHUNK_BYTES];
  for (uint64_t at = 0; at < bytes; at += CHUNK_BYTES) {
    if (pwrite(filled, chunk, CHUNK_BYTES, (off_t)at) != (ssize_t)CHUNK_BYTES) {
      fail_errno("write");
    }
  }
  fsync(filled);
  is_cold = option_number(count, arguments, "cold", 0, 0, 1) == 1;
  if (is_cold) {
    posix_fadvise(filled, 0, 0, POSIX_FADV_DONTNEED);
  }
  close(filled);
  descriptor = open(path, flags | (option_number(count, arguments, "direct", 0, 0, 1) ? O_DIRECT : 0));
  if (is_cold) {
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM);
  }
  unlink(path);
  blocks = bytes / size;
}

static void complete(const struct io_uring_cqe *done) {
  if ((done->flags & IORING_CQE_F_NOTIF) != 0) {
    copied_count += ((uint32_t)done->res & COPIED) != 0;
    begin((uint32_t)done->user_data);
    return;
  }
  if (done->res != (int32_t)size) {
    fail("an operation of %u bytes gave %d", size, done->res);
  }
  done_count++;
  if ((done->flags & IORING_CQE_F_MORE) == 0 && !(is_cold && next_block >= blocks)) {
    begin((uint32_t)done->user_data);
  }
}

int main(int count, char **arguments) {
  allow_options(count, arguments, (const char *const[]){"mode", "memory", "copy", "direct", "cold", "file", "file-bytes", "size", "depth", "ms", "core", "address", "port", NULL});
  pin((int)option_number(count, arguments, "core", (uint64_t)-1, 0, 1023));
  const char *mode = option_text(count, arguments, "mode", "read");
  struct sockaddr_in address = address_of(count, arguments);
  if (strcmp(mode, "sink") == 0) {
    sink(&address);
  }
  size = (uint32_t)option_number(count, arguments, "size", 4096, 512, CHUNK_BYTES);
  uint32_t depth = (uint32_t)option_number(count, arguments, "depth", 1, 1, MOST_CHUNKS * CHUNK_BYTES / size);
  uint64_t ms = option_number(count, arguments, "ms", 500, 1, 1000000);
  is_fixed = strcmp(option_text(count, arguments, "memory", "plain"), "fixed") == 0;
  is_copied = strcmp(option_text(count, arguments, "copy", "yes"), "yes") == 0;
  is_writing = strcmp(mode, "write") == 0;
  is_socket = strcmp(mode, "send") == 0;
  memory = mmap(NULL, MOST_CHUNKS * CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE | MAP_POPULATE, -1, 0);
  uring_open(&ring, IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG);
  if (is_fixed) {
    register_memory();
  }
  if (is_socket) {
    descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
      fail_errno("connect");
    }
  } else {
    open_file(count, arguments);
  }

  uint64_t began_ns = now_ns(), began_cpu_ns = own_cpu_ns(), until_ns = began_ns + ms * NS_PER_MS;
  for (uint32_t lane = 0; lane < depth; lane++) {
    begin(lane);
  }
  while (now_ns() < until_ns && !(is_cold && done_count == blocks)) {
    uring_wait(&ring);
    for (struct io_uring_cqe *done; (done = uring_peek(&ring)) != NULL;) {
      struct io_uring_cqe copy = *done;
      uring_pop(&ring);
      complete(&copy);
    }
  }
  double spent_ns = (double)(now_ns() - began_ns), cpu_ns = (double)(own_cpu_ns() - began_cpu_ns);
  printf("{\"mode\":\"%s\",\"memory\":\"%s\",\"copy\":\"%s\",\"size\":%u,\"depth\":%u,\"perSecond\":%.0f,\"cpuNs\":%.0f,\"copied\":%llu,\"count\":%llu}\n", mode,
         is_fixed ? "fixed" : "plain", is_copied ? "yes" : "no", size, depth, (double)done_count * 1e9 / spent_ns, cpu_ns / (double)done_count,
         (unsigned long long)copied_count, (unsigned long long)done_count);
  return 0;
}
