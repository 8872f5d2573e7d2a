"""Holds calls and events against Stripe's published description; what it finds wrong comes as sentences."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from stripe import ListObject, StripeObject
from stripe._object_classes import get_object_class

Schema = Any  # a JSON schema: an object, or true or false

SPEC = json.loads((Path(__file__).parent / "spec.json").read_text())
# Between dahlia, the version of the description, and endive, which is spoken here; from the package `stripe` 16.1.
ADDED_SINCE = {"subscription": ("status_details",), "invoice": ("status_details",)}
REMOVED_SINCE = {("post", "/v1/checkout/sessions"): ("payment_method_types",)}
_SHOWN = 3  # faults of one thing; the rest follows from them as a rule


def problems_of_call(call: dict[str, Any]) -> list[str]:
    """What is wrong with the parameters and the answer of a recorded call. Of a refused one only the answer counts."""
    path = _path_of(call["path"])
    method = call["method"].lower()
    if path is None or method not in SPEC["paths"][path]:
        return [] if call["status"] in (401, 404) else [f"{call['method']} {call['path']}: Stripe has no such call"]
    found = []
    if call["status"] < 300:
        given = coerced(_parameters(method, path), call["params"])
        found += _faults(_request_validator(method, path), given, f"{call['method']} {path}: parameters")
    found += _faults(
        _answer_validator(method, path, call["status"]), call["answer"], f"{call['method']} {path}: answer"
    )
    if call["status"] < 300:
        found += unknown_to_library(call["answer"])
    return found


def problems_of_event(event: dict[str, Any]) -> list[str]:
    """What is wrong with an event, the object in it and the attributes that it says have changed."""
    about = event["data"]["object"]
    where = f"{event['type']}"
    found = _faults(_object_validator("event"), event, where)
    if event["type"] not in SPEC["events"]:
        found.append(f"{where}: Stripe has no such event")
    if about["object"] not in SPEC["schemas"]:
        return [*found, f"{where}: {about['object']} is not in the pruned description"]
    found += _faults(_object_validator(about["object"]), about, f"{where}: object")
    known = _object_schema(about["object"])["properties"]
    changed = event["data"].get("previous_attributes", {})
    found += [f"{where}: previous attribute {name} is unknown" for name in changed if name not in known]
    return found + unknown_to_library(about)


def _faults(validator: Any, value: Any, where: str) -> list[str]:
    errors = list(validator.iter_errors(value))
    return [f"{where}/{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in errors[:_SHOWN]]


@cache
def _path_of(path: str) -> str | None:
    """The description's path that a called path belongs to; one without placeholders wins."""
    matching = [name for name in SPEC["paths"] if re.fullmatch(re.sub(r"{\w+}", "[^/]+", name), path)]
    return min(matching, key=lambda name: name.count("{"), default=None)


def _parameters(method: str, path: str) -> dict[str, Any]:
    """All parameters of an operation except those in its path, as one object's schema."""
    operation = SPEC["paths"][path][method]
    query = [part for part in operation.get("parameters", []) if part["in"] == "query"]
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/x-www-form-urlencoded", {}).get("schema", {})
    removed = REMOVED_SINCE.get((method, path), ())
    properties = {part["name"]: part["schema"] for part in query} | body.get("properties", {})
    return {
        "type": "object",
        "properties": {name: schema for name, schema in properties.items() if name not in removed},
        "required": [part["name"] for part in query if part.get("required")] + body.get("required", []),
    }


@cache
def _request_validator(method: str, path: str) -> Any:
    return _validator(_translated(_parameters(method, path)))


@cache
def _answer_validator(method: str, path: str, status: int) -> Any:
    responses = SPEC["paths"][path][method]["responses"]
    answer = responses["200" if status < 300 else "default"]
    return _validator(_translated(answer["content"]["application/json"]["schema"]))


@cache
def _object_validator(name: str) -> Any:
    return _validator({"$ref": f"#/$defs/{name}"})


def _validator(schema: Schema) -> Any:
    return jsonschema_rs.Draft202012Validator({"allOf": [schema], "$defs": _definitions()})


@cache
def _definitions() -> dict[str, Schema]:
    return {name: _translated(_object_schema(name)) for name in SPEC["schemas"]}


@cache
def _object_schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = SPEC["schemas"][name]
    added = {field: {} for field in ADDED_SINCE.get(name, ())}
    return {**schema, "properties": {**schema["properties"], **added}} if added else schema


