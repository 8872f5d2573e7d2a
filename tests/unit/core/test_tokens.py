from datetime import timedelta

import pytest

from campaign.core import clock
from campaign.core.tokens import Purpose, Token, TokenError, TokenExpired, Tokens

WEEK = timedelta(days=7)


def test_a_token_says_what_it_was_made_for() -> None:
    tokens = Tokens(("key-one",))
    assert tokens.read(Purpose.CONFIRM_SIGNATURE, tokens.make(Purpose.CONFIRM_SIGNATURE, 7, 2), WEEK) == Token(7, 2)


def test_a_token_works_for_its_purpose_only() -> None:
    tokens = Tokens(("key-one",))
    with pytest.raises(TokenError):
        tokens.read(Purpose.UNSUBSCRIBE, tokens.make(Purpose.CONFIRM_SIGNATURE, 7, 1), WEEK)


def test_an_altered_token_is_refused_at_every_place() -> None:
    tokens = Tokens(("key-one",))
    good = tokens.make(Purpose.CONFIRM_SIGNATURE, 7, 1)
    for place in range(len(good) - 1):  # the last character holds bits that the encoding does not use
        other = "A" if good[place] != "A" else "B"
        with pytest.raises(TokenError):
            tokens.read(Purpose.CONFIRM_SIGNATURE, good[:place] + other + good[place + 1 :], WEEK)


@pytest.mark.parametrize("text", ["", ".", "a.b.c", "é", "\u202e", "x" * 5000])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        Tokens(("key-one",)).read(Purpose.CONFIRM_SIGNATURE, text, WEEK)


def test_keys_rotate() -> None:
    old = Tokens(("old",)).make(Purpose.CONFIRM_SIGNATURE, 7, 1)
    assert Tokens(("new", "old")).read(Purpose.CONFIRM_SIGNATURE, old, WEEK) == Token(7, 1)
    with pytest.raises(TokenError):
        Tokens(("new",)).read(Purpose.CONFIRM_SIGNATURE, old, WEEK)


def test_an_expired_token_still_says_what_it_was_for() -> None:
    tokens = Tokens(("key-one",))
    token = tokens.make(Purpose.CONFIRM_SIGNATURE, 7, 1)
    clock.set_offset(8 * 86_400)
    try:
        with pytest.raises(TokenExpired) as caught:
            tokens.read(Purpose.CONFIRM_SIGNATURE, token, WEEK)
    finally:
        clock.set_offset(0)
    assert caught.value.token == Token(7, 1)
