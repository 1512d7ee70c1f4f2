"""Draws plans, tables, members and claims from a seed, with the boundaries on purpose.

Claims are drawn while the oracle decides them, so that an amount can be a cent below, at and above what is left of a limit,
and a day the last one, or the first too late.
"""

import csv
import datetime
import json
import os

import rules

DAY = datetime.timedelta(days=1)
TIERS = ["preferred", "in_network", rules.OUT]
PLACES = ["11", "21", "22", "23", "81"]
MODS = ["25", "50", "51", "52", "59", "76", "77", "80", "TC", "26"]
ZIPS = ["80202", "80203", "80204", "99999", ""]  # the last two are in no locality
LOCALITIES = ["90001-01", "90001-02"]
ROUNDINGS = ["half_up", "half_even", "down", "up"]


def npi(number):
    """Nine digits and the check digit of the Luhn formula over 80840 and them."""
    digits = [int(d) for d in "80840%09d" % number]
    total = sum(sum(divmod(2 * d, 10)) if i % 2 else d for i, d in enumerate(reversed(digits), 1))
    return "%09d%d" % (number, -total % 10)


PROVIDERS = [npi(100000001 + 7 * n) for n in range(6)]


def dollars(cents):
    return "%d.%02d" % divmod(cents, 100)


def percent(hundredths):
    whole, part = divmod(hundredths, 100)
    return "%d.%02d %%" % (whole, part) if part else "%d %%" % whole


