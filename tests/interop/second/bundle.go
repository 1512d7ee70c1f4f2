// bundle.go - section 10: one claim in one file, its steps 1 to 10, and of step 11 what needs no execution.

package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const monthMS = 30 * 24 * 3600 * 1000

// check is one line of the answer.
type check struct {
	name, status, detail string // status: ok, differs, could not check, not made
}

type report struct{ checks []check }

func (r *report) say(name, status, format string, args ...any) {
	r.checks = append(r.checks, check{name, status, fmt.Sprintf(format, args...)})
}

// verdict is same, differs or could not check, and why.
func (r *report) verdict() (string, string) {
	for _, status := range []string{"differs", "could not check"} {
		for _, c := range r.checks {
			if c.status == status {
				return status, c.name + ": " + c.detail
			}
		}
	}
	return "same", ""
}

// fault ends the steps: this one does not hold, and what would follow stands on it.
type fault struct{ step, why string }

func (f fault) Error() string { return f.why }

type bundle struct {
	s       schema
	r       rec
	out     *report
	hashes  []byte
	named   int64 // hashes named so far
	size    int64 // of the log
	root    digest
	genesis rec
	auditor bool

	batch        rec
	signed       cose
	item         []byte
	claimIndex   int64
	receipt      rec
	height, time int64
	stateIndex   int64
	stateRoot    digest
	previousSize int64
	touches      map[digest]rec
	reads        []read
	writers      []writer
	familySecret []byte
	secretUsed   bool
	family       string
}

type read struct {
	rec
	key, value digest // value zero: none
}

type writer struct {
	after map[digest]digest
	named bool // by a read
}

type trust struct {
	policy  *policy
	nodeKey *vkey
	pack    map[digest][]byte
}

// verifyBundle checks a bundle; contents of t.pack stand in for those that it does not carry.
func verifyBundle(s schema, data []byte, t trust) *report {
	b := &bundle{s: s, out: &report{}}
	steps := []struct {
		name string
		do   func() error
	}{
		{"form", func() error { return b.form(data) }},
		{"checkpoint", b.checkpoint},
		{"batch", b.batchStep},
		{"claim", b.claimStep},
		{"group", b.group},
		{"genesis", b.genesisStep},
		{"writers", b.writerStep},
		{"reads", b.readStep},
		{"tables", b.tableStep},
		{"hashes", b.hashStep},
		{"money", b.moneyStep},
		{"signature", b.signatureStep},
		{"contracts", func() error { return b.contracts(t) }},
	}
	for _, step := range steps {
		before := len(b.out.checks)
		if err := step.do(); err != nil {
			b.out.say(step.name, "could not check", "%v", err)
			break
		}
		if len(b.out.checks) == before {
			b.out.say(step.name, "ok", "")
		}
	}
	b.out.say("decided again", "not made", "this program does not execute contracts")
	if b.size > 0 {
		if err := b.vouched(t); err != nil {
			// Nobody is accused under a key that nobody vouches for.
			b.out.checks = append([]check{{"trust", "could not check", err.Error()}}, b.out.checks...)
			for i := range b.out.checks {
				if b.out.checks[i].status == "differs" {
					b.out.checks[i].status = "could not check"
				}
			}
		} else {
			b.out.say("trust", "ok", "")
		}
	}
	return b.out
}

func (b *bundle) vouched(t trust) error {
	if t.policy == nil && t.nodeKey == nil {
		return errors.New("neither a policy nor a node key says whose log this is")
	}
	c, err := parseCheckpoint(b.r.bytes("checkpoint"))
	if err != nil {
		return err
	}
	key := b.r.bytes("node_key")
	if t.nodeKey != nil && (t.nodeKey.name != b.r.text("chain") || !bytes.Equal(t.nodeKey.public, key)) {
		return errors.New("it is of another log than the node key's")
	}
	if t.policy != nil {
		signed, err := t.policy.believes(c)
		if err != nil {
			return err
		}
		for _, k := range signed {
			if k.name == b.r.text("chain") && bytes.Equal(k.public, key) {
				return nil
			}
		}
		return errors.New("the policy does not name the node's key")
	}
	return nil
}

