// files.go - whole logs as tiles (section 5) and exported states (section 7).

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// tilePath names tile n of a level, with w of its 256 items.
func tilePath(dir, level string, n int64, w int) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if w < 256 {
		name += fmt.Sprintf(".p/%d", w)
	}
	return filepath.Join(dir, "tile", level, name)
}

func width(size, n int64) int { return int(min(256, size-n*256)) }

// logEntries reads every entry from its tiles.
func logEntries(dir string, size int64) (all [][]byte, err error) {
	for n := int64(0); n*256 < size; n++ {
		w := width(size, n)
		data, err := os.ReadFile(tilePath(dir, "entries", n, w))
		if err != nil {
			return nil, err
		}
		for i := 0; i < w; i++ {
			if len(data) < 2 || len(data) < 2+int(data[0])<<8+int(data[1]) {
				return nil, fmt.Errorf("tile entries/%d is cut short", n)
			}
			long := int(data[0])<<8 | int(data[1])
			all, data = append(all, data[2:2+long]), data[2+long:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("tile entries/%d has more than its entries", n)
		}
	}
	return all, nil
}

// readLog checks a ledger's checkpoint against the policy, and every tile against the checkpoint.
func readLog(dir string, p *policy) (c checkpoint, entries [][]byte, tiles int, err error) {
	note, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return
	}
	if c, err = parseCheckpoint(note); err != nil {
		return
	}
	if p == nil {
		err = errors.New("--policy is missing: nothing says whose log it is")
		return
	}
	if _, err = p.believes(c); err != nil {
		return
	}
	if entries, err = logEntries(dir, c.size); err != nil {
		return
	}
	tiles = int(c.size+255) / 256
	var level []digest
	for _, e := range entries {
		level = append(level, leafOf(e))
	}
	if treeRoot(level) != c.root {
		err = errors.New("the entries do not have the checkpoint's root")
		return
	}
	for l := 0; len(level) > 0; l++ {
		var above []digest
		for n := int64(0); n*256 < int64(len(level)); n++ {
			w := width(int64(len(level)), n)
			part := level[n*256:][:w]
			var want []byte
			for _, h := range part {
				want = append(want, h[:]...)
			}
			data, e := os.ReadFile(tilePath(dir, fmt.Sprint(l), n, w))
			if e != nil {
				err = e
				return
			}
			if !bytes.Equal(data, want) {
				err = fmt.Errorf("tile %d/%d is another", l, n)
				return
			}
			tiles++
			if w == 256 {
				above = append(above, treeRoot(part))
			}
		}
		level = above
	}
	return
}

func tilesCommand(o options) {
	c, entries, tiles, err := readLog(o.files[0], o.policy())
	if err != nil {
		cannot(err)
	}
	var previous digest
	var height, time int64
	for i, e := range entries {
		if h, err := logEntry(e, 3); err == nil { // headers chain
			if digest(h[4].b) != previous || h[5].n != int64(i) || h[2].n != height+1 || h[3].n < time {
				cannot(fmt.Errorf("the header at %d does not follow the one before", i))
			}
			previous, height, time = sum(e), h[2].n, h[3].n
			continue
		}
		if _, err := logEntry(e, 2); err == nil {
			continue
		}
		must(logEntry(e, 1))
	}
	fmt.Printf("same: %s, %d entries in %d tiles, %d groups\n", c.origin, c.size, tiles, height)
}

// ---- exported states ------------------------------------------------------------------------------------------------

const maxExportItem = 1 << 27

