#!/usr/bin/env python3
"""Makes bundles of the stock client model-signing 1.1.1 (with pyopenssl, which it needs and does not ask
for) for Tests/Fixtures/model-signing: a small model, signed with keys on three curves by whole
files, and with the first of them by parts of four bytes. The private keys are thrown away."""

import pathlib
import shutil
import subprocess
import tempfile

import model_signing

target = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/model-signing"
FILES = {
    "config.json": b"hello\n",
    "sub.txt": b"abc",
    "sub/weights.safetensors": b"weights",
}


def main():
    shutil.rmtree(target, ignore_errors=True)
    model = target / "model"
    for name, content in FILES.items():
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_bytes(content)
    with tempfile.TemporaryDirectory() as folder:
        for curve in ("P-256", "P-384", "P-521"):
            key = pathlib.Path(folder) / "key.pem"
            subprocess.run(
                ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}",
                 "-out", key], check=True, capture_output=True)
            subprocess.run(
                ["openssl", "pkey", "-in", key, "-pubout", "-out", target / f"{curve}.pub"], check=True)
            config = model_signing.signing.Config().use_elliptic_key_signer(private_key=key)
            config.sign(model, target / f"{curve}.sig")
            if curve == "P-256":
                parts = model_signing.hashing.Config().use_shard_serialization(shard_size=4)
                model_signing.signing.Config().use_elliptic_key_signer(
                    private_key=key
                ).set_hashing_config(parts).sign(model, target / "parts.sig")


main()
