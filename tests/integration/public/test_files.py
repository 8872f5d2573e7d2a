"""Files: campaign pictures run nothing and lead nowhere else; what pages are built with is kept for a year."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from campaign.settings import ROOT, Settings
from tests.integration.public.conftest import Pages

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
WAYS_OUT = [
    "../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt", "..%5csecret.txt", "....//secret.txt",
    "x/../../secret.txt", "x%2f..%2f..%2fsecret.txt", "/etc/passwd", "%2fetc%2fpasswd", "..", "%2e%2e", ".", "",
]  # fmt: skip


@pytest.fixture
def folder(settings: Settings) -> Iterator[Path]:
    found = settings.storage / "pictures"
    found.mkdir(parents=True, exist_ok=True)
    (settings.storage / "secret.txt").write_text("canary")
    (settings.instance_dir / "secret.txt").write_text("canary")
    yield found
    shutil.rmtree(found)


@pytest.mark.parametrize(
    ("name", "body", "kind"), [("a1.svg", SVG, "image/svg+xml"), ("b2.png", b"\x89PNG", "image/png")]
)
def test_a_picture_is_shown_and_runs_nothing(
    client: FlaskClient, folder: Path, name: str, body: bytes, kind: str
) -> None:
    (folder / name).write_bytes(body)
    with client.get(f"/pictures/{name}") as answer:
        assert (answer.status_code, answer.data, answer.mimetype) == (200, body, kind)
    policy = {part.split()[0]: part.split()[1:] for part in answer.headers["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == ["'none'"]
    assert policy["sandbox"] == []  # without allow-scripts, allow-same-origin or anything else
    assert not [name for name in policy if name.startswith("script")]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert "Set-Cookie" not in answer.headers
    with client.get(f"/pictures/{name}", headers={"If-None-Match": answer.headers["ETag"]}) as again:
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_leads_out_of_the_pictures(client: FlaskClient, folder: Path, way: str) -> None:
    answer = client.get(f"/pictures/{way}", follow_redirects=True)
    assert answer.status_code == 404
    assert "canary" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_unknown_picture_is_a_page_with_a_way_on(client: FlaskClient, folder: Path) -> None:
    answer = client.get("/pictures/nothing.png")
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
    assert client.get("/pictures/" + "x" * 300).status_code == 404


def test_what_a_page_is_built_with_is_there_and_kept_for_a_year(client: FlaskClient, pages: Pages) -> None:
    found = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get(pages.shared[1]).text))
    assert len(found) >= 3
    for address in found:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        name = address.partition("?")[0].removeprefix("/static/")
        source = (ROOT / "static" / name).read_bytes()
        if name.endswith(".css"):
            assert b"/*" not in answer.data
            assert len(answer.data) < len(source)
            assert _bare(answer.data) == _bare(source)
        else:
            assert answer.data == source


def _bare(css: bytes) -> bytes:
    """A style sheet without comments, white space and the last semicolon of a block: what may go missing on the way."""
    return re.sub(rb"/\*.*?\*/|\s|;(?=\s*\})", b"", css, flags=re.DOTALL)


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789ab", "?w=1"])
def test_an_address_that_names_no_content_is_not_kept_for_a_year(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/static/css/public.css{query}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(f"/static/css/public.css{query}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["css/nothing.css", "nothing", "", "css", "css/", "../wsgi.py", "%2e%2e/wsgi.py", "css/../../wsgi.py", "..%2fwsgi.py",
     "/etc/passwd", "%2fetc%2fpasswd", "css%2f..%2f..%2fwsgi.py"],
)  # fmt: skip
def test_an_unknown_file_is_not_found_and_no_way_leads_out(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/static/{path}", follow_redirects=True)
    assert answer.status_code == 404
    assert "create_app" not in answer.text
