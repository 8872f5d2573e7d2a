"""Names for rows that outsiders may see: they look random, tell neither number nor order, and need no column.

A row's id goes through a Feistel network of four rounds whose function is a keyed hash (Luby and Rackoff, 1988), which
only who has the key can turn round. It hides, it does not permit: whoever acts on a mask still has to be allowed to.
"""

import hmac

ROUNDS = 4
_HALF = 32
_LOW = (1 << _HALF) - 1
_DIGITS = _HALF // 2  # hexadecimal digits of both halves
LARGEST_ID = 2**63 - 1


def mask(key: str, kind: str, row_id: int) -> str:
    """The id as 16 hexadecimal digits; `kind` keeps the masks of different things apart."""
    left, right = row_id >> _HALF, row_id & _LOW
    for number in range(ROUNDS):
        left, right = right, left ^ _scrambled(key, kind, number, right)
    return f"{left << _HALF | right:0{_DIGITS}x}"


def unmask(key: str, kind: str, text: str) -> int | None:
    """The id that a mask stands for; None for what no mask can be. What was made up leads to an id that nothing has."""
    if len(text) != _DIGITS or not text.isascii() or text.strip("0123456789abcdef"):
        return None
    both = int(text, 16)
    left, right = both >> _HALF, both & _LOW
    for number in reversed(range(ROUNDS)):
        left, right = right ^ _scrambled(key, kind, number, left), left
    row_id = left << _HALF | right
    return row_id if row_id <= LARGEST_ID else None


def _scrambled(key: str, kind: str, number: int, half: int) -> int:
    return int.from_bytes(hmac.digest(key.encode(), f"mask:{kind}:{number}:{half}".encode(), "sha256")[:4])
