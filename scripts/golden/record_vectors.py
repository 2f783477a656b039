"""Makes schemas/v1/vectors: documents that every reader must accept, and ones that none may.

`valid/<record>/` holds canonical JSON (RFC 8785, by the rfc8785 package). Each file of
`invalid/<record>/` has one fault and is named after it; the JSON Schema and the Swift reader both
refuse it. Each file of `not-canonical/<record>/` says the same as a valid one in another spelling:
the schema accepts it, the reader of canonical records does not.

    python scripts/golden/record_vectors.py      # needs: pip install rfc8785
"""

import base64
import copy
import hashlib
import json
import pathlib
import shutil

import rfc8785

import case_vectors
import erasure_vectors

ROOT = pathlib.Path(__file__).parents[2] / "schemas/v1/vectors"


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def named(name: str) -> dict:
    return {"name": name, "digest": digest(name)}


def file(path: str, assembled: bool = False) -> dict:
    entry = {"path": path, "digest": digest(path), "sizeBytes": len(path) * 1000}
    return {**entry, "assembly": digest("assembly of " + path)} if assembled else entry


NOW = "2026-11-22T12:30:00Z"
REQUEST = "r-0123456789ab"
ENVIRONMENT = {"lethe": "0.1.0", "libTorch": "2.13.0", "device": "cpu", "threads": 2}

REGISTRY = {"schema": "lethe.registry.v1", "id": "5f0c2a52-3b5e-4a53-9c1e-8b1f4a3f9d10", "policy": "default", "created": NOW}
WITH_LOG = {**REGISTRY, "log": "lethe/" + REGISTRY["id"]}
ORIGIN = {"schema": "lethe.origin.v1", "registry": REGISTRY["id"], "operatorKey": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "created": NOW}

LOG_ENTRY = {
    "schema": "lethe.log-entry.v1",
    "kind": "model",
    "name": "faces",
    "number": 3,
    "operation": "certify",
    "time": NOW,
    "record": digest("manifest of v3"),
    "previous": digest("manifest of v2"),
    "signed": digest("commit of v3"),
    "certificate": digest("certificate of v3"),
    "commit": "0123456789abcdef0123456789abcdef01234567",
}
FORGET_ENTRY = {**{k: v for k, v in LOG_ENTRY.items() if k != "certificate"}, "number": 2, "operation": "forget", "request": digest("request")}
DATASET_ENTRY = {
    "schema": "lethe.log-entry.v1",
    "kind": "dataset",
    "name": "people",
    "number": 1,
    "operation": "dataset",
    "time": NOW,
    "record": digest("record"),
    "signed": digest("commit"),
    "commit": "0123456789abcdef0123456789abcdef01234567",
}

ANNOUNCED = {
    "schema": "lethe.judgement.v1",
    "model": "faces",
    "version": 2,
    "manifest": digest("manifest"),
    "number": 1,
    "stage": "announced",
    "time": NOW,
    "policy": named("default"),
    "dataset": named("lfw62"),
    "split": "test",
    "metrics": "lethe.metrics.v2",
}

FAILED = {
    **ANNOUNCED,
    "number": 2,
    "stage": "failed",
    "previous": digest("announced"),
    "seed": 1,
    "report": digest("report"),
    "failures": [f"forgotten-accuracy {REQUEST}"],
}

FORGET = {
    "schema": "lethe.request.v1",
    "id": REQUEST,
    "model": "faces",
    "received": NOW,
    "classes": [3, 7],
    "dataset": named("lfw62"),
    "sampleCount": 16,
    "commitment": digest("commitment"),
    "reference": "case 17/2026",
}

SAMPLES = {"schema": "lethe.samples.v1", "commitmentKey": "0123456789abcdef", "commitments": sorted(digest(name) for name in "abc")}
BY_SAMPLES = {
    **FORGET,
    "classes": [],
    "sampleCount": 4,
    "samples": {"list": "sha256:" + hashlib.sha256(rfc8785.dumps(SAMPLES)).hexdigest(), "distinctCount": 3},
}

