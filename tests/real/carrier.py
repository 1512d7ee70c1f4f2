"""Adjudicates Medicare's published Part B lines (derived/medicare_carrier_lines.csv) under medicare-part-b.yaml and compares.

    carrier.py --aver bin/aver --reader build/dev/real/read

The file has amounts but no beneficiary, no day and no fee schedule. So each claim is of a member of its own; its lines are of one
day, later where it bills a procedure again at another price; the allowed amount is that day's fee; and a service before it uses the
deductible up, except for what the claim's lines were charged of it. Lines that Medicare found to be submitted again (M) are filed
again. What the plan decides is compared with what Medicare did: denied or not, allowed, deductible, coinsurance, paid. Amounts of
money are published coarsely: the nearest 10 dollars, above 100 the nearest 50; so equal is: some exact amounts that are published as
these would give this payment. A claim whose amounts are exact is of the second version of the plan, with sequestration, and has to agree
to the cent.
"""

import argparse
import collections
import csv
import datetime
import sys

import book

FIRST = {False: datetime.date(2016, 1, 4), True: datetime.date(2017, 1, 4)}
DEDUCTIBLE = 16600
# Allowed, but published as 0: less than half of 10 dollars.
LITTLE = 250


def coarse(published):
    """The lowest and highest exact cents that are published so, where the file rounds; else the amount itself."""
    if published % 1000:
        return published, published
    low = 500 if published <= 10000 else 2500
    high = 500 if published < 10000 else 2500
    return max(0, published - low), published + high


