// forge.go - logs that lie: a bundle for one reader put into a small log of our own key, where everything is proved and something is
// wrong. A changed bundle accuses nobody; here the log itself says what must not be, and the answer may be differs.

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"math/rand"
	"os"
)

// lie is what a node could have written: the parts of a bundle that the log commits to.
type lie struct {
	receipt, batch []byte
	height, time   int64 // of the header
	stateHeight    int64
}

var forger = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{0x5e}, 32))

// logPath is the inclusion proof of leaf m (RFC 9162 section 2.1.3.1).
func logPath(m int, leaves []digest) []digest {
	if len(leaves) <= 1 {
		return nil
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	if m < k {
		return append(logPath(m, leaves[:k]), treeRoot(leaves[k:]))
	}
	return append(logPath(m-k, leaves[k:]), treeRoot(leaves[:k]))
}

// honest takes the parts from a bundle; ok is false for one that this program does not put into another log.
func honest(s schema, data []byte) (b *bundle, l lie, ok bool) {
	b = &bundle{s: s, out: &report{}}
	if b.form(data) != nil || b.auditor || b.r.has("writers") || b.checkpoint() != nil || b.batchStep() != nil || b.claimStep() != nil || b.group() != nil {
		return b, l, false
	}
	state, err := logEntry(b.r.sub(s, "state", "bundle-entry").bytes("bytes"), 2)
	if err != nil {
		return b, l, false
	}
	return b, lie{b.r.bytes("receipt"), b.r.bytes("batch"), b.height, b.time, state[2].n}, true
}

// tell writes the bundle with the lie, in a log of four entries: state root, header, claim, header.
func tell(b *bundle, l lie, s schema) []byte {
	r := b.r
	salt, chain := r.bytes("salt"), r.text("chain")
	receipt := sum([]byte("no receipt")) // a receipt of no form has no parts; its commitment is then of no matter
	if one, err := s.read("receipt", l.receipt); err == nil {
		receipt = receiptCommitment(salt, one)
	}
	body := bodyBytes(sum(l.batch), r.int("index"), salt, r.bytes("item"))
	header := func(height, time int64, previous digest, size int64) []byte {
		return encArray(encInt(1), encInt(3), encInt(height), encInt(time), encBytes(previous[:]), encInt(size), encBytes(zero[:]))
	}
	entries := [][]byte{
		encArray(encInt(1), encInt(2), encInt(l.stateHeight), encBytes(b.stateRoot[:])),
		header(l.height-1, 0, zero, 1),
		itemEntry(bodyCommitment(salt, body), receipt),
	}
	entries = append(entries, header(l.height, l.time, sum(entries[1]), 3))
	var leaves []digest
	for _, e := range entries {
		leaves = append(leaves, leafOf(e))
	}
	root := treeRoot(leaves)
	text := fmt.Sprintf("%s\n%d\n%s\n", chain, len(entries), base64.StdEncoding.EncodeToString(root[:]))
	public := forger.Public().(ed25519.PublicKey)
	id := keyID(chain, 1, public)
	note := text + "\n— " + chain + " " + base64.StdEncoding.EncodeToString(append(id[:], ed25519.Sign(forger, []byte(text))...)) + "\n"

	// The hashes again, in the order of the steps.
	var pool []byte
	number := func(h []byte) []byte {
		for i := 0; i < len(pool); i += 32 {
			if bytes.Equal(pool[i:i+32], h) {
				return encInt(int64(i / 32))
			}
		}
		pool = append(pool, h...)
		return encInt(int64(len(pool)/32 - 1))
	}
	old := func(n int64) []byte { return b.hashes[n*32 : n*32+32] }
	renumber := func(list value, from int64) []byte {
		var all [][]byte
		for _, v := range list.items {
			if v.n < from {
				all = append(all, v.raw)
				continue
			}
			at, _ := parseCBOR(number(old(v.n - from)))
			all = append(all, encInt(at.n+from))
		}
		return encArray(all...)
	}
	place := func(index int, with []byte) []byte {
		var path [][]byte
		for _, h := range logPath(index, leaves) {
			path = append(path, number(h[:]))
		}
		if with == nil {
			return encMap(map[int64][]byte{1: encInt(int64(index)), 3: encArray(path...)})
		}
		return encMap(map[int64][]byte{1: encInt(int64(index)), 2: encBytes(with), 3: encArray(path...)})
	}
	fields := map[int64][]byte{}
	for _, f := range s["bundle"] {
		if v, ok := r.fields[f.name]; ok {
			fields[f.number] = v.raw
		}
	}
	if r.has("batch_path") {
		fields[8] = renumber(r.fields["batch_path"], 0)
	}
	fields[3], fields[4], fields[6], fields[11], fields[15] = encBytes(public), encBytes([]byte(note)), encBytes(l.batch), encBytes(l.receipt), encBytes(entries[1])
	fields[12] = place(2, nil)
	fields[13] = place(0, entries[0])
	fields[14] = place(3, entries[3])
	proofs := func(number, proof int64) {
		list, ok := map[int64]value{17: r.fields["reads"], 19: r.fields["tables"]}[number]
		if !ok || list.items == nil {
			return
		}
		var all [][]byte
		for _, one := range list.items {
			m := map[int64][]byte{}
			for i := 0; i < len(one.items); i += 2 {
				m[one.items[i].n] = one.items[i+1].raw
				if one.items[i].n != proof {
					continue
				}
				p := map[int64][]byte{}
				for k, x := 0, one.items[i+1]; k < len(x.items); k += 2 {
					p[x.items[k].n] = x.items[k+1].raw
					if x.items[k].n == 2 {
						p[2] = renumber(x.items[k+1], 1)
					}
				}
				m[proof] = encMap(p)
			}
			all = append(all, encMap(m))
		}
		fields[number] = encArray(all...)
	}
	proofs(17, 8)
	proofs(19, 4)
	fields[5] = encBytes(pool)
	return encMap(fields)
}

// encMap writes a map of small unsigned keys.
func encMap(fields map[int64][]byte) []byte {
	var parts []byte
	n := 0
	for number := int64(0); number < 24; number++ {
		if raw, ok := fields[number]; ok {
			parts = append(append(parts, encInt(number)...), raw...)
			n++
		}
	}
	return append(encHead(5, uint64(n)), parts...)
}

// lies makes bundles of lying logs from an honest bundle; the first is honest in its new log.
func lies(s schema, data []byte, count int, r *rand.Rand) (all []change) {
	b, l, ok := honest(s, data)
	if !ok {
		return nil
	}
	add := func(what string, one lie) { all = append(all, change{"a log says " + what, tell(b, one, s)}) }
	add("the same", l)
	with := func(what string, f func(*lie)) {
		one := l
		f(&one)
		add(what, one)
	}
	with("a later height", func(x *lie) { x.height++ })
	with("an earlier height", func(x *lie) { x.height--; x.stateHeight = x.height - 1 })
	with("a state of this height", func(x *lie) { x.stateHeight = x.height })
	with("a day later", func(x *lie) { x.time += monthMS / 30 })
	with("two months later", func(x *lie) { x.time += 2 * monthMS })
	with("two months earlier", func(x *lie) { x.time -= 2 * monthMS })
	with("no time", func(x *lie) { x.time = 0 })
	for _, c := range edits(l.receipt, count, r) {
		with("of the receipt "+c.what, func(x *lie) { x.receipt = c.data })
	}
	// The signed batch: its tag is beside the profile, so its four parts are edited and the tag put before them again.
	for _, c := range edits(l.batch[1:], 12, r) {
		with("of the batch "+c.what, func(x *lie) { x.batch = append([]byte{l.batch[0]}, c.data...) })
	}
	signed, err := parseCOSE(l.batch)
	if err != nil {
		return all
	}
	for _, c := range edits(signed.payload, 12, r) {
		with("of the batch's header "+c.what, func(x *lie) {
			x.batch = append([]byte{l.batch[0]}, encArray(encBytes(signed.protected), encMap(nil), encBytes(c.data), encBytes(signed.signature))...)
		})
	}
	return all
}

// forgerPolicy is a file that believes the lying logs of a chain.
func forgerPolicy(chain string) (path string, p *policy) {
	public := forger.Public().(ed25519.PublicKey)
	id := keyID(chain, 1, public)
	text := fmt.Sprintf("log %s+%x+%s\nquorum none\n", chain, id, base64.StdEncoding.EncodeToString(append([]byte{1}, public...)))
	f := must(os.CreateTemp("", "second."))
	must(f.WriteString(text))
	f.Close()
	parsed := must(parsePolicy([]byte(text)))
	return f.Name(), &parsed
}
