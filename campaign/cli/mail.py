"""`flask mail …`: notices that come back as mails."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from campaign.core import clock
from campaign.core.database import transaction
from campaign.mail.notices.plain import Outcome, take_mail
from campaign.settings import current_settings

LARGEST = 10 * 1024 * 1024

commands = AppGroup("mail", help="What comes back about mail that was sent.")


@commands.command()
@click.argument("source", type=click.Path(exists=True, allow_dash=True, path_type=Path), default="-")
def bounces(source: Path) -> None:
    """Read notices from SOURCE: a Maildir, a folder of .eml files, one file, or standard input (-).

    In a Maildir, what was read is marked as seen and not read again.
    """
    counted: Counter[Outcome] = Counter()
    for raw in _mails(source):
        with transaction() as session:
            counted[take_mail(session, raw, hash_key=current_settings().hash_key, now=clock.now())] += 1
    click.echo(", ".join(f"{counted[outcome]} {outcome}" for outcome in Outcome))


def _mails(source: Path) -> Iterator[bytes]:
    if str(source) == "-":
        yield sys.stdin.buffer.read(LARGEST)
    elif source.is_file():
        yield source.read_bytes()[:LARGEST]
    elif (source / "new").is_dir() and (source / "cur").is_dir():
        yield from _unseen(source)
    else:
        yield from (file.read_bytes()[:LARGEST] for file in sorted(source.glob("*.eml")))


def _unseen(maildir: Path) -> Iterator[bytes]:
    """The mails nobody has read; each is marked once what it says is stored.

    By name and not through the standard library's `mailbox`, which takes apart what it marks, and fails at broken mail.
    """
    for file in [*sorted((maildir / "new").iterdir()), *sorted((maildir / "cur").iterdir())]:
        name, _, flags = file.name.partition(":2,")
        if "S" not in flags and file.is_file():
            yield file.read_bytes()[:LARGEST]
            file.rename(maildir / "cur" / f"{name}:2,{''.join(sorted(flags + 'S'))}")
