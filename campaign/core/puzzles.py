"""Puzzles: a second of a browser's work before a form is taken, so that thousands of forms cost thousands of them.

ALTCHA's proof of work, second version: which counter, from 0 on, gives a key that begins as told? Nothing is stored: a
puzzle is signed, expires, and its signature is what tells whether its answer was used before.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from altcha import Payload, create_challenge, verify_solution

LIFE = timedelta(hours=1)  # somebody may take long over a form
ALGORITHM = "PBKDF2/SHA-256"  # what every browser has built in
ROUNDS = 5_000
# About a second on a desktop and a few on an old phone; bounded, so that nobody is unlucky.
LEAST_TRIES, MOST_TRIES = 100, 300
_PURPOSE = "puzzle "
_FAULTS = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Answer:
    """The right answer to one of our puzzles: the puzzle's own name, and when it expires."""

    signature: str
    expires_at: datetime


def make_puzzle(keys: Sequence[str], *, now: datetime) -> dict[str, Any]:
    """A fresh puzzle, signed with the newest key, as the page's script takes it."""
    tries = LEAST_TRIES + secrets.randbelow(MOST_TRIES - LEAST_TRIES)
    made = create_challenge(ALGORITHM, ROUNDS, counter=tries, expires_at=now + LIFE, hmac_secret=_PURPOSE + keys[0])
    puzzle: dict[str, Any] = json.loads(json.dumps(made.to_dict()))
    return puzzle


def read_answer(keys: Sequence[str], text: str, *, now: datetime) -> Answer | None:
    """The answer that a form brought; None unless it is right, to a puzzle of ours, and in time."""
    try:
        payload = Payload.from_base64(text)
        parameters, signature = payload.challenge.parameters, payload.challenge.signature
        expires_at = datetime.fromtimestamp(int(parameters.expires_at or 0), UTC)
        is_right = any(verify_solution(payload, _PURPOSE + key).verified for key in keys)
    except (*_FAULTS, OverflowError, OSError):  # whatever somebody made up
        return None
    # The library's own look at the time does not know the program's clock.
    return Answer(str(signature), expires_at) if is_right and expires_at > now else None
