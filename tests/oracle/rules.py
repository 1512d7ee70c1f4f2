"""What a plan pays, a second time: naive, from docs/policy.md and the adjudication rules, not from the contracts.

Money is whole cents, units are thousandths, prices millionths of a dollar, percentages hundredths of a percent, days
datetime.date. Claims are decided one after the other; a World holds what they have used. Nothing here is fast on purpose.
"""

import calendar
import datetime

DAY = datetime.timedelta(days=1)
OUT = "out_of_network"


def divide(a, b, rounding):
    """a / b, not negative, in whole numbers."""
    q, r = divmod(a, b)
    if rounding == "up":
        return q + (r > 0)
    if rounding == "half_up":
        return q + (2 * r >= b)
    if rounding == "half_even":
        return q + (2 * r > b or (2 * r == b and q % 2 == 1))
    assert rounding == "down"
    return q


def cents(text):
    whole, _, part = str(text).partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


def fraction(text, places):
    whole, _, part = text.partition(".")
    return int(whole + (part + "0" * places)[:places])


def rate(text):
    return cents(str(text).replace("%", "").strip())


def shape(code):
    return "".join("9" if c.isdigit() else "A" for c in code)


def in_ranges(code, ranges):
    for text in ranges:
        low, _, high = text.partition("-")
        high = high or low
        if shape(code) == shape(low) and low <= code <= high:
            return True
    return False


def later(day, months):
    """Rule 12: the same day of the month, else its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period(first):
    """A benefit year's name, by its first day."""
    return str(first.year) if (first.month, first.day) == (1, 1) else first.isoformat()


def deadline(filing, start):
    n = filing["limit"]
    if filing["unit"] == "days":
        return start + n * DAY
    return later(start, n if filing["unit"] == "months" else 12 * n)


class Line:
    """One service, and what comes of it."""

    def __init__(self, number, code, mods, units, charge, place, auth, start, end, provider):
        self.number, self.code, self.mods, self.units, self.charge = number, code, mods, units, charge
        self.place, self.auth, self.start, self.end, self.provider = place, auth, start, end, provider
        self.zip = ""
        self.pointers, self.diagnoses = [], []  # which of the claim's, and these
        self.accrues = start  # the day by which accumulators go
        self.agreed = False
        self.part = None     # of the units those that are paid, where not all are
        self.status = "decided"
        self.allowed = self.paid = 0
        self.tier = self.benefit = self.waits = "-"
        self.adjustments = []  # group, CARC, cents, path

    def paid_units(self):
        return self.units if self.part is None else self.part

    def take(self, group, carc, amount, path):
        if amount:
            self.adjustments.append((group, carc, amount, path))

    def deny(self, group, carc, path):
        self.status = "denied"
        self.take(group, carc, self.charge, path)

    def pend(self, path):
        self.status = "pended"
        self.waits = path


class Claim:
    def __init__(self, control, member, billing, frequency, assigned, received, lines):
        self.control, self.member, self.billing = control, member, billing
        self.frequency, self.assigned, self.received, self.lines = frequency, assigned, received, lines
        self.diagnoses = ["E1190", "M5450"]
        self.bill, self.admission = "", None  # of an institutional claim: its type of bill, its admission
        self.status = "decided"
        self.payee = "-"


