"""Writes the seeds of Fuzzing/Seeds that are no fixture of another test.

Usage: python3 scripts/golden/fuzz_seeds.py (in the repository's own folder; standard library only)
"""

import base64
import gzip
import hashlib
import io
import pathlib
import struct
import tarfile
import zlib

ROOT = pathlib.Path("Fuzzing/Seeds")
# The private key of RFC 8410 section 10.3 and its public half (section 10.1).
PRIVATE = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
PUBLIC = base64.b64decode("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")[-32:]


def write(target, name, data):
    folder = ROOT / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def texts(target, values):
    for number, value in enumerate(values):
        write(target, f"{number:02}", value)


def ssh(*parts):
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def names():
    texts("tree-path", ["config.json", ".lethe/requests/r-0123456789ab.json", "a/b/c.txt",
                        "model-00001-of-00002.safetensors", "../up", "/absolute", "a//b", "a/./b",
                        ".git/config", "con.txt", "caf\u00e9/\u00fcber", "a\\b", "a/"])
    texts("reference-name", ["refs/heads/faces", "refs/datasets/lfw-62", "refs/tags/faces/v1.0",
                             "faces", "a..b", "a.lock", "refs/heads/a/b"])
    texts("revision", ["faces", "faces@v3", "faces@certified", "faces@latest", "faces@1f0c2b3",
                       "@", "faces@"])
    texts("timestamp", ["2026-11-22T12:30:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
                        "0001-01-01T00:00:00Z", "2024-02-29T23:59:60Z"])


    one = '{"metadata":{"total_size":8},"weight_map":{"a":"model-00001-of-00002.safetensors",'
    texts("shard-index", [one + '"b":"model-00002-of-00002.safetensors"}}',
                          one + '"b":"../model-00002-of-00002.safetensors"}}',
                          '{"weight_map":{"a":"model-00001-of-00001.safetensors"}}'])


def logs():
    root = base64.b64encode(bytes(32)).decode()
    text = f"lethe/r-1\n{300}\n{root}\n"
    texts("checkpoint", [text, text.replace("300", "0"), text + "extension\n"])
    signature = base64.b64encode(bytes(4) + bytes(64)).decode()
    note = f"{text}\n\u2014 lethe/r-1 {signature}\n"
    texts("signed-note", [note, note + f"\u2014 other {signature}\n"])
    proof = f"c2sp.org/tlog-proof@v1\nextra {base64.b64encode(b'{}').decode()}\nindex 3\n{root}\n"
    texts("log-proof", [f"{proof}\n{note}", f"{proof}{root}\n\n{note}"])
    identifier = hashlib.sha256(b"lethe/r-1\n\x01" + PUBLIC).hexdigest()[:8]
    key = base64.b64encode(b"\x01" + PUBLIC).decode()
    texts("note-key", [f"lethe/r-1+{identifier}+{key}"])
    write("entry-bundle", "two", b"\2\0\3abc\0\0")
    write("entry-bundle", "none", b"\0")
    write("tree-hash", "seven", b"\2bcdefg")


def keys():
    pem = f"-----BEGIN PRIVATE KEY-----\n{PRIVATE}\n-----END PRIVATE KEY-----\n"
    write("private-key", "rfc8410", pem)
    public = ssh(b"ssh-ed25519", PUBLIC)
    line = base64.b64encode(public).decode()
    write("allowed-signers", "both-roles",
          f'# keys\n\noperator namespaces="git" ssh-ed25519 {line} a note\n')
    signature = ssh(b"ssh-ed25519", bytes(64))
    blob = b"SSHSIG" + struct.pack(">I", 1) + ssh(public, b"git", b"", b"sha512", signature)
    write("ssh-signature", "blob", blob)
    body = base64.b64encode(blob).decode()
    lines = "\n".join(body[start:start + 70] for start in range(0, len(body), 70))
    write("ssh-signature", "armoured",
          f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n")


def objects():
    oid = hashlib.sha256(b"").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n"
    write("lfs-pointer", "valid", pointer)
    write("lfs-pointer", "extension", pointer.replace("oid", "ext-0-a sha256:00\noid", 1))
    commit = b"tree " + b"0" * 40 + b"\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nx\n"
    for kind, body in [("blob", b"hello\n"), ("commit", commit), ("tree", b""),
                       ("tag", b"object " + b"0" * 40 + b"\ntype commit\ntag a\n\n")]:
        whole = f"{kind} {len(body)}".encode() + b"\0" + body
        write("loose-object", kind, b"\0" + whole)
        write("loose-object", f"{kind}-compressed", b"\1" + zlib.compress(whole, 1))
    for name in ["random", "ties"]:
        folder = pathlib.Path("Tests/Fixtures/merging") / name
        delta = (folder / "delta.safetensors").read_bytes()
        base = (folder / "base.safetensors").read_bytes()
        write("delta-merge", name, struct.pack("<H", len(delta)) + delta + base)


def datasets():
    labels = struct.pack(">II", 0x801, 3) + bytes([0, 1, 2])
    images = struct.pack(">IIII", 0x803, 3, 4, 5) + bytes(range(60))
    for switches in range(4):
        head = bytes([switches]) + struct.pack("<H", len(labels))
        write("idx", f"three-{switches}", head + labels + images)
    write("cifar10", "two", b"".join(bytes([label]) + bytes(3072) for label in (3, 9)))
    write("cifar100", "two", b"".join(bytes([0, label]) + bytes(3072) for label in (3, 99)))
    write("gzip", "small", gzip.compress(bytes(range(100)), 6, mtime=0))
    write("gzip", "stored", gzip.compress(b"abc" * 20, 0, mtime=0))
    for name, form in [("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT),
                       ("pax", tarfile.PAX_FORMAT)]:
        table = "label\tfile\tsplit\tname\n0\ta/1.png\ttrain\tx\n1\t" + "b" * 120 + ".png\ttest\ty\n"
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
            for path in ["a/1.png"] + ([] if name == "ustar" else ["b" * 120 + ".png"]):
                member = tarfile.TarInfo(path)
                member.size = 7
                archive.addfile(member, io.BytesIO(b"1234567"))
        if name == "ustar":
            table = table.splitlines()[0] + "\n" + table.splitlines()[1] + "\n"
        packed = stream.getvalue().rstrip(b"\0")
        packed += bytes(-len(packed) % 512 + 512)
        write("tar", name, struct.pack("<H", len(table)) + table.encode() + packed)


if __name__ == "__main__":
    names()
    logs()
    keys()
    objects()
    datasets()
