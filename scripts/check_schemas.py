"""Validates schemas/v1 and its vectors with the jsonschema package.

Every schema must be valid JSON Schema 2020-12 and closed to unknown fields; every vector of
`valid` and `not-canonical` must pass its schema, every one of `invalid` must fail it. Recipes and
policies of registry/ are checked too.
"""

import json
import pathlib
import sys

import jsonschema
import referencing

ROOT = pathlib.Path(__file__).parents[1]
SCHEMAS = ROOT / "schemas/v1"


def load() -> dict[str, dict]:
    files = sorted(SCHEMAS.glob("*.schema.json"))
    return {file.name.removesuffix(".schema.json"): json.loads(file.read_text()) for file in files}


def open_objects(schema, path="#"):
    """Yields the place of every object schema that lets unknown members in."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and schema.get("additionalProperties", True) is True:
            yield path
        for name, member in schema.items():
            yield from open_objects(member, f"{path}/{name}")


def main() -> int:
    schemas = load()
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas.values()
    )
    faults, count = [], 0
    validators = {}
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        faults += [f"{name}: {place} is open to unknown members" for place in open_objects(schema)]
        validators[name] = jsonschema.Draft202012Validator(schema, registry=registry)
    vectors = SCHEMAS / "vectors"
    for kind in ["valid", "invalid", "not-canonical"]:
        for file in sorted((vectors / kind).glob("*/*.json")):
            count += 1
            passes = validators[file.parent.name].is_valid(json.loads(file.read_bytes()))
            if passes != (kind != "invalid"):
                faults.append(f"{file.relative_to(ROOT)} {'passes' if passes else 'fails'}")
    for record, folder in [("recipe", "recipes"), ("policy", "policies")]:
        for file in sorted((ROOT / "registry" / folder).glob("*.json")):
            count += 1
            for error in validators[record].iter_errors(json.loads(file.read_bytes())):
                faults.append(f"{file.relative_to(ROOT)}: {error.json_path} {error.message}")
    for record in validators.keys() - {"common"}:
        for kind in ["valid", "invalid"]:
            if not any((vectors / kind / record).glob("*.json")):
                faults.append(f"there is no {kind} vector of {record}")
    print("\n".join(faults + [f"{len(schemas)} schemas, {count} documents, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