class World:
    """A plan, its tables and members, and what claims have used."""

    def __init__(self, policy, tables, members):
        self.p, self.tables, self.members = policy, tables, members
        self.used = {}      # (family, person, period, counter, tier): cents
        self.copays = {}    # cents taken, by (member, benefit, day) and provider: whatever the tier
        self.uses = {}      # days and units, by (member, rule)
        self.visits = {}    # sets of visits, by (member, benefit, period)
        self.services = {}  # lines that stand, by member
        self.lead = {}      # of the claim at hand: the first line of each agreed rate

    def year(self, day):
        """Rule 18: the first day of the benefit year."""
        plan = self.p["plan"]
        first = datetime.date(day.year, 1, 1)
        if plan["benefit_year"] == "plan":
            begins = datetime.date.fromisoformat(plan.get("benefit_year_begins", plan["effective"]["start"]))
            first = datetime.date(day.year, begins.month, begins.day)
        return first if first <= day else later(first, -12)

    def by_admission(self, claim):
        """Rule 18: whether the claim belongs wholly to the year of its admission."""
        return claim.admission is not None and self.p["plan"].get("inpatient_year") != "service_from"

    # ---- who and when ------------------------------------------------------------------------------------------------

    def covered(self, member, day):
        return any(start <= day <= (end or datetime.date.max) for start, end in self.members[member]["cover"])

    def eligibility(self, claim, line):
        p = self.p
        cover = self.members[claim.member]["cover"]
        if not self.covered(claim.member, line.start):
            before = all(line.start < start for start, _ in cover)
            return line.deny("PR", "26" if before else "27", "plan.effective")
        if any(start <= line.start <= (end or line.start) and start in self.members[claim.member]["pays_first"]
               for start, end in cover):
            if "coordination" not in p:
                return line.pend("plan.id")
            if p["coordination"]["not_first"] == "deny":
                return line.deny("OA", "22", "coordination.not_first")
            return line.pend("coordination.not_first")
        days = (line.end - line.start).days
        last = datetime.date.fromisoformat(self.p["plan"]["effective"]["end"])
        crosses = self.year(line.start) != self.year(line.end) and not self.by_admission(claim)
        if crosses or line.end > last or not all(
                self.covered(claim.member, line.start + n * DAY) for n in range(days + 1)):
            return line.pend("span")
        filing = p["timely_filing"]
        start = {"service_from": line.start, "service_to": line.end,
                 "statement_to": max(other.end for other in claim.lines)}[
                     claim.bill and filing.get("institutional_from") or filing["counted_from"]]
        if claim.received > deadline(filing, start):
            return line.deny("CO", "29", "timely_filing.limit")
        if line.start > claim.received + DAY:
            return line.deny("CO", "110", "timely_filing.counted_from")
        return self.duplicate(claim, line)

    def duplicate(self, claim, line):
        """Rule 13."""
        def key(other):
            return (other.provider, other.start, other.end, other.code, frozenset(other.mods) - {"76", "77"})

        def whole(other):
            return key(other) + (frozenset(other.mods), other.place, other.units, other.charge)

        earlier = [other for other in self.services.get(claim.member, []) if key(other) == key(line)]
        again = {"76", "77"} & set(line.mods)
        if not again and any(whole(other) == whole(line) for other in earlier):
            if self.p["duplicates"]["exact"] == "pend":
                return line.pend("duplicates.exact")
            return line.deny("OA", "18", "duplicates.exact")
        if earlier or any(other.number < line.number and whole(other) == whole(line) for other in claim.lines):
            return line.pend("duplicates.suspected")
        return None

    # ---- what is covered ---------------------------------------------------------------------------------------------

    def edited(self, claim, line, rule, here):
        """Whether the line is denied or waits for what the procedure asks for."""
        member, group = self.members[claim.member], rule.get("group", "CO")
        if "age" in rule:
            born, day = member["born"], line.start
            years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
            if not rule["age"].get("from", -200) <= years <= rule["age"].get("to", 200):
                line.deny(group, "6", here + "age")
                return True
        if rule.get("sex", member["sex"]) != member["sex"]:
            if member["sex"] == "U":
                line.pend(here + "sex")
            else:
                line.deny(group, "7", here + "sex")
            return True
        if line.place not in rule.get("places", [line.place]):
            line.deny(group, "5", here + "places")
            return True
        if "diagnoses" in rule and not any(x.startswith(y) for x in line.diagnoses for y in rule["diagnoses"]):
            line.deny(group, "11", here + "diagnoses")
            return True
        if "modifiers" in rule and not set(rule["modifiers"]) & set(line.mods):
            line.deny(group, "4", here + "modifiers")
            return True
        return False

    def must_wait(self, claim, line):
        """Whether the waiting period of the benefit has not ended."""
        waiting = self.p["benefits"][line.benefit].get("waiting_period")
        day = line.start
        while self.covered(claim.member, day - DAY):
            day -= DAY
        return bool(waiting) and line.start < deadline(waiting, day)

    def coverage(self, claim, line):
        p = self.p
        for i, rule in enumerate(p.get("barred_providers", [])):
            if any(row["code"] in (line.provider, claim.billing) and
                   row["from"] <= line.start <= (row["to"] or line.start) for row in self.tables[rule["table"]]):
                return line.deny("CO", "B7", "barred_providers.%d" % i)
        codes = p.get("code_sets", {}).get("procedures")
        if codes and not any(row["code"] == line.code and row["from"] <= line.start <= (row["to"] or line.start)
                             for row in self.tables[codes]):
            return line.deny("CO", "181", "code_sets.procedures")
        for i, rule in enumerate(p.get("edits", [])):
            if in_ranges(line.code, rule["procedures"]) and self.edited(claim, line, rule, "edits.%d." % i):
                return None
        for i, rule in enumerate(p.get("prior_auth", [])):
            if in_ranges(line.code, rule["procedures"]) and line.place not in rule.get("exempt_places", []):
                if line.auth:
                    return line.pend("prior_auth.%d" % i)
                return line.deny("CO", "197", "prior_auth.%d" % i)
        for i, rule in enumerate(p.get("exclusions", [])):
            if in_ranges(line.code, rule["procedures"]):
                return line.deny(rule["group"], rule["carc"], "exclusions.%d" % i)
        for name, benefit in p["benefits"].items():
            if in_ranges(line.code, benefit["match"]["procedures"]):
                line.benefit = name
        if line.benefit == "-":
            return line.deny("PR", "204", "benefits")
        if p["benefits"][line.benefit].get("covered") is False:
            return line.deny("PR", "96", "benefits.%s.covered" % line.benefit)
        if self.must_wait(claim, line):
            line.deny("PR", "179", "benefits.%s.waiting_period.limit" % line.benefit)
        return None

    # ---- the price ---------------------------------------------------------------------------------------------------

    def network(self, claim, line):
        """The tier of the provider that bills."""
        for tier, settings in self.p["networks"].items():
            for row in self.tables[settings["roster"]] if "roster" in settings else []:
                if row["npi"] == claim.billing and row["tier"] == tier and \
                        row["from"] <= line.start <= (row["to"] or line.start):
                    return tier
        return OUT

    def locality(self, line):
        """Of the ZIP code of who bills; None where it is not known."""
        for row in self.tables["localities"] if "localities" in self.p else []:
            if row["postal_code"] == line.zip and row["from"] <= line.start <= (row["to"] or line.start):
                return row["locality"]
        return None

    def relative(self, line, mine):
        """The fee of one unit, in cents, by relative values; None where something of it is missing."""
        place, best = self.locality(line), None
        index = [row for row in self.tables["gpcis"] if "%s-%s" % (row["mac"], row["locality"]) == place]
        for row in self.tables["rvus"]:
            if row["hcpcs_code"] == line.code and (not row["mod"] or row["mod"] in line.mods):
                worth = (bool(row["mod"]), -line.mods.index(row["mod"]) if row["mod"] else 0)
                if best is None or worth > best[0]:
                    best = worth, row
        if not index or not best:
            return None
        practice = "rvu_fac_pe" if line.place in mine.get("facility_places", []) else "rvu_non_pe"
        total = sum(fraction(best[1][a], 4) * fraction(index[0][b], 4) for a, b in (
            ("rvu_work", "gpci_work"), (practice, "gpci_pe"), ("rvu_mp", "gpci_mp")))
        line.of_row = best[1]["mod"]
        return divide(total * fraction(best[1]["cf"], 6), 10 ** 12, "half_up")

    def leads(self, lines):
        """Of each agreed rate the first line that it is for."""
        self.lead = {}
        for line in lines:
            mine = self.p["fee_schedule"][line.tier]
            for kind in ("case_rates", "per_diem"):
                hits = [i for i, rule in enumerate(mine.get(kind, [])) if in_ranges(line.code, rule["procedures"])]
                if hits:
                    self.lead.setdefault("fee_schedule.%s.%s.%d" % (line.tier, kind, hits[0]), line.number)
                    break

    def agreed(self, line, mine, rounding):
        """Rule 7: whether a rate was agreed for the line, or pays for it with another."""
        rules = [("fee_schedule.%s.%s.%d" % (line.tier, kind, i), rule, kind)
                 for kind in ("case_rates", "per_diem") for i, rule in enumerate(mine.get(kind, []))]
        for path, rule, _ in rules:
            if self.lead.get(path, line.number) != line.number and in_ranges(line.code, rule.get("includes", [])):
                line.deny("CO", "97", path + ".includes")
                return True
        for path, rule, kind in rules:
            if not in_ranges(line.code, rule["procedures"]):
                continue
            units = line.units if kind == "per_diem" else 1000
            if "rate" in rule:
                line.fee, line.priced = divide(cents(rule["rate"]) * units, 1000, rounding), path + ".rate"
            else:
                row = self.row(rule["table"], line)
                line.fee = divide(row["price"] * units, 10_000 * 1000, rounding) if row else 0
                line.priced = path + ".table"
                if not line.fee:
                    line.pend("fee_schedule.missing")
            line.agreed = True
            return True
        return False

    def row(self, table, line):
        """The most particular row of the day: both before a modifier, the line's first before its others, before a place."""
        best, found = None, None
        for row in self.tables[table]:
            if row["code"] != line.code or not row["from"] <= line.start <= (row["to"] or line.start):
                continue
            if row["modifier"] and row["modifier"] not in line.mods or row["place"] and row["place"] != line.place:
                continue
            if row.get("locality") and row["locality"] != self.locality(line):
                continue
            first = line.mods.index(row["modifier"]) if row["modifier"] else 0
            worth = (bool(row["modifier"] and row["place"]), bool(row["modifier"]), -first, bool(row["place"]),
                     bool(row.get("locality")))
            if best is None or worth > best:
                best, found = worth, row
        return found

    def price(self, claim, line):
        """Sets line.fee, before ranks, and line.priced: the path of what made it."""
        p = self.p["fee_schedule"]
        mine = p[line.tier]
        rounding = p.get("rounding", "half_up")
        unit = p.get("unit_rounding", "half_up")
        row = None
        if self.agreed(line, mine, unit):
            return None
        if "rbrvs" in mine:
            line.priced = "fee_schedule.%s.rbrvs" % line.tier
            if self.locality(line) is None:
                return line.pend("localities.table")
            one = self.relative(line, mine["rbrvs"])
            if one is None:
                return line.pend("fee_schedule.missing")
            line.fee = divide(one * line.units * rate(mine.get("percent", "100")), 1000 * 10_000, unit)
            row = {"modifier": line.of_row}
        elif "table" in mine:
            line.priced = "fee_schedule.%s.table" % line.tier
            row = self.row(mine["table"], line)
            if row is None:
                return line.pend("fee_schedule.missing")
            if row["bundled"]:
                return line.deny("CO", "97", line.priced)
            line.fee = divide(row["price"] * line.units * rate(mine.get("percent", "100")),
                              10_000 * 1000 * 10_000, unit)
        else:
            line.priced = "fee_schedule.%s.percent_of_charge" % line.tier
            line.fee = divide(line.charge * rate(mine["percent_of_charge"]), 10_000, rounding)
        for i, rule in enumerate(self.p.get("modifier_prices", [])):
            if rule["modifier"] in line.mods and not (row and row["modifier"] == rule["modifier"]):
                line.fee = divide(line.fee * rate(rule["percent"]), 10_000, rounding)
                line.priced = "modifier_prices.%d.percent" % i
        if line.fee == 0 and line.charge:
            return line.pend("fee_schedule.missing")
        return None

    # ---- what goes together ------------------------------------------------------------------------------------------

    def billed(self, claim, line):
        """What earlier claims billed to the provider that day, and was not denied."""
        return [x for x in self.services.get(claim.member, []) if x.start == line.start and x.provider == line.provider]

    def edits_of(self, claim, kind):
        """The name of the table that is for the claim, and its path."""
        rule = self.p.get("ncci", {}).get(kind, {})
        key = "institutional_table" if claim.bill and "institutional_table" in rule else "table"
        return rule.get(key), "ncci.%s.%s" % (kind, key)

    def plausible(self, claim, lines):
        """Rule 21."""
        rule = self.p.get("ncci", {}).get("units")
        table, path = self.edits_of(claim, "units")
        for i, line in enumerate(lines if rule else []):
            rows = [row for row in self.tables[table] if row["hcpcs_code"] == line.code and
                    row["effective"] <= line.start <= (row["deleted"] or line.start)]
            if not rows or rows[0]["mue_units"] == 0 and rule["zero"] == "ignore":
                continue
            left, waiting = rows[0]["mue_units"] * 1000, 0
            if rows[0]["mue_mai"] != 1:
                same = [x for x in self.billed(claim, line) if x.code == line.code]
                waiting = sum(x.units for x in same if x.status == "pended")
                left -= sum(x.paid_units() for x in same if x.status == "decided")
                left -= sum(x.paid_units() for x in lines[:i] if x.status == "decided" and (
                    x.start, x.provider, x.code) == (line.start, line.provider, line.code))
            if line.units > left:
                if rule["above"] == "pend":
                    line.pend("ncci.units.above")
                elif rule["above"] == "deny" or rows[0]["mue_mai"] == 1 or left <= 0:
                    line.deny("CO", "151", path)
                elif waiting:
                    line.pend("ncci.units.above")
                else:
                    line.part, line.parted = left, path
            elif line.units + waiting > left and waiting:
                line.pend("ncci.units.above")

    def bundles(self, table, one, two):
        """Rule 22: whether the second is not paid beside the first."""
        rule = self.p["ncci"]["pairs"]
        apart = set(rule["modifiers"]) & (set(one.mods) | set(two.mods))
        return any(row["modifier_indicator"] == 0 or row["modifier_indicator"] == 1 and not apart
                   for row in self.tables[table]
                   if (row["column1"], row["column2"]) == (one.code, two.code) and
                   row["effective"] <= one.start <= (row["deleted"] or one.start))

    def together(self, claim, lines):
        """Rule 22."""
        if "pairs" not in self.p.get("ncci", {}):
            return
        table, path = self.edits_of(claim, "pairs")
        open_lines = [x for x in lines if x.status == "decided"]
        for line in open_lines:
            earlier = [x for x in self.billed(claim, line) if x.code != line.code]
            if any(x.status == "decided" and self.bundles(table, x, line) for x in earlier):
                line.deny("CO", "236", path)
            elif any(self.bundles(table, x, line) for x in earlier):
                line.pend(path)
            elif any(self.bundles(table, line, x) for x in earlier):
                line.pend("ncci.pairs.earlier_column_2")
        open_lines = [x for x in open_lines if x.status == "decided"]
        beside = {two.number: [one for one in open_lines if one.code != two.code and
                               (one.start, one.provider) == (two.start, two.provider) and self.bundles(table, one, two)]
                  for two in open_lines}
        payable = []
        for _ in open_lines:  # once more than the longest chain
            payable = [x for x in open_lines if all(one.status == "denied" for one in beside[x.number])]
            for two in open_lines:
                if two.status == "decided" and any(one in payable for one in beside[two.number]):
                    two.deny("CO", "236", path)
        for two in open_lines:
            if two.status == "decided" and two not in payable:
                two.pend(path)

    def rank(self, lines):
        """Rule 8: sets line.left, what the rank leaves of the fee, and line.ranked, why."""
        for line in lines:
            line.left, line.ranked = line.fee, None
        seen = set()
        for i, rule in enumerate(self.p.get("multiple_procedures", [])):
            groups = {}
            for line in lines:
                if in_ranges(line.code, rule["procedures"]) and line.number not in seen and not line.agreed and \
                        not set(line.mods) & set(rule.get("exempt_modifiers", [])):
                    seen.add(line.number)
                    groups.setdefault((line.start, line.provider), []).append(line)
            for group in groups.values():
                for place, line in enumerate(sorted(group, key=lambda one: (-one.fee, one.number))):
                    n = min(place, len(rule["percents"]) - 1)
                    line.left = divide(line.fee * rate(rule["percents"][n]), 10_000,
                                       self.p["fee_schedule"].get("rounding", "half_up"))
                    line.ranked = "multiple_procedures.%d.percents.%d" % (i, n)

    def allow(self, lines):
        """Rule 7: the lesser of charge and fee; what the charge has above it."""
        lesser = self.p["fee_schedule"]["lesser_of"]
        bound = [x for x in lines if not x.agreed]
        charges = lesser == "per_claim" and sum(x.charge for x in bound) < sum(x.left for x in bound)
        for line in lines:
            line.allowed = line.left
            if not line.agreed and (charges or lesser == "per_line" and line.charge < line.left):
                line.allowed = line.charge
            group = "CO" if line.protected else self.p["balance_billing"][line.tier]
            over = line.charge - line.allowed
            if line.allowed == 0 and line.charge:
                line.pend("fee_schedule.missing")
                continue
            if over < 0:
                line.take("OA", "94", over, line.priced)
            else:
                balance = max(0, line.charge - line.fee) if over else 0
                line.take(group, "45", min(over, balance), line.priced)
                line.take(group, "59", over - min(over, balance), line.ranked)
            if line.part is not None:
                self.pay_part(line)

    def pay_part(self, line):
        """Rule 21: of the units that are left, their part of what is allowed for all."""
        part = divide(line.allowed * line.part, line.units, self.p["fee_schedule"].get("rounding", "half_up"))
        if part == 0 and line.allowed:
            line.adjustments, line.allowed = [], 0
            line.deny("CO", "151", line.parted)
            return
        line.take("CO", "151", line.allowed - part, line.parted)
        line.allowed = part

    # ---- what the member owes ----------------------------------------------------------------------------------------

    def one_balance(self, claim, person, when, counter, tier):
        return self.used.get((self.members[claim.member]["family"], person, when, counter, tier), 0)

    def balance(self, claim, person, line, counter):
        """All that counts against a limit of a tier: of the tier, of those that count to it, and carried over."""
        when, total = period(self.year(line.accrues)), 0
        for tier, limit in self.p[counter].items():
            if tier == line.share or line.share in limit.get("counts_to", []):
                total += self.one_balance(claim, person, when, counter, tier)
                if counter == "deductible":
                    total += self.one_balance(claim, person, when, "carry_over", tier)
        return total

    def post_one(self, claim, when, counter, tier, amount):
        for person in (claim.member, "*") if amount else ():
            key = (self.members[claim.member]["family"], person, when, counter, tier)
            self.used[key] = self.used.get(key, 0) + amount

    def post(self, claim, line, counter, amount):
        first = self.year(line.accrues)
        self.post_one(claim, period(first), counter, line.share, amount)
        months = self.p[counter][line.share].get("carry_over_months", 0)
        if months and line.accrues >= later(first, 12 - months):
            self.post_one(claim, period(later(first, 12)), "carry_over", line.share, amount)

    def left(self, claim, line, counter, aggregate=False):
        """What member and family have left until the limit; None where there is none."""
        limit = self.p.get(counter, {}).get(line.share)
        if limit is None:
            return None
        lefts = []
        if not aggregate:
            lefts.append(cents(limit["individual"]) - self.balance(claim, claim.member, line, counter))
        if "family" in limit:
            lefts.append(cents(limit["family"]) - self.balance(claim, "*", line, counter))
        return max(0, min(lefts))

    def maxima(self, line, basis):
        """Rule 11: those that are for the line, with their place in the policy and their period."""
        for i, rule in enumerate(self.p.get("maxima", [])):
            if rule.get("basis", "plan_paid") == basis and line.benefit in rule.get("benefits", [line.benefit]) \
                    and line.share in rule.get("tiers", [line.share]):
                yield i, rule, "all" if rule["per"] == "lifetime" else period(self.year(line.accrues))

    def at_most(self, claim, line, basis):
        """Rule 11: cuts what is left of the line to the least of the maxima, and counts the rest to each."""
        lefts = []
        for i, rule, when in self.maxima(line, basis):
            counter = "maxima." + rule["id"]
            for n, (whose, person) in enumerate((("individual", claim.member), ("family", "*"))):
                if whose in rule:
                    left = cents(rule[whose]) - self.one_balance(claim, person, when, counter, "-")
                    lefts.append((max(0, left), i, n, "maxima.%d.%s" % (i, whose), rule["per"]))
        rest = line.charge - sum(a[2] for a in line.adjustments)
        if lefts:
            left, _, _, path, per = min(lefts)
            above = max(0, rest - left)
            line.take("PR", "35" if per == "lifetime" else "119", above, path)
            rest -= above
        for _, rule, when in self.maxima(line, basis):
            self.post_one(claim, when, "maxima." + rule["id"], "-", rest)
        return rest

    def visit(self, claim, line):
        """Rules 10 and 11. Whether the line is within its benefit's visits."""
        limit = self.p["benefits"][line.benefit].get("limit")
        line.visit = None
        if not limit or not line.allowed:
            return True
        when = period(self.year(line.accrues)) if limit["per"] == "benefit_year" else None
        had = self.visits.setdefault((claim.member, line.benefit, when), set())
        one = (line.provider, line.start)
        if one not in had and len(had) >= limit["visits"]:
            if limit.get("past") == "charge":
                line.adjustments, line.allowed = [], 0
                line.deny("PR", "119", "benefits.%s.limit.visits" % line.benefit)
                return False
            line.take("PR", "119", line.allowed, "benefits.%s.limit.visits" % line.benefit)
            return False
        line.visit = had, one
        return True

    def often(self, claim, line):
        """Whether the line is within all rules of how often that name it; then it is a use of each."""
        rules = [(i, rule) for i, rule in enumerate(self.p.get("frequency", []))
                 if in_ranges(line.code, rule["procedures"])]
        for i, rule in rules:
            mine = line.paid_units() if rule.get("count") == "units" else 1000
            uses = self.uses.setdefault((claim.member, rule["id"]), [])
            if rule["per"] == "rolling":
                length = {"limit": rule["window"], "unit": rule["unit"]}
                used = 0
                for start in [day for day, _ in uses] + [line.accrues]:
                    end = deadline(length, start)  # the first day after the window
                    if start <= line.accrues < end:
                        used = max(used, sum(n for day, n in uses if start <= day < end))
            elif rule["per"] == "lifetime":
                used = sum(n for _, n in uses)
            else:
                used = sum(n for day, n in uses if self.year(day) == self.year(line.accrues))
            if used + mine > rule["limit"] * 1000:
                line.take("PR", "119", line.allowed, "frequency.%d.limit" % i)
                return False
        line.uses = [(self.uses[(claim.member, rule["id"])],
                      (line.accrues, line.paid_units() if rule.get("count") == "units" else 1000)) for _, rule in rules]
        return True

    def share(self, claim, line):
        """Rules 1 to 4, 6, 9, 19."""
        p = self.p
        mine = p["benefits"][line.benefit]["cost_share"].get(line.share, {})
        here = "benefits.%s.cost_share.%s." % (line.benefit, line.share)
        counts = mine.get("counts_to_oop", True) and line.share in p.get("oop_max", {})
        room = self.left(claim, line, "oop_max") if counts else None
        rest, deducted = self.at_most(claim, line, "allowed"), 0
        considered = rest
        for step in p["cost_share"]["order"]:
            owed = 0
            if step == "copay" and "copay" in mine:
                day = self.copays.setdefault((claim.member, line.benefit, line.start), {})
                taken = {"visit": day.get(line.provider, 0), "day": sum(day.values()),
                         "line": 0}[mine.get("copay_per", "visit")]
                owed = max(0, cents(mine["copay"]) - taken)
                if taken and mine.get("copay_rest") == "drop":
                    owed = 0
            elif step == "deductible" and mine.get("deductible"):
                limit = p["deductible"][line.share]
                aggregate = limit.get("family_rule", "embedded") == "aggregate"
                owed = self.left(claim, line, "deductible", aggregate)
            elif step == "coinsurance" and "coinsurance" in mine:
                base = rest
                if p["cost_share"].get("coinsurance_base", "after_copay") == "allowed_less_deductible":
                    base = considered - deducted
                owed = divide(base * rate(mine["coinsurance"]), 10_000, p["cost_share"].get("rounding", "half_up"))
            owed = min(owed, rest)
            if room is not None:
                owed = min(owed, room)
                room -= owed
            rest -= owed
            if not owed:
                continue
            if counts:
                self.post(claim, line, "oop_max", owed)
            if step == "copay":
                day[line.provider] = day.get(line.provider, 0) + owed
                line.take("PR", "3", owed, here + "copay")
            elif step == "coinsurance":
                line.take("PR", "2", owed, here + "coinsurance")
            else:
                deducted = owed
                self.post(claim, line, "deductible", owed)
                line.take("PR", "1", owed,
                          "deductible.%s.%s" % (line.share, "family" if aggregate else "individual"))
        if "sequestration" in p:
            take = p["sequestration"]
            line.take("CO", "253", divide(rest * rate(take["percent"]), 10_000, take.get("rounding", "half_up")),
                      "sequestration.percent")
        self.at_most(claim, line, "plan_paid")

    # ---- a claim -----------------------------------------------------------------------------------------------------

    def hold(self, claim):
        """Rule 16: one line waits, so all of them do; nothing is posted."""
        claim.status = "pended"
        for line in claim.lines:
            line.status = "pended"
            line.allowed = line.paid = 0
            line.adjustments = []
        if claim.member in self.members:
            self.services.setdefault(claim.member, []).extend(claim.lines)

    def protect(self, line):
        """Rule 14: whose cost share holds, and whether the provider bears the balance."""
        line.share, line.protected = line.tier, False
        for rule in self.p.get("protected", []) if line.tier == OUT else []:
            if line.place in rule.get("places", [line.place]) and \
                    in_ranges(line.code, rule.get("procedures", [line.code])):
                line.share, line.protected = rule["tier"], True
                return

    def decide(self, claim):
        p = self.p
        if claim.frequency != 1 and claim.member in self.members:
            for line in claim.lines:
                line.pend("claim.frequency")
            return self.hold(claim)
        for line in claim.lines:
            line.accrues = claim.admission if self.by_admission(claim) else line.start
            if claim.member not in self.members:
                line.deny("PR", "31", "enrolment")
                continue
            self.eligibility(claim, line)
            line.tier = self.network(claim, line)
            self.protect(line)
        if any(line.status == "pended" for line in claim.lines):
            return self.hold(claim)
        for stage in (self.coverage, self.price):
            for line in claim.lines:
                if line.status == "decided":
                    stage(claim, line)
            self.leads([line for line in claim.lines if line.status == "decided"])
        priced = [line for line in claim.lines if line.status == "decided"]
        self.plausible(claim, priced)
        self.together(claim, priced)
        priced = [line for line in priced if line.status == "decided"]
        self.rank(priced)
        self.allow(priced)
        priced = [line for line in priced if line.status == "decided"]
        if any(line.status == "pended" for line in claim.lines):
            return self.hold(claim)
        by_day = p["cost_share"].get("lines_by") == "service_from"
        for line in sorted(priced, key=lambda one: (one.start if by_day else claim.received, one.number)):
            if (not line.allowed or self.often(claim, line)) and self.visit(claim, line):
                for uses, one in line.uses if line.allowed else []:
                    uses.append(one)
                self.share(claim, line)
                paid = line.charge > sum(a[2] for a in line.adjustments)
                limit = p["benefits"][line.benefit].get("limit", {})
                if line.visit and (paid or limit.get("count_if") != "paid"):
                    line.visit[0].add(line.visit[1])
        if all(line.status == "denied" for line in claim.lines):
            claim.status = "denied"
        for line in claim.lines:
            line.paid = line.charge - sum(a[2] for a in line.adjustments)
            assert 0 <= line.paid <= line.allowed
        if claim.status == "decided":
            self.services.setdefault(claim.member, []).extend(x for x in priced if x.status == "decided")
        to_provider = claim.assigned or any(x.tier != OUT or x.protected for x in priced)
        claim.payee = claim.billing if to_provider else "member:" + claim.member
        return None
