"""Averment's formats, read by a second implementation: Python 3, standard library only.

It shares nothing with the C sources: it was written from docs/formats.md and the headers that it quotes. What both read
alike is what the formats say. test_vectors.py runs it over tests/vectors; as a program it prints one record:

    python3 tests/interop/averment.py claim HEX
"""

import datetime
import hashlib
import hmac
import json
import sys


class Refused(Exception):
    """The bytes do not have the form they should. `code` is the one that the C reader gives."""

    def __init__(self, code, text=""):
        super().__init__(code + ": " + text)
        self.code = code


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hmac256(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


# --- strict deterministic CBOR: RFC 8949 4.2.1, less floats, tags and indefinite lengths --------------------------------

DEPTH_MAX = 16
INT64_MAX = 2**63 - 1
UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)


class Map(list):
    """Pairs in the order of the encoding. Keys may be of any type, so a dict would not do."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def head(self):
        if self.at >= len(self.data):
            raise Refused("CBOR-SHORT", "no item")
        first = self.data[self.at]
        major, info = first >> 5, first & 31
        if info < 24:
            self.at += 1
            return major, info
        if info > 27:
            raise Refused("CBOR-FORM", "indefinite or reserved")
        size = 1 << (info - 24)
        tail = self.data[self.at + 1 : self.at + 1 + size]
        if len(tail) < size:
            raise Refused("CBOR-SHORT", "head cut")
        if major == SIMPLE:
            raise Refused("CBOR-TYPE", "float or extended simple value")
        value = int.from_bytes(tail, "big")
        if value < (24 if size == 1 else 1 << (size * 4)):
            raise Refused("CBOR-MINIMAL")
        self.at += 1 + size
        return major, value

    def item(self, depth=0):
        if depth > DEPTH_MAX:
            raise Refused("CBOR-DEPTH")
        major, value = self.head()
        if major in (UINT, NINT):
            if value > INT64_MAX:
                raise Refused("CBOR-RANGE")
            return value if major == UINT else -1 - value
        if major in (BYTES, TEXT):
            if value > len(self.data) - self.at:
                raise Refused("CBOR-SHORT", "string cut")
            raw = self.data[self.at : self.at + value]
            self.at += value
            if major == BYTES:
                return raw
            try:
                return raw.decode("utf-8", "strict")
            except UnicodeDecodeError:
                raise Refused("CBOR-UTF8") from None
        if major == ARRAY:
            if value > len(self.data) - self.at:
                raise Refused("CBOR-SHORT", "more items than bytes")
            return [self.item(depth + 1) for _ in range(value)]
        if major == MAP:
            if value > (len(self.data) - self.at) // 2:
                raise Refused("CBOR-SHORT", "more pairs than bytes")
            pairs, last = Map(), None
            for _ in range(value):
                start = self.at
                key = self.item(depth + 1)
                encoded = self.data[start : self.at]
                if last is not None and encoded <= last:
                    raise Refused("CBOR-ORDER")
                last = encoded
                pairs.append((key, self.item(depth + 1)))
            return pairs
        if major == SIMPLE and value in (20, 21, 22):
            return {20: False, 21: True, 22: None}[value]
        raise Refused("CBOR-TYPE", "tag, undefined or another simple value")


def cbor_decode(data):
    reader = Reader(data)
    value = reader.item()
    if reader.at != len(data):
        raise Refused("CBOR-TRAILING")
    return value


def cbor_encode(value):
    def head(major, n):
        for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if n < 24:
                return bytes([major << 5 | n])
            if n < 1 << (8 * size):
                return bytes([major << 5 | info]) + n.to_bytes(size, "big")
        raise ValueError(n)

    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(UINT, value) if value >= 0 else head(NINT, -1 - value)
    if isinstance(value, bytes):
        return head(BYTES, len(value)) + value
    if isinstance(value, str):
        return head(TEXT, len(value.encode())) + value.encode()
    if isinstance(value, Map):
        pairs = sorted((cbor_encode(k), cbor_encode(v)) for k, v in value)
        return head(MAP, len(pairs)) + b"".join(k + v for k, v in pairs)
    return head(ARRAY, len(value)) + b"".join(cbor_encode(v) for v in value)


# --- Ed25519 (RFC 8032 5.1), with libsodium's verdict: canonical S, canonical A, no small order, R compared as bytes -----

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_mul(n, p):
    q = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            q = point_add(q, p)
        p, n = point_add(p, p), n >> 1
    return q


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point_decode(data):
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def point_encode(p):
    z = pow(p[2], P - 2, P)
    x, y = p[0] * z % P, p[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def small_order(p):
    return point_encode(point_mul(8, p)) == point_encode((0, 1, 1, 0))


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519_verify(public_key, message, signature):
    a, r, s = point_decode(public_key), signature[:32], int.from_bytes(signature[32:], "little")
    if a is None or s >= ORDER or small_order(a):
        return False
    r_point = point_decode(r)
    if r_point is None or small_order(r_point):
        return False
    h = int.from_bytes(hashlib.sha512(r + public_key + message).digest(), "little") % ORDER
    minus_a = (P - a[0], a[1], a[2], P - a[3])
    return point_encode(point_add(point_mul(s, BASE), point_mul(h, minus_a))) == r


# --- COSE_Sign1 (RFC 9052 4.2) in the one form that the ledger takes -----------------------------------------------------


class Cose:
    def __init__(self, data):
        if data[:1] != b"\xd2":
            raise Refused("COSE-FORM", "not tag 18")
        parts = cbor_decode(data[1:])
        if not isinstance(parts, list) or isinstance(parts, Map) or len(parts) != 4:
            raise Refused("COSE-FORM", "not an array of four")
        self.protected, unprotected, self.payload, self.signature = parts
        if not isinstance(unprotected, Map):
            raise Refused("CBOR-TYPE", "unprotected header")
        if unprotected:
            raise Refused("COSE-UNPROTECTED")
        if not all(isinstance(b, bytes) for b in (self.protected, self.payload, self.signature)):
            raise Refused("CBOR-TYPE", "byte strings")
        if len(self.signature) != 64:
            raise Refused("COSE-FORM", "signature")
        header = cbor_decode(self.protected)
        if not isinstance(header, Map) or [k for k, _ in header] != [1, 3, 4]:
            raise Refused("COSE-FORM", "protected header")
        alg, self.content_type, self.kid = (v for _, v in header)
        if alg != -8:
            raise Refused("COSE-ALG")
        if not isinstance(self.content_type, str) or not isinstance(self.kid, bytes) or len(self.kid) != 16:
            raise Refused("COSE-FORM", "content type or kid")

    def to_be_signed(self, purpose, chain):
        aad = ("averment/1 " + purpose + " " + chain).encode()
        return cbor_encode(["Signature1", self.protected, aad, self.payload])

    def verifies(self, purpose, chain, public_key):
        return ed25519_verify(public_key, self.to_be_signed(purpose, chain), self.signature)


def key_id(public_key):
    return sha256(public_key)[:16]


# --- records: maps from field numbers ------------------------------------------------------------------------------------

# One word a field, in the order of its number from 1: name:type, and a question mark where it may be absent.
#   uN integer 0..N   i integer   b boolean   m money   d difference   D day   tN text 1..N bytes   xN bytes up to N
#   hN exactly N bytes   H digest   Ename enumeration   Sname record   LN/name list of records   TN texts   UN integers
RECORDS = {
    "provider": "role:t3? npi:t80? name:t120? first_name:t70? middle_name:t50? tax_id:t50? taxonomy:t50? address:t120? "
    "city:t60? state:t3? postal_code:t15? other_id:t50?",
    "person": "member_id:t80? last_name:t60? first_name:t35? middle_name:t25? birth_date:D? sex:t1? address:t120? city:t60? "
    "state:t3? postal_code:t15?",
    "coverage": "responsibility:t1? relationship:t2? group_number:t50? plan_name:t60? filing_indicator:t2? payer_id:t80? "
    "payer_name:t60?",
    "diagnosis": "role:t3 code:t30 present_on_admission:t1?",
    "date": "kind:t3 from:D to:D",
    "reference": "kind:t3 value:t80",
    "amount": "kind:t3 amount:d",
    "other_adjustment": "group:t2 reason:t5 amount:d quantity:u99999999999?",
    "other_payer": "responsibility:t1? relationship:t2? filing_indicator:t2? payer_id:t80? payer_name:t60? paid:m? "
    "adjustments:L150/other_adjustment? subscriber_id:t80? adjudicated:D? amounts:L15/amount?",
    "other_adjudication": "payer_id:t80? paid:m? procedure:t48? units:u99999999999? adjustments:L150/other_adjustment? "
    "adjudicated:D? amounts:L15/amount?",
    "line": "number:u999999 procedure:t48? modifiers:T4? revenue_code:t48? charge:m units:u99999999999 unit:t2? "
    "place_of_service:t2? diagnosis_pointers:U12? service_from:D service_to:D control_number:t50? providers:L16/provider? "
    "references:L60/reference? dates:L40/date? drug_code:t48? drug_units:u99999999999? drug_unit:t2? "
    "other_adjudications:L15/other_adjudication? amounts:L20/amount? emergency:b? procedure_qualifier:t2? description:t80?",
    "source": "format:Eformat sha256:H offset:u length:u interchange:t9? group:t9? set:t9?",
    "claim": "type:Etype use:Euse patient_control_number:t38 total_charge:m place_of_service:t2? frequency:u9 "
    "original_reference:t50? statement_from:D statement_to:D subscriber:Sperson patient:Sperson? coverage:Scoverage "
    "billing_provider:Sprovider providers:L16/provider? diagnoses:L25/diagnosis? lines:L999/line dates:L40/date? "
    "references:L60/reference? amounts:L20/amount? other_payers:L10/other_payer? assignment:t4? accident:t16? source:Ssource "
    "drg:t30?",
    "batch": "version:u1 chain:t64 kind:Ekind count:u100000 root:H not_after:i",
    "intake_receipt": "chain:t64 claim_id:t24 party:t64 patient_control_number:t38 leaf:H filing_id:h16 received:i by_height:u",
    "intake_receipts": "version:u1 chain:t64 count:u root:H",
    "receipt_proof": "receipt:x1024 index:u path:x2016 receipts:x1024",
    "posting": "counter:t80 tier:t64? scope:Escope period:t16 amount:d before:d pool:t64? credit:d? basis:Ebasis? after:u64?",
    "adjustment": "group:Egroup carc:t5 amount:d because:t200? value:t400? policy_line:u? rarc:T5? stage:Estage lines:U8? "
    "postings:L16/posting? table:t64? table_key:t48? note:t400?",
    "line_decision": "number:u999999 status:Estatus charge:m allowed:m paid:m adjustments:L64/adjustment? benefit:t200? "
    "tier:t64? reason:t400? because:t200? postings:L32/posting? counts:L32/count? units_paid:u?",
    "count": "limit:t200 before:u amount:u99999999999 most:u",
    "table_used": "name:t64 root:H",
    "decision": "claim_id:t24 version:u status:Estatus charge:m allowed:m paid:m patient_responsibility:m "
    "lines:L999/line_decision family_id:t40? member_id:t80? plan:t80? policy:H? eligibility:H? coverage:H? payout:H? "
    "tables:L64/table_used? gas:u gas_table:u payee:t80 trap:u255? trap_stage:Estage? trap_line:u? decided_by:Eby",
    "touch": "key:H before:H? after:H?",
    "receipt": "outcome:Eoutcome height:u touches:L65536/touch? decision:Sdecision?",
    "claim_state": "version:u status:Estatus party:t64 filing_id:h16 leaf:H received:i height:u entry:u payee:t80 charge:m "
    "paid:m open_before:t24? trace:t30? family:t40? control:t38",
    "remittance": "payee:t80 trace:t30 date:D claims:T10000 claims_paid:d carried_in:d carried_out:d payment:m entry:u",
    "policy": "format:t32 plan_id:t64 effective_from:D effective_to:D eligibility:H coverage:H payout:H source:H tree:R262144",
    "table_row": "from:D to:D? modifier:t2? place:t2? price:u? bundled:b? tier:t40? description:t120? units:u? indicator:u?"
    " locality:t12? work:u? practice:u? malpractice:u? practice_facility:u? column_2:t48?",
    "table_entry": "code:t48 rows:L10000/table_row",
    "table": "name:t64 kind:Etable source:H entries:L1000000/table_entry",
}

ENUMS = {
    "type": ["professional", "institutional", "dental"],
    "use": ["claim", "encounter", "preauthorization", "predetermination"],
    "format": ["837p", "837i", "837d", "fhir", "csv"],
    "kind": ["genesis", "party", "publish", "approve", "enrol", "claims", "remit", "accrual"],
    "scope": ["member", "family"],
    "basis": ["paid", "considered"],
    "group": ["CO", "OA", "PI", "PR"],
    "stage": ["eligibility", "coverage", "payout", "host"],
    "status": ["decided", "denied", "pended", "held"],
    "by": ["contract", "person"],
    "table": ["fees", "roster", "codes"],
    "outcome": ["applied", "decided", "pended", "trapped", None, None, None, None, None, "malformed", "role", "exists",
                "unknown", "same_signer", "conflict", "nothing", "unpublishable"],
}

MONEY_LIMIT = 10**13
EPOCH = datetime.date(1970, 1, 1)
TEXTS_BYTES_MAX = 256


def bad(name, text):
    return Refused("RECORD-FIELD", name + " " + text)


def cents_text(cents):
    return "%s%d.%02d" % ("-" if cents < 0 else "", abs(cents) // 100, abs(cents) % 100)


def read_text(value, name, most):
    if not isinstance(value, str):
        raise Refused("CBOR-TYPE", name)
    if not 1 <= len(value.encode()) <= most:
        raise bad(name, "is empty or too long")
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in value):
        raise bad(name, "holds a control character")
    return value


def read_int(value, name, least, most):
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("CBOR-TYPE", name)
    if not least <= value <= most:
        raise bad(name, "is out of bounds")
    return value


def read_bytes(value, name, least, most):
    if not isinstance(value, bytes):
        raise Refused("CBOR-TYPE", name)
    if not least <= len(value) <= most:
        raise bad(name, "has the wrong length")
    return value.hex()


def read_list(value, name, most):
    if not isinstance(value, list) or isinstance(value, Map):
        raise Refused("CBOR-TYPE", name)
    if len(value) > most:
        raise bad(name, "has too many items")
    return value


def read_value(value, name, kind):
    """The value as JSON shows it, and whether it is what an absent field stands for."""
    letter, rest = kind[0], kind[1:]
    if letter == "u":
        n = read_int(value, name, 0, int(rest or INT64_MAX))
        return n, n == 0
    if letter == "i":
        return read_int(value, name, -INT64_MAX - 1, INT64_MAX), value == 0
    if letter == "E":
        n = read_int(value, name, 1, len(ENUMS[rest]))
        if ENUMS[rest][n - 1] is None:
            raise bad(name, "is not one of its values")
        return ENUMS[rest][n - 1], False
    if letter == "b":
        if not isinstance(value, bool):
            raise Refused("CBOR-TYPE", name)
        return value, not value
    if letter in "md":
        least = 0 if letter == "m" else 1 - MONEY_LIMIT
        return cents_text(read_int(value, name, least, MONEY_LIMIT - 1)), value == 0
    if letter == "D":
        day = read_int(value, name, -719162, 2932896)
        return (EPOCH + datetime.timedelta(days=day)).isoformat(), False
    if letter == "t":
        return read_text(value, name, int(rest)), False
    if letter == "x":
        return read_bytes(value, name, 0, int(rest)), False
    if letter == "h":
        return read_bytes(value, name, int(rest), int(rest)), False
    if letter == "H":
        return read_bytes(value, name, 32, 32), value == bytes(32)
    if letter == "R":
        encoded = cbor_encode(value)
        if len(encoded) > int(rest):
            raise bad(name, "is too long")
        return encoded.hex(), False
    if letter == "S":
        return read_record(value, rest), False
    if letter == "L":
        most, of = rest.split("/")
        return [read_record(v, of) for v in read_list(value, name, int(most))], not value
    if letter == "T":
        return [read_text(v, name, TEXTS_BYTES_MAX) for v in read_list(value, name, int(rest))], not value
    if letter == "U":
        return [read_int(v, name, 0, INT64_MAX) for v in read_list(value, name, int(rest))], not value
    raise ValueError(kind)


def read_record(pairs, record):
    if not isinstance(pairs, Map):
        raise Refused("CBOR-TYPE", record)
    fields = [word.split(":", 1) for word in RECORDS[record].split()]
    present, out = dict(pairs), {}
    if any(not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= len(fields) for k in present):
        raise bad(record, "has an unknown field")
    for number, (name, kind) in enumerate(fields, 1):
        optional = kind.endswith("?")
        if number not in present:
            if not optional:
                raise bad(record + "." + name, "is missing")
            continue
        out[name], absent = read_value(present[number], record + "." + name, kind.rstrip("?"))
        if optional and absent:
            raise bad(record + "." + name, "is present but empty")
    return out


def decode_record(data, record):
    return read_record(cbor_decode(data), record)


# --- batches, ids, commitments -------------------------------------------------------------------------------------------


def leaf(salt, item):
    return sha256(b"\x00", salt, item)


def merkle_root(leaves):
    """RFC 9162 2.1.1, over leaf hashes."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", merkle_root(leaves[:k]), merkle_root(leaves[k:]))


