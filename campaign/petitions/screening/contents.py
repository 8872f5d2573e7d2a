"""What the contents of a form tell by themselves: its name, its comment, the service that its address is of."""

from collections.abc import Iterator

from campaign.petitions.models import Signal, Signature
from campaign.petitions.screening.comments import comment_signals
from campaign.petitions.screening.lists import Standing
from campaign.petitions.screening.mailboxes import is_throwaway
from campaign.petitions.screening.rules import Rules
from campaign.petitions.screening.words import has_word, looks_typed_at_random


def notice_contents(signature: Signature, rules: Rules, standing: Standing) -> Iterator[Signal]:
    """Signals that need nothing but the form, the campaign's words and its lists."""
    if not standing.knows_the_address and is_throwaway(signature.email or ""):
        yield Signal.THROWAWAY_DOMAIN
    words = rules.words_for(signature.language)
    name = signature.name or ""
    if not standing.knows_the_person and (has_word(name, words.names) or looks_typed_at_random(name)):
        yield Signal.NAME
    yield from comment_signals(signature.comment)
    if has_word(signature.comment, words.comments):
        yield Signal.COMMENT_WORDS
