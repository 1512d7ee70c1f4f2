"""Checks evidence of a fork without the program that found it: docs/audit.md, RFC 9162 2.1.4.2, c2sp.org/signed-note.

    python3 tests/interop/check_evidence.py EVIDENCE.json VKEY

Exit 0: the holder of the key signed two histories. Python 3, standard library only.
"""

import base64
import json
import sys

from averment import ed25519_verify, sha256


def checkpoint(note, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    assert key[0] == 1 and sha256(name.encode(), b"\n", key).hex()[:8] == key_id
    text, signatures = note.split("\n\n", 1)
    text += "\n"
    for line in signatures.splitlines():
        mark, signer, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if mark == "\u2014" and signer == name and blob[:4].hex() == key_id:
            assert ed25519_verify(key[1:], text.encode(), blob[4:]), "forged"
            origin, size, root = text.split("\n")[:3]
            assert origin == name
            return int(size), base64.b64decode(root)
    raise AssertionError("not signed by this key")


def consistent(first, first_root, second, second_root, proof):
    """RFC 9162 2.1.4.2."""
    if first == second:
        return not proof and first_root == second_root
    if first & (first - 1) == 0:
        proof = [first_root] + proof
    if not proof:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = sha256(b"\x01", c, fr), sha256(b"\x01", c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b"\x01", sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


def main(path, vkey):
    e = json.load(open(path))
    assert e["evidence"] == "averment-checkpoints/1" and e["vkey"] == vkey
    smaller, smaller_root = checkpoint(e["smaller"], vkey)
    larger, larger_root = checkpoint(e["larger"], vkey)
    root = base64.b64decode(e["root"])
    proof = [base64.b64decode(h) for h in e["proof"]]
    assert consistent(smaller, root, larger, larger_root, proof), "the proof leads nowhere"
    if root == smaller_root:
        print("one history")
        return 1
    print("two histories")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
