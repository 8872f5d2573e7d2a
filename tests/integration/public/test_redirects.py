"""Redirects lead to our own paths, whatever Host header came."""

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/admin", "/campaigns//x", "//evil.example/campaigns//x"])
def test_the_routers_own_redirects_name_no_host(client: FlaskClient, app: Flask, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert "evil.example" not in (answer.location or "").removeprefix("/evil.example")
    assert not (answer.location or "").startswith(("//", "http"))
