"""Applies Medicare's published edits to claims at and about each of them, under medicare-edits.yaml.

    edits.py --aver bin/aver --reader build/dev/real/read

The practitioners' medically unlikely edits (MUE) and the NCCI procedure-to-procedure pairs are loaded as they are published. Of each
unlikely edit two claims are filed: one line of a unit too many; and one of the most that is paid beside another of one unit, which only
an edit of a line (MAI 1) lets pass. Of each pair two claims are filed too: plain, and with modifier 59 on column 2; and one claim has
all their codes on one day. What the claims should come to is read from the tables here, without the program.
"""

import argparse
import collections
import csv
import os
import sys

import book

DAY = "2024-03-04"
LINES_MAX = 999  # of a claim
MODIFIERS = '["25", "57", "58", "59", "78", "79", "91", "LT", "RT", "XE", "XP", "XS", "XU"]'


def rows_of(folder, name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as source:
        return list(csv.DictReader(source))


def units_claims(rows):
    """Claims, and of each the lines that should be denied."""
    for row in rows:
        code, most, mai = row["hcpcs_code"], int(row["mue_units"]), int(row["mue_mai"])
        # A value of zero denies everything, as this policy has it.
        yield "over " + code, [(code, 1000, DAY, "", "11", most + 1)], {1}
        if most:
            yield ("both " + code, [(code, 1000, DAY, "", "11", most), (code, 1100, DAY, "", "11", 1)],
                   set() if mai == 1 else {2})


def indicators(rows):
    """Of each pair the indicator on the day: of the edits that have not ended the one that ends first."""
    ends = collections.defaultdict(list)
    for row in rows:
        ends[row["column1"], row["column2"]].append((row["deleted"] or "9999-12-31", row["modifier_indicator"]))
    for pair, list_of in ends.items():
        holds = sorted(edit for edit in list_of if edit[0] >= DAY)
        if holds:
            yield pair, holds[0][1]


def pair_claims(rows):
    """Each pair of the table, also one that has ended: then nothing is denied."""
    holds = dict(indicators(rows))
    for one, two in sorted({(row["column1"], row["column2"]) for row in rows}):
        for modifier in ("", "59"):
            def bundles(a, b):
                return holds.get((a, b)) == "0" or (holds.get((a, b)) == "1" and not modifier)
            denied = {2} if bundles(one, two) else set()
            if bundles(two, one):
                denied = None if denied else {1}  # each bundles the other: for a person
            lines = [(one, 1000, DAY, "", "11"), (two, 1000, DAY, modifier, "11")]
            yield "%s/%s %s" % (one, two, modifier), lines, denied


def full_claim(pairs, codes):
    """One claim of one day with as many different codes as a claim can have, all of the pairs' first."""
    bundles = {pair for pair, indicator in indicators(pairs) if indicator in "01"}
    chosen = sorted({code for row in pairs for code in (row["column1"], row["column2"])})
    chosen = (chosen + sorted(set(codes) - set(chosen)))[:LINES_MAX]
    denied, payable = set(), set()
    while True:  # what only denied codes bundle is payable, what a payable one bundles is denied
        payable = {x for x in chosen if x not in denied and all(a in denied for a, b in bundles if b == x and a in chosen)}
        more = {b for a, b in bundles if a in payable and b in chosen} - denied
        if not more:
            break
        denied |= more
    chosen = [code for code in chosen if code in denied | payable]  # without those that bundle each other
    return ("%d codes of one day" % len(chosen), [(code, 1000, DAY, "", "11") for code in chosen],
            {n for n, code in enumerate(chosen, 1) if code in denied})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--aver", required=True)
    parser.add_argument("--reader", required=True)
    args = parser.parse_args()
    folder = book.where_data("cms-policy-northstar")
    if not folder:
        return book.skipped()
    tables = {"units": "ncci_mue_prac_level2.csv", "pairs": "ncci_ptp_prac_level2_pairs.csv"}
    rows = {kind: rows_of(folder, name) for kind, name in tables.items()}
    cases = {"units": list(units_claims(rows["units"])), "pairs": list(pair_claims(rows["pairs"]))}
    cases["pairs"].append(full_claim(rows["pairs"], [row["hcpcs_code"] for row in rows["units"]]))
    ledger = book.Book(args.aver, args.reader, 1718409600000)  # 2024-06-15
    try:
        for kind, name in tables.items():
            ledger.two("table", "publish", kind, os.path.join(folder, name), "--kind", kind)
        ledger.roster("providers")
        ledger.policy("medicare-edits.yaml", plan="units", edits="units: {table: units, above: deny, zero: deny}")
        ledger.policy("medicare-edits.yaml", plan="pairs",
                      edits="pairs: {table: pairs, modifiers: %s, earlier_column_2: pend}" % MODIFIERS)
        for kind, list_of in cases.items():
            names = ["%s%d" % (kind, n) for n in range(len(list_of))]
            ledger.enrol(names, kind, "2020-01-01")
            ledger.submit([(name, name, "", case[1]) for name, case in zip(names, list_of)])
        found, _, _ = ledger.read()
        same = ledger.audit()
        # The claim of a whole day's codes again, from what proves it alone.
        proof = ledger.prove("pairs%d" % (len(cases["pairs"]) - 1))
    finally:
        ledger.close()
    count, failed = collections.Counter(), not same
    for kind, carc in (("units", "151"), ("pairs", "236")):
        for n, (words, lines, denied) in enumerate(cases[kind]):
            have = found["%s%d" % (kind, n)]
            if denied is None:
                good = all(line.status == "pended" for line in have)
            else:
                good = len(have) == len(lines) and all(
                    (line.status == "denied" and book.taken(line, "CO", carc) == line.charge) if line.number in denied
                    else line.status == "decided" and line.paid == line.charge for line in have)
            count[kind, good] += 1
            count[kind, "held"] += denied is None
            count[kind, "deny"] += bool(denied)
            if not good and count[kind, False] <= 5:
                print("%s: %s, should deny %s" % (words, [(line.number, line.status) for line in have], denied))
        failed += count[kind, False]
        print("%s: %d of %d claims as the published edits say (%d edits; %d claims with a denial, %d for a person)" % (
            kind, count[kind, True], len(cases[kind]), len(rows[kind]), count[kind, "deny"], count[kind, "held"]))
    print("the bundle of %d codes of one day has %d bytes" % (LINES_MAX, proof))
    # A check is a table, the audit, and the bundle.
    bad = (count["units", False] > 0) + (count["pairs", False] > 0) + (not same) + (not proof)
    print("%d passed, %d failed" % (4 - bad, bad))
    return 1 if failed or not proof else 0


if __name__ == "__main__":
    sys.exit(main())