def _translated(node: dict[str, Any]) -> Schema:
    """A JSON schema from one of OpenAPI 3.0: null where it is allowed, and nothing that is not named."""
    if node.get("nullable"):
        rest = _translated({key: value for key, value in node.items() if key != "nullable"})
        return {"if": {"type": "null"}, "then": True, "else": rest}
    if "x-pruned" in node:
        return False
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref'].rpartition('/')[2]}"}
    if "anyOf" in node:
        return _one_of(node["anyOf"])
    schema = {key: node[key] for key in ("type", "maxLength", "maximum", "minimum", "required") if key in node}
    if "enum" in node:  # also where Stripe calls the list open: more than it names is not made here
        schema["enum"] = node["enum"]
    if "items" in node:
        schema["items"] = _translated(node["items"])
    if "properties" in node:
        schema["properties"] = {name: _translated(inner) for name, inner in node["properties"].items()}
        schema["additionalProperties"] = False
    if isinstance(node.get("additionalProperties"), dict):
        schema["additionalProperties"] = _translated(node["additionalProperties"])
    return schema


def _one_of(branches: list[dict[str, Any]]) -> Schema:
    """`anyOf`, chosen by what is there, so that a fault is told where it is and not as "none of these"."""
    objects = [
        branch for branch in branches if "$ref" in branch or "x-pruned" in branch or branch.get("type") == "object"
    ]
    others = [branch for branch in branches if branch not in objects]
    kept = [branch for branch in objects if "x-pruned" not in branch]
    inside: Schema = False
    for branch in reversed(kept):
        kinds = _kinds_of(branch)
        if kinds and len(kept) > 1:
            is_it = {"properties": {"object": {"enum": kinds}}, "required": ["object"]}
            inside = {"if": is_it, "then": _translated(branch), "else": inside}
        elif inside is False:
            inside = _translated(branch)
        else:
            inside = {"anyOf": [_translated(branch), inside]}
    outside = {"anyOf": [_translated(branch) for branch in others]} if others else False
    return {"if": {"type": "object"}, "then": inside, "else": outside} if objects else outside


def _kinds_of(branch: dict[str, Any]) -> list[str]:
    schema = SPEC["schemas"][branch["$ref"].rpartition("/")[2]] if "$ref" in branch else branch
    kinds: list[str] = schema.get("properties", {}).get("object", {}).get("enum", [])
    return kinds


def coerced(schema: dict[str, Any], value: Any) -> Any:
    """A decoded form, where all is text, in the types that its schema asks for; what does not fit stays text."""
    if "anyOf" in schema:
        wanted = {dict: "object", list: "array"}.get(type(value))
        fitting = [branch for branch in schema["anyOf"] if (branch.get("type") in ("object", "array")) == bool(wanted)]
        exact = [branch for branch in fitting if not wanted or branch["type"] == wanted]
        tries = [coerced(branch, value) for branch in exact]
        return next((each for each in tries if each != value), value)
    kind = schema.get("type")
    if kind == "array" and isinstance(value, list):
        return [coerced(schema["items"], item) for item in value]
    if kind == "object" and isinstance(value, dict):
        fields, more = schema.get("properties", {}), schema.get("additionalProperties")
        more = more if isinstance(more, dict) else {}
        return {name: coerced(fields.get(name, more), inner) for name, inner in value.items()}
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _class_of(value: dict[str, Any]) -> Any:
    """The package's class for an object; None for what is only a part of one, or a list."""
    name = value.get("object")
    found = get_object_class("V1", name) if isinstance(name, str) else StripeObject
    return None if found in (StripeObject, ListObject) else found


def unknown_to_library(value: Any, inside: Any = None, where: str = "") -> list[str]:
    """Fields that the classes of Stripe's own package, made for the version spoken here, do not have."""
    if isinstance(value, list):
        return [fault for item in value for fault in unknown_to_library(item, inside, where)][:_SHOWN]
    if not isinstance(value, dict):
        return []
    kind = _class_of(value) or inside
    if kind is None:
        return unknown_to_library(value.get("data", []), None, where)
    where = where or kind.__name__
    known, classes = set(kind.__annotations__), getattr(kind, "_inner_class_types", {})
    found = [f"{where}.{name}: not in Stripe's package for this version" for name in value if name not in known]
    for name, inner in value.items():
        if name in classes or (isinstance(inner, dict) and "object" in inner):
            found += unknown_to_library(inner, classes.get(name), f"{where}.{name}")
    return found[:_SHOWN]
