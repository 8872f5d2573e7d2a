"""What printed documents need of the house: words in a language, numbers, times, the heading's font."""

from babel.support import Translations

from campaign.core.formatting import Formats
from campaign.core.paper import Style
from campaign.settings import ROOT, Settings


def print_style(settings: Settings, language: str = "") -> Style:
    """The style of this site's documents, in the given language or the site's first."""
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
        organisation=settings.organisation,
    )