class Draw:
    def __init__(self, random):
        self.r = random

    def maybe(self, share):
        return self.r.random() < share

    def cents(self, most):
        """Often few or round."""
        kind = self.r.randrange(4)
        if kind == 0:
            return self.r.randrange(0, min(most, 300) + 1)
        if kind == 1:
            return self.r.randrange(0, most // 100 + 1) * 100
        return self.r.randrange(0, most + 1)

    def rate(self, low, high):
        kind = self.r.randrange(3)
        if kind == 0:
            return self.r.choice([n for n in (low, 100, 1000, 2000, 5000, 10000, high) if low <= n <= high])
        if kind == 1:
            return self.r.randrange((low + 99) // 100, high // 100 + 1) * 100
        return self.r.randrange(low, high + 1)

    # ---- the plan ----------------------------------------------------------------------------------------------------

    def codes_of(self, letter):
        """Some codes of a benefit, the ends of its range among them, and its ranges."""
        low, high = self.r.randrange(1, 4000), self.r.randrange(4000, 9999)
        inside = sorted({low, high, self.r.randrange(low, high + 1), self.r.randrange(low, high + 1)})
        codes = ["%s%04d" % (letter, n) for n in inside]
        ranges = ["%s-%s" % (codes[0], codes[-1])]
        if self.maybe(0.3):
            ranges = codes[:-1]  # the last one is of no benefit
        return codes, ranges, "%s%04d" % (letter, high + 1), "%s%03dT" % (letter, inside[0] // 10)

    def share(self, deductible):
        share = {}
        if self.maybe(0.5):
            share["copay"] = dollars(self.cents(5000))
            if self.maybe(0.7):
                share["copay_per"] = self.r.choice(["visit", "day", "line"])
            if self.maybe(0.2):
                share["copay_rest"] = self.r.choice(["next_line", "drop"])
        if self.maybe(0.6):
            share["deductible"] = self.maybe(0.9) if deductible else False
        if self.maybe(0.7):
            share["coinsurance"] = percent(self.rate(0, 10000))
        if self.maybe(0.15):
            share["counts_to_oop"] = self.maybe(0.3)
        return share

    def limits(self, most, family_rule):
        limit = {"individual": dollars(self.cents(most))}
        if self.maybe(0.7):
            own = rules.cents(limit["individual"])
            limit["family"] = dollars(own + self.r.choice([0, 1, own, 2 * own, self.cents(most)]))
        if family_rule and "family" in limit and self.maybe(0.6):
            limit["family_rule"] = self.r.choice(["embedded", "aggregate"])
        if family_rule and self.maybe(0.25):
            limit["carry_over_months"] = self.r.choice([1, 3, 3, 3, 6])
        return limit

    def crossing(self, limits):
        """Some tiers count to others, one way or both."""
        for tier, limit in limits.items():
            others = [other for other in limits if other != tier]
            if self.maybe(0.5):
                limit["counts_to"] = self.r.sample(others, self.r.randrange(1, len(others) + 1))

    def frequency(self, codes):
        out = []
        for n in range(self.r.choice([1, 1, 2])):
            rule = {"id": "rule-%d" % n, "procedures": sorted(self.r.sample(codes, self.r.randrange(1, len(codes) + 1))),
                    "limit": self.r.choice([1, 1, 2, 3, 10]),
                    "per": self.r.choice(["benefit_year", "lifetime", "rolling", "rolling", "rolling"])}
            if self.maybe(0.5):
                rule["count"] = self.r.choice(["services", "units"])
            if rule["per"] == "rolling":
                rule.update(self.r.choice([{"window": self.r.randrange(1, 90), "unit": "days"},
                                           {"window": self.r.randrange(1, 13), "unit": "months"},
                                           {"window": 1, "unit": "years"}]))
            out.append(rule)
        return out

    def maxima(self, policy, tiers):
        out = []
        for n in range(self.r.choice([1, 1, 2, 3])):
            rule = dict(self.limits(40000, False), id="max-%d" % n,
                        per=self.r.choice(["benefit_year", "benefit_year", "lifetime"]))
            rule["individual"] = dollars(max(1, rules.cents(rule["individual"])))
            if "family" in rule:
                rule["family"] = dollars(max(rules.cents(rule["individual"]), rules.cents(rule["family"])))
            if self.maybe(0.7):
                rule["basis"] = self.r.choice(["plan_paid", "allowed"])
            if self.maybe(0.4):
                names = list(policy["benefits"])
                rule["benefits"] = self.r.sample(names, self.r.randrange(1, len(names) + 1))
            if self.maybe(0.3):
                rule["tiers"] = self.r.sample(tiers, self.r.randrange(1, len(tiers)))
            out.append(rule)
        return out

    def plan(self):
        r = self.r
        year = r.randrange(2022, 2027)
        start = datetime.date(year, r.choice([1, 1, 1, 7]), 1)
        end = datetime.date(year + r.randrange(0, 3), 12, 31)
        tiers = r.choice([TIERS, TIERS[1:], TIERS[1:]])
        benefits, codes, odd = {}, [], ["70010", "7001F"]
        with_deductible = self.maybe(0.85)
        for letter in "BCDEG"[:r.randrange(1, 6)]:
            of, ranges, past, other = self.codes_of(letter)
            codes += of
            odd += [past, other]
            benefit = {"name": "Benefit " + letter, "match": {"procedures": ranges},
                       "cost_share": {tier: self.share(with_deductible) for tier in tiers}}
            if self.maybe(0.4):
                benefit["limit"] = {"visits": r.choice([1, 1, 2, 3, 7]),
                                    "per": r.choice(["benefit_year", "lifetime"])}
                if self.maybe(0.3):
                    benefit["limit"]["count_if"] = r.choice(["allowed", "paid"])
                if self.maybe(0.3):
                    benefit["limit"]["past"] = r.choice(["balance", "charge"])
            if self.maybe(0.15):
                benefit["waiting_period"] = r.choice([{"limit": r.randrange(1, 200), "unit": "days"},
                                                      {"limit": r.randrange(1, 13), "unit": "months"},
                                                      {"limit": 1, "unit": "years"}])
            benefits["benefit_" + letter.lower()] = benefit
        benefits["nothing"] = {"name": "Not covered", "match": {"procedures": ["N0001-N0009"]}, "covered": False}
        odd += ["N0001", "N0009", "N0010"]
        policy = {
            "format": "payer-policy/1",
            "payer": {"id": "ORACLE", "name": "Oracle", "address": "1 Road", "city": "Denver", "state": "CO",
                      "postal_code": "80202", "phone": "8005550199"},
            "plan": {"id": "plan", "name": "Plan", "claim_filing_indicator": "12", "benefit_year": "calendar",
                     "effective": {"start": start.isoformat(), "end": end.isoformat()}},
            "contracts": {name: name for name in ("eligibility", "coverage", "payout")},
            "networks": {tier: {"roster": "roster"} if tier != rules.OUT else {} for tier in tiers},
            "cost_share": {"order": r.sample(["copay", "deductible", "coinsurance"], 3)
                           if self.maybe(0.4) else ["copay", "deductible", "coinsurance"]},
            "fee_schedule": {"lesser_of": r.choice(["per_line", "per_line", "per_claim", "none"]),
                             "missing": "pend"},
            "balance_billing": {tier: r.choice(["CO", "PR"]) for tier in tiers},
            "timely_filing": {"limit": 1, "unit": r.choice(["days", "months", "years"]),
                              "counted_from": r.choice(["service_from", "service_to", "statement_to"])},
            "duplicates": {"exact": r.choice(["deny", "deny", "pend"]), "suspected": "pend"},
            "span": "pend",
            "benefits": benefits,
        }
        policy["timely_filing"]["limit"] = {"days": lambda: r.choice([30, 90, 180, 365, r.randrange(10, 400)]),
                                            "months": lambda: r.choice([1, 3, 6, 12, r.randrange(1, 19)]),
                                            "years": lambda: 1}[policy["timely_filing"]["unit"]]()
        if with_deductible:
            policy["deductible"] = {tier: self.limits(30000, True) for tier in tiers}
        if self.maybe(0.85):
            policy["oop_max"] = {tier: self.limits(80000, False) for tier in tiers}
        for counter in ("deductible", "oop_max"):
            if counter in policy and self.maybe(0.3):
                self.crossing(policy[counter])
        if self.maybe(0.4):
            policy["maxima"] = self.maxima(policy, tiers)
        if self.maybe(0.4):
            policy["frequency"] = self.frequency(codes)
        if self.maybe(0.4):
            policy["plan"]["benefit_year"] = "plan"
            if self.maybe(0.7):
                policy["plan"]["benefit_year_begins"] = \
                    datetime.date(2020, r.randrange(1, 13), r.choice([1, 1, 15, 28])).isoformat()
        if self.maybe(0.2):
            policy["plan"]["accumulators"] = "shared"
        if self.maybe(0.5):
            policy["cost_share"]["coinsurance_base"] = r.choice(["after_copay", "allowed_less_deductible"])
        if self.maybe(0.3):
            policy["cost_share"]["lines_by"] = r.choice(["number", "service_from"])
        if self.maybe(0.3):
            policy["plan"]["inpatient_year"] = r.choice(["admission", "service_from"])
        if self.maybe(0.3):
            policy["timely_filing"]["institutional_from"] = r.choice(["service_from", "service_to", "statement_to"])
        for part in (policy["cost_share"], policy["fee_schedule"]):
            if self.maybe(0.7):
                part["rounding"] = r.choice(ROUNDINGS)
        for tier in tiers:
            if self.maybe(0.2):
                price = {"rbrvs": {"rvus": "rvus", "gpcis": "gpcis"}}
                if self.maybe(0.6):
                    price["rbrvs"]["facility_places"] = r.sample(PLACES, r.randrange(1, 4))
                if self.maybe(0.4):
                    price["percent"] = percent(self.rate(1, 15000))
            elif self.maybe(0.75) or tier == tiers[0]:
                price = {"table": "fees"}
                if self.maybe(0.4):
                    price["percent"] = percent(self.rate(1, 15000))
            else:
                price = {"percent_of_charge": percent(self.rate(1, 10000))}
            for kind in ("case_rates", "per_diem"):
                if self.maybe(0.15):
                    price[kind] = [self.agreed(i, codes) for i in range(r.randrange(1, 3))]
            policy["fee_schedule"][tier] = price
        if self.maybe(0.4):
            policy["fee_schedule"]["unit_rounding"] = r.choice(ROUNDINGS)
        if self.maybe(0.3) or any("rbrvs" in policy["fee_schedule"][tier] for tier in tiers):
            policy["localities"] = {"table": "localities"}
        if self.maybe(0.15):
            policy["sequestration"] = {"percent": percent(self.rate(1, 10000))}
            if self.maybe(0.5):
                policy["sequestration"]["rounding"] = r.choice(ROUNDINGS)
        self.extras(policy, tiers, codes)
        return policy, codes, odd

    def agreed(self, i, codes):
        rule = {"id": "rate%d" % i, "procedures": self.r.sample(codes, self.r.randrange(1, 3))}
        if self.maybe(0.7):
            rule["rate"] = dollars(max(1, self.cents(60000)))
        else:
            rule["table"] = "fees"
        if self.maybe(0.5):
            rule["includes"] = self.r.sample(codes, self.r.randrange(1, len(codes)))
        return rule

    def extras(self, policy, tiers, codes):
        r = self.r
        if self.maybe(0.4):
            policy["modifier_prices"] = [{"modifier": m, "percent": percent(self.rate(1, 20000))}
                                         for m in r.sample(["50", "52", "80", "TC", "26"], r.randrange(1, 4))]
        if self.maybe(0.5):
            both = r.sample(codes, min(len(codes), 6))
            groups = [both] if self.maybe(0.6) else [both[::2], both[1::2]]
            policy["multiple_procedures"] = []
            for i, group in enumerate(group for group in groups if group):
                rule = {"id": "rule%d" % i, "procedures": group,
                        "percents": [percent(self.rate(1, 10000)) for _ in range(r.randrange(1, 4))]}
                if self.maybe(0.5):
                    rule["percents"][0] = "100 %"
                if self.maybe(0.4):
                    rule["exempt_modifiers"] = r.sample(["51", "59", "25"], r.randrange(1, 3))
                policy["multiple_procedures"].append(rule)
        if self.maybe(0.4):
            rule = {"id": "law", "tier": r.choice(tiers[:-1])}
            kind = r.randrange(3)
            if kind != 1:
                rule["places"] = r.sample(PLACES, r.randrange(1, 3))
            if kind != 0:
                rule["procedures"] = r.sample(codes, min(len(codes), 2))
            policy["protected"] = [rule]
        if self.maybe(0.3):
            policy["code_sets"] = {"procedures": "codes"}
        if self.maybe(0.15):
            policy["barred_providers"] = [{"id": "list", "table": "barred"}]
        if self.maybe(0.3):
            policy["edits"] = [self.edit(i, r.choice(codes)) for i in range(r.randrange(1, 3))]
        if self.maybe(0.4):
            rule = {"id": "ask", "procedures": [r.choice(codes)]}
            if self.maybe(0.6):
                rule["exempt_places"] = r.sample(PLACES, r.randrange(1, 3))
            policy["prior_auth"] = [rule]
        if self.maybe(0.3):
            rule = {"id": "never", "procedures": [r.choice(codes)], "group": r.choice(["PR", "CO", "OA", "PI"]), "carc": "96"}
            if self.maybe(0.5):
                rule["rarc"] = ["N130"]
            policy["exclusions"] = [rule]
        if self.maybe(0.3):
            policy["coordination"] = {"not_first": r.choice(["pend", "deny"])}
        if self.maybe(0.4):
            policy["ncci"] = {}
            if self.maybe(0.7):
                policy["ncci"]["units"] = {"table": "mue", "zero": r.choice(["deny", "ignore"]),
                                           "above": r.choice(["deny", "pend", "pay_to_limit", "pay_to_limit"])}
            if self.maybe(0.7) or not policy["ncci"]:
                policy["ncci"]["pairs"] = {"table": "ptp", "modifiers": r.sample(MODS, 3), "earlier_column_2": "pend"}
            for name, rule in policy["ncci"].items():
                if self.maybe(0.4):
                    rule["institutional_table"] = "hospital-" + name

    def edit(self, i, code):
        r = self.r
        rule = {"id": "edit%d" % i, "procedures": [code]}
        if self.maybe(0.5):
            low = r.choice([0, 2, 18, 44])
            rule["age"] = {"from": low, "to": low + r.choice([0, 10, 30])}
            if self.maybe(0.4):
                del rule["age"][r.choice(["from", "to"])]
        if self.maybe(0.3):
            rule["sex"] = r.choice("FM")
        if self.maybe(0.3):
            rule["places"] = r.sample(PLACES, 3)
        if self.maybe(0.3):
            rule["diagnoses"] = r.sample(["E11", "E119", "I1", "M54", "Z0"], 2)
        if self.maybe(0.2) or len(rule) == 2:
            rule["modifiers"] = r.sample(MODS, 4)
        if self.maybe(0.4):
            rule["group"] = r.choice(["CO", "PR", "OA", "PI"])
        return rule

    # ---- its tables and members --------------------------------------------------------------------------------------

    def fees(self, policy, codes, odd, start):
        rows = []

        def row(code, price, first, last, modifier="", place="", bundled=False):
            rows.append({"code": code, "price": price, "from": first, "to": last, "modifier": modifier,
                         "place": place, "locality": "", "bundled": bundled})
            if self.maybe(0.3) and not bundled and price:
                rows.append(dict(rows[-1], price=self.cents(30000) * 10_000 + 1, locality=self.r.choice(LOCALITIES)))

        def price():
            kind = self.r.randrange(8)
            if kind == 0:
                return self.r.randrange(1, 2_000_000)  # fractions of a cent
            if kind == 1:
                return 9_999_990_000  # above every charge
            if kind == 2:
                return self.r.randrange(1, 1000) * 100
            return self.cents(30000) * 10_000

        for code in codes + self.r.sample(odd, 2):
            if self.maybe(0.06):
                continue  # no fee
            change = start + self.r.randrange(1, 400) * DAY
            if self.maybe(0.05):
                row(code, 0, start, None, bundled=True)
            elif self.maybe(0.25):
                row(code, price(), start, change - DAY)
                row(code, price(), change, None)
            else:
                row(code, price(), start, None)
            for modifier in self.r.sample(["TC", "26", "50"], self.r.randrange(0, 3)) if self.maybe(0.3) else []:
                row(code, price(), start, None, modifier=modifier)
            for place in self.r.sample(PLACES, self.r.randrange(0, 3)) if self.maybe(0.3) else []:
                row(code, price(), start, None, place=place)
                for modifier in self.r.sample(["TC", "26", "50"], self.r.randrange(0, 3)):
                    row(code, price(), start, None, modifier=modifier, place=place)
        return rows

    def tables(self, policy, codes, odd, start):
        roster = []
        tiers = list(policy["networks"])[:-1]
        for number in PROVIDERS[:4]:
            change = start + self.r.randrange(60, 500) * DAY
            if self.maybe(0.7):
                roster.append({"npi": number, "tier": self.r.choice(tiers), "from": start, "to": None})
            else:
                roster.append({"npi": number, "tier": self.r.choice(tiers), "from": start, "to": change})
                if self.maybe(0.5):
                    roster.append({"npi": number, "tier": self.r.choice(tiers), "from": change + DAY, "to": None})
        tables = {"fees": self.fees(policy, codes, odd, start), "roster": roster}
        if "localities" in policy:
            change = start + self.r.randrange(60, 500) * DAY
            tables["localities"] = [
                {"postal_code": ZIPS[0], "locality": LOCALITIES[0], "from": start, "to": change - DAY},
                {"postal_code": ZIPS[0], "locality": LOCALITIES[1], "from": change, "to": None},
                {"postal_code": ZIPS[1], "locality": LOCALITIES[1], "from": start, "to": None},
                {"postal_code": ZIPS[2], "locality": "90001-03", "from": start, "to": None}]
        if any("rbrvs" in policy["fee_schedule"][tier] for tier in policy["networks"]):
            number = lambda most, places: "%d.%0*d" % (divmod(self.r.randrange(1, most * 10 ** places), 10 ** places)[0],
                                                       places, self.r.randrange(10 ** places))
            tables["gpcis"] = [dict(zip(("mac", "locality"), place.split("-")), gpci_work=number(2, 3),
                                    gpci_pe=number(2, 3), gpci_mp=number(3, 3)) for place in LOCALITIES]
            tables["rvus"] = [
                {"hcpcs_code": code, "mod": mod, "rvu_work": number(5, 2), "rvu_non_pe": number(5, 2),
                 "rvu_fac_pe": number(3, 2), "rvu_mp": number(2, 4), "cf": "33.2875" if self.maybe(0.6) else number(90, 6)}
                for code in codes + odd[:2] if self.maybe(0.9) for mod in [""] + (["26"] if self.maybe(0.3) else [])]
        if "barred_providers" in policy:
            first = start + self.r.randrange(0, 300) * DAY
            tables["barred"] = [{"code": number, "from": first, "to": self.r.choice([None, first + 90 * DAY])}
                                for number in self.r.sample(PROVIDERS, 2)]
        edits = policy.get("ncci", {})
        if "units" in edits:
            tables["mue"] = self.units(codes + odd, start)
        if "pairs" in edits:
            tables["ptp"] = self.pairs(codes + odd, start)
        if "institutional_table" in edits.get("units", {}):
            tables["hospital-units"] = self.units(codes + odd, start)
        if "institutional_table" in edits.get("pairs", {}):
            tables["hospital-pairs"] = self.pairs(codes + odd, start)
        if "code_sets" in policy:
            tables["codes"] = []
            for code in codes + odd:
                if self.maybe(0.9):
                    last = start + self.r.randrange(0, 500) * DAY if self.maybe(0.2) else None
                    tables["codes"].append({"code": code, "from": start, "to": last})
        return tables

    def some_days(self, start):
        """Mostly open, else the days of an edit begin or end within the plan."""
        first = start - self.r.choice([0, 0, 0, 400]) * DAY
        if self.maybe(0.8):
            return first, None
        first = start + self.r.randrange(0, 200) * DAY
        return first, first + self.r.randrange(0, 200) * DAY

    def units(self, codes, start):
        rows = []
        for code in codes:
            if self.maybe(0.7):
                first, last = self.some_days(start)
                rows.append({"hcpcs_code": code, "mue_units": self.r.choice([0, 1, 1, 2, 3, 5, 12]),
                             "mue_mai": self.r.choice([1, 2, 3, 3]), "effective": first, "deleted": last})
        return rows or [{"hcpcs_code": "Z0001", "mue_units": 1, "mue_mai": 1, "effective": start, "deleted": None}]

    def pairs(self, codes, start):
        rows, share = [], min(0.6, 6 / len(codes))
        for one in codes:
            for two in codes:
                if one != two and self.maybe(share):
                    first, last = self.some_days(start)
                    rows.append({"column1": one, "column2": two, "effective": first, "deleted": last,
                                 "modifier_indicator": self.r.choice([0, 0, 1, 1, 1, 9])})
        return rows or [{"column1": "Z0001", "column2": "Z0002", "effective": start, "deleted": None,
                         "modifier_indicator": 0}]

    def members(self, policy):
        """Families of one to four, most covered throughout, some in periods with and without a gap."""
        start = datetime.date.fromisoformat(policy["plan"]["effective"]["start"])
        end = datetime.date.fromisoformat(policy["plan"]["effective"]["end"])
        members = {}
        for f in range(self.r.randrange(2, 5)):
            for m in range(self.r.randrange(1, 5)):
                cover = [(start, None)]
                if self.maybe(0.3):
                    first = min(end, start + self.r.randrange(0, 200) * DAY)
                    last = min(end, first + self.r.randrange(1, 300) * DAY)
                    cover = [(first, last)]
                    if self.maybe(0.5) and last < end:
                        cover.append((last + self.r.choice([1, 1, 2, 40]) * DAY, None))
                # Birthdays lie within the plan's years, so that services are on them.
                born = start + self.r.randrange(0, 365) * DAY
                if self.maybe(0.1):
                    born = datetime.date(2024, 2, 29)
                years = self.r.choice([44, 18, 2, 45, 0, 30])
                try:
                    born = born.replace(year=start.year - years)
                except ValueError:
                    born = born.replace(year=2020 - 40, day=29)
                members["m%d-%d" % (f, m)] = {
                    "family": "f%d" % f, "cover": cover, "born": born, "sex": self.r.choice("FFMMU"),
                    "pays_first": {first for first, _ in cover if self.maybe(0.04)}}
        return members


class Story:
    """The claims of one plan, drawn as they are decided."""

    def __init__(self, random):
        self.d = Draw(random)
        self.r = random
        self.policy, self.codes, self.odd = self.d.plan()
        self.start = datetime.date.fromisoformat(self.policy["plan"]["effective"]["start"])
        self.end = datetime.date.fromisoformat(self.policy["plan"]["effective"]["end"])
        self.tables = self.d.tables(self.policy, self.codes, self.odd, self.start)
        self.members = self.d.members(self.policy)
        self.world = rules.World(self.policy, self.tables, self.members)
        self.elsewhere = self.used_elsewhere() if self.d.maybe(0.3) else []
        self.claims = []
        self.today = self.start

    def used_elsewhere(self):
        """What members used before their claims: of some counters something, up to past the limit."""
        out, year = [], rules.period(self.world.year(self.start))
        limits = [(counter, tier, year, limit) for counter in ("deductible", "oop_max")
                  for tier, limit in self.policy.get(counter, {}).items()]
        limits += [("maxima." + rule["id"], "-", "all" if rule["per"] == "lifetime" else year, rule)
                   for rule in self.policy.get("maxima", [])]
        for name, member in self.members.items():
            for counter, tier, when, limit in limits:
                most = rules.cents(limit["individual"])
                if self.d.maybe(0.2) and most:
                    cents = self.r.choice([1, most - 1, most, most + 1, self.r.randrange(0, 2 * most)])
                    if cents > 0:
                        out.append((name, counter, tier, when, cents))
                        for person in (name, "*"):
                            key = (member["family"], person, when, counter, tier)
                            self.world.used[key] = self.world.used.get(key, 0) + cents
        return out

    def service_day(self, member):
        """At ends on purpose: of filing, cover, year, February; else some days ago."""
        r = self.r
        near = [self.today - r.randrange(0, 25) * DAY] * 6 + [self.today]
        filing = self.policy["timely_filing"]
        about = {"days": 1, "months": 30, "years": 365}[filing["unit"]] * filing["limit"]
        for n in range(about - 8, about + 9):
            day = self.today - n * DAY
            if abs((rules.deadline(filing, day) - self.today).days) <= 1:
                near.append(day)
        for first, last in self.members.get(member, {"cover": []})["cover"]:
            near += [first, first - DAY] + ([last, last + DAY] if last else [])
            for benefit in self.policy["benefits"].values():
                if "waiting_period" in benefit:
                    begins = rules.deadline(benefit["waiting_period"], first)
                    near += [begins, begins - DAY]
        for year in range(self.start.year, self.end.year + 1):
            near += [datetime.date(year, 12, 31), datetime.date(year, 1, 1), datetime.date(year, 3, 1) - DAY]
            begins = self.world.year(datetime.date(year, 12, 31))
            quarter = rules.later(begins, -3)
            near += [begins, begins - DAY, quarter, quarter - DAY]
        if r.random() < 0.02:
            return min(self.today + r.choice([1, 2]) * DAY, self.end)
        day = r.choice(near)
        return min(max(day, self.start), self.end, self.today)

    def charge(self, member, billing, line):
        """Often about the fee, or about what is left of a limit."""
        r = self.r
        amounts = [self.d.cents(40000)]
        row = self.world.row("fees", line)
        if row and not row["bundled"]:
            fee = row["price"] * line.units // 10_000_000
            amounts += [fee] * 3 + [2 * fee]
        if member in self.members:
            claim = rules.Claim("", member, billing, 1, False, self.today, [line])
            line.share = self.world.network(claim, line)
            for counter in ("deductible", "oop_max"):
                left = self.world.left(claim, line, counter)
                if left:
                    amounts += [left, left]
            family = self.members[member]["family"]
            for rule in self.policy.get("maxima", []):
                when = "all" if rule["per"] == "lifetime" else rules.period(self.world.year(line.start))
                amounts.append(rules.cents(rule["individual"]) -
                               self.world.used.get((family, member, when, "maxima." + rule["id"], "-"), 0))
        return min(max(0, r.choice(amounts) + r.choice([-1, 0, 0, 1])), 5_000_000)

    def line(self, number, member, billing, provider, day):
        r = self.r
        code = r.choice(self.codes if r.random() < 0.93 else self.odd)
        mods = r.sample(MODS, r.choice([1, 1, 2, 3])) if r.random() < 0.35 else []
        units = r.choice([1000] * 5 + [2000, 4000, 37000, 1500, r.randrange(1, 20000)])
        to = day + r.choice([0] * 12 + [1, 2, 40]) * DAY
        for _, last in self.members.get(member, {"cover": []})["cover"]:
            if last and day <= last < day + 5 * DAY:
                to = last + r.choice([0, 1, 2, 3]) * DAY
        auth = "PA1" if r.random() < 0.08 else ""
        line = rules.Line(number, code, mods, units, 0, r.choice(PLACES + ["11"] * 5), auth, day,
                          max(day, min(to, self.today)), provider)
        if r.random() < 0.3:
            line.pointers = r.sample([1, 2], r.randrange(1, 3))
        line.charge = self.charge(member, billing, line)
        return line

    def again(self, control):
        """An earlier claim's like: the same, or with one thing changed."""
        r = self.r
        old = r.choice(self.claims[-30:])
        lines = []
        for one in old.lines[:r.randrange(1, len(old.lines) + 1)]:
            line = rules.Line(len(lines) + 1, one.code, list(one.mods), one.units, one.charge, one.place, one.auth,
                              one.start, one.end, one.provider)
            line.zip, line.pointers = one.zip, one.pointers
            kind = r.randrange(8 if "ncci" not in self.policy else 16)
            if kind == 0:
                line.charge += 1
            elif kind == 1:
                line.units += 1000
            elif kind == 2:
                line.place = r.choice(PLACES)
            elif kind == 3:
                r.shuffle(line.mods)
            elif kind == 4 and len(line.mods) < 4:
                line.mods = line.mods + [m for m in [r.choice(["76", "77", "59"])] if m not in line.mods]
            elif kind == 5:
                line.provider = r.choice(PROVIDERS)
            elif kind > 11:  # no duplicate, but the same procedure of the day
                line.mods, line.units = r.sample(MODS[:-5], 1), r.choice([1000, 1000, 2000, line.units])
            elif kind > 8:
                line.code = r.choice(self.codes)
            lines.append(line)
        return rules.Claim(control, old.member, old.billing, 1, old.assigned, self.today, lines)

    def claim(self, n):
        r = self.r
        self.today = min(self.today + r.choice([0, 0, 1, 1, 2, 3, 3, 5, 8, 40]) * DAY, self.end + 700 * DAY)
        control = "C%d" % n
        if self.claims and r.random() < (0.15 if "ncci" in self.policy else 0.07):
            return self.again(control)
        member = r.choice(list(self.members)) if r.random() < 0.99 else "nobody"
        billing, provider, day = r.choice(PROVIDERS[:5]), r.choice(PROVIDERS), self.service_day(member)
        lines = []
        for number in range(1, r.choice([1, 1, 1, 2, 2, 3, 5]) + 1):
            if r.random() < 0.35:
                day = self.service_day(member)
            lines.append(self.line(number, member, billing, provider if r.random() < 0.9 else r.choice(PROVIDERS), day))
            lines[-1].auth = lines[-1].auth or lines[0].auth  # that of the first row is the claim's
        if r.random() < 0.03:
            twin = lines[-1]
            lines.append(rules.Line(twin.number + 1, twin.code, list(twin.mods), twin.units, twin.charge, twin.place,
                                    twin.auth, twin.start, twin.end, twin.provider))
            lines[-1].pointers = twin.pointers
        place = r.choice(ZIPS[:3] * 4 + ZIPS)
        for line in lines:
            line.zip = place
        claim = rules.Claim(control, member, billing, 7 if r.random() < 0.01 else 1, r.random() < 0.5,
                            self.today, lines)
        claim.diagnoses = r.sample(["E119", "E109", "I10", "M545", "Z000"], 3)
        if r.random() < 0.12:
            self.of_hospital(claim)
        return claim

    def of_hospital(self, claim):
        """The claim as a hospital files it, often with an admission before the year of its lines."""
        first, last = min(x.start for x in claim.lines), max(x.end for x in claim.lines)
        claim.bill = self.r.choice(["111", "111", "131"])
        if claim.bill == "111" or self.r.random() < 0.3:
            claim.admission = self.r.choice([first, first - DAY, first - self.r.randrange(0, 40) * DAY, last])
            claim.admission = max(claim.admission, self.start)
        if claim.frequency != 1:
            claim.bill = claim.bill[:2] + str(claim.frequency)
        for line in claim.lines:
            line.place = claim.bill[:2]

    def level(self, claim):
        """Charges that are together about the fees, for the lesser of both."""
        lines = claim.lines
        self.world.lead = {}
        for line in lines:
            line.tier = self.world.network(claim, line)
            self.world.price(claim, line)
        if all(line.status == "decided" for line in lines):
            self.world.rank(lines)
            last = sum(line.left for line in lines) - sum(line.charge for line in lines[:-1])
            lines[-1].charge = max(0, min(last + self.r.choice([-1, 0, 1]), 5_000_000))
        for line in lines:
            line.status, line.waits, line.adjustments, line.agreed = "decided", "-", [], False

    def tell(self, count):
        for n in range(count):
            claim = self.claim(n)
            if self.policy["fee_schedule"]["lesser_of"] == "per_claim" and self.r.random() < 0.4:
                self.level(claim)
            for line in claim.lines:
                line.diagnoses = [claim.diagnoses[i - 1] for i in line.pointers] or claim.diagnoses
            self.world.decide(claim)
            claim.used = dict(self.world.used)
            self.claims.append(claim)

    # ---- as files ----------------------------------------------------------------------------------------------------

    def write(self, path, contracts):
        os.makedirs(os.path.join(path, "tables"))
        os.symlink(os.path.abspath(contracts), os.path.join(path, "contracts"))
        with open(os.path.join(path, "plan.yaml"), "w") as out:
            json.dump(self.policy, out, indent=1)
        for name, rows in self.tables.items():
            with open(os.path.join(path, "tables", name + ".csv"), "w", newline="") as out:
                self.write_table(csv.writer(out), rows)
        with open(os.path.join(path, "members.csv"), "w", newline="") as out:
            self.write_members(csv.writer(out))
        with open(os.path.join(path, "claims.csv"), "w", newline="") as out:
            self.write_claims(csv.writer(out))
        pool = self.policy["plan"].get("accumulators", self.policy["plan"]["id"])
        with open(os.path.join(path, "used.txt"), "w") as out:
            out.writelines("%s %s %s %s %s %d\n" % (member, counter, tier, when, pool, cents)
                           for member, counter, tier, when, cents in self.elsewhere)
        with open(os.path.join(path, "received.txt"), "w") as out:
            out.writelines(claim.received.isoformat() + "\n" for claim in self.claims)

    @staticmethod
    def write_table(out, rows):
        names = list(rows[0])
        out.writerow(names)
        for row in rows:
            if "price" in row:
                row = dict(row, bundled="yes" if row["bundled"] else "",
                           price="" if row["bundled"] else "%d.%06d" % divmod(row["price"], 1_000_000))
            out.writerow(["" if row[name] is None else row[name] for name in names])

    def write_members(self, out):
        out.writerow("family_id member_id relationship last_name first_name birth_date sex plan group_number "
                     "coverage_from coverage_to pays_first".split())
        for name, member in self.members.items():
            for first, last in member["cover"]:
                out.writerow([member["family"], name, "self" if name.endswith("-0") else "child", "Doe", name,
                              member["born"], member["sex"], "plan", "G1", first, last or "",
                              "OTHER" if first in member["pays_first"] else ""])

    def write_claims(self, out):
        out.writerow("patient_control_number member_id total_charge last_name first_name birth_date sex relationship "
                     "billing_npi billing_name billing_postal_code frequency original_reference assignment type type_of_bill "
                     "statement_from statement_to admission_date rendering_npi place_of_service revenue_code "
                     "prior_auth diagnoses diagnosis_pointers procedure modifiers units charge service_from service_to".split())
        for claim in self.claims:
            total = dollars(sum(line.charge for line in claim.lines))
            head = [claim.control, claim.member, total, "Doe", claim.member, "1980-01-01", "F", "self", claim.billing,
                    "Clinic", claim.lines[0].zip, claim.frequency, "EARLIER" if claim.frequency != 1 else "",
                    "AY" if claim.assigned else "AN"]
            if claim.bill:
                head += ["institutional", claim.bill, min(x.start for x in claim.lines), max(x.end for x in claim.lines),
                         claim.admission or ""]
            else:
                head += [""] * 5
            for line in claim.lines:
                out.writerow(head + [line.provider, "" if claim.bill else line.place, "0450" if claim.bill else "", line.auth, " ".join(claim.diagnoses),
                                     " ".join(str(n) for n in line.pointers), line.code, " ".join(line.mods),
                                     "%d.%03d" % divmod(line.units, 1000), dollars(line.charge), line.start, line.end])
