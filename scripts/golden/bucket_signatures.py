"""Writes Tests/Fixtures/buckets/signatures.json: requests to S3 and what botocore signs them with.

python3 -m pip install botocore==1.44.5
python3 scripts/golden/bucket_signatures.py
"""

import datetime
import json
import pathlib
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials

OUTPUT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/buckets/signatures.json"
MOMENT = datetime.datetime(2026, 11, 23, 20, 5, 9, tzinfo=datetime.timezone.utc)

DIGEST = "2c/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
REQUESTS = [
    ("GET", "/models/objects/sha256/" + DIGEST, [], {}, ""),
    ("HEAD", "/models/a b/ü+~_-.json", [], {}, ""),
    ("PUT", "/objects/sha256/" + DIGEST, [], {"if-none-match": "*"}, "hello"),
    ("GET", "/models/objects/x", [], {"range": "bytes=7-"}, ""),
    ("GET", "/", [("uploads", ""), ("prefix", "a/b c&d=e")], {}, ""),
    ("PUT", "/k", [("uploadId", "x+/=~ ü"), ("partNumber", "10")], {}, "part"),
    ("POST", "/k", [("uploadId", "1")], {"if-none-match": "*", "x-amz-meta-a": "  a   b "}, "<a/>"),
    ("DELETE", "/k//l/./m", [("versionId", "a.b")], {}, ""),
]


class Frozen(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return MOMENT

    @classmethod
    def utcnow(cls):
        return MOMENT.replace(tzinfo=None)


def signed(request, token, region):
    method, path, query, fields, body = request
    path = urllib.parse.quote(path, safe="/~-._")
    text = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in query)
    host = "bucket.s3.example:8333"
    made = botocore.awsrequest.AWSRequest(
        method=method,
        url=f"https://{host}{path}" + (f"?{text}" if text else ""),
        headers={**fields, "host": host},
        data=body.encode(),
    )
    keys = botocore.credentials.Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    botocore.auth.S3SigV4Auth(keys, "s3", region).add_auth(made)
    return {
        "method": method,
        "path": path,
        "query": query,
        "fields": {**fields, "host": host},
        "body": body,
        "token": token,
        "region": region,
        "authorization": made.headers["Authorization"],
        "digest": made.headers["X-Amz-Content-SHA256"],
    }


def quoted(text):
    return urllib.parse.quote(text, safe="-._~")


def main():
    if hasattr(botocore.auth, "get_current_datetime"):
        botocore.auth.get_current_datetime = lambda remove_tzinfo=True: (
            MOMENT.replace(tzinfo=None) if remove_tzinfo else MOMENT
        )
    else:
        botocore.auth.datetime = type("Module", (), {"datetime": Frozen})
    found = [
        signed(request, token, region)
        for token, region in [(None, "us-east-1"), ("FwoGZXIvYXdzE+token/=", "eu-central-2")]
        for request in REQUESTS
    ]
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "key": "AKIDEXAMPLE",
        "secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "moment": "2026-11-23T20:05:09Z",
        "requests": found,
    }
    OUTPUT.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


main()
