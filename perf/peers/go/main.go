// Go's renderings of the load harness' workloads, driven by lines on stdin. The protocol is in ../README.md.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
)

var workloads = []struct {
	name string
	run  func(size int) report
}{
	{"spawn", spawn},
	{"parked", parkedOnMailboxes},
	{"parked-event", parkedOnEvents},
	{"pingpong", pingPong},
	{"pingpong-16x100", pingPong16x100},
	{"tell", tell},
	{"tell-inside", tellInside},
	{"fanin", fanIn},
	{"ring", ring},
	{"yield", yield},
	{"skynet", skynet},
	{"ask", ask},
	{"ask-64", ask64},
	{"chain", chain},
	{"timers", timers},
	{"overshoot", overshoot},
	{"unbalanced", unbalanced},
}

type greeting struct {
	Peer      string   `json:"peer"`
	Version   string   `json:"version"`
	Threads   int      `json:"threads"`
	Workloads []string `json:"workloads"`
}

func main() {
	rememberBaseline()
	hello := greeting{Peer: "Go", Version: strings.TrimPrefix(runtime.Version(), "go"), Threads: runtime.GOMAXPROCS(0)}
	for _, workload := range workloads {
		hello.Workloads = append(hello.Workloads, workload.name)
	}

	out := json.NewEncoder(os.Stdout)
	must(out.Encode(hello))
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		answer, err := run(in.Text())
		if err != nil {
			must(out.Encode(map[string]string{"error": err.Error()}))
		} else {
			must(out.Encode(answer))
		}
	}
	must(in.Err())
}

func run(line string) (report, error) {
	words := strings.Fields(line)
	if len(words) != 3 || words[0] != "run" {
		return report{}, errors.New("expected: run <workload> <size>")
	}
	size, err := strconv.Atoi(words[2])
	if err != nil || size <= 0 {
		return report{}, errors.New("the size is a number above 0")
	}
	for _, workload := range workloads {
		if workload.name == words[1] {
			return workload.run(size), nil
		}
	}
	return report{}, errors.New("no such workload")
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
