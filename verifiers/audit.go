// Audits a downloaded OpenAIMS log, or an audit pack, with Debian's golang-golang-x-mod-dev; see README.md beside it.
//
//	audit [-vkey FILE] [-witness FILE] [-older CHECKPOINT]… [-proof FILE] FOLDER
//	audit [-vkey FILE] [-witness FILE] [-older CHECKPOINT]… PACK.zip|FOLDER
//
// Exit code 0: sound. 1: not sound, and what is wrong is said. 2: called wrongly, or no pack.
//
// Of x/mod only pure functions are used, and roots are rebuilt from the entries. Never read through
// tlog.TileHashReader: before x/mod v0.40.0 it accepts forged tiles (CVE-2026-56865).
package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

type head struct {
	size int64
	root tlog.Hash
}

// wrong is what does not hold, as a sentence. It is thrown.
type wrong string

func stop(format string, a ...interface{}) {
	panic(wrong(fmt.Sprintf(format, a...)))
}

// attempt answers what stopped it, "" when nothing did: whatever a hostile file does, it ends in a sentence.
func attempt(act func()) (sentence string) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case wrong:
			sentence = string(e)
		default:
			sentence = fmt.Sprintf("it is not written as it must be (%v)", e)
		}
	}()
	act()
	return
}

// clean makes one line of text that is safe to show: names come from others, and control characters in them could repaint the terminal with a
// verdict.
func clean(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
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

// headOf reads the text of a checkpoint of the log, whoever signed it.
func headOf(text, origin, what string) head {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	need(len(lines) >= 3 && lines[0] == origin, "%s is of the log %q, expected %q", what, lines[0], origin)
	h := head{size: number(lines[1], "the size in "+what)}
	root := unbase64(lines[2], "the root in "+what)
	need(len(root) == len(h.root), "the root in %s has %d bytes, expected 32", what, len(root))
	copy(h.root[:], root)
	return h
}

// openCheckpoint reads a checkpoint that one of the keys signed.
func openCheckpoint(data []byte, keys []note.Verifier, what string) head {
	need(len(keys) > 0, "%s: there is no key to check it with", what)
	n, err := note.Open(data, note.VerifierList(keys...))
	need(err == nil, "%s: %v (expected the key %s %08x)", what, err, keys[0].Name(), keys[0].KeyHash())
	for _, s := range append(n.Sigs, n.UnverifiedSigs...) {
		unbase64(s.Base64, "a signature of "+what) // note.Open is lenient about unused bits
	}
	return headOf(n.Text, keys[0].Name(), what)
}

// witness is a key of type 4, which signs a time with the text (C2SP tlog-cosignature v1).
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	at   time.Time // of the signature verified last
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(text, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	w.at = time.Unix(int64(at), 0).UTC()
	return ed25519.Verify(w.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)), sig[8:])
}

func readWitness(vkey string) *witness {
	parts := strings.SplitN(strings.TrimSpace(vkey), "+", 3)
	need(len(parts) == 3, "the key of a witness must read name+hash+base64")
	key := unbase64(parts[2], "the key of the witness "+parts[0])
	need(len(key) == 33 && key[0] == 4, "the key of the witness %s must be of type 4", parts[0])
	id := sha256.Sum256([]byte(parts[0] + "\n" + string(key)))
	need(hex.EncodeToString(id[:4]) == parts[1], "the key of the witness %s is damaged", parts[0])
	return &witness{name: parts[0], hash: binary.BigEndian.Uint32(id[:4]), key: key[1:]}
}

// cosigned says when the witness cosigned the checkpoint.
func cosigned(data []byte, w *witness, what string) string {
	_, err := note.Open(data, note.VerifierList(w))
	need(err == nil, "%s: %v of the witness %s %08x", what, err, w.name, w.hash)
	return fmt.Sprintf("; cosigned by %s at %s", w.name, w.at.Format(time.RFC3339))
}

// roots rebuilds the root of the tree of the first n leaf hashes, for each n of sizes (RFC 6962 section 2.1).
func roots(hashes []tlog.Hash, sizes map[int64]bool) map[int64]tlog.Hash {
	found := map[int64]tlog.Hash{}
	var heights []int
	var peaks []tlog.Hash
	for n := 0; n <= len(hashes); n++ {
		if sizes[int64(n)] {
			root := tlog.Hash(sha256.Sum256(nil))
			for i := len(peaks) - 1; i >= 0; i-- {
				if i == len(peaks)-1 {
					root = peaks[i]
				} else {
					root = tlog.NodeHash(peaks[i], root)
				}
			}
			found[int64(n)] = root
		}
		if n == len(hashes) {
			break
		}
		top, height := hashes[n], 0
		for len(heights) > 0 && heights[len(heights)-1] == height {
			top = tlog.NodeHash(peaks[len(peaks)-1], top)
			heights, peaks = heights[:len(heights)-1], peaks[:len(peaks)-1]
			height++
		}
		heights, peaks = append(heights, height), append(peaks, top)
	}
	return found
}

func rootOf(hashes []tlog.Hash) tlog.Hash {
	n := int64(len(hashes))
	return roots(hashes, map[int64]bool{n: true})[n]
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
		here, trouble := splitBundle(data, w, n*width)
		entries = append(entries, here...)
		if trouble != "" {
			return entries, path + trouble
		}
	}
	return entries, ""
}

// splitBundle gives the entries of a bundle as far as they can be read, and what is wrong with it.
func splitBundle(data []byte, w, first int64) (entries [][]byte, trouble string) {
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return entries, fmt.Sprintf(": entry %d runs past the end of the file", first+int64(len(entries)))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries, data = append(entries, data[2:end]), data[end:]
	}
	if int64(len(entries)) != w {
		trouble = fmt.Sprintf(" holds %d entries, expected %d", len(entries), w)
	}
	return entries, trouble
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

// placeOfFault says which entry is wrong, counted from `first`; `right` are hashes that give the signed root.
func placeOfFault(hashes, right []tlog.Hash, first int) string {
	i := 0
	for i < len(hashes) && i < len(right) && hashes[i] == right[i] {
		i++
	}
	if i >= len(right) {
		return fmt.Sprintf("after entry %d stands one that was not signed", first+i-1)
	}
	if i == len(hashes) {
		return fmt.Sprintf("entry %d is missing", first+i)
	}
	for j, h := range right {
		if h == hashes[i] {
			return fmt.Sprintf("entry %d is not in its place: entry %d stands there", first+i, first+j)
		}
	}
	if i+1 < len(hashes) && hashes[i+1] == right[i] {
		return fmt.Sprintf("an entry was put in before entry %d", first+i)
	}
	return fmt.Sprintf("entry %d was changed", first+i)
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
	stop("%s; %s", placeOfFault(hashes, tiles, 0), trouble)
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
func checkProof(path string, keys []note.Verifier, hashes []tlog.Hash) head {
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
	h := openCheckpoint([]byte(parts[1]), keys, "the checkpoint in the proof")
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

// The rest reads audit packs, format openaims.audit-pack/1.

const (
	maxUnpacked = 4 << 30
	maxFiles    = 1000000
	maxRatio    = 1000
	maxLine     = 256 << 20
	maxListed   = 100
	// 0.1.0 read the clock twice for changes of several records at once: rows of such versions say a time up to some seconds after their
	// entry's. The entry's time is what is signed, and the difference is told. Where the log says that rows carry the time of their entries
	// none may be late.
	maxLateMs = 10000
)

// A pack is its files by name, and what was found in them.
type pack struct {
	files    map[string]func() (io.ReadCloser, error)
	problems []string
	count    int
	facts    string

	manifest  map[string]interface{}
	logs      []*packLog // oldest first; the last is the one the pack is of
	last      map[string]version
	erased    map[string]bool // "<origin> <index> <group>"
	whole     bool
	included  map[string]bool   // ids of records in the pack
	refs      map[string]string // ref -> id
	decisions map[string]string
	evidence  map[string]string // sha256 -> the record of evidence that is this file
	fileNames map[string]string // sha256 -> what that record calls the file
	versions  int
	state     *state   // an earlier state after which the logs go on
	late      []string // versions whose rows are a little later than their entries
	lateCount int
	exact     bool // an entry said so far that rows carry the time of their entries
	// Records whose present state was ahead of the log when the pack was made.
	uncompared int
}

// state is what a pack shows of an earlier time: the first entries of a log, and the logs before it.
type state struct{ log, size int64 }

// packLog is one log in a pack. An entry that is not there is nil.
type packLog struct {
	at, origin string
	number     int64
	head       head
	shown      int64 // entries of the state that is shown; those after it say what was erased since
	entries    [][]byte
	hashes     []tlog.Hash // of the signed entries where they are known, else of those that are there
	of         []string    // id of the record of each entry, "" for entries about the log
	seen       []bool
	keys       []string      // named by entries
	rotated    []int64       // where
	told       []interface{} // keys that pack.json says: for the first log of an organisation, whose first entry names none
	previous   interface{}
	opened     string
	lostKey    string // of the log before, as a note says
	waited     int    // versions that were recorded before this log was opened
	since      string // the oldest of them
	exactFrom  int64  // from this entry on rows carry the time of their entries: the log says so
}

// version is the newest version of a record in the entries read so far.
type version struct {
	number   int64
	digest   string
	register string
	of       int64
}

func (p *pack) problem(where, sentence string) {
	if p.count++; p.count <= maxListed {
		p.problems = append(p.problems, clean(where+": "+sentence))
	}
}

func (p *pack) try(where string, act func()) bool {
	sentence := attempt(act)
	if sentence != "" {
		p.problem(where, sentence)
	}
	return sentence == ""
}

func (p *pack) verdict() string {
	if p.count == 0 {
		return "Sound: " + clean(p.facts) + ". Time stamps are not looked at." + p.lateFacts()
	}
	more := ""
	if p.count > len(p.problems) {
		more = fmt.Sprintf("\n- and %d more", p.count-len(p.problems))
	}
	return fmt.Sprintf("Not sound: problems: %d.\n- %s%s", p.count, strings.Join(p.problems, "\n- "), more)
}

// lateFacts names the versions whose rows are a little later than their entries.
func (p *pack) lateFacts() string {
	if p.lateCount == 0 {
		return ""
	}
	said := fmt.Sprintf("\nNote: %d versions carry a time after that of their entry, a known fault of bulk changes, hand-overs and departures in 0.1.0."+
		" The entry's time is the signed one:\n- %s", p.lateCount, strings.Join(p.late, "\n- "))
	if p.lateCount > len(p.late) {
		said += fmt.Sprintf("\n- and %d more", p.lateCount-len(p.late))
	}
	return said
}

// bounded ends the reading of a file that is longer than the ZIP says.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(data []byte) (int, error) {
	n, err := b.ReadCloser.Read(data)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("it is longer than the ZIP says")
	}
	return n, err
}

