"""Makes Tests/Fixtures/records/golden.json: what other implementations say of the same values.

Numbers and documents come from the rfc8785 package (and, where `node` is installed, are compared
with ECMAScript itself), commitments from Python's hmac, Merkle roots from pymerkle.

    python scripts/golden/records.py        # needs: pip install rfc8785 pymerkle
"""

import hashlib
import hmac
import json
import pathlib
import random
import shutil
import struct
import subprocess

import pymerkle
import rfc8785

SEED = 20261122
OUTPUT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/records/golden.json"


def numbers() -> list[dict]:
    chance = random.Random(SEED)
    bits = []
    while len(bits) < 300:
        candidate = chance.getrandbits(64)
        if (candidate >> 52) & 0x7FF != 0x7FF:
            bits.append(candidate)
    near = [10.0**n for n in range(-9, 23)] + [chance.random() * 10**chance.randrange(-8, 23) for _ in range(200)]
    bits += [struct.unpack(">Q", struct.pack(">d", value))[0] for value in near]
    values = [struct.unpack(">d", struct.pack(">Q", number))[0] for number in bits]
    texts = [number_text(value) for value in values]
    if node := shutil.which("node"):
        program = "console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0)).map(String)))"
        answer = subprocess.run([node, "-e", program], input=json.dumps(values), capture_output=True, text=True)
        assert json.loads(answer.stdout) == texts, "ECMAScript prints other numbers"
    return [{"bits": f"{number:016x}", "text": text} for number, text in zip(bits, texts)]


def number_text(value: float) -> str:
    return rfc8785.dumps(value).decode()


def documents() -> list[dict]:
    values = [
        {"\u20ac": "Euro", "\r": "CR", "\ufb33": "Dalet", "1": "One", "\U0001f600": "Smile", "\u0080": "Control", "\u00f6": "o"},
        {"numbers": [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27], "string": "\u20ac$\u000f\nA'B\"\\\\\"/", "literals": [None, True, False]},
        {"a": {"z": [], "b": {}}, "A": "\u007f\u2028", "": 0, "aa": -0.0, "a\u0000": 1},
        [[], {}, "", 1e21, 1e-7, 9007199254740991, "\ud7ff\ue000\U0010ffff"],
    ]
    return [{"ascii": json.dumps(value, ensure_ascii=True), "canonical": rfc8785.dumps(value).decode()} for value in values]


def commitments() -> list[dict]:
    key = bytes(range(32))
    cases = [("sample", b""), ("sample", b"abc"), ("", b"\x00" * 200), ("m\u00fcller", bytes(range(256)))]
    return [
        {
            "key": key.hex(),
            "domain": domain,
            "sample": sample.hex(),
            "digest": hmac.new(key, domain.encode() + b"\x00" + sample, hashlib.sha256).hexdigest(),
        }
        for domain, sample in cases
    ]


def merkle() -> list[dict]:
    cases = []
    for count in [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 33]:
        leaves = [hashlib.sha256(bytes([number])).digest() for number in range(count)]
        tree = pymerkle.InmemoryTree(algorithm="sha256")
        for leaf in leaves:
            tree.append_entry(leaf)
        cases.append({"leaves": [leaf.hex() for leaf in leaves], "root": tree.get_root().hex()})
    return cases


if __name__ == "__main__":
    golden = {"numbers": numbers(), "documents": documents(), "commitments": commitments(), "merkle": merkle()}
    OUTPUT.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
