"""Signed tokens for mailed links: made from a row's id, its purpose and its version; never stored.

A token works for one purpose only (the purpose is the signature's salt) and until it is older than the reader allows.
Keys rotate: the newest signs, all verify.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from campaign.core import clock


class Purpose(StrEnum):
    CONFIRM_SIGNATURE = "confirm-signature"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    SUBSCRIBE = "subscribe"
    GIVING = "giving"
    DONATE_FORM = "donate-form"
    MY_DATA = "my-data"
    PREVIEW = "preview"


class TokenError(Exception):
    """The token is unknown, altered or made for another purpose."""


class TokenExpired(TokenError):
    """The token was good once; `token` says what it was for."""

    def __init__(self, token: "Token") -> None:
        super().__init__("this link has expired")
        self.token = token


@dataclass(frozen=True)
class Token:
    """What a token says: which row, in which version of it."""

    row_id: int
    version: int


class _ClockSigner(TimestampSigner):
    """Takes the time from the program's clock, so that an offset moves expiry too."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


class Tokens:
    """Makes and reads tokens with the given keys, newest first."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = list(reversed(keys))  # itsdangerous signs with the last key

    def _serializer(self, purpose: Purpose) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self._keys, salt=purpose, signer=_ClockSigner, signer_kwargs={"digest_method": hashlib.sha256}
        )

    def make(self, purpose: Purpose, row_id: int, version: int) -> str:
        """A token for the row, dated now."""
        return str(self._serializer(purpose).dumps([row_id, version]))

    def read(self, purpose: Purpose, text: str, max_age: timedelta | None) -> Token:
        """What the token says. Raises TokenExpired past `max_age`, TokenError for anything else that is wrong."""
        serializer = self._serializer(purpose)
        seconds = int(max_age.total_seconds()) if max_age is not None else None
        try:
            return _token(serializer.loads(text, max_age=seconds))
        except SignatureExpired:
            raise TokenExpired(_token(serializer.loads(text))) from None
        except BadSignature:
            raise TokenError("this link is not one of ours") from None


def _token(payload: Any) -> Token:
    row_id, version = payload
    return Token(row_id=row_id, version=version)
