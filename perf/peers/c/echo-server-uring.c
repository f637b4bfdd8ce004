// The echo server that an expert writes for io_uring and one core: one multishot accept, a multishot receive for each
// connection, buffers that the kernel takes only when something has come, and one system call for all that is to be sent and
// the next wait.
//
// What came is sent from the buffer that it came in. A connection has one send under way, so that its bytes keep their order; what comes
// meanwhile waits in a chain of buffers. When the pool is empty the kernel ends receives; they begin again when buffers come back.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"
#include "uring.h"

#define NONE UINT16_MAX

enum work { accepting, receiving, sending, receiving_datagram, sending_datagram, reading_input };

typedef struct {
  // The chain of buffers that are to be sent; the first is under way.
  uint16_t first, last;
  bool is_sending, is_receiving, is_broken;
} connection;

static uring ring;
static connection *connections;
static size_t capacity;
static uint16_t next_buffer[BUFFERS];
static uint32_t length_of[BUFFERS];

// Those whose receive ended because there was no buffer.
static int *starved;
static size_t starved_count;

// One buffer of each datagram tells where it came from, so its answer is made in place.
static struct msghdr answers[BUFFERS];
static struct iovec answer_bytes[BUFFERS];
static struct msghdr datagram = {.msg_namelen = sizeof(struct sockaddr_in)};

static uint64_t label(enum work work, int descriptor, uint32_t buffer) {
  return (uint64_t)work << 56 | (uint64_t)buffer << 32 | (uint32_t)descriptor;
}

static struct io_uring_sqe *submit(uint8_t operation, enum work work, int descriptor, uint32_t buffer) {
  struct io_uring_sqe *it = uring_next(&ring);
  it->opcode = operation;
  it->fd = descriptor;
  it->user_data = label(work, descriptor, buffer);
  return it;
}

static void begin_accept(int listener) {
  struct io_uring_sqe *it = submit(IORING_OP_ACCEPT, accepting, listener, 0);
  it->ioprio = IORING_ACCEPT_MULTISHOT;
  it->accept_flags = SOCK_CLOEXEC;
}

static void begin_receive(int descriptor) {
  struct io_uring_sqe *it = submit(IORING_OP_RECV, receiving, descriptor, 0);
  it->ioprio = IORING_RECV_MULTISHOT;
  it->flags = IOSQE_BUFFER_SELECT;
  it->buf_group = BUFFER_GROUP;
  connections[descriptor].is_receiving = true;
}

static void begin_datagrams(int descriptor) {
  struct io_uring_sqe *it = submit(IORING_OP_RECVMSG, receiving_datagram, descriptor, 0);
  it->ioprio = IORING_RECV_MULTISHOT;
  it->flags = IOSQE_BUFFER_SELECT;
  it->buf_group = BUFFER_GROUP;
  it->addr = (uint64_t)(uintptr_t)&datagram;
}

static void begin_send(int descriptor) {
  uint16_t buffer = connections[descriptor].first;
  struct io_uring_sqe *it = submit(IORING_OP_SEND, sending, descriptor, buffer);
  it->addr = (uint64_t)(uintptr_t)uring_buffer(&ring, buffer);
  it->len = length_of[buffer];
  // The kernel goes on until all of it is sent.
  it->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
  connections[descriptor].is_sending = true;
}

static void feed_starved(void) {
  while (starved_count > 0) {
    begin_receive(starved[--starved_count]);
  }
}

static void give_back(uint32_t buffer) {
  uring_give(&ring, buffer);
  if (starved_count > 0) {
    feed_starved();
  }
}

static void drop_chain(connection *it) {
  while (it->first != NONE) {
    uint16_t buffer = it->first;
    it->first = next_buffer[buffer];
    give_back(buffer);
  }
}

static void close_if_over(int descriptor) {
  connection *it = &connections[descriptor];
  if (!it->is_receiving && !it->is_sending && it->first == NONE) {
    close(descriptor);
  }
}

static void accepted(int listener, const struct io_uring_cqe *done) {
  if ((done->flags & IORING_CQE_F_MORE) == 0) {
    begin_accept(listener);
  }
  if (done->res < 0) {
    if (done->res != -ECONNABORTED && done->res != -EINTR && done->res != -EAGAIN) {
      fail("accept: %s", strerror(-done->res));
    }
    return;
  }
  if ((size_t)done->res >= capacity) {
    fail("more connections than the %zu descriptors that this process may have", capacity);
  }
  set_no_delay(done->res);
  connections[done->res] = (connection){.first = NONE, .last = NONE};
  begin_receive(done->res);
}

