// An echo server whose ring is used in one way or another: what an entry for each operation costs, and what multishot receives and accepts, registered
// files and a registered ring would save. It has no more than the choice needs: one message under way on a connection, which fits into a buffer.
//
//   --receive  poll       a poll, then a receive: no buffer while nothing comes, as connections that are driven by messages do it
//              direct     a poll, then recv(2)
//              plain      a receive into the connection's own buffer
//              select     a receive into a buffer of the kernel's choice, which it takes when something has come
//              multishot  one such receive for good
//   --accept   single or multishot
//   --files    plain or fixed (each connection has a place in the table of registered files)
//   --ring     plain or registered
//   --run      coop (COOP_TASKRUN, as the runtime has it) or bound (DEFER_TASKRUN and SINGLE_ISSUER)

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tool.h"
#include "uring.h"

#define MOST_CONNECTIONS 8192u

enum work { accepting, polling, receiving, sending, reading_input };
enum way { poll_first, direct, plain, select_one, multishot };

static uring ring;
static enum way way;
static bool accepts_many, has_fixed_files;
static char *own_bytes;

static struct io_uring_sqe *submit(uint8_t operation, enum work work, int descriptor, uint32_t buffer) {
  struct io_uring_sqe *it = uring_next(&ring);
  it->opcode = operation;
  it->fd = descriptor;
  it->user_data = (uint64_t)work << 56 | (uint64_t)buffer << 32 | (uint32_t)descriptor;
  it->flags = has_fixed_files && (work == receiving || work == sending || work == polling) ? IOSQE_FIXED_FILE : 0;
  return it;
}

static char *own_buffer(int descriptor) { return own_bytes + (size_t)descriptor * BUFFER_BYTES; }

static void begin_accept(int listener) {
  struct io_uring_sqe *it = submit(IORING_OP_ACCEPT, accepting, listener, 0);
  it->ioprio = accepts_many ? IORING_ACCEPT_MULTISHOT : 0;
  it->accept_flags = SOCK_CLOEXEC;
}

static void receive_now(int descriptor) {
  struct io_uring_sqe *it = submit(IORING_OP_RECV, receiving, descriptor, 0);
  if (way >= select_one) {
    it->ioprio = way == multishot ? IORING_RECV_MULTISHOT : 0;
    it->flags |= IOSQE_BUFFER_SELECT;
    it->buf_group = BUFFER_GROUP;
  } else {
    it->addr = (uint64_t)(uintptr_t)own_buffer(descriptor);
    it->len = BUFFER_BYTES;
  }
}

static void begin_receive(int descriptor) {
  if (way >= plain) {
    receive_now(descriptor);
  } else {
    submit(IORING_OP_POLL_ADD, polling, descriptor, 0)->poll32_events = POLLIN;
  }
}

static void begin_send(int descriptor, const char *bytes, int32_t length, uint32_t buffer) {
  struct io_uring_sqe *it = submit(IORING_OP_SEND, sending, descriptor, buffer);
  it->addr = (uint64_t)(uintptr_t)bytes;
  it->len = (uint32_t)length;
  it->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
}

static void set_file(int descriptor, int value) {
  struct io_uring_files_update wish = {.offset = (uint32_t)descriptor, .fds = (uint64_t)(uintptr_t)&value};
  if (syscall(__NR_io_uring_register, ring.descriptor, IORING_REGISTER_FILES_UPDATE, &wish, 1) < 0) {
    fail_errno("IORING_REGISTER_FILES_UPDATE");
  }
}

static void end_connection(int descriptor) {
  if (has_fixed_files) {
    set_file(descriptor, -1);
  }
  close(descriptor);
}

