// Checks the proofs of tests/vectors/smt.json and state.json with the real ICS-23 library and its own SmtSpec, and that it
// refuses them with any bit of proof, key, value or root changed.
//
//	cd tests/interop/ics23 && go run . ../../vectors
//
// Prints "N passed, N failed"; exits 1 when one failed.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	ics23 "github.com/cosmos/ics23/go"
)

type vector struct {
	Root string
	Keys []struct{ Key, Value, Ics23 string }

	Absent      string
	Ics23Absent string `json:"ics23_absent"`
}

var passed, failed int

func check(what string, ok bool) {
	if ok {
		passed++
		return
	}
	failed++
	fmt.Fprintln(os.Stderr, "differs:", what)
}

func unhex(text string) []byte {
	bytes, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return bytes
}

// A row of state.json.
type record struct{ Name, Key, Value, Ics23 string }

type state struct {
	Root            string
	Records, Absent []record
}

func proof(text string) *ics23.CommitmentProof {
	p := new(ics23.CommitmentProof)
	if err := p.Unmarshal(unhex(text)); err != nil {
		panic(err)
	}
	return p
}

func changed(bytes []byte) []byte {
	out := append([]byte(nil), bytes...)
	out[0] ^= 1
	return out
}

func vectors[T any](name string) (out []T) {
	file, err := os.ReadFile(filepath.Join(os.Args[1], name))
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(file, &out); err != nil {
		panic(err)
	}
	return
}

// Root, key, value and the proof's bytes, as one who checks is given them; an absent key has no value.
type given [4][]byte

const (
	givenRoot = iota
	givenKey
	givenValue
	givenProof
)

var names = [4]string{"root", "key", "value", "proof"}

func (g *given) holds(member bool) bool {
	p := new(ics23.CommitmentProof)
	if p.Unmarshal(g[givenProof]) != nil {
		return false
	}
	if member {
		return ics23.VerifyMembership(ics23.SmtSpec, g[givenRoot], p, g[givenKey], g[givenValue])
	}
	return ics23.VerifyNonMembership(ics23.SmtSpec, g[givenRoot], p, g[givenKey])
}

// A proof of absence shows two neighbours, and so the absence of every key between them: another key that it holds for is one
// that is absent too. And the key that stands in it (field 1 of NonExistenceProof) is a note that the library does not
// look at: it takes the key that it is asked about.
func (g *given) mayHold(part int, before, after []byte) bool {
	if part == givenKey {
		return true
	}
	if part != givenProof {
		return false
	}
	was, is := new(ics23.CommitmentProof), new(ics23.CommitmentProof)
	if was.Unmarshal(before) != nil || is.Unmarshal(after) != nil || is.GetNonexist() == nil {
		return false
	}
	is.GetNonexist().Key = was.GetNonexist().Key
	again, err := is.Marshal()
	return err == nil && bytes.Equal(again, before)
}

func everyBit(what string, g given, member bool) {
	check(what, g.holds(member))
	for part := range g {
		held := 0
		for bit := 0; bit < 8*len(g[part]); bit++ {
			before := g[part]
			after := append([]byte(nil), before...)
			after[bit/8] ^= 1 << (bit % 8)
			g[part] = after
			if g.holds(member) && (member || !g.mayHold(part, before, after)) {
				held++
				fmt.Fprintln(os.Stderr, what, names[part], "bit", bit, "of", 8*len(before))
			}
			g[part] = before
		}
		check(what+": a bit of the "+names[part]+" changed", held == 0)
	}
}

func main() {
	spec := ics23.SmtSpec
	for _, v := range vectors[vector]("smt.json") {
		root := unhex(v.Root)
		for _, k := range v.Keys {
			key, value, p := unhex(k.Key), unhex(k.Value), proof(k.Ics23)
			check("member "+k.Key, ics23.VerifyMembership(spec, root, p, key, value))
			check("another value "+k.Key, !ics23.VerifyMembership(spec, root, p, key, changed(value)))
			check("another root "+k.Key, !ics23.VerifyMembership(spec, changed(root), p, key, value))
			check("a member is not absent "+k.Key, !ics23.VerifyNonMembership(spec, root, p, key))
		}
		if v.Absent != "" {
			p := proof(v.Ics23Absent)
			check("absent "+v.Absent, ics23.VerifyNonMembership(spec, root, p, unhex(v.Absent)))
			check("absent under another root", !ics23.VerifyNonMembership(spec, changed(root), p, unhex(v.Absent)))
			for _, k := range v.Keys {
				check("present "+k.Key, !ics23.VerifyNonMembership(spec, root, p, unhex(k.Key)))
			}
		}
	}
	for _, s := range vectors[state]("state.json") {
		root := unhex(s.Root)
		for _, r := range s.Records {
			everyBit(r.Name, given{root, unhex(r.Key), unhex(r.Value), unhex(r.Ics23)}, true)
			check("a member is not absent "+r.Name, !ics23.VerifyNonMembership(spec, root, proof(r.Ics23), unhex(r.Key)))
		}
		for _, r := range s.Absent {
			everyBit(r.Name, given{root, unhex(r.Key), nil, unhex(r.Ics23)}, false)
			for _, there := range s.Records {
				check("present "+there.Name, !ics23.VerifyNonMembership(spec, root, proof(r.Ics23), unhex(there.Key)))
			}
		}
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}
