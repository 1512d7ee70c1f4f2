"""The log's texts read a second time, from the C2SP documents and docs/formats.md section 5: signed notes, checkpoints,
cosignatures, proofs of entries, consistency proofs, trust policies. No source is shared with the C program."""

import base64

from averment import Refused, ed25519_verify, sha256

ED25519, COSIGNATURE = 1, 4


def unbase64(text, length=None):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text or length not in (None, len(data)):
        raise Refused("BASE64", text)
    return data


def decimal(text):
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise Refused("DECIMAL", text)
    return int(text)


class Key:
    def __init__(self, vkey):
        self.name, self.id, key = vkey.split("+", 2)
        typed = unbase64(key, 33)
        self.type, self.public_key = typed[0], typed[1:]
        if sha256(self.name.encode() + b"\n" + typed)[:4].hex() != self.id or self.type not in (ED25519, COSIGNATURE):
            raise Refused("NOTE-VKEY", vkey)


class Note:
    def __init__(self, text):
        body, lines = text.rsplit("\n\n", 1)
        self.text = body + "\n"
        self.signatures = []
        for line in lines.splitlines():
            dash, name, blob = line.split(" ")
            blob = unbase64(blob)
            if dash != "\u2014" or len(blob) < 5:
                raise Refused("NOTE-SIGNATURE", line)
            self.signatures.append((name, blob[:4].hex(), blob[4:]))
        origin, size, root = self.text.split("\n")[:3]
        self.origin, self.size, self.root = origin, decimal(size), unbase64(root, 32)

    def signed_by(self, key):
        """None: no such signature. A time, or 0 for a key without times. A signature that does not hold is refused."""
        found = None
        for name, id, signature in self.signatures:
            if (name, id) != (key.name, key.id):
                continue
            message, time = self.text.encode(), 0
            if key.type == COSIGNATURE:
                time = int.from_bytes(signature[:8], "big")
                message = b"cosignature/v1\ntime %d\n" % time + message
                signature = signature[8:]
            if not ed25519_verify(key.public_key, message, signature):
                raise Refused("NOTE-FORGED", name)
            found = max(found or 0, time)
        return found


class Policy:
    def __init__(self, text):
        self.logs, self.names, self.quorum = [], {}, None
        for line in text.split("\n"):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "log":
                self.logs.append(Key(words[1]))
            elif words[0] == "witness":
                self.names[words[1]] = Key(words[2])
            elif words[0] == "group":
                members = words[3:]
                need = {"all": len(members), "any": 1}.get(words[2]) or decimal(words[2])
                self.names[words[1]] = (need, members)
            else:
                self.quorum = words[1]

    def cosigned(self, note, name):
        what = self.names[name]
        if isinstance(what, Key):
            return note.signed_by(what) is not None
        need, members = what
        return sum([self.cosigned(note, member) for member in members]) >= need

    def verdict(self, note):
        if not any(log.name == note.origin and note.signed_by(log) is not None for log in self.logs):
            return "TRUST-LOG"
        return "" if self.quorum == "none" or self.cosigned(note, self.quorum) else "TRUST-WITNESSES"


def leaf(entry):
    return sha256(b"\0", entry)


def node(left, right):
    return sha256(b"\1", left, right)


def root_of_path(index, size, hash, path):
    """RFC 6962 2.1.1 read backwards: the root that the path leads to."""
    if size == 1:
        if path:
            raise Refused("MERKLE-PROOF", "too many hashes")
        return hash
    k = 1 << (size - 1).bit_length() - 1
    if not path:
        raise Refused("MERKLE-PROOF", "too few hashes")
    if index < k:
        return node(root_of_path(index, k, hash, path[:-1]), path[-1])
    return node(path[-1], root_of_path(index - k, size - k, hash, path[:-1]))


def roots_of_growth(old, size, known, old_root, path):
    """RFC 6962 2.1.2 read backwards: the two roots."""
    if old == size:
        if known:
            if path:
                raise Refused("MERKLE-PROOF", "too many hashes")
            return old_root, old_root
        (hash,) = path
        return hash, hash
    k = 1 << (size - 1).bit_length() - 1
    if old <= k:
        first, second = roots_of_growth(old, k, known, old_root, path[:-1])
        return first, node(second, path[-1])
    first, second = roots_of_growth(old - k, size - k, False, old_root, path[:-1])
    return node(path[-1], first), node(path[-1], second)


class Proof:
    def __init__(self, text):
        head, self.checkpoint = text.split("\n\n", 1)
        lines = head.split("\n")
        if lines.pop(0) != "c2sp.org/tlog-proof@v1":
            raise Refused("TLOG-PROOF", "line 1")
        self.extra = unbase64(lines.pop(0)[6:]) if lines[0].startswith("extra ") else None
        word, index = lines.pop(0).split(" ")
        if word != "index":
            raise Refused("TLOG-PROOF", word)
        self.index = decimal(index)
        self.path = [unbase64(line, 32) for line in lines]


class Request:
    def __init__(self, text):
        head, self.checkpoint = text.split("\n\n", 1)
        lines = head.split("\n")
        word, old = lines.pop(0).split(" ")
        if word != "old":
            raise Refused("TLOG-PROOF", word)
        self.old = decimal(old)
        self.path = [unbase64(line, 32) for line in lines]
