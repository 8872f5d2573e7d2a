"""Certificates with which Amazon SNS signs: fetched once, kept in a folder, so that each notice needs no network.

A file that is put into the folder beforehand is used as it is, and then nothing is fetched.
"""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from campaign.mail.notices.shapes import NoticeRefused, NotNow

LARGEST = 16 * 1024
PATIENCE_SECONDS = 5
_HOST = re.compile(r"sns\.[a-z0-9-]{5,30}\.amazonaws\.com(\.cn)?")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[A-Za-z0-9-]{1,80}\.pem")


def is_amazons(url: str) -> bool:
    """True for an https address at Amazon SNS itself, on the usual port, with nothing before the host."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(_HOST.fullmatch(parts.netloc)) and not parts.fragment
    except ValueError:
        return False


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        """A host that was checked must not send us to one that was not."""


def fetch(url: str) -> bytes:
    """What stands at the address, without following it elsewhere. Raises NotNow."""
    try:
        with build_opener(_NoRedirects).open(url, timeout=PATIENCE_SECONDS) as answer:
            body: bytes = answer.read(LARGEST + 1)
    except (URLError, OSError) as error:
        raise NotNow(f"cannot be fetched: {type(error).__name__}") from error
    if len(body) > LARGEST:
        raise NotNow("too large")
    return body


class Certificates:
    """Finds the key behind a certificate's address; `fetch` is asked for those that are not in the folder."""

    def __init__(self, folder: Path, fetch: Callable[[str], bytes] = fetch) -> None:
        self._folder = folder
        self._fetch = fetch

    def key(self, url: str, *, now: datetime) -> RSAPublicKey:
        """The public key. Raises NoticeRefused for an address that is not Amazon's, NotNow where it is out of reach."""
        if not is_amazons(url) or not _CERTIFICATE.fullmatch(urlsplit(url).path) or urlsplit(url).query:
            raise NoticeRefused("its certificate is not at Amazon SNS")
        file = self._folder / f"{urlsplit(url).netloc}{urlsplit(url).path.replace('/', '_')}"
        body = file.read_bytes() if file.exists() else self._fetch(url)
        try:
            certificate = x509.load_pem_x509_certificate(body)
        except ValueError as error:
            raise NotNow("not a certificate") from error
        key = certificate.public_key()
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise NoticeRefused("its certificate is not valid at this time")
        if not isinstance(key, RSAPublicKey):
            raise NoticeRefused("its certificate is of another kind")
        if not file.exists():
            self._keep(file, body)
        return key

    def _keep(self, file: Path, body: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{token_hex(4)}")
        draft.write_bytes(body)
        draft.replace(file)