// ---- hashes ---------------------------------------------------------------------------------------------------------

// hash gives hash n; numbers appear in order.
func (b *bundle) hash(n int64) (digest, error) {
	if n < 0 || n > b.named || n*32 >= int64(len(b.hashes)) {
		return zero, fmt.Errorf("hash %d is out of order, or not there", n)
	}
	if n == b.named {
		b.named++
	}
	return digest(b.hashes[n*32 : n*32+32]), nil
}

func (b *bundle) path(r rec, name string) ([]digest, error) {
	var path []digest
	for _, n := range r.numbers(name) {
		h, err := b.hash(n)
		if err != nil {
			return nil, err
		}
		path = append(path, h)
	}
	return path, nil
}

// inLog checks that an entry stands at index.
func (b *bundle) inLog(entry []byte, index int64, r rec) error {
	path, err := b.path(r, "path")
	if err != nil {
		return err
	}
	if !inclusion(leafOf(entry), index, b.size, path, b.root) {
		return fmt.Errorf("the path of entry %d does not lead to the checkpoint's root", index)
	}
	return nil
}

func (b *bundle) proof(r rec) (p trieProof, err error) {
	p.end = byte(r.int("end") - 1)
	for _, n := range r.numbers("siblings") {
		var h digest
		if n > 0 {
			if h, err = b.hash(n - 1); err != nil {
				return p, err
			}
			if h == zero {
				return p, errors.New("a sibling of 32 zero bytes has a hash of its own")
			}
		}
		p.siblings = append(p.siblings, h)
	}
	other := r.has("other_path")
	if other != r.has("other_value") || other != (p.end == 2) {
		return p, errors.New("a proof shows another leaf exactly if its end says so")
	}
	if other {
		p.otherPath, p.otherV = digest(r.bytes("other_path")), digest(r.bytes("other_value"))
	}
	return p, nil
}

func (b *bundle) hashStep() error {
	if b.named*32 != int64(len(b.hashes)) {
		return errors.New("hashes that nothing names")
	}
	return nil
}

// ---- form -----------------------------------------------------------------------------------------------------------

func (b *bundle) form(data []byte) (err error) {
	if b.r, err = b.s.read("bundle", data); err != nil {
		return err
	}
	r := b.r
	b.auditor = r.has("genesis")
	b.hashes = r.bytes("hashes")
	claim, state, header := r.sub(b.s, "claim", "bundle-entry"), r.sub(b.s, "state", "bundle-entry"), r.sub(b.s, "header", "bundle-entry")
	switch {
	case r.text("format") != "averment-bundle/1":
		return errors.New("another format")
	case len(b.hashes)%32 != 0:
		return errors.New("hashes that are not of 32 bytes")
	case claim.has("bytes") || !state.has("bytes") || !header.has("bytes"):
		return errors.New("claim has no bytes, state and header have")
	}
	before := ""
	for _, x := range r.list(b.s, "reads", "bundle-read") {
		order := "1" + string(x.bytes("key"))
		if x.has("name") {
			order = "0" + x.text("name")
		}
		if order <= before {
			return errors.New("reads that are not in order")
		}
		before = order
		openings := x.has("key_opening") || x.has("value_opening") || x.has("after_opening")
		proved := x.has("proof") || x.has("writer")
		switch {
		case x.has("proof") && x.has("writer"):
			return errors.New("a read with a proof and a writer")
		case !proved && !(b.auditor && x.text("name") == "g"), proved && b.auditor && x.text("name") == "g":
			return fmt.Errorf("a read with neither proof nor writer, or g with one: %q", x.text("name"))
		case x.has("name") == x.has("key"):
			return errors.New("a read has a name or a key")
		case !x.has("name") && (x.has("record") || openings || x.has("height")):
			return errors.New("a closed read with a record or an opening")
		case b.auditor && (openings || x.has("record") != x.has("height")):
			return errors.New("an auditor's read with an opening, or a record without its height")
		case !b.auditor && x.has("height"):
			return errors.New("one reader's read with a height")
		case !b.auditor && x.has("name") && (!x.has("key_opening") || x.has("record") != x.has("value_opening")):
			return errors.New("one reader's read without its openings")
		}
		b.reads = append(b.reads, read{rec: x})
	}
	index := int64(-1)
	for _, w := range r.list(b.s, "writers", "bundle-writer") {
		if w.int("index") <= index {
			return errors.New("writers that are not in order")
		}
		index = w.int("index")
	}
	before = ""
	for _, t := range r.list(b.s, "tables", "bundle-table") {
		order := string(t.bytes("root")) + string(t.bytes("code"))
		if order <= before {
			return errors.New("tables that are not in order")
		}
		before = order
	}
	before = ""
	for _, c := range r.list(b.s, "contents", "bundle-content") {
		h := sum(c.bytes("bytes"))
		if string(h[:]) <= before {
			return errors.New("contents that are not in order")
		}
		before = string(h[:])
	}
	return nil
}

