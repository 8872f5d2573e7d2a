"""Networks that people come from: never kept as they are, only as keyed hashes of the /24 or /48."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from campaign.core.addresses import keyed_hash


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