def payment_possible(row, rate):
    """Whether Medicare's payment follows from its allowed amount and deductible, at 80 or 100 %, within the coarseness."""
    allowed, deductible, paid = (coarse(row[k]) for k in ("alowd", "ddctbl", "paid"))
    if row["ddctbl"] == 0:
        deductible = (0, 0)
    least = max(0, allowed[0] - deductible[1]) * rate // 100
    most = -(-max(0, allowed[1] - deductible[0]) * rate // 100)
    return least <= paid[1] and paid[0] <= most


def is_exact(rows):
    """Whether a claim's amounts are published to the cent; then it is of the years since sequestration began (April 2013)."""
    return any(row[key] % 1000 for row in rows for key in ("alowd", "coins", "paid"))


def read_rows(path):
    claims = collections.OrderedDict()
    with open(path, newline="", encoding="utf-8") as source:
        for row in csv.DictReader(source):
            for key in ("sbmtd", "alowd", "ddctbl", "coins", "primary_paid", "paid"):
                row[key] = book.cents(row[key])
            claims.setdefault((row["family"], row["claim"]), []).append(row)
    return list(claims.values())


def file(claims, ledger):
    """Files the claims; sets of each row the claim and line that it became."""
    fees, before, filed, again, waiting = [], [], [], [], []
    for n, rows in enumerate(claims):
        member, start = "B%04d" % n, FIRST[is_exact(rows)] + n % 300 * datetime.timedelta(days=1)
        price = {}  # of procedure and day
        parts = {"": [], "M": [], "O": []}
        left = sum(row["ddctbl"] for row in rows)
        if 0 < DEDUCTIBLE - left:
            day = str(start - datetime.timedelta(days=1))
            fees.append(("D%04d" % n, book.dollars(DEDUCTIBLE - left), day, day))
            before.append(("B%04d-0" % n, member, "", [("D%04d" % n, DEDUCTIBLE - left, day)]))
        for row in rows:
            part = "M" if row["prcsg_ind"] == "M" else ""
            if row["prcsg_ind"] not in "AMCS" and row["sbmtd"]:
                part = "O"
            fee, day = row["alowd"] or LITTLE, start
            if part == "M":
                day = next((o["day"] for o in rows if o["hcpcs"] == row["hcpcs"] and "day" in o), start)
            elif part == "":
                same = [(o["hcpcs"], o["sbmtd"]) for o in parts[""]].count((row["hcpcs"], row["sbmtd"]))
                while price.setdefault((row["hcpcs"], day), fee) != fee or same:
                    day, same = day + datetime.timedelta(days=1), max(0, same - 1)
            row["day"], row["part"], row["exact"] = day, part, is_exact(rows)
            parts[part].append(row)
        for part, list_of in (("", filed), ("M", again), ("O", waiting)):
            lines = [(row["hcpcs"], row["sbmtd"], str(row["day"])) for row in parts[part]]
            for at, row in enumerate(parts[part]):
                row["at"] = "B%04d-1%s" % (n, part), at
            # Equal lines of one claim are for a person: what was submitted again comes line by line.
            if part == "M":
                for at, line in enumerate(lines):
                    again.append(("B%04d-1M%d" % (n, at), member, "", [line]))
                    parts[part][at]["at"] = "B%04d-1M%d" % (n, at), 0
            elif lines:
                list_of.append(("B%04d-1%s" % (n, part), member, "", lines))
        fees += [(code, book.dollars(fee), str(day), str(day)) for (code, day), fee in price.items()]
    ledger.table("fees", "fees", "code,price,from,to", fees)
    ledger.roster("suppliers")
    ledger.policy("medicare-part-b.yaml", year="2016", sequestration="")
    ledger.policy("medicare-part-b.yaml", year="2017", sequestration="sequestration: {percent: 2 %}")
    ledger.enrol(["B%04d" % n for n in range(len(claims))], "part-b", "2015-01-01")
    for some in (before, filed, again, waiting):
        if some:
            ledger.submit(some)


def judge(row, line):
    """None where the line agrees; else why it does not: a reason of EXCEPTIONS, or what differs."""
    whole = any(a[:2] == ("PR", "2") for a in line.adjustments)
    deductible, coinsurance = book.taken(line, "PR", "1"), book.taken(line, "PR", "2")
    rate = 100 if row["pmt_80_100"] == "1" else 80
    if row["prcsg_ind"] == "C" or row["prcsg_ind"] == "M":
        good = line.status == "denied" and row["paid"] == 0
        return None if good else "denied by Medicare, %s by us" % line.status
    if row["part"] == "O":
        return "no reason" if line.paid == 0 and row["paid"] == 0 else "differs: paid %d" % line.paid
    wrong = []
    if line.status == "pended" or line.status == "held":
        wrong.append(line.status)
    if rate == 100 and whole:
        wrong.append("80 %, where Medicare pays all")
    if not coarse(row["alowd"])[0] <= line.allowed <= coarse(row["alowd"])[1]:
        wrong.append("allowed %s" % book.dollars(line.allowed))
    if deductible != row["ddctbl"]:
        wrong.append("deductible %s" % book.dollars(deductible))
    if row["exact"]:
        if (line.paid, coinsurance) != (row["paid"], row["coins"]):
            wrong.append("paid %s" % book.dollars(line.paid))
        return "differs: " + ", ".join(wrong) if wrong else None
    if line.paid != (line.allowed - deductible) * rate // 100:
        wrong.append("paid %s" % book.dollars(line.paid))
    if not payment_possible(row, rate):
        wrong.append("Medicare's payment does not follow from its allowed amount")
    low, high = coarse(row["coins"])
    spread = coarse(row["alowd"])[1] - row["alowd"]
    if not wrong and not low - spread * (100 - rate) // 100 <= coinsurance <= high + spread * (100 - rate) // 100:
        return "deductible repeated" if row["coins"] == row["ddctbl"] else "coinsurance %d" % coinsurance
    return "differs: " + ", ".join(wrong) if wrong else None


EXCEPTIONS = {
    "no reason": "Medicare paid nothing and the file does not say why: ours waits for a person, and is paid nothing so far",
    "deductible repeated": "the published coinsurance is the deductible again; what is allowed, deducted and paid agrees",
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--aver", required=True)
    parser.add_argument("--reader", required=True)
    parser.add_argument("--data", help="another file of the same form")
    args = parser.parse_args()
    path = args.data or book.where_data("derived/medicare_carrier_lines.csv")
    if not path:
        return book.skipped()
    claims = read_rows(path)
    ledger = book.Book(args.aver, args.reader, 1514678400000)  # 2017-12-31
    try:
        file(claims, ledger)
        lines, _, _ = ledger.read()
    finally:
        ledger.close()
    count, failed, exact = collections.Counter(), 0, 0
    for rows in claims:
        for row in rows:
            control, at = row["at"]
            why = judge(row, lines[control][at])
            count[why] += 1
            exact += why is None and lines[control][at].paid == row["paid"]
            if why is not None and why not in EXCEPTIONS:
                failed += 1
                print("%s line %s %s: %s" % (row["claim"], row["line"], row["hcpcs"], why))
            elif why is not None:
                print("except %s line %s %s: %s" % (row["claim"], row["line"], row["hcpcs"], why))
    total = sum(count.values())
    print("Part B: %d of %d lines agree within the file's coarseness, %d of them to the cent" % (count[None], total, exact))
    for why, words in EXCEPTIONS.items():
        print("%5d excepted, %s: %s" % (count[why], why, words))
    print("%d passed, %d failed" % (total - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
