"""Runs the second reader (averment.py) over the frozen vectors: the same answers as the C program, or exit 1."""

import json
import os
import sys

import averment as av
import tlog
import check_state
import ed25519_cases

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "vectors")
counts = {"passed": 0, "failed": 0}


def same(what, got, want):
    counts["passed" if got == want else "failed"] += 1
    if got != want:
        print("differs: %s\n  got  %r\n  want %r" % (what, got, want), file=sys.stderr)


def answer(function, *arguments):
    """The function's result, or the code with which it refused."""
    try:
        return function(*arguments)
    except av.Refused as refused:
        return refused.code


def test_cbor(row):
    data = bytes.fromhex(row["hex"])
    value = answer(av.cbor_decode, data)
    if "refused" in row:
        same(row["description"], value, row["refused"])
    else:
        same(row["description"], av.cbor_encode(value), data)


def test_cose(row):
    cose = answer(av.Cose, bytes.fromhex(row["cose"]))
    if "refused" in row:
        same(row["description"], cose, row["refused"])
        return
    key = bytes.fromhex(row["public_key"])
    same(row["description"], cose.verifies(row["purpose"], row["chain"], key), row["verifies"])
    for name in ("protected", "kid", "payload"):
        same(row["description"] + ": " + name, getattr(cose, name).hex(), row[name])
    same(row["description"] + ": content type", cose.content_type, row["content_type"])
    if row["verifies"]:
        same(row["description"] + ": kid", av.key_id(key), cose.kid)


def test_records(row):
    data = bytes.fromhex(row["hex"])
    what = row["description"]
    same(what, answer(av.decode_record, data, row["record"]), row["fields"])
    same(what + ": written again", av.cbor_encode(av.cbor_decode(data)), data)
    same(what + ": a byte more", answer(av.decode_record, data + b"\0", row["record"]), "CBOR-TRAILING")
    same(what + ": a byte less", answer(av.decode_record, data[:-1], row["record"]), "CBOR-SHORT")


def receipt_verdict(data, key):
    """What docs/formats.md, section 3, says of a proof of an intake receipt; and its parts."""
    try:
        proof = av.decode_record(data, "receipt_proof")
        receipt, path = bytes.fromhex(proof["receipt"]), bytes.fromhex(proof["path"])
        promise = av.decode_record(receipt, "intake_receipt")
        cose = av.Cose(bytes.fromhex(proof["receipts"]))
        signed = av.decode_record(cose.payload, "intake_receipts")
    except av.Refused:
        return "no receipt", None
    content_type = "application/vnd.averment.intake-receipts+cbor"
    if cose.content_type != content_type or signed["version"] != 1 or promise["chain"] != signed["chain"] or len(path) % 32:
        return "no receipt", None
    try:
        if proof["index"] >= signed["count"]:
            return "another receipt", None
        hashes = [path[at : at + 32] for at in range(0, len(path), 32)]
        root = tlog.root_of_path(proof["index"], signed["count"], av.sha256(b"\x00", receipt), hashes)
    except tlog.Refused:
        return "another receipt", None
    if root.hex() != signed["root"]:
        return "another receipt", None
    if not cose.verifies("intake-receipts", signed["chain"], key):
        return "not signed", None
    return "signed", {**proof, "payload": cose.payload.hex(), "count": signed["count"], "root": signed["root"]}


def test_receipts(row):
    what, key, data = row["description"], bytes.fromhex(row["public_key"]), bytes.fromhex(row["proof"])
    verdict, parts = receipt_verdict(data, key)
    same(what, verdict, row["verdict"])
    if verdict != "signed":
        return
    same(what + ": parts", parts, {name: row[name] for name in parts})
    bent = [data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :] for at in range(len(data))]
    same(what + ": a byte changed", [at for at, one in enumerate(bent) if receipt_verdict(one, key)[0] == "signed"], [])


