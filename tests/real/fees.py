"""Prices the Medicare physician fee schedule of 2024 from its relative values under medicare-fees.yaml and compares.

    fees.py --aver bin/aver --reader build/dev/real/read [--localities N]

The published tables of relative values (with their conversion factor) and of cost indices are loaded as they are; each code is billed
in every locality, in an office and in a hospital's outpatient department. The fee is held against exact fractions computed here, and,
in a locality of our own whose indices are 1, against the published sums of the relative values times the conversion factor: the
national amounts.
"""

import argparse
import collections
import csv
import os
import sys
from fractions import Fraction

import book

DAY = "2024-03-04"
CHARGE = 9999900
OURS = ("99999", "US", "99", "OURS", "1", "1", "1", "3")


def rows_of(folder, name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as source:
        return list(csv.DictReader(source))


def to_cents(value):
    """Half a cent up."""
    return int(value * 100 + Fraction(1, 2))


def fee(code, place, index):
    practice = code["rvu_non_pe"] if place == "11" else code["rvu_fac_pe"]
    total = (Fraction(code["rvu_work"]) * Fraction(index["gpci_work"]) + Fraction(practice) * Fraction(index["gpci_pe"])
             + Fraction(code["rvu_mp"]) * Fraction(index["gpci_mp"]))
    return to_cents(total * Fraction(code["cf"]))


def national(code, place):
    return to_cents(Fraction(code["rvu_non_sum" if place == "11" else "rvu_fac_sum"]) * Fraction(code["cf"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--aver", required=True)
    parser.add_argument("--reader", required=True)
    parser.add_argument("--localities", type=int, default=0, help="the first of them; 0: all")
    args = parser.parse_args()
    folder = book.where_data("cms-policy-northstar")
    if not folder:
        return book.skipped()
    codes = [row for row in rows_of(folder, "pfs_rvu_amt_level2.csv")
             if Fraction(row["rvu_non_sum"]) and Fraction(row["rvu_fac_sum"])]
    indices = rows_of(folder, "pfs_gpci.csv")
    header = ",".join(indices[0])
    shown = [tuple(row.values()) for row in indices] + [OURS]
    indices.append(dict(zip(indices[0], OURS)))
    places = [(row, "%05d" % (n + 1)) for n, row in enumerate(indices)]
    if args.localities:
        places = places[:args.localities] + places[-1:]
    ledger = book.Book(args.aver, args.reader, 1718409600000)  # 2024-06-15
    try:
        ledger.two("table", "publish", "rvus", os.path.join(folder, "pfs_rvu_amt_level2.csv"), "--kind", "rvus")
        ledger.table("gpcis", "gpcis", header, shown)
        ledger.table("localities", "localities", "postal_code,locality,from",
                     [(zip_code, "%s-%s" % (row["mac"], row["locality"]), "2020-01-01") for row, zip_code in places])
        ledger.roster("physicians")
        ledger.policy("medicare-fees.yaml")
        ledger.enrol(["B" + zip_code for _, zip_code in places], "fees", "2020-01-01")
        billed = [(code, place) for code in codes for place in ("11", "22")]
        lines = [(code["hcpcs_code"], CHARGE, DAY, code["mod"], place) for code, place in billed]
        ledger.submit([("C" + zip_code, "B" + zip_code, "", lines, zip_code) for _, zip_code in places])
        found, _, _ = ledger.read()
        same = ledger.audit()
    finally:
        ledger.close()
    count, failed = collections.Counter(), not same
    for row, zip_code in places:
        for line, (code, place) in zip(found["C" + zip_code], billed):
            want = {fee(code, place, row)} | ({national(code, place)} if row is indices[-1] else set())
            good = want == {line.allowed} and line.paid == line.allowed and line.status == "decided"
            count[row is indices[-1], good] += 1
            if not good and count[False, False] + count[True, False] <= 10:
                print("%s %s place %s in %s-%s: %s %s, should be %s" % (
                    code["hcpcs_code"], code["mod"], place, row["mac"], row["locality"], line.status,
                    book.dollars(line.allowed), " and ".join(map(book.dollars, want))))
    failed += count[False, False] + count[True, False]
    print("Fees: %d of %d agree to the cent, of %d codes and modifiers in %d localities; %d of %d agree with the published national sums"
          % (count[False, True], count[False, True] + count[False, False], len(codes), len(places) - 1,
             count[True, True], count[True, True] + count[True, False]))
    # A check is a locality's claim, and the audit.
    print("%d passed, %d failed" % (len(places) + 1 if not failed else 0, min(1, failed)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
