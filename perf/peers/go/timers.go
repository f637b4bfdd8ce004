package main

import (
	"time"
)

const spread = 100

func wished(i int) time.Duration {
	return time.Duration(1+i%spread) * time.Millisecond
}

func timers(size int) report {
	return timed(func() int64 {
		return sumOf(size, func(i int) int64 {
			time.Sleep(wished(i))
			return 1
		})
	})
}

func overshoot(size int) report {
	samples := make([]int64, size)
	measured := timed(func() int64 {
		return sumOf(size, func(i int) int64 {
			start := time.Now()
			time.Sleep(wished(i))
			samples[i] = int64(time.Since(start) - wished(i))
			return 1
		})
	})
	measured.percentiles = percentilesOf(samples)
	return measured
}