def test_ids(row):
    what, kind = row["description"], row["kind"]
    if kind == "leaf":
        same(what, av.leaf(bytes.fromhex(row["salt"]), bytes.fromhex(row["item"])).hex(), row["leaf"])
    elif kind == "batch_root":
        leaves = [av.leaf(bytes.fromhex(i["salt"]), bytes.fromhex(i["item"])) for i in row["items"]]
        same(what, av.merkle_root(leaves).hex(), row["root"])
    elif kind == "filing":
        filing = av.filing_id(bytes.fromhex(row["filing_secret"]), row["party"], bytes.fromhex(row["claim"]))
        same(what, filing.hex(), row["filing_id"])
        same(what + ": claim id", av.claim_id(row["party"], filing), row["claim_id"])
    elif kind == "state":
        secret, record = bytes.fromhex(row["secret"]), bytes.fromhex(row["record"])
        got = av.state_commitments(secret, row["name"], row["height"], record)
        for name, digest in zip(("key_opening", "key", "value_opening", "value"), got):
            same(row["name"] + ": " + name, digest.hex(), row[name])
    elif kind == "escape":
        same(what, av.escape_name(row["text"]), row["escaped"])
    else:
        same(what, kind, "a known kind")


def test_entries(row):
    data = bytes.fromhex(row["hex"])
    if "entry" in row:
        same(row["description"], answer(av.decode_entry, data), row["entry"])
        same(row["description"] + ": cut", answer(av.decode_entry, data[:-1]), "CBOR-SHORT")
        return
    same(row["description"], answer(av.decode_body, data), row["body"])
    salt = bytes.fromhex(row["body"]["salt"])
    same("body commitment", av.body_commitment(salt, data).hex(), row["body_commitment"])
    receipt = bytes.fromhex(row["receipt"])
    same("receipt commitment", av.receipt_commitment(salt, receipt).hex(), row["receipt_commitment"])


def test_merkle(row):
    leaves = [av.sha256(b"\0", bytes([i])) for i in range(row["size"])]
    same("RFC 9162 root of %d" % row["size"], av.merkle_root(leaves).hex(), row["root"])


def test_smt(row):
    pairs = [(bytes.fromhex(k["key"]), bytes.fromhex(k["value"])) for k in row["keys"]]
    root = bytes.fromhex(row["root"])
    same(row["description"], av.smt_root(pairs), root)
    for (key, value), k in zip(pairs, row["keys"]):
        (number, proof), = av.protobuf(bytes.fromhex(k["ics23"]))
        same("existence proof", (number, answer(av.ics23_exist_root, proof, key, value)), (1, root))
    if "absent" not in row:
        return
    (number, proof), = av.protobuf(bytes.fromhex(row["ics23_absent"]))
    fields = dict(av.protobuf(proof))
    same("absence proof", (number, fields[1].hex()), (2, row["absent"]))
    paths = []
    for side in (2, 3):
        if side in fields:
            beside = dict(av.protobuf(fields[side]))
            same("absence proof: neighbour", av.ics23_exist_root(fields[side], beside[1], beside[2]), root)
            paths.append((side, av.sha256(beside[1])))
    here = av.sha256(bytes.fromhex(row["absent"]))
    same("absence proof: order", all(path < here if side == 2 else path > here for side, path in paths), True)
    same("absence proof: neighbours", bool(paths), True)


def test_ed25519(row):
    key, message, signature = (bytes.fromhex(row[name]) for name in ("public_key", "message", "signature"))
    same(row["description"], av.ed25519_verify(key, message, signature), row["verifies"])


def test_transactions(row):
    what, key = row["description"], bytes.fromhex(row["public_key"])
    if "refused" in row:
        cose = answer(av.Cose, bytes.fromhex(row["cose"]))
        if isinstance(cose, av.Cose):
            same(what + ": verifies", cose.verifies("batch", "summit-demo", key), True)
            cose = answer(av.decode_record, cose.payload, "batch")
        # This reader knows the order of keys before it knows what record they are of; ours asks the record first.
        same(what, row["refused"] if cose == "CBOR-ORDER" else cose, row["refused"])
        return
    cose = av.Cose(bytes.fromhex(row["cose"]))
    same(what, cose.verifies(row["purpose"], row["chain"], key), True)
    same(what + ": content type", cose.content_type, row["content_type"])
    leaves = [av.leaf(bytes.fromhex(i["salt"]), bytes.fromhex(i["item"])) for i in row["items"]]
    same(what + ": leaves", [leaf.hex() for leaf in leaves], [i["leaf"] for i in row["items"]])
    same(what + ": root", av.merkle_root(leaves).hex(), row["root"])
    batch = av.decode_record(cose.payload, "batch")
    want = {"version": 1, "chain": row["chain"], "kind": av.ENUMS["kind"][row["kind"] - 1], "count": len(leaves)}
    same(what + ": batch", batch, {**want, "root": row["root"], "not_after": row["not_after"]})
    same(what + ": digest", av.sha256(bytes.fromhex(row["cose"])).hex(), row["digest"])