// ---- steps 1 to 6 ---------------------------------------------------------------------------------------------------

func (b *bundle) checkpoint() error {
	c, err := parseCheckpoint(b.r.bytes("checkpoint"))
	if err != nil {
		return err
	}
	chain, key := b.r.text("chain"), b.r.bytes("node_key")
	k := vkey{chain, keyID(chain, 1, key), 1, key}
	if c.origin != chain || c.signedBy(k) != 1 {
		return errors.New("it is not of this chain, or the node's key did not sign it")
	}
	b.size, b.root = c.size, c.root
	b.out.say("checkpoint", "ok", "%s, %d entries", c.origin, c.size)
	return nil
}

func (b *bundle) batchStep() (err error) {
	if b.signed, err = parseCOSE(b.r.bytes("batch")); err != nil {
		return err
	}
	if b.batch, err = b.s.read("batch", b.signed.payload); err != nil {
		return err
	}
	path, err := b.path(b.r, "batch_path")
	if err != nil {
		return err
	}
	b.item = b.r.bytes("item")
	leaf := sum([]byte{0}, b.r.bytes("salt"), b.item)
	if !inclusion(leaf, b.r.int("index"), b.batch.int("count"), path, digest(b.batch.bytes("root"))) {
		return errors.New("the claim's leaf does not lead to the batch's root")
	}
	return nil
}

func (b *bundle) claimStep() (err error) {
	if _, err = b.s.read("claim", b.item); err != nil {
		return err
	}
	if b.receipt, err = b.s.read("receipt", b.r.bytes("receipt")); err != nil {
		return err
	}
	salt := b.r.bytes("salt")
	body := bodyBytes(sum(b.r.bytes("batch")), b.r.int("index"), salt, b.item)
	claim := b.r.sub(b.s, "claim", "bundle-entry")
	b.claimIndex = claim.int("index")
	if err = b.inLog(itemEntry(bodyCommitment(salt, body), receiptCommitment(salt, b.receipt)), b.claimIndex, claim); err != nil {
		return err
	}
	b.touches = map[digest]rec{}
	last := ""
	for _, t := range b.receipt.list(b.s, "touches", "touch") {
		if string(t.bytes("key")) <= last {
			b.out.say("claim", "differs", "the receipt's touch list does not ascend")
			return errors.New("what is touched is not known")
		}
		last = string(t.bytes("key"))
		b.touches[digest(t.bytes("key"))] = t
	}
	b.out.say("claim", "ok", "entry %d, outcome %d", b.claimIndex, b.receipt.int("outcome"))
	return nil
}

