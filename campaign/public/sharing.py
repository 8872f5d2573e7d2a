"""Links that pass a campaign on, without anybody's script."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from flask_babel import gettext as _

from campaign.campaigns.models import ShareWay


def share_links(url: str, words: Mapping[ShareWay, str]) -> list[dict[str, str]]:
    """Label and address for each way of sharing; its words go before the link where the way takes words."""

    def message(way: ShareWay) -> str:
        return f"{words[way]} {url}"

    mail = f"subject={quote(words[ShareWay.EMAIL_SUBJECT])}&body={quote(message(ShareWay.EMAIL))}"
    return [
        {"label": _("WhatsApp"), "url": f"https://wa.me/?{urlencode({'text': message(ShareWay.WHATSAPP)})}"},
        {"label": _("Facebook"), "url": f"https://www.facebook.com/sharer/sharer.php?{urlencode({'u': url})}"},
        {"label": _("Text message"), "url": f"sms:?&body={quote(message(ShareWay.SMS))}"},
        {"label": _("Email"), "url": f"mailto:?{mail}"},
    ]
