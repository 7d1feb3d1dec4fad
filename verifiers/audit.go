// Audits a downloaded OpenAIMS log with Debian's golang-golang-x-mod-dev; see README.md beside it.
//
//	audit [-vkey FILE] [-older CHECKPOINT] [-proof FILE] FOLDER
//
// Exit code 0: sound. 1: not sound, and the sentence says what is wrong. 2: called wrongly.
//
// Of x/mod only pure functions are used, and roots are rebuilt from the entries. Never read through
// tlog.TileHashReader: before x/mod v0.40.0 it accepts forged tiles (CVE-2026-56865).
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

type head struct {
	size int64
	root tlog.Hash
}

func stop(format string, a ...interface{}) {
	fmt.Printf("Not sound: "+format+".\n", a...)
	os.Exit(1)
}

func need(holds bool, format string, a ...interface{}) {
	if !holds {
		stop(format, a...)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	need(err == nil, "%s cannot be read: %v", path, err)
	return data
}

func unbase64(text, what string) []byte {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	// Written back: two spellings of the same bytes would let a bit change unseen.
	need(err == nil && base64.StdEncoding.EncodeToString(data) == text, "%s is not base64", what)
	return data
}

func number(text, what string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	need(err == nil && strconv.FormatInt(n, 10) == text && n >= 0 && n < 1<<53, "%s is not a whole number below 2^53", what)
	return n
}

// openCheckpoint reads a checkpoint that the key signed.
func openCheckpoint(data []byte, key note.Verifier, what string) head {
	n, err := note.Open(data, note.VerifierList(key))
	need(err == nil, "%s: %v (expected the key %s %08x)", what, err, key.Name(), key.KeyHash())
	for _, s := range append(n.Sigs, n.UnverifiedSigs...) {
		unbase64(s.Base64, "a signature of "+what) // note.Open is lenient about unused bits
	}
	lines := strings.Split(strings.TrimSuffix(n.Text, "\n"), "\n")
	need(len(lines) >= 3 && lines[0] == key.Name(), "%s is of the log %q, expected %q", what, lines[0], key.Name())
	h := head{size: number(lines[1], "the size in "+what)}
	root := unbase64(lines[2], "the root in "+what)
	need(len(root) == len(h.root), "the root in %s has %d bytes, expected 32", what, len(root))
	copy(h.root[:], root)
	return h
}

// rootOf rebuilds the root of the tree of these leaf hashes (RFC 6962 section 2.1).
func rootOf(hashes []tlog.Hash) tlog.Hash {
	if len(hashes) == 0 {
		return sha256.Sum256(nil)
	}
	var heights []int
	var peaks []tlog.Hash
	for _, top := range hashes {
		height := 0
		for len(heights) > 0 && heights[len(heights)-1] == height {
			top = tlog.NodeHash(peaks[len(peaks)-1], top)
			heights, peaks = heights[:len(heights)-1], peaks[:len(peaks)-1]
			height++
		}
		heights, peaks = append(heights, height), append(peaks, top)
	}
	root := peaks[len(peaks)-1]
	for i := len(peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(peaks[i], root)
	}
	return root
}

func tilePath(kind string, n, w int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if w < width {
		path += fmt.Sprintf(".p/%d", w)
	}
	return "tile/" + kind + "/" + path
}

func widthAt(n, size int64) int64 {
	if size-n*width < width {
		return size - n*width
	}
	return width
}

// readEntries gives the entries as far as they can be read, and what ended the reading early, if anything did.
func readEntries(folder string, size int64) (entries [][]byte, trouble string) {
	for n := int64(0); n*width < size; n++ {
		w := widthAt(n, size)
		path := tilePath("entries", n, w)
		data, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			return entries, fmt.Sprintf("%s cannot be read: %v", path, err)
		}
		here := int64(0)
		for ; len(data) > 0; here++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return entries, fmt.Sprintf("%s: entry %d runs past the end of the file", path, len(entries))
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			entries, data = append(entries, data[2:end]), data[end:]
		}
		if here != w {
			return entries, fmt.Sprintf("%s holds %d entries, expected %d", path, here, w)
		}
	}
	return entries, ""
}

// readHashes reads the leaf hashes of tile/0, which say what entry is wrong; nil when they are not there.
func readHashes(folder string, size int64) (hashes []tlog.Hash) {
	for n := int64(0); n*width < size; n++ {
		w := widthAt(n, size)
		path := tilePath("0", n, w)
		data, err := os.ReadFile(filepath.Join(folder, path))
		if os.IsNotExist(err) {
			return nil
		}
		need(err == nil, "%s cannot be read: %v", path, err)
		need(int64(len(data)) == w*32, "%s has %d bytes, expected %d", path, len(data), w*32)
		for ; len(data) > 0; data = data[32:] {
			var h tlog.Hash
			copy(h[:], data)
			hashes = append(hashes, h)
		}
	}
	return hashes
}

