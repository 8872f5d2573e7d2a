"""Links that pass a campaign on, without anybody's script."""

from urllib.parse import quote, urlencode

from flask_babel import gettext as _


def share_links(url: str, words: str) -> list[dict[str, str]]:
    """Label and address for each way of sharing; `words` go before the link where the way takes words."""
    message = f"{words} {url}"
    return [
        {"label": _("WhatsApp"), "url": f"https://wa.me/?{urlencode({'text': message})}"},
        {"label": _("Facebook"), "url": f"https://www.facebook.com/sharer/sharer.php?{urlencode({'u': url})}"},
        {"label": _("Text message"), "url": f"sms:?&body={quote(message)}"},
        {"label": _("Email"), "url": f"mailto:?subject={quote(words)}&body={quote(message)}"},
    ]