DATASET = {
    "schema": "lethe.dataset.v1",
    "name": "fashion",
    "format": "idx",
    "classCount": 2,
    "commitmentKey": "0123456789abcdef",
    "splits": [
        {"name": "test", "classSampleCounts": [10, 11], "classCommitments": [digest("a"), digest("b")]},
        {"name": "train", "classSampleCounts": [60, 61], "classCommitments": [digest("c"), digest("d")]},
    ],
}

RECIPE = {
    "schema": "lethe.recipe.v1",
    "name": "gs-lora-softmax",
    "method": "gs-lora",
    "description": "Low-rank forgetting for a softmax head; gr\u00f6\u00dfer is not better.",
    "parameters": {"rank": 8, "learningRate": 0.01, "blocks": [0, 1], "schedule": {"kind": "cosine"}, "alpha": None},
}

POLICY = {
    "schema": "lethe.policy.v1",
    "name": "default",
    "description": "The bar of the sample registry.",
    "errorBudget": 0.05,
    "forgottenMarginAboveChance": 0.02,
    "forgottenSampleMinimum": 50,
    "retainedDropMaximum": 0.02,
    "retainedDropUpperBoundMaximum": 0.03,
    "worstClassDropMaximum": 0.1,
    "worstClassSampleMinimum": 20,
}

WITH_SAMPLES = {
    **POLICY,
    "sampleExcessMaximum": 0.02,
    "sampleExcessUpperBoundMaximum": 0.1,
    "recipes": [
        {"request": "samples", "recipe": "scrub"},
        {"request": "classes", "architecture": "ResNet", "recipe": "salun"},
        {"request": "classes", "recipe": "gs-lora"},
    ],
}

TIER_TWO = {
    **POLICY,
    "name": "tier-2",
    "testOverlapMaximum": 0,
    "probes": {
        "seed": 1,
        "headRefit": {"imagesPerClass": [1, 5, 0], "excessMaximum": 0.15},
        "membership": {"advantageMaximum": 0.1},
        "rounding": {"bits": [4]},
        "relearning": {
            "imagesPerClass": [0, 5],
            "retainedImagesPerClass": 20,
            "stepCount": 30,
            "batchSize": 32,
            "learningRate": 0.0001,
            "excessMaximum": 0.15,
        },
        "weightDistance": {"barrierPointCount": 3},
    },
}

CURVES = {
    **TIER_TWO,
    "name": "tier-2-curves",
    "probes": {
        **TIER_TWO["probes"],
        "relearning": {
            **TIER_TWO["probes"]["relearning"],
            "measuredSteps": [5, 10, 20],
            "curveExcessMaximum": 0.1,
            "retainedOnlyExcessMaximum": 0.05,
        },
        "neighbourClass": {"gapMaximum": 0.15},
        "outputDivergence": {},
    },
}

REPORT = {
    "schema": "lethe.report.v1",
    "weights": digest("model.safetensors"),
    "original": digest("original"),
    "dataset": named("fashion"),
    "split": "test",
    "policy": named("default"),
    "sequenceNumber": 1,
    "errorProbability": 0.0101,
    "forgotten": [
        {
            "request": REQUEST,
            "classes": [7],
            "sampleCount": 1000,
            "correctCount": 2,
            "accuracy": 0.002,
            "accuracyUpperBound": 0.009,
            "originalAccuracy": 0.95,
            "chance": 0.1,
        }
    ],
    "retained": {
        "sampleCount": 9000,
        "correctCount": 8100,
        "originalCorrectCount": 8136,
        "lostCount": 90,
        "gainedCount": 54,
        "accuracy": 0.9,
        "originalAccuracy": 0.904,
        "drop": 0.004,
        "dropUpperBound": 0.0074,
        "worstClass": 6,
        "worstClassDrop": 0.03,
    },
    "classes": [
        {"label": 6, "sampleCount": 1000, "correctCount": 700, "originalCorrectCount": 730},
        {"label": 7, "sampleCount": 1000, "correctCount": 2, "originalCorrectCount": 950, "request": REQUEST},
    ],
    "hMean": 0.92,
    "gates": [
        {"gate": "forgotten-upper-bound", "subject": REQUEST, "value": 0.009, "comparison": "at-most", "limit": 0.12, "held": True},
        {"gate": "forgotten-samples", "subject": REQUEST, "value": 1000, "comparison": "at-least", "limit": 50, "held": True},
    ],
    "environment": ENVIRONMENT,
}

