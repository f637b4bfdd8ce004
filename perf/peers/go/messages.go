package main

import (
	"runtime"
)

const (
	batch   = 1_000
	senders = 8
	askers  = 64

	// rendezvous hands a message straight to the party that waits for it.
	rendezvous = 0
	mailbox    = 1_024
)

func pingPong(size int) report {
	return timed(func() int64 { return rings(1, 2, 1, size, rendezvous) })
}

func pingPong16x100(size int) report {
	return timed(func() int64 { return rings(16, 2, 100, size, mailbox) })
}

func ring(size int) report {
	return timed(func() int64 { return rings(1, 100, 1, size, rendezvous) })
}

// rings lets tokens go round in rings of parties. It gives the hops that the parties have counted.
func rings(count, parties, tokens, size, capacity int) int64 {
	all := count * tokens
	done := make(chan struct{}, all)
	hops := make(chan int64, count*parties)
	mailboxes := make([][]chan int, count)
	for r := range mailboxes {
		mailboxes[r] = make([]chan int, parties)
		for p := range mailboxes[r] {
			mailboxes[r][p] = make(chan int, capacity)
		}
		for p := range mailboxes[r] {
			go passOn(mailboxes[r][p], mailboxes[r][(p+1)%parties], done, hops)
		}
	}

	ends := 0
	for token := 0; token < all && token < size; token++ {
		mailboxes[token%count][0] <- share(size, all, token)
		ends++
	}
	for ; ends > 0; ends-- {
		<-done
	}
	for _, ring := range mailboxes {
		for _, party := range ring {
			close(party)
		}
	}

	var sum int64
	for i := 0; i < cap(hops); i++ {
		sum += <-hops
	}
	return sum
}

func passOn(messages <-chan int, next chan<- int, done chan<- struct{}, hops chan<- int64) {
	var count int64
	for left := range messages {
		count++
		if left > 1 {
			next <- left - 1
		} else {
			done <- struct{}{}
		}
	}
	hops <- count
}

// tell sends from a goroutine that never lets others run of its own will: Go has no thread outside of its scheduler.
func tell(size int) report {
	return timed(func() int64 {
		messages, total := addUp(size)
		for number := 1; number <= size; number++ {
			messages <- int64(number)
		}
		return <-total
	})
}

func tellInside(size int) report {
	return timed(func() int64 { return sendFrom(1, size) })
}

func fanIn(size int) report {
	return timed(func() int64 { return sendFrom(senders, size) })
}

func sendFrom(senders, size int) int64 {
	messages, total := addUp(size)
	for i := 0; i < senders; i++ {
		go send(messages, size*i/senders+1, size*(i+1)/senders)
	}
	return <-total
}

func send(receiver chan<- int64, from, to int) {
	for number := from; number <= to; number++ {
		receiver <- int64(number)
		if number%batch == 0 {
			runtime.Gosched()
		}
	}
}

// addUp starts a receiver of that many messages. It gives the way to it, and that to its sum.
func addUp(count int) (chan<- int64, <-chan int64) {
	messages := make(chan int64, mailbox)
	total := make(chan int64, 1)
	go func() {
		var sum int64
		for i := 0; i < count; i++ {
			sum += <-messages
		}
		total <- sum
	}()
	return messages, total
}

type question struct {
	number int64
	reply  chan<- int64
}

func ask(size int) report {
	return timed(func() int64 { return askFrom(1, size) })
}

func ask64(size int) report {
	return timed(func() int64 { return askFrom(askers, size) })
}

func askFrom(askers, size int) int64 {
	party := make(chan question, mailbox)
	defer close(party)
	go respond(party)
	return sumOf(askers, func(i int) int64 {
		return askAll(party, size*i/askers+1, size*(i+1)/askers)
	})
}

func respond(questions <-chan question) {
	for question := range questions {
		question.reply <- question.number + 1
	}
}

// askAll uses one channel for all replies, as it never waits for two.
func askAll(party chan<- question, from, to int) int64 {
	reply := make(chan int64, 1)
	var sum int64
	for number := from; number <= to; number++ {
		party <- question{int64(number), reply}
		sum += <-reply
	}
	return sum
}
