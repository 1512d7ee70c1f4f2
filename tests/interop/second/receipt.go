// receipt.go - what a node promised at intake: one receipt of those that it signed together (section 3).

package main

import (
	"fmt"
	"os"
)

type receipt struct {
	receipt      rec
	index, count int64
	root         digest
}

// receiptVerdict says of a proof: signed, not signed (by this key), another receipt (than stands at this place of what was signed), or
// no receipt.
func receiptVerdict(s schema, data, public []byte) (string, receipt) {
	const none = "no receipt"
	var r receipt
	proof, err := s.read("receipt-proof", data)
	if err != nil {
		return none, r
	}
	if r.receipt, err = s.read("intake-receipt", proof.bytes("receipt")); err != nil {
		return none, r
	}
	c, err := parseCOSE(proof.bytes("receipts"))
	if err != nil || c.contentType != "application/vnd.averment.intake-receipts+cbor" {
		return none, r
	}
	signed, err := s.read("intake-receipts", c.payload)
	if err != nil || signed.int("version") != 1 || signed.text("chain") != r.receipt.text("chain") {
		return none, r
	}
	raw := proof.bytes("path")
	if len(raw)%32 != 0 {
		return none, r
	}
	var path []digest
	for ; len(raw) > 0; raw = raw[32:] {
		path = append(path, digest(raw[:32]))
	}
	r.index, r.count, r.root = proof.int("index"), signed.int("count"), digest(signed.bytes("root"))
	if !inclusion(leafOf(r.receipt.raw), r.index, r.count, path, r.root) {
		return "another receipt", r
	}
	if !c.verifies(public, "intake-receipts", signed.text("chain")) {
		return "not signed", r
	}
	return "signed", r
}

func receiptCommand(s schema, o options) {
	key := o.trust(s).nodeKey
	if key == nil {
		usage("receipt wants --node-key")
	}
	verdict, r := receiptVerdict(s, must(os.ReadFile(o.files[0])), key.public)
	if verdict != "signed" || r.receipt.text("chain") != key.name {
		cannot(fmt.Errorf("%s", verdict))
	}
	fmt.Printf("same: %s promised that %s of %s stands in the log by height %d; receipt %d of %d\n", key.name, r.receipt.text("claim_id"),
		r.receipt.text("party"), r.receipt.int("by_height"), r.index, r.count)
}