// exportRoot reads a file of section 7: what its header says, and the root of its content.
func exportRoot(s schema, data []byte) (header []value, root digest, count int, err error) {
	rest, ok := bytes.CutPrefix(data, []byte("AVERSTA1"))
	if !ok {
		return nil, zero, 0, errors.New("not an exported state")
	}
	next := func() (value, bool, error) {
		if len(rest) < 4 {
			return value{}, false, errors.New("the file is cut short")
		}
		n := int(rest[0])<<24 | int(rest[1])<<16 | int(rest[2])<<8 | int(rest[3])
		rest = rest[4:]
		if n == 0 {
			if len(rest) != 0 {
				return value{}, false, errors.New("something comes after the end")
			}
			return value{}, false, nil
		}
		if n > len(rest) || n > maxExportItem {
			return value{}, false, errors.New("an item is cut short")
		}
		item := rest[:n]
		rest = rest[n:]
		v, err := parseCBOR(item)
		return v, true, err
	}
	h, more, err := next()
	if err != nil || !more {
		return nil, zero, 0, errors.Join(err, errors.New("no header"))
	}
	if !shaped(h, "iitiib") || h.items[0].n != 1 || h.items[1].n != 1 && h.items[1].n != 2 {
		return nil, zero, 0, errors.New("a header of another form")
	}
	var entries []trieEntry
	type record struct {
		name   string
		height int64
		bytes  []byte
	}
	var records []record
	last := ""
	for {
		v, more, err := next()
		if err != nil {
			return nil, zero, 0, err
		}
		if !more {
			break
		}
		order := ""
		if h.items[1].n == 2 {
			if !shaped(v, "bb") {
				return nil, zero, 0, errors.New("a leaf of another form")
			}
			key := sum(v.items[0].b)
			entries, order = append(entries, trieEntry{key, sum(v.items[1].b)}), string(key[:])
		} else {
			if !shaped(v, "tis") {
				return nil, zero, 0, errors.New("a record of another form")
			}
			order = string(v.items[0].b)
			records = append(records, record{order, v.items[1].n, v.items[2].b})
		}
		if order <= last {
			return nil, zero, 0, errors.New("items that do not ascend")
		}
		last = order
		count++
	}
	if h.items[1].n == 1 {
		secrets := map[string][]byte{}
		for _, r := range records {
			if r.name == "g" {
				g, err := s.read("genesis", r.bytes)
				if err != nil {
					return nil, zero, 0, err
				}
				secrets[""] = g.bytes("secret")
			} else if id, ok := strings.CutPrefix(r.name, "f/"); ok && !strings.Contains(id, "/") {
				f, err := s.read("family", r.bytes)
				if err != nil {
					return nil, zero, 0, err
				}
				secrets[id] = f.bytes("secret")
			}
		}
		for _, r := range records {
			family := ""
			if id, ok := strings.CutPrefix(r.name, "f/"); ok {
				family, _, _ = strings.Cut(id, "/")
			}
			secret, ok := secrets[family]
			if !ok {
				return nil, zero, 0, fmt.Errorf("no secret for %q", r.name)
			}
			_, key := stateKey(secret, r.name)
			_, v := stateValue(secret, r.name, r.height, r.bytes)
			entries = append(entries, trieEntry{sum(key[:]), sum(v[:])})
		}
	}
	return h.items, trieRoot(entries), count, nil
}

// shaped: an array of integers from 0 (i), texts (t), strings of 32 bytes (b) and of any length (s).
func shaped(v value, form string) bool {
	if v.kind != kArray || len(v.items) != len(form) {
		return false
	}
	for i, x := range v.items {
		switch form[i] {
		case 'i':
			if x.kind != kInt || x.n < 0 {
				return false
			}
		case 't':
			if x.kind != kText {
				return false
			}
		case 'b', 's':
			if x.kind != kBytes || form[i] == 'b' && len(x.b) != 32 {
				return false
			}
		}
	}
	return true
}

func exportCommand(s schema, o options) {
	header, root, count, err := exportRoot(s, must(os.ReadFile(o.files[0])))
	if err != nil {
		cannot(err)
	}
	c, entries, _, err := readLog(o.one("tiles"), o.policy())
	if err != nil {
		cannot(err)
	}
	at := header[4].n
	if string(header[2].b) != c.origin || at >= c.size {
		cannot(errors.New("it is of another log, or of a later state"))
	}
	want := encArray(encInt(1), encInt(2), encInt(header[3].n), encBytes(header[5].b))
	switch {
	case digest(header[5].b) != root:
		cannot(errors.New("its content does not have the root of its header"))
	case !bytes.Equal(entries[at], want):
		cannot(fmt.Errorf("entry %d of the log is not this state root", at))
	}
	fmt.Printf("same: %d of kind %d, the state at height %d\n", count, header[1].n, header[3].n)
}
