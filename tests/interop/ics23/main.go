// Checks the proofs of tests/vectors/smt.json with the real ICS-23 library and its own SmtSpec.
//
//	cd tests/interop/ics23 && go run . ../../vectors/smt.json
//
// Prints "N passed, N failed"; exits 1 when one failed.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

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

func main() {
	file, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var vectors []vector
	if err := json.Unmarshal(file, &vectors); err != nil {
		panic(err)
	}
	spec := ics23.SmtSpec
	for _, v := range vectors {
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
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}