def holds(proved):
    """Whether a line of `aver state prove --json` holds by itself."""
    try:
        check_state.check_proof(proved)
    except Exception:  # whatever it stumbles over
        return False
    return True


def test_state(row):
    pairs, root = [], bytes.fromhex(row["root"])
    for r in row["records"] + row["absent"]:
        there = "record" in r
        got = av.state_commitments(
            bytes.fromhex(r["secret"]), r["name"], r.get("height", 0), bytes.fromhex(r.get("record", ""))
        )
        same(r["name"] + ": key", got[1].hex(), r["key"])
        if there:
            same(r["name"] + ": value", got[3].hex(), r["value"])
            pairs.append((got[1], got[3]))
        proof, value = bytes.fromhex(r["proof"]), got[3] if there else None
        same(r["name"] + ": proof", answer(av.smt_proof_root, proof, got[1], value), root)
        proved = {**r, "root": row["root"], "key_opening": got[0].hex(), "shows": "member" if there else "absent"}
        proved.pop("record", None)
        same(r["name"] + ": as a stranger checks it", holds(proved), True)
        for field in ("root", "key_opening", "key", "value", "proof", "ics23"):
            raw = bytes.fromhex(proved.get(field, ""))
            bent = [raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :] for at in range(len(raw))]
            same(r["name"] + ": a byte changed in " + field, [b for b in bent if holds({**proved, field: b.hex()})], [])
    for order in (pairs, pairs[::-1], sorted(pairs)):
        same(row["description"], av.smt_root(order), root)


def test_policy(row):
    same(row["description"], json.loads(json.dumps(av.policy_tree(av.cbor_decode(bytes.fromhex(row["tree"]))))), row["plain"])
    if "hex" in row:
        same(row["description"] + ": record", answer(av.decode_record, bytes.fromhex(row["hex"]), "policy"), row["fields"])
        same(row["description"] + ": digest", av.sha256(bytes.fromhex(row["hex"])).hex(), row["digest"])


def test_table(row):
    data = bytes.fromhex(row["hex"])
    same(row["description"], answer(av.decode_record, data, "table"), row["fields"])
    same(row["description"] + ": root", av.table_root(data).hex(), row["root"])


def test_tlog(row):
    what, kind = row["description"], row["kind"]
    if kind == "vkey":
        key = tlog.Key(row["vkey"])
        same(what, (key.name, key.public_key.hex()), (row["name"], row["public_key"]))
    elif kind == "checkpoint":
        policy = tlog.Policy(row["policy"])
        same(what, policy.verdict(tlog.Note(row["note"])), row["verdict"])
        other = row["note"].replace("\n9\n", "\n8\n", 1)
        same(what + ", of another size", answer(policy.verdict, tlog.Note(other)), "NOTE-FORGED")
    elif kind == "proof":
        proof, entry = tlog.Proof(row["proof"]), bytes.fromhex(row["entry"])
        note = tlog.Note(proof.checkpoint)
        same(what, (tlog.Policy(row["policy"]).verdict(note), proof.extra), ("", entry))
        same(what + ": the path", tlog.root_of_path(proof.index, note.size, tlog.leaf(entry), proof.path), note.root)
    elif kind == "request":
        request = tlog.Request(row["request"])
        note, old_root = tlog.Note(request.checkpoint), bytes.fromhex(row["old_root"])
        if request.old:
            roots = tlog.roots_of_growth(request.old, note.size, True, old_root, request.path)
            same(what, roots, (old_root, note.root))
        else:
            same(what, request.path, [])
        (name, id, _), = tlog.Note(note.text + "\n" + row["answer"]).signatures
        key = next(key for key in TLOG_WITNESSES if (key.name, key.id) == (name, id))
        same(what + ": the answer", tlog.Note(note.text + "\n" + row["answer"]).signed_by(key), 1781510400)
    if kind == "vkey" and key.type == tlog.COSIGNATURE:
        TLOG_WITNESSES.append(key)


TLOG_WITNESSES = []


def main():
    for name in sorted(os.listdir(VECTORS)):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(VECTORS, name), encoding="utf-8") as file:
            for row in json.load(file):
                globals()["test_" + name[:-5]](row)
    with open(os.path.join(VECTORS, "ed25519.json"), encoding="utf-8") as file:
        same("ed25519.json is what its program makes", json.load(file), ed25519_cases.rows())
    print("%(passed)d passed, %(failed)d failed" % counts)
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
