// The workloads with files, with the system calls alone: pread on a thread for each core, or on one for one read at a time, and
// copy_file_range. It speaks the protocol of perf/peers/README.md.
//
// Each block of a file begins and ends with a number that is made of its place, so that a wrong byte, or the right one from a
// wrong place, is found. A file has no name: it is gone when the process is, whatever ends it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

#define BLOCK_BYTES 4096
#define BLOCKS_AT_A_TIME 256
#define MOST_BLOCKS 65536
#define READS_OF_A_BLOCK 16
#define BLOCKS_OF_A_PIECE (64 * 1024 / BLOCK_BYTES)
#define LANES 32
#define MOST_THREADS 64

typedef struct {
  int file;
  uint32_t blocks;
} blocks_file;

typedef struct {
  const blocks_file *file;
  uint64_t seed;
  uint64_t reads;
  // What went wrong; null if nothing did.
  const char *failure;
} lane;

// The request that is answered has failed; the peer goes on.
static void refuse(const char *why) { printf("{\"error\":\"%s\"}\n", why); }

static uint64_t number_of(uint64_t block) { return (block + 1) * 0x9E3779B97F4A7C15ull; }

static bool is_block(uint64_t block, const char *bytes) {
  uint64_t expected = number_of(block);
  return memcmp(bytes, &expected, sizeof expected) == 0 && memcmp(bytes + BLOCK_BYTES - sizeof expected, &expected, sizeof expected) == 0;
}

static int open_nameless(void) {
  const char *folder = getenv("TMPDIR");
  char path[4096];
  snprintf(path, sizeof path, "%s/qi-file-XXXXXX", folder != NULL && *folder != 0 ? folder : "/tmp");
  int file = mkostemp(path, O_CLOEXEC);
  if (file >= 0) {
    unlink(path);
  }
  return file;
}

// Room first, then large pieces, as the other contenders do: how a file was written decides how its pages lie in the kernel's memory.
static bool make_file(blocks_file *it, uint32_t blocks) {
  static char run[BLOCKS_AT_A_TIME * BLOCK_BYTES];
  it->blocks = blocks;
  it->file = open_nameless();
  if (it->file < 0) {
    refuse("no file can be made in the folder for temporary ones");
    return false;
  }
  bool is_written = posix_fallocate(it->file, 0, (off_t)blocks * BLOCK_BYTES) == 0;
  for (uint32_t first = 0; first < blocks && is_written; first += BLOCKS_AT_A_TIME) {
    uint32_t count = blocks - first < BLOCKS_AT_A_TIME ? blocks - first : BLOCKS_AT_A_TIME;
    for (uint32_t i = 0; i < count; i++) {
      uint64_t number = number_of(first + i);
      memcpy(run + i * BLOCK_BYTES, &number, sizeof number);
      memcpy(run + (i + 1) * BLOCK_BYTES - sizeof number, &number, sizeof number);
    }
    is_written = write(it->file, run, count * BLOCK_BYTES) == (ssize_t)(count * BLOCK_BYTES);
  }
  if (!is_written) {
    close(it->file);
    refuse("the file cannot be written");
  }
  return is_written;
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void *read_on_lane(void *argument) {
  lane *it = argument;
  char block[BLOCK_BYTES];
  uint64_t state = it->seed;
  for (uint64_t i = 0; i < it->reads; i++) {
    uint64_t place = ((next_random(&state) >> 32) * it->file->blocks) >> 32;
    if (pread(it->file->file, block, BLOCK_BYTES, (off_t)(place * BLOCK_BYTES)) != BLOCK_BYTES) {
      it->failure = "a read failed";
      break;
    }
    if (!is_block(place, block)) {
      it->failure = "a read gave other bytes";
      break;
    }
  }
  return NULL;
}

static void answer(uint64_t result, uint64_t ns, uint64_t cpu_ns) {
  printf("{\"ns\":%llu,\"result\":%llu,\"cpuNs\":%llu}\n", (unsigned long long)ns, (unsigned long long)result, (unsigned long long)cpu_ns);
}

static uint32_t threads_for(uint32_t lanes) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  uint32_t threads = cores > MOST_THREADS ? MOST_THREADS : (uint32_t)cores;
  return threads < lanes ? threads : lanes;
}

