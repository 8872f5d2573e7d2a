"""Mail addresses: what is accepted, when two are the same mailbox, and the keyed hash that stands for one."""

import hmac
import re
import unicodedata
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3

# Providers that deliver every spelling with dots, or with a +tag, to the same mailbox (their own help pages). Anywhere
# else two spellings may be two people, so they stay two.
_IGNORE_DOTS = frozenset({"gmail.com", "googlemail.com"})
_IGNORE_TAGS = _IGNORE_DOTS | {
    "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "mac.com",
    "fastmail.com", "proton.me", "protonmail.com", "pm.me",
}  # fmt: skip
_SAME_DOMAIN = {"googlemail.com": "gmail.com"}


_OFFLINE: dict[str, Any] = {"check_deliverability": False, "allow_smtputf8": True, "test_environment": True}


_IN_TEXT = re.compile(r"[^\s<>\"']+@[^\s<>\"']+")


class AddressRefused(ValueError):
    """The text is not a mail address that can be written to."""


def check_address(text: str) -> str:
    """The address as typed, without surrounding space. Raises AddressRefused where it is not one."""
    address = text.strip()
    if (
        address.startswith("=?")
        or len(address) > LONGEST_ADDRESS
        or any(unicodedata.category(char) in ("Cc", "Cf") for char in address)
    ):
        raise AddressRefused
    try:
        validate_email(address, **_OFFLINE)
    except EmailNotValidError as error:
        raise AddressRefused from error
    return address


def wire_address(address: str) -> str:
    """The address as mail servers take it: an international domain in IDNA, the rest as typed."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{validate_email(f'a@{domain}', **_OFFLINE).ascii_domain}"


def normalise_address(address: str) -> str:
    """The one spelling of a mailbox: NFKC and lower case, domain in IDNA (so that look-alikes stay apart).

    Full-width Latin folds to plain Latin; dots and tags go only where the provider is known to ignore them.
    """
    local, _, domain = unicodedata.normalize("NFKC", address.strip()).rpartition("@")
    local = unicodedata.normalize("NFKC", local.casefold())
    domain = _ascii_domain(domain)
    if domain in _IGNORE_TAGS:
        local = local.split("+", 1)[0] or local
    if domain in _IGNORE_DOTS:
        local = local.replace(".", "") or local
    return f"{local}@{_SAME_DOMAIN.get(domain, domain)}"


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    """The domain in IDNA, lower case. Kept for those that come again: most people share a few providers."""
    return str(validate_email(f"a@{domain}", **_OFFLINE).ascii_domain).lower()


def address_domain(address: str) -> str:
    """The domain of an address, in IDNA, lower case."""
    return normalise_address(address).rpartition("@")[2]


def keyed_hash(key: str, kind: str, text: str) -> str:
    """HMAC-SHA256 of the text under HASH_KEY, 32 hexadecimal digits; `kind` keeps hashes of different things apart."""
    return hmac.digest(key.encode(), f"{kind}:{text}".encode(), "sha256").hex()[:32]


def address_key(key: str, address: str) -> str:
    """What stands for a mailbox where the address itself must not be kept, and what uniqueness is built on."""
    return keyed_hash(key, "address", normalise_address(address))


def without_tag(address: str) -> str:
    """The normalised address without what stands behind a plus, whoever the provider is."""
    local, _, domain = normalise_address(address).rpartition("@")
    return f"{local.split('+', 1)[0] or local}@{domain}"


def mailbox_key(key: str, address: str) -> str:
    """What two addresses share that may well be one person's: as `address_key`, without dots and tags anywhere.

    Too coarse to be unique by: only some providers take these spellings for one mailbox.
    """
    local, _, domain = without_tag(address).rpartition("@")
    return keyed_hash(key, "mailbox", f"{local.replace('.', '') or local}@{domain}")


def without_addresses(text: str) -> str:
    """The text with `(address)` in the place of each mail address: what mail servers say often repeats them."""
    return _IN_TEXT.sub("(address)", text)