SAMPLE_REPORT = {
    **REPORT,
    "forgotten": [
        {
            "request": REQUEST,
            "classes": [],
            "sampleCount": 4,
            "correctCount": 3,
            "accuracy": 0.75,
            "accuracyUpperBound": 0.99,
            "originalAccuracy": 1,
            "chance": 0.1,
            "samples": {
                "classes": [
                    {"label": 6, "sampleCount": 3, "correctCount": 2, "originalCorrectCount": 3},
                    {"label": 7, "sampleCount": 1, "correctCount": 1, "originalCorrectCount": 1},
                ],
                "testAccuracy": 0.7,
                "testAccuracyLowerBound": 0.6,
                "excess": 0.05,
                "excessUpperBound": 0.39,
                "originalExcess": 0.2,
            },
        }
    ],
}

PROBED = {
    **REPORT,
    "reference": digest("reference"),
    "probes": [
        {
            "probe": "head-refit",
            "request": REQUEST,
            "setting": 5,
            "outcome": "measured",
            "counts": {"sampleCount": 1000, "correctCount": 400, "originalCorrectCount": 950, "referenceCorrectCount": 380, "aboveReferenceCount": 60},
            "excess": {"measured": 0.02, "upperBound": 0.05},
        },
        {"probe": "membership", "request": REQUEST, "outcome": "no-data"},
        {"probe": "weight-distance", "outcome": "measured", "value": 0.25},
        {"probe": "relearning", "request": REQUEST, "setting": 5, "stepCount": 10, "outcome": "no-data"},
        {"probe": "neighbour-class", "request": REQUEST, "outcome": "no-data"},
        {"probe": "rf-jsd", "outcome": "measured", "value": 0.61, "referenceValue": 0.6},
    ],
}

VERDICT = {
    "schema": "lethe.verdict.v1",
    "model": "fashion",
    "version": 2,
    "manifest": digest("manifest"),
    "requests": [{"id": REQUEST, "digest": digest("request")}],
    "report": REPORT,
    "verdict": "passed",
    "tier": 1,
    "notTested": ["membership inference", "recovery by fine-tuning"],
    "issued": NOW,
}

STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [
        {"name": "config.json", "digest": {"sha256": digest("config.json")[7:]}},
        {"name": "model.safetensors", "digest": {"sha256": digest("model.safetensors")[7:]}},
    ],
    "predicateType": "urn:lethe:predicate:forget-verdict:v1",
    "predicate": VERDICT,
}