def filing_id(genesis_filing_secret, party, claim):
    unsourced = Map(pair for pair in cbor_decode(claim) if pair[0] != 23)
    return hmac256(hmac256(genesis_filing_secret, party.encode()), cbor_encode(unsourced))[:16]


def claim_id(party, filing):
    digest = sha256(b"averment/1 claim", bytes([len(party.encode())]), party.encode(), filing)
    number = int.from_bytes(digest[:15], "big")
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * (23 - i) & 31] for i in range(24))


def escape_name(text):
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    return "".join(chr(c) if c in plain else "%%%02X" % c for c in text.encode())


def state_commitments(secret, name, height, record):
    """key opening, key, value opening, value"""
    name = name.encode()
    key_opening = hmac256(secret, b"k", name)
    value_opening = hmac256(secret, b"v", height.to_bytes(8, "big"), name)
    return key_opening, sha256(key_opening, name), value_opening, sha256(value_opening, record)


def body_commitment(salt, body):
    return sha256(hmac256(salt, b"body")[:16], body)


def receipt_commitment(salt, receipt):
    """Two parts: the value of field 3, the touch list, and what is left of the receipt when it is cut out."""
    salts = hmac256(salt, b"receipt")
    fields = cbor_decode(receipt)
    before = bytes([0xA0 + len(fields)])
    touches = b""
    for number, value in fields:
        before += cbor_encode(number)
        if number == 3:
            touches = cbor_encode(value)
            break
        before += cbor_encode(value)
    rest = before + receipt[len(before) + len(touches):]
    return sha256(sha256(salts[:16], touches), sha256(salts[16:], rest))


