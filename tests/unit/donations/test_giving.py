import pytest

from campaign.donations.gateway import Gateway, GatewayUnavailable
from campaign.donations.giving import Gift, form_key

FIELDS = [("amount", "10"), ("email", "ada@example.org")]


def test_the_same_form_sent_twice_is_one_wish() -> None:
    assert form_key("k", FIELDS) == form_key("k", reversed(FIELDS))


@pytest.mark.parametrize(
    ("key", "fields"), [("other", FIELDS), ("k", [("amount", "25"), FIELDS[1]]), ("k", [*FIELDS, ("show_name", "on")])]
)
def test_another_key_or_another_content_is_another_wish(key: str, fields: list[tuple[str, str]]) -> None:
    assert form_key("k", FIELDS) != form_key(key, fields)


def test_without_a_key_each_form_is_a_wish_of_its_own() -> None:
    assert form_key("", FIELDS) != form_key("", FIELDS)


@pytest.mark.parametrize(("cover_fee", "charged"), [(False, 500), (True, 528)])
def test_fee_cover_is_added_on_top(cover_fee: bool, charged: int) -> None:
    gift = Gift(amount_minor=500, currency="GBP", name="A", email="a@example.org", cover_fee=cover_fee)
    assert gift.charge_minor == charged


def test_who_finds_no_free_slot_does_not_wait() -> None:
    with pytest.raises(GatewayUnavailable, match="busy"):
        Gateway("sk_test_x", "http://127.0.0.1:9", slots=0).standing("cs_test_1")


def test_a_refused_connection_is_no_answer() -> None:
    gateway = Gateway("sk_test_x", "http://127.0.0.1:9", slots=1)
    for _ in range(2):  # the slot is given back
        with pytest.raises(GatewayUnavailable, match="APIConnectionError"):
            gateway.standing("pi_1")
