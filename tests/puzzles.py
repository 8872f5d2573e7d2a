"""Solving the donation form's puzzle as a browser's script does, for tests that have none."""

import html
import json
import re

from altcha import Challenge, Payload, solve_challenge

_PUZZLE = re.compile(r'data-puzzle="([^"]+)"')


def find_puzzle(page: str) -> str | None:
    """The puzzle that a page asks for."""
    found = _PUZZLE.search(page)
    return html.unescape(found[1]) if found else None


def solve(puzzle: str) -> str:
    """The answer as the form brings it."""
    challenge = Challenge.from_dict(json.loads(puzzle))
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()
