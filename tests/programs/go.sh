# SPDX-License-Identifier: MIT
# Go: the compiler, itself a threaded Go program, builds a program with goroutines and preemption.
# wants: usr/bin/go
# time: 900
mkdir m && cd m || exit
cat >main.go <<'END'
package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type shape interface{ area() float64 }
type sq struct{ a float64 }
type ci struct{ r float64 }

func (s sq) area() float64 { return s.a * s.a }
func (c ci) area() float64 { return math.Pi * c.r * c.r }

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

var stop atomic.Bool

func main() {
	fmt.Println(fib(27), fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Repeat("x", 100000)))))
	ch := make(chan int)
	var wg sync.WaitGroup
	for i := 0; i < 50; i++ {
		wg.Add(1)
		go func(i int) { defer wg.Done(); for k := 0; k < 200; k++ { ch <- i*k }; }(i)
	}
	go func() { wg.Wait(); close(ch) }()
	t := 0
	for v := range ch {
		t += v
	}
	fmt.Println(t)
	runtime.GOMAXPROCS(2) // one loop without calls on each: only a preemption signal lets others in
	spin := func() { x := 1; for !stop.Load() { for j := 0; j < 1000; j++ { x = x*3 + j } }; _ = x }
	go spin()
	go spin()
	time.Sleep(30 * time.Millisecond)
	done := make(chan bool)
	go func() { runtime.GC(); done <- true }()
	<-done
	stop.Store(true)
	m := map[string]int{}
	for i := 0; i < 100000; i++ {
		m[fmt.Sprint("k", i%100)] += i
	}
	ks := []string{}
	for k := range m {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	fmt.Println(len(m), ks[0], m["k7"])
	var s float64
	for i, x := range []shape{sq{2}, ci{1.5}, sq{3}} {
		s += x.area() * float64(i)
	}
	fmt.Printf("%.9f %v %v\n", s, math.Inf(1), math.Sqrt(2))
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var p *sq
		fmt.Println(p.area())
	}()
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		z := []int{1}
		fmt.Println(z[len(ks)])
	}()
	_, err := os.Open("/nonexistent")
	fmt.Println(err, errors.Is(err, os.ErrNotExist))
	os.Exit(9)
}
END
export GOCACHE=$PWD/cache GOPATH=$PWD/path GOFLAGS=-mod=mod GO111MODULE=off CGO_ENABLED=0 GOTOOLCHAIN=local
go vet main.go; go build -o p main.go && ./p; echo "status $?"