// unpacked reads a packed file that ends where the ZIP says. Programs that read a ZIP from its beginning go on where it ends: what stood behind it
// would be files that only they find.
type unpacked struct {
	io.ReadCloser
	packed *bufio.Reader // read byte by byte, so nothing beyond the end is taken
}

func (u *unpacked) Read(data []byte) (int, error) {
	n, err := u.ReadCloser.Read(data)
	if err == io.EOF {
		if _, more := u.packed.ReadByte(); more != io.EOF {
			return n, errors.New("it ends before the place that the ZIP says: something stands behind it")
		}
	}
	return n, err
}

func notAPack(format string, a ...interface{}) {
	fmt.Printf("Not a pack: %s.\n", clean(fmt.Sprintf(format, a...)))
	os.Exit(2)
}

// openFiles lists the files of a pack; nil when the path is a downloaded log.
func openFiles(path string) map[string]func() (io.ReadCloser, error) {
	files, total := map[string]func() (io.ReadCloser, error){}, uint64(0)
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if info.IsDir() {
		if _, err := os.Stat(filepath.Join(path, "pack.json")); err != nil {
			return nil
		}
		err = fs.WalkDir(os.DirFS(path), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				files[name] = func() (io.ReadCloser, error) { return os.DirFS(path).Open(name) }
			} else if err == nil && !d.IsDir() {
				err = fmt.Errorf("%s is not a plain file", name)
			}
			return err
		})
		need(err == nil, "the folder cannot be read: %v", err)
		folded := map[string]bool{}
		for name := range files {
			if folded[strings.ToLower(name)] {
				notAPack("%q is in it twice, in capitals and small letters", name)
			}
			folded[strings.ToLower(name)] = true
		}
		return files
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		notAPack("%s is not a ZIP: %v", path, err)
	}
	archive.RegisterDecompressor(zip.Deflate, func(packed io.Reader) io.ReadCloser {
		r := bufio.NewReader(packed)
		return &unpacked{flate.NewReader(r), r}
	})
	folded := map[string]bool{}
	for _, f := range archive.File {
		if total += f.UncompressedSize64; total > maxUnpacked || len(files) == maxFiles || f.UncompressedSize64 > maxUnpacked {
			notAPack("it holds more than %d bytes or %d files", maxUnpacked, maxFiles)
		}
		if f.UncompressedSize64 > 1<<20+maxRatio*f.CompressedSize64 {
			notAPack("%q unpacks to more than %d times its size", f.Name, maxRatio)
		}
		if !safeName.MatchString(f.Name) || len(f.Name) > 300 || f.Method != zip.Store && f.Method != zip.Deflate || f.Flags&^0x080e != 0 {
			notAPack("the file name %q, or how it is packed, is not allowed", f.Name)
		}
		if folded[strings.ToLower(f.Name)] {
			notAPack("%q is in it twice", f.Name)
		}
		folded[strings.ToLower(f.Name)] = true
		f := f
		files[f.Name] = func() (io.ReadCloser, error) {
			r, err := f.Open()
			return &bounded{r, int64(f.UncompressedSize64)}, err
		}
	}
	if files["pack.json"] == nil {
		notAPack("%s holds no pack.json", path)
	}
	if problem := attempt(func() { checkLayout(path, archive.File) }); problem != "" {
		notAPack("%s", problem)
	}
	return files
}

// checkLayout: one file after the other, from the first byte to the directory, so no gaps, nothing before, behind or in between that other
// programs would read, and no links. Each file's own header says what the directory says.
func checkLayout(path string, members []*zip.File) {
	file, err := os.Open(path)
	need(err == nil, "%s cannot be read: %v", path, err)
	defer file.Close()
	info, err := file.Stat()
	need(err == nil, "%s cannot be read: %v", path, err)
	bytesAt := func(place, length int64) []byte {
		data := make([]byte, length)
		_, err := file.ReadAt(data, place)
		need(err == nil, "it ends too early")
		return data
	}
	u16 := func(data []byte, at int) int64 { return int64(binary.LittleEndian.Uint16(data[at:])) }
	u32 := func(data []byte, at int) int64 { return int64(binary.LittleEndian.Uint32(data[at:])) }
	size := info.Size()
	need(size >= 22, "it ends too early")
	end := bytesAt(size-22, 22)
	count, length, begin := int64(len(members)), u32(end, 12), u32(end, 16)
	need(u32(end, 0) == 0x06054b50 && u16(end, 20) == 0, "something stands behind its directory")
	need(u32(end, 4) == 0 && u16(end, 8) == count && u16(end, 10) == count && begin+length == size-22,
		"there is something before its first file, or behind its directory")
	at := map[*zip.File]int64{}
	for _, f := range members {
		length -= 46 + int64(len(f.Name))
		offset, err := f.DataOffset()
		need(err == nil && len(f.Extra) == 0 && f.Comment == "", "%q has extra fields or a comment; packs have none: take the file as it was made", f.Name)
		at[f] = offset
	}
	need(length == 0, "its directory holds more than the names of files")
	members = append([]*zip.File{}, members...)
	sort.Slice(members, func(a, b int) bool { return at[members[a]] < at[members[b]] })
	place := int64(0)
	for _, f := range members {
		kind := f.ExternalAttrs >> 16 & 0xf000
		need((kind == 0 || kind == 0x8000) && f.ExternalAttrs&0x10 == 0, "%q is not a plain file but a link, a folder or a device", f.Name)
		n, streamed := int64(len(f.Name)), f.Flags&8 != 0
		need(at[f] == place+30+n, "%q does not follow the file before it: there is something in between, or they overlap", f.Name)
		own, sizes := bytesAt(place, 30+n), []int64{int64(f.CRC32), int64(f.CompressedSize64), int64(f.UncompressedSize64)}
		alike := u32(own, 0) == 0x04034b50 && u16(own, 6) == int64(f.Flags) && u16(own, 8) == int64(f.Method) && u16(own, 26) == n && u16(own, 28) == 0
		for i, size := range sizes {
			said := u32(own, 14+4*i)
			alike = alike && (said == size || streamed && said == 0)
		}
		need(alike && string(own[30:]) == f.Name, "%q says something else in its own header than the directory does", f.Name)
		place += 30 + n + sizes[1]
		if streamed {
			after := bytesAt(place, 16)
			need(u32(after, 0) == 0x08074b50 && u32(after, 4) == sizes[0] && u32(after, 8) == sizes[1] && u32(after, 12) == sizes[2],
				"%q is not followed by its size and checksum", f.Name)
			place += 16
		}
	}
	need(place == begin, "there is something between its last file and its directory")
}

