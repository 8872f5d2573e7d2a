import pytest

from campaign.core.money import AmountRefused, minimum_minor, parse_amount, plain_amount, with_fee_covered


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.99", "GBP", 1999), ("10", "GBP", 1000), ("£12.50", "GBP", 1250), ("1,000", "GBP", 100_000), (" 5 ", "EUR", 500),
        ("0.1", "USD", 10), ("1000", "JPY", 1000), ("¥1,000", "JPY", 1000), ("1.23", "KWD", 1230), ("5", "ISK", 500),
        ("7", "UGX", 700), ("999999.99", "GBP", 99_999_999), ("GBP 3", "GBP", 300),
    ],
)  # fmt: skip
def test_amounts(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "GBP"), ("NaN", "GBP"), ("Infinity", "GBP"), ("1e3", "GBP"), ("1_000", "GBP"), ("١٠", "GBP"), ("１０", "GBP"), ("-5", "GBP"),
        ("0", "GBP"), ("0.00", "GBP"), ("+5", "GBP"), ("1.999", "GBP"), ("1.5", "JPY"), ("1.234", "KWD"), ("5.50", "ISK"),
        ("1000000", "GBP"), ("1,00", "GBP"), ("5 5", "GBP"), ("0x10", "GBP"), ("$5", "GBP"), (".5", "GBP"), ("5.", "GBP"), ("1" * 400, "GBP"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(AmountRefused):
        parse_amount(text, currency)


@pytest.mark.parametrize(("net", "charged"), [(500, 528), (1000, 1036)])
def test_the_fee_cover_is_exact(net: int, charged: int) -> None:
    assert with_fee_covered(net, "GBP") == charged


def test_minimums_are_in_minor_units() -> None:
    assert (minimum_minor("GBP"), minimum_minor("JPY"), minimum_minor("HUF")) == (30, 50, 17_500)


def test_plain_amounts_go_back_into_the_form() -> None:
    for minor, currency in ((1000, "GBP"), (1250, "GBP"), (1000, "JPY"), (1230, "KWD")):
        assert parse_amount(plain_amount(minor, currency), currency) == minor
