import pytest

from campaign.core.addresses import AddressRefused, address_key, check_address, normalise_address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoe@Example.org", "zoe@example.org"),
        ("a.b.c@gmail.com", "abc@googlemail.com"),
        ("abc+news@gmail.com", "abc@gmail.com"),
        ("abc+news@outlook.com", "abc@outlook.com"),
        ("ａｂｃ@example.org", "abc@example.org"),
        ("abc@ｅｘａｍｐｌｅ.org", "abc@example.org"),
        ("olena@приклад.укр", "olena@xn--80aikifvh.xn--j1amh"),
        ("josé@example.org", "jose\u0301@example.org"),
    ],
)
def test_spellings_of_one_mailbox_are_one(one: str, other: str) -> None:
    assert normalise_address(one) == normalise_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b@example.org", "ab@example.org"),
        ("ab+news@example.org", "ab@example.org"),
        ("a.b@outlook.com", "ab@outlook.com"),
        ("abc@аpple.com", "abc@apple.com"),  # the first letter of the first domain is Cyrillic
    ],
)
def test_mailboxes_that_may_differ_stay_two(one: str, other: str) -> None:
    assert normalise_address(one) != normalise_address(other)


def test_look_alike_domains_are_kept_as_punycode() -> None:
    assert normalise_address("abc@аpple.com") == "abc@xn--pple-43d.com"


@pytest.mark.parametrize(
    "text",
    ["", "x", "x@", "@example.org", "a b@example.org", "x@example", "x@example.org\r\nBcc: y@example.org", "x\x00@example.org",
     "a" * 250 + "@example.org", "x@exa\u202emple.org", "x,y@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(text)


def test_an_address_is_kept_as_typed() -> None:
    assert check_address("  Zoe.X+news@Example.ORG ") == "Zoe.X+news@Example.ORG"


def test_the_key_depends_on_the_secret_and_hides_the_address() -> None:
    assert address_key("one", "zoe@example.org") == address_key("one", "ZOE@example.org")
    assert address_key("one", "zoe@example.org") != address_key("two", "zoe@example.org")
    assert "zoe" not in address_key("one", "zoe@example.org")