// logEntry reads an entry of kind 2 or 3 as its numbers and digests.
func logEntry(data []byte, kind int64) (v []value, err error) {
	e, err := parseCBOR(data)
	if err != nil {
		return nil, err
	}
	form := map[int64]string{1: "iibb", 2: "iiib", 3: "iiiibib"}[kind]
	if e.kind != kArray || len(e.items) != len(form) || e.items[0].n != 1 || e.items[1].n != kind {
		return nil, errors.New("a log entry of another kind")
	}
	for i, c := range form {
		x := e.items[i]
		if c == 'i' && (x.kind != kInt || x.n < 0) || c == 'b' && (x.kind != kBytes || len(x.b) != 32) {
			return nil, errors.New("a log entry of another form")
		}
	}
	return e.items, nil
}

func (b *bundle) group() error {
	state, header := b.r.sub(b.s, "state", "bundle-entry"), b.r.sub(b.s, "header", "bundle-entry")
	s, err := logEntry(state.bytes("bytes"), 2)
	if err != nil {
		return err
	}
	h, err := logEntry(header.bytes("bytes"), 3)
	if err != nil {
		return err
	}
	p, err := logEntry(b.r.bytes("previous"), 3)
	if err != nil {
		return err
	}
	if err = b.inLog(state.bytes("bytes"), state.int("index"), state); err != nil {
		return err
	}
	if err = b.inLog(header.bytes("bytes"), header.int("index"), header); err != nil {
		return err
	}
	b.stateIndex, b.stateRoot = state.int("index"), digest(s[3].b)
	b.height, b.time, b.previousSize = h[2].n, h[3].n, p[5].n
	before := sum(b.r.bytes("previous"))
	switch {
	case !bytes.Equal(before[:], h[4].b) || p[2].n != h[2].n-1:
		return errors.New("the header before is another")
	case h[5].n != header.int("index"):
		return errors.New("the header's size is not its index")
	case !(p[5].n < b.claimIndex && b.claimIndex < h[5].n):
		return errors.New("the claim is not of this group")
	case !(b.stateIndex < p[5].n && s[2].n <= p[2].n):
		return errors.New("the state root is not from before the group")
	}
	if b.receipt.int("height") != b.height {
		b.out.say("group", "differs", "the receipt says height %d, the log %d", b.receipt.int("height"), b.height)
		return nil
	}
	b.out.say("group", "ok", "height %d, time %d", b.height, b.time)
	return nil
}

func (b *bundle) readNamed(name string) *read {
	for i := range b.reads {
		if b.reads[i].text("name") == name {
			return &b.reads[i]
		}
	}
	return nil
}

func (b *bundle) genesisStep() (err error) {
	if !b.auditor {
		b.out.say("genesis", "ok", "a bundle for one reader: no secrets in it")
		return nil
	}
	g := b.r.sub(b.s, "genesis", "bundle-genesis")
	own := b.readNamed("g")
	if own == nil || !own.has("record") {
		return errors.New("g is not among the reads")
	}
	item := own.bytes("record")
	if b.genesis, err = b.s.read("genesis", item); err != nil {
		return err
	}
	body := bodyBytes(digest(g.bytes("batch")), 0, g.bytes("salt"), item)
	if err = b.inLog(itemEntry(bodyCommitment(g.bytes("salt"), body), digest(g.bytes("receipt"))), 0, g); err != nil {
		return err
	}
	if b.genesis.text("chain") != b.r.text("chain") || !bytes.Equal(b.genesis.bytes("node_key"), b.r.bytes("node_key")) {
		return errors.New("it names another chain or another key")
	}
	if b.familySecret = nil; g.has("family_secret") {
		b.familySecret = g.bytes("family_secret")
		h := sum(b.familySecret)
		found := false
		for _, x := range b.reads {
			if !strings.HasPrefix(x.text("name"), "m/") || !x.has("record") {
				continue
			}
			m, err := b.s.read("member-state", x.bytes("record"))
			if err != nil {
				return err
			}
			if bytes.Equal(m.bytes("secret"), h[:]) {
				b.family, found = m.text("family"), true
			}
		}
		if !found {
			return errors.New("the family's secret is not one that a member's record names")
		}
	}
	return nil
}

