// note.go - the log as others read it (docs/formats.md section 5): keys, checkpoints, cosignatures, trust policies, proofs.

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxNote       = 262144 // bytes
	maxSignatures = 64     // lines
)

// unbase64 takes the one spelling of RFC 4648 section 4.
func unbase64(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && base64.StdEncoding.EncodeToString(b) == s
}

func hashLine(s string) (digest, bool) {
	b, ok := unbase64(s)
	if !ok || len(b) != 32 {
		return zero, false
	}
	return digest(b), true
}

// decimal takes 0 to 2^63 - 1 without leading zeros.
func decimal(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == s
}

type vkey struct {
	name   string
	id     [4]byte
	typ    byte
	public []byte
}

func keyID(name string, typ byte, public []byte) [4]byte {
	h := sum([]byte(name), []byte{0x0a, typ}, public)
	return [4]byte(h[:4])
}

func goodName(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.ContainsAny(s, "+") && len(strings.Fields(s)) == 1 && strings.TrimSpace(s) == s
}

func parseVkey(s string) (k vkey, err error) {
	bad := refuse("NOTE-KEY", "not a verifier key: %q", s)
	name, rest, _ := strings.Cut(s, "+")
	id, key, ok := strings.Cut(rest, "+")
	b, ok64 := unbase64(key)
	if !ok || !ok64 || !goodName(name) || len(b) != 33 || (b[0] != 1 && b[0] != 4) {
		return k, bad
	}
	k = vkey{name: name, typ: b[0], public: b[1:]}
	k.id = keyID(name, k.typ, k.public)
	if hex.EncodeToString(k.id[:]) != id {
		return k, refuse("NOTE-KEY", "its id is not that of its name and key: %q", s)
	}
	return k, nil
}

type noteSignature struct {
	name string
	id   [4]byte
	rest []byte // after the key id
}

// checkpoint is a signed note whose text is a tlog-checkpoint.
type checkpoint struct {
	text       string // what is signed
	origin     string
	size       int64
	root       digest
	signatures []noteSignature
}

func parseCheckpoint(note []byte) (c checkpoint, err error) {
	bad := func(why string) (checkpoint, error) { return c, refuse("NOTE-FORM", "the checkpoint: %s", why) }
	if !utf8.Valid(note) {
		return bad("not UTF-8")
	}
	for _, b := range note {
		if b < 0x20 && b != '\n' {
			return bad("a control character")
		}
	}
	cut := strings.LastIndex(string(note), "\n\n")
	if cut < 0 {
		return bad("no empty line")
	}
	c.text = string(note[:cut+1])
	lines := strings.Split(string(note[cut+2:]), "\n")
	if len(lines) < 2 || lines[len(lines)-1] != "" {
		return bad("no signature, or no newline at the end")
	}
	for _, line := range lines[:len(lines)-1] {
		rest, ok := strings.CutPrefix(line, "— ")
		name, blob, ok2 := strings.Cut(rest, " ")
		b, ok3 := unbase64(blob)
		if !ok || !ok2 || !ok3 || !goodName(name) || len(b) < 5 {
			return bad("a signature line of another form")
		}
		c.signatures = append(c.signatures, noteSignature{name, [4]byte(b[:4]), b[4:]})
	}
	if len(c.signatures) > maxSignatures || len(note) > maxNote {
		return bad("more than we read")
	}
	body := strings.Split(c.text, "\n")
	if len(body) < 4 || body[0] == "" {
		return bad("less than origin, size and root")
	}
	for _, extension := range body[3 : len(body)-1] {
		if extension == "" {
			return bad("an empty extension line")
		}
	}
	var ok1, ok2 bool
	c.origin = body[0]
	c.size, ok1 = decimal(body[1])
	c.root, ok2 = hashLine(body[2])
	if !ok1 || !ok2 {
		return bad("size or root of another form")
	}
	return c, nil
}

// signedBy: 1 the key signed, 0 no line of it, -1 a line that does not hold; there may be several, and each must.
func (c checkpoint) signedBy(k vkey) int {
	found := 0
	for _, s := range c.signatures {
		if s.name != k.name || s.id != k.id {
			continue
		}
		message, signature := []byte(c.text), s.rest
		if k.typ == 4 {
			if len(s.rest) != 72 {
				return -1
			}
			time := uint64(0)
			for _, b := range s.rest[:8] {
				time = time<<8 | uint64(b)
			}
			if time == 0 || time > math.MaxInt64 {
				return -1
			}
			message, signature = []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, c.text)), s.rest[8:]
		}
		if !verifySignature(k.public, message, signature) {
			return -1
		}
		found = 1
	}
	return found
}

// ---- trust policies -------------------------------------------------------------------------------------------------

type group struct {
	need    int
	members []string
}

type policy struct {
	logs      []vkey
	witnesses map[string]vkey
	groups    map[string]group
	quorum    string
}

const maxPolicy = 48

