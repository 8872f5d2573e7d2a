"""Starting and stopping; options; the page of controls."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.sandbox.process import KEY, ROOT, SandboxProcess, free_port


def start(*options: str, **environment: str) -> tuple[int, str]:
    """Start with options that are wrong; exit status and what was said."""
    ended = subprocess.run(
        [sys.executable, "-m", "campaign.sandbox", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc", "pk_test_abc", ""])
def test_it_does_not_start_with_such_a_key(tmp_path: Path, key: str) -> None:
    status, said = start("--state", str(tmp_path / "s"), "--secret-key", key)
    assert status == 2
    assert "secret-key" in said
    assert "abc" not in said


def test_all_bad_options_are_told_at_once() -> None:
    status, said = start("--port", "99999", "--webhook-url", "ftp://x", SANDBOX_STATE="", STRIPE_SECRET_KEY="x")
    assert status == 2
    for option in ("port", "state", "secret-key", "webhook-url", "webhook-secret"):
        assert option in said
    assert "Traceback" not in said


def test_a_taken_port_is_told(shared: SandboxProcess, tmp_path: Path) -> None:
    options = ("--port", str(shared.port), "--state", str(tmp_path / "s"), "--secret-key", KEY)
    status, said = start(*options)
    assert status == 1
    assert "Traceback" not in said


def test_it_ends_on_sigterm_and_keeps_its_state(sandbox: SandboxProcess) -> None:
    session = sandbox.session()
    start_of_end = time.monotonic()
    assert sandbox.stop() == 0
    assert time.monotonic() - start_of_end < 2
    sandbox.start()
    assert sandbox.client().v1.checkout.sessions.retrieve(session.id).status == "open"


def test_the_clock_survives_a_restart(sandbox: SandboxProcess) -> None:
    sandbox.control("time", {"advance_seconds": 5000})
    sandbox.kill()
    sandbox.start()
    state = sandbox.state_now()
    assert state["clock_offset"] == 5000
    assert abs(state["now"] - time.time() - 5000) < 5


def test_the_programs_clock_offset_is_shared(tmp_path: Path) -> None:
    process = SandboxProcess(tmp_path / "s", CLOCK_OFFSET="86400")
    try:
        assert process.state_now()["clock_offset"] == 86400
        assert process.session(expires_at=int(time.time()) + 86400 + 3600).status == "open"
    finally:
        process.close()


def test_public_addresses(tmp_path: Path) -> None:
    process = SandboxProcess(tmp_path / "s", SANDBOX_PUBLIC_URL="http://pay.test/")
    try:
        assert (process.session().url or "").startswith("http://pay.test/c/pay/cs_test_")
    finally:
        process.close()


def test_the_page_of_controls_works_without_script(sandbox: SandboxProcess) -> None:
    sandbox.paid()
    page = sandbox.http.get(f"{sandbox.url}/_sandbox/")
    assert "£10.00" in page.text
    assert "<script" not in page.text
    moved = sandbox.http.post(f"{sandbox.url}/_sandbox/time", data={"advance_seconds": "60"}, allow_redirects=False)
    assert (moved.status_code, moved.headers["Location"]) == (303, "/_sandbox/")
    sandbox.http.post(f"{sandbox.url}/_sandbox/faults", data={"kind": "500", "match": "POST /v1/*", "times": "2"})
    assert sandbox.state_now()["faults"] == [{"match": "POST /v1/*", "kind": "500", "seconds": 30.0, "times": 2}]
    refused = sandbox.http.post(f"{sandbox.url}/_sandbox/bill", data={"subscription": "sub_<b>none</b>"})
    assert (refused.status_code, "sub_&lt;b&gt;none" in refused.text) == (400, True)
    assert sandbox.state_now()["clock_offset"] == 60
    answer = sandbox.http.post(
        f"{sandbox.url}/_sandbox/time", data={"advance_seconds": "60"}, headers={"Sec-Fetch-Site": "same-site"}
    )
    assert answer.status_code == 403


def test_it_listens_on_loopback_only(shared: SandboxProcess) -> None:
    listening = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
    if not listening:
        pytest.skip("no /proc/net/tcp here")
    addresses = {row.split()[1] for row in listening.splitlines()[1:] if row.split()[3] == "0A"}
    assert f"0100007F:{shared.port:04X}" in addresses
    assert f"00000000:{shared.port:04X}" not in addresses
    assert free_port() != shared.port
