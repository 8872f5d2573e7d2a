"""Two editors at once: the later one gets both wordings side by side, and a form in which nobody's words are lost.

For each field three wordings are known: what the later editor started from, what is stored now, and what was typed.
What only the other one changed is taken over into the form; what only the later one changed stays; where both did, the
form keeps what was typed and the page shows the other's words beside it.
"""

from typing import Any

from campaign.admin.campaign_forms import CampaignForm, campaign_values
from campaign.admin.campaign_words import changes, form_name
from campaign.admin.fields import MomentField
from campaign.admin.forms import read_edition
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import current_demand
from campaign.campaigns.revisions import changed_names, content_of, content_of_fields, find_base
from campaign.core.database import db


def bring_together(form: CampaignForm, found: Campaign) -> dict[str, Any]:
    """Merge what is stored now into a form that was found good; gives what the page says about it.

    Afterwards the form names the present edition, so that sending it again is a decision.
    """
    session = db.session()
    demand = current_demand(session, found.id).text
    now = content_of(found, demand)
    mine = content_of_fields(form.to_fields(), form.to_wording().text)
    base = find_base(session, found.id, read_edition(form.edition))
    latest = find_base(session, found.id, found.edition)
    start = base.content if base else mine  # not known: all that is stored otherwise is then the other one's
    theirs = changed_names(start, now)
    both = [name for name in theirs if mine[name] not in (start.get(name), now[name])] if base else theirs
    taken = [name for name in theirs if name not in both and mine[name] != now[name]]
    stored = CampaignForm(formdata=None, data=campaign_values(found, demand))
    for name in map(form_name, taken):
        _take(form, stored, name)
    form.edition.data = str(found.edition)
    yours = {change["id"]: change["pieces"] for change in changes(start, mine, both)} if base else {}
    return {
        "author": latest.author if latest else "",
        "taken": changes(start, now, taken),
        "both": [change | {"yours": yours.get(change["id"])} for change in changes(start, now, both)],
    }


def _take(form: CampaignForm, stored: CampaignForm, name: str) -> None:
    form[name].data = stored[name].data
    if isinstance(form[name], MomentField):
        form[name].typed = None
