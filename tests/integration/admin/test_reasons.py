"""Each signal has its words, with the numbers that were kept and without."""

import pytest
from flask import Flask

from campaign.admin.reasons import signal_name, signal_sentence, signal_tone
from campaign.petitions.models import Signal


def test_every_signal_has_a_name_of_its_own_and_a_tone(app: Flask) -> None:
    with app.test_request_context():
        names = [signal_name(signal) for signal in Signal]
        assert len(set(names)) == len(Signal)
        assert [signal_sentence(signal, {}) for signal in Signal] == names
        assert {signal_tone(signal) for signal in Signal} == {"wait", "bad"}


@pytest.mark.parametrize(
    ("signal", "detail", "words"),
    [
        (Signal.BURST, {"count": 14, "minutes": 3}, "14 from one network in 3 minutes"),
        (Signal.BURST, {"count": 21, "minutes": 1}, "21 from one network in 1 minute"),
        (Signal.BURST, {"count": 100, "minutes": 2}, "100 or more from one network in 2 minutes"),
        (Signal.QUICK_CONFIRMATION, {"seconds": 4}, "Confirmed from another network in 4 seconds"),
        (Signal.QUICK_CONFIRMATION, {"seconds": 1}, "Confirmed from another network in 1 second"),
        (Signal.SAME_MAILBOX, {"earlier": 1}, "Same mailbox as an earlier signature"),
        (Signal.SAME_MAILBOX, {"earlier": 3}, "Same mailbox as 3 earlier signatures"),
        (
            Signal.COUNTRY_SURGE,
            {"percent": 38, "usual": 2},
            "38 % of the signatures of an hour from this country, usually 2 %",
        ),
        (Signal.CAMPAIGN_SURGE, {"count": 620, "usual": 40}, "620 signatures in an hour, usually 40"),
        (Signal.HONEYPOT, {}, "Filled in like a robot"),
    ],
)
def test_the_sentence_says_the_numbers(app: Flask, signal: Signal, detail: dict[str, int], words: str) -> None:
    with app.test_request_context():
        assert signal_sentence(signal, detail) == words
