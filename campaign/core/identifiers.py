"""Identifiers that outsiders see: random, so that nobody can guess or count them."""

import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no characters that are mistaken for others
LENGTH = 16


def new_public_id() -> str:
    """A fresh identifier of 16 characters, some 79 bits of chance."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
