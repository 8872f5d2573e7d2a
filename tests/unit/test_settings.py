"""Settings: all that is bad is said at once, by name, and production refuses what a demo may have."""

from pathlib import Path
from typing import Any

import pytest

from campaign.settings import Settings, SettingsError, load_settings

GOOD = {
    "campaign_env": "production",
    "base_url": "https://campaign.example",
    "secret_key": "s" * 40,
    "hash_key": "h" * 40,
    "mail_server": "mail.example",
    "mail_default_sender": "campaign@campaign.example",
    "stripe_secret_key": "sk_live_x",
    "stripe_webhook_secret": "whsec_x,whsec_y",
}


def load(tmp_path: Path, **values: Any) -> Settings:
    return load_settings(_env_file=None, instance_dir=tmp_path, **values)


def test_a_good_production_starts(tmp_path: Path) -> None:
    settings = load(tmp_path, **GOOD)
    assert settings.stripe_webhook_secret == ("whsec_x", "whsec_y")
    assert not settings.uses_sandbox
    assert settings.stripe_api == "https://api.stripe.com"
    assert settings.payment_origins == "https://checkout.stripe.com https://billing.stripe.com"
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"base_url": "http://campaign.example"}, "BASE_URL"),
        ({"base_url": ""}, "BASE_URL"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"secret_key": "s" * 40 + ",short"}, "SECRET_KEY"),
        ({"hash_key": ""}, "HASH_KEY"),
        ({"mail_server": None}, "MAIL_SERVER"),
        ({"stripe_secret_key": "sk_test_x"}, "STRIPE_SECRET_KEY"),
        ({"stripe_api_base": "http://127.0.0.1:8001"}, "STRIPE_API_BASE"),
        ({"stripe_webhook_secret": ""}, "STRIPE_WEBHOOK_SECRET"),
        ({"clock_offset": 5}, "CLOCK_OFFSET"),
    ],
)
def test_production_refuses(tmp_path: Path, bad: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **(GOOD | bad))
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [name]


def test_all_bad_settings_are_reported_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PORT": "70000",
        "TIME_ZONE": "Mars/Olympus",
        "LANGUAGES": "en,xx-yy",
        "DATABASE_URL": "mysql://x",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert {line.partition(":")[0] for line in str(caught.value).splitlines()} == {
        "PORT",
        "TIME_ZONE",
        "LANGUAGES",
        "DATABASE_URL",
    }
    assert "70000" not in str(caught.value).replace("65535", "")


@pytest.mark.parametrize(
    "bad", [{"port": 65_535}, {"sandbox_port": 0}, {"sandbox_port": 70_000}, {"port": 8000, "sandbox_port": 8000}]
)
def test_the_sandbox_needs_a_port_of_its_own(tmp_path: Path, bad: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="SANDBOX_PORT"):
        load(tmp_path, **bad)


def test_a_secret_is_never_repeated_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, stripe_secret_key="sk_live_very_secret")
    assert "very_secret" not in str(caught.value)


def test_a_demo_makes_its_secrets_once(tmp_path: Path) -> None:
    one, two = load(tmp_path), load(tmp_path)
    assert one.secret_key == two.secret_key
    assert one.hash_key == two.hash_key
    assert one.hash_key != one.secret_key[0]
    assert len(one.hash_key) >= 32
    assert one.uses_sandbox
    assert one.stripe_api == "http://127.0.0.1:8001"
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "keys").iterdir())


def test_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="frozen"):
        load(tmp_path).port = 1  # type: ignore[misc]


def test_an_instance_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="INSTANCE_DIR: cannot make"):
        load_settings(_env_file=None, instance_dir=tmp_path / "file" / "instance")
