"""Puzzles: only the right answer to one of our own counts, and only in time."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign.core.puzzles import LIFE, make_puzzle, read_answer
from tests.puzzles import solve

NOW = datetime.now(UTC)
KEYS = ("a key", "an older key")


def answered(now: datetime = NOW, key: str = "a key") -> tuple[dict[str, Any], str]:
    puzzle = make_puzzle((key,), now=now)
    return puzzle, solve(json.dumps(puzzle))


def packed(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_the_right_answer_counts_and_names_its_puzzle() -> None:
    puzzle, answer = answered()
    read = read_answer(KEYS, answer, now=NOW + timedelta(minutes=59))
    assert read is not None
    assert read.signature == puzzle["signature"]
    assert abs(read.expires_at - (NOW + LIFE)) < timedelta(seconds=1)


def test_keys_rotate() -> None:
    assert read_answer(KEYS, answered(key="an older key")[1], now=NOW) is not None
    assert read_answer(KEYS, answered(key="another's key")[1], now=NOW) is None


def test_an_answer_comes_too_late_by_the_programs_clock() -> None:
    _puzzle, answer = answered(NOW + timedelta(days=3))
    assert read_answer(KEYS, answer, now=NOW + timedelta(days=3, minutes=61)) is None
    assert read_answer(KEYS, answered(NOW - timedelta(hours=2))[1], now=NOW) is None


@pytest.mark.parametrize(
    "change", [{"cost": 1}, {"keyPrefix": ""}, {"expiresAt": 9_999_999_999}, {"expiresAt": "soon"}, {"nonce": "x"}]
)
def test_an_easier_puzzle_is_none_of_ours(change: dict[str, Any]) -> None:
    puzzle, answer = answered()
    sent = json.loads(base64.b64decode(answer))
    sent["challenge"]["parameters"] |= change
    assert read_answer(KEYS, packed(sent), now=NOW) is None
    assert (
        read_answer(KEYS, packed({"challenge": puzzle, "solution": {"counter": 0, "derivedKey": "00"}}), now=NOW)
        is None
    )


@pytest.mark.parametrize(
    "text",
    [
        "x", "=", "e30=", packed([]), packed(None), packed("x"), packed(7), packed({"challenge": []}), "\ud800", "٣",
        packed({"challenge": {"parameters": []}, "solution": {}}), packed({"challenge": "x", "solution": "y"}),
        base64.b64encode(b"[" * 30_000).decode(), packed({"challenge": {"parameters": {"expiresAt": 1e999}}}),
    ],
)  # fmt: skip
def test_what_somebody_made_up_is_no_answer(text: str) -> None:
    assert read_answer(KEYS, text, now=NOW) is None
