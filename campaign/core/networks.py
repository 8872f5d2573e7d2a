"""Networks that people come from: never kept as they are, only as keyed hashes of the /24 or /48."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from string import hexdigits

from campaign.core.addresses import keyed_hash

LABEL_DIGITS = 8
MOST_NETWORKS = 256  # in a range: a /16 or a /40


class RangeRefused(ValueError):
    """The text is no network."""


class RangeTooWide(RangeRefused):
    """The range holds more than MOST_NETWORKS networks."""


def network_of(address: str | None) -> str:
    """The /24 (IPv4) or /48 (IPv6) that an address lies in, such as `192.0.2.0/24`; "unknown" for no address."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def network_hash(key: str, address: str | None) -> str:
    """Keyed hash of the network, 32 hexadecimal digits."""
    return keyed_hash(key, "network", network_of(address))


def range_hashes(key: str, typed: str) -> list[str]:
    """The hashes of all networks in a range as people write it, such as `192.0.2.0/23`; of one for a single address.

    A hash says nothing about the range that it lies in, so a wide range is written down as the networks in it. What
    is narrower than a /24 or a /48 stands for the whole of it. Raises RangeRefused and RangeTooWide.
    """
    try:
        wanted: IPv4Network | IPv6Network = ip_network(typed.strip(), strict=False)
    except ValueError:
        raise RangeRefused from None
    narrowest = 24 if wanted.version == 4 else 48
    if wanted.prefixlen >= narrowest:
        return [network_hash(key, str(wanted.network_address))]
    if 2 ** (narrowest - wanted.prefixlen) > MOST_NETWORKS:
        raise RangeTooWide
    return [network_hash(key, str(part.network_address)) for part in wanted.subnets(new_prefix=narrowest)]


def network_label(hashed: str) -> str:
    """How staff tell networks apart: the beginning of the keyed hash, like `7F3A-2C81`. It tells nobody where it is."""
    return f"{hashed[:4]}-{hashed[4:LABEL_DIGITS]}".upper()


def label_digits(typed: str) -> str | None:
    """The beginning of a hash that a label stands for; None for what is no label."""
    digits = typed.replace("-", "").replace(" ", "").lower()
    return digits if len(digits) == LABEL_DIGITS and set(digits) <= set(hexdigits) else None
