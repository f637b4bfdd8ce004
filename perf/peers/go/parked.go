package main

import (
	"sync"
	"sync/atomic"
)

func parkedOnMailboxes(size int) report {
	return park[int64](size, 1)
}

// parkedOnEvents differs in what is sent only: nothing lighter than a goroutine and a channel waits for one event.
func parkedOnEvents(size int) report {
	return park(size, struct{}{})
}

// park makes parties until all wait, then sends a message to each. The channels have no buffer: it would cost memory.
func park[T any](size int, message T) report {
	var waiting, ended sync.WaitGroup
	var received int64
	waiting.Add(size)
	ended.Add(size)
	parties := make([]chan T, size)

	parked := timed(func() int64 {
		for i := range parties {
			party := make(chan T)
			parties[i] = party
			go func() {
				waiting.Done()
				<-party
				atomic.AddInt64(&received, 1)
				ended.Done()
			}()
		}
		waiting.Wait()
		return 0
	})
	parked.BytesPerUnit = grownBytesPerUnit(size)

	for _, party := range parties {
		party <- message
	}
	ended.Wait()
	parked.Result = received
	return parked
}
