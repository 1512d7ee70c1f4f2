"""Draws the sample of `aver audit sample` again, from docs/audit.md and nothing else: what an audited provider would run.

    python3 tests/interop/draw_sample.py LEDGER/log/groups FRAME NONCE-FILE SIZE [FROM TO]

Prints one "draw,entry,group" a line, then "claims N", then the seed. Python 3, standard library only.
"""

import sys

from averment import Cose, cbor_decode, hmac256, merkle_root, sha256

CLAIMS = 6


def frames(data):
    at = 0
    while at < len(data):
        assert data[at : at + 8] == b"AVERGRP1"
        size = int.from_bytes(data[at + 8 : at + 12], "big")
        payload = data[at + 12 : at + 12 + size]
        assert sha256(payload) == data[at + 12 + size : at + 44 + size]
        yield cbor_decode(payload)
        at += 44 + size


def main(path, frame, nonce_file, size, first="0", end=None):
    frame, size, first = int(frame), int(size), int(first)
    end = int(end) if end else frame
    nonce = bytes.fromhex(open(nonce_file).read().strip())
    leaves, claims, kind, ends, root = [], [], 0, False, None
    for _, height, batches, items, closing in frames(open(path, "rb").read()):
        kinds = []
        for batch in batches:
            if len(batch) == 2:
                fields = dict(cbor_decode(Cose(batch[0]).payload))
                kind = fields[3]
            kinds.append(kind)
        for item in items:
            entry = len(leaves)
            if kinds[item[0]] == CLAIMS and first <= entry < end:
                claims.append((entry, height))
            leaves.append(sha256(b"\x00", item[7]))
        leaves += [sha256(b"\x00", entry) for entry in closing]
        if len(leaves) == frame:
            ends = True
        elif ends and root is None:
            root = merkle_root(leaves)
    assert ends and root, "no group ends at the frame, or none comes after it"
    seed = sha256(root, nonce)
    drawn = sorted(claims, key=lambda c: hmac256(seed, c[0].to_bytes(8, "big")))[:size]
    for i, (entry, height) in enumerate(drawn):
        print(f"{i + 1},{entry},{height}")
    print("claims", len(claims))
    print(seed.hex())


if __name__ == "__main__":
    main(*sys.argv[1:])
