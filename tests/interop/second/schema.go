// schema.go - records as docs/formats.cddl has them: the file itself is read, so that what it says is what is checked.

package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// ftype is the type of a field.
type ftype struct {
	what     string // int, text, bytes, bool, item, list, record
	lo, hi   int64  // of a number, of a length, of a count
	enum     map[int64]string
	isDigest bool
	isDay    bool
	of       *ftype // list
	record   string
}

type field struct {
	number   int64
	name     string
	optional bool
	t        *ftype
}

type schema map[string][]field

var (
	cddlRange = regexp.MustCompile(`^(-?\d+)\.\.(-?\d+)$`)
	cddlSize  = regexp.MustCompile(`^(tstr|bstr) \.size (?:\((\d+)\.\.(\d+)\)|(\d+))$`)
	cddlList  = regexp.MustCompile(`^\[(\d+)\*(\d+) (.*)\]$`)
	cddlField = regexp.MustCompile(`^  (\? )?(\d+) => (.*),  ; ([a-z0-9_]+)(?:: (.*))?$`)
)

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// readSchema reads a CDDL file of the few forms that formats.cddl uses; anything else in it is an error.
func readSchema(path string) (schema, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	named := map[string]*ftype{"bool": {what: "bool"}}
	all := schema{}
	record := ""
	parse := func(s string) (*ftype, error) {
		var typeOf func(string) (*ftype, error)
		typeOf = func(s string) (*ftype, error) {
			if t, ok := named[s]; ok {
				return t, nil
			}
			if m := cddlRange.FindStringSubmatch(s); m != nil {
				return &ftype{what: "int", lo: number(m[1]), hi: number(m[2])}, nil
			}
			if m := cddlSize.FindStringSubmatch(s); m != nil {
				t := &ftype{what: map[string]string{"tstr": "text", "bstr": "bytes"}[m[1]]}
				if m[4] != "" {
					m[2], m[3] = m[4], m[4]
				}
				t.lo, t.hi = number(m[2]), number(m[3])
				return t, nil
			}
			if m := cddlList.FindStringSubmatch(s); m != nil {
				of, err := typeOf(m[3])
				return &ftype{what: "list", lo: number(m[1]), hi: number(m[2]), of: of}, err
			}
			if s == "any" {
				return &ftype{what: "item"}, nil
			}
			if regexp.MustCompile(`^\d+( / \d+)*$`).MatchString(s) {
				t := &ftype{what: "int", enum: map[int64]string{}}
				for _, n := range strings.Split(s, " / ") {
					t.enum[number(n)] = n
				}
				return t, nil
			}
			if regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(s) {
				return &ftype{what: "record", record: s}, nil
			}
			return nil, fmt.Errorf("no type: %q", s)
		}
		return typeOf(s)
	}
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, ";"):
		case line == "}":
			record = ""
		case record != "":
			m := cddlField.FindStringSubmatch(line)
			if m == nil {
				return nil, fmt.Errorf("%s:%d: not a field", path, i+1)
			}
			t, err := parse(m[3])
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %v", path, i+1, err)
			}
			for _, pair := range strings.Split(m[5], ", ") { // the names of an enumeration
				if n, name, ok := strings.Cut(pair, " "); ok && t.enum[number(n)] != "" {
					t.enum[number(n)] = name
				}
			}
			all[record] = append(all[record], field{number(m[2]), m[4], m[1] != "", t})
		default:
			name, rest, ok := strings.Cut(line, " = ")
			if !ok {
				return nil, fmt.Errorf("%s:%d: not a rule", path, i+1)
			}
			if rest == "{" {
				record = name
				continue
			}
			rest, _, _ = strings.Cut(rest, ";")
			t, err := parse(strings.TrimSpace(rest))
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %v", path, i+1, err)
			}
			t.isDigest, t.isDay = name == "digest", name == "day"
			named[name] = t
		}
	}
	return all, nil
}

// rec is a record whose form was checked, with its fields by name.
type rec struct {
	name   string
	fields map[string]value
	raw    []byte
}