static void received(int descriptor, int32_t result, uint32_t flags) {
  if (result <= 0) {
    end_connection(descriptor);
  } else if (way >= select_one) {
    if (way == multishot && (flags & IORING_CQE_F_MORE) == 0) {
      receive_now(descriptor);
    }
    uint32_t buffer = flags >> IORING_CQE_BUFFER_SHIFT;
    begin_send(descriptor, uring_buffer(&ring, buffer), result, buffer);
  } else {
    begin_send(descriptor, own_buffer(descriptor), result, 0);
  }
}

static void complete(const struct io_uring_cqe *done) {
  int descriptor = (int)(uint32_t)done->user_data;
  switch ((enum work)(done->user_data >> 56)) {
    case accepting:
      if ((done->flags & IORING_CQE_F_MORE) == 0) {
        begin_accept(descriptor);
      }
      if (done->res < 0 || done->res >= (int)MOST_CONNECTIONS) {
        fail("accept gave %d", done->res);
      }
      set_no_delay(done->res);
      if (has_fixed_files) {
        set_file(done->res, done->res);
      }
      begin_receive(done->res);
      break;
    case polling:
      if (way == direct) {
        ssize_t count = recv(descriptor, own_buffer(descriptor), BUFFER_BYTES, MSG_DONTWAIT);
        received(descriptor, count < 0 ? -errno : (int32_t)count, 0);
      } else {
        receive_now(descriptor);
      }
      break;
    case receiving:
      received(descriptor, done->res, done->flags);
      break;
    case sending:
      if (way >= select_one) {
        uring_give(&ring, (uint16_t)(done->user_data >> 32));
      }
      if (way != multishot) {
        begin_receive(descriptor);
      }
      break;
    case reading_input:
      exit(0);
  }
}

int main(int count, char **arguments) {
  allow_options(count, arguments, (const char *const[]){"port", "core", "receive", "accept", "files", "ring", "run", NULL});
  uint16_t port = (uint16_t)option_number(count, arguments, "port", 0, 0, 65535);
  pin((int)option_number(count, arguments, "core", (uint64_t)-1, 0, 1023));
  const char *receive = option_text(count, arguments, "receive", "plain");
  const char *const ways[] = {"poll", "direct", "plain", "select", "multishot"};
  while (way < multishot && strcmp(receive, ways[way]) != 0) {
    way++;
  }
  accepts_many = strcmp(option_text(count, arguments, "accept", "single"), "multishot") == 0;
  has_fixed_files = strcmp(option_text(count, arguments, "files", "plain"), "fixed") == 0;
  bool is_bound = strcmp(option_text(count, arguments, "run", "coop"), "bound") == 0;
  raise_descriptors();
  own_bytes = aligned_alloc(BUFFER_BYTES, (size_t)MOST_CONNECTIONS * BUFFER_BYTES);
  signal(SIGPIPE, SIG_IGN);
  uring_open(&ring, is_bound ? URING_BOUND : IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG);
  if (strcmp(option_text(count, arguments, "ring", "plain"), "registered") == 0) {
    uring_register_self(&ring);
  }
  if (has_fixed_files) {
    struct io_uring_rsrc_register wish = {.nr = MOST_CONNECTIONS, .flags = IORING_RSRC_REGISTER_SPARSE};
    if (syscall(__NR_io_uring_register, ring.descriptor, IORING_REGISTER_FILES2, &wish, sizeof wish) != 0) {
      fail_errno("IORING_REGISTER_FILES2");
    }
  }
  int listener = listen_tcp(&port);
  set_blocking(listener, true);
  begin_accept(listener);
  static char nothing;
  struct io_uring_sqe *input = submit(IORING_OP_READ, reading_input, STDIN_FILENO, 0);
  input->addr = (uint64_t)(uintptr_t)&nothing;
  input->len = 1;
  say_ready("uring-choices", port);

  for (;;) {
    uring_wait(&ring);
    for (struct io_uring_cqe *done; (done = uring_peek(&ring)) != NULL;) {
      struct io_uring_cqe copy = *done;
      uring_pop(&ring);
      complete(&copy);
    }
  }
}
