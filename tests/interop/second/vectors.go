// vectors.go - every row of tests/vectors, valid and invalid.

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

type row map[string]any

func (r row) s(name string) string { s, _ := r[name].(string); return s }
func (r row) b(name string) []byte { return unhex(r.s(name)) }
func (r row) d(name string) digest { return digest(r.b(name)) }
func (r row) n(name string) int64  { f, _ := r[name].(float64); return int64(f) }
func (r row) rows(name string) (all []row) {
	list, _ := r[name].([]any)
	for _, x := range list {
		all = append(all, row(x.(map[string]any)))
	}
	return all
}

// want fails with a message unless what holds.
func want(what bool, format string, args ...any) error {
	if what {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func all(checks ...error) error { return errors.Join(checks...) }

// refused wants the code of a refusal, or that there is none.
func refused(err error, code string) error {
	var r *refusal
	switch {
	case code == "" && err == nil:
		return nil
	case errors.As(err, &r) && r.code == code:
		return nil
	}
	return fmt.Errorf("wanted %q, got %v", code, err)
}

var vectorFiles = map[string]func(s schema, r row) error{
	"cbor.json": func(s schema, r row) error {
		_, err := parseCBOR(r.b("hex"))
		return refused(err, r.s("refused"))
	},
	"ed25519.json": func(s schema, r row) error {
		verdict := verifySignature(r.b("public_key"), r.b("message"), r.b("signature"))
		return want(verdict == r["verifies"].(bool), "verdict %v", verdict)
	},
	"cose.json": func(s schema, r row) error {
		c, err := parseCOSE(r.b("cose"))
		if err != nil || r.s("refused") != "" {
			return refused(err, r.s("refused"))
		}
		id := sum(r.b("public_key"))
		verdict := c.verifies(r.b("public_key"), r.s("purpose"), r.s("chain"))
		return all(want(verdict == r["verifies"].(bool), "verdict %v", verdict), want(bytes.Equal(c.payload, r.b("payload")), "payload"),
			want(c.contentType == r.s("content_type"), "content type"), want(bytes.Equal(c.kid, r.b("kid")), "kid"),
			want(bytes.Equal(c.protected, r.b("protected")), "protected"),
			want(!verdict || bytes.Equal(id[:16], c.kid), "kid is not that of the key"))
	},
	"receipts.json": func(s schema, r row) error {
		proof, public := r.b("proof"), r.b("public_key")
		verdict, one := receiptVerdict(s, proof, public)
		if verdict != r.s("verdict") || verdict != "signed" {
			return want(verdict == r.s("verdict"), "verdict %s", verdict)
		}
		for at := range proof {
			bent := bytes.Clone(proof)
			bent[at] ^= 1 << (at % 8)
			if v, _ := receiptVerdict(s, bent, public); v == "signed" {
				return fmt.Errorf("signed, with byte %d changed", at)
			}
		}
		return all(want(one.index == r.n("index") && one.count == r.n("count"), "place"), want(one.root == r.d("root"), "root"),
			want(bytes.Equal(one.receipt.raw, r.b("receipt")), "receipt"))
	},
	"records.json": func(s schema, r row) error {
		one, err := s.read(strings.ReplaceAll(r.s("record"), "_", "-"), r.b("hex"))
		if err != nil {
			return err
		}
		return all(want(bytes.Equal(one.raw, r.b("hex")), "bytes"), sameFields(s, one, r["fields"].(map[string]any)))
	},
	"entries.json": entryVector,
	"ids.json":     idVector,
	"merkle.json": func(s schema, r row) error {
		var leaves []digest
		for i := int64(0); i < r.n("size"); i++ {
			leaves = append(leaves, leafOf([]byte{byte(i)}))
		}
		return want(treeRoot(leaves) == r.d("root"), "root")
	},
	"smt.json": func(s schema, r row) error {
		var entries []trieEntry
		for _, k := range r.rows("keys") {
			entries = append(entries, trieEntry{sum(k.b("key")), sum(k.b("value"))})
			if err := existence(k.b("ics23"), 1, k.b("key"), k.b("value"), r.d("root")); err != nil {
				return err
			}
		}
		if r.s("absent") != "" {
			if err := nonExistence(r.b("ics23_absent"), r.b("absent"), r.d("root")); err != nil {
				return err
			}
		}
		return want(trieRoot(entries) == r.d("root"), "root")
	},
	"state.json": stateVector,
	"table.json": func(s schema, r row) error {
		t, err := s.read("table", r.b("hex"))
		if err != nil {
			return err
		}
		var entries []trieEntry
		for _, e := range t.list(s, "entries", "entry") {
			entries = append(entries, trieEntry{sum(e.bytes("code")), sum(e.raw)})
		}
		return all(want(trieRoot(entries) == r.d("root"), "root"), sameFields(s, t, r["fields"].(map[string]any)))
	},
	"policy.json": func(s schema, r row) error {
		p, err := s.read("policy", r.b("hex"))
		if err != nil {
			return err
		}
		plain, err := plainTree(p.fields["tree"])
		if err != nil {
			return err
		}
		ours, _ := json.Marshal(plain)
		theirs, _ := json.Marshal(r["plain"])
		return all(want(sum(p.raw) == r.d("digest"), "digest"), want(bytes.Equal(p.fields["tree"].raw, r.b("tree")), "tree"),
			want(bytes.Equal(ours, theirs), "the tree is %s", ours), sameFields(s, p, r["fields"].(map[string]any)))
	},
	"tlog.json":         tlogVector,
	"transactions.json": transactionVector,
}

// sameFields holds a record against the JSON of its fields: numbers of the field's kind as they are written there.
func sameFields(s schema, r rec, fields map[string]any) error {
	if len(fields) != len(r.fields) {
		return fmt.Errorf("%s: %d fields, not %d", r.name, len(r.fields), len(fields))
	}
	for _, f := range s[r.name] {
		v, ok := r.fields[f.name]
		other, ok2 := fields[f.name]
		if ok != ok2 {
			return fmt.Errorf("%s.%s: there or not", r.name, f.name)
		}
		if ok {
			if err := sameValue(s, f.t, v, other); err != nil {
				return fmt.Errorf("%s.%s: %w", r.name, f.name, err)
			}
		}
	}
	return nil
}

func sameValue(s schema, t *ftype, v value, other any) error {
	switch t.what {
	case "record":
		r, err := s.record(t.record, v)
		if err != nil {
			return err
		}
		return sameFields(s, r, other.(map[string]any))
	case "list":
		list := other.([]any)
		if len(list) != len(v.items) {
			return errors.New("another count")
		}
		for i, x := range v.items {
			if err := sameValue(s, t.of, x, list[i]); err != nil {
				return err
			}
		}
		return nil
	case "bool":
		return want(v.truth == other, "%v", v.truth)
	case "item":
		return want(hex.EncodeToString(v.raw) == other, "another item")
	case "bytes":
		return want(hex.EncodeToString(v.b) == other, "%x", v.b)
	case "text":
		return want(string(v.b) == other, "%s", v.b)
	}
	// Numbers: of an enumeration by name, days as dates, cents with a point, the rest as they are.
	written, isText := other.(string)
	if !isText {
		return want(float64(v.n) == other, "%d", v.n)
	}
	switch {
	case t.enum != nil:
		return want(t.enum[v.n] == written, "%s", t.enum[v.n])
	case strings.Count(written, "-") >= 2:
		day := time.Unix(v.n*86400, 0).UTC().Format("2006-01-02")
		return want(day == written, "%s", day)
	}
	sign, n := "", v.n
	if n < 0 {
		sign, n = "-", -n
	}
	cents := fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
	return want(cents == written, "%s", cents)
}

// plainTree is a policy's tree as the vector writes it.
func plainTree(v value) (any, error) {
	bad := errors.New("not a node of a policy's tree")
	if v.kind != kArray || len(v.items) != 3 || v.items[0].kind != kInt || v.items[1].kind != kInt {
		return nil, bad
	}
	x := v.items[2]
	kinds := map[int64]string{3: "text", 4: "int", 5: "bool", 6: "money", 7: "rate", 8: "date"}
	forms := map[int64]kind{1: kMap, 2: kArray, 3: kText, 4: kInt, 5: kBool, 6: kInt, 7: kInt, 8: kInt}
	k := v.items[1].n
	if form, ok := forms[k]; !ok || x.kind != form {
		return nil, bad
	}
	switch k {
	case 1:
		m := map[string]any{}
		for i := 0; i < len(x.items); i += 2 {
			if x.items[i].kind != kText {
				return nil, bad
			}
			child, err := plainTree(x.items[i+1])
			if err != nil {
				return nil, err
			}
			m[string(x.items[i].b)] = child
		}
		return m, nil
	case 2:
		list := []any{}
		for _, item := range x.items {
			child, err := plainTree(item)
			if err != nil {
				return nil, err
			}
			list = append(list, child)
		}
		return list, nil
	}
	scalar := any(x.n)
	if k == 3 {
		scalar = string(x.b)
	} else if k == 5 {
		scalar = x.truth
	}
	return []any{v.items[0].n, kinds[k], scalar}, nil
}

func entryVector(s schema, r row) error {
	if entry, ok := r["entry"].(map[string]any); ok {
		e := row(entry)
		items, err := logEntry(r.b("hex"), e.n("kind"))
		if err != nil {
			return err
		}
		switch e.n("kind") {
		case 1:
			return want(digest(items[2].b) == e.d("body") && digest(items[3].b) == e.d("receipt"), "fields")
		case 2:
			return want(items[2].n == e.n("height") && digest(items[3].b) == e.d("root"), "fields")
		}
		return want(items[2].n == e.n("height") && items[3].n == e.n("time") && digest(items[4].b) == e.d("previous") &&
			items[5].n == e.n("size") && digest(items[6].b) == e.d("root"), "fields")
	}
	b := row(r["body"].(map[string]any))
	body := bodyBytes(b.d("batch"), b.n("index"), b.b("salt"), b.b("item"))
	receipt, err := s.read("receipt", r.b("receipt"))
	if err != nil {
		return err
	}
	return all(want(bytes.Equal(body, r.b("hex")), "body"), want(bodyCommitment(b.b("salt"), body) == r.d("body_commitment"), "body commitment"),
		want(receiptCommitment(b.b("salt"), receipt) == r.d("receipt_commitment"), "receipt commitment"))
}

func itemLeaves(items []row) (leaves []digest) {
	for _, i := range items {
		leaves = append(leaves, sum([]byte{0}, i.b("salt"), i.b("item")))
	}
	return leaves
}

func idVector(s schema, r row) error {
	switch r.s("kind") {
	case "leaf":
		return want(itemLeaves([]row{r})[0] == r.d("leaf"), "leaf")
	case "batch_root":
		return want(treeRoot(itemLeaves(r.rows("items"))) == r.d("root"), "root")
	case "filing":
		claim, err := withoutSource(r.b("claim"))
		if err != nil {
			return err
		}
		id := filingID(r.b("filing_secret"), r.s("party"), claim)
		return all(want(bytes.Equal(id, r.b("filing_id")), "filing id"), want(claimID(r.s("party"), id) == r.s("claim_id"), "claim id"))
	case "state":
		ko, key := stateKey(r.b("secret"), r.s("name"))
		vo, v := stateValue(r.b("secret"), r.s("name"), r.n("height"), r.b("record"))
		return all(want(bytes.Equal(ko, r.b("key_opening")) && key == r.d("key"), "key"),
			want(bytes.Equal(vo, r.b("value_opening")) && v == r.d("value"), "value"))
	case "escape":
		return want(escape(r.s("text")) == r.s("escaped"), "%s", escape(r.s("text")))
	}
	return errors.New("a kind that is not known")
}

func stateVector(s schema, r row) error {
	var entries []trieEntry
	root := r.d("root")
	proved := func(x row, value []byte) error {
		_, key := stateKey(x.b("secret"), x.s("name"))
		p, err := parseTrieProof(x.b("proof"))
		if err != nil {
			return err
		}
		bent := 0 // every bit of a proof counts
		for i := range x.b("proof") {
			for m := byte(1); m != 0; m <<= 1 {
				other := x.b("proof")
				other[i] ^= m
				if q, err := parseTrieProof(other); err == nil && q.holds(root, key[:], value) {
					bent++
				}
			}
		}
		return all(want(key == x.d("key"), "key of %s", x.s("name")), want(p.holds(root, key[:], value), "proof of %s", x.s("name")),
			want(bent == 0, "%d changed proofs hold", bent))
	}
	for _, x := range r.rows("records") {
		_, v := stateValue(x.b("secret"), x.s("name"), x.n("height"), x.b("record"))
		entries = append(entries, trieEntry{sum(x.b("key")), sum(v[:])})
		if err := all(want(v == x.d("value"), "value"), proved(x, v[:]), existence(x.b("ics23"), 1, x.b("key"), v[:], root)); err != nil {
			return err
		}
	}
	for _, x := range r.rows("absent") {
		if err := all(proved(x, nil), nonExistence(x.b("ics23"), x.b("key"), root)); err != nil {
			return err
		}
	}
	return want(trieRoot(entries) == root, "root")
}

func tlogVector(s schema, r row) error {
	p, policyErr := parsePolicy([]byte(r.s("policy")))
	switch r.s("kind") {
	case "vkey":
		k, err := parseVkey(r.s("vkey"))
		return all(err, want(k.name == r.s("name") && bytes.Equal(k.public, r.b("public_key")), "name or key"))
	case "checkpoint":
		c, err := parseCheckpoint([]byte(r.s("note")))
		if err != nil {
			return err
		}
		_, err = p.believes(c)
		return all(policyErr, refused(err, r.s("verdict")))
	case "proof":
		proof, err := parseLogProof([]byte(r.s("proof")))
		if err != nil {
			return err
		}
		_, err = p.believes(proof.c)
		return all(policyErr, err, want(bytes.Equal(proof.extra, r.b("entry")) && proof.holds(r.b("entry")), "it does not hold"),
			want(!proof.holds([]byte("x")), "it holds for another entry"))
	case "request":
		g, err := parseGrowth([]byte(r.s("request")))
		if err != nil {
			return err
		}
		// The answer is a line more of the same note.
		answered, err := parseCheckpoint([]byte(r.s("request")[strings.Index(r.s("request"), "\n\n")+2:] + r.s("answer")))
		if err != nil {
			return err
		}
		return all(want(consistency(g.old, g.c.size, r.d("old_root"), g.c.root, g.path), "it does not show growth"),
			want(len(answered.signatures) == 2 && answered.text == g.c.text, "answer"))
	}
	return errors.New("a kind that is not known")
}

func transactionVector(s schema, r row) error {
	c, err := parseCOSE(r.b("cose"))
	var header rec
	if err == nil {
		header, err = s.read("batch", c.payload)
	}
	if err != nil || r.s("refused") != "" {
		// A key out of order or twice is both: of a CBOR that is refused, and of a record that has no such field there.
		if r.s("refused") == "RECORD-FIELD" && refused(err, "CBOR-ORDER") == nil {
			return nil
		}
		return refused(err, r.s("refused"))
	}
	leaves := itemLeaves(r.rows("items"))
	kinds := []string{"", "genesis", "party-act", "publication", "approval", "family", "claim", "remit", "accrual"}
	for i, item := range r.rows("items") {
		if _, err := s.read(kinds[r.n("kind")], item.b("item")); err != nil {
			return err
		}
		if leaves[i] != item.d("leaf") {
			return fmt.Errorf("leaf %d", i)
		}
	}
	private := ed25519.NewKeyFromSeed(r.b("seed"))
	signed := encArray(encText("Signature1"), encBytes(c.protected), encBytes([]byte("averment/1 batch "+r.s("chain"))), encBytes(c.payload))
	return all(want(c.verifies(r.b("public_key"), r.s("purpose"), r.s("chain")), "signature"),
		want(bytes.Equal(ed25519.Sign(private, signed), c.signature), "signed again it differs"),
		want(header.text("chain") == r.s("chain") && header.int("kind") == r.n("kind") && header.int("not_after") == r.n("not_after"), "header"),
		want(header.int("count") == int64(len(leaves)) && treeRoot(leaves) == digest(header.bytes("root")), "root"),
		want(sum(r.b("cose")) == r.d("digest"), "digest"), want(c.contentType == r.s("content_type"), "content type"))
}

func vectorsCommand(s schema, dir string) {
	files := must(filepath.Glob(filepath.Join(dir, "*.json")))
	passed, failed := 0, 0
	seen := map[string]bool{}
	for _, file := range files {
		name := filepath.Base(file)
		seen[name] = true
		check, ok := vectorFiles[name]
		if !ok {
			fmt.Printf("not ok: %s: nothing here reads it\n", name)
			failed++
			continue
		}
		var rows []row
		must(0, json.Unmarshal(must(os.ReadFile(file)), &rows))
		for i, r := range rows {
			if err := check(s, r); err != nil {
				fmt.Printf("not ok: %s %d (%s): %v\n", name, i, r.s("description"), err)
				failed++
				continue
			}
			passed++
		}
	}
	for name := range vectorFiles {
		if !seen[name] {
			fmt.Printf("not ok: %s is not there\n", name)
			failed++
		}
	}
	fmt.Println(strconv.Itoa(passed) + " passed, " + strconv.Itoa(failed) + " failed")
	if failed > 0 {
		os.Exit(1)
	}
}
