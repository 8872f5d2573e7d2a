"""Cut Stripe's OpenAPI description down to the calls and objects of the sandbox, and write `spec.json` beside this file.

    .venv/bin/python -m tests.stripe_openapi.prune PATH/spec3.json

Kept are the operations that the sandbox has, the objects that it makes, and what these are made of. A reference to
anything else becomes `{"x-pruned": NAME}`: whatever but null stands there then fails the check, with that name.
Descriptions and titles are left out. One schema a line, so that a change can be read.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from campaign.sandbox.operations import operations

HERE = Path(__file__).parent
OBJECTS = (
    "balance_transaction billing_portal.session charge checkout.session customer dispute event invoice invoice_payment "
    "item line_item payment_intent payment_method price product radar.early_fraud_warning refund subscription "
    "subscription_item"
).split()
METHODS = ("card", "bacs_debit", "sepa_debit")
_OF_METHODS = re.compile(r"(payment_method|setup_attempt_payment_method)_(details_)?(?!details)\w+")
_DROPPED = ("description", "title", "x-expandableFields", "x-expansionResources", "x-resourceId", "x-stripeResource")


def wanted(name: str, schema: dict[str, Any]) -> bool:
    """Whether a schema that is referred to is kept."""
    if schema.get("properties", {}).get("object", {}).get("enum"):
        return name in OBJECTS
    if "payment_method_options" in name:
        return False
    if _OF_METHODS.fullmatch(name):
        return any(re.fullmatch(rf"payment_method_(details_)?{kind}(_checks)?", name) for kind in METHODS)
    return True


def references(node: Any) -> Iterator[str]:
    """Names of all schemas that are referred to."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from references(inner)


def stripped(node: Any, keep: Any, *, names: bool = False) -> Any:
    """The node without prose and without references to what is not kept; `names`: its keys are names of fields."""
    if isinstance(node, list):
        return [stripped(inner, keep) for inner in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and not keep(name := node["$ref"].rpartition("/")[2]):
        return {"x-pruned": name}
    return {
        key: stripped(inner, keep, names=key == "properties" and not names)
        for key, inner in node.items()
        if names or key not in _DROPPED
    }


def main(path: str) -> None:
    """Read the description at `path` and write the pruned one."""
    full = json.loads(Path(path).read_text())
    schemas = full["components"]["schemas"]

    def keep(name: str) -> bool:
        return wanted(name, schemas[name])

    paths: dict[str, dict[str, Any]] = {}
    by_shape = {re.sub(r"{\w+}", "<>", name): name for name in full["paths"]}
    for operation in operations():
        name, method = by_shape[re.sub(r"<\w+>", "<>", operation.path)], operation.method.lower()
        described = full["paths"][name][method]
        paths.setdefault(name, {})[method] = {
            part: stripped(described[part], keep)
            for part in ("parameters", "requestBody", "responses")
            if part in described
        }
    hooks = full["paths"]["/v1/webhook_endpoints"]["post"]["requestBody"]["content"]
    events = hooks["application/x-www-form-urlencoded"]["schema"]["properties"]["enabled_events"]["items"]["enum"]

    found, todo = {}, {*OBJECTS, "error", *references(paths)}
    while todo:
        name = todo.pop()
        found[name] = stripped(schemas[name], keep)
        todo |= set(references(found[name])) - set(found)
    parts = {"version": full["info"]["version"], "events": events, "paths": paths, "schemas": found}
    (HERE / "spec.json").write_text("{\n" + ",\n".join(_lines(parts)) + "\n}\n")
    print(f"{parts['version']}: {len(paths)} paths, {len(found)} schemas")


def _lines(parts: dict[str, Any]) -> Iterator[str]:
    for name in ("version", "events"):
        yield f'"{name}": {json.dumps(parts[name])}'
    for name in ("paths", "schemas"):
        inner = (
            f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'), sort_keys=True)}"
            for key, value in sorted(parts[name].items())
        )
        yield f'"{name}": {{\n' + ",\n".join(inner) + "\n}"


if __name__ == "__main__":
    main(sys.argv[1])
