// Makes and reads the signed batches of tests/vectors/transactions.json with libraries that share nothing with this program:
// github.com/veraison/go-cose for COSE_Sign1, github.com/fxamacker/cbor in its Core Deterministic mode (RFC 8949 4.2.1) for
// CBOR, and the Ed25519 and SHA-256 of Go.
//
//	cd tests/interop/cose && go run . ../../vectors
//
// Prints "N passed, N failed"; exits 1 when one failed.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

type transaction struct {
	Description string
	Seed        string
	PublicKey   string `json:"public_key"`
	Purpose     string
	Chain       string
	ContentType string `json:"content_type"`
	Kind        uint64
	NotAfter    int64 `json:"not_after"`
	Items       []struct{ Salt, Item, Leaf string }
	Root        string
	Cose        string
	Digest      string
	Refused     string
	Proof       string // of an intake receipt
	Receipts    string
	Count       uint64
}

// The record batch of docs/formats.cddl.
type batch struct {
	Version  uint64 `cbor:"1,keyasint"`
	Chain    string `cbor:"2,keyasint"`
	Kind     uint64 `cbor:"3,keyasint"`
	Count    uint64 `cbor:"4,keyasint"`
	Root     []byte `cbor:"5,keyasint"`
	NotAfter int64  `cbor:"6,keyasint"`
}

