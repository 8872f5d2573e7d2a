"""The README tells the truth about settings and commands."""

import re
from pathlib import Path

from campaign.cli.settings import settings_table

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_of_settings_is_the_settings() -> None:
    assert settings_table() in (ROOT / "README.md").read_text()


def test_every_command_named_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for command in ("run", "test", "test-long", "bench", "check", "serve", "worker", "upgrade", "shell", "help"):
        assert f"\n{command}:" in makefile


def test_every_link_and_picture_of_the_pages_of_text_is_there() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        targets = re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text())
        local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
        assert [target for target in local if not (ROOT / target).exists()] == [], page
    assert len(re.findall(r"\]\(docs/img/[^)]+\)", (ROOT / "README.md").read_text())) >= 1