// placeOfFault says which entry is wrong; `right` are hashes that give the signed root.
func placeOfFault(hashes, right []tlog.Hash) string {
	i := 0
	for i < len(hashes) && i < len(right) && hashes[i] == right[i] {
		i++
	}
	if i >= len(right) {
		return fmt.Sprintf("after entry %d stands one that was not signed", i-1)
	}
	if i == len(hashes) {
		return fmt.Sprintf("entry %d is missing", i)
	}
	for j, h := range right {
		if h == hashes[i] {
			return fmt.Sprintf("entry %d is not in its place: entry %d stands there", i, j)
		}
	}
	if i+1 < len(hashes) && hashes[i+1] == right[i] {
		return fmt.Sprintf("an entry was put in before entry %d", i)
	}
	return fmt.Sprintf("entry %d was changed", i)
}

func checkEntries(entries [][]byte, trouble, folder string, h head) []tlog.Hash {
	hashes := make([]tlog.Hash, len(entries))
	for i, entry := range entries {
		hashes[i] = tlog.RecordHash(entry)
	}
	tiles := readHashes(folder, h.size)
	if trouble == "" && rootOf(hashes) == h.root {
		for i := range tiles {
			need(tiles[i] == hashes[i], "tile/0 is wrong at entry %d: the entries give the signed root, the tile does not", i)
		}
		return hashes
	}
	if trouble == "" {
		trouble = fmt.Sprintf("the %d entries do not give the signed root %v", h.size, h.root)
	}
	need(tiles != nil && rootOf(tiles) == h.root,
		"%s; which entry is wrong cannot be said: no tile/0 that gives the signed root is here", trouble)
	stop("%s; %s", placeOfFault(hashes, tiles), trouble)
	return nil
}

// checkHistories: versions of each record follow one another, and each names the entry before it.
func checkHistories(entries [][]byte) {
	type version struct {
		number int64
		digest string
	}
	last := map[string]version{}
	for i, data := range entries {
		var e struct {
			Type, Id, Prev string
			Version        int64
		}
		err := json.Unmarshal(data, &e)
		need(err == nil, "entry %d cannot be read: %v", i, err)
		if e.Type != "record" {
			continue
		}
		before := last[e.Id]
		need(e.Version == before.number+1, "entry %d is version %d of record %s, expected %d", i, e.Version, e.Id, before.number+1)
		need(e.Prev == before.digest, "entry %d does not name the entry before it of record %s", i, e.Id)
		last[e.Id] = version{e.Version, fmt.Sprintf("sha256:%x", sha256.Sum256(data))}
	}
}

// members reads a JSON object in canonical form (RFC 8785) and keeps the bytes of each value. Written back and compared:
// no field stands twice, and the bytes are the ones that were committed to.
func members(data []byte, what string) map[string]json.RawMessage {
	var object map[string]json.RawMessage
	need(json.Unmarshal(data, &object) == nil && object != nil, "%s is not a JSON object", what)
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	sort.Strings(names)
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = strconv.Quote(name) + ":" + string(object[name])
	}
	need("{"+strings.Join(parts, ",")+"}" == string(data), "%s is not written as canonical JSON: give the file as it was made", what)
	return object
}

func text(raw json.RawMessage, what string) (s string) {
	need(json.Unmarshal(raw, &s) == nil, "%s is not a text", what)
	return s
}

// checkDisclosure gives entry and proof of a disclosure whose shown values are those the entry committed to.
func checkDisclosure(data []byte) (entry []byte, index int64, proof string) {
	file := members(bytes.TrimSuffix(data, []byte("\n")), "the disclosure")
	entry = unbase64(text(file["entry"], "entry"), `"entry" of the disclosure`)
	index = number(string(file["index"]), `"index" of the disclosure`)
	var withheld []string
	need(json.Unmarshal(file["withheld"], &withheld) == nil, `"withheld" is not a list`)
	committed, left := members(members(entry, "the entry")["c"], "c of the entry"), map[string]bool{}
	for group := range committed {
		left[group] = true
	}
	take := func(group string) {
		need(left[group], "%q is named twice, or the entry does not hold it", group)
		delete(left, group)
	}
	for _, group := range withheld {
		take(group)
	}
	for group, raw := range members(file["disclosed"], `"disclosed"`) {
		take(group)
		opened := members(raw, "disclosed "+group)
		salt, err := hex.DecodeString(text(opened["salt"], "salt"))
		need(err == nil && len(salt) == 32, "the salt of %q is not 32 bytes", group)
		mac := hmac.New(sha256.New, salt)
		fmt.Fprintf(mac, "aims-commit/v1\n%s\n%s", group, opened["value"])
		need(hex.EncodeToString(mac.Sum(nil)) == text(committed[group], group), "%q is not what entry %d committed to", group, index)
	}
	need(len(left) == 0, `"disclosed" and "withheld" do not name all that the entry holds`)
	return entry, index, text(file["proof"], "proof")
}

