"""Posts the inpatient claims of CMS's synthetic beneficiaries (DE-SynPUF) under medicare-part-a.yaml and compares what accumulated
with their published yearly summaries, to the cent.

    synpuf.py --aver bin/aver --reader build/dev/real/read [--beneficiaries N]

Every beneficiary is enrolled; each claim is filed with the lines that it was paid by: the admission, with what Medicare paid, its
pass-through amount for each covered day, and the deductible; the coinsurance and the blood that were the beneficiary's; what another
payer paid first. The plan takes the year's deductible off an admission that is charged one. Then, of each beneficiary and year, three
sums of the ledger's are held against the summary: paid (MEDREIMB_IP), the accumulator of what the beneficiary owed (BENRES_IP),
and what CARC 23 took off for another payer (PPPYMT_IP). The year is that of the claim's last day.
"""

import argparse
import collections
import csv
import os
import sys

import book

DEDUCTIBLES = {"2008": "1024.00", "2009": "1068.00", "2010": "1100.00"}
CLAIMS = "DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv"
SUMMARY = "DE1_0_%s_Beneficiary_Summary_File_Sample_1.csv"
SUMS = ("MEDREIMB_IP", "BENRES_IP", "PPPYMT_IP")

EXCEPTIONS = {
    "taken back": "Medicare's payment of a claim is below zero: money taken back comes with the claim's next version",
    "summary": "the published claims do not add up to the published summary either",
}


def rows_of(folder, name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as source:
        yield from csv.DictReader(source)


def amounts(row):
    """Cents: to the provider, deductible, coinsurance, blood, another payer."""
    through = book.cents(row["CLM_PASS_THRU_PER_DIEM_AMT"]) * int(row["CLM_UTLZTN_DAY_CNT"] or 0)
    return (book.cents(row["CLM_PMT_AMT"]) + through, book.cents(row["NCH_BENE_IP_DDCTBL_AMT"]),
            book.cents(row["NCH_BENE_PTA_COINSRNC_LBLTY_AM"]), book.cents(row["NCH_BENE_BLOOD_DDCTBL_LBLTY_AM"]),
            book.cents(row["NCH_PRMRY_PYR_CLM_PD_AMT"]))


def claim_of(row):
    day = "-".join((row["CLM_THRU_DT"][:4], row["CLM_THRU_DT"][4:6], row["CLM_THRU_DT"][6:]))
    paid, deductible, coinsurance, blood, other = amounts(row)
    kind = "D" if row["NCH_BENE_IP_DDCTBL_AMT"] else "C"
    lines = [(kind + row["CLM_DRG_CD"], max(0, paid + deductible), day)]
    for procedure, amount in (("X0001", coinsurance), ("X0002", blood), ("X0003", other)):
        if amount:
            lines.append((procedure, amount, day))
    return row["CLM_ID"], row["DESYNPUF_ID"], row["AT_PHYSN_NPI"], lines


def expected(claims):
    """What the published claims add up to, without the program: by beneficiary and year, and whose money was taken back."""
    sums, back = collections.defaultdict(lambda: [0, 0, 0]), set()
    for row in claims:
        paid, deductible, coinsurance, blood, other = amounts(row)
        key = row["DESYNPUF_ID"], row["CLM_THRU_DT"][:4]
        for i, amount in enumerate((paid, deductible + coinsurance + blood, other)):
            sums[key][i] += amount
        if paid < 0:
            back.add(key)
    return sums, back


def posted(lines, claims, used):
    sums = collections.defaultdict(lambda: [0, 0, 0])
    for control, (_, member, paid, _, year) in claims.items():
        sums[member, str(year)][0] += paid
        sums[member, str(year)][2] += sum(book.taken(line, "OA", "23") for line in lines[control])
    for (person, year, counter, _), amount in used.items():
        if counter == "oop_max" and person != "*":
            sums[person, str(year)][1] += amount
    return sums


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--aver", required=True)
    parser.add_argument("--reader", required=True)
    parser.add_argument("--beneficiaries", type=int, default=0, help="the first of them; 0: all")
    args = parser.parse_args()
    folder = book.where_data("synpuf-milwaukeedata/sample-1")
    if not folder:
        return book.skipped()
    summary, known = collections.OrderedDict(), collections.OrderedDict()
    for year in DEDUCTIBLES:
        for row in rows_of(folder, SUMMARY % year):
            if not args.beneficiaries or len(known) < args.beneficiaries or row["DESYNPUF_ID"] in known:
                known[row["DESYNPUF_ID"]] = None
                summary[row["DESYNPUF_ID"], year] = [book.cents(row[name]) for name in SUMS]
    who = list(known)
    # A second segment repeats the amounts of its claim and has no days.
    claims = [row for row in rows_of(folder, CLAIMS) if row["SEGMENT"] == "1" and row["DESYNPUF_ID"] in known]
    ledger = book.Book(args.aver, args.reader, 1325376000000)  # 2012-01-01
    try:
        for year, deductible in DEDUCTIBLES.items():
            ledger.policy("medicare-part-a.yaml", year=year, deductible=deductible)
        ledger.roster("hospitals")
        ledger.enrol(who, "part-a", "2007-01-01")
        ledger.submit([claim_of(row) for row in claims])
        have = posted(*ledger.read())
        same = ledger.audit()
    finally:
        ledger.close()
    should, back = expected(claims)
    count, wrong = collections.Counter(), set()
    none = [0, 0, 0]
    for key, published in summary.items():
        if have.get(key, none) == published:
            count["agree" if key in should else "agree, without a claim"] += 1
            continue
        why = "taken back" if key in back else "summary" if should.get(key, none) != published else None
        count[why] += 1
        wrong.update([key[1]] if why is None else [])
        words = "%s %s: %s, published %s" % (key + (have.get(key, none), published))
        print("except %s (%s)" % (words, why) if why else words)
    agree = count["agree"] + count["agree, without a claim"]
    print("Part A: %d claims of %d beneficiaries; %d of %d years agree to the cent in all three sums (%d of them with a claim)"
          % (len(claims), len(who), agree, len(summary), count["agree"]))
    for why, words in EXCEPTIONS.items():
        print("%5d excepted, %s: %s" % (count[why], why, words))
    # A check is a calendar year, and the audit.
    failed = len(wrong) + (not same)
    print("%d passed, %d failed" % (len(DEDUCTIBLES) + 1 - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