// One name, for all systems: no spaces, no hidden files, nothing that leads out of the folder it is unpacked in.
var safeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$`)

// The only names a pack has. One that is not among them is nobody's: what lies there was checked by nothing.
var packNames = regexp.MustCompile(`^(pack\.json|README\.md|verify\.html|verifiers/(audit\.py|audit\.go|README\.md)` +
	`|log/(vkey|policy|checkpoints\.jsonl|as-of|(former/[1-9][0-9]{0,5}/)?(checkpoint|tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?))` +
	`|stamps/([0-9]{1,16}\.(body|tsr)|chain-[0-9]{1,6}\.pem)|records/[A-Za-z][A-Za-z0-9]{0,63}\.jsonl|documents/[A-Za-z][A-Za-z0-9]{0,63}\.csv` +
	`|evidence/(index\.jsonl|[0-9a-f]{64})|decisions/[A-Z]{3}-[0-9]{4,9}\.dsse\.json)$`)

func (p *pack) open(name string) io.ReadCloser {
	need(p.files[name] != nil, "%s is missing", name)
	r, err := p.files[name]()
	need(err == nil, "%s cannot be read: %v", name, err)
	return r
}

func (p *pack) read(name string) []byte {
	r := p.open(name)
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxLine+1))
	need(err == nil, "%s cannot be read: %v", name, err)
	need(len(data) <= maxLine, "%s is too long", name)
	return data
}

// eachLine reads a .jsonl file; a line that is wrong does not hide the next.
func (p *pack) eachLine(name string, act func(where string, line map[string]interface{})) {
	p.eachRaw(name, func(where string, _ []byte, line map[string]interface{}) { act(where, line) })
}

func (p *pack) eachRaw(name string, act func(where string, data []byte, line map[string]interface{})) {
	p.try(name, func() {
		r := p.open(name)
		defer r.Close()
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		lines.Split(func(data []byte, end bool) (int, []byte, error) {
			if i := bytes.IndexByte(data, '\n'); i >= 0 {
				return i + 1, data[:i], nil
			} else if end && len(data) > 0 {
				return 0, nil, errors.New("its last line does not end")
			}
			return 0, nil, nil
		})
		for n := 1; lines.Scan(); n++ {
			where := fmt.Sprintf("%s line %d", name, n)
			p.try(where, func() {
				act(where, lines.Bytes(), lineOf(lines.Bytes()))
			})
		}
		need(lines.Err() == nil, "it cannot be read: %v", lines.Err())
	})
}

// object reads a JSON object in which no name stands twice, and numbers and texts have the one spelling that canonical JSON gives them: programs
// would take one or the other.
func object(data []byte, what string) map[string]interface{} { return spelt(data, what, false) }

// lineOf reads the line of a .jsonl file, which has one spelling as a whole: no blanks, and the order that programs write.
func lineOf(data []byte) map[string]interface{} { return spelt(data, "the line", true) }

func spelt(data []byte, what string, line bool) (o map[string]interface{}) {
	need(utf8.Valid(data) && json.Unmarshal(data, &o) == nil && o != nil, "%s is not a JSON object", what)
	type names struct {
		all    map[string]bool
		number int64 // the greatest name so far that is a number; programs write those first
		words  bool
	}
	var open []*names
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '{':
			open = append(open, &names{map[string]bool{}, -1, false})
		case c == '[':
			open = append(open, nil)
		case c == '}' || c == ']':
			open = open[:len(open)-1]
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			need(!line, "the line is not spelt as packs are: it was written by hand")
		case c == '-' || c >= '0' && c <= '9':
			start := i
			for i+1 < len(data) && strings.IndexByte("0123456789+-.eE", data[i+1]) >= 0 {
				i++
			}
			f, err := strconv.ParseFloat(string(data[start:i+1]), 64)
			right, _ := json.Marshal(f)
			need(err == nil && string(right) == string(data[start:i+1]) && (f != 0 || c != '-'), "%s is not how this number is written", data[start:i+1])
		case c == '"':
			start := i
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					need(escapes.Match(data[i:]), "a text in %s is spelt in another way than packs do", what)
					i++
				}
			}
			if rest := bytes.TrimLeft(data[i+1:], " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
				name := string(data[start+1 : i])
				if strings.Contains(name, "\\") {
					name = text(data[start:i+1], "a name")
				}
				own := open[len(open)-1]
				need(!own.all[name], "%q stands twice in %s", name, what)
				own.all[name] = true
				n, err := strconv.ParseInt(name, 10, 64)
				if err == nil && n >= 0 && n < 1<<32-1 && strconv.FormatInt(n, 10) == name {
					need(!line || !own.words && n > own.number, "names in %s stand in an order that no program writes", what)
					own.number = n
				} else {
					own.words = true
				}
			}
		}
	}
	return o
}

// The escapes that are needed, as JSON.stringify writes them.
var escapes = regexp.MustCompile(`^\\(["\\bfnrt]|u00(0[0-7be-f]|1[0-9a-f]))`)

func exactly(o map[string]interface{}, names string) {
	for _, name := range strings.Fields(names) {
		_, there := o[name]
		need(there, "%q is missing", name)
	}
	need(len(o) == len(strings.Fields(names)), "it holds more than %s", names)
}

func whole(n interface{}, what string) int64 {
	f, is := n.(float64)
	need(is && f >= 0 && f < 1<<53 && f == float64(int64(f)), "%s is not a whole number below 2^53", what)
	return int64(f)
}

// auditPack makes the checks of a pack in order, and goes on after what is wrong.
func auditPack(files map[string]func() (io.ReadCloser, error), vkey string, witnesses []*witness, older ...kept) *pack {
	p := &pack{files: files, last: map[string]version{}, erased: map[string]bool{}, included: map[string]bool{},
		refs: map[string]string{}, evidence: map[string]string{}, fileNames: map[string]string{}, decisions: map[string]string{}}
	if !p.try("pack.json", p.checkFiles) {
		return p
	}
	if !p.try("pack.json", p.readLogs) {
		return p
	}
	for _, l := range p.logs {
		p.checkHistory(l)
	}
	p.try("log/checkpoint", func() { p.checkKeys(vkey, witnesses, older) })
	for _, name := range p.names("records/") {
		p.checkRecords(name)
	}
	p.checkComplete()
	p.checkTables()
	p.checkAttached()
	p.facts = fmt.Sprintf("a pack of %v with %d records in %d versions; %d entries of %s give the signed root %v%s",
		p.manifest["name"], len(p.refs), p.versions, p.present().head.size, p.present().origin, p.present().head.root, p.facts)
	if !p.whole {
		p.facts += fmt.Sprintf("; only records around %v are inside", p.manifest["system"])
	}
	if p.uncompared > 0 {
		p.facts += fmt.Sprintf("; the present state of %d records was ahead of the log", p.uncompared)
	}
	if asOf, is := p.manifest["asOf"].(map[string]interface{}); is {
		p.facts += fmt.Sprintf("; the state after %v entries", asOf["size"])
		if p.state != nil {
			p.facts += fmt.Sprintf(" of log %d, shown with later entries because parts were erased since", p.state.log)
		}
	}
	return p
}

func (p *pack) present() *packLog { return p.logs[len(p.logs)-1] }

func (p *pack) names(under string) (names []string) {
	for name := range p.files {
		if strings.HasPrefix(name, under) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// checkFiles: every file is the one pack.json names, and there are no others.
func (p *pack) checkFiles() {
	data := p.read("pack.json")
	p.manifest = object(data, "it")
	var right bytes.Buffer
	need(json.Indent(&right, bytes.TrimSuffix(data, []byte("\n")), "", " ") == nil && right.String()+"\n" == string(data),
		"it is not spelt as packs are: it was written by hand")
	exactly(p.manifest, "format origin log organisation name size root asOf system madeAt vkeys gateKey former files")
	need(p.manifest["format"] == "openaims.audit-pack/1", "the format is %v, expected openaims.audit-pack/1", p.manifest["format"])
	for _, member := range strings.Fields("origin organisation name madeAt gateKey") {
		_, is := p.manifest[member].(string)
		need(is, "%q is not a text", member)
	}
	p.whole = p.manifest["system"] == nil
	system, _ := p.manifest["system"].(string)
	need(p.whole || references.MatchString(system), `"system" is a reference or null`)
	listed := p.manifest["files"].(map[string]interface{})
	for _, name := range p.names("") {
		if name == "pack.json" {
			continue
		}
		p.try(name, func() {
			want, is := listed[name].(string)
			need(is, "pack.json does not name this file")
			table := strings.TrimSuffix(strings.TrimPrefix(name, "documents/"), ".csv")
			stray := strings.HasPrefix(name, "documents/") && p.files["records/"+table+".jsonl"] == nil
			need(packNames.MatchString(name) && !stray, "a pack has no such file")
			r, hash := p.open(name), sha256.New()
			defer r.Close()
			_, err := io.Copy(hash, r)
			need(err == nil, "it cannot be read: %v", err)
			need(hex.EncodeToString(hash.Sum(nil)) == want, "the file was changed: its SHA-256 is %x, pack.json says %s", hash.Sum(nil), want)
		})
	}
	for name := range listed {
		if p.files[name] == nil {
			p.problem(name, "the file is missing")
		}
	}
}

// readState reads the earlier state that is shown, when the logs go on after it.
func (p *pack) readState() {
	size := whole(p.manifest["size"], "size")
	if p.manifest["asOf"] == nil {
		return
	}
	says := p.manifest["asOf"].(map[string]interface{})
	end := whole(says["size"], "the size of asOf")
	if says["log"] == nil {
		exactly(says, "size at")
		need(end == size, "asOf is of %d entries, the log has %d", end, size)
		return
	}
	exactly(says, "log size at")
	log, most := whole(says["log"], "the log of asOf"), int64(-1)
	if log == whole(p.manifest["log"], "log") {
		most = size - 1
	}
	for _, item := range p.manifest["former"].([]interface{}) {
		if f := item.(map[string]interface{}); whole(f["number"], "a number") == log {
			most = whole(f["size"], "size")
		}
	}
	need(end > 0 && end <= most, "asOf is of %d entries of log %d, which is no earlier state of a log in the pack", end, log)
	p.state = &state{log, end}
}

func (p *pack) readLogs() {
	p.try("pack.json", p.readState)
	former := p.manifest["former"].([]interface{})
	for _, item := range former {
		f := item.(map[string]interface{})
		exactly(f, "number origin size root vkeys")
		p.readLog(fmt.Sprintf("log/former/%d/", whole(f["number"], "a number")), f, f["number"])
	}
	p.readLog("log/", p.manifest, p.manifest["log"])
	for i, l := range p.logs {
		need(l.number == int64(i)+1, "log %d stands where log %d should: logs are numbered from 1 without a gap", l.number, i+1)
	}
	for _, name := range p.names("log/") {
		known := name == "log/checkpoint" || name == "log/vkey" || name == "log/policy" || name == "log/checkpoints.jsonl" || name == "log/as-of" && p.state != nil
		for _, l := range p.logs {
			known = known || strings.HasPrefix(name, l.at+"tile/") || name == l.at+"checkpoint"
		}
		if !known {
			p.problem(name, "a pack has no such file")
		}
	}
}

// readLog reads entries and tiles, and locates what does not give the root of the checkpoint.
func (p *pack) readLog(at string, says map[string]interface{}, n interface{}) {
	l := &packLog{at: at, origin: says["origin"].(string), number: whole(n, "the number of a log")}
	l.told, _ = says["vkeys"].([]interface{})
	p.logs = append(p.logs, l)
	l.head = head{size: whole(says["size"], "size")}
	copy(l.head.root[:], unbase64(says["root"].(string), "root"))
	p.try(at+"checkpoint", func() {
		data := p.read(at + "checkpoint")
		split := bytes.LastIndex(data, []byte("\n\n"))
		need(split >= 0, "it is not a signed note")
		signed := headOf(string(data[:split+1]), l.origin, "the checkpoint")
		need(signed == l.head, "it is of %d entries with root %v, pack.json says %d and %v", signed.size, signed.root, l.head.size, l.head.root)
	})
	if most := int64(len(p.names(at+"tile/entries/")))*width + width; l.head.size > most {
		p.problem(at+"checkpoint", fmt.Sprintf("it signs %d entries, there are at most %d", l.head.size, most))
		l.head.size = most
	}
	troubles := map[int64]string{}
	expected := map[string]bool{}
	for b := int64(0); b*width < l.head.size; b++ {
		w := widthAt(b, l.head.size)
		name := at + tilePath("entries", b, w)
		expected[name] = true
		var here [][]byte
		trouble := attempt(func() { here, troubles[b] = splitBundle(p.read(name), w, b*width) })
		if trouble != "" {
			troubles[b] = ": " + trouble
		}
		for int64(len(here)) < w {
			here = append(here, nil)
		}
		l.entries = append(l.entries, here[:w]...)
	}
	l.shown = l.head.size
	if p.state != nil && l.number > p.state.log {
		l.shown = 0
	} else if p.state != nil && l.number == p.state.log && p.state.size < l.shown {
		l.shown = p.state.size
	}
	l.of, l.seen = make([]string, l.head.size), make([]bool, l.head.size)
	for _, entry := range l.entries {
		hash := tlog.Hash{}
		if entry != nil {
			hash = tlog.RecordHash(entry)
		}
		l.hashes = append(l.hashes, hash)
	}
	own, sound := l.hashes, rootOf(l.hashes) == l.head.root
	if tiles := p.leafTiles(l); !sound && rootOf(tiles) == l.head.root {
		l.hashes = tiles
	}
	for b := int64(0); b*width < l.head.size; b++ {
		from, to := b*width, b*width+widthAt(b, l.head.size)
		name, trouble := at+tilePath("entries", b, to-from), troubles[b]
		there := own[from:to] // a bundle too short ends before the first entry that is not there
		for len(there) > 0 && l.entries[from+int64(len(there))-1] == nil {
			there = there[:len(there)-1]
		}
		if !reflect.DeepEqual(own[from:to], l.hashes[from:to]) {
			if trouble != "" {
				trouble = "; the bundle" + trouble
			}
			p.problem(name, placeOfFault(there, l.hashes[from:to], int(from))+trouble)
		} else if trouble != "" {
			p.problem(name, "the bundle"+trouble)
		}
	}
	if !sound && rootOf(l.hashes) != l.head.root {
		p.problem(at+"checkpoint", fmt.Sprintf("the %d entries do not give the signed root %v; which are wrong, the inclusion proofs below tell", l.head.size, l.head.root))
	}
	p.compareTiles(l, expected)
	for _, name := range p.names(at + "tile/") {
		if !expected[name] {
			p.problem(name, fmt.Sprintf("a tree of %d entries has no such tile", l.head.size))
		}
	}
}

// leafTiles gives the hashes of level 0 as they lie there; what is missing is zero.
func (p *pack) leafTiles(l *packLog) []tlog.Hash {
	hashes := make([]tlog.Hash, l.head.size)
	for n := int64(0); n*width < l.head.size; n++ {
		attempt(func() {
			data := p.read(l.at + tilePath("0", n, widthAt(n, l.head.size)))
			for i := int64(0); i < widthAt(n, l.head.size); i++ {
				copy(hashes[n*width+i][:], data[32*i:])
			}
		})
	}
	return hashes
}

// compareTiles rebuilds every tile and names the first hash that differs in each.
func (p *pack) compareTiles(l *packLog, expected map[string]bool) {
	row := l.hashes
	for level := 0; len(row) > 0; level++ {
		var above []tlog.Hash
		for n := int64(0); n*width < int64(len(row)); n++ {
			right := row[n*width : n*width+widthAt(n, int64(len(row)))]
			name := l.at + tilePath(strconv.Itoa(level), n, int64(len(right)))
			expected[name] = true
			p.try(name, func() {
				data := p.read(name)
				for i, hash := range right {
					need(len(data) >= 32*i+32 && bytes.Equal(data[32*i:32*i+32], hash[:]),
						"hash %d of tile %d of level %d is not what the entries give (entry %d)", i, n, level, (n*width+int64(i))<<(8*level))
				}
				need(len(data) == 32*len(right), "it holds %d bytes, expected %d", len(data), 32*len(right))
			})
			if len(right) == width {
				above = append(above, rootOf(right))
			}
		}
		row = above
	}
}

// checkHistory reads the entries: versions follow one another, and snapshots and erasures say what they say.
func (p *pack) checkHistory(l *packLog) {
	if l.exactFrom = l.head.size; p.exact {
		l.exactFrom = 0
	}
	for i, data := range l.entries {
		if data == nil {
			continue
		}
		p.try(fmt.Sprintf("%sentry %d", l.at, i), func() {
			e := object(data, "it")
			need((e["act"] == "open") == (i == 0), "entry 0, and no other, opens a log")
			if e["type"] == "log" {
				p.logEntry(l, int64(i), e)
				return
			}
			need(e["type"] == "record", "it is neither about a record nor about the log")
			id := e["id"].(string)
			l.of[i] = id
			if at := e["at"].(string); at < l.opened {
				if l.waited++; l.since == "" || at < l.since {
					l.since = at
				}
			}
			now := version{whole(e["version"], "version"), fmt.Sprintf("sha256:%x", sha256.Sum256(data)), e["register"].(string), whole(e["number"], "number")}
			before, known := p.last[id]
			p.last[id] = now
			what := fmt.Sprintf("%s number %d", now.register, now.of)
			need(now.number == before.number+1, "it is version %d of %s, expected %d", now.number, what, before.number+1)
			prev, _ := e["prev"].(string)
			need(prev == before.digest, "it does not name the entry of the version before of %s", what)
			need(!known || before.register == now.register && before.of == now.of, "it continues %s number %d as %s", before.register, before.of, what)
		})
	}
}

func (p *pack) logEntry(l *packLog, i int64, e map[string]interface{}) {
	need(e["origin"] == l.origin, "it speaks of the log %v, not of %s", e["origin"], l.origin)
	if i == 0 {
		l.previous, l.opened = e["previous"], e["at"].(string)
	}
	if e["about"] == "key.lost" && l.lostKey == "" {
		l.lostKey = e["vkey"].(string)
	}
	if vkey, is := e["vkey"].(string); is && (i == 0 || e["about"] == "key.rotate") {
		l.keys, l.rotated = append(l.keys, vkey), append(l.rotated, i)
	}
	if e["about"] == "rows.entered" {
		p.exact = true
		if i < l.exactFrom {
			l.exactFrom = i
		}
	}
	if e["about"] == "erasure" && e["entries"] != nil {
		of := l.origin
		if e["of"] != nil {
			of = e["of"].(string)
		}
		for _, entry := range e["entries"].([]interface{}) {
			for _, group := range e["groups"].([]interface{}) {
				p.erased[fmt.Sprintf("%s %v %v", of, whole(entry, "an index"), group)] = true
			}
		}
	}
	if snapshot, is := e["snapshot"].(map[string]interface{}); is {
		var ids []string
		for id := range p.last {
			ids = append(ids, id)
		}
		sort.Strings(ids)
		var rows []tlog.Hash
		for _, id := range ids {
			rows = append(rows, tlog.RecordHash([]byte(fmt.Sprintf(`["%s",%d,"%s"]`, id, p.last[id].number, p.last[id].digest))))
		}
		need(whole(snapshot["records"], "records") == int64(len(ids)) && snapshot["root"] == rootOf(rows).String(),
			"the snapshot is not of the newest versions before it: they are %d records with root %v", len(ids), rootOf(rows))
	}
}

// checkKeys: the checkpoint is signed by a trusted key, or by one that the log named under such a key.
func (p *pack) checkKeys(vkey string, witnesses []*witness, older []kept) {
	l, keys, have := p.present(), []note.Verifier{}, map[string]bool{}
	trust := func(vkey, what string) {
		if vkey = strings.TrimSpace(vkey); !have[vkey] {
			have[vkey] = true
			keys = append(keys, readKey(vkey, what))
			need(keys[len(keys)-1].Name() == l.origin, "%s is of the log %s, expected %s", what, keys[len(keys)-1].Name(), l.origin)
		}
	}
	p.try("log/vkey", func() {
		own := false
		for _, key := range p.manifest["vkeys"].([]interface{}) {
			own = own || key.(string) == strings.TrimSuffix(string(p.read("log/vkey")), "\n")
		}
		need(own, "the key is none of those in pack.json")
	})
	if vkey == "" {
		for _, key := range p.manifest["vkeys"].([]interface{}) {
			trust(key.(string), "a key of pack.json")
		}
	}
	if vkey != "" {
		trust(vkey, "the vkey you gave")
	}
	type checkpoint struct {
		where string
		note  []byte
		size  int64
	}
	newest := p.read("log/checkpoint")
	all, sizes := []checkpoint{}, map[int64]bool{l.head.size: true}
	before := int64(-1)
	p.eachLine("log/checkpoints.jsonl", func(where string, line map[string]interface{}) {
		exactly(line, "size note at")
		c := checkpoint{where, []byte(line["note"].(string)), whole(line["size"], "size")}
		_ = line["at"].(string)
		need(len(all) < 1000 && c.size > before && c.size <= l.head.size, "checkpoints must ascend up to %d, at most 1000", l.head.size)
		before, sizes[c.size], all = c.size, true, append(all, c)
	})
	rootAt := roots(l.hashes, sizes)
	for grown := true; grown; {
		grown = false
		for _, c := range append(all, checkpoint{"", newest, l.head.size}) {
			if attempt(func() { need(openCheckpoint(c.note, keys, "it") == head{c.size, rootAt[c.size]}, "") }) != "" {
				continue
			}
			for i, key := range l.keys {
				if l.rotated[i] < c.size && l.rotated[i] > 0 && !have[key] {
					grown = true
					trust(key, fmt.Sprintf("the key in entry %d", l.rotated[i]))
				}
			}
		}
	}
	p.try("log/checkpoint", func() { openCheckpoint(newest, keys, "the checkpoint") })
	for _, line := range strings.Split(string(p.read("log/policy")), "\n") {
		if words := strings.Fields(line); len(words) > 2 && words[0] == "witness" {
			p.try("log/policy", func() {
				w := readWitness(words[2])
				_, err := note.Open(newest, note.VerifierList(w))
				_, bad := err.(*note.InvalidSignatureError)
				need(!bad, "the cosignature of %s does not fit log/checkpoint", w.name)
			})
		}
	}
	for _, w := range witnesses {
		p.try("log/checkpoint", func() { p.facts += cosigned(newest, w, "the checkpoint") })
	}
	// Keys from before the one given are not trusted for themselves: what they signed must be the beginning of what is.
	for i, key := range l.keys {
		trust(key, fmt.Sprintf("the key in entry %d", l.rotated[i]))
	}
	for _, c := range all {
		p.try(c.where, func() {
			h := openCheckpoint(c.note, keys, "the checkpoint")
			need(h.size == c.size, "the line says %d entries, its checkpoint %d", c.size, h.size)
			need(h.root == rootAt[h.size], "the first %d entries give another root: it signs another history", h.size)
		})
	}
	if p.state != nil {
		p.try("log/as-of", func() { p.checkState(keys) })
	}
	for _, k := range older {
		p.try("the older checkpoint "+k.name, func() { p.checkOlder(k.note, keys) })
	}
	if vkey == "" {
		p.facts += "; the key came from the pack itself"
	}
	if first := p.logs[0].previous; first != nil {
		p.problem(p.logs[0].at+"entry 0", fmt.Sprintf("it continues a log that is not in the pack: %v", first))
	}
	if p.logs[0].lostKey != "" {
		p.problem(p.logs[0].at+"checkpoint", "the log says that a key of the log before it was lost, and none is before it")
	}
	for i, f := range p.logs[:len(p.logs)-1] {
		p.try(f.at+"checkpoint", func() {
			p.checkFormer(f, p.logs[i+1])
		})
	}
}

// kept is a checkpoint from before.
type kept struct {
	name string
	note []byte
}

// checkOlder: a checkpoint kept from before is of a log in the pack, and over its first entries.
func (p *pack) checkOlder(data []byte, keys []note.Verifier) {
	origin := strings.SplitN(string(data), "\n", 2)[0]
	var ended map[string]interface{}
	for _, l := range p.logs {
		if previous, is := l.previous.(map[string]interface{}); is && previous["origin"] == origin {
			ended = previous
		}
	}
	for _, l := range p.logs {
		if l.origin != origin {
			continue
		}
		if l != p.present() {
			keys = keysNamedIn(l)
		}
		h := openCheckpoint(data, keys, "it")
		if h.size > l.head.size && ended != nil && whole(ended["size"], "size") == h.size && ended["root"] == h.root.String() {
			p.facts += fmt.Sprintf("; the older checkpoint of %d entries is the head that the next log names, %d entries are here: nothing shows that they are its first",
				h.size, l.head.size)
			return
		}
		need(h.size <= l.head.size, "it signs %d entries, the pack holds %d: the pack is from before it, or the log went back", h.size, l.head.size)
		need(rootOf(l.hashes[:h.size]) == h.root, "it signs another history: the first %d entries of the pack give another root", h.size)
		p.facts += fmt.Sprintf("; older checkpoint of %d entries holds", h.size)
		return
	}
	if len(origin) > 200 {
		origin = origin[:200]
	}
	stop("it is of the log %q, which is not in the pack, or no signed checkpoint", origin)
}

// checkState: the logs continue the state that was signed; entries after it say what of it was erased.
func (p *pack) checkState(keys []note.Verifier) {
	for _, l := range p.logs {
		if l.number != p.state.log {
			continue
		}
		if l != p.present() {
			keys = keysNamedIn(l)
		}
		h := openCheckpoint(p.read("log/as-of"), keys, "the checkpoint")
		need(h.size == p.state.size, "it signs %d entries, pack.json says the state after %d", h.size, p.state.size)
		need(h.size <= l.head.size && rootOf(l.hashes[:h.size]) == h.root,
			"the first %d entries give another root: the log in the pack does not continue that state", h.size)
	}
}

// checkFormer: the next log names the head of the one before, or what is left of it; nothing stands beyond that. Its keys are those its own
// entries name: what pack.json says of them is nobody's word.
func (p *pack) checkFormer(f, next *packLog) {
	previous, is := next.previous.(map[string]interface{})
	need(is && previous["origin"] == f.origin, "log %d does not continue this one", next.number)
	size, root := whole(previous["size"], "size"), rootOf(f.hashes)
	need(f.head.size <= size, "it holds %d entries, log %d continues %d: those beyond were added later", f.head.size, next.number, size)
	if f.head.size == size {
		need(previous["root"] == root.String(), "log %d continues another log of %d entries: its root is %v", next.number, size, previous["root"])
	}
	if previous["left"] != nil {
		left := previous["left"].(map[string]interface{})
		exactly(left, "size root")
		need(whole(left["size"], "size") == f.head.size && left["root"] == root.String(),
			"its %d entries are not the %v that log %d says are left of %d: they were changed since", f.head.size, left["size"], next.number, size)
	}
	keys := keysNamedIn(f)
	need(next.lostKey == "" || isNamed(next.lostKey, keys), "log %d says that its key was lost, and names one that is none of it", next.number)
	openCheckpoint(p.read(f.at+"checkpoint"), keys, "the checkpoint")
	if next.lostKey != "" {
		p.facts += fmt.Sprintf("; log %d ended because its key was lost, log %d goes on after the last head that it signed", f.number, next.number)
		if next.waited > 0 {
			p.facts += fmt.Sprintf(" (%d of its entries had waited, the oldest since %s: under no signature until it was begun)", next.waited, next.since)
		}
	}
	if f.head.size == size {
		return
	}
	p.facts += fmt.Sprintf("; of log %d the last %d entries are lost", f.number, size-f.head.size)
	if previous["left"] == nil {
		p.facts += fmt.Sprintf(" (log %d was begun by 0.1.0 and does not say what is left: nothing that was signed since vouches for the entries"+
			" of log %d about erasures and keys; compare a checkpoint of it that somebody kept, -older)", next.number, f.number)
	}
}

// isNamed tells whether one of the keys is the one spelt so.
func isNamed(vkey string, keys []note.Verifier) bool {
	lost := readKey(vkey, "the lost key")
	for _, key := range keys {
		if key.Name() == lost.Name() && key.KeyHash() == lost.KeyHash() {
			return true
		}
	}
	return false
}

// keysNamedIn gives the keys that the entries of a log name for it.
func keysNamedIn(l *packLog) (keys []note.Verifier) {
	vkeys := append([]string{}, l.keys...)
	if len(l.rotated) == 0 || l.rotated[0] != 0 {
		// Those of pack.json vouch for nothing: what they signed must be what the next log names.
		for _, vkey := range l.told {
			vkeys = append(vkeys, vkey.(string))
		}
	}
	once := map[string]bool{} // a key that is named twice is ambiguous to note.Open
	for _, vkey := range vkeys {
		if once[strings.TrimSpace(vkey)] {
			continue
		}
		once[strings.TrimSpace(vkey)] = true
		key := readKey(vkey, "a key of the log")
		need(key.Name() == l.origin, "the entries of log %d name a key of another log", l.number)
		keys = append(keys, key)
	}
	return keys
}

var references = regexp.MustCompile(`^[A-Z]{3}-[0-9]{4,9}$`)
var digests = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// What references of a register begin with. No log commits to it; a register that is not named here sets it with its first record.
// prefixes: begin (npm run generate)
var prefixes = map[string]string{
	"action": "ACT", "aiSystem": "SYS", "apiKey": "KEY", "audit": "AUD", "auditFinding": "FND",
	"change": "CHG", "comment": "CMT", "communication": "COM", "component": "CMP", "concern": "CON",
	"contextIssue": "CTX", "control": "CTL", "criteria": "CRI", "decision": "DEC", "document": "DOC",
	"drill": "DRL", "evidence": "EVD", "gateDecision": "GAT", "hazard": "HAZ", "impactAssessment": "IMA",
	"incident": "INC", "interestedParty": "PTY", "logChange": "LOG", "managementReview": "MRV",
	"monitor": "MON", "nonconformity": "NCN", "objective": "OBJ", "person": "PSN", "process": "PRC",
	"release": "REL", "requirement": "REQ", "responsibility": "RSP", "risk": "RSK", "riskAssessment": "RAS",
	"rollbackPlan": "RBP", "supplier": "SUP", "testRun": "TST", "verificationPlan": "VPL",
}

// prefixes: end

// Columns that tables of 0.1.0 have also when no record says anything there; later ones have no such columns.
// columns: begin (npm run generate)
const firstColumns = `
action: title kind owner plan dueOn criterion verifier exposureDays exposureCases casesSeen doneOn result costs nonconformities risks
  objectives suppliers evidence
aiSystem: name purpose audience owner approver oversight isoRoles stage riskClass inScope scopeReason servedModel suppliers organisationRole
apiKey: label role expires
audit: title kind owner auditors objectives criteria scope from to coversFrom coversTo declaration report conclusion result programme
  systems processes
auditFinding: title grade criterion fact owner answer answerBy audit systems evidence
change: title owner kind description impact rollback envelopeKinds endsOn releaseDigest onCall notes systems releases components plan
  incident
comment: subject content mentions
communication: title owner kind audience channel content plannedFor sentOn systems parties duties evidence
component: name kind componentVersion digest supplierDeclared servedAs source licence rights provenance quality notes systems derivedFrom
  supplier
concern: title content from anonymous about owner answerBy examination answer messages systems
contextIssue: title kind owner effect relevant opportunity response reviewBy systems
control: code title owner applicable why implementation automation otherRegister reviewBy systems requirements documents
criteria: title owner mode method likelihoodScale impactScale appetite acceptAtLevel measuredLikelihood cleanSeries gatePolicy intervals
  retention replaces change
decision: kind subject subjectVersion subjectDigest ownDigest coverDigest covered role by rolesHeld appointment onBehalfOf manner reason
  until method recordedBy saidOn source
document: title kind owner body address attachment externalEdition audience acknowledgedBy readers summary retention reviewBy template
  systems requirements untouched
drill: title kind owner heldOn duration outcome observations notes rollbackPlan evidence
evidence: title file fileName bytes mediaType format formatVersion capturedAt receivedAt coversFrom coversTo claim trust collector release
gateDecision: title verdict riskClass subjectDigest basis allowedUntil told policyRef policyDigest checks logSize logRoot attestation
  release
hazard: code title severity category description testIds systems
impactAssessment: title owner heldOn purposeAndUse affected benefits impacts individuals society consulted conclusion reasons triggers
  nextOn systems parties risks
incident: title severity owner what knownAt harm containedAt containment cause reportable reportBy lessons systems release risks concerns
  communications evidence
interestedParty: name kind owner needs addressed commitments channel reviewBy systems
logChange: kind subject basis reason detail
managementReview: title owner heldOn attendees inputs inputsAt reasons minutes decisions nextOn actions previous
monitor: title kind owner what threshold direction unit interval keptFor reviewBy readings latest latestOn systems controls hazards
  withinLimit
nonconformity: title kind owner foundOn criterion what correction cause elsewhere recurring findings incidents concerns systems changes
  risks
objective: title owner about target direction unit measure plan dueOn readings latest latestOn systems policies onTarget
person: name email roles guest manager
process: title owner inputs outputs steps criteria reviewBy before suppliers documents systems
release: title releaseVersion kind purpose dataClasses overseer useUntil clearedModel notes system components change plan rollbackPlan
  supplier previous
requirement: title kind owner source address content applies why met reportTo reportWithin reviewBy systems parties plans
responsibility: title kind owner part activity duties competence competenceShown delegator startsOn endsOn systems evidence
risk: title owner scenario affects likelihood impactOrganisation impactIndividuals impactSociety treatment treatmentPlan residualLikelihood
  residualOrganisation residualIndividuals residualSociety frequencyLow frequencyHigh lossLow lossHigh currency estimateBasis reviewBy
  systems hazards controls criteria impact level residualImpact residualLevel expectedLoss
riskAssessment: title owner heldOn participants occasion summary nextOn systems risks criteria
rollbackPlan: title target steps triggers maxDuration system
supplier: name supplies owner website contact responsibilities assessment assessedOn nextReview otherRegister
testRun: title kind tool toolVersion toolRunId status startedAt endedAt receivedAt total pass fail error skipped inconclusive hazards
  subjectName subjectVersion subjectDigest trust findings evidence release failRate
verificationPlan: title metric threshold minCases maxInconclusive hazardsRequired approach system hazards
`

// columns: end

func columnsOfFirstRelease(register string) map[string]bool {
	found, own := map[string]bool{}, false
	for _, word := range strings.Fields(firstColumns) {
		if strings.HasSuffix(word, ":") {
			own = word == register+":"
		} else if own {
			found[word] = true
		}
	}
	return found
}

// checkRecords: each version is the one its entry commits to; the present values are those of the newest version.
func (p *pack) checkRecords(name string) {
	before, prefix := int64(0), prefixes[strings.TrimSuffix(strings.TrimPrefix(name, "records/"), ".jsonl")]
	p.eachLine(name, func(where string, r map[string]interface{}) {
		ref, id, n := r["ref"].(string), r["id"].(string), whole(r["number"], "number")
		where += ", " + ref
		exactly(r, "ref id register number present versions")
		need(name == "records/"+r["register"].(string)+".jsonl", "%s is of register %v", ref, r["register"])
		need(n > before, "number %d stands after %d", n, before)
		before = n
		if prefix == "" {
			prefix = strings.SplitN(ref, "-", 2)[0]
		}
		need(ref == fmt.Sprintf("%s-%04d", prefix, n), "%q does not fit number %d", ref, n)
		need(p.refs[ref] == "" && !p.included[id], "%s is in the pack twice", ref)
		p.refs[ref], p.included[id] = id, true
		var newest map[string]interface{}
		values, links := map[string]interface{}{}, map[string]interface{}{}
		versions := r["versions"].([]interface{})
		need(len(versions) > 0, "%s has no version", ref)
		last := int64(0)
		for _, item := range versions {
			v, is := item.(map[string]interface{})
			need(is, "a version is not an object")
			values, links, newest = map[string]interface{}{}, map[string]interface{}{}, v
			there := fmt.Sprintf("%s version %v, entry %v of log %v", where, v["version"], v["index"], v["log"])
			p.try(there, func() {
				num := whole(v["version"], "version")
				need(num > last, "it stands after version %d", last)
				last = num
				p.checkVersion(r, v, there, values, links)
			})
			p.versions++
		}
		if r["present"] != nil {
			p.try(where+" present", func() { checkPresent(r["present"].(map[string]interface{}), ref, newest, values, links) })
		} else if p.manifest["asOf"] == nil {
			p.uncompared++
		}
	})
}

func (p *pack) checkVersion(r, v map[string]interface{}, there string, values, links map[string]interface{}) {
	exactly(v, "version log index at act transition state actor digest proof parts erased")
	l, i, e := p.versionPlace(r, v, there)
	committed, parts := e["c"].(map[string]interface{}), v["parts"].(map[string]interface{})
	missing := map[string]bool{}
	for _, group := range v["erased"].([]interface{}) {
		need(committed[group.(string)] != nil && !missing[group.(string)], "the entry has no group %q to erase", group)
		missing[group.(string)] = true
	}
	for group := range committed {
		erased := p.erased[fmt.Sprintf("%s %d %s", l.origin, i, group)]
		_, there := parts[group]
		need(there != missing[group], "%q must be in \"parts\" or in \"erased\"", group)
		need(there || erased, "%q is missing, and no entry says that it was erased", group)
		need(!there || !erased, "%q was erased by an entry, and is still there", group)
	}
	for group, raw := range parts {
		need(committed[group] != nil, "the entry does not hold %q", group)
		part := raw.(map[string]interface{})
		exactly(part, "salt json")
		salt, err := hex.DecodeString(part["salt"].(string))
		need(err == nil && len(salt) == 32 && hex.EncodeToString(salt) == part["salt"], "the salt of %q is not 32 bytes", group)
		value := part["json"].(string)
		mac := hmac.New(sha256.New, salt)
		fmt.Fprintf(mac, "aims-commit/v1\n%s\n%s", group, value)
		need(hex.EncodeToString(mac.Sum(nil)) == committed[group], "%q is not what the entry committed to", group)
		switch group {
		case "actor":
			need(object([]byte(value), "actor")["ref"] == v["actor"], "\"actor\" is %v, the entry committed to %s", v["actor"], value)
		case "links":
			for name, refs := range object([]byte(value), group) {
				links[name] = refs
			}
		case "values", "people", "text":
			for name, value := range object([]byte(value), group) {
				values[name] = value
			}
		}
	}
	if file, is := values["file"].(string); is && r["register"] == "evidence" && digests.MatchString(file) {
		p.evidence[file[7:]] = r["ref"].(string)
		p.fileNames[file[7:]], _ = values["fileName"].(string)
	}
	if attestation, is := values["attestation"].(string); is {
		p.decisions[r["ref"].(string)] = attestation
	}
}

func (p *pack) logOf(v map[string]interface{}) *packLog {
	for _, l := range p.logs {
		if l.number == whole(v["log"], "log") {
			return l
		}
	}
	stop("the pack has no log %v", v["log"])
	return nil
}

// versionPlace: the entry at the index named is of this version, and its proof leads to the signed root.
func (p *pack) versionPlace(r, v map[string]interface{}, there string) (l *packLog, i int64, e map[string]interface{}) {
	l = p.logOf(v)
	i = whole(v["index"], "index")
	need(i < l.head.size, "log %d has only %d entries", l.number, l.head.size)
	need(l.entries[i] != nil, "the entry is missing")
	e = object(l.entries[i], "the entry")
	same := func(what string, says, has interface{}) {
		need(reflect.DeepEqual(says, has), "%s is %v, in the entry it is %v", what, says, has)
	}
	for _, name := range []string{"id", "register", "number"} {
		same(name, r[name], e[name])
	}
	for _, name := range []string{"version", "act", "transition", "state"} {
		same(name, v[name], e[name])
	}
	late := int64(0)
	if i < l.exactFrom {
		late = lateBy(v["at"], e)
	}
	if late == 0 {
		same("at", v["at"], e["at"])
	}
	need(i < l.shown, "the entry came after the state that the pack shows: this version was not there then")
	need(!l.seen[i], "the entry is shown twice")
	l.seen[i] = true
	if late > 0 {
		if p.lateCount++; len(p.late) < maxListed {
			p.late = append(p.late, clean(fmt.Sprintf("%s: %d ms later", there, late)))
		}
	}
	same("digest", v["digest"], fmt.Sprintf("sha256:%x", sha256.Sum256(l.entries[i])))
	var path tlog.RecordProof
	for _, item := range v["proof"].([]interface{}) {
		var hash tlog.Hash
		need(copy(hash[:], unbase64(item.(string), "a hash of the proof")) == 32, "a hash of the proof is short")
		path = append(path, hash)
	}
	err := tlog.CheckRecord(path, l.head.size, l.head.root, i, tlog.RecordHash(l.entries[i]))
	need(err == nil, "the entry or its proof was changed: it does not lead to the signed root (%v)", err)
	return l, i, e
}

// lateBy says by how many milliseconds a row is later than its entry, where that is the known fault; else 0.
func lateBy(row interface{}, e map[string]interface{}) int64 {
	const instant = "2006-01-02T15:04:05.000Z"
	said, _ := row.(string)
	signed, _ := e["at"].(string)
	there, err1 := time.Parse(instant, said)
	here, err2 := time.Parse(instant, signed)
	if e["act"] == "import" || err1 != nil || err2 != nil || there.Format(instant) != said || here.Format(instant) != signed {
		return 0
	}
	if ms := there.Sub(here).Milliseconds(); ms > 0 && ms <= maxLateMs {
		return ms
	}
	return 0
}

// checkPresent: the present values are those of the newest version, and nothing besides. Of the newest version nothing that a row shows is ever
// erased.
func checkPresent(present map[string]interface{}, ref string, newest, values, links map[string]interface{}) {
	exactly(present, "version state title values derived links")
	for _, name := range []string{"version", "state"} {
		need(present[name] == newest[name], "%s is %v, in the newest version it is %v", name, present[name], newest[name])
	}
	alike := func(what string, shown, committed map[string]interface{}) {
		for name, value := range committed {
			need(reflect.DeepEqual(shown[name], value), "%s%q is %v, in the newest version it is %v", what, name, shown[name], value)
		}
		for name := range shown {
			_, known := committed[name]
			need(known, "the newest version has no %s%q", what, name)
		}
		need(len(shown) == len(committed), "a %spart of the newest version is missing", what)
	}
	alike("", present["values"].(map[string]interface{}), values)
	alike("link ", present["links"].(map[string]interface{}), links)
	title := present["title"].(string)
	titled := title == ref
	for _, value := range values {
		text, is := value.(string)
		titled = titled || is && (text == title || len(title) >= 150 && strings.HasPrefix(text, title)) // long values are cut
	}
	need(titled, "its title is none of its values")
}

// checkComplete: every version that was entered is in the pack.
func (p *pack) checkComplete() {
	for _, l := range p.logs {
		for i := int64(0); i < l.shown; i++ {
			if id := l.of[i]; id != "" && !l.seen[i] && (p.whole || p.included[id]) {
				p.problem(fmt.Sprintf("%sentry %d", l.at, i), fmt.Sprintf("no version in records/ shows it; it is of %s number %d", p.last[id].register, p.last[id].of))
			}
		}
	}
}

// checkTables: the tables for people say what the records say. Nothing signs them; they are what people read.
func (p *pack) checkTables() {
	for _, name := range p.names("documents/") {
		records := "records/" + strings.TrimSuffix(strings.TrimPrefix(name, "documents/"), ".csv") + ".jsonl"
		if p.files[records] != nil {
			p.try(name, func() { p.checkTable(name, records) })
		}
	}
}

var tableHead = regexp.MustCompile("^ref((?:,[a-z][A-Za-z0-9]{0,63})*),state,version,createdAt,updatedAt\\n")

// checkTable: a column for each name that a record has, a row for each record, in their order, and each cell in the one spelling that the record gives
// it. Nothing is read as a table: two programs read the same one in two ways.
func (p *pack) checkTable(name, records string) {
	need(p.manifest["asOf"] == nil, "a pack of an earlier state has no tables")
	data := p.read(name)
	head := tableHead.FindSubmatch(data)
	need(head != nil, `it is no table with columns that are named once, "ref" first`)
	own := strings.Split(string(head[1]), ",")[1:]
	columns := append(append([]string{"ref"}, own...), "state", "version", "createdAt", "updatedAt")
	in, held := map[string]bool{}, map[string]bool{}
	for _, column := range columns {
		need(!in[column], `it is no table with columns that are named once, "ref" first`)
		in[column] = true
	}
	data = data[len(head[0]):]
	rows, trouble := 0, ""
	p.eachRaw(records, func(_ string, line []byte, _ map[string]interface{}) {
		if trouble != "" {
			return
		}
		rows++
		trouble = attempt(func() {
			r := raw(line)
			ref := text(r["ref"], "ref")
			parts := partsOf(r)
			for i, column := range columns {
				end, found := ",", false
				if i == len(columns)-1 {
					end = "\n"
				}
				for _, cell := range cellsOf(r, parts, column) {
					if cell = written(cell) + end; !found && bytes.HasPrefix(data, []byte(cell)) {
						data, found = data[len(cell):], true
					}
				}
				need(found || i > 0, "row %d is not of %s, which stands there in %s", rows, ref, records)
				need(found, "%s: %q is not what the record says", ref, column)
			}
			for _, part := range parts {
				for column, value := range part {
					need(in[column] || string(value) == "null", "it has no column %q, of which %s says something", column, ref)
					held[column] = held[column] || string(value) != "null"
				}
			}
		})
	})
	need(trouble == "", "%s", trouble)
	need(len(data) == 0, "it goes on after its %d records", rows)
	known := columnsOfFirstRelease(strings.TrimSuffix(strings.TrimPrefix(name, "documents/"), ".csv"))
	for _, column := range own {
		need(held[column] || known[column], "it has a column %q, of which no record says anything", column)
	}
}

// raw gives the members of a JSON object as they are spelt: numbers and texts of a table are.
func raw(data []byte) (o map[string]json.RawMessage) {
	need(json.Unmarshal(data, &o) == nil && o != nil, "a part of a record is not an object")
	return o
}

// partsOf gives fields, links and derived values of the present record, nil when it has none.
func partsOf(r map[string]json.RawMessage) []map[string]json.RawMessage {
	if string(r["present"]) == "null" {
		return nil
	}
	present := raw(r["present"])
	return []map[string]json.RawMessage{raw(present["values"]), raw(present["links"]), raw(present["derived"])}
}

// cellsOf gives the texts that a cell may have: one, but for what says nothing.
func cellsOf(r map[string]json.RawMessage, parts []map[string]json.RawMessage, column string) []string {
	if column == "ref" {
		return []string{text(r["ref"], "ref")}
	}
	if parts == nil {
		return []string{""} // its row was ahead of the log when the pack was made: nothing in the pack says what it said
	}
	at := func(last bool) []string {
		var versions []map[string]json.RawMessage
		need(json.Unmarshal(r["versions"], &versions) == nil && len(versions) > 0, "its versions cannot be read")
		if last {
			versions = versions[len(versions)-1:]
		}
		return []string{text(versions[0]["at"], "at")}
	}
	switch column {
	case "state":
		return []string{text(raw(r["present"])["state"], "state")}
	case "version":
		return []string{string(raw(r["present"])["version"])}
	case "createdAt":
		return at(false)
	case "updatedAt":
		return at(true)
	}
	for i, part := range parts {
		if value, there := part[column]; there {
			return textsOf(value, i == 2)
		}
	}
	return []string{"", "(empty)"}
}

var (
	inQuotes = regexp.MustCompile(`[;"\r\n]|^[\s\v\p{Z}\x{feff}]|[\s\v\p{Z}\x{feff}]$|^$`)
	// Text that a spreadsheet would run gets an apostrophe, and so does one that reads as the word for an emptied field.
	guarded = regexp.MustCompile(`^'*(\(empty\)$|[=+\-@\t\r])`)
)

func textsOf(value json.RawMessage, derived bool) []string {
	guard := func(text string) []string {
		if guarded.MatchString(text) {
			text = "'" + text
		}
		return []string{text}
	}
	switch said := string(value); {
	case said == "null":
		return []string{"", "(empty)"}
	case derived && said[0] == '"':
		return []string{text(value, "a value")}
	case said[0] == '"':
		return guard(text(value, "a value"))
	case !derived && said == "true":
		return []string{"yes"}
	case !derived && said == "false":
		return []string{"no"}
	case said == "[]":
		return []string{"", "[]"} // a list without words may be one of rows
	case said[0] == '[':
		var words []*string
		if json.Unmarshal(value, &words) != nil || contains(words, nil) {
			return []string{said}
		}
		quoted := make([]string, len(words))
		for i, word := range words {
			if quoted[i] = *word; inQuotes.MatchString(*word) {
				quoted[i] = `"` + strings.ReplaceAll(*word, `"`, `""`) + `"`
			}
		}
		return guard(strings.Join(quoted, "; "))
	default:
		return []string{said}
	}
}

func contains(words []*string, one *string) bool {
	for _, word := range words {
		if word == one {
			return true
		}
	}
	return false
}

// written gives a cell as it is written (RFC 4180): in quotes when it must be, and only then.
func written(cell string) string {
	if strings.ContainsAny(cell, ",\"\r\n") {
		return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}
	return cell
}

// checkAttached: evidence is what a record names, and a decision is the one its record committed to.
func (p *pack) checkAttached() {
	listed := map[string]bool{}
	if p.files["evidence/index.jsonl"] != nil {
		p.eachLine("evidence/index.jsonl", func(where string, line map[string]interface{}) {
			exactly(line, "sha256 bytes fileName ref")
			name := "evidence/" + line["sha256"].(string)
			listed[name] = true
			need(p.evidence[line["sha256"].(string)] == line["ref"], "%v does not name %s", line["ref"], name)
			need(p.fileNames[line["sha256"].(string)] == line["fileName"], "%v does not call %s %q", line["ref"], name, line["fileName"])
			r, hash := p.open(name), sha256.New()
			defer r.Close()
			n, err := io.Copy(hash, r)
			need(err == nil && n == whole(line["bytes"], "bytes"), "%s has %d bytes, the line says %v", name, n, line["bytes"])
			need(name == fmt.Sprintf("evidence/%x", hash.Sum(nil)), "%s was changed: its SHA-256 is %x", name, hash.Sum(nil))
		})
	}
	for _, name := range p.names("evidence/") {
		if !listed[name] && name != "evidence/index.jsonl" {
			p.problem(name, "evidence/index.jsonl does not name this file")
		}
	}
	for digest, ref := range p.evidence {
		if !listed["evidence/"+digest] {
			p.problem("evidence/"+digest, ref+" is this file, which is not in the pack")
		}
	}
	for _, name := range p.names("decisions/") {
		p.try(name, func() {
			ref := strings.TrimSuffix(strings.TrimPrefix(name, "decisions/"), ".dsse.json")
			committed, known := p.decisions[ref]
			need(known, "%s has no signed statement", ref)
			need(strings.TrimSuffix(string(p.read(name)), "\n") == committed, "it is not the statement that %s committed to", ref)
		})
	}
	for ref := range p.decisions {
		if p.files["decisions/"+ref+".dsse.json"] == nil {
			p.problem("decisions/"+ref+".dsse.json", "the signed statement of "+ref+" is missing")
		}
	}
}

func readKey(text, what string) note.Verifier {
	key, err := note.NewVerifier(strings.TrimSpace(text))
	need(err == nil, "%s cannot be used: %v", what, err)
	return key
}

// auditLog audits a downloaded log and says what it found sound.
func auditLog(folder, vkey string, olders []string, proof string, witnesses []*witness) string {
	if vkey == "" {
		vkey = filepath.Join(folder, "vkey")
	}
	keys := []note.Verifier{readKey(string(read(vkey)), "the vkey")}
	data := read(filepath.Join(folder, "checkpoint"))
	h := openCheckpoint(data, keys, "the checkpoint")
	entries, trouble := readEntries(folder, h.size)
	hashes := checkEntries(entries, trouble, folder, h)
	checkHistories(entries)
	said := fmt.Sprintf("Sound: %d entries of %s give the signed root %v", h.size, keys[0].Name(), h.root)
	for _, w := range witnesses {
		said += cosigned(data, w, "the checkpoint")
	}
	same := func(what string, old head) {
		need(old.size > h.size || rootOf(hashes[:old.size]) == old.root,
			"the %s signs another history: the first %d entries give another root", what, old.size)
		said += fmt.Sprintf("; %s of %d entries holds", what, old.size)
	}
	for _, older := range olders {
		old := openCheckpoint(read(older), keys, "the older checkpoint")
		need(old.size <= h.size, "the older checkpoint signs %d entries, this log has only %d: it went back", old.size, h.size)
		same("older checkpoint", old)
	}
	if proof != "" {
		same("proof", checkProof(proof, keys, hashes))
	}
	return said + "."
}

// list collects an option that may be given again.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }
func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

func main() {
	vkey := flag.String("vkey", "", "file with the key you were handed; the one beside the log unless given")
	witnessed := flag.String("witness", "", "file with keys of witnesses, one a line, that must have cosigned")
	var older list
	flag.Var(&older, "older", "a checkpoint kept from before; may be given again")
	proof := flag.String("proof", "", "a .tlog-proof or a disclosure")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: audit [-vkey FILE] [-witness FILE] [-older CHECKPOINT]... [-proof FILE] FOLDER|PACK.zip")
		os.Exit(2)
	}
	trouble := attempt(func() {
		var witnesses []*witness
		if *witnessed != "" {
			for _, line := range strings.Split(strings.TrimSpace(string(read(*witnessed))), "\n") {
				witnesses = append(witnesses, readWitness(line))
			}
		}
		files := openFiles(flag.Arg(0))
		if files == nil {
			fmt.Println(clean(auditLog(flag.Arg(0), *vkey, older, *proof, witnesses)))
			return
		}
		given := ""
		if *vkey != "" {
			given = string(read(*vkey))
		}
		need(*proof == "", "-proof is for a log, not for an audit pack: a pack holds its proofs")
		var before []kept
		for _, path := range older {
			before = append(before, kept{path, read(path)})
		}
		p := auditPack(files, given, witnesses, before...)
		fmt.Println(p.verdict())
		if p.count > 0 {
			os.Exit(1)
		}
	})
	if trouble != "" {
		fmt.Printf("Not sound: %s.\n", clean(trouble))
		os.Exit(1)
	}
}
