// Times in buckets: 128 to each power of two, so that a percentile is at most 0.8 % above the sample that it stands for.
// Source: G. Tene, HdrHistogram: a bucket is found by the position of the highest bit and the bits that follow it.

#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <string.h>

#define STEP_BITS 7
#define STEPS (1u << STEP_BITS)

typedef struct {
  uint64_t total;
  uint64_t counts[(64 - STEP_BITS + 1) * STEPS];
} histogram;

static inline uint32_t histogram_bucket(uint64_t ns) {
  uint32_t shift = ns < STEPS ? 0 : 63u - (uint32_t)__builtin_clzll(ns) - STEP_BITS;
  return shift * STEPS + (uint32_t)(ns >> shift);
}

static inline void histogram_add(histogram *it, uint64_t ns) {
  it->total++;
  it->counts[histogram_bucket(ns)]++;
}

// The largest time of a bucket.
static inline uint64_t histogram_top(uint32_t bucket) {
  uint32_t shift = bucket < 2 * STEPS ? 0 : bucket / STEPS - 1;
  return (((uint64_t)(bucket - shift * STEPS) + 1) << shift) - 1;
}

// The smallest time that at least so many of a thousand samples do not exceed, by nearest rank.
static inline uint64_t histogram_quantile(const histogram *it, uint64_t of_a_thousand) {
  uint64_t rank = (it->total * of_a_thousand + 999) / 1000;
  rank += rank == 0;
  uint64_t seen = 0;
  for (uint32_t bucket = 0; bucket < sizeof it->counts / sizeof it->counts[0]; bucket++) {
    seen += it->counts[bucket];
    if (it->total > 0 && seen >= rank) {
      return histogram_top(bucket);
    }
  }
  return 0;
}

#endif
