"""A ledger for published claims: makes it with the program as an insurer and a provider would, and reads back what it decided.

Claims go in as CSV, are signed by the provider, decided by contracts/ under the YAML of this directory, and posted.
"""

import collections
import csv
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
NPI = "1234567893"  # who bills all of it; the published files have none that is fit for a claim

Line = collections.namedtuple("Line", "number procedure status charge allowed paid adjustments")


def cents(text):
    """Dollars as published ("47.84", "75", "300.0", "" is none), in cents; more decimals are no amount of money."""
    whole, _, part = (text or "0").partition(".")
    if part.strip("0")[2:] or len(part.rstrip("0")) > 2:
        raise ValueError("%s dollars are no whole cents" % text)
    sign = -1 if whole.startswith("-") else 1
    return int(whole or "0") * 100 + sign * int((part + "00")[:2])


def dollars(amount):
    return "%s%d.%02d" % ("-" if amount < 0 else "", abs(amount) // 100, abs(amount) % 100)


def where_data(folder):
    """The folder of the third-party data, or None with a word on it; then the caller ends with the code of skipped()."""
    data = os.environ.get("AVER_DATA") or os.path.join(ROOT, "..", "shared", "data")
    path = os.path.join(data, folder)
    if os.path.exists(path):
        return path
    print("%s is not there; set AVER_DATA" % path)
    return None


def skipped():
    """With CI set a skipped test is a failed one."""
    print("0 passed, 1 failed" if os.environ.get("CI") else "0 passed, 0 failed, 1 skipped")
    return 1 if os.environ.get("CI") else 0


class Book:
    """A ledger in a directory of its own, which close() removes."""

    def __init__(self, aver, reader, clock_ms):
        self.aver, self.reader = os.path.abspath(aver), os.path.abspath(reader)
        self.dir = tempfile.mkdtemp(prefix="real-")
        self.env = dict(os.environ, AVER_LEDGER=os.path.join(self.dir, "ledger"), AVER_CLOCK_MS=str(clock_ms))
        self.keys = os.path.join(self.dir, "ledger", "keys")
        self.run("init", self.env["AVER_LEDGER"], "--chain", "real.example")
        contracts = [os.path.join(ROOT, "contracts", name + ".lua") for name in ("eligibility", "coverage", "payout")]
        self.two("contract", "deploy", *contracts)
        self.key = os.path.join(self.dir, "provider.key")
        self.run("key", "new", self.key)
        self.run("party", "add", "provider", "--role", "provider", "--name", "Provider", "--npi", NPI, "--key-file",
                 self.key, "--key", os.path.join(self.keys, "operations.key"))

    def close(self):
        shutil.rmtree(self.dir)

    def run(self, *args, exits=(0,)):
        done = subprocess.run((self.aver,) + args, env=self.env, cwd=self.dir, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode not in exits:
            words = [w for w in (done.stdout + done.stderr).splitlines() if "warning" not in w]
            sys.exit("aver %s: exit %d\n%s" % (" ".join(args), done.returncode, "\n".join(words[:20])))
        return done.stdout

    def two(self, *args):
        """What needs two signatures."""
        self.run(*args, "--key", os.path.join(self.keys, "operations.key"), "--approve-key",
                 os.path.join(self.keys, "compliance.key"))

    def sheet(self, name, header, rows):
        path = os.path.join(self.dir, name)
        with open(path, "w", newline="", encoding="utf-8") as out:
            csv.writer(out, lineterminator="\n").writerows([header.split(",")] + list(rows))
        return path

    def table(self, name, kind, header, rows):
        self.two("table", "publish", name, self.sheet(name + ".csv", header, rows), "--kind", kind)

    def roster(self, name):
        self.table(name, "roster", "npi,tier,from", [(NPI, "in_network", "2000-01-01")])

    def policy(self, name, **values):
        with open(os.path.join(HERE, name), encoding="utf-8") as source:
            text = source.read()
        for key, value in values.items():
            text = text.replace("${%s}" % key, value)
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        self.two("policy", "publish", path)

    def enrol(self, members, plan, since):
        header = ("family_id,member_id,relationship,last_name,first_name,birth_date,sex,plan,group_number,"
                  "coverage_from,coverage_to")
        rows = [(m, m, "self", "DOE", "JO", "1930-01-01", "F", plan, "", since, "") for m in members]
        self.run("member", "import", self.sheet("members.csv", header, rows), "--key",
                 os.path.join(self.keys, "operations.key"))

    def submit(self, claims):
        """Of each claim: its number, its member, the rendering provider or "", its lines (procedure, cents, day[, modifier,
        place[, units]]), and the ZIP code where there is one."""
        header = ("patient_control_number,member_id,total_charge,billing_npi,billing_name,rendering_npi,"
                  "billing_postal_code,assignment,place_of_service,procedure,modifiers,units,charge,service_from")
        rows = []
        for control, member, rendering, lines, *postal in claims:
            total = dollars(sum(line[1] for line in lines))
            for n, (procedure, amount, day, *more) in enumerate(lines):
                once = (member, total, NPI, "Provider", rendering, *(postal or [""])) if n == 0 else ("",) * 6
                modifier, place, units = (*more, *("", "11", 1)[len(more):])
                rows.append((control,) + once + ("AY", place, procedure, modifier, units, dollars(amount), day))
        self.run("submit", self.sheet("claims.csv", header, rows), "--key", self.key)

    def audit(self):
        """Whether everything, executed a second time, is the same."""
        return "same" in self.run("audit", self.env["AVER_LEDGER"]).split()

    def prove(self, claim):
        """Size of the claim's bundle for an auditor; 0 where aver-verify does not come to the same."""
        path = os.path.join(self.dir, "claim.bundle")
        self.run("bundle", claim, "--for", "auditor", "--out", path)
        key = self.run("log", "vkey").strip()
        done = subprocess.run((self.aver + "-verify", path, "--node-key", key), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        return os.path.getsize(path) if done.returncode == 0 else 0

    def read(self):
        """Lines by claim; (status, member, paid, owed, year) by claim; cents used by (person, year, counter, tier)."""
        text = subprocess.run((self.reader,), env=self.env, stdout=subprocess.PIPE, text=True, check=True).stdout
        lines, claims, used = collections.defaultdict(list), {}, {}
        for row in text.splitlines():
            kind, *cell = row.split(" ")
            if kind == "L":
                taken = [] if cell[7] == "-" else [tuple(a.split("|")) for a in cell[7].split(";")]
                lines[cell[0]].append(Line(int(cell[1]), cell[2], cell[3], *map(int, cell[4:7]),
                                           [(g, c, int(n)) for g, c, n in taken]))
            elif kind == "C":
                claims[cell[0]] = (cell[1], cell[2], int(cell[3]), int(cell[4]), int(cell[5]))
            elif kind == "A":
                used[(cell[1], int(cell[2]), cell[3], cell[4])] = int(cell[5])
        return lines, claims, used


def taken(line, group, carc):
    return sum(amount for g, c, amount in line.adjustments if (g, c) == (group, carc))
