#!/usr/bin/env python3
"""Reads an 835 and checks its three balances, with nothing but the standard library.

    check_835.py FILE...

Prints one line a file: "balanced", or the first thing that is not, with the segment's place in its set. Exit 0: all
balance; 1: one does not; 2: one is no 835. Money is Decimal; every rule is written out again here, from the guide
(005010X221A1 1.10.2.1), so that a mistake in the C code is not repeated.
"""
import re
import sys
from decimal import Decimal

AMOUNT = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)")


class Unbalanced(Exception):
    pass


class Broken(Exception):
    pass


def segments(text):
    """Lists of elements, of every interchange in turn."""
    text = text.lstrip("\ufeff \t\r\n")
    while text:
        if not text.startswith("ISA") or len(text) < 106:
            raise Broken("no ISA of 106 characters")
        separator, terminator = text[3], text[105]
        while text:
            segment, found, text = text.partition(terminator)
            if not found:
                raise Broken("the file ends within a segment")
            elements = [e.strip() for e in segment.strip().split(separator)]
            yield elements
            if elements[0] == "IEA":
                break
        text = text.lstrip()


def money(elements, i):
    text = elements[i] if i < len(elements) else ""
    if not AMOUNT.fullmatch(text or "0"):
        raise Broken("%s%02d is no amount: %r" % (elements[0], i, text))
    return Decimal(text or "0")


def require(want, found, what):
    if want != found:
        raise Unbalanced("%s: %s expected, %s found" % (what, want, found))


class Set:
    def __init__(self):
        self.paid = self.provider = Decimal(0)
        self.payment = None
        self.claim = self.line = None
        self.adjusted = {}

    def end_line(self):
        if self.line:
            at, svc, cas = self.line
            require(money(svc, 2) - cas, money(svc, 3), "segment %d, SVC03" % at)
        self.line = None

    def end_claim(self):
        self.end_line()
        if self.claim:
            c = self.claim
            at, clp = c["at"], c["clp"]
            if c["lines"]:
                require(c["charge"], money(clp, 3), "segment %d, CLP03" % at)
            require(money(clp, 3) - c["cas"], money(clp, 4), "segment %d, CLP04" % at)
            if clp[2] != "22":
                require(c["patient"], money(clp, 5), "segment %d, CLP05" % at)
        self.claim = None

    def take(self, at, e):
        name = e[0]
        if name == "BPR":
            self.payment = money(e, 2)
            if self.payment < 0:
                raise Unbalanced("segment %d, BPR02 is below zero" % at)
        elif name in ("LX", "CLP", "PLB", "SE"):
            self.end_claim()
        if name == "CLP":
            self.paid += money(e, 4)
            self.claim = {"at": at, "clp": e, "cas": Decimal(0), "patient": Decimal(0), "charge": Decimal(0), "lines": 0}
            self.adjusted = {}
        elif name == "SVC":
            self.end_line()
            self.line = [at, e, Decimal(0)]
            self.claim["charge"] += money(e, 2)
            self.claim["lines"] += 1
            self.adjusted = {}
        elif name == "CAS":
            for i in range(2, len(e), 3):
                if not e[i]:
                    continue
                amount = money(e, i + 1)
                if amount == 0:
                    raise Unbalanced("segment %d, CAS%02d adjusts by zero" % (at, i + 1))
                if self.adjusted.setdefault((e[1], e[i]), at) != at or e[2:i:3].count(e[i]):
                    raise Unbalanced("segment %d, reason %s stands twice in group %s" % (at, e[i], e[1]))
                self.claim["cas"] += amount
                if e[1] == "PR":
                    self.claim["patient"] += amount
                if self.line:
                    self.line[2] += amount
        elif name == "PLB":
            self.provider += sum(money(e, i) for i in range(4, len(e), 2))
        elif name == "SE":
            if int(e[1]) != at:
                raise Unbalanced("SE01 is %s, but %d segments were counted" % (e[1], at))
            require(self.paid - self.provider, self.payment, "BPR02")


def check(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as f:
        text = f.read()
    current, at, sets = None, 0, 0
    for e in segments(text):
        if e[0] == "ST":
            if e[1] != "835":
                raise Broken("ST01 is %s, not 835" % e[1])
            current, at, sets = Set(), 1, sets + 1
        elif current:
            at += 1
            current.take(at, e)
            if e[0] == "SE":
                current = None
    if current or not sets:
        raise Broken("no whole ST to SE")


def main(paths):
    if not paths:
        print(__doc__, file=sys.stderr)
        return 64
    worst = 0
    for path in paths:
        try:
            check(path)
            print("%s: balanced" % path)
        except Unbalanced as fault:
            print("%s: %s" % (path, fault))
            worst = max(worst, 1)
        except (Broken, OSError, IndexError, TypeError, ValueError) as fault:
            print("%s: %s" % (path, fault))
            worst = 2
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
