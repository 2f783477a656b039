"""Makes Tests/Fixtures/encryption/objects.json: encrypted objects (docs/FORMAT.md, "Encrypted
objects") as Python's cryptography makes them, by the SHA-256 of the whole file.

    python scripts/golden/encrypted_object.py      # needs: pip install cryptography
"""

import hashlib
import json
import pathlib

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FILE = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/encryption/objects.json"
CHUNK = 1 << 16
KEY = bytes(range(32))


def fingerprint(key: bytes) -> bytes:
    code = hmac.HMAC(key, hashes.SHA256())
    code.update(b"lethe.object-key.v1")
    return code.finalize()[:16]


def content(size: int) -> bytes:
    return bytes(i * 7 % 251 for i in range(size))


def encrypted(size: int, salt: bytes) -> bytes:
    cipher = AESGCM(HKDF(hashes.SHA256(), 32, salt, b"lethe.object.v1").derive(KEY))
    data = content(size)
    chunks = [data[i : i + CHUNK] for i in range(0, size, CHUNK)] or [b""]
    file = b"lethe.object.v1\n" + fingerprint(KEY) + salt
    file += hashlib.sha256(file).digest()
    for number, chunk in enumerate(chunks):
        nonce = number.to_bytes(11, "big") + bytes([number == len(chunks) - 1])
        file += cipher.encrypt(nonce, chunk, None)
    return file


if __name__ == "__main__":
    cases = []
    for size in [0, 5, CHUNK - 1, CHUNK, CHUNK + 5, 2 * CHUNK, 3 * CHUNK + 1]:
        salt = hashlib.sha256(str(size).encode()).digest()
        file = encrypted(size, salt)
        cases.append({
            "sizeBytes": size, "salt": salt.hex(), "fileSizeBytes": len(file),
            "sha256": hashlib.sha256(file).hexdigest()})
    late = AESGCM(HKDF(hashes.SHA256(), 32, bytes(32), b"lethe.object.v1").derive(KEY)).encrypt(
        (66051).to_bytes(11, "big") + b"\1", b"late", None)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps({
        "key": KEY.hex(), "fingerprint": fingerprint(KEY).hex(), "chunk66051": late.hex(),
        "cases": cases}, indent=1) + "\n")
