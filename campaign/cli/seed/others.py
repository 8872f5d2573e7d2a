"""The words of the smaller campaigns: one just opened, one closed with a result, one still being written."""

from campaign.campaigns.models import UpdateKind
from campaign.cli.seed.news import News

FRESH = {
    "slug": "let-doctors-work",
    "short_name": "Let Doctors Work",
    "title": "Let doctors and nurses who fled work again",
    "summary": (
        "Doctors and nurses from Ukraine have arrived who could be at work within weeks. "
        "The checks that they have to pass take most of a year. "
        "We ask the Health Secretary to pay for the checks and to set an end date for them."
    ),
    "story": (
        "A surgeon who came months ago is stacking shelves, and glad of it. Her papers are with four offices. None "
        "of them can say when it will be done.\n\n"
        "Nobody should be treated by somebody whose training was not checked. But a check can be quick, and it can be "
        "paid for by those who need the doctors."
    ),
    "target": "the Health Secretary",
    "goal": 250,
    "takes_donations": True,
    "donation_goal_minor": 5_000_00,
    "suggested_amounts": "5,15,30",
}
FRESH_DEMAND = """\
1. **Set an end date.** Decide on every application within twelve weeks.
2. **Pay the fees** for exams and translations, and ask for them back only from those who find work.
3. **Offer a post at once** that somebody may do under supervision while the papers are checked.
""".strip()

CLOSED = {
    "slug": "sunday-library",
    "short_name": "Sunday Library",
    "title": "Keep the library open on Sundays",
    "summary": (
        "The central library is where many newly arrived families learn English, and where anybody can sit in peace. "
        "It was to close on Sundays. "
        "We asked the city council to keep it open."
    ),
    "story": (
        "On Sundays the reading room is full: homework, job applications, calls home on the free network. It costs "
        "the city little to leave the lights on, and closing it would cost these people much."
    ),
    "target": "the city council",
    "goal": 200,
    "takes_donations": False,
}
CLOSED_DEMAND = """\
1. **Open on Sundays**, from ten to five, for a year at least.
2. **Keep the free network on** whenever the building is open.
""".strip()
CLOSED_NEWS: tuple[News, ...] = (
    News(
        UpdateKind.MILESTONE,
        "200 signatures handed over",
        "We took the petition to the town hall and left a copy at the library's front desk.",
        days_ago=42,
    ),
    News(
        UpdateKind.RESPONSE,
        "The council has agreed",
        "The library stays open on Sundays for a year, and the network stays on. The council will look at the numbers "
        "after that, and so shall we. Thank you: this petition is done.",
        days_ago=36,
        hour=15,
    ),
)
CLOSED_OPENED_DAYS_AGO, CLOSED_DAYS_AGO = 96, 38

DRAFT = {
    "slug": "first-month-by-bus",
    "short_name": "First Month by Bus",
    "title": "Free bus travel in the first month",
    "summary": "Draft. To say: what a day ticket costs, and how many appointments a family has in its first month.",
    "story": "Figures from the two bus companies are still to come.",
    "target": "the Transport Secretary",
    "goal": 1_000,
    "takes_donations": False,
}
DRAFT_DEMAND = "1. **A free pass** for one month, given out on arrival with the first papers."