func (b *bundle) writerStep() error {
	for _, w := range b.r.list(b.s, "writers", "bundle-writer") {
		index := w.int("index")
		if index <= b.stateIndex || index >= b.claimIndex {
			return fmt.Errorf("writer %d is not between state root and claim", index)
		}
		list, err := parseCBOR(w.bytes("touches"))
		if err != nil {
			return err
		}
		if list.kind != kArray {
			return errors.New("a writer's touches are no list")
		}
		last := ""
		one := writer{after: map[digest]digest{}}
		for _, v := range list.items {
			t, err := b.s.record("touch", v)
			if err != nil {
				return err
			}
			if string(t.bytes("key")) <= last {
				return errors.New("a writer's touch list that does not ascend")
			}
			last = string(t.bytes("key"))
			if t.has("after") {
				one.after[digest(t.bytes("key"))] = digest(t.bytes("after"))
			}
		}
		touched := sum(w.bytes("salt"), w.bytes("touches"))
		if err := b.inLog(itemEntry(digest(w.bytes("body")), sum(touched[:], w.bytes("decision"))), index, w); err != nil {
			return err
		}
		b.writers = append(b.writers, one)
	}
	b.out.say("writers", "ok", "%d", len(b.writers))
	return nil
}

// ---- steps 7 and 8 --------------------------------------------------------------------------------------------------

