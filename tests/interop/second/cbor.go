// cbor.go - the strict CBOR profile of docs/formats.md section 1: one value, one encoding, everything else refused.

package main

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"
)

const maxDepth = 16

type kind byte

const (
	kInt kind = iota
	kBytes
	kText
	kArray
	kMap
	kBool
	kNull
)

// value is one item; raw is its encoding, a part of what was read.
type value struct {
	kind  kind
	n     int64
	truth bool
	b     []byte  // bytes and text
	items []value // array; map: key, value, key, value ...
	raw   []byte
}

// refusal is an error with the code that the vectors name.
type refusal struct{ code, why string }

func (r *refusal) Error() string { return r.why + " [" + r.code + "]" }

func refuse(code, format string, args ...any) error {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

type cborReader struct {
	all []byte
	at  int
}

// parseCBOR reads one item that is all of data.
func parseCBOR(data []byte) (value, error) {
	r := cborReader{all: data}
	v, err := r.item(0)
	if err == nil && r.at != len(data) {
		err = refuse("CBOR-TRAILING", "byte %d comes after the end", r.at)
	}
	return v, err
}

func (r *cborReader) left() int { return len(r.all) - r.at }

// head reads a type and its argument in its shortest form.
func (r *cborReader) head() (major byte, arg uint64, err error) {
	if r.left() < 1 {
		return 0, 0, refuse("CBOR-SHORT", "the item ends at byte %d", r.at)
	}
	first := r.all[r.at]
	r.at++
	major, arg = first>>5, uint64(first&31)
	switch {
	case major == 6:
		return 0, 0, refuse("CBOR-TYPE", "a tag")
	case major == 7:
		if arg < 20 || arg > 22 {
			return 0, 0, refuse("CBOR-TYPE", "a float or another simple value")
		}
		return
	case arg < 24:
		return
	case arg > 27:
		return 0, 0, refuse("CBOR-FORM", "an indefinite length, or a head that is none")
	}
	size := 1 << (arg - 24)
	if r.left() < size {
		return 0, 0, refuse("CBOR-SHORT", "a head is cut off")
	}
	least := []uint64{24, 1 << 8, 1 << 16, 1 << 32}[arg-24]
	arg = 0
	for i := 0; i < size; i++ {
		arg = arg<<8 | uint64(r.all[r.at+i])
	}
	r.at += size
	if arg < least {
		return 0, 0, refuse("CBOR-MINIMAL", "a head that is not the shortest")
	}
	return
}

func (r *cborReader) item(depth int) (v value, err error) {
	start := r.at
	major, arg, err := r.head()
	if err != nil {
		return v, err
	}
	switch major {
	case 0, 1:
		if arg > math.MaxInt64 {
			return v, refuse("CBOR-RANGE", "an integer outside 64 bits with a sign")
		}
		v.kind, v.n = kInt, int64(arg)
		if major == 1 {
			v.n = -1 - v.n
		}
	case 2, 3:
		if arg > uint64(r.left()) {
			return v, refuse("CBOR-SHORT", "a string is cut off")
		}
		v.kind, v.b = kBytes, r.all[r.at:r.at+int(arg)]
		r.at += int(arg)
		if major == 3 {
			v.kind = kText
			if !utf8.Valid(v.b) {
				return v, refuse("CBOR-UTF8", "text that is not UTF-8")
			}
		}
	case 4, 5:
		if depth >= maxDepth {
			return v, refuse("CBOR-DEPTH", "more than %d levels", maxDepth)
		}
		per := uint64(major - 3)
		if arg > uint64(r.left())/per {
			return v, refuse("CBOR-SHORT", "more items announced than bytes are left")
		}
		v.kind = []kind{kArray, kMap}[major-4]
		for i := uint64(0); i < arg*per; i++ {
			child, err := r.item(depth + 1)
			if err != nil {
				return v, err
			}
			if major == 5 && i%2 == 0 && i > 0 && bytes.Compare(v.items[i-2].raw, child.raw) >= 0 {
				return v, refuse("CBOR-ORDER", "a key that is not above the one before")
			}
			v.items = append(v.items, child)
		}
	case 7:
		v.kind, v.truth = kBool, arg == 21
		if arg == 22 {
			v.kind = kNull
		}
	}
	v.raw = r.all[start:r.at]
	return v, nil
}

// ---- writing: only what commitments need ----------------------------------------------------------------------------

func encHead(major byte, n uint64) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return []byte{major<<5 | 25, byte(n >> 8), byte(n)}
	case n < 1<<32:
		return []byte{major<<5 | 26, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
	return append([]byte{major<<5 | 27}, u64be(n)...)
}

func encInt(n int64) []byte {
	if n < 0 {
		return encHead(1, uint64(-1-n))
	}
	return encHead(0, uint64(n))
}

func encBytes(b []byte) []byte { return append(encHead(2, uint64(len(b))), b...) }
func encText(s string) []byte  { return append(encHead(3, uint64(len(s))), s...) }

func encArray(items ...[]byte) []byte {
	return append(encHead(4, uint64(len(items))), bytes.Join(items, nil)...)
}

func u64be(n uint64) []byte {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(n >> (56 - 8*i))
	}
	return b
}
