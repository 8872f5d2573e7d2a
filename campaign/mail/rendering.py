"""Rendering: a mail's subject, text and HTML from `templates/mail/<kind>/`, in one language, without a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.support import Translations
from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from campaign.core.formatting import Formats
from campaign.settings import ROOT, Settings

_INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


@dataclass(frozen=True)
class RenderedMail:
    """What goes out: a one-line subject and two bodies that say the same."""

    subject: str
    text: str
    html: str


class Renderer:
    """Renders mails from the templates in one folder; `common` is what every mail may name."""

    def __init__(self, templates: Path, translations: Path, zone: ZoneInfo, common: Mapping[str, Any]) -> None:
        self._templates = templates
        self._translations = translations
        self._zone = zone
        self._common = dict(common)
        self._environment = lru_cache(maxsize=32)(self._make_environment)

    def render(self, kind: str, language: str, context: Mapping[str, Any], *, discreet: bool = False) -> RenderedMail:
        """The mail in the language. Raises jinja2.TemplateError where template and context do not fit.

        Where it is discreet, its subject and the first lines of its bodies, which lists of mails show, say nothing
        of what it is about.
        """
        environment = self._environment(language)
        locale = Locale.parse(language, sep="-")
        own = {"html_lang": language, "html_dir": locale.text_direction, "discreet": discreet, "kind": str(kind)}
        values = {**own, **self._common, **context}

        def part(name: str) -> str:
            return environment.get_template(f"mail/{name}").render(values).strip()

        return RenderedMail(
            subject=" ".join(part("discreet.txt" if discreet else f"{kind}/subject.txt").split()),
            text=part(f"{kind}/body.txt") + "\n",
            html=_INLINER.inline(part(f"{kind}/body.html")),
        )

    def _make_environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(self._templates),
            autoescape=lambda name: bool(name and name.endswith(".html")),  # noqa: S701
            extensions=["jinja2.ext.i18n"],
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        catalogue = Translations.load(self._translations, [language.replace("-", "_")])
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            catalogue.ugettext, catalogue.ungettext, newstyle=True
        )
        environment.filters.update(Formats(lambda: language, self._zone).filters())
        return environment


def make_renderer(settings: Settings) -> Renderer:
    """The renderer of this site's mails."""
    return Renderer(
        ROOT / "templates", ROOT / "campaign" / "translations", settings.zone, {"organisation": settings.organisation}
    )