// checkProof checks a disclosure or a .tlog-proof, and gives the head it was proved against.
func checkProof(path string, key note.Verifier, hashes []tlog.Hash) head {
	data := read(path)
	claimed, leaf := int64(-1), tlog.Hash{}
	if bytes.HasPrefix(data, []byte("{")) {
		entry, index, proof := checkDisclosure(data)
		claimed, leaf, data = index, tlog.RecordHash(entry), []byte(proof)
	}
	parts := strings.SplitN(string(data), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	need(len(parts) == 2 && lines[0] == "c2sp.org/tlog-proof@v1", "%s is neither a disclosure nor a tlog-proof", path)
	if len(lines) > 1 && strings.HasPrefix(lines[1], "extra ") {
		lines = lines[1:]
	}
	need(len(lines) > 1 && strings.HasPrefix(lines[1], "index "), "the proof has no line with its index")
	index := number(strings.TrimPrefix(lines[1], "index "), "the index in the proof")
	need(claimed < 0 || claimed == index, "the disclosure is of entry %d, its proof of entry %d", claimed, index)
	h := openCheckpoint([]byte(parts[1]), key, "the checkpoint in the proof")
	var path32 tlog.RecordProof
	for i, line := range lines[2:] {
		var hash tlog.Hash
		need(copy(hash[:], unbase64(line, fmt.Sprintf("hash %d of the proof", i+1))) == 32, "hash %d of the proof is short", i+1)
		path32 = append(path32, hash)
	}
	inFolder := index < int64(len(hashes))
	need(claimed >= 0 || inFolder, "entry %d is not in the folder, which holds %d", index, len(hashes))
	if claimed < 0 {
		leaf = hashes[index]
	}
	need(!inFolder || leaf == hashes[index], "the disclosure shows another entry %d than the log holds", index)
	need(index < h.size, "the proof is of entry %d in a log of %d", index, h.size)
	err := tlog.CheckRecord(path32, h.size, h.root, index, leaf)
	need(err == nil, "the proof does not lead from entry %d to the signed root: %v", index, err)
	return h
}

func main() {
	vkey := flag.String("vkey", "", "file with the key you were handed; FOLDER/vkey unless given")
	older := flag.String("older", "", "a checkpoint kept from before")
	proof := flag.String("proof", "", "a .tlog-proof or a disclosure")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: audit [-vkey FILE] [-older CHECKPOINT] [-proof FILE] FOLDER")
		os.Exit(2)
	}
	folder := flag.Arg(0)
	if *vkey == "" {
		*vkey = filepath.Join(folder, "vkey")
	}
	key, err := note.NewVerifier(strings.TrimSpace(string(read(*vkey))))
	need(err == nil, "the vkey cannot be used: %v", err)
	h := openCheckpoint(read(filepath.Join(folder, "checkpoint")), key, "the checkpoint")
	entries, trouble := readEntries(folder, h.size)
	hashes := checkEntries(entries, trouble, folder, h)
	checkHistories(entries)
	said := fmt.Sprintf("Sound: %d entries of %s give the signed root %v", h.size, key.Name(), h.root)
	same := func(what string, old head) {
		need(old.size > h.size || rootOf(hashes[:old.size]) == old.root,
			"the %s signs another history: the first %d entries give another root", what, old.size)
		said += fmt.Sprintf("; %s of %d entries holds", what, old.size)
	}
	if *older != "" {
		old := openCheckpoint(read(*older), key, "the older checkpoint")
		need(old.size <= h.size, "the older checkpoint signs %d entries, this log has only %d: it went back", old.size, h.size)
		same("older checkpoint", old)
	}
	if *proof != "" {
		same("proof", checkProof(*proof, key, hashes))
	}
	fmt.Println(said + ".")
}
