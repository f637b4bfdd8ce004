package main

import (
	"runtime"
	"sync"
)

const (
	yielders = 1_000
	children = 10
	steps    = 2_000
)

func spawn(size int) report {
	return timed(func() int64 {
		return sumOf(size, func(int) int64 { return 1 })
	})
}

// sumOf starts a goroutine for each number, waits for all and adds up what they have returned. A goroutine has no handle:
// a place in a slice and a WaitGroup stand for it.
func sumOf(count int, work func(i int) int64) int64 {
	results := make([]int64, count)
	var all sync.WaitGroup
	all.Add(count)
	for i := 0; i < count; i++ {
		go func(i int) {
			results[i] = work(i)
			all.Done()
		}(i)
	}
	all.Wait()

	var sum int64
	for _, result := range results {
		sum += result
	}
	return sum
}

func yield(size int) report {
	return timed(func() int64 {
		return sumOf(yielders, func(i int) int64 {
			times := share(size, yielders, i)
			for left := times; left > 0; left-- {
				runtime.Gosched()
			}
			return int64(times)
		})
	})
}

// share is the part of the whole that the given one of many has to do.
func share(whole, parts, part int) int {
	if part < whole%parts {
		return whole/parts + 1
	}
	return whole / parts
}

func skynet(size int) report {
	return timed(func() int64 {
		root := make(chan int64, 1)
		go grow(0, int64(size), root)
		return <-root
	})
}

func grow(first, leaves int64, parent chan<- int64) {
	if leaves <= 1 {
		parent <- first
		return
	}
	share := leaves / children
	reports := make(chan int64, children)
	for i := int64(0); i < children; i++ {
		go grow(first+i*share, share, reports)
	}
	var sum int64
	for i := 0; i < children; i++ {
		sum += <-reports
	}
	parent <- sum
}

func chain(size int) report {
	return timed(func() int64 {
		last := make(chan int64, 1)
		go link(1, size, last)
		return <-last
	})
}

func link(number, size int, last chan<- int64) {
	if number < size {
		go link(number+1, size, last)
	} else {
		last <- int64(number)
	}
}

func unbalanced(size int) report {
	return timed(func() int64 {
		return sumOf(size, func(i int) int64 { return calculate(uint64(i) + 1) })
	})
}

// calculate gives the first bit of the last number of a xorshift64* generator.
func calculate(seed uint64) int64 {
	x := seed
	for i := 0; i < steps; i++ {
		x ^= x >> 12
		x ^= x << 25
		x ^= x >> 27
	}
	return int64(x * 0x2545F4914F6CDD1D >> 63)
}
