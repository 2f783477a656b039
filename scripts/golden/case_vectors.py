"""The records of the life of a request to erase, for record_vectors.py."""

STEP = "lethe.case-step.v1"
CASE = "c-0123456789ab"
KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"


def samples(digest, named, now: str) -> dict:
    """Valid documents of each record."""
    version = {"number": 3, "manifest": digest("manifest of v3")}
    request = {"id": "r-0123456789ab", "digest": digest("request")}
    case = {
        "schema": "lethe.case.v1",
        "id": CASE,
        "model": "faces",
        "received": now,
        "dataset": named("people"),
        "classes": [3, 7],
        "sampleCount": 12,
        "basis": "consent-withdrawn",
        "requester": "case 17/2026",
    }
    listed = {
        "schema": "lethe.samples.v1",
        "commitmentKey": digest("key"),
        "commitments": sorted([digest("one"), digest("two")]),
    }
    reach = {
        "versionCount": 3,
        "givenOutCount": 2,
        "lapsingCount": 1,
        "goingSizeBytes": 4096,
        "stayingSizeBytes": 0,
        "recipientCount": 2,
    }

    def step(name: str, **fields) -> dict:
        return {"schema": STEP, "case": CASE, "step": name, "operatorKey": KEY, "created": now} | fields

    return {
        "case": {"by-class": case, "by-samples": {**case, "classes": [], "sampleCount": 2, "samples": listed}},
        "case-step": {
            "identified": step("identified"),
            "accepted": step("accepted", approvalMinimum=2),
            "refused": step("refused", reason="The requester could not be identified."),
            "planned": step("planned", reach=reach),
            "run": step("run", version=version, requests=[request]),
            "verified": step("verified", version=version, requests=[request], certificate=digest("certificate")),
            "propagated": step("propagated", remaining=[]),
            "notified": step("notified", recipientCount=2),
        },
    }


def faults(digest) -> dict:
    """Where a fault is put: the path to a member, its wrong value, and the name of the fault."""
    return {
        "case": [
            (["requester"], "someone@example.org", "requester-address"),
            (["requester"], "Jane Doe", "requester-name"),
            (["basis"], "because", "basis-unknown"),
            (["received"], "today", "received-today"),
            (["samples"], [], "samples-array"),
            (["classes"], ["7"], "class-text"),
            (["subject"], "somebody", "names-a-person"),
        ],
        "case-step": [
            (["step"], "forgiven", "step-unknown"),
            (["case"], None, "case-null"),
            (["reason"], None, "reason-null"),
            (["version"], 3, "version-number-only"),
            (["remaining"], "nothing", "remaining-text"),
            (["reach"], {"versionCount": 3}, "reach-incomplete"),
            (["created"], 1800000000, "created-number"),
            (["recipients"], ["web"], "names-recipients"),
        ],
    }
