"""Stripe's form encoding: ``a[b][0][c]=1`` to nested dictionaries and lists."""

import re
from typing import Any
from urllib.parse import parse_qsl

from campaign.sandbox.errors import ApiError

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(raw: str) -> dict[str, Any]:
    """Decode a form body or query string. All leaves are text.

    Raises ApiError for broken UTF-8, broken keys, and a name used both as a value and as a group.
    """
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=2000)
    except ValueError as error:
        raise ApiError("Invalid request body: not readable as a form in UTF-8") from error
    root: dict[str, Any] = {}
    for key, value in pairs:
        match = _KEY.fullmatch(key)
        if not match:
            raise unknown_parameters([key])
        _place(root, [match[1], *_PART.findall(match[2])], value, key)
    return {name: _with_lists(value) for name, value in root.items()}


def unknown_parameters(names: list[str]) -> ApiError:
    """Stripe's refusal of parameters that it does not know."""
    plural = "s" if len(names) > 1 else ""
    return ApiError(
        f"Received unknown parameter{plural}: {', '.join(names)}",
        code="parameter_unknown",
        param=names[0],
    )


def _place(root: dict[str, Any], path: list[str], value: str, key: str) -> None:
    node = root
    for part in path[:-1]:
        node = node.setdefault(part or str(len(node)), {})
        if not isinstance(node, dict):
            raise ApiError(f"Invalid parameter: {key} is given both as a value and as a group")
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise ApiError(f"Invalid parameter: {key} is given both as a value and as a group")
    node[last] = value


def _with_lists(value: Any) -> Any:
    """Groups whose names are 0, 1, 2, … are lists."""
    if not isinstance(value, dict):
        return value
    if sorted(value) == sorted(str(index) for index in range(len(value))):
        return [_with_lists(value[str(index)]) for index in range(len(value))]
    return {name: _with_lists(inner) for name, inner in value.items()}
