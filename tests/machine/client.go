// SPDX-License-Identifier: MIT
// tests/machine/client.go -- a machine driven by a client library of others (go-qemu's package qmp, which is
// used unchanged): start, stop, snapshot, screen dump, loading the snapshot, power key, end. Arguments: the socket of
// QMP, a file for the picture, the id of the disk. Prints a line for each step; status 0: all went well.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/digitalocean/go-qemu/qmp"
)

type answer struct {
	Return json.RawMessage `json:"return"`
}

var monitor *qmp.SocketMonitor
var events <-chan qmp.Event

func fail(step string, why interface{}) {
	fmt.Printf("FAIL: %s: %v\n", step, why)
	os.Exit(1)
}

func run(command string, arguments interface{}, result interface{}) error {
	request, _ := json.Marshal(struct {
		Execute   string      `json:"execute"`
		Arguments interface{} `json:"arguments,omitempty"`
	}{command, arguments})
	raw, err := monitor.Run(request)
	if err != nil || result == nil {
		return err
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return err
	}
	return json.Unmarshal(a.Return, result)
}

func must(step, command string, arguments interface{}, result interface{}) {
	if err := run(command, arguments, result); err != nil {
		fail(step, err)
	}
	fmt.Println("ok:", step)
}

func await(step, name string, data map[string]interface{}) {
	limit := time.After(60 * time.Second)
	for {
		select {
		case e, open := <-events:
			if !open {
				fail(step, "no event "+name)
			}
			if e.Event != name {
				continue
			}
			for k, v := range data {
				if e.Data[k] != v {
					fail(step, e.Data)
				}
			}
			fmt.Println("ok:", step)
			return
		case <-limit:
			fail(step, "no event "+name)
		}
	}
}

func status(step, want string) {
	var s struct{ Status string }
	must(step, "query-status", nil, &s)
	if s.Status != want {
		fail(step, s.Status)
	}
}

type object map[string]interface{}

func job(step, command, id, disk string) {
	arguments := object{"job-id": id, "tag": "one", "devices": []string{disk}}
	if command != "snapshot-delete" {
		arguments["vmstate"] = disk
	}
	must(step, command, arguments, nil)
	for end := time.Now().Add(120 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var jobs []struct{ ID, Status, Error string }
		if err := run("query-jobs", nil, &jobs); err != nil || time.Now().After(end) {
			fail(step, err)
		}
		for _, j := range jobs {
			if j.ID == id && j.Status == "concluded" {
				if j.Error != "" {
					fail(step, j.Error)
				}
				must(step+" has ended", "job-dismiss", object{"id": id}, nil)
				return
			}
		}
	}
}

func main() {
	var err error
	if monitor, err = qmp.NewSocketMonitor("unix", os.Args[1], 10*time.Second); err != nil {
		fail("connect", err)
	}
	if err = monitor.Connect(); err != nil {
		fail("negotiate", err)
	}
	told, err := monitor.Events(context.Background())
	if err != nil {
		fail("events", err)
	}
	kept := make(chan qmp.Event, 1000) // the library answers only while somebody takes its events
	events = kept
	go func() {
		for e := range told {
			kept <- e
		}
		close(kept)
	}()
	status("it waits", "prelaunch")
	must("start", "cont", nil, nil)
	await("it starts", "RESUME", nil)
	time.Sleep(time.Second)
	must("stop", "stop", nil, nil)
	await("it stops", "STOP", nil)
	status("it stands", "paused")
	job("snapshot", "snapshot-save", "save", os.Args[3])
	must("go on", "cont", nil, nil)
	must("screen dump", "screendump", object{"filename": os.Args[2], "format": "png"}, nil)
	must("key", "send-key", object{"keys": []object{{"type": "qcode", "data": "a"}}}, nil)
	must("stop again", "stop", nil, nil)
	job("load", "snapshot-load", "load", os.Args[3])
	job("delete", "snapshot-delete", "delete", os.Args[3])
	must("run", "cont", nil, nil)
	must("reset", "system_reset", nil, nil)
	await("it was reset", "RESET", map[string]interface{}{"guest": false})
	must("power key", "system_powerdown", nil, nil)
	await("the key is pressed", "POWERDOWN", nil)
	if err = run("quit", nil, nil); err != nil {
		fail("quit", err)
	}
	await("it ends", "SHUTDOWN", map[string]interface{}{"guest": false, "reason": "host-qmp-quit"})
}
