"""Notices that come as mails, by `flask mail bounces`."""

import mailbox
from datetime import timedelta
from pathlib import Path

import pytest

from campaign.core import clock
from campaign.mail.models import MailState
from tests.factories import reread
from tests.integration.mail.conftest import ADDRESS, Post


def bounces(post: Post, *args: str, raw: bytes = b"") -> str:
    done = post.app.test_cli_runner().invoke(args=["mail", "bounces", *args], input=raw)
    assert done.exit_code == 0, done.output
    return done.output.strip()


def test_a_notice_about_our_mail_silences_the_mailbox_once(post: Post) -> None:
    mail = post.sent()
    raw = post.fixture("postfix_bounce.eml").encode()
    assert bounces(post, raw=raw).startswith("1 taken, 0 known already")
    assert bounces(post, raw=raw).startswith("0 taken, 1 known already")
    assert post.notices() == [("hard_bounce", "5.1.1 550 5.1.1 <(address)>: Recipient address rejected: User unknown")]
    assert post.suppressed() == {post.key(): "hard bounce"}
    assert reread(mail).state is MailState.FAILED


def test_nobody_silences_a_mailbox_without_having_seen_its_mail(post: Post) -> None:
    mail = post.sent()
    raw = post.fixture("postfix_bounce.eml")
    forged = [
        raw.replace(post.message_id, "guessed"),
        raw.replace(f"Message-ID: <{post.message_id}@campaign.test>\n", ""),
        raw.replace(ADDRESS, "victim@example.org"),
    ]
    for text in forged:
        assert "1 about no mail of ours" in bounces(post, raw=text.encode())
    old = post.sent("late@example.org", message_id="old", sent_at=clock.now() - timedelta(days=31))
    text = raw.replace(ADDRESS, "late@example.org").replace(post.message_id, old.message_id)
    assert "1 about no mail of ours" in bounces(post, raw=text.encode())
    assert (post.notices(), post.suppressed()) == ([], {})
    assert reread(mail).state is MailState.SENT


def test_the_mailbox_silenced_is_that_of_the_mail_whatever_the_notice_names(post: Post) -> None:
    """Where mail is passed on, the notice names the last mailbox, and the mail in it whom we wrote to."""
    post.sent()
    raw = post.fixture("postfix_bounce.eml").replace(f"rfc822; {ADDRESS}", "rfc822; victim@example.org")
    assert bounces(post, raw=raw.encode()).startswith("1 taken")
    assert post.suppressed() == {post.key(): "hard bounce"}


@pytest.mark.parametrize(
    ("status", "action", "kind"),
    [
        ("5.1.1", "failed", "hard_bounce"), ("5.0.0", "failed", "hard_bounce"), ("5.2.1", "failed", "hard_bounce"),
        ("5.2.2", "failed", "soft_bounce"), ("5.7.1", "failed", "soft_bounce"), ("4.4.7", "failed", "soft_bounce"),
        ("4.4.7", "delayed", "soft_bounce"), ("", "failed", "soft_bounce"), ("2.0.0", "delivered", None),
    ],
)  # fmt: skip
def test_what_a_status_means(post: Post, status: str, action: str, kind: str | None) -> None:
    post.sent()
    raw = (
        post.fixture("postfix_bounce.eml")
        .replace("Status: 5.1.1", f"Status: {status}")
        .replace("Action: failed", f"Action: {action}")
    )
    bounces(post, raw=raw.encode())
    assert [told for told, _ in post.notices()] == ([kind] if kind else [])
    assert bool(post.suppressed()) == (kind == "hard_bounce")


def test_a_maildir_is_read_once_and_what_is_no_notice_does_nothing(post: Post, tmp_path: Path) -> None:
    mail = post.sent()
    box = mailbox.Maildir(tmp_path / "box")
    box.add(post.fixture("delayed.eml").encode())
    box.add(post.fixture("abuse.eml").encode())
    box.add(b"From: a@example.org\nSubject: I am away\n\nUntil Monday.")
    box.add(b"Content-Type: multipart/report; boundary=x\n\n\xff\xfe")
    assert bounces(post, str(tmp_path / "box")) == (
        "2 taken, 0 known already, 0 about no mail of ours, 2 no notice of delivery or complaint"
    )
    assert bounces(post, str(tmp_path / "box")).startswith("0 taken, 0 known already, 0 about no mail of ours, 0 no")
    assert {kind for kind, _ in post.notices()} == {"soft_bounce", "complaint"}
    assert post.suppressed() == {post.key(): "complaint"}
    assert reread(mail).state is MailState.SENT


def test_a_folder_of_files(post: Post, tmp_path: Path) -> None:
    post.sent()
    (tmp_path / "one.eml").write_text(post.fixture("postfix_bounce.eml"))
    (tmp_path / "notes.txt").write_text("nothing")
    assert bounces(post, str(tmp_path)).startswith("1 taken")