// escape writes an identifier as it stands in a name.
func escape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("-._", c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

// secretFor is S of section 7.
func (b *bundle) secretFor(name string) ([]byte, error) {
	if !strings.HasPrefix(name, "f/") {
		return b.genesis.bytes("secret"), nil
	}
	own := "f/" + escape(b.family)
	if b.familySecret == nil || name != own && !strings.HasPrefix(name, own+"/") {
		return nil, fmt.Errorf("no secret for %q", name)
	}
	b.secretUsed = true
	return b.familySecret, nil
}

// commit computes key and value of a read.
func (b *bundle) commit(x *read) error {
	name, record := x.text("name"), x.bytes("record")
	switch {
	case name == "":
		x.key = digest(x.bytes("key"))
		t, ok := b.touches[x.key]
		if !ok {
			return errors.New("a closed read that the receipt does not name")
		}
		if t.has("before") {
			x.value = digest(t.bytes("before"))
		}
	case b.auditor:
		secret, err := b.secretFor(name)
		if err != nil {
			return err
		}
		_, x.key = stateKey(secret, name)
		if x.has("record") {
			_, x.value = stateValue(secret, name, x.int("height"), record)
		}
	default:
		x.key = sum(x.bytes("key_opening"), []byte(name))
		if x.has("record") {
			x.value = sum(x.bytes("value_opening"), record)
		}
	}
	return nil
}

func (b *bundle) readStep() error {
	there, absent, closed := 0, 0, 0
	quiet := b.stateIndex+1 == b.previousSize && b.claimIndex == b.previousSize+1
	for i := range b.reads {
		x := &b.reads[i]
		if err := b.commit(x); err != nil {
			return err
		}
		name := x.text("name")
		bad := func(format string, args ...any) error {
			return fmt.Errorf("%q: "+format, append([]any{name}, args...)...)
		}
		t, touched := b.touches[x.key]
		var before digest
		if touched && t.has("before") {
			before = digest(t.bytes("before"))
		}
		switch {
		case touched && !b.auditor && name != "" && x.has("after_opening") != t.has("after"):
			return bad("an opening of what the claim leaves, or none, against the touch list")
		case !touched && x.has("after_opening"):
			return bad("an opening of what the claim leaves, and it leaves nothing")
		case !touched && name == "g":
			return bad("not in the touch list")
		case !touched && !b.auditor && !x.has("record"):
			return bad("an absence that the receipt does not name")
		}
		held := true
		switch {
		case x.has("proof"):
			p, err := b.proof(x.sub(b.s, "proof", "bundle-proof"))
			if err != nil {
				return err
			}
			value := x.value[:]
			if x.value == zero {
				value = nil
			}
			held = p.holds(b.stateRoot, x.key[:], value)
		case x.has("writer"):
			n := x.int("writer")
			if n > int64(len(b.writers)) {
				return bad("writer %d is not there", n)
			}
			b.writers[n-1].named = true
			after, ok := b.writers[n-1].after[x.key]
			held = ok && after == x.value
		}
		if !held {
			return bad("the proof does not hold")
		}
		if touched && before != x.value {
			if b.auditor && quiet && x.has("proof") {
				b.out.say("reads", "differs", "the receipt read another %q than there was", name)
				continue
			}
			return bad("the receipt says another value")
		}
		switch {
		case name == "":
			closed++
		case x.has("record"):
			there++
		default:
			absent++
		}
	}
	for _, w := range b.writers {
		if !w.named {
			return errors.New("a writer that no read names")
		}
	}
	if b.familySecret != nil && !b.secretUsed {
		return errors.New("the secret of a family of which nothing is read")
	}
	b.out.say("reads", "ok", "%d records, %d absent, %d closed", there, absent, closed)
	return nil
}

func (b *bundle) tableStep() error {
	tables := b.r.list(b.s, "tables", "bundle-table")
	for _, t := range tables {
		root := digest(t.bytes("root"))
		code, entry := t.bytes("code"), t.bytes("entry")
		if t.has("entry") {
			e, err := b.s.read("entry", entry)
			if err != nil {
				return err
			}
			if e.text("code") != string(code) {
				return errors.New("an entry of another code")
			}
		} else {
			entry = nil
		}
		p, err := b.proof(t.sub(b.s, "proof", "bundle-proof"))
		if err != nil {
			return err
		}
		if !p.holds(root, code, entry) {
			return fmt.Errorf("the row of %q is not proved", code)
		}
	}
	b.out.say("tables", "ok", "%d rows", len(tables))
	return nil
}

// ---- steps 9 to 11 --------------------------------------------------------------------------------------------------

func (b *bundle) decision() (rec, bool) {
	if !b.receipt.has("decision") {
		return rec{}, false
	}
	return b.receipt.sub(b.s, "decision", "decision"), true
}

func (b *bundle) moneyStep() error {
	d, ok := b.decision()
	if !ok {
		b.out.say("money", "differs", "the receipt of a claim has no decision")
		return nil
	}
	if why := money(b.s, d); why != "" {
		b.out.say("money", "differs", "%s", why)
		return nil
	}
	b.out.say("money", "ok", "%s: charge %d, paid %d, patient %d", d.text("claim_id"), d.int("charge"), d.int("paid"), d.int("patient_responsibility"))
	return nil
}

func (b *bundle) signatureStep() error {
	many := b.batch.int("count") > 1
	// bad: what a signature must not be. Of a batch that may have begun earlier, some of it accuses nobody.
	bad := func(earlier bool, why string) error {
		if many && earlier {
			return errors.New(why)
		}
		b.out.say("signature", "differs", "%s", why)
		return nil
	}
	k := b.readNamed("k/" + hex.EncodeToString(b.signed.kid))
	if k == nil || !k.has("record") {
		return errors.New("the signer's key is not among the reads")
	}
	key, err := b.s.read("key-state", k.bytes("record"))
	if err != nil {
		return err
	}
	p := b.readNamed("p/" + escape(key.text("party")))
	if p == nil || !p.has("record") {
		return errors.New("the signer's party is not among the reads")
	}
	party, err := b.s.read("party-state", p.bytes("record"))
	if err != nil {
		return err
	}
	public := key.bytes("public_key")
	id := sum(public)
	stands := func(r rec, from string) (bool, bool) {
		revoked := r.has("revoked") && r.int("revoked") <= b.height
		return r.int(from) <= b.height, revoked
	}
	keyFrom, keyRevoked := stands(key, "from")
	partySince, partyRevoked := stands(party, "since")
	notAfter := b.batch.int("not_after")
	switch {
	case b.signed.contentType != "application/vnd.averment.batch+cbor" || b.batch.int("version") != 1:
		return bad(false, "not a batch of version 1")
	case b.batch.text("chain") != b.r.text("chain") || b.batch.int("kind") != 6:
		return bad(false, "not a batch of claims for this chain")
	case !bytes.Equal(id[:16], b.signed.kid):
		return errors.New("the record of the key is of another")
	case !keyFrom || !partySince:
		return bad(true, "the key or its party does not stand yet")
	case keyRevoked || partyRevoked:
		return bad(true, "the key or its party was revoked")
	case party.int("role") != 1 && party.int("role") != 2:
		return bad(false, "the role of its party sends no claims")
	case !b.signed.verifies(public, "batch", b.r.text("chain")):
		return bad(false, "the signature does not hold")
	case b.time > notAfter:
		return bad(true, "the batch had expired")
	case notAfter-b.time > monthMS:
		return bad(false, "not_after lies more than 30 days ahead")
	}
	if d, ok := b.decision(); ok && b.auditor {
		claim, err := withoutSource(b.item)
		if err != nil {
			return err
		}
		name := key.text("party")
		if want := claimID(name, filingID(b.genesis.bytes("filing_secret"), name, claim)); d.text("claim_id") != want {
			b.out.say("signature", "differs", "the claim's id is %s, the decision says %s", want, d.text("claim_id"))
			return nil
		}
	}
	b.out.say("signature", "ok", "by %s, key %s", key.text("party"), hex.EncodeToString(b.signed.kid))
	return nil
}

// contracts holds policy and contracts against the digests of the decision: what was executed, not what came of it.
func (b *bundle) contracts(t trust) error {
	have := map[digest][]byte{}
	for h, content := range t.pack {
		have[h] = content
	}
	own := map[digest]bool{}
	for _, c := range b.r.list(b.s, "contents", "bundle-content") {
		h := sum(c.bytes("bytes"))
		have[h], own[h] = c.bytes("bytes"), true
	}
	d, _ := b.decision()
	asked, skipped := map[digest]bool{}, 0
	for _, name := range []string{"policy", "eligibility", "coverage", "payout"} {
		if !d.has(name) {
			continue
		}
		h := digest(d.bytes(name))
		asked[h] = true
		content, ok := have[h]
		if !ok && (name == "coverage" || name == "payout") && d.int("status") != decided {
			skipped++ // a contract that was not called: what was denied, pended or trapped before it ends there
			continue
		}
		if !ok {
			return fmt.Errorf("the %s is not here", name)
		}
		if name != "policy" {
			continue
		}
		p, err := b.s.read("policy", content)
		if err != nil {
			return err
		}
		for _, contract := range []string{"eligibility", "coverage", "payout"} {
			if d.has(contract) && !bytes.Equal(p.bytes(contract), d.bytes(contract)) {
				b.out.say("contracts", "differs", "the policy names another %s contract than the decision", contract)
				return nil
			}
		}
	}
	roots := map[digest]bool{}
	for _, t := range d.list(b.s, "tables", "table-used") {
		roots[digest(t.bytes("root"))] = true
	}
	for _, t := range b.r.list(b.s, "tables", "bundle-table") {
		if !roots[digest(t.bytes("root"))] {
			return errors.New("a row of a table that the decision does not name")
		}
	}
	for h := range own {
		if !asked[h] {
			return errors.New("a content that nothing asks for")
		}
	}
	b.out.say("contracts", "ok", "%d contents by their digests, %d not called", len(asked)-skipped, skipped)
	return nil
}