func (s schema) read(name string, data []byte) (rec, error) {
	v, err := parseCBOR(data)
	if err != nil {
		return rec{}, err
	}
	return s.record(name, v)
}

func (s schema) record(name string, v value) (rec, error) {
	r := rec{name, map[string]value{}, v.raw}
	fields, ok := s[name]
	if !ok {
		panic("no record " + name)
	}
	if v.kind != kMap {
		return r, refuse("RECORD-FIELD", "%s: not a map", name)
	}
	at := 0
	for _, f := range fields {
		present := at < len(v.items) && v.items[at].kind == kInt && v.items[at].n == f.number
		if !present {
			if !f.optional {
				return r, refuse("RECORD-FIELD", "%s: %s is missing", name, f.name)
			}
			continue
		}
		x := v.items[at+1]
		if err := s.check(f.t, x); err != nil {
			return r, refuse("RECORD-FIELD", "%s.%s: %v", name, f.name, err)
		}
		if f.optional && isAbsent(f.t, x) {
			return r, refuse("RECORD-FIELD", "%s.%s: present, with the value of an absent one", name, f.name)
		}
		r.fields[f.name] = x
		at += 2
	}
	if at != len(v.items) {
		return r, refuse("RECORD-FIELD", "%s: a field that it does not have", name)
	}
	return r, nil
}

// isAbsent says that x is what an optional field is when it is left out (section 1).
func isAbsent(t *ftype, x value) bool {
	switch t.what {
	case "int":
		return x.n == 0 && !t.isDay // day 0 is a day
	case "bool":
		return !x.truth
	case "list":
		return len(x.items) == 0
	case "bytes":
		return t.isDigest && bytes.Equal(x.b, make([]byte, 32))
	}
	return false
}

func (s schema) check(t *ftype, x value) error {
	want := map[string]kind{"int": kInt, "text": kText, "bytes": kBytes, "bool": kBool, "list": kArray}
	if k, ok := want[t.what]; ok && x.kind != k {
		return fmt.Errorf("not of type %s", t.what)
	}
	within := func(n int64) error {
		if n < t.lo || n > t.hi {
			return fmt.Errorf("%d is not from %d to %d", n, t.lo, t.hi)
		}
		return nil
	}
	switch t.what {
	case "int":
		if t.enum != nil {
			if _, ok := t.enum[x.n]; !ok {
				return fmt.Errorf("%d is not one of its numbers", x.n)
			}
			return nil
		}
		return within(x.n)
	case "text":
		for _, c := range x.b {
			if c < 0x20 || c == 0x7f {
				return fmt.Errorf("a control character")
			}
		}
		return within(int64(len(x.b)))
	case "bytes":
		return within(int64(len(x.b)))
	case "list":
		if err := within(int64(len(x.items))); err != nil {
			return err
		}
		for _, item := range x.items {
			if err := s.check(t.of, item); err != nil {
				return err
			}
		}
	case "record":
		_, err := s.record(t.record, x)
		return err
	}
	return nil
}

// The fields of a record that was read; an absent one is empty.
func (r rec) has(name string) bool    { _, ok := r.fields[name]; return ok }
func (r rec) int(name string) int64   { return r.fields[name].n }
func (r rec) text(name string) string { return string(r.fields[name].b) }
func (r rec) bytes(name string) []byte {
	return r.fields[name].b
}

// list gives the records of a list.
func (r rec) list(s schema, name, record string) []rec {
	var all []rec
	for _, v := range r.fields[name].items {
		one, err := s.record(record, v)
		if err != nil {
			panic(err) // it was checked when r was read
		}
		all = append(all, one)
	}
	return all
}

func (r rec) sub(s schema, name, record string) rec {
	one, err := s.record(record, r.fields[name])
	if err != nil {
		panic(err)
	}
	return one
}

func (r rec) numbers(name string) []int64 {
	var all []int64
	for _, v := range r.fields[name].items {
		all = append(all, v.n)
	}
	return all
}
