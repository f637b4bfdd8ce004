#define _GNU_SOURCE
#include "uring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tool.h"

#define ENTRIES 1024u
#define COMPLETIONS 16384u

static void *map(int descriptor, size_t bytes, off_t what) {
  void *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, what);
  if (place == MAP_FAILED) {
    fail_errno("mmap of io_uring");
  }
  return place;
}

static void open_rings(uring *it, uint32_t flags) {
  struct io_uring_params wish = {
      .flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | flags,
      .cq_entries = COMPLETIONS,
  };
  it->descriptor = (int)syscall(__NR_io_uring_setup, ENTRIES, &wish);
  if (it->descriptor < 0) {
    fail_errno("io_uring_setup");
  }
  if ((wish.features & IORING_FEAT_SINGLE_MMAP) == 0) {
    fail("io_uring_setup: the kernel is too old");
  }
  size_t submissions = wish.sq_off.array + wish.sq_entries * sizeof(uint32_t);
  size_t completions = wish.cq_off.cqes + wish.cq_entries * sizeof(struct io_uring_cqe);
  char *rings = map(it->descriptor, submissions > completions ? submissions : completions, IORING_OFF_SQ_RING);
  it->submissions = map(it->descriptor, wish.sq_entries * sizeof *it->submissions, IORING_OFF_SQES);
  it->entries = wish.sq_entries;
  it->submitted_head = (uint32_t *)(rings + wish.sq_off.head);
  it->submitted_tail = (uint32_t *)(rings + wish.sq_off.tail);
  it->submitted_mask = *(uint32_t *)(rings + wish.sq_off.ring_mask);
  it->completed_head = (uint32_t *)(rings + wish.cq_off.head);
  it->completed_tail = (uint32_t *)(rings + wish.cq_off.tail);
  it->completed_mask = *(uint32_t *)(rings + wish.cq_off.ring_mask);
  it->completions = (struct io_uring_cqe *)(rings + wish.cq_off.cqes);
  uint32_t *order = (uint32_t *)(rings + wish.sq_off.array);
  for (uint32_t i = 0; i < wish.sq_entries; i++) {
    order[i] = i;
  }
}

static void open_pool(uring *it) {
  size_t ring_bytes = BUFFERS * sizeof(struct io_uring_buf);
  it->pool = mmap(NULL, ring_bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  it->bytes = aligned_alloc(BUFFER_BYTES, (size_t)BUFFERS * BUFFER_BYTES);
  struct io_uring_buf_reg wish = {.ring_addr = (uint64_t)(uintptr_t)it->pool, .ring_entries = BUFFERS, .bgid = BUFFER_GROUP};
  if (it->pool == MAP_FAILED || it->bytes == NULL) {
    fail("no memory");
  }
  if (syscall(__NR_io_uring_register, it->descriptor, IORING_REGISTER_PBUF_RING, &wish, 1) != 0) {
    fail_errno("IORING_REGISTER_PBUF_RING");
  }
  for (uint32_t buffer = 0; buffer < BUFFERS; buffer++) {
    uring_give(it, buffer);
  }
}

void uring_open(uring *it, uint32_t flags) {
  memset(it, 0, sizeof *it);
  open_rings(it, flags);
  it->enter_descriptor = it->descriptor;
  open_pool(it);
}

void uring_register_self(uring *it) {
  struct io_uring_rsrc_update wish = {.offset = -1u, .data = (uint64_t)it->descriptor};
  if (syscall(__NR_io_uring_register, it->descriptor, IORING_REGISTER_RING_FDS, &wish, 1) != 1) {
    fail_errno("IORING_REGISTER_RING_FDS");
  }
  it->enter_descriptor = (int)wish.offset;
  it->enter_flags = IORING_ENTER_REGISTERED_RING;
}

void uring_give(uring *it, uint32_t buffer) {
  struct io_uring_buf *place = &it->pool->bufs[it->pool_tail & (BUFFERS - 1)];
  place->addr = (uint64_t)(uintptr_t)uring_buffer(it, buffer);
  place->len = BUFFER_BYTES;
  place->bid = (uint16_t)buffer;
  __atomic_store_n(&it->pool->tail, ++it->pool_tail, __ATOMIC_RELEASE);
}

static void enter(uring *it, uint32_t least, uint32_t flags) {
  __atomic_store_n(it->submitted_tail, it->local_tail, __ATOMIC_RELEASE);
  uint32_t waiting = it->local_tail - __atomic_load_n(it->submitted_head, __ATOMIC_ACQUIRE);
  if (syscall(__NR_io_uring_enter, it->enter_descriptor, waiting, least, flags | it->enter_flags, NULL, 0) < 0 && errno != EINTR && errno != EBUSY && errno != EAGAIN) {
    fail_errno("io_uring_enter");
  }
}

struct io_uring_sqe *uring_next(uring *it) {
  while (it->local_tail - __atomic_load_n(it->submitted_head, __ATOMIC_ACQUIRE) == it->entries) {
    enter(it, 0, 0);
  }
  struct io_uring_sqe *next = &it->submissions[it->local_tail++ & it->submitted_mask];
  memset(next, 0, sizeof *next);
  return next;
}

void uring_wait(uring *it) { enter(it, 1, IORING_ENTER_GETEVENTS); }
