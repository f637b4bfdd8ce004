// Compares the histogram's quantiles with those of a sorted array: never below, and at most a 128th above. Ends with 0 if all are right.

#include <stdio.h>
#include <stdlib.h>

#include "histogram.h"

#define SAMPLES 20000

static int compare(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

static int check(const histogram *it, const uint64_t *sorted, uint64_t of_a_thousand) {
  uint64_t rank = SAMPLES / 1000 * of_a_thousand;
  uint64_t expected = sorted[rank == 0 ? 0 : rank - 1];
  uint64_t got = histogram_quantile(it, of_a_thousand);
  if (got >= expected && got - expected <= expected / STEPS) {
    return 0;
  }
  printf("the quantile of %llu in a thousand is %llu; expected %llu\n", (unsigned long long)of_a_thousand, (unsigned long long)got, (unsigned long long)expected);
  return 1;
}

int main(void) {
  static histogram all;
  static uint64_t samples[SAMPLES];
  uint64_t state = 1;
  int failures = 0;
  for (int i = 0; i < SAMPLES; i++) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    // Of all sizes, small ones too.
    samples[i] = (state >> 1) >> (state >> 32) % 63;
    histogram_add(&all, samples[i]);
  }
  qsort(samples, SAMPLES, sizeof *samples, compare);
  for (uint64_t part = 0; part <= 1000; part++) {
    failures += check(&all, samples, part);
  }
  return failures > 0;
}
