"""All of the demo, thought out in memory before anything is written or sent."""

from datetime import datetime

from campaign.cli.seed import campaigns
from campaign.cli.seed.answers import main_reply
from campaign.cli.seed.campaigns import Part
from campaign.cli.seed.chance import chance
from campaign.cli.seed.gifts import give_main
from campaign.cli.seed.goals import main_goals
from campaign.cli.seed.people import Crowd
from campaign.cli.seed.signatures import sign_main
from campaign.cli.seed.small import sign_closed, sign_fresh
from campaign.settings import Settings


def make_plan(settings: Settings, now: datetime) -> list[Part]:
    """The campaigns, the closed one first, with everything that belongs to them."""
    crowd = Crowd(chance("people"))
    signed = sign_main(settings, crowd, now)
    fresh = sign_fresh(settings, crowd, now)
    opened, closed = campaigns.closed_times(settings, now)
    past = sign_closed(settings, crowd, opened=opened, closed=closed)
    updates = campaigns.main_updates(now, settings)
    campaign = campaigns.main_campaign(settings, now)
    main = Part(
        campaign,
        campaigns.main_demands(now, signed.reworded_at),
        updates,
        campaigns.main_collected(now, settings),
        signed.book,
        give_main(signed.book, crowd, now),
        campaigns.main_spending(now, settings, updates),
        main_reply(settings, now),
        main_goals(campaign, signed.book, now, settings),
    )
    return [
        campaigns.closed_part(settings, now, past),
        main,
        campaigns.fresh_part(settings, now, fresh),
        campaigns.draft_part(now),
    ]
