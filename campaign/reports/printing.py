"""What printed documents need of the house: words in a language, numbers, times, the heading's font."""

from typing import Any

from babel.support import Translations

from campaign.core.formatting import Formats
from campaign.core.paper import Style
from campaign.reports.organisation import settings_organisation
from campaign.settings import ROOT, Settings


def print_style(settings: Settings, language: str = "", *, organisation: dict[str, Any] | None = None) -> Style:
    """The style of this site's documents, in the given language or the site's first; by default with the settings'
    organisation.
    """
    language = language or settings.languages[0]
    catalogue = Translations.load(ROOT / "campaign" / "translations", [language.replace("-", "_")])
    return Style(
        language=language,
        gettext=catalogue.gettext,
        ngettext=catalogue.ngettext,
        formats=Formats(lambda: language, settings.zone),
        serif=ROOT / "static" / "fonts" / "source-serif-4-latin-600.woff2",
        pictures=settings.storage / "pictures",
        illustration=ROOT / "static" / "img" / "welcome.svg",
        organisation=settings_organisation(settings) if organisation is None else organisation,
    )
