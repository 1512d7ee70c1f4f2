// ics23.go - proofs of the trie as ICS-23 has them (a CommitmentProof in protobuf), checked by hand under the SmtSpec of section 8.

package main

import (
	"bytes"
	"errors"
	"fmt"
)

// pfield is a field of a protobuf message: a number, or bytes.
type pfield struct {
	number int
	n      uint64
	b      []byte
}

func protobuf(data []byte) (fields []pfield, err error) {
	varint := func() (n uint64) {
		for shift := 0; shift < 64 && len(data) > 0; shift += 7 {
			c := data[0]
			data = data[1:]
			n |= uint64(c&0x7f) << shift
			if c < 0x80 {
				return n
			}
		}
		err = errors.New("protobuf: cut short")
		return 0
	}
	for len(data) > 0 && err == nil {
		tag := varint()
		f := pfield{number: int(tag >> 3)}
		switch tag & 7 {
		case 0:
			f.n = varint()
		case 2:
			n := varint()
			if n > uint64(len(data)) {
				return nil, errors.New("protobuf: cut short")
			}
			f.b, data = data[:n], data[n:]
		default:
			return nil, errors.New("protobuf: another type")
		}
		fields = append(fields, f)
	}
	return fields, err
}

// single is the one bytes field of a number.
func single(fields []pfield, number int) []byte {
	for _, f := range fields {
		if f.number == number {
			return f.b
		}
	}
	return nil
}

// icsPath follows an ExistenceProof: its key and value, the root it leads to, and the path as bits from the root down.
func icsPath(data []byte) (key, value []byte, root digest, path []int, err error) {
	fields, err := protobuf(data)
	if err != nil {
		return
	}
	key, value = single(fields, 1), single(fields, 2)
	// LeafOp: SHA-256, key and value hashed before, no length, prefix 0.
	if !bytes.Equal(single(fields, 3), unhex("0801100118012a0100")) {
		err = errors.New("ics23: another leaf")
		return
	}
	root = trieLeaf(sum(key), sum(value))
	for _, f := range fields {
		if f.number != 4 {
			continue
		}
		op, e := protobuf(f.b)
		if e != nil {
			err = e
			return
		}
		prefix, suffix := single(op, 2), single(op, 3)
		switch {
		case len(op) == 0 || op[0].number != 1 || op[0].n != 1:
			err = errors.New("ics23: another hash")
			return
		case len(prefix) == 33 && prefix[0] == 1 && len(suffix) == 0: // we are on the right
			root, path = node(digest(prefix[1:]), root), append([]int{1}, path...)
		case len(prefix) == 1 && prefix[0] == 1 && len(suffix) == 32:
			root, path = node(root, digest(suffix)), append([]int{0}, path...)
		default:
			err = errors.New("ics23: another inner node")
			return
		}
	}
	at := sum(key)
	for d, side := range path {
		if bit(at, d) != side {
			err = fmt.Errorf("ics23: level %d is on the side where the key is not", d)
		}
	}
	return
}

// existence checks a CommitmentProof's field (1: exist) for key and value.
func existence(data []byte, number int, key, value []byte, root digest) error {
	fields, err := protobuf(data)
	if err != nil {
		return err
	}
	k, v, r, _, err := icsPath(single(fields, number))
	return all(err, want(bytes.Equal(k, key) && bytes.Equal(v, value) && r == root, "ics23: it does not hold"))
}

// nonExistence: the neighbours in path order are there, on either side of key's path, and nothing lies between them.
func nonExistence(data, key []byte, root digest) error {
	fields, err := protobuf(data)
	if err != nil {
		return err
	}
	fields, err = protobuf(single(fields, 2))
	if err != nil {
		return err
	}
	at := sum(key)
	var sides [2][]int
	for i, number := range []int{2, 3} {
		proof := single(fields, number)
		if proof == nil {
			continue
		}
		k, _, r, path, err := icsPath(proof)
		if err != nil {
			return err
		}
		h := sum(k)
		if r != root || bytes.Compare(h[:], at[:]) != 2*i-1 {
			return errors.New("ics23: a neighbour that is not there, or on the wrong side")
		}
		sides[i] = append(path, 2) // an end that no side equals
	}
	if sides[0] == nil && sides[1] == nil {
		return errors.New("ics23: no neighbour")
	}
	return icsBetween(fields, sides)
}

// icsBetween checks that below the parting the left neighbour is the last of its half and the right one the first of its own.
func icsBetween(fields []pfield, sides [2][]int) error {
	part := 0
	if sides[0] != nil && sides[1] != nil {
		for part < len(sides[0]) && part < len(sides[1]) && sides[0][part] == sides[1][part] {
			part++
		}
		if part >= len(sides[0])-1 || part >= len(sides[1])-1 {
			return errors.New("ics23: neighbours that do not part")
		}
		part++
	}
	for i, number := range []int{2, 3} {
		if sides[i] == nil {
			continue
		}
		proof, err := protobuf(single(fields, number))
		if err != nil {
			return err
		}
		var ops [][]byte
		for _, f := range proof {
			if f.number == 4 {
				ops = append([][]byte{f.b}, ops...)
			}
		}
		for d := part; d < len(ops); d++ {
			outer := 1 - i // the left neighbour keeps right, the right one left
			if sides[i][d] == outer {
				continue
			}
			op, err := protobuf(ops[d])
			if err != nil {
				return err
			}
			sibling := single(op, 3)
			if sides[i][d] == 1 {
				sibling = single(op, 2)[1:]
			}
			if digest(sibling) != zero {
				return errors.New("ics23: something lies between the neighbours")
			}
		}
	}
	return nil
}
