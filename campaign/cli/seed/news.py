"""The main campaign's updates: of every kind, two shipments, and what the editors have not published yet."""

from dataclasses import dataclass

from campaign.campaigns.models import DeliveryStage, UpdateKind


@dataclass(frozen=True)
class Shipment:
    """What a delivery held; `days_ago` is when it last moved."""

    stage: DeliveryStage
    items: tuple[tuple[int, str], ...]
    cost_minor: int
    region: str
    days_ago: int
    evidence: str
    receiver: str = "Open Hands Relief, checked against the packing list"


@dataclass(frozen=True)
class News:
    """One update; `days_ago` is when it came out: negative for one that is planned, None for a draft."""

    kind: UpdateKind
    title: str
    body: str
    days_ago: int | None
    hour: int = 9
    link: str | None = None
    shipment: Shipment | None = None
    corrected: str = ""
    withdrawn: str = ""


UPDATES: tuple[News, ...] = (
    News(
        UpdateKind.ARTICLE,
        "Why we renew Refugees Welcome",
        "What this newspaper asked for in 2015, what came of it, and what is different now.",
        days_ago=9,
        hour=7,
        link="https://lantern.example/why-we-renew-refugees-welcome",
    ),
    News(
        UpdateKind.NEWS,
        "Where your gift goes",
        "Gifts made here are spent on satellite terminals and on the power to run them. Our partner, Open Hands "
        "Relief, buys and carries them. A gift at the outside fundraiser goes the same way, and is counted apart.",
        days_ago=8,
    ),
    News(
        UpdateKind.AID_DELIVERY,
        "First shipment in use: 24 satellite terminals",
        "All terminals of the first lorry are switched on. They stand in hospitals and shelters where the network is "
        "gone. One engineer for each town has learned to set one up.",
        days_ago=6,
        hour=11,
        shipment=Shipment(
            DeliveryStage.IN_USE,
            ((24, "satellite terminals"), (24, "battery packs")),
            13_680_00,
            "Northern Ukraine",
            7,
            "https://lantern.example/notes/shipment-1",
        ),
        corrected="There are 24 battery packs, one for each terminal. We first wrote 20.",
    ),
    News(
        UpdateKind.NEWS,
        "Meet us on Saturday",
        "We stand on the market place from ten o’clock, with paper sheets for those who want to sign there.",
        days_ago=7,
        withdrawn="The stall had to be called off, so the place and time that stood here were wrong.",
    ),
    News(
        UpdateKind.ARTICLE,
        "Three days with the phone off",
        "A mother of two on the road to the border, and the sister in Leeds who did not know where she was.",
        days_ago=5,
        hour=7,
        link="https://lantern.example/three-days-with-the-phone-off",
    ),
    News(
        UpdateKind.RESPONSE,
        "The Home Office has answered our first point",
        "People who hold a passport can now apply online, without going to an appointment centre. A visa is still "
        "needed.\n\nWe take this as **a step** on our first point. There is no answer yet on money for councils, nor "
        "on matching what the public gives. We have asked again.",
        days_ago=4,
        hour=17,
    ),
    News(
        UpdateKind.MILESTONE,
        "More than 1,000 of you have signed",
        "We count confirmed signatures only. That was our first goal. The next one is 5,000, and then we take the "
        "petition to the Home Office.",
        days_ago=3,
        hour=8,
    ),
    News(
        UpdateKind.AID_DELIVERY,
        "Second shipment has crossed the border",
        "The second lorry drove through the night and crossed at midday. The generators run the terminals where the "
        "power is cut as well. We write again when they have been received.",
        days_ago=1,
        hour=16,
        shipment=Shipment(
            DeliveryStage.CROSSED_BORDER,
            ((40, "satellite terminals"), (10, "generators")),
            27_900_00,
            "Western Ukraine",
            1,
            "https://lantern.example/notes/shipment-2",
            receiver="",
        ),
    ),
    News(
        UpdateKind.NEWS,
        "Your questions about taking in a family",
        "Who may host, what a council checks beforehand, and how long people stay. We asked three councils and put "
        "their answers together.",
        days_ago=-1,
        hour=8,
    ),
    News(
        UpdateKind.AID_DELIVERY,
        "Second shipment received",
        "To be written once our partner has counted the boxes. Photograph of the packing list to follow.",
        days_ago=None,
        shipment=Shipment(
            DeliveryStage.RECEIVED,
            ((40, "satellite terminals"), (10, "generators")),
            27_900_00,
            "Western Ukraine",
            0,
            "https://lantern.example/notes/shipment-2",
        ),
    ),
)
