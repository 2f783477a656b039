"""Makes Tests/Fixtures/safetensors: files that Lethe must read and files that it must refuse.

`good/` comes from the safetensors library itself. Each file of `hostile/` has one fault and is
named after it; `hostile/reasons.json` holds words that the refusal must contain. The script also
asks the safetensors library about each hostile file and prints the ones that the library accepts:
there Lethe is stricter, on purpose.

    python scripts/golden/hostile_safetensors.py      # needs: pip install safetensors numpy
"""

import json
import pathlib
import struct

import numpy
from safetensors import SafetensorError
from safetensors.numpy import load, save

ROOT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/safetensors"


def file(header, data: bytes = b"", *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(begin: int, end: int, shape=None, dtype: str = "F32") -> dict:
    shape = [(end - begin) // 4] if shape is None else shape
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def hostile() -> dict[str, tuple[bytes, str]]:
    good = {"a": tensor(0, 8), "b": tensor(8, 16)}
    data = bytes(range(16))
    entry = b'{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
    huge = {"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]}}
    changed = lambda name, value: {"a": {**tensor(0, 8), name: value}}
    return {
        "empty-file": (b"", "shorter than the eight bytes"),
        "seven-bytes": (b"\x02\0\0\0\0\0\0", "shorter than the eight bytes"),
        "header-above-cap": (file(good, data, length=100_000_001), "too long"),
        "header-length-overflows": (file(good, data, length=2**64 - 1), "too long"),
        "header-longer-than-file": (file(good, length=4096), "longer than the file"),
        "header-empty": (file(b""), "begin with {"),
        "header-begins-with-space": (file(b' {"a":' + entry + b"}", data[:8]), "begin with {"),
        "header-is-an-array": (file(b"[1,2,3]"), "begin with {"),
        "header-not-utf8": (file(b'{"\xff\xfe":' + entry + b"}", data[:8]), "not UTF-8"),
        "header-half-surrogate": (file(b'{"\\ud800":' + entry + b"}", data[:8]), "surrogate"),
        "header-cut-off": (file(b'{"a":' + entry, data[:8]), "does not end"),
        "header-bytes-behind-object": (file(b'{"a":' + entry + b"}{}", data[:8]), "after the value"),
        "header-padded-with-zero": (file(b'{"a":' + entry + b"}\0\0", data[:8]), "plain whole numbers"),
        "header-padded-with-newline": (file(b'{"a":' + entry + b"}\n", data[:8]), "padded with spaces"),
        "header-nested-deeply": (file(b'{"a":' * 1_000 + b"1" + b"}" * 1_000), "nested too deeply"),
        "arrays-nested-deeply": (file(b'{"a":' + b"[" * 1_000), "array lies in an array"),
        "name-twice": (file(b'{"a":' + entry + b',"a":' + entry + b"}", data[:8]), "appears twice"),
        "metadata-twice": (
            file(b'{"__metadata__":{"k":"v"},"__metadata__":{},"a":' + entry + b"}", data[:8]),
            "appears twice",
        ),
        "metadata-name-twice": (
            file(b'{"__metadata__":{"k":"v","k":"w"},"a":' + entry + b"}", data[:8]),
            "appears twice",
        ),
        "metadata-number": (file({"__metadata__": {"k": 1}, "a": tensor(0, 8)}, data[:8]), "no string"),
        "metadata-list": (file({"__metadata__": ["k"], "a": tensor(0, 8)}, data[:8]), "no object"),
        "dtype-unknown": (file(changed("dtype", "F31"), data[:8]), "unknown"),
        "dtype-lower-case": (file(changed("dtype", "f32"), data[:8]), "unknown"),
        "dtype-number": (file(changed("dtype", 32), data[:8]), "exactly dtype"),
        "dtype-missing": (file({"a": {"shape": [2], "data_offsets": [0, 8]}}, data[:8]), "exactly dtype"),
        "dtype-wrong-size": (file(changed("dtype", "F64"), data[:8]), "takes 16"),
        "field-unknown": (file(changed("stride", [1]), data[:8]), "exactly dtype"),
        "shape-negative": (file(changed("shape", [-2]), data[:8]), "negative"),
        "shape-two-negatives": (file(changed("shape", [-1, -2]), data[:8]), "negative"),
        "shape-fraction": (file(changed("shape", [2.5]), data[:8]), "plain whole numbers"),
        "shape-exponent": (file(b'{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}', data[:8]), "plain whole"),
        "shape-null": (file(changed("shape", None), data[:8]), "plain whole numbers"),
        "shape-text": (file(changed("shape", ["2"]), data[:8]), "exactly dtype"),
        "shape-product-overflows": (file(huge, data[:8]), "overflows"),
        "shape-product-wraps-to-right-size": (
            file(changed("shape", [2**31, 2**31, 2**31, 2]), data[:8]),
            "overflows",
        ),
        "shape-above-2-to-63": (file(changed("shape", [2**64 + 2]), data[:8]), "2^53"),
        "shape-rank-33": (file(changed("shape", [1] * 32 + [2]), data[:8]), "more than 32"),
        "shape-half-bytes": (
            file({"a": {"dtype": "F4", "shape": [3], "data_offsets": [0, 1]}}, data[:1]),
            "whole bytes",
        ),
        "offsets-one": (file(changed("data_offsets", [0]), data[:8]), "begin and an end"),
        "offsets-three": (file(changed("data_offsets", [0, 4, 8]), data[:8]), "begin and an end"),
        "offsets-reversed": (file(changed("data_offsets", [8, 0]), data[:8]), "begin and an end"),
        "offsets-overlap": (file({"a": tensor(0, 8), "b": tensor(4, 12)}, data[:12]), "overlaps"),
        "offsets-same-twice": (file({"a": tensor(0, 8), "b": tensor(0, 8)}, data[:8]), "overlaps"),
        "offsets-hole": (file({"a": tensor(0, 8), "b": tensor(12, 16)}, data), "hole of 4"),
        "offsets-hole-at-start": (file({"a": tensor(8, 16)}, data), "hole of 8"),
        "offsets-out-of-range": (file({"a": tensor(0, 8), "b": tensor(8, 4096)}, data), "out of range"),
        "offsets-size-mismatch": (file({"a": tensor(0, 16, shape=[2])}, data), "takes 8"),
        "data-truncated": (file(good, data[:-1]), "out of range"),
        "data-missing": (file(good), "out of range"),
        "data-trailing-byte": (file(good, data + b"\0"), "trailing"),
        "data-behind-no-tensors": (file(b"{}", b"\0"), "trailing"),
        "name-too-long": (file({"n" * 65_537: tensor(0, 8)}, data[:8]), "too long"),
    }


def good() -> dict[str, bytes]:
    chance = numpy.random.default_rng(20261122)
    mixed = {
        "z.weight": chance.standard_normal((3, 4)).astype(numpy.float32),
        "a.weight": chance.standard_normal((2, 2)).astype(numpy.float32),
        "half": chance.standard_normal(5).astype(numpy.float16),
        "wide": chance.standard_normal(2),
        "whole": numpy.arange(3, dtype=numpy.int64),
        "bytes": numpy.arange(7, dtype=numpy.uint8),
        "flags": numpy.array([True, False, True]),
        "scalar": numpy.array(3.5, dtype=numpy.float32),
        "nothing": numpy.zeros((0, 4), dtype=numpy.float32),
        'n\u00e4me "quoted" \\ \t': numpy.ones(1, dtype=numpy.int16),
    }
    one = {"only": numpy.arange(6, dtype=numpy.float32).reshape(2, 3)}
    return {
        "mixed": save(mixed, metadata={"format": "pt"}),
        "one-tensor": save(one),
        "no-tensors": save({}),
        "unusual-but-legal": file(
            b'{ "b" : {"shape":[1],"data_offsets":[4,8],"dtype":"F32"} ,\n'
            b'"\\u0061":{"data_offsets":[0,4],"dtype":"F32","shape":[]},"__metadata__":{}}   ',
            bytes(8),
        ),
    }


if __name__ == "__main__":
    for folder in ["good", "hostile"]:
        (ROOT / folder).mkdir(parents=True, exist_ok=True)
        for old in (ROOT / folder).iterdir():
            old.unlink()
    for name, contents in good().items():
        load(contents)
        (ROOT / "good" / f"{name}.safetensors").write_bytes(contents)
    for name, (contents, _) in hostile().items():
        (ROOT / "hostile" / f"{name}.safetensors").write_bytes(contents)
        try:
            load(contents)
            print(f"the library accepts {name}")
        except (SafetensorError, ValueError, TypeError, KeyError, OverflowError):
            pass
    reasons = {name: reason for name, (_, reason) in hostile().items()}
    (ROOT / "hostile/reasons.json").write_text(json.dumps(reasons, indent=1) + "\n")
