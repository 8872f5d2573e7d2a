"""The colours of one campaign: a few lines of style on top of the site's own, for a policy that allows no others."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from campaign.campaigns.models import Campaign
from campaign.core.contrast import lightened, read_colour, write_colour
from campaign.core.http.assets import KEPT
from campaign.core.http.headers import cacheable
from campaign.public.blueprint import bp
from campaign.public.campaigns import get_campaign

# What `static/css/public.css` has in the dark: its grounds for words, and the words on its buttons.
_DARK_GROUNDS = ((13, 21, 32), (21, 32, 45), (10, 26, 43))
_MARK = (
    ".top .name b{margin-inline-end:.5rem;padding:.15rem .45rem;border-radius:.25rem;"
    "background:var(--act);color:var(--on-act)}"
)


def style_sheet(campaign: Campaign) -> str:
    """The campaign's colours in the light, and what they become in the dark; the mark before its name."""
    light, dark = [], []
    colour, accent = read_colour(campaign.theme_colour), read_colour(campaign.theme_accent)
    if colour:
        light += [f"--act:{write_colour(colour)}", f"--link:{write_colour(colour)}"]
        pale = write_colour(lightened(colour, against=_DARK_GROUNDS))
        dark += [f"--act:{pale}", f"--link:{pale}"]
    if accent:
        light.append(f"--lamp:{write_colour(accent)}")
    rules = [f":root{{{';'.join(light)}}}" if light else ""]
    rules.append(f"@media (prefers-color-scheme:dark){{:root{{{';'.join(dark)}}}}}" if dark else "")
    rules.append(_MARK if campaign.logo_text else "")
    return "".join(rules)


@bp.get("/campaigns/<slug>/theme.css")
@cacheable
def theme(slug: str) -> ResponseReturnValue:
    """The campaign's style sheet; kept for long under the address that names its edition."""
    found = get_campaign(slug)
    response = Response(style_sheet(found), mimetype="text/css")
    if request.args.get("v") == str(found.edition):
        response.headers["Cache-Control"] = KEPT
    return response
