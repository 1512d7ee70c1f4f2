"""Which scenarios show each adjudication rule, by its default and under each alternative: the last line is the count.

    rules.py [--quiet]

A choice is a rule and what must (and must not) stand in a scenario's settings. Its scenarios are those of the rule, by their
titles, in which it so stands: their rows are what is below, at and above the boundary, and their outcomes (status and reasons) how
many different things come of it. A choice of fewer than ROWS rows, or whose rows all come to the same, is a failure.
"""

import os
import re
import sys

ROWS = 3
ANY = ""

# rule, what is chosen, whether it is the default, what must stand in the settings, what must not
CHOICES = [
    (1, "copay, deductible, coinsurance", True, "copay_more .*deductible: true", "order|base"),
    (1, "deductible, copay, coinsurance", False, r"order \[deductible, copay, coinsurance\]", None),
    (1, "coinsurance of the allowed less the deductible", False, "base allowed_less_deductible", None),
    (2, "copay, deductible and coinsurance count", True, "oop ", "counts_to"),
    (2, "crossing", False, "counts_to: ", None),
    (2, "a benefit that does not count", False, "counts_to_oop: false", None),
    (3, "embedded", True, "family_deductible", "aggregate"),
    (3, "aggregate", False, "family_rule aggregate", None),
    (4, "the line is split", True, ANY, None),
    (5, "lines by number, claims as they come", True, ANY, "lines_by"),
    (5, "lines by the day of service", False, "lines_by service_from", None),
    (6, "half up", True, ANY, "rounding"),
    (6, "half even", False, "^rounding half_even", None),
    (6, "down", False, "^rounding down", None),
    (6, "up", False, "^rounding up", None),
    (7, "lesser of each line", True, ANY, "lesser_of|case_rates|per_diem|drgs"),
    (7, "lesser of all charges and all fees", False, "lesser_of per_claim", None),
    (7, "none", False, "lesser_of none", None),
    (7, "case rates", False, "case_rates", None),
    (7, "rates of a day", False, "per_diem", None),
    (8, "percentages before the lesser of both, ranked by fee", True, "multiple_procedures", "lesser_of"),
    (9, "copay of a visit, its rest to the next line", True, ANY, "copay_per|copay_rest"),
    (9, "of a day", False, "copay_per day", None),
    (9, "of a line", False, "copay_per line", None),
    (9, "the rest is dropped", False, "copay_rest: drop", None),
    (10, "a visit counts if something is allowed", True, "limit visits", "count_if"),
    (10, "if the plan paid something", False, "count_if: paid", None),
    (11, "past the visits: the balance", True, "limit visits", "past: charge"),
    (11, "past the visits: the charge", False, "past: charge", None),
    (11, "maxima of what the plan pays", True, "maxima", "basis: allowed"),
    (11, "maxima of what is considered", False, "basis: allowed", None),
    (12, "days", True, "filing_limit", "filing_unit|filing_from"),
    (12, "months", False, "filing_unit months", None),
    (12, "years", False, "filing_unit years", None),
    (12, "from the end of a line", False, "filing_from service_to", None),
    (12, "from the end of the statement", False, "filing_more .*statement_to|filing_from statement_to", None),
    (13, "exact ones are denied, suspected ones wait", True, ANY, "exact pend"),
    (13, "exact ones wait", False, "exact pend", None),
    (14, "the member bears the balance", True, ANY, "protected|out_balance"),
    (14, "the provider bears it", False, "out_balance CO", None),
    (14, "the member is protected", False, "protected", None),
    (15, "one adjustment of the whole charge", True, ANY, None),
    (18, "calendar years", True, ANY, "benefit_year plan|carry_over|inpatient_year"),
    (18, "plan years", False, "benefit_year plan", None),
    (18, "a stay line by line", False, "inpatient_year: service_from", None),
    (18, "carry-over of the last months", False, "carry_over_months", None),
    (19, "the lesser of member and family", True, ANY, None),
    (21, "denied whole", True, "above: deny", None),
    (21, "a person looks", False, "above: pend", None),
    (21, "paid to the limit", False, "above: pay_to_limit", None),
    (21, "a value of zero denies", False, "zero: deny", None),
    (22, "denied; modifiers tell apart; column 2 paid earlier waits", True, "pairs", "institutional_table"),
    (22, "another table for hospitals", False, "institutional_table", None),
    (23, "zero fees and spans wait", True, ANY, None),
    (24, "the provider in network, else the member unless assigned", True, ANY, None),
]

# Rules 16 (but for its default) and 20 are not carried out; of rule 17 no row can take back: tests/unit/test_reversal.c does.


def scenarios(folder):
    """Title, settings, and the rows (status, reasons, adjustments, paid) of each scenario of the tables."""
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".test"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as source:
            blocks = source.read().split("\nscenario ")[1:]
        for block in blocks:
            title, *lines = block.split("\n")
            settings = [line[4:] for line in lines if line.startswith("set ")]
            table = [[cell.strip() for cell in line.split("|")] for line in lines if "|" in line and line[:1] != "#"
                     and not line.startswith(("set ", "fee ", "cover ", "bundled "))]
            head = table[0]
            rows = []
            for row in table[1:]:
                cell = dict(zip(head, row))
                reasons = " ".join(a.split(" ")[0] for a in cell.get("adjustments", "").split(", "))
                rows.append((cell.get("status", ""), reasons, cell.get("adjustments"), cell.get("paid")))
            yield title, settings, rows


def numbers(title):
    """The rules that a title names: "rule 6 and 8: ..."."""
    if not title.startswith("rule"):
        return set()
    return {int(n) for n in re.findall("[0-9]+", title.split(":")[0])}


def main():
    quiet = "--quiet" in sys.argv[1:]
    found = list(scenarios(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tests")))
    failed = 0
    for rule, choice, default, must, must_not in CHOICES:
        mine = [rows for title, settings, rows in found if rule in numbers(title) and
                (not must or any(re.search(must, s) for s in settings)) and
                not (must_not and any(re.search(must_not, s) for s in settings))]
        rows = [row for of in mine for row in of]
        bad = len(rows) < ROWS or len(set(rows)) < 2
        failed += bad
        if bad or not quiet:
            print("%s rule %2d  %-8s %-58s %2d scenarios, %3d rows, %2d outcomes" % (
                "not ok" if bad else "ok    ", rule, "default" if default else "", choice, len(mine), len(rows),
                len({row[:2] for row in rows})))
    print("%d passed, %d failed" % (len(CHOICES) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