# --- log entries and bodies ----------------------------------------------------------------------------------------------

ENTRY_FIELDS = {
    1: (("body", "H"), ("receipt", "H")),
    2: (("height", "u"), ("root", "H")),
    3: (("height", "u"), ("time", "i"), ("previous", "H"), ("size", "u"), ("root", "H")),
}


def read_fields(items, fields):
    if len(items) != len(fields):
        raise Refused("ENTRY-FORM", "wrong number of items")
    return {name: read_value(item, name, kind)[0] for item, (name, kind) in zip(items, fields)}


def decode_entry(data):
    items = cbor_decode(data)
    if not isinstance(items, list) or len(items) < 2:
        raise Refused("ENTRY-FORM")
    if items[0] != 1:
        raise Refused("ENTRY-VERSION")
    if items[1] not in ENTRY_FIELDS:
        raise Refused("ENTRY-FORM", "kind")
    return {"kind": items[1], **read_fields(items[2:], ENTRY_FIELDS[items[1]])}


def decode_body(data):
    return read_fields(cbor_decode(data), (("batch", "H"), ("index", "u"), ("salt", "h16"), ("item", "x67108864")))


# --- the state trie: ICS-23 SmtSpec --------------------------------------------------------------------------------------


def smt_root(pairs):
    """Over (key, value) as ICS-23 calls them, before hashing."""
    leaves = sorted((sha256(k), sha256(b"\x00", sha256(k), sha256(v))) for k, v in pairs)

    def bit(path, depth):
        return path[depth // 8] >> (7 - depth % 8) & 1

    def root(part, depth):
        if not part:
            return bytes(32)
        if len(part) == 1:
            return part[0][1]
        left = [p for p in part if not bit(p[0], depth)]
        right = [p for p in part if bit(p[0], depth)]
        return sha256(b"\x01", root(left, depth + 1), root(right, depth + 1))

    return root(leaves, 0)


def smt_proof_root(proof, key, value):
    """The root to which a proof in our own form leads; value None: the key is absent."""
    if len(proof) < 3 or proof[0] > 2:
        raise Refused("SMT-PROOF")
    end, depth = proof[0], int.from_bytes(proof[1:3], "big")
    if depth > 256 or (end == 0) != (value is not None):
        raise Refused("SMT-PROOF", "depth or kind")
    path, at = sha256(key), 3 + (depth + 7) // 8
    if len(proof) < at:
        raise Refused("SMT-PROOF", "bitmap")
    bits = [proof[3 + d // 8] >> (7 - d % 8) & 1 for d in range((depth + 7) // 8 * 8)]
    if any(bits[depth:]):
        raise Refused("SMT-PROOF", "bitmap")
    siblings = []
    for bit in bits[:depth]:
        siblings.append(proof[at : at + 32] if bit else bytes(32))
        if len(siblings[-1]) < 32 or (bit and not any(siblings[-1])):
            raise Refused("SMT-PROOF", "sibling")
        at += 32 * bit
    node = sha256(b"\x00", path, sha256(value)) if end == 0 else bytes(32)
    if end == 2:
        other, at = proof[at : at + 64], at + 64
        same = int.from_bytes(path, "big") >> (256 - depth) == int.from_bytes(other[:32], "big") >> (256 - depth)
        if len(other) < 64 or other[:32] == path or not same:
            raise Refused("SMT-PROOF", "other leaf")
        node = sha256(b"\x00", other)
    if at != len(proof):
        raise Refused("SMT-PROOF", "length")
    for d in reversed(range(depth)):
        right = path[d // 8] >> (7 - d % 8) & 1
        node = sha256(b"\x01", siblings[d], node) if right else sha256(b"\x01", node, siblings[d])
    return node


def protobuf(data):
    """Fields of one message, as (number, value): what ics23's proofs.proto needs and no more."""

    def varint(at):
        value = shift = 0
        while True:
            if at >= len(data):
                raise Refused("PROTOBUF", "cut short")
            value |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 128:
                return value, at

    at, out = 0, []
    while at < len(data):
        tag, at = varint(at)
        value, at = varint(at)
        if tag & 7 == 2:
            if value > len(data) - at:
                raise Refused("PROTOBUF", "cut short")
            value, at = data[at : at + value], at + value
        elif tag & 7:
            raise Refused("PROTOBUF", "neither number nor bytes")
        out.append((tag >> 3, value))
    return out


# LeafOp {hash: SHA256, prehash_key: SHA256, prehash_value: SHA256, length: NO_PREFIX, prefix: 00}, as SmtSpec has it.
ICS23_LEAF = bytes.fromhex("0801100118012a0100")


def ics23_exist_root(proof, key, value):
    """The root to which an ExistenceProof leads; key and value are checked against it, and each step against SmtSpec."""
    fields = protobuf(proof)
    if [f for f in fields[:3]] != [(1, key), (2, value), (3, ICS23_LEAF)]:
        raise Refused("ICS23", "another key or value, or a leaf of another kind")
    node = sha256(b"\x00", sha256(key), sha256(value))
    for number, step in fields[3:]:
        parts = dict(protobuf(step))
        sides = (len(parts.get(2, b"")), len(parts.get(3, b"")))
        if number != 4 or parts.get(1) != 1 or sides not in ((1, 32), (33, 0)) or parts[2][:1] != b"\x01":
            raise Refused("ICS23", "a step of another kind")
        if not set(parts) <= {1, 2, 3}:
            raise Refused("ICS23", "a step with more")
        node = sha256(parts[2], node, parts.get(3, b""))
    return node


# --- the compiled policy: [line, kind, value] ----------------------------------------------------------------------------

POLICY_KINDS = ["map", "list", "text", "int", "bool", "money", "rate", "date"]


def policy_tree(node):
    """A node as plain Python: maps, lists, and (line, kind, value) at the ends."""
    if not isinstance(node, list) or len(node) != 3:
        raise Refused("POLICY-TREE", "not [line, kind, value]")
    line, kind, value = node
    name = POLICY_KINDS[read_int(kind, "kind", 1, 8) - 1]
    if name == "map":
        if not isinstance(value, Map) or not all(isinstance(k, str) for k, _ in value):
            raise Refused("POLICY-TREE", "no map from text")
        return {key: policy_tree(child) for key, child in value}
    if name == "list":
        return [policy_tree(child) for child in read_list(value, "list", INT64_MAX)]
    if not isinstance(value, {"text": str, "bool": bool}.get(name, int)):
        raise Refused("POLICY-TREE", "value of another type")
    return (line, name, value)


# --- tables --------------------------------------------------------------------------------------------------------------


def table_root(data):
    """The root over (code, encoded entry) of an encoded table."""
    entries = dict(cbor_decode(data)).get(4, [])
    return smt_root((dict(entry)[1].encode(), cbor_encode(entry)) for entry in entries)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in RECORDS:
        sys.exit("usage: averment.py RECORD HEX, with RECORD one of: " + " ".join(sorted(RECORDS)))
    try:
        print(json.dumps(decode_record(bytes.fromhex(sys.argv[2]), sys.argv[1]), indent=2, ensure_ascii=False))
    except Refused as refused:
        sys.exit(str(refused))
