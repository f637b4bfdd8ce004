// A ring of io_uring by its system calls, with one pool of buffers that the kernel takes from when something has come.
//
// One thread owns both rings. The tail of the submissions and the head of the completions are published with release order, and
// the kernel's ends are read with acquire order. Source: io_uring(7), io_uring_setup(2), io_uring_register(2).

#ifndef URING_H
#define URING_H

#include <linux/io_uring.h>
#include <stdint.h>

#define BUFFER_GROUP 0
#define BUFFERS 4096u
#define BUFFER_BYTES 4096u

typedef struct {
  int descriptor, enter_descriptor;
  uint32_t enter_flags;
  uint32_t *submitted_tail, *submitted_head, submitted_mask, entries;
  uint32_t local_tail;
  struct io_uring_sqe *submissions;
  uint32_t *completed_head, *completed_tail, completed_mask;
  struct io_uring_cqe *completions;
  struct io_uring_buf_ring *pool;
  uint16_t pool_tail;
  char *bytes;
} uring;

// What a ring that one thread owns for good is set up with.
#define URING_BOUND (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)

// Opens the rings and gives the kernel all buffers; fails where the kernel is too old or refuses.
void uring_open(uring *it, uint32_t flags);

// Enters the kernel by a registered number of the ring from now on, for this thread alone.
void uring_register_self(uring *it);

// A fresh submission; what is full is handed over first.
struct io_uring_sqe *uring_next(uring *it);

// Hands over what there is and waits for a completion.
void uring_wait(uring *it);

// The oldest completion, or null.
static inline struct io_uring_cqe *uring_peek(uring *it) {
  uint32_t head = *it->completed_head;
  return head == __atomic_load_n(it->completed_tail, __ATOMIC_ACQUIRE) ? 0 : &it->completions[head & it->completed_mask];
}

static inline void uring_pop(uring *it) { __atomic_store_n(it->completed_head, *it->completed_head + 1, __ATOMIC_RELEASE); }

static inline char *uring_buffer(uring *it, uint32_t buffer) { return it->bytes + (uint64_t)buffer * BUFFER_BYTES; }

// Gives a buffer back to the kernel.
void uring_give(uring *it, uint32_t buffer);

#endif