static void received(int descriptor, const struct io_uring_cqe *done) {
  connection *it = &connections[descriptor];
  it->is_receiving = (done->flags & IORING_CQE_F_MORE) != 0;
  if (done->res > 0) {
    uint16_t buffer = (uint16_t)(done->flags >> IORING_CQE_BUFFER_SHIFT);
    length_of[buffer] = (uint32_t)done->res;
    next_buffer[buffer] = NONE;
    if (it->is_broken) {
      give_back(buffer);
    } else if (it->first == NONE) {
      it->first = it->last = buffer;
      begin_send(descriptor);
    } else {
      next_buffer[it->last] = buffer;
      it->last = buffer;
    }
    if (!it->is_receiving) {
      begin_receive(descriptor);
    }
  } else if (done->res == -ENOBUFS) {
    starved[starved_count++] = descriptor;
    // It counts as receiving: it will again as soon as a buffer comes back.
    it->is_receiving = true;
  } else {
    close_if_over(descriptor);
  }
}

static void sent(int descriptor, uint16_t buffer, const struct io_uring_cqe *done) {
  connection *it = &connections[descriptor];
  it->is_sending = false;
  it->first = next_buffer[buffer];
  bool is_whole = done->res == (int32_t)length_of[buffer];
  give_back(buffer);
  if (!is_whole) {
    it->is_broken = true;
    drop_chain(it);
    shutdown(descriptor, SHUT_RDWR);
  }
  if (it->first != NONE) {
    begin_send(descriptor);
  } else {
    close_if_over(descriptor);
  }
}

static void received_datagram(int descriptor, const struct io_uring_cqe *done) {
  if (done->res >= 0 && (done->flags & IORING_CQE_F_BUFFER) != 0) {
    uint32_t buffer = done->flags >> IORING_CQE_BUFFER_SHIFT;
    struct io_uring_recvmsg_out *head = (struct io_uring_recvmsg_out *)uring_buffer(&ring, buffer);
    char *name = (char *)(head + 1);
    answer_bytes[buffer] = (struct iovec){.iov_base = name + datagram.msg_namelen, .iov_len = head->payloadlen};
    answers[buffer] = (struct msghdr){.msg_name = name, .msg_namelen = head->namelen, .msg_iov = &answer_bytes[buffer], .msg_iovlen = 1};
    struct io_uring_sqe *it = submit(IORING_OP_SENDMSG, sending_datagram, descriptor, buffer);
    it->addr = (uint64_t)(uintptr_t)&answers[buffer];
    it->len = 1;
    it->msg_flags = MSG_NOSIGNAL;
  }
  if ((done->flags & IORING_CQE_F_MORE) == 0) {
    begin_datagrams(descriptor);
  }
}

static void complete(const struct io_uring_cqe *done) {
  int descriptor = (int)(uint32_t)done->user_data;
  uint16_t buffer = (uint16_t)(done->user_data >> 32);
  switch ((enum work)(done->user_data >> 56)) {
    case accepting:
      accepted(descriptor, done);
      break;
    case receiving:
      received(descriptor, done);
      break;
    case sending:
      sent(descriptor, buffer, done);
      break;
    case receiving_datagram:
      received_datagram(descriptor, done);
      break;
    case sending_datagram:
      uring_give(&ring, buffer);
      break;
    case reading_input:
      exit(0);
  }
}

int main(int count, char **arguments) {
  allow_options(count, arguments, (const char *const[]){"port", "core", "protocol", NULL});
  uint16_t port = (uint16_t)option_number(count, arguments, "port", 0, 0, 65535);
  pin((int)option_number(count, arguments, "core", (uint64_t)-1, 0, 1023));
  bool is_udp = strcmp(option_text(count, arguments, "protocol", "tcp"), "udp") == 0;
  capacity = raise_descriptors();
  connections = calloc(capacity, sizeof *connections);
  starved = calloc(capacity, sizeof *starved);
  if (connections == NULL || starved == NULL) {
    fail("no memory");
  }
  signal(SIGPIPE, SIG_IGN);
  uring_open(&ring, URING_BOUND);
  int listener = is_udp ? bind_udp(&port) : listen_tcp(&port);
  set_blocking(listener, true);
  is_udp ? begin_datagrams(listener) : begin_accept(listener);
  // Nothing is said to a server but that its input ends.
  static char nothing;
  struct io_uring_sqe *input = submit(IORING_OP_READ, reading_input, STDIN_FILENO, 0);
  input->addr = (uint64_t)(uintptr_t)&nothing;
  input->len = 1;
  say_ready("uring", port);

  for (;;) {
    uring_wait(&ring);
    for (struct io_uring_cqe *done; (done = uring_peek(&ring)) != NULL;) {
      // Copied, as what follows may need the place for more completions.
      struct io_uring_cqe copy = *done;
      uring_pop(&ring);
      complete(&copy);
    }
  }
}
