"""What an address tells: the domain of a throw-away mail service."""

from functools import lru_cache

from disposable_email_domains import blocklist

from campaign.core.addresses import address_domain


@lru_cache(maxsize=1)
def _throwaway_domains() -> frozenset[str]:
    return frozenset(blocklist)


def is_throwaway(email: str) -> bool:
    """True for the domain of a throw-away mail service, or one below it."""
    labels = address_domain(email).split(".")
    return any(".".join(labels[start:]) in _throwaway_domains() for start in range(len(labels) - 1))