ENVELOPE = {
    "payload": base64.b64encode(rfc8785.dumps(STATEMENT)).decode(),
    "payloadType": "application/vnd.in-toto+json",
    "signatures": [{"keyid": "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "sig": base64.b64encode(bytes(64)).decode()}],
}

FIRST = {
    "schema": "lethe.version.v1",
    "model": "fashion",
    "number": 1,
    "operation": "publish",
    "created": NOW,
    "files": [file("config.json"), file("model.safetensors", assembled=True)],
    "requests": [],
}

FORGOTTEN = {
    **FIRST,
    "number": 2,
    "parent": digest("parent"),
    "operation": "forget",
    "requests": [REQUEST],
    "run": {
        "recipe": "gs-lora-softmax",
        "recipeDigest": digest("recipe"),
        "method": "gs-lora",
        "parameters": RECIPE["parameters"],
        "seed": 7,
        "dataset": named("fashion"),
        "selection": "train, every tenth sample",
        "environment": ENVIRONMENT,
        "stepCount": 84,
        "goalReached": True,
        "selectionFigures": {"forgotten": 0, "retained": 0.91},
    },
    "delta": {"file": file("adapter_model.safetensors"), "base": digest("base"), "merge": "lethe.merge.v1"},
}

WATCHED = {**FORGOTTEN, "run": {**FORGOTTEN["run"], "gradients": [
    {"step": 1, "forgetNorm": 1.25, "retainNorm": 0.5, "cosine": -0.75},
    {"step": 5, "forgetNorm": 0.125, "retainNorm": 0.25, "cosine": 0.5},
]}}

CERTIFIED = {**FIRST, "number": 3, "parent": digest("parent"), "operation": "certify", "requests": [REQUEST], "certificate": digest("envelope")}

STAGE = {"file": digest("stage 1"), "base": digest("base"), "plan": digest("plan"), "place": {"shard": 0, "sequence": 1, "stage": 1}, "slices": [2]}
NEXT_STAGE = {**STAGE, "file": digest("stage 2"), "place": {"shard": 0, "sequence": 1, "stage": 2}, "slices": [2, 0], "parent": digest("stage 1")}
STAGE_FILE = {"path": "shard-0-sequence-1-stage-1.safetensors", "digest": digest("stage 1"), "sizeBytes": 3000, "assembly": digest("assembly of stage 1")}
ROLLED_BACK = {
    **FIRST,
    "number": 2,
    "parent": digest("parent"),
    "operation": "rollback",
    "requests": [REQUEST],
    "shards": {
        "plan": digest("plan"),
        "base": digest("base"),
        "stages": [{"record": STAGE, "file": STAGE_FILE}, {"record": NEXT_STAGE, "file": {**STAGE_FILE, "path": "shard-0-sequence-1-stage-2.safetensors", "digest": digest("stage 2")}}],
        "deletedSlices": [{"shard": 0, "slice": 0}],
        "revoked": [digest("stage 2")],
        "served": [{"shard": 0, "file": digest("stage 1")}],
        "livingSequenceCounts": [1],
        "alarms": ["shard 0 has 1 living sequence, fewer than 2"],
    },
}
EXACT = {
    **VERDICT,
    "exact": {
        "plan": digest("plan"),
        "base": digest("base"),
        "deletions": [{"id": REQUEST, "digest": digest("deletion")}],
        "deletedSlices": [{"shard": 0, "slice": 0}],
        "members": [{"shard": 0, "stages": [STAGE]}],
    },
}
PLAN = {
    "schema": "lethe.s3t-plan.v1",
    "dataset": named("fashion"),
    "split": "train",
    "commitmentKey": "0123456789abcdef",
    "sequenceMinimum": 2,
    "shards": [{"slices": [sorted([digest("a"), digest("b")]), [digest("c")]], "sequences": [[0, 1], [1, 0]]}],
}
DELETION = {"schema": "lethe.deletion.v1", "request": REQUEST, "groups": [[digest("a")], [digest("c"), digest("b")]]}
ENSEMBLE = {
    "schema": "lethe.ensemble.v1",
    "base": {"path": "model.safetensors", "digest": digest("base")},
    "members": [{"path": "shard-0/adapter_model.safetensors", "digest": digest("stage 1")}],
    "combination": "mean-of-scores",
}

ADAPTER = {
    **FIRST,
    "files": [file("adapter_config.json"), file("adapter_model.safetensors")],
    "base": {"model": "fashion", "version": digest("version"), "weights": digest("base")},
}

ASSEMBLY = {
    "schema": "lethe.assembly.v1",
    "file": digest("model.safetensors"),
    "sizeBytes": 300,
    "parts": [{"offset": 0, "length": 100, "digest": digest("1")}, {"offset": 100, "length": 200, "digest": digest("2")}],
}

DERIVATION = {
    "schema": "lethe.derivation.v1",
    "file": digest("merged"),
    "sizeBytes": 300,
    "function": "lethe.merge.v1",
    "base": {"digest": digest("base"), "sizeBytes": 300, "assembly": digest("assembly of base")},
    "delta": {"digest": digest("delta"), "sizeBytes": 100},
}


def without(value: dict, *names: str) -> dict:
    return {name: member for name, member in value.items() if name not in names}


VALID = {
    "registry": {"registry": REGISTRY, "with-log": WITH_LOG},
    "origin": {"clone": ORIGIN},
    "judgement": {"announced": ANNOUNCED, "failed": FAILED},
    "log-entry": {"dataset": DATASET_ENTRY, "forget": FORGET_ENTRY, "certify": LOG_ENTRY},
    "request": {"with-reference": FORGET, "without-reference": without(FORGET, "reference"), "by-samples": BY_SAMPLES},
    "samples": {"three": SAMPLES},
    "dataset": {"two-splits": DATASET, "no-splits": {**DATASET, "splits": []}},
    "recipe": {"nested-parameters": RECIPE, "no-parameters": {**RECIPE, "parameters": {}}},
    "policy": {"default": POLICY, "with-samples": WITH_SAMPLES, "tier-2": TIER_TWO, "tier-2-curves": CURVES},
    "report": {"one-request": REPORT, "by-samples": SAMPLE_REPORT, "no-request": {**REPORT, "forgotten": [], "gates": [], "retained": without(REPORT["retained"], "worstClass")}, "probed": PROBED},
    "verdict": {"one-request": VERDICT, "with-bar": {**VERDICT, "bar": digest("bar")}, "exact": EXACT},
    "statement": {"two-files": STATEMENT},
    "envelope": {"certificate": ENVELOPE},
    "version": {"publish": FIRST, "forget": FORGOTTEN, "certify": CERTIFIED, "rollback": ROLLED_BACK, "adapter": ADAPTER, "watched": WATCHED},
    "s3t-plan": {"one-shard": PLAN},
    "deletion": {"two-groups": DELETION},
    "ensemble": {"one-member": ENSEMBLE, "no-member": {**ENSEMBLE, "members": []}},
    "assembly": {"two-parts": ASSEMBLY, "empty-file": {**ASSEMBLY, "sizeBytes": 0, "parts": []}},
    "derivation": {"merge": DERIVATION},
}

# Where a fault is put: the path to a member, its wrong value, and the name of the fault.
WRONG = {
    "judgement": [
        (["stage"], "passed", "stage-unknown"),
        (["number"], "1", "number-text"),
        (["policy"], "default", "policy-by-name-only"),
        (["previous"], None, "previous-null"),
        (["failures"], "all", "failures-text"),
        (["signer"], "A. Person", "names-somebody"),
    ],
    "log-entry": [
        (["kind"], "tag", "kind-unknown"),
        (["number"], "1", "number-text"),
        (["record"], "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "record-sha1"),
        (["signed"], None, "signed-null"),
        (["time"], 1800000000, "time-number"),
        (["previous"], None, "previous-null"),
        (["signer"], "A. Person", "names-somebody"),
    ],
    "registry": [(["created"], "2026-11-22", "created-without-time"), (["created"], "2026-11-22T12:30:00+01:00", "created-not-utc"), (["policy"], None, "policy-null")],
    "origin": [(["operatorKey"], None, "operator-key-null"), (["registry"], 7, "registry-number"), (["created"], "yesterday", "created-yesterday"), (["path"], "somewhere", "names-a-path")],
    "request": [
        (["classes"], ["7"], "classes-text"),
        (["classes"], 7, "classes-one-number"),
        (["commitment"], FORGET["commitment"][7:], "commitment-without-algorithm"),
        (["commitment"], FORGET["commitment"].upper(), "commitment-upper-case"),
        (["commitment"], FORGET["commitment"][:-1], "commitment-short"),
        (["dataset"], "lfw62", "dataset-by-name-only"),
        (["dataset", "samples"], ["a.jpg"], "dataset-names-samples"),
        (["received"], "2026-13-22T12:30:00Z", "received-in-month-13"),
        (["reference"], None, "reference-null"),
        (["sampleCount"], 1.5, "sample-count-fraction"),
        (["sampleCount"], "16", "sample-count-text"),
        (["subjectName"], "somebody", "names-a-person"),
        (["samples"], ["a.jpg"], "samples-by-path"),
        (["samples"], {"list": digest("list")}, "samples-without-count"),
        (["samples"], None, "samples-null"),
    ],
    "samples": [
        (["commitments"], [], "empty"),
        (["commitments"], SAMPLES["commitments"][:1] * 2, "twice"),
        (["commitments"], ["train/7/somebody.jpg"], "path"),
        (["commitments", 0], "md5:00", "commitment-of-another-kind"),
        (["commitmentKey"], None, "key-null"),
        (["indices"], [7], "names-indices"),
    ],
    "dataset": [
        (["splits", 0, "samples"], ["a.jpg"], "names-samples"),
        (["splits", 0, "classCommitments", 0], "md5:00", "commitment-of-another-kind"),
        (["splits"], {}, "splits-object"),
    ],
    "s3t-plan": [
        (["shards", 0, "slices", 0, 0], 17, "sample-by-position"),
        (["shards", 0, "sequences", 0, 0], "0", "order-text"),
        (["secretSeed"], 7, "names-the-seed"),
        (["sequenceMinimum"], None, "minimum-null"),
    ],
    "deletion": [(["groups"], [digest("a")], "groups-flat"), (["request"], None, "request-null"), (["names"], ["somebody"], "names-a-person")],
    "ensemble": [(["members", 0, "digest"], "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "member-sha1"), (["base"], "model.safetensors", "base-by-name"), (["weights"], [1], "unknown-field")],
    "recipe": [(["method"], 1, "method-number"), (["seed"], 1, "unknown-field")],
    "policy": [(["errorBudget"], "0.05", "error-budget-text"), (["retainedDropMaximum"], None, "threshold-null"), (["forgottenSampleMinimum"], 0.5, "count-fraction"), (["recipes"], [{"request": "images", "recipe": "x"}], "rule-of-another-kind"), (["recipes"], [{"request": "classes"}], "rule-without-recipe")],
    "report": [
        (["weights"], "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "weights-sha1"),
        (["gates", 0, "held"], 1, "held-number"),
        (["gates", 0, "note"], "x", "gate-unknown-field"),
        (["retained", "worstClass"], None, "worst-class-null"),
        (["environment", "threads"], "2", "threads-text"),
        (["passed"], True, "says-passed"),
    ],
    "verdict": [(["report", "schema"], None, "report-schema-null"), (["notTested"], "nothing", "not-tested-text"), (["tier"], "1", "tier-text"), (["issued"], "now", "issued-now")],
    "statement": [
        (["_type"], "https://in-toto.io/Statement/v0.1", "type-v0.1"),
        (["predicateType"], "https://example.com/wish", "predicate-type-unknown"),
        (["subject"], [], "no-subject"),
        (["subject", 0, "digest"], {"sha512": "00"}, "subject-sha512-only"),
        (["subject", 0, "digest", "sha1"], "00", "subject-second-digest"),
        (["subject", 0, "uri"], "x", "subject-unknown-field"),
        (["predicate", "schema"], "lethe.verdict.v2", "predicate-schema-v2"),
    ],
    "envelope": [
        (["signatures"], [], "no-signature"),
        (["signatures"], ENVELOPE["signatures"] * 2, "two-signatures"),
        (["signatures", 0, "cert"], "x", "signature-unknown-field"),
        (["payload"], ENVELOPE["payload"][:-1] + "*", "payload-not-base64"),
        (["payload"], "AAA", "payload-without-padding"),
    ],
    "version": [
        (["operation"], "wish", "operation-unknown"),
        (["parent"], None, "parent-null"),
        (["number"], "1", "number-text"),
        (["files", 0, "path"], None, "path-null"),
        (["files", 0, "mode"], 420, "file-unknown-field"),
        (["files", 0, "sizeBytes"], 1.5, "size-fraction"),
        (["created"], 1800000000, "created-number"),
        (["base"], {"model": "fashion", "version": digest("version")}, "base-without-weights"),
    ],
    "assembly": [(["parts", 0, "length"], "100", "length-text"), (["parts", 0, "name"], "x", "part-unknown-field"), (["file"], "model.safetensors", "file-by-name")],
    "derivation": [(["function"], "lethe.merge.v2", "function-unknown"), (["base"], digest("base"), "base-digest-only"), (["base", "path"], "x", "base-unknown-field"), (["delta", "sizeBytes"], -1, "size-negative"), (["delta", "assembly"], None, "assembly-null")],
}

VALID |= erasure_vectors.samples(digest, named, NOW, ENVIRONMENT)
WRONG |= erasure_vectors.faults(digest)
VALID |= case_vectors.samples(digest, named, NOW)
WRONG |= case_vectors.faults(digest)
VALID["log-entry"]["erasure"] = {**DATASET_ENTRY, "kind": "erasure", "name": "faces", "operation": "revoke"}
VALID["log-entry"]["receipt"] = {**DATASET_ENTRY, "kind": "receipts", "name": REGISTRY["id"], "operation": "receipt"}
VALID["policy"]["purge-grace"] = {**POLICY, "purgeGraceDays": 14}
VALID["log-entry"]["request"] = {**DATASET_ENTRY, "kind": "request", "name": case_vectors.CASE, "operation": "accepted"}
VALID["policy"]["four-eyes"] = {**POLICY, "requests": {"perRequesterMaximum": 3, "perModelMaximum": 20, "windowDays": 30, "alarmShare": 0.1, "approvalMinimum": 2}}

NOT_CANONICAL = {"registry": REGISTRY, "request": FORGET, "version": FIRST, "policy": POLICY}


def changed(value: dict, path: list, wrong) -> dict:
    result = copy.deepcopy(value)
    place = result
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    return result


def invalid(record: str) -> dict:
    sample = list(VALID[record].values())[-1 if record in ("statement",) else 0]
    cases = {name: changed(sample, path, wrong) for path, wrong, name in WRONG[record]}
    cases["unknown-field"] = {**sample, "unknown": 1}
    for name in sample:
        cases["without-" + name.lstrip("_")] = without(sample, name)
    if "reference" in sample:
        del cases["without-reference"]
    if "schema" in sample:
        cases["schema-v2"] = {**sample, "schema": sample["schema"][:-1] + "2"}
        cases["schema-of-another-record"] = {**sample, "schema": "lethe.other.v1"}
    cases["array"] = [sample]
    cases["text"] = "sample"
    return cases


def write(kind: str, record: str, name: str, contents: bytes) -> None:
    folder = ROOT / kind / record
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_bytes(contents)


if __name__ == "__main__":
    shutil.rmtree(ROOT, ignore_errors=True)
    for record, samples in VALID.items():
        for name, sample in samples.items():
            write("valid", record, name, rfc8785.dumps(sample))
        for name, sample in invalid(record).items():
            write("invalid", record, name, rfc8785.dumps(sample))
    for record, sample in NOT_CANONICAL.items():
        canonical = rfc8785.dumps(sample).decode()
        write("not-canonical", record, "indented", json.dumps(sample, indent=2, sort_keys=True).encode())
        write("not-canonical", record, "line-break-at-end", (canonical + "\n").encode())
        unsorted = dict(reversed(sorted(sample.items())))
        write("not-canonical", record, "members-in-another-order", json.dumps(unsorted, separators=(",", ":")).encode())
        write("not-canonical", record, "escaped-letter", canonical.replace("schema", "\\u0073chema", 1).encode())