func parsePolicy(text []byte) (p policy, err error) {
	p.witnesses, p.groups = map[string]vkey{}, map[string]group{}
	if !utf8.Valid(text) {
		return p, refuse("TRUST-FORM", "a policy that is not UTF-8")
	}
	for i, line := range strings.Split(string(text), "\n") {
		bad := func(why string) (policy, error) {
			return p, refuse("TRUST-FORM", "line %d of the policy: %s", i+1, why)
		}
		w := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
		if len(w) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		known := func(name string) bool {
			_, a := p.witnesses[name]
			_, b := p.groups[name]
			return a || b
		}
		switch {
		case w[0] == "log" && (len(w) == 2 || len(w) == 3):
			k, err := parseVkey(w[1])
			if err != nil || k.typ != 1 || len(p.logs) == maxPolicy {
				return bad("not the key of a log")
			}
			p.logs = append(p.logs, k)
		case w[0] == "witness" && (len(w) == 3 || len(w) == 4):
			k, err := parseVkey(w[2])
			if err != nil || k.typ != 4 || len(p.witnesses) == maxPolicy || known(w[1]) || w[1] == "none" {
				return bad("not a witness")
			}
			for _, other := range p.witnesses {
				if bytes.Equal(other.public, k.public) {
					return bad("a witness's key twice")
				}
			}
			p.witnesses[w[1]] = k
		case w[0] == "group" && len(w) >= 4:
			g := group{members: w[3:]}
			n, ok := decimal(w[2])
			switch {
			case w[2] == "all":
				n = int64(len(g.members))
			case w[2] == "any":
				n = 1
			case !ok || n < 1 || n > int64(len(g.members)):
				return bad("not a number of its members")
			}
			g.need = int(n)
			seen := map[string]bool{}
			for _, m := range g.members {
				if seen[m] || !known(m) {
					return bad("a member twice, or one that does not stand above")
				}
				seen[m] = true
			}
			if known(w[1]) || w[1] == "none" || len(p.groups) == maxPolicy {
				return bad("a name that is taken, or too many groups")
			}
			p.groups[w[1]] = g
		case w[0] == "quorum" && len(w) == 2 && p.quorum == "":
			if w[1] != "none" && !known(w[1]) {
				return bad("a quorum that does not stand above")
			}
			p.quorum = w[1]
		default:
			return bad("not of tlog-policy")
		}
	}
	if len(p.logs) == 0 || p.quorum == "" {
		return p, refuse("TRUST-FORM", "a policy without a log or a quorum")
	}
	return p, nil
}

// believes holds a checkpoint against the policy; the keys of the logs that signed it come back.
func (p policy) believes(c checkpoint) (signed []vkey, err error) {
	for _, k := range p.logs {
		if k.name != c.origin {
			continue
		}
		switch c.signedBy(k) {
		case -1:
			return nil, refuse("TRUST-SIGNATURE", "the signature of the log %s does not hold", k.name)
		case 1:
			signed = append(signed, k)
		}
	}
	if len(signed) == 0 {
		return nil, refuse("TRUST-LOG", "no log of the policy signed it")
	}
	has := map[string]bool{}
	for name, k := range p.witnesses {
		switch c.signedBy(k) {
		case -1:
			return nil, refuse("TRUST-SIGNATURE", "the cosignature of %s does not hold", name)
		case 1:
			has[name] = true
		}
	}
	var counts func(name string) bool
	counts = func(name string) bool {
		g, ok := p.groups[name]
		if !ok {
			return has[name]
		}
		n := 0
		for _, m := range g.members {
			if counts(m) {
				n++
			}
		}
		return n >= g.need
	}
	if p.quorum != "none" && !counts(p.quorum) {
		return nil, refuse("TRUST-WITNESSES", "the quorum %s is not reached", p.quorum)
	}
	return signed, nil
}

// ---- proofs ---------------------------------------------------------------------------------------------------------

// parted cuts "lines, an empty line, a checkpoint".
func parted(data []byte) (lines []string, c checkpoint, err error) {
	head, note, ok := strings.Cut(string(data), "\n\n")
	if !ok {
		return nil, c, refuse("TLOG-PROOF", "no empty line")
	}
	c, err = parseCheckpoint([]byte(note))
	return strings.Split(head, "\n"), c, err
}

func hashLines(lines []string) (path []digest, err error) {
	if len(lines) > 63 {
		return nil, refuse("TLOG-PROOF", "more than 63 hashes")
	}
	for _, line := range lines {
		h, ok := hashLine(line)
		if !ok {
			return nil, refuse("TLOG-PROOF", "not a hash: %q", line)
		}
		path = append(path, h)
	}
	return path, nil
}

type logProof struct {
	extra    []byte
	hasExtra bool
	index    int64
	path     []digest
	c        checkpoint
}

func parseLogProof(data []byte) (p logProof, err error) {
	lines, c, err := parted(data)
	if err != nil {
		return p, err
	}
	p.c = c
	if lines[0] != "c2sp.org/tlog-proof@v1" || len(lines) < 2 {
		return p, refuse("TLOG-PROOF", "not a tlog-proof")
	}
	lines = lines[1:]
	if blob, ok := strings.CutPrefix(lines[0], "extra "); ok {
		if p.extra, ok = unbase64(blob); !ok {
			return p, refuse("TLOG-PROOF", "extra of another form")
		}
		p.hasExtra, lines = true, lines[1:]
	}
	if len(lines) == 0 {
		return p, refuse("TLOG-PROOF", "no index")
	}
	text, ok := strings.CutPrefix(lines[0], "index ")
	if p.index, ok = decimal(text); !ok || !strings.HasPrefix(lines[0], "index ") {
		return p, refuse("TLOG-PROOF", "no index")
	}
	p.path, err = hashLines(lines[1:])
	return p, err
}

func (p logProof) holds(entry []byte) bool {
	return inclusion(leafOf(entry), p.index, p.c.size, p.path, p.c.root)
}

type growth struct {
	old  int64
	path []digest
	c    checkpoint
}

func parseGrowth(data []byte) (g growth, err error) {
	lines, c, err := parted(data)
	if err != nil {
		return g, err
	}
	g.c = c
	text, ok := strings.CutPrefix(lines[0], "old ")
	old, ok2 := decimal(text)
	if !ok || !ok2 {
		return g, refuse("TLOG-PROOF", "it does not begin with the old size")
	}
	g.old = old
	g.path, err = hashLines(lines[1:])
	return g, err
}
