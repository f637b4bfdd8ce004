package main

import (
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// report is what a round gave.
type report struct {
	Ns           int64   `json:"ns"`
	Result       int64   `json:"result"`
	CPUNs        int64   `json:"cpuNs"`
	BytesPerUnit float64 `json:"bytesPerUnit,omitempty"`
	*percentiles
}

type percentiles struct {
	P50  int64 `json:"p50Ns"`
	P99  int64 `json:"p99Ns"`
	P999 int64 `json:"p999Ns"`
}

// percentilesOf sorts the samples, which are in nanoseconds.
func percentilesOf(samples []int64) *percentiles {
	sort.Slice(samples, func(i, j int) bool { return samples[i] < samples[j] })
	at := func(share float64) int64 {
		return samples[int(math.Ceil(float64(len(samples))*share))-1]
	}
	return &percentiles{at(0.5), at(0.99), at(0.999)}
}

// timed measures the wall time and the CPU time of work.
func timed(work func() int64) report {
	cpu := cpuNs()
	start := time.Now()
	result := work()
	ns := time.Since(start).Nanoseconds()
	return report{Ns: ns, Result: result, CPUNs: cpuNs() - cpu}
}

func cpuNs() int64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}

var (
	baseline     int64
	leastPerUnit int64 = math.MaxInt64
)

// rememberBaseline keeps what is resident before anything has been run.
func rememberBaseline() {
	baseline = residentBytes()
}

// grownBytesPerUnit is how much more is resident than before anything was run, for each unit. The least of all rounds:
// what earlier rounds have left to the heap counts in full, and so does what of it cannot be used again.
func grownBytesPerUnit(units int) float64 {
	grown := (residentBytes() - baseline) / int64(units)
	if grown < leastPerUnit {
		leastPerUnit = grown
	}
	return float64(leastPerUnit)
}

func residentBytes() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	must(err)
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	must(err)
	return pages * int64(os.Getpagesize())
}
