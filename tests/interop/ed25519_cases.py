"""Makes tests/vectors/ed25519.json: signatures on which Ed25519 verifiers are known to differ, after the twelve kinds of
Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs" (SSR 2020), section 5, with keys and messages of our own.

Each case is built from its definition, with the curve of averment.py: points of small order, points with a part of small
order, encodings that are not canonical, S that is not reduced. `verifies` is what this ledger says, and follows from its rule
(docs/formats.md section 2). test_vectors.py makes the file anew and compares; as a program it prints it:

    python3 tests/interop/ed25519_cases.py > tests/vectors/ed25519.json
"""

import hashlib
import json
import sys

import averment as av

L, P = av.ORDER, av.P
NEUTRAL = (0, 1, 1, 0)


def order_eight():
    """A point of order 8: what is left of a point when its part of order L is taken away."""
    y = 2
    while True:
        point = av.point_decode(y.to_bytes(32, "little"))
        if point:
            small = av.point_mul(L, point)
            if av.point_encode(av.point_mul(4, small)) != av.point_encode(NEUTRAL):
                return small
        y += 1


T = order_eight()
MINUS_T = av.point_mul(7, T)


def scalar(text):
    return int.from_bytes(hashlib.sha512(text.encode()).digest(), "little") % L


def challenge(r, a, message):
    return int.from_bytes(hashlib.sha512(r + a + message).digest(), "little") % L


def holds(r, a, s, h, cofactor):
    """[S]B = R + [h]A, or both sides times 8."""
    left, right = av.point_mul(s, av.BASE), av.point_add(r, av.point_mul(h, a))
    return av.point_encode(av.point_mul(cofactor, left)) == av.point_encode(av.point_mul(cofactor, right))


def search(a_small, r_small, a, r_known, want):
    """The first message for which `want` is true of the case with A = aB + a_small and R = rB + r_small (r_known: its r)."""
    point_a = av.point_add(av.point_mul(a, av.BASE), a_small)
    bytes_a = av.point_encode(point_a)
    for n in range(1000):
        message = b"message %d" % n
        r = 0 if r_known == 0 else scalar("r" + str(n))
        point_r = av.point_add(av.point_mul(r, av.BASE), r_small)
        bytes_r = av.point_encode(point_r)
        h = challenge(bytes_r, bytes_a, message)
        s = (r + h * a) % L
        if want(h, holds(point_r, point_a, s, h, 1), holds(point_r, point_a, s, h, 8)):
            return bytes_a, message, bytes_r + s.to_bytes(32, "little")
    raise ValueError("no message found")


def honest(a, n):
    return search(NEUTRAL, NEUTRAL, a, None, lambda h, one, eight: one)


def cases():
    a = scalar("the key")
    exact = lambda h, one, eight: one
    only_eight = lambda h, one, eight: eight and not one

    yield "an honest signature", honest(a, 0), True
    yield "A and R of small order, S = 0", search(T, MINUS_T, 0, 0, exact), False
    yield "A of small order, R with a part of small order", search(T, MINUS_T, 0, None, exact), False
    yield "R of small order, A with a part of small order", search(T, MINUS_T, a, 0, exact), False
    yield "A and R with parts of small order that cancel", search(T, MINUS_T, a, None, exact), True
    yield "A and R with parts of small order: holds times 8 only", search(T, MINUS_T, a, None, only_eight), False
    yield "A with a part of small order, h divisible by 8", search(T, NEUTRAL, a, None, exact), True
    yield "A with a part of small order: holds times 8 only", search(T, NEUTRAL, a, None, only_eight), False
    yield "R with a part of small order: holds times 8 only", search(NEUTRAL, T, a, None, only_eight), False

    key, message, signature = honest(a, 0)
    s = int.from_bytes(signature[32:], "little")
    for text, more in (("S + L", 1), ("S + 8L, above 2^255", 8), ("S + L times the most that fits", (2**256 - 1 - s) // L)):
        yield text, (key, message, signature[:32] + (s + more * L).to_bytes(32, "little")), False
    yield "S = L", (key, message, signature[:32] + L.to_bytes(32, "little")), False

    # Encodings that are not canonical: y = p + 1 for the neutral element, and x = 0 with the sign of a negative x.
    not_canonical = {"y not reduced": (P + 1).to_bytes(32, "little"), "minus zero": (1 | 1 << 255).to_bytes(32, "little")}
    neutral = av.point_encode(NEUTRAL)
    for text, encoding in not_canonical.items():
        for hashed, how in ((encoding, "as it stands"), (neutral, "reduced")):
            h = challenge(hashed, key, message)
            sig = encoding + (h * a % L).to_bytes(32, "little")
            yield "R neutral, %s, hashed %s" % (text, how), (key, message, sig), False
            r = scalar("r")
            bytes_r = av.point_encode(av.point_mul(r, av.BASE))
            sig = bytes_r + r.to_bytes(32, "little")
            yield "A neutral, %s, hashed %s" % (text, how), (encoding, message + how.encode(), sig), False
    yield "A of order 4, y = p", (P.to_bytes(32, "little"), message, bytes_r + r.to_bytes(32, "little")), False

    y = 2
    while av.recover_x(y, 0) is not None:
        y += 1
    off = y.to_bytes(32, "little")
    yield "A not on the curve", (off, message, signature), False
    yield "R not on the curve", (key, message, off + signature[32:]), False
    yield "a signature of zeros", (key, message, bytes(64)), False
    yield "another message", (key, message + b".", signature), False


def rows():
    return [
        {
            "description": text,
            "public_key": key.hex(),
            "message": message.hex(),
            "signature": signature.hex(),
            "verifies": verifies,
        }
        for text, (key, message, signature), verifies in cases()
    ]


if __name__ == "__main__":
    json.dump(rows(), sys.stdout, indent=2)
    print()
