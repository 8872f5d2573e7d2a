"""Absolute links for what leaves the program without a request (mails, checkout returns), always on BASE_URL.

The paths are written out because rooms and workers have no routes at hand; a test holds each against the real ones.
"""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Links:
    """Links for readers of one language; `prefix` is empty for the default language, else like `/uk`."""

    base_url: str
    prefix: str = ""

    def _to(self, path: str) -> str:
        return f"{self.base_url}{self.prefix}{path}"

    def home(self) -> str:
        return self._to("/")

    def campaign(self, slug: str) -> str:
        return self._to(f"/campaigns/{slug}")

    def history(self, slug: str) -> str:
        return self._to(f"/campaigns/{slug}/history")

    def campaign_privacy(self, slug: str) -> str:
        return self._to(f"/campaigns/{slug}/privacy")

    def preview(self, token: str) -> str:
        return self._to(f"/preview/{quote(token)}")

    def update(self, slug: str, public_id: str) -> str:
        return self._to(f"/campaigns/{slug}/updates/{public_id}")

    def updates_feed(self, slug: str) -> str:
        return self._to(f"/campaigns/{slug}/updates.atom")

    def confirm(self, token: str) -> str:
        return self._to(f"/confirm/{quote(token)}")

    def donate(self, slug: str) -> str:
        return self._to(f"/campaigns/{slug}/donate")

    def donation(self, public_id: str) -> str:
        return self._to(f"/donations/{public_id}")

    def giving(self, token: str) -> str:
        return self._to(f"/giving/{quote(token)}")

    def ask_giving(self) -> str:
        return self._to("/giving")

    def my_data(self, token: str) -> str:
        return self._to(f"/my-data/{quote(token)}")

    def unsubscribe(self, token: str) -> str:
        return self._to(f"/unsubscribe/{quote(token)}")

    def subscribe(self, token: str) -> str:
        return self._to(f"/subscribe/{quote(token)}")

    def preferences(self, token: str) -> str:
        return self._to(f"/preferences/{quote(token)}")

    def admin_home(self) -> str:
        """For staff, whose pages have one language; so are those below."""
        return f"{self.base_url}/admin/"

    def admin_mail(self) -> str:
        return f"{self.base_url}/admin/mail"

    def admin_signatures(self, slug: str) -> str:
        return f"{self.base_url}/admin/campaigns/{slug}/signatures"

    def admin_messages(self, slug: str) -> str:
        return f"{self.base_url}/admin/campaigns/{slug}/messages"

    def admin_stripe(self) -> str:
        """For staff, whose pages have one language."""
        return f"{self.base_url}/admin/stripe"

    def privacy(self) -> str:
        return self._to("/privacy")


def links_for(base_url: str, languages: tuple[str, ...], language: str) -> Links:
    """Links in the given language where the site has it, else in the default one (which has no prefix)."""
    known = language in languages and language != languages[0]
    return Links(base_url, f"/{language}" if known else "")
