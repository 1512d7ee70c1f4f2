#!/usr/bin/env python3
"""check_eob.py FILE... - an explanation of benefits as a reader without our code sees it: well-formed, nothing that runs or is
fetched, headings and tables that a screen reader can follow, and amounts that add up on the page."""
import re
import sys
import xml.etree.ElementTree as tree

TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3", "p", "br", "strong", "code", "dl", "dt",
    "dd", "div", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
}
ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "class", "scope", "colspan"}
faults = []


def check(holds, words):
    if not holds:
        faults.append(words)


def cents(text):
    match = re.fullmatch(r"(-?)\$(\d+)\.(\d\d)", text)
    return None if not match else (-1 if match[1] else 1) * (int(match[2]) * 100 + int(match[3]))


def check_row(cells, where):
    amounts = [cents("".join(c.itertext())) for c in cells]
    if len(cells) == 2:  # not decided yet
        check(amounts[0] is not None and amounts[1] is None, f"{where}: an open line has amounts")
        return [amounts[0]] + [None] * 8
    check(len(cells) == 9 and None not in amounts, f"{where}: no nine amounts")
    if None in amounts or len(amounts) != 9:
        return [None] * 9
    charge, _price, off, not_covered, deductible, copay, coinsurance, paid, owed = amounts
    check(charge == off + not_covered + deductible + copay + coinsurance + paid, f"{where}: the charge does not add up")
    check(owed == not_covered + deductible + copay + coinsurance, f"{where}: what the member may owe does not add up")
    for cell in cells:
        check(cell.get("class") == "n", f"{where}: an amount is not aligned to the right")
    return amounts


def check_amounts(table):
    rows = [check_row(r.findall("td"), f"row {i + 1}") for i, r in enumerate(table.find("tbody"))]
    total = check_row(table.find("tfoot").find("tr").findall("td"), "the last row")
    for column in range(9):
        if total[column] is not None:
            check(sum(r[column] for r in rows) == total[column], f"column {column + 1} does not add up")
    check(sum(r[0] for r in rows) == total[0], "the charges do not add up")


def check_page(path):
    data = open(path, "rb").read()
    check(data.startswith(b"<!DOCTYPE html>\n"), "no doctype")
    page = tree.fromstring(data.split(b"\n", 1)[1])
    check(page.get("lang") == "en", "no language")
    for element in page.iter():
        check(element.tag in TAGS, f"the page has <{element.tag}>")
        for name in element.attrib:
            check(name in ATTRIBUTES, f"<{element.tag}> has {name}=")
    policy = [m.get("content") for m in page.iter("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    check(policy == ["default-src 'none'; style-src 'unsafe-inline'"], "no policy that forbids scripts")
    style = page.find("head/style").text
    check("url(" not in style and "@import" not in style, "the style fetches something")
    check("@media print" in style, "no style for paper")
    check(len(list(page.iter("h1"))) == 1, "not one main heading")
    levels = [int(e.tag[1]) for e in page.iter() if e.tag in ("h1", "h2", "h3")]
    check(all(b <= a + 1 for a, b in zip(levels, levels[1:])), "a heading skips a level")
    check("This is not a bill" in "".join(page.itertext()), "it does not say that it is no bill")
    tables = list(page.iter("table"))
    check(tables, "no table")
    for table in tables:
        check(table.find("caption") is not None, "a table without a caption")
        head = table.find("thead/tr")
        check(all(h.get("scope") == "col" for h in head.findall("th")), "a column without a header")
        width = len(head)
        for row in list(table.find("tbody")) + list(table.find("tfoot") or []):
            check(sum(int(c.get("colspan", "1")) for c in row) == width, "a row of another width")
    check_amounts(tables[0])


for file in sys.argv[1:]:
    try:
        check_page(file)
    except (tree.ParseError, AttributeError, OSError) as error:
        faults.append(f"cannot be read: {error}")
    for fault in faults:
        print(f"{file}: {fault}")
    if not faults:
        print(f"{file}: well-formed, nothing runs, everything adds up")
sys.exit(1 if faults else 0)
