// hashes.go - what is hashed and signed: trees of section 5, tries of section 8, commitments of sections 5 and 7, signatures of section 2.

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/bits"
	"sort"
)

type digest = [32]byte

var zero digest

func sum(parts ...[]byte) digest {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return digest(h.Sum(nil))
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func node(left, right digest) digest { return sum([]byte{1}, left[:], right[:]) }
func leafOf(entry []byte) digest     { return sum([]byte{0}, entry) }

// ---- RFC 9162 -------------------------------------------------------------------------------------------------------

// treeRoot is the root over leaf hashes (section 2.1.1).
func treeRoot(leaves []digest) digest {
	switch len(leaves) {
	case 0:
		return sum()
	case 1:
		return leaves[0]
	}
	k := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	return node(treeRoot(leaves[:k]), treeRoot(leaves[k:]))
}

// inclusion is section 2.1.3.2: does leaf stand at index of size under root?
func inclusion(leaf digest, index, size int64, path []digest, root digest) bool {
	if index < 0 || index >= size {
		return false
	}
	fn, sn, r := index, size-1, leaf
	for _, p := range path {
		if sn == 0 {
			return false
		}
		if fn&1 == 1 || fn == sn {
			r = node(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = node(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	return sn == 0 && r == root
}

// consistency is section 2.1.4.2, with the two cases that need no hash.
func consistency(first, second int64, firstRoot, secondRoot digest, path []digest) bool {
	switch {
	case first < 0 || first > second:
		return false
	case first == 0:
		return len(path) == 0
	case first == second:
		return len(path) == 0 && firstRoot == secondRoot
	case len(path) == 0:
		return false
	}
	if first&(first-1) == 0 {
		path = append([]digest{firstRoot}, path...)
	}
	fn, sn := first-1, second-1
	for fn&1 == 1 {
		fn, sn = fn>>1, sn>>1
	}
	fr, sr := path[0], path[0]
	for _, c := range path[1:] {
		if sn == 0 {
			return false
		}
		if fn&1 == 1 || fn == sn {
			fr, sr = node(c, fr), node(c, sr)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			sr = node(sr, c)
		}
		fn, sn = fn>>1, sn>>1
	}
	return sn == 0 && fr == firstRoot && sr == secondRoot
}

// ---- the trie -------------------------------------------------------------------------------------------------------

func bit(path digest, at int) int { return int(path[at/8]>>(7-at%8)) & 1 }

func trieLeaf(path, valueHash digest) digest { return sum([]byte{0}, path[:], valueHash[:]) }

type trieEntry struct{ path, value digest } // H(key), H(value)

// trieRoot is the root over entries, whose paths are different.
func trieRoot(entries []trieEntry) digest {
	sort.Slice(entries, func(i, j int) bool { return bytes.Compare(entries[i].path[:], entries[j].path[:]) < 0 })
	var under func(part []trieEntry, depth int) digest
	under = func(part []trieEntry, depth int) digest {
		switch len(part) {
		case 0:
			return zero
		case 1:
			return trieLeaf(part[0].path, part[0].value)
		}
		cut := sort.Search(len(part), func(i int) bool { return bit(part[i].path, depth) == 1 })
		return node(under(part[:cut], depth+1), under(part[cut:], depth+1))
	}
	return under(entries, 0)
}

// trieProof is a proof of section 8; siblings from the root down, zero where empty.
type trieProof struct {
	end               byte // 0 the key's own leaf, 1 nothing, 2 another leaf
	siblings          []digest
	otherPath, otherV digest
}

// holds: value nil means that the key is absent.
func (p trieProof) holds(root digest, key, value []byte) bool {
	path := sum(key)
	var at digest
	switch {
	case (p.end == 0) != (value != nil) || len(p.siblings) > 256:
		return false
	case p.end == 0:
		at = trieLeaf(path, sum(value))
	case p.end == 2:
		if p.otherPath == path {
			return false
		}
		for d := range p.siblings {
			if bit(p.otherPath, d) != bit(path, d) {
				return false
			}
		}
		at = trieLeaf(p.otherPath, p.otherV)
	}
	for d := len(p.siblings) - 1; d >= 0; d-- {
		if bit(path, d) == 1 {
			at = node(p.siblings[d], at)
		} else {
			at = node(at, p.siblings[d])
		}
	}
	return at == root
}

// parseTrieProof reads the bytes of section 8.
func parseTrieProof(b []byte) (p trieProof, err error) {
	bad := errors.New("not a proof of docs/formats.md section 8")
	if len(b) < 3 || b[0] > 2 {
		return p, bad
	}
	p.end = b[0]
	depth := int(b[1])<<8 | int(b[2])
	b = b[3:]
	if depth > 256 || len(b) < (depth+7)/8 {
		return p, bad
	}
	bitmap := b[:(depth+7)/8]
	b = b[(depth+7)/8:]
	for d := 0; d < len(bitmap)*8; d++ {
		there := bitmap[d/8]>>(7-d%8)&1 == 1
		if d >= depth {
			if there {
				return p, bad
			}
			continue
		}
		var s digest
		if there {
			if len(b) < 32 {
				return p, bad
			}
			s, b = digest(b[:32]), b[32:]
			if s == zero {
				return p, bad
			}
		}
		p.siblings = append(p.siblings, s)
	}
	if p.end == 2 {
		if len(b) < 64 {
			return p, bad
		}
		p.otherPath, p.otherV, b = digest(b[:32]), digest(b[32:64]), b[64:]
	}
	if len(b) != 0 {
		return p, bad
	}
	return p, nil
}

// ---- commitments ----------------------------------------------------------------------------------------------------

func stateKey(secret []byte, name string) (opening []byte, key digest) {
	opening = mac(secret, []byte("k"), []byte(name))
	return opening, sum(opening, []byte(name))
}

func stateValue(secret []byte, name string, height int64, record []byte) (opening []byte, v digest) {
	opening = mac(secret, []byte("v"), u64be(uint64(height)), []byte(name))
	return opening, sum(opening, record)
}

func bodyBytes(batch digest, index int64, salt, item []byte) []byte {
	return encArray(encBytes(batch[:]), encInt(index), encBytes(salt), encBytes(item))
}

func bodyCommitment(salt, body []byte) digest { return sum(mac(salt, []byte("body"))[:16], body) }

// receiptParts cuts a receipt into its touch list and the rest.
func receiptParts(r rec) (touches, rest []byte) {
	touches = r.fields["touches"].raw
	if touches == nil {
		return nil, r.raw
	}
	v, _ := parseCBOR(r.raw)
	cut := 1 // the head of the map
	for i := 0; v.items[i].n != 3; i += 2 {
		cut += len(v.items[i].raw) + len(v.items[i+1].raw)
	}
	cut++ // the field's number
	return touches, append(append([]byte{}, r.raw[:cut]...), r.raw[cut+len(touches):]...)
}

func receiptCommitment(salt []byte, r rec) digest {
	m := mac(salt, []byte("receipt"))
	touches, rest := receiptParts(r)
	t, d := sum(m[:16], touches), sum(m[16:], rest)
	return sum(t[:], d[:])
}

func itemEntry(body, receipt digest) []byte {
	return encArray(encInt(1), encInt(1), encBytes(body[:]), encBytes(receipt[:]))
}

func filingID(secret []byte, party string, claimWithoutSource []byte) []byte {
	return mac(mac(secret, []byte(party)), claimWithoutSource)[:16]
}

func claimID(party string, filing []byte) string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	h := sum([]byte("averment/1 claim"), []byte{byte(len(party))}, []byte(party), filing)
	var id []byte
	for i := 0; i < 24; i++ { // five bits each, from the highest
		at := i * 5
		two := uint(h[at/8])<<8 | uint(h[at/8+1])
		id = append(id, letters[two>>(11-at%8)&31])
	}
	return string(id)
}

// withoutSource is a claim's encoding without field 23.
func withoutSource(claim []byte) ([]byte, error) {
	v, err := parseCBOR(claim)
	if err != nil {
		return nil, err
	}
	var kept [][]byte
	for i := 0; i+1 < len(v.items); i += 2 {
		if v.items[i].kind == kInt && v.items[i].n == 23 {
			continue
		}
		kept = append(kept, v.items[i].raw, v.items[i+1].raw)
	}
	return append(encHead(5, uint64(len(kept)/2)), bytes.Join(kept, nil)...), nil
}

// ---- signatures -----------------------------------------------------------------------------------------------------

// smallY are the y of the eight points of small order, low byte first, without the sign of x.
var smallY = [][]byte{
	unhex("0000000000000000000000000000000000000000000000000000000000000000"),
	unhex("0100000000000000000000000000000000000000000000000000000000000000"),
	unhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
	unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
	unhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
}

// goodPoint: y below the prime, and not of small order. That the point is on the curve is left to the library.
func goodPoint(p []byte) bool {
	y := append([]byte{}, p...)
	y[31] &= 0x7f
	for _, s := range smallY {
		if bytes.Equal(y, s) {
			return false
		}
	}
	prime := unhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
	for i := 31; i >= 0; i-- {
		if y[i] != prime[i] {
			return y[i] < prime[i]
		}
	}
	return false
}

// verifySignature is section 2's Ed25519: that of Go's library compares R byte for byte and refuses S from L on; what it lets
// through besides are encodings that are not canonical, and points of small order.
func verifySignature(public, message, signature []byte) bool {
	return len(public) == 32 && len(signature) == 64 && goodPoint(public) && goodPoint(signature[:32]) &&
		ed25519.Verify(public, message, signature)
}

type cose struct {
	contentType    string
	kid            []byte
	protected      []byte
	payload        []byte
	signature, all []byte
}

func parseCOSE(data []byte) (c cose, err error) {
	c.all = data
	if len(data) == 0 || data[0] != 0xd2 {
		return c, refuse("COSE-FORM", "it does not begin with the tag 18")
	}
	v, err := parseCBOR(data[1:])
	if err != nil {
		return c, err
	}
	form := refuse("COSE-FORM", "not the four parts of a COSE_Sign1")
	if v.kind != kArray || len(v.items) != 4 || v.items[0].kind != kBytes || v.items[1].kind != kMap {
		return c, form
	}
	if len(v.items[1].items) != 0 {
		return c, refuse("COSE-UNPROTECTED", "the unprotected header is not empty")
	}
	if v.items[2].kind != kBytes || v.items[3].kind != kBytes || len(v.items[3].b) != 64 {
		return c, form
	}
	c.protected, c.payload, c.signature = v.items[0].b, v.items[2].b, v.items[3].b
	h, err := parseCBOR(c.protected)
	if err != nil {
		return c, refuse("COSE-FORM", "the protected header: %v", err)
	}
	if h.kind != kMap || len(h.items) != 6 || h.items[0].kind != kInt || h.items[0].n != 1 || h.items[2].kind != kInt || h.items[2].n != 3 ||
		h.items[4].kind != kInt || h.items[4].n != 4 || h.items[3].kind != kText || h.items[5].kind != kBytes || len(h.items[5].b) != 16 {
		return c, refuse("COSE-FORM", "the protected header is not {1: -8, 3: content type, 4: kid}")
	}
	if h.items[1].kind != kInt || h.items[1].n != -8 {
		return c, refuse("COSE-ALG", "an algorithm other than -8")
	}
	c.contentType, c.kid = string(h.items[3].b), h.items[5].b
	return c, nil
}

func (c cose) verifies(public []byte, purpose, chain string) bool {
	signed := encArray(encText("Signature1"), encBytes(c.protected), encBytes([]byte("averment/1 "+purpose+" "+chain)), encBytes(c.payload))
	return verifySignature(public, signed, c.signature)
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}
