"""The README tells the truth about settings and commands."""

from pathlib import Path

from campaign.cli.settings import settings_table

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_of_settings_is_the_settings() -> None:
    assert settings_table() in (ROOT / "README.md").read_text()


def test_every_command_named_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for command in ("run", "test", "test-long", "check", "serve", "worker", "upgrade", "shell", "help"):
        assert f"\n{command}:" in makefile
