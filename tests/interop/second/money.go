// money.go - the identities of docs/outcomes.md, in integer cents.

package main

import "fmt"

const (
	decided = 1
	denied  = 2
	pended  = 3
	held    = 4
	groupCO = 1
	groupPR = 4

	basisPaid       = 1
	basisConsidered = 2

	maxDelta = 9999999999999 // cents
)

// backs is what a posting of a line may count: what is paid, or what the first adjustments leave of the charge, before the
// member's share.
func backs(charge, paid int64, adjustments []rec, posting rec) (int64, bool) {
	first := posting.int("after")
	switch posting.int("basis") {
	case basisPaid:
		return paid, first == 0
	case basisConsidered:
		if first > int64(len(adjustments)) {
			return 0, false
		}
		for _, x := range adjustments[:first] {
			if carc := x.text("carc"); x.int("group") == groupPR && (carc == "1" || carc == "2" || carc == "3") {
				return 0, false
			}
			charge -= x.int("amount")
		}
		return charge, true
	}
	return 0, false
}

// money names the first identity that the decision breaks; "" is none.
func money(s schema, d rec) string {
	say := func(code, format string, args ...any) string { return code + ": " + fmt.Sprintf(format, args...) }
	var charge, allowed, paid, patient int64
	deniedLines := 0
	lines := d.list(s, "lines", "line-decision")
	open := d.int("status") == pended || d.int("status") == held
	for _, l := range lines {
		n, c, a, p := l.int("number"), l.int("charge"), l.int("allowed"), l.int("paid")
		var taken, share, postings int64
		var negative bool
		adjustments := l.list(s, "adjustments", "adjustment")
		for _, x := range adjustments {
			amount := x.int("amount")
			if amount == 0 {
				return say("MONEY-ZERO", "line %d has an adjustment of zero", n)
			}
			taken += amount
			if x.int("group") == groupPR {
				patient += amount
				if carc := x.text("carc"); carc == "1" || carc == "2" || carc == "3" {
					share += amount
				}
			}
			if amount < 0 {
				negative = true
			}
			if x.text("carc") == "45" && (x.int("group") != groupCO && x.int("group") != groupPR || amount == c) {
				return say("MONEY-45", "line %d", n)
			}
			for _, posting := range x.list(s, "postings", "posting") {
				postings++
				if after := posting.int("before") + posting.int("amount"); after > maxDelta || after < -maxDelta || posting.int("amount") != amount ||
					posting.int("basis") != 0 || posting.int("after") != 0 {
					return say("MONEY-POSTING", "line %d: an adjustment of %d posts %d", n, amount, posting.int("amount"))
				}
			}
		}
		counted, counts := l.list(s, "postings", "posting"), l.list(s, "counts", "count")
		charge, allowed, paid = charge+c, allowed+a, paid+p
		if open {
			if p != 0 || a != 0 || len(adjustments) != 0 || len(counted) != 0 || len(counts) != 0 {
				return say("MONEY-HELD", "line %d pays, allows or adjusts, and the claim is open", n)
			}
			continue
		}
		if l.int("status") == pended || l.int("status") == held {
			return say("MONEY-HELD", "line %d is open, and the claim is not", n)
		}
		if c-taken != p {
			return say("MONEY-LINE", "line %d: %d - %d is not %d", n, c, taken, p)
		}
		if l.int("status") == denied {
			deniedLines++
			if p != 0 || a != 0 || postings != 0 || len(counted) != 0 || len(adjustments) != 1 && c != 0 || len(adjustments) != 0 && c == 0 {
				return say("MONEY-DENIED", "line %d", n)
			}
		}
		for _, posting := range counted {
			amount := posting.int("amount")
			if backed, ok := backs(c, p, adjustments, posting); !ok || amount != backed || amount <= 0 || posting.int("before")+amount > maxDelta {
				return say("MONEY-POSTING", "line %d: it counts %d", n, amount)
			}
		}
		for _, n := range counts {
			if l.int("status") != decided || n.int("amount") <= 0 || n.int("before") > n.int("most") || n.int("amount") > n.int("most")-n.int("before") {
				return say("COUNT-LIMIT", "line %d: %d and %d of %d", l.int("number"), n.int("before"), n.int("amount"), n.int("most"))
			}
		}
		if p > a || a > c && !negative {
			return say("MONEY-ALLOWED", "line %d: paid %d, allowed %d, charge %d", n, p, a, c)
		}
		if share > a {
			return say("MONEY-SHARE", "line %d: %d of %d", n, share, a)
		}
	}
	if charge != d.int("charge") || allowed != d.int("allowed") || paid != d.int("paid") || patient != d.int("patient_responsibility") {
		return say("MONEY-CLAIM", "the claim's amounts are not the sums of its lines'")
	}
	if !open && (d.int("status") == denied) != (deniedLines == len(lines)) {
		return say("MONEY-DENIED", "a claim is denied exactly if all its lines are")
	}
	return ""
}
