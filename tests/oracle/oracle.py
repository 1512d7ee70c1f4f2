"""Decides generated claims twice, with the program and with rules.py, and compares: the last line is the count.

    oracle.py --decide build/dev/oracle/decide [--claims N] [--seed N] [--keep DIR] [--show N] [--keys]

Of each claim: its lines' status, allowed and paid amounts, each adjustment with its policy path, the payee, and the accumulators
afterwards. The count is of plans, of 100 claims each. A key of the policy, or a word that it can be, that no plan is drawn with and
NOT_DRAWN does not name is a failure; --keys prints how many plans have each, and how often each reason was met. With --keep the
directories stay there, each a contract directory (aver contract trace).
"""

import argparse
import collections
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import draw
import rules

HERE = os.path.dirname(os.path.abspath(__file__))
PLAN_CLAIMS = 100  # of one plan
AT_ONCE = 50       # plans a run of the program


# Keys that no plan is drawn with, and why: by any word of their path.
NOT_DRAWN = {
    "type": "decides nothing", "missing": "has one word", "appeals": "decides nothing", "citations": "decides nothing",
    "revenue_codes": "revenue codes", "drgs": "stays", "base_rate": "stays", "carve_outs": "stays", "stop_loss": "stays",
    "drugs": "drugs by their NDC",
}
KEY_PLANS = 500  # of which each key stands in one at least


def stand(known, value, path, found):
    """The keys and words of a drawn policy, as the program names them."""
    found.add(path)
    if isinstance(value, dict):
        for key, item in value.items():
            here = (path + "." if path else "") + key
            stand(known, item, here if here in known else (path + "." if path else "") + "*", found)
    elif isinstance(value, list):
        for item in value:
            stand(known, item, path + ".*", found)
    elif path + " " + str(value) in known:
        found.add(path + " " + str(value))


