"""Files the inpatient claims of CMS's synthetic beneficiaries (DE-SynPUF) as a hospital does, with their published DRG, days and
dates, under stays.yaml, and compares what came of each with a computation of its own, to the cent.

    stays.py --aver bin/aver --reader build/dev/real/read [--beneficiaries N]

A DRG's weight is what its published claims of an admission's year came to on the average, in ten-thousandths of a base rate; a DRG with
fewer than three claims in that year has none, and waits for a person. Charges are what was published: room and board Medicare's payment,
other revenue the deductible and the coinsurance. So rates lie above and below the charges, a stop loss takes the dearest,
and the deductible of a year is that of the admission.
"""

import argparse
import collections
import csv
import os
import sys

import book

CLAIMS = "DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv"
BASE, DEDUCTIBLE, ABOVE = 650001, 106800, 3000000  # cents
FEWEST = 3


def iso(day):
    return "-".join((day[:4], day[4:6], day[6:]))


def charges(row):
    """Cents of room and board, and of the rest."""
    rest = (book.cents(row["NCH_BENE_IP_DDCTBL_AMT"]) + book.cents(row["NCH_BENE_PTA_COINSRNC_LBLTY_AM"]) +
            book.cents(row["NCH_BENE_BLOOD_DDCTBL_LBLTY_AM"]))
    return max(0, book.cents(row["CLM_PMT_AMT"])), rest


