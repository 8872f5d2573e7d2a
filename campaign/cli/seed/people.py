"""People who do not exist: a name in some script, an address that nobody has, a country, a postcode."""

import re
import unicodedata
from dataclasses import dataclass
from random import Random

from campaign.cli.seed.chance import weighted
from campaign.cli.seed.names import GROUPS

_DOMAINS: tuple[tuple[str, float], ...] = (
    ("mail.example", 40), ("post.example", 22), ("example.org", 14), ("inbox.example", 12), ("uni.example", 7),
    ("nhs-staff.example", 3), ("school.example", 2),
)  # fmt: skip
THROWAWAY_DOMAIN = "ten-minute-mail.example"
# Letters that no British postcode ends in, so that none of these is anybody's.
_NEVER_LAST = "CIKMOV"
_AREAS = "AB B BD BN BS CF CT DH EH EX G HU IP L LE LS M NE NG NR OX PL S SA SE SW TS WF YO".split()
# What a decomposition into letters and accents leaves as it is.
_LATIN = str.maketrans(
    {"ł": "l", "ø": "o", "ß": "ss", "ı": "i", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "’": "", "-": ""}
)


@dataclass(frozen=True)
class Person:
    """Somebody who might sign or give."""

    name: str
    email: str
    country: str
    language: str
    postcode: str
    can_be_shown: bool


class Crowd:
    """Hands out people, nobody twice, and the same ones in the same order at every run."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._addresses: set[str] = set()

    def person(self, domain: str = "") -> Person:
        """The next one; `domain` says where the address is to be."""
        random = self._random
        group = random.choices(GROUPS, [group.weight for group in GROUPS])[0]
        given, given_latin = _spellings(random.choice(group.given.split()))
        family, family_latin = _spellings(random.choice(group.family.split()))
        country = weighted(random, [_share(part) for part in group.countries.split()])
        chosen_domain = domain or weighted(random, _DOMAINS)
        return Person(
            name=f"{family}{given}" if group.family_first else f"{given} {family}",
            email=self._address(given_latin, family_latin, chosen_domain),
            country=country,
            language=group.language,
            postcode=_postcode(random) if country == "GB" and random.random() < 0.6 else "",
            # A name without a space would be shown whole, where only a first name is promised.
            can_be_shown=not group.family_first,
        )

    def _address(self, given: str, family: str, domain: str) -> str:
        forms = (f"{given}.{family}", f"{given}{family}", f"{given[0]}.{family}", f"{family}.{given}")
        local = self._random.choice(forms)
        number = self._random.randrange(2, 100)
        # Two that differ by a dot alone would be taken for one mailbox.
        while (bare := f"{local.replace('.', '')}@{domain}") in self._addresses:
            number += 1
            local = f"{local.rstrip('0123456789')}{number}"
        self._addresses.add(bare)
        return f"{local}@{domain}"


def _spellings(entry: str) -> tuple[str, str]:
    """A name and how it is written in an address."""
    name, _, latin = entry.partition(":")
    return name, latin or _plain(name)


def _plain(name: str) -> str:
    """A Latin name in the letters a to z."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LATIN))
    return re.sub("[^a-z]", "", letters)


def _share(part: str) -> tuple[str, float]:
    code, _, share = part.partition(":")
    return code, float(share)


def _postcode(random: Random) -> str:
    end = "".join(random.choices(_NEVER_LAST, k=2))
    return f"{random.choice(_AREAS)}{random.randrange(1, 20)} {random.randrange(10)}{end}"