static void run_reads(uint32_t lanes, uint64_t size) {
  blocks_file file;
  lane all[MOST_THREADS];
  pthread_t threads[MOST_THREADS];
  uint64_t blocks = size / READS_OF_A_BLOCK;
  if (!make_file(&file, blocks < 1 ? 1 : blocks > MOST_BLOCKS ? MOST_BLOCKS : (uint32_t)blocks)) {
    return;
  }
  uint32_t count = threads_for(lanes);
  uint64_t begin = now_ns(), cpu = own_cpu_ns();
  for (uint32_t i = 0; i < count; i++) {
    all[i] = (lane){.file = &file, .seed = i + 1, .reads = size / count + (i < size % count)};
    if (pthread_create(&threads[i], NULL, read_on_lane, &all[i]) != 0) {
      fail("no thread can be made");
    }
  }
  const char *failure = NULL;
  for (uint32_t i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    failure = all[i].failure != NULL ? all[i].failure : failure;
  }
  uint64_t ns = now_ns() - begin, cpu_ns = own_cpu_ns() - cpu;
  close(file.file);
  if (failure == NULL) {
    answer(size, ns, cpu_ns);
  } else {
    refuse(failure);
  }
}

// How many blocks of the copy are right, up to the first that is not.
static uint64_t count_equal(int copy) {
  static char block[BLOCK_BYTES];
  uint64_t equal = 0;
  while (pread(copy, block, BLOCK_BYTES, (off_t)(equal * BLOCK_BYTES)) == BLOCK_BYTES && is_block(equal, block)) {
    equal++;
  }
  return equal;
}

static bool copy_all(int from, int to, size_t left) {
  off_t in = 0, out = 0;
  while (left > 0) {
    ssize_t count = copy_file_range(from, &in, to, &out, left, 0);
    if (count <= 0) {
      return false;
    }
    left -= (size_t)count;
  }
  return true;
}

static void run_copy(uint64_t size) {
  blocks_file file;
  if (size > UINT32_MAX / BLOCKS_OF_A_PIECE) {
    refuse("the file would be too large");
    return;
  }
  if (!make_file(&file, (uint32_t)size * BLOCKS_OF_A_PIECE)) {
    return;
  }
  uint64_t begin = now_ns(), cpu = own_cpu_ns();
  int copy = open_nameless();
  bool is_copied = copy >= 0 && copy_all(file.file, copy, (size_t)file.blocks * BLOCK_BYTES);
  uint64_t ns = now_ns() - begin, cpu_ns = own_cpu_ns() - cpu;
  uint64_t result = is_copied ? count_equal(copy) / BLOCKS_OF_A_PIECE : 0;
  close(file.file);
  if (copy >= 0) {
    close(copy);
  }
  if (is_copied) {
    answer(result, ns, cpu_ns);
  } else {
    refuse("copy_file_range failed");
  }
}

static void run(const char *workload, uint64_t size) {
  if (strcmp(workload, "file-read-1") == 0) {
    run_reads(1, size);
  } else if (strcmp(workload, "file-read-32") == 0) {
    run_reads(LANES, size);
  } else if (strcmp(workload, "file-copy") == 0) {
    run_copy(size);
  } else {
    refuse("there is no such workload");
  }
}

int main(void) {
  char line[256], workload[64];
  long long size;
  printf("{\"peer\":\"C\",\"version\":\"gcc " __VERSION__ "\",\"threads\":%u,\"workloads\":[\"file-read-1\",\"file-read-32\",\"file-copy\"]}\n",
         threads_for(MOST_THREADS));
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "run %63s %lld", workload, &size) == 2 && size > 0) {
      run(workload, (uint64_t)size);
    } else {
      refuse("a request is: run <workload> <size>");
    }
    fflush(stdout);
  }
  return 0;
}