def check_keys(args):
    """Draws plans alone: how many keys are neither drawn nor named, each of which is told; with --keys all are."""
    keys = subprocess.run([args.decide], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    known = [line[2:] for line in keys if line.startswith("K ")]
    met, missing = collections.Counter(), 0
    for n in range(KEY_PLANS):
        found = set()
        stand(set(known), draw.Draw(random.Random("keys %d" % n)).plan()[0], "", found)
        met.update(found)
    for key in known:
        reasons = [NOT_DRAWN[word] for word in key.split(" ")[0].split(".") if word in NOT_DRAWN] + ["NOT DRAWN"]
        why = "" if met[key] else reasons[0]
        missing += why == "NOT DRAWN"
        if args.keys or why == "NOT DRAWN":
            print("%6s  %s%s" % (met[key] or "-", key, why and "  (%s)" % why))
    return missing


def mine(story, claim):
    """What rules.py came to, in the form of decide.c."""
    held = claim.status == "pended"
    lines = []
    for line in claim.lines:
        lines.append((line.number, line.status, line.allowed, line.paid, line.waits if held else "-",
                      ";".join("%s|%s|%d|%s" % a for a in line.adjustments) or "-"))
    used = {}
    if claim.member in story.members and claim.frequency == 1:  # another is held before it has a policy
        family = story.members[claim.member]["family"]
        year, last = story.world.year(min(x.start for x in claim.lines)), max(x.end for x in claim.lines)
        periods = {"all", rules.period(year)}
        while year <= last:
            year = rules.later(year, 12)
            periods.add(rules.period(year))
        for (f, person, when, counter, tier), amount in claim.used.items():
            if f == family and person in (claim.member, "*") and when in periods and amount:
                used[(person, when, counter, tier)] = amount
    paid = sum(line.paid for line in claim.lines)
    payee = claim.payee if claim.status == "decided" else None
    return {"lines": lines, "used": used, "status": claim.status, "paid": paid, "payee": payee}


def theirs(text):
    """The decisions in the program's output, by directory and claim."""
    found, lines, used = {}, [], {}
    for row in text.splitlines():
        kind, *cell = row.split(" ")
        if kind == "D":
            of = found.setdefault(cell[0], {})
        elif kind == "L":
            lines.append((int(cell[1]), cell[2], int(cell[3]), int(cell[4]), cell[7], cell[8]))
        elif kind == "A" and int(cell[4]):
            used[(cell[0], cell[1], cell[2], cell[3])] = int(cell[4])
        elif kind == "C":
            of[cell[0]] = {"lines": lines, "used": used, "status": cell[1],
                           "paid": int(cell[2]) if cell[1] != "refused" else cell[2:],
                           "payee": cell[3] if cell[1] == "decided" else None}
            lines, used = [], {}
    return found


def differences(a, b):
    if b is None:
        return ["there is no decision"]
    out = []
    for x, y in zip(a["lines"], b["lines"]):
        if x != y:
            out += ["line %d" % x[0], "  oracle  %s" % (x[1:],), "  program %s" % (y[1:],)]
    for what in ("status", "paid", "payee"):
        if a[what] != b[what]:
            out.append("%s: oracle %s, program %s" % (what, a[what], b[what]))
    for key in sorted(set(a["used"]) | set(b["used"])):
        if a["used"].get(key) != b["used"].get(key):
            out.append("used %s: oracle %s, program %s" % (key, a["used"].get(key), b["used"].get(key)))
    return out


def shown(claim):
    yield "member %s, billing %s, frequency %d, received %s" % (claim.member, claim.billing, claim.frequency,
                                                               claim.received)
    for x in claim.lines:
        yield "  %d %s %s units %d charge %d place %s auth %s %s..%s %s %s" % (
            x.number, x.code, x.mods, x.units, x.charge, x.place, x.auth or "-", x.start, x.end, x.provider, x.tier)


def run(args, stories, where):
    paths = [os.path.join(where, "plan-%d" % n) for n, _ in stories]
    for path, (_, story) in zip(paths, stories):
        story.write(path, args.contracts)
    done = subprocess.run([args.decide] + paths, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    words = [w for w in done.stderr.splitlines() if "warning" not in w]
    for word in words[:5]:
        print("program: " + word)
    found = theirs(done.stdout)
    for path, (n, story) in zip(paths, stories):
        differs = False
        for claim in story.claims:
            b = found.get(path, {}).get(claim.control)
            diff = differences(mine(story, claim), b)
            args.count["claims"] += 1
            args.count["differ"] += bool(diff)
            for line in claim.lines:
                args.met[(claim.status, line.status) + tuple((a[0], a[1]) for a in line.adjustments)] += 1
                for group, carc, _, why in line.adjustments:
                    args.reasons["%s-%s %s" % (group, carc, re.sub(r"(?<=[.])[0-9]+(?=[.]|$)", "*", why))] += 1
                if claim.status == "pended" and line.waits != "-":
                    args.reasons["waits %s" % re.sub(r"(?<=[.])[0-9]+(?=[.]|$)", "*", line.waits)] += 1
            if diff and not differs and args.show > 0:
                args.show -= 1
                print("plan %d of seed %d, claim %s: %s" % (n, args.seed, claim.control, path))
                for text in list(shown(claim)) + diff:
                    print("    " + text)
            differs = differs or bool(diff)
        args.count["failed" if differs else "passed"] += 1
        if not args.keep:
            shutil.rmtree(path)
    if done.returncode != 0:
        print("program: exit %d" % done.returncode)
        args.count["failed"] += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--decide", required=True)
    parser.add_argument("--contracts", default=os.path.join(HERE, "..", "..", "contracts"))
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, default=-1, help="one plan")
    parser.add_argument("--show", type=int, default=5, help="how many plans' first differences are shown")
    parser.add_argument("--keep", help="a directory that the plans are left in")
    parser.add_argument("--keys", action="store_true", help="which keys were drawn, and which reasons met")
    args = parser.parse_args()
    args.count, args.met = collections.Counter(), collections.Counter()
    args.reasons = collections.Counter()
    where = args.keep or tempfile.mkdtemp(prefix="oracle-")
    plans = -(-args.claims // PLAN_CLAIMS)
    numbers = [args.only] if args.only >= 0 else list(range(plans))
    try:
        for at in range(0, len(numbers), AT_ONCE):
            stories = []
            for n in numbers[at:at + AT_ONCE]:
                story = draw.Story(random.Random("%d plan %d" % (args.seed, n)))
                story.tell(min(PLAN_CLAIMS, args.claims - n * PLAN_CLAIMS))
                stories.append((n, story))
            run(args, stories, where)
    finally:
        if not args.keep:
            shutil.rmtree(where)
    for reason, count in sorted(args.reasons.items()) if args.keys else ():
        print("%6d  %s" % (count, reason))
    args.count["failed"] += check_keys(args)
    print("%d claims, %d lines of %d kinds by status and reasons; %d claims differ" % (
        args.count["claims"], sum(args.met.values()), len(args.met), args.count["differ"]))
    print("%d passed, %d failed" % (args.count["passed"], args.count["failed"]))
    return 1 if args.count["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
