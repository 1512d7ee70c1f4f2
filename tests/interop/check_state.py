"""What a stranger does with a state: holds proofs and exports against their roots, with averment.py and nothing of ours.

    aver state prove NAME --json | python3 tests/interop/check_state.py proof      one proof a line
    python3 tests/interop/check_state.py export FILE                               a file of aver state export
"""

import json
import sys

import averment as av


def neighbours(proof, key, root):
    """An ICS-23 NonExistenceProof: both neighbours stand under the root, with the key between them and nothing else there."""
    (number, message), = av.protobuf(proof)
    assert number == 2 and av.protobuf(message)[0] == (1, key) and {n for n, _ in av.protobuf(message)} <= {1, 2, 3}
    beside = {n: dict(av.protobuf(v)) for n, v in av.protobuf(message) if n > 1}
    steps = {n: [dict(av.protobuf(s)) for f, s in av.protobuf(v) if f == 4] for n, v in av.protobuf(message) if n > 1}
    for n, v in av.protobuf(message):
        if n > 1:
            assert av.ics23_exist_root(v, beside[n][1], beside[n][2]) == root
    paths = {n: av.sha256(b[1]) for n, b in beside.items()}
    here = av.sha256(key)
    assert beside and all(path < here if n == 2 else path > here for n, path in paths.items())
    # From the root down: turns of the path, and whether the node on the other side is empty.
    turns = {n: [(3 not in s or not s[3], not any((s.get(3) or s[2][1:]))) for s in reversed(p)] for n, p in steps.items()}
    left, right = turns.get(2), turns.get(3)
    same = 0
    while left and right and left[same][0] == right[same][0]:
        same += 1
    if left and right:
        assert not left[same][0] and right[same][0]
        same += 1
    # Nothing stands to the right of the left one, nor to the left of the right one, below where they part.
    assert all(turn or empty for turn, empty in (left or [])[same:])
    assert all(not turn or empty for turn, empty in (right or [])[same:])


def check_proof(row):
    name, root, key = row["name"].encode(), bytes.fromhex(row["root"]), bytes.fromhex(row["key"])
    assert av.sha256(bytes.fromhex(row["key_opening"]), name) == key
    member = row["shows"] == "member"
    value = bytes.fromhex(row["value"]) if member else None
    assert av.smt_proof_root(bytes.fromhex(row["proof"]), key, value) == root
    if "record" in row:
        assert av.sha256(bytes.fromhex(row["value_opening"]), bytes.fromhex(row["record"])) == value
    ics23 = bytes.fromhex(row["ics23"])
    if not member:
        return neighbours(ics23, key, root)
    (number, message), = av.protobuf(ics23)
    assert number == 1 and av.ics23_exist_root(message, key, value) == root


def items(data):
    assert data[:8] == b"AVERSTA1"
    at = 8
    while True:
        length = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if length == 0:
            assert at == len(data)
            return
        yield av.cbor_decode(data[at : at + length])
        at += length


def check_export(path):
    with open(path, "rb") as file:
        (version, kind, chain, height, entry, root), *rest = items(file.read())
    assert version == 1 and kind in (1, 2) and isinstance(chain, str) and min(height, entry) >= 0
    if kind == 2:
        pairs = [tuple(pair) for pair in rest]
        assert all(len(k) == 32 and len(v) == 32 for k, v in pairs)
        order = [av.sha256(k) for k, _ in pairs]
    else:
        records = {name: record for name, _, record in rest}
        order = [name.encode() for name, _, _ in rest]
        secret = dict(av.cbor_decode(records["g"]))[3]

        def secret_of(name):
            return dict(av.cbor_decode(records["/".join(name.split("/")[:2])]))[2] if name.startswith("f/") else secret

        pairs = [av.state_commitments(secret_of(n), n, h, r)[1::2] for n, h, r in rest]
    assert order == sorted(set(order))
    assert av.smt_root(pairs) == root


if __name__ == "__main__":
    if sys.argv[1:] == ["proof"]:
        for line in sys.stdin:
            check_proof(json.loads(line))
    elif len(sys.argv) == 3 and sys.argv[1] == "export":
        check_export(sys.argv[2])
    else:
        sys.exit(__doc__)
