"""The records of revoking and erasing, for record_vectors.py."""


def samples(digest, named, now: str, environment: dict) -> dict:
    """Valid documents of each record; the first of each has no field that may be absent."""
    version = {"number": 1, "manifest": digest("manifest of v1")}
    request = {"id": "r-0123456789ab", "digest": digest("request")}
    revocation = {
        "schema": "lethe.revocation.v1",
        "model": "faces",
        "versions": [version],
        "requests": [],
        "reason": "It was published by mistake.",
        "created": now,
    }
    tombstones = {
        "schema": "lethe.tombstones.v1",
        "model": "faces",
        "versions": [version],
        "requests": [request],
        "objects": [{"digest": digest("object"), "sizeBytes": 64}],
        "operatorKey": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
        "created": now,
    }
    receipt = {
        "schema": "lethe.receipt.v1",
        "registry": "5f0c2a52-3b5e-4a53-9c1e-8b1f4a3f9d10",
        "tombstones": [digest("tombstones")],
        "gone": [{"digest": digest("object"), "sizeBytes": 64}],
        "kept": [{"digest": digest("shared"), "sizeBytes": 64, "holder": "faces@v4"}],
        "placesChecked": ["objects/: every object with a tombstone was looked for by its name."],
        "copies": [{"name": "tape", "kind": "backup", "expires": now}],
        "created": now,
    }
    yardstick = {
        "schema": "lethe.yardstick.v1",
        "model": "faces",
        "version": version,
        "weights": digest("model.safetensors"),
        "dataset": named("people"),
        "split": "test",
        "sampleCount": 11,
        "correct": "fee0",
        "environment": environment,
        "created": now,
    }
    pull = {
        "schema": "lethe.pull.v1",
        "consumer": "web",
        "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "model": "faces",
        "version": version,
        "pulled": now,
    }
    prune = {
        "schema": "lethe.prune.v1",
        "consumer": "web",
        "registry": receipt["registry"],
        "model": "faces",
        "versions": [version],
        "removed": [{"digest": digest("model.safetensors"), "sizeBytes": 64}],
        "created": now,
    }
    seen = {"schema": "lethe.seen.v1", "lines": [{"registry": receipt["registry"], "model": "faces", "first": digest("manifest of v1"), "epoch": 2, "version": 5}]}
    return {
        "pull": {"web": pull},
        "prune": {"one-file": prune},
        "seen": {"one-line": seen, "nothing": {**seen, "lines": []}},
        "revocation": {"by-hand": revocation, "by-certificate": {**revocation, "requests": [request], "successor": {"number": 3, "manifest": digest("manifest of v3")}}},
        "tombstones": {"one-object": tombstones, "no-object": {**tombstones, "objects": []}},
        "receipt": {"one-object": receipt},
        "yardstick": {"eleven-samples": yardstick},
        "copies": {"backup-and-replica": {"schema": "lethe.copies.v1", "copies": [{"name": "tape", "kind": "backup", "keepsDays": 90}, {"name": "mirror", "kind": "replica", "keepsDays": 0}]}},
    }


def faults(digest) -> dict:
    """Where a fault is put: the path to a member, its wrong value, and the name of the fault."""
    return {
        "revocation": [
            (["versions", 0, "number"], "1", "number-text"),
            (["versions", 0, "manifest"], "v1", "manifest-by-name"),
            (["versions", 0, "model"], "faces", "version-unknown-field"),
            (["successor"], None, "successor-null"),
            (["reason"], None, "reason-null"),
            (["created"], 1800000000, "created-number"),
            (["subjectName"], "somebody", "names-a-person"),
        ],
        "tombstones": [
            (["objects", 0, "digest"], "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "object-sha1"),
            (["objects", 0, "sizeBytes"], 1.5, "size-fraction"),
            (["objects", 0, "path"], "model.safetensors", "object-unknown-field"),
            (["versions"], digest("manifest"), "versions-one-digest"),
            (["operatorKey"], None, "operator-key-null"),
        ],
        "receipt": [
            (["kept", 0, "holder"], None, "holder-null"),
            (["copies", 0, "kind"], "cloud", "copy-kind-unknown"),
            (["copies", 0, "expires"], "soon", "expires-soon"),
            (["gone", 0, "sizeBytes"], "64", "size-text"),
            (["placesChecked"], "everywhere", "places-text"),
            (["tombstones"], [None], "tombstone-null"),
        ],
        "yardstick": [
            (["sampleCount"], "11", "sample-count-text"),
            (["correct"], None, "correct-null"),
            (["predictions"], [1, 2], "names-answers"),
            (["dataset"], "people", "dataset-by-name-only"),
            (["environment", "threads"], "2", "threads-text"),
        ],
        "pull": [
            (["version"], 1, "version-number-only"),
            (["key"], None, "key-null"),
            (["pulled"], "today", "pulled-today"),
        ],
        "prune": [
            (["removed", 0, "path"], "model.safetensors", "names-a-path"),
            (["versions", 0, "manifest"], "v1", "manifest-by-name"),
            (["registry"], None, "registry-null"),
        ],
        "seen": [
            (["lines", 0, "epoch"], "2", "epoch-text"),
            (["lines", 0, "first"], "v1", "first-by-name"),
            (["lines", 0, "folder"], "/srv", "line-unknown-field"),
        ],
        "copies": [
            (["copies", 0, "kind"], "cloud", "kind-unknown"),
            (["copies", 0, "keepsDays"], 1.5, "days-fraction"),
            (["copies", 0, "place"], "cellar", "copy-unknown-field"),
            (["copies"], {}, "copies-object"),
        ],
    }
