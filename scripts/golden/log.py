"""Makes Tests/Fixtures/log: what Python's hashlib and the cryptography package say about a log.

`golden.json` holds roots, tiles, proofs, a signed checkpoint and a .tlog-proof, by a naive reading of
RFC 6962 and of the C2SP texts tlog-tiles, signed-note and tlog-proof. `merkle.json` holds the
published proofs, good and bad, of the repository transparency-dev/merkle (testdata/inclusion and
testdata/consistency; Apache-2.0); it is made from a checkout of it.

    python scripts/golden/log.py [checkout of transparency-dev/merkle]
    # needs: pip install rfc8785 cryptography
"""

import base64
import functools
import hashlib
import json
import pathlib
import sys

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.dont_write_bytecode = True
import record_vectors

OUTPUT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/log"
COUNT = 70_000
ORIGIN = "lethe/" + record_vectors.REGISTRY["id"]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


LEAVES = [sha256(b"\0leaf %d" % number) for number in range(COUNT)]


@functools.cache
def tree(start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962, section 2.1."""
    if start == end:
        return sha256(b"")
    if end - start == 1:
        return LEAVES[start]
    split = 1
    while split * 2 < end - start:
        split *= 2
    return sha256(b"\1" + tree(start, start + split) + tree(start + split, end))


def tiles(size: int):
    """Every tile of hashes, by the formula of tlog-tiles: path and bytes."""
    level = 0
    while count := size // 256**level:
        for index in range((count + 255) // 256):
            span = 256**level
            numbers = range(index * 256, min(index * 256 + 256, count))
            path = f"tile/{level}/{elements(index)}"
            if len(numbers) < 256:
                path += f".p/{len(numbers)}"
            yield path, b"".join(tree(number * span, number * span + span) for number in numbers)
        level += 1


def elements(index: int) -> str:
    text = str(index)
    text = text.zfill((len(text) + 2) // 3 * 3)
    groups = [text[place : place + 3] for place in range(0, len(text), 3)]
    return "/".join(["x" + group for group in groups[:-1]] + groups[-1:])


def inclusion(index: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if end - start == 1:
        return []
    split = 1
    while split * 2 < end - start:
        split *= 2
    middle = start + split
    if index < middle:
        return inclusion(index, start, middle) + [tree(middle, end)]
    return inclusion(index, middle, end) + [tree(start, middle)]


def consistency(old: int, start: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2."""
    if old == end:
        return [] if whole else [tree(start, end)]
    split = 1
    while split * 2 < end - start:
        split *= 2
    middle = start + split
    if old <= middle:
        return consistency(old, start, middle, whole) + [tree(middle, end)]
    return consistency(old, middle, end, False) + [tree(start, middle)]


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def checkpoint(size: int, root: bytes) -> str:
    body = f"{ORIGIN}\n{size}\n{text(root)}\n"
    public = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    identifier = sha256(ORIGIN.encode() + b"\n\x01" + public)[:4]
    return f"{body}\n— {ORIGIN} {text(identifier + KEY.sign(body.encode()))}\n"


def proof() -> dict:
    """The entry of a certified version as the fourth of a log of six."""
    entry = rfc8785.dumps(record_vectors.LOG_ENTRY)
    hashes = LEAVES[:6]
    hashes[3] = sha256(b"\0" + entry)
    pair = lambda left, right: sha256(b"\1" + left + right)
    first, second, third = (pair(hashes[place], hashes[place + 1]) for place in (0, 2, 4))
    root = pair(pair(first, second), third)
    lines = ["c2sp.org/tlog-proof@v1", f"extra {text(entry)}", "index 3", text(hashes[2]), text(first), text(third)]
    return {"entry": entry.decode(), "file": "\n".join(lines + ["", ""]) + checkpoint(6, root)}


def golden() -> dict:
    sizes = [0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 600, 65_535, 65_536, 65_537, COUNT]
    listing = lambda size: "".join(f"{path} {sha256(data).hex()}\n" for path, data in sorted(tiles(size)))
    pairs = [(0, 1), (3, 7), (255, 256), (256, 257), (300, 600), (65_535, 65_537), (12_345, COUNT)]
    return {
        "entries": "entry n is the text 'leaf n'",
        "roots": [{"size": size, "root": text(tree(0, size))} for size in sizes],
        "tiles": [{"size": size, "listing": sha256(listing(size).encode()).hex()} for size in sizes],
        "inclusion": [
            {"index": index, "size": size, "path": [text(hash) for hash in inclusion(index, 0, size)]} for index, size in pairs
        ],
        "consistency": [
            {"from": old, "to": size, "path": [text(hash) for hash in consistency(old, 0, size, True)] if old else []}
            for old, size in pairs
        ],
        "origin": ORIGIN,
        "checkpoint": checkpoint(600, tree(0, 600)),
        "proof": proof(),
    }


def published(checkout: pathlib.Path) -> dict:
    found = {"source": "transparency-dev/merkle, testdata/, Apache-2.0"}
    for kind in ["inclusion", "consistency"]:
        files = sorted((checkout / "testdata" / kind).rglob("*.json"))
        found[kind] = [json.loads(file.read_text()) for file in files]
        for document in found[kind]:
            document["proof"] = document["proof"] or []
    return found


if __name__ == "__main__":
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "golden.json").write_text(json.dumps(golden(), indent=1, ensure_ascii=False) + "\n")
    if len(sys.argv) > 1:
        documents = published(pathlib.Path(sys.argv[1]))
        (OUTPUT / "merkle.json").write_text(json.dumps(documents, separators=(",", ":")) + "\n")
