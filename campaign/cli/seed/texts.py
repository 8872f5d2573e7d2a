"""The words of the main campaign: what it asks, and why. Offices are named, people are not."""

SLUG = "refugees-welcome"
SHORT_NAME = "Refugees Welcome"
TITLE = "Open the door to families fleeing Ukraine"
SUMMARY = (
    "Families are leaving Ukraine under fire, with what they can carry. "
    "Neighbouring countries let them in first and sort out the papers afterwards. "
    "We ask the Home Secretary to go further and faster, so that help reaches them."
)
TARGET = "the Home Secretary"

STORY = """\
In 2015, during the war in Syria, we asked the government to take in more of the people who were fleeing it. Over \
380,000 people signed. Together with the petitions of several charities, 1.4 million signatures were handed over. \
Today we renew that campaign for the people of Ukraine.

Shortly after Russia's invasion began, bombardment cut the internet and the telephone in large Ukrainian cities. After \
the shelling some stayed without either. Ground forces stood about 25 km (15 miles) from the centre of Kyiv, and there \
was fighting north-west of the city. Families who leave often cannot say where they are going, or find out who will \
let them in.

## Further and faster

A mother with two children can cross into a neighbouring country without a visa. To come to Britain, where she may \
have a sister waiting, she first fills in a long form in English, finds an appointment centre and waits. Councils \
would take her in, and do not know who pays. The government has begun to help. We ask it to do more of it, sooner, so \
that the help arrives.

## Why a connection is aid

Two days into the war, Ukraine's vice prime minister for digital matters asked in public for satellite internet \
terminals. The same day the operator answered that its service was active in Ukraine and that more terminals were on \
the way. A first shipment arrived within days, and a second one was confirmed soon after. The president thanked the \
sender and announced another batch for cities that had been destroyed. Kyiv's mayor said that the terminals would help \
to keep critical infrastructure and the city's defence working.

Such a terminal serves where a network is unreliable or gone. A hospital can reach its ambulances. A shelter can say \
who has arrived. Gifts made here pay for terminals for hospitals, shelters and stations, and every shipment is listed \
on this page with its contents and its cost.

## What you can do

Sign, and confirm by the link that we send you. If you can spare it, give. If you cannot, pass this page on: that \
helps as much.
""".strip()

FIRST_DEMAND = """\
1. **Let families in first.** Waive the visa for everybody who leaves Ukraine because of the war, and check papers \
after they have arrived.
2. **Pay for the welcome.** Give councils the full cost of every home that they provide.
3. **Keep people connected.** Match what the public gives for the equipment that keeps hospitals, shelters and \
stations online.
""".strip()
DEMAND = FIRST_DEMAND.replace(
    "of every home that they provide", "of every home, school place and doctor's appointment that they provide"
)
DEMAND_NOTE = (
    "the second point now names school places and doctors, because councils told us that homes alone are not enough."
)

PICTURE = "welcome.svg"
PICTURE_ALT = (
    "Drawing: at night, a family with a suitcase comes up to a house. The door is open, light falls on the path, "
    "and somebody waves from inside."
)
PICTURE_CREDIT = "Illustration: {organisation}. We show photographs of people only with their consent."

FUNDRAISER_URL = "https://fundraiser.example/refugees-welcome"
FUNDRAISER_LABEL = "Give to our appeal at Fundraiser"

PAPER_SOURCE = "lists at four railway stations"
PARTNER = "Open Hands Relief"
PARTNER_SOURCE = f"the petition of {PARTNER}"

FOR_TERMINALS = "Satellite terminals"
FOR_POWER = "Batteries and generators"
FOR_TRANSPORT = "Lorries and fuel"

# The articles that end with our call: when each came out, as a share of the ten days, and how many people it brought.
ARTICLES: tuple[tuple[str, float, float], ...] = (
    ("why-we-renew-refugees-welcome", 0.00, 9),
    ("live-war-in-ukraine", 0.00, 4),
    ("three-days-with-the-phone-off", 0.06, 8),
    ("what-a-visa-form-asks-of-a-family", 0.14, 6),
    ("a-terminal-on-the-hospital-roof", 0.24, 7),
    ("how-to-help-from-home", 0.30, 3),
    ("the-station-that-never-closes", 0.40, 6),
    ("kyiv-asks-for-more-terminals", 0.47, 5),
    ("teachers-make-room", 0.56, 4),
    ("home-office-answers-our-petition", 0.64, 8),
    ("letters-rooms-to-spare", 0.74, 3),
    ("second-shipment-leaves", 0.86, 7),
)
