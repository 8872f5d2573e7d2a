"""Settings: the environment (and a `.env` file, if present) read once into one frozen, typed value.

Every bad value is reported together, by the name of its variable. Nothing else in the program reads the environment.
The table in the README is generated from the fields and descriptions below (`flask settings`).
"""

from base64 import b64decode
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from flask import current_app
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from campaign.settings.errors import SettingsError, in_words
from campaign.settings.kept import kept_secret, need_writable

__all__ = ["ROOT", "STRIPE_API", "Settings", "SettingsError", "current_settings", "load_settings"]

ROOT = Path(__file__).resolve().parents[2]
STRIPE_API, HOSTED_PAGES = "https://api.stripe.com", "https://checkout.stripe.com https://billing.stripe.com"
SHORTEST_SECRET = 32
SHORTEST_PASSWORD = 20
LARGEST_PORT = 65535
LIVE_KEYS = ("sk_live_", "rk_live_")


def _split_commas(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]


class Settings(BaseSettings):
    """All settings. Build it with `load_settings()`, which adds what the demo makes for itself."""

    model_config = SettingsConfigDict(
        frozen=True, env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    campaign_env: Literal["demo", "production", "test"] = Field(
        "demo", description="`demo`, `production` or `test`; production refuses weak secrets, sandbox and plain http"
    )
    host: str = Field("127.0.0.1", description="address on which the web process listens")
    port: int = Field(8000, ge=1, le=LARGEST_PORT, description="port on which the web process listens")
    base_url: str = Field("", description="the only source of absolute links; default `http://HOST:PORT`")
    secret_key: CommaList = Field((), description="signs tokens and sessions; a comma list rotates, newest first")
    hash_key: str = Field("", description="keyed hashes that must stay comparable; never rotated by the way")
    database_url: str = Field("", description="`sqlite:///…` (default, under `INSTANCE_DIR`) or `postgresql://…`")
    instance_dir: Path = Field(ROOT / "instance", description="everything that the embedded default writes")
    storage_dir: Path | None = Field(None, description="pictures and exports; default `INSTANCE_DIR/storage`")
    erasure_ledger_dir: Path | None = Field(
        None, description="what was erased, in files to keep apart from backups; default `INSTANCE_DIR/erasures`"
    )
    redis_url: str | None = Field(None, description="shared rate limits for several machines; unset: in process")
    web_processes: int = Field(1, ge=1, description="web processes; above 1 set `REDIS_URL`, or each counts for itself")
    web_threads: int = Field(16, ge=1, description="threads in each web worker process")

    mail_server: str | None = Field(None, description="SMTP host; unset in demo: mail is kept at `/sandbox/mailbox`")
    mail_port: int = Field(25, ge=1, le=LARGEST_PORT, description="SMTP port")
    mail_use_tls: bool = Field(False, description="STARTTLS")
    mail_use_ssl: bool = Field(False, description="TLS from the first byte")
    mail_username: str | None = Field(None, description="SMTP user")
    mail_password: str | None = Field(None, description="SMTP password")
    mailings_per_minute: int = Field(600, ge=1, description="mails to supporters that go out in a minute, altogether")
    mail_default_sender: str | None = Field(None, description="address that mail comes from, with or without a name")

    mail_discreet_sender: str | None = Field(None, description="sender of discreet mails; default: the address alone")
    digest_hour: int = Field(8, ge=0, le=23, description="hour of the day at which the staff is told what waits")
    ses_topics: CommaList = Field((), description="ARNs of the Amazon SNS topics by which Amazon SES tells of bounces")
    postmark_webhook_login: str = Field("", description="`user:password`, as written into Postmark's webhook address")
    mailgun_signing_key: str = Field("", description="Mailgun's HTTP webhook signing key")
    sendgrid_verification_key: str = Field("", description="public key of SendGrid's signed event webhook")

    stripe_secret_key: str = Field("", description="Stripe's API key; default in demo: the sandbox's")
    stripe_webhook_secret: CommaList = Field((), description="the endpoint's signing secrets; a comma list rotates")
    stripe_api_base: str | None = Field(None, description="Stripe's API; when set, no sandbox is started")
    sandbox_port: int | None = Field(None, ge=1, le=LARGEST_PORT, description="port of the sandbox; default `PORT` + 1")
    checkouts_per_network: int = Field(5, ge=1, description="checkouts a network (/24, /48) may open in 10 minutes")
    checkouts_per_address: int = Field(20, ge=1, description="checkouts for one email address in an hour")
    checkouts_per_minute: int = Field(200, ge=1, description="checkouts of the whole site in a minute")
    puzzle_at_declines: int = Field(20, ge=1, description="cards declined in 10 minutes at which giving asks a puzzle")
    pause_at_declines: int = Field(60, ge=1, description="cards declined in 10 minutes at which giving is paused")

    trusted_proxies: int = Field(0, ge=0, description="how many reverse proxies' forwarded headers to believe")
    clock_offset: int = Field(0, description="demo and test only: seconds by which the program's clock runs ahead")
    demo_seed: bool = Field(True, description="`false`: a demo starts with an empty site")
    languages: CommaList = Field(("en",), description="languages of the pages; the first is the default, unprefixed")
    time_zone: str = Field("Europe/London", description="zone in which pages state times")

    organisation_name: str = Field("The Daily Lantern", description="who runs the site, as readers know it")
    organisation_legal_name: str = Field("Lantern Newspapers Ltd (sample)", description="who controls the data, by law")
    organisation_address: str = Field("1 Example Street, London", description="its postal address")
    organisation_charity_number: str | None = Field(None, description="its charity number, if it is one")
    organisation_gift_aid: bool = Field(False, description="`true`: it can claim Gift Aid (UK), so donors are asked")
    organisation_contact_email: str = Field("campaign@lantern.example", description="where people reach it")

    @field_validator("base_url", "stripe_api_base")
    @classmethod
    def _plain_origin(cls, value: str | None) -> str | None:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an http or https address such as https://campaign.example")
        return value.rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone; write one like Europe/London")
        return value

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            try:
                Locale.parse(code, sep="-")
            except (UnknownLocaleError, ValueError) as error:
                raise ValueError(f"has {code!r}, which is not a language; write codes like en,uk,ar") from error
        if not value:
            raise ValueError("needs one language at least")
        return value

    @field_validator("sendgrid_verification_key")
    @classmethod
    def _known_key(cls, value: str) -> str:
        try:
            key = load_der_public_key(b64decode(value)) if value else None
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ValueError("is not the key that SendGrid shows beside its event webhook") from error
        if key is not None and not isinstance(key, EllipticCurvePublicKey):
            raise ValueError("is not an elliptic curve key, as SendGrid's is")
        return value

    @field_validator("postmark_webhook_login")
    @classmethod
    def _long_login(cls, value: str) -> str:
        # It is all that proves who speaks: Postmark signs nothing.
        if value and (":" not in value or len(value.partition(":")[2]) < SHORTEST_PASSWORD):
            raise ValueError(f"must be user:password with {SHORTEST_PASSWORD} characters of password at least")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value

    @model_validator(mode="after")
    def _rules_across_fields(self) -> Self:
        problems = list(self._production_problems() if self.is_production else self._demo_problems())
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _production_problems(self) -> list[str]:
        weak = f"production needs at least {SHORTEST_SECRET} random characters"
        checks = [
            (not self.base_url.startswith("https://"), "BASE_URL: production needs an https address"),
            (min(map(len, self.secret_key), default=0) < SHORTEST_SECRET, f"SECRET_KEY: {weak}"),
            (len(self.hash_key) < SHORTEST_SECRET, f"HASH_KEY: {weak}"),
            (not self.mail_server, "MAIL_SERVER: production needs a mail server"),
            (not self.mail_default_sender, "MAIL_DEFAULT_SENDER: production needs the address that mail comes from"),
            (self.stripe_api != STRIPE_API, f"STRIPE_API_BASE: production speaks to {STRIPE_API} only"),
            (not self.stripe_secret_key.startswith(LIVE_KEYS), "STRIPE_SECRET_KEY: production needs a live key"),
            (not self.stripe_webhook_secret, "STRIPE_WEBHOOK_SECRET: production needs the endpoint's signing secret"),
            (self.clock_offset != 0, "CLOCK_OFFSET: works in demo and test only"),
        ]
        return [message for bad, message in checks if bad]

    def _demo_problems(self) -> list[str]:
        live = self.stripe_secret_key.startswith(LIVE_KEYS)
        sandbox = self.stripe_sandbox_port
        checks = [
            (live, "STRIPE_SECRET_KEY: a live key works in production only"),
            (
                self.uses_sandbox and (sandbox > LARGEST_PORT or sandbox == self.port),
                f"SANDBOX_PORT: set a port of its own, from 1 to {LARGEST_PORT}",
            ),
        ]
        return [message for bad, message in checks if bad]

    @property
    def is_production(self) -> bool:
        return self.campaign_env == "production"

    @property
    def uses_sandbox(self) -> bool:
        """True when Stripe's stand-in is to be started beside the program."""
        return not self.is_production and self.stripe_api_base is None

    @property
    def stripe_api(self) -> str:
        """Base address of the API that this program calls."""
        if self.stripe_api_base:
            return self.stripe_api_base
        return STRIPE_API if self.is_production else f"http://127.0.0.1:{self.stripe_sandbox_port}"

    @property
    def stripe_sandbox_port(self) -> int:
        return self.sandbox_port or self.port + 1

    @property
    def payment_origins(self) -> str:
        """Origins of the hosted checkout and of the customer portal, to which forms may lead; with a space between."""
        return HOSTED_PAGES if self.stripe_api == STRIPE_API else self.stripe_api

    @property
    def address(self) -> str:
        """`BASE_URL` without a trailing slash."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def storage(self) -> Path:
        return self.storage_dir or self.instance_dir / "storage"

    @property
    def ledger(self) -> Path:
        """Folder of the ledger of erasures, which a restored database is held against."""
        return self.erasure_ledger_dir or self.instance_dir / "erasures"

    @property
    def mailbox(self) -> Path:
        """Folder of the demo's mailbox, used while no mail server is set."""
        return self.instance_dir / "mailbox"

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database, naming the driver."""
        if not self.database_url:
            return f"sqlite:///{self.instance_dir / 'campaign.sqlite3'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def organisation(self) -> dict[str, str | None]:
        """What pages and mails say about who runs the site."""
        return {
            "name": self.organisation_name,
            "legal_name": self.organisation_legal_name,
            "address": self.organisation_address,
            "charity_number": self.organisation_charity_number,
            "contact_email": self.organisation_contact_email,
        }

    @property
    def sender(self) -> str:
        return self.mail_default_sender or f"{self.organisation_name} <{self.organisation_contact_email}>"

    @property
    def discreet_sender(self) -> str:
        """From whom mails come that must not say what they are about."""
        return self.mail_discreet_sender or parseaddr(self.sender)[1]


def load_settings(**overrides: Any) -> Settings:
    """Read the environment; in demo and test, make what is missing: secrets once, kept under `INSTANCE_DIR`.

    Raises SettingsError naming every bad variable.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(in_words(error)) from None
    if settings.is_production:
        return settings
    need_writable(settings.instance_dir)
    made: dict[str, Any] = {}
    if settings.campaign_env == "demo" and "organisation_gift_aid" not in settings.model_fields_set:
        made["organisation_gift_aid"] = True  # to be seen at work
    if not settings.secret_key:
        made["secret_key"] = (kept_secret(settings.instance_dir, "secret_key"),)
    if not settings.hash_key:
        made["hash_key"] = kept_secret(settings.instance_dir, "hash_key")
    if not settings.stripe_secret_key:
        made["stripe_secret_key"] = "sk_test_" + kept_secret(settings.instance_dir, "stripe_key")
    if not settings.stripe_webhook_secret:
        made["stripe_webhook_secret"] = ("whsec_" + kept_secret(settings.instance_dir, "stripe_webhook"),)
    return settings.model_copy(update=made)


def current_settings() -> Settings:
    """The settings of the running application; for doors only, rooms take what they need as arguments."""
    settings: Settings = current_app.extensions["settings"]
    return settings
