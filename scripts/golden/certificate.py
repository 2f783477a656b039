"""Makes Tests/Fixtures/certificates: a certificate that Python and openssl put together.

The verdict is the one of schemas/v1/vectors; the key's secret bytes are 0, 1, … 31, so that the
Swift tests can sign the same statement and compare the files byte for byte. The certificate stays
as it is: every later version must still accept it.

    python scripts/golden/certificate.py      # needs: pip install rfc8785, openssl, ssh-keygen
"""

import base64
import pathlib
import subprocess
import sys
import tempfile

import rfc8785

sys.dont_write_bytecode = True
import record_vectors

OUTPUT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/certificates"
TYPE = "application/vnd.in-toto+json"
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "key.der").write_bytes(PKCS8 + bytes(range(32)))
        key = ["-inkey", str(folder / "key.der"), "-keyform", "DER"]
        public = subprocess.check_output(
            ["openssl", "pkey", "-in", str(folder / "key.der"), "-inform", "DER", "-pubout", "-outform", "DER"]
        )[-32:]
        text = b"ssh-ed25519"
        blob = len(text).to_bytes(4, "big") + text + (32).to_bytes(4, "big") + public
        line = f"ssh-ed25519 {base64.b64encode(blob).decode()}"
        (folder / "key.pub").write_text(line + "\n")
        identifier = subprocess.check_output(["ssh-keygen", "-l", "-f", folder / "key.pub"], text=True).split()[1]
        payload = rfc8785.dumps(record_vectors.STATEMENT)
        message = b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE.encode(), len(payload), payload)
        (folder / "message").write_bytes(message)
        signature = subprocess.check_output(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-in", str(folder / "message"), *key]
        )
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": TYPE,
        "signatures": [{"keyid": identifier, "sig": base64.b64encode(signature).decode()}],
    }
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "v1.json").write_bytes(rfc8785.dumps(envelope))
    (OUTPUT / "v1.allowed_signers").write_text(f'verifier namespaces="lethe-certificate" {line}\n')


if __name__ == "__main__":
    main()