def weights_of(rows):
    """In ten-thousandths, by DRG and year of admission."""
    sums = collections.defaultdict(list)
    for row in rows:
        sums[row["CLM_DRG_CD"], row["CLM_ADMSN_DT"][:4]].append(sum(charges(row)))
    return {key: sum(paid) * 10000 // len(paid) // BASE for key, paid in sums.items() if len(paid) >= FEWEST}


def half_up(number, by):
    return (2 * number + by) // (2 * by)


def expected(rows, weights):
    """(status, allowed, deductible, paid) of each claim, in their order. The DRG 000 is of no rate: such a claim is paid its
    charges."""
    left, seen, out = collections.defaultdict(lambda: DEDUCTIBLE), {}, {}
    for row in rows:
        room, rest = charges(row)
        key, year = (row["DESYNPUF_ID"], row["CLM_FROM_DT"], row["CLM_THRU_DT"]), row["CLM_ADMSN_DT"][:4]
        if not row["CLM_DRG_CD"].isdigit():
            continue
        if key in seen:
            out[row["CLM_ID"]] = ("denied", 0, 0, 0) if seen[key] == (room, rest) else ("pended", 0, 0, 0)
            continue
        seen[key] = room, rest
        weight = weights.get((row["CLM_DRG_CD"], year), 0)
        whole = row["CLM_DRG_CD"] == "000"
        if weight == 0 and not whole:
            out[row["CLM_ID"]] = "pended", 0, 0, 0
            continue
        allowed = room + rest if whole else half_up(weight * BASE, 10000)
        if room + rest > ABOVE and not whole:
            allowed += half_up((room + rest - ABOVE) * 60, 100)
        deductible = min(allowed, left[row["DESYNPUF_ID"], year])
        left[row["DESYNPUF_ID"], year] -= deductible
        out[row["CLM_ID"]] = "decided", allowed, deductible, allowed - deductible
    return out, left


def sheet_of(rows):
    header = ("patient_control_number,member_id,total_charge,billing_npi,billing_name,type,type_of_bill,statement_from,"
              "statement_to,admission_date,drg,revenue_code,units,charge")
    lines = []
    for row in rows:
        room, rest = charges(row)
        days = max(1, int(row["CLM_UTLZTN_DAY_CNT"] or 0))
        lines.append((row["CLM_ID"], row["DESYNPUF_ID"], book.dollars(room + rest), book.NPI, "Hospital", "institutional", "0111",
                      iso(row["CLM_FROM_DT"]), iso(row["CLM_THRU_DT"]), iso(row["CLM_ADMSN_DT"]), row["CLM_DRG_CD"], "0120",
                      days, book.dollars(room)))
        if rest:
            lines.append((row["CLM_ID"],) + ("",) * 10 + ("0270", 1, book.dollars(rest)))
    return header, lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--aver", required=True)
    parser.add_argument("--reader", required=True)
    parser.add_argument("--beneficiaries", type=int, default=0, help="the first of them; 0: all")
    args = parser.parse_args()
    folder = book.where_data("synpuf-milwaukeedata/sample-1")
    if not folder:
        return book.skipped()
    with open(os.path.join(folder, CLAIMS), newline="", encoding="utf-8") as source:
        # A second segment repeats the amounts of its claim and has no days.
        rows = [row for row in csv.DictReader(source) if row["SEGMENT"] == "1"]
    known = list(collections.OrderedDict.fromkeys(row["DESYNPUF_ID"] for row in rows))
    if args.beneficiaries:
        known = known[:args.beneficiaries]
        rows = [row for row in rows if row["DESYNPUF_ID"] in set(known)]
    weights = weights_of(rows)
    ledger = book.Book(args.aver, args.reader, 1325376000000)  # 2012-01-01
    try:
        ledger.table("rates", "fees", "code,price,from,to",
                     [(drg, "%d.%04d" % divmod(weight, 10000), year + "-01-01", year + "-12-31")
                      for (drg, year), weight in sorted(weights.items()) if drg.isdigit()])
        ledger.policy("stays.yaml", deductible=book.dollars(DEDUCTIBLE), base_rate=book.dollars(BASE),
                      above=book.dollars(ABOVE))
        ledger.roster("hospitals")
        ledger.enrol(known, "stays", "2006-01-01")
        words = ledger.run("submit", ledger.sheet("claims.csv", *sheet_of(rows)), "--key", ledger.key, "--json",
                           exits=(0, 1))
        lines, claims, used = ledger.read()
        same = ledger.audit()
    finally:
        ledger.close()
    should, left = expected(rows, weights)
    by_charge = {row["CLM_ID"] for row in rows if row["CLM_DRG_CD"] == "000"}
    refused = [row["CLM_ID"] for row in rows if row["CLM_ID"] not in should]
    count, wrong = collections.Counter(), 0
    for claim, (status, allowed, deductible, paid) in should.items():
        mine, have = lines.get(claim, []), None
        if mine:
            have = (claims[claim][0],) + tuple(map(sum, zip(*[(line.allowed, book.taken(line, "PR", "1"), line.paid)
                                                              for line in mine])))
            # By a DRG the first line is paid, and the others with it.
            if status == "decided" and claim not in by_charge and any(
                    (line.allowed, book.taken(line, "CO", "97")) != (0, line.charge) for line in mine[1:]):
                have = None
        if have == (status, allowed, deductible, paid):
            count[status] += 1
            count["above"] += status == "decided" and allowed > sum(line.charge for line in mine)
            continue
        wrong += 1
        if wrong <= 10:
            print("claim %s: %s, should be %s" % (claim, have, (status, allowed, deductible, paid)))
    for (member, year), rest in left.items():
        if used.get((member, int(year), "deductible", "in_network"), 0) != DEDUCTIBLE - rest:
            wrong += 1
            print("%s %s: the deductible used is not %d" % (member, year, DEDUCTIBLE - rest))
    odd = [claim for claim in refused if claim in claims]
    drgs = len({row["CLM_DRG_CD"] for row in rows})
    print("Stays: %d of %d claims of %d DRGs come out as computed: %d paid by DRG (%d above the charge), %d of DRG 000 by charge, %d wait "
          "for a rate, %d billed twice; %d refused, whose DRG is no number"
          % (len(should) - wrong, len(should), drgs, count["decided"] - len(by_charge), count["above"], len(by_charge),
             count["pended"], count["denied"], len(refused)))
    if odd or "write 003, not 3" not in words and not all(row["CLM_DRG_CD"].isdigit() for row in rows):
        print("the claims of DRG OTH were not refused in the words that mend them")
        wrong += 1
    # A check is the claims, the accumulators and words, and the audit.
    print("%d passed, %d failed" % (2 - (wrong > 0) - (not same), (wrong > 0) + (not same)))
    return 1 if wrong or not same else 0


if __name__ == "__main__":
    sys.exit(main())
