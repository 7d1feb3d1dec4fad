package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
)

// Built together with audit.go for the tests: audits one pack again and again, each time with other bytes in it.
//
//	audit -cases FOLDER VKEY WITNESS < cases
//
// A case is one line of JSON, the answer to it the first problems found, as one line of JSON.

type edit struct {
	File   string
	Bit    *int64  // changed bit, counted from the first of the file
	Bytes  *[]byte // other content
	Remove bool
}

func init() {
	if len(os.Args) != 5 || os.Args[1] != "-cases" {
		return
	}
	files := openFiles(os.Args[2])
	contents := map[string][]byte{}
	for name := range files {
		contents[name] = read(os.Args[2] + "/" + name)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	var answers []chan string
	free := make(chan bool, runtime.NumCPU())
	for lines.Scan() {
		line, answer := append([]byte{}, lines.Bytes()...), make(chan string, 1)
		answers = append(answers, answer)
		free <- true
		go func() {
			var c struct {
				Seal  bool
				Edits []edit
			}
			if err := json.Unmarshal(line, &c); err != nil {
				panic(err)
			}
			said, _ := json.Marshal(audited(changed(contents, c.Edits, c.Seal)))
			answer <- string(said)
			<-free
		}()
	}
	for _, answer := range answers {
		fmt.Println(<-answer)
	}
	os.Exit(0)
}

func changed(contents map[string][]byte, edits []edit, seal bool) map[string][]byte {
	files := map[string][]byte{}
	for name, data := range contents {
		files[name] = data
	}
	for _, e := range edits {
		if e.Remove {
			delete(files, e.File)
		} else if e.Bytes != nil {
			files[e.File] = *e.Bytes
		} else {
			data := append([]byte{}, files[e.File]...)
			data[*e.Bit/8] ^= 1 << (*e.Bit % 8)
			files[e.File] = data
		}
	}
	var manifest map[string]interface{}
	if seal && json.Unmarshal(files["pack.json"], &manifest) == nil {
		listed := manifest["files"].(map[string]interface{})
		for _, e := range edits {
			delete(listed, e.File)
			if data, there := files[e.File]; there && e.File != "pack.json" {
				listed[e.File] = fmt.Sprintf("%x", sha256.Sum256(data))
			}
		}
		var spelt bytes.Buffer
		out := json.NewEncoder(&spelt)
		out.SetIndent("", " ")
		out.SetEscapeHTML(false)
		if err := out.Encode(manifest); err != nil {
			panic(err)
		}
		files["pack.json"] = spelt.Bytes()
	}
	return files
}

func audited(contents map[string][]byte) (problems []string) {
	trouble := attempt(func() {
		files := map[string]func() (io.ReadCloser, error){}
		for name, data := range contents {
			data := data
			files[name] = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
		}
		p := auditPack(files, os.Args[3], []*witness{readWitness(os.Args[4])})
		problems = append(p.problems, p.late...)
	})
	if trouble != "" {
		problems = append(problems, "stopped: "+trouble)
	}
	if len(problems) > 12 {
		problems = problems[:12]
	}
	return problems
}