// The record intake-receipts.
type intakeReceipts struct {
	Version uint64 `cbor:"1,keyasint"`
	Chain   string `cbor:"2,keyasint"`
	Count   uint64 `cbor:"3,keyasint"`
	Root    []byte `cbor:"4,keyasint"`
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

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func unhex(text string) []byte { return must(hex.DecodeString(text)) }

func hash(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

var deterministic = must(cbor.CoreDetEncOptions().EncMode())

// As strict as this library can be told to be: the profile of docs/formats.md section 1, but for the order of keys and the
// shortest heads, which only encoding again shows.
var strict = must(cbor.DecOptions{
	DupMapKey:       cbor.DupMapKeyEnforcedAPF,
	IndefLength:     cbor.IndefLengthForbidden,
	TagsMd:          cbor.TagsForbidden,
	UTF8:            cbor.UTF8RejectInvalid,
	IntDec:          cbor.IntDecConvertSigned,
	MaxNestedLevels: 16,
}.DecMode())

// Deterministic CBOR has floats and integers of any size as well; the profile does not.
func profile(value any) bool {
	switch v := value.(type) {
	case nil, bool, int64, []byte, string:
		return true
	case []any:
		for _, item := range v {
			if !profile(item) {
				return false
			}
		}
		return true
	case map[any]any:
		for key, item := range v {
			if !profile(key) || !profile(item) {
				return false
			}
		}
		return true
	}
	return false
}

// Whether the library, given the content, writes the same bytes.
func same(data []byte) bool {
	var value any
	if err := strict.Unmarshal(data, &value); err != nil || !profile(value) {
		return false
	}
	again, err := deterministic.Marshal(value)
	return err == nil && bytes.Equal(again, data)
}

// RFC 9162 2.1.1, over leaf hashes.
func root(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return hash([]byte{1}, root(leaves[:k]), root(leaves[k:]))
}

func aad(purpose, chain string) []byte { return []byte("averment/1 " + purpose + " " + chain) }

// The batch from its content alone, as somebody would who has only the libraries and docs/formats.md.
func sign(t *transaction) []byte {
	leaves := [][]byte{}
	for _, i := range t.Items {
		leaves = append(leaves, hash([]byte{0}, unhex(i.Salt), unhex(i.Item)))
	}
	key := ed25519.NewKeyFromSeed(unhex(t.Seed))
	public := key.Public().(ed25519.PublicKey)
	message := cose.NewSign1Message()
	message.Headers.Protected.SetAlgorithm(cose.AlgorithmEdDSA)
	message.Headers.Protected[cose.HeaderLabelContentType] = t.ContentType
	message.Headers.Protected[cose.HeaderLabelKeyID] = hash(public)[:16]
	message.Payload = must(deterministic.Marshal(batch{1, t.Chain, t.Kind, uint64(len(leaves)), root(leaves), t.NotAfter}))
	signer := must(cose.NewSigner(cose.AlgorithmEdDSA, key))
	if err := message.Sign(nil, aad(t.Purpose, t.Chain), signer); err != nil {
		panic(err)
	}
	return must(message.MarshalCBOR())
}

func read(data, public, external []byte) (*cose.Sign1Message, error) {
	message := new(cose.Sign1Message)
	if err := message.UnmarshalCBOR(data); err != nil {
		return nil, err
	}
	verifier := must(cose.NewVerifier(cose.AlgorithmEdDSA, ed25519.PublicKey(public)))
	return message, message.Verify(external, verifier)
}

// An intake receipt's signed message: read, verified, and its payload written again.
func receipts(t *transaction) {
	data, public := unhex(t.Receipts), unhex(t.PublicKey)
	var b intakeReceipts
	message, err := read(data, public, aad("intake-receipts", "summit-demo"))
	check("verifies: "+t.Description, err == nil)
	if err != nil {
		return
	}
	_, err = read(data, public, aad("batch", "summit-demo"))
	check("not for another purpose: "+t.Description, err != nil)
	check("receipts: "+t.Description, strict.Unmarshal(message.Payload, &b) == nil && b.Version == 1 && b.Chain == "summit-demo" &&
		b.Count == t.Count && bytes.Equal(b.Root, unhex(t.Root)))
	check("payload written again: "+t.Description, bytes.Equal(must(deterministic.Marshal(b)), message.Payload))
	check("proof is deterministic: "+t.Description, same(unhex(t.Proof)))
}

func accepted(t *transaction) {
	data, public := unhex(t.Cose), unhex(t.PublicKey)
	check("made byte for byte: "+t.Description, bytes.Equal(sign(t), data))
	check("digest: "+t.Description, bytes.Equal(hash(data), unhex(t.Digest)))
	message, err := read(data, public, aad(t.Purpose, t.Chain))
	check("verifies: "+t.Description, err == nil)
	if err != nil {
		return
	}
	_, err = read(data, public, aad(t.Purpose, t.Chain+"2"))
	check("not on another chain: "+t.Description, err != nil)
	_, err = read(data, public, nil)
	check("not without external_aad: "+t.Description, err != nil)
	var b batch
	check("batch: "+t.Description, strict.Unmarshal(message.Payload, &b) == nil && b.Version == 1 && b.Chain == t.Chain &&
		b.Kind == t.Kind && b.NotAfter == t.NotAfter && b.Count == uint64(len(t.Items)) && bytes.Equal(b.Root, unhex(t.Root)))
	check("payload is deterministic: "+t.Description, same(message.Payload))
	check("protected header is deterministic: "+t.Description, same(must(cborBytes(message.Headers.RawProtected))))
	check("no unprotected header: "+t.Description, len(message.Headers.Unprotected) == 0)
	for _, i := range t.Items {
		check("leaf: "+t.Description, bytes.Equal(hash([]byte{0}, unhex(i.Salt), unhex(i.Item)), unhex(i.Leaf)))
		check("item is deterministic: "+t.Description, same(unhex(i.Item)))
	}
	// Every bit changed: unreadable, or not signed by this key.
	held := 0
	for bit := 0; bit < 8*len(data); bit++ {
		data[bit/8] ^= 1 << (bit % 8)
		if m, err := read(data, public, aad(t.Purpose, t.Chain)); err == nil && len(m.Headers.Unprotected) == 0 {
			held++
		}
		data[bit/8] ^= 1 << (bit % 8)
	}
	check("a bit changed: "+t.Description, held == 0)
}

func cborBytes(raw []byte) (out []byte, err error) {
	err = cbor.Unmarshal(raw, &out)
	return
}

// What a plain decoder makes of bytes that are not ours: the same content, in another encoding.
func refused(t *transaction, first map[any]any) {
	var parts cbor.Tag
	data := unhex(t.Cose)
	lenient := cbor.Unmarshal(data, &parts) == nil && parts.Number == 18
	list, _ := parts.Content.([]any)
	if !lenient || len(list) != 4 {
		check("a lenient reader takes it: "+t.Description, false)
		return
	}
	payload, _ := list[2].([]byte)
	var content map[any]any
	rest, err := cbor.UnmarshalFirst(payload, &content)
	check("a lenient reader takes it: "+t.Description, err == nil && fmt.Sprint(content[uint64(2)]) == fmt.Sprint(first[uint64(2)]))
	_, verr := read(data, unhex(t.PublicKey), aad("batch", "summit-demo"))
	protected, _ := list[0].([]byte)
	again := must(deterministic.Marshal(cbor.Tag{Number: 18, Content: list}))
	ours := verr == nil && len(rest) == 0 && same(payload) && same(protected) && len(list[1].(map[any]any)) == 0 &&
		bytes.Equal(again, data) && len(protected) > 0 && protected[0] == 0xa3
	check("it is not the one encoding: "+t.Description, !ours)
}

func vectors[T any](name string) (out []T) {
	file := must(os.ReadFile(filepath.Join(os.Args[1], name)))
	if err := json.Unmarshal(file, &out); err != nil {
		panic(err)
	}
	return
}

type item struct{ Description, Hex, Refused string }

func main() {
	var first map[any]any
	for _, t := range vectors[transaction]("transactions.json") {
		if t.Refused != "" {
			refused(&t, first)
			continue
		}
		accepted(&t)
		if first == nil {
			message, _ := read(unhex(t.Cose), unhex(t.PublicKey), aad(t.Purpose, t.Chain))
			check("first payload", cbor.Unmarshal(message.Payload, &first) == nil)
		}
	}
	for _, t := range vectors[transaction]("receipts.json") {
		if t.Receipts != "" {
			receipts(&t)
		}
	}
	// What our CBOR takes is deterministic by this library too, and what it refuses never is.
	for _, row := range vectors[item]("cbor.json") {
		check("cbor: "+row.Description, same(unhex(row.Hex)) == (row.Refused == ""))
	}
	for _, row := range vectors[item]("records.json") {
		check("record: "+row.Description, same(unhex(row.Hex)))
	}
	for _, row := range vectors[item]("entries.json") {
		check("entry: "+row.Description, same(unhex(row.Hex)))
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}
