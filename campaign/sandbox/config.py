"""Options of the sandbox, from the command line or the environment."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

HOST = "127.0.0.1"
TEST_KEY_PREFIXES = ("sk_test_", "rk_test_")
LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_")

# option -> environment variable, default, help
_OPTIONS: dict[str, tuple[str, str, str]] = {
    "port": ("SANDBOX_PORT", "8001", "port to listen on, on loopback"),
    "state": ("SANDBOX_STATE", "", "path of the SQLite file that keeps everything"),
    "secret-key": ("STRIPE_SECRET_KEY", "", "the one API key to accept (sk_test_…)"),
    "webhook-url": ("SANDBOX_WEBHOOK_URL", "", "where to send events; empty: nowhere"),
    "webhook-secret": ("STRIPE_WEBHOOK_SECRET", "", "signs events; of a list the first signs"),
    "public-url": ("SANDBOX_PUBLIC_URL", "", "base of the hosted pages' addresses"),
    "business-name": ("SANDBOX_BUSINESS_NAME", "Demo account", "who is paid, on the page"),
    "record": ("SANDBOX_RECORD", "", "any text: keep every call for /_sandbox/traffic, for tests"),
    "clock-offset": ("CLOCK_OFFSET", "0", "seconds by which the clock runs ahead from the start"),
}


class ConfigError(ValueError):
    """One or more options are missing or wrong; the message names all of them."""


@dataclass(frozen=True)
class Config:
    """What one sandbox process was told; ``clock_offset`` is in seconds."""

    port: int
    state: str
    secret_key: str
    webhook_url: str
    webhook_secret: str
    public_url: str
    business_name: str
    clock_offset: int
    record: bool


def read_config(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Config:
    """Read options, the command line before the environment.

    Raises ConfigError naming every bad option at once.
    """
    parser = argparse.ArgumentParser(prog="campaign.sandbox", description=__doc__)
    for option, (variable, default, text) in _OPTIONS.items():
        given = environment.get(variable, default)
        parser.add_argument(f"--{option}", default=given, help=f"{text} ({variable})")
    values = vars(parser.parse_args(arguments))
    problems = _problems(values)
    if problems:
        raise ConfigError("\n".join(problems))
    port = int(values["port"])
    return Config(
        port=port,
        state=values["state"],
        secret_key=values["secret_key"],
        webhook_url=values["webhook_url"],
        webhook_secret=values["webhook_secret"].split(",")[0].strip(),
        public_url=(values["public_url"] or f"http://{HOST}:{port}").rstrip("/"),
        business_name=values["business_name"],
        clock_offset=int(values["clock_offset"]),
        record=bool(values["record"]),
    )


def _problems(values: Mapping[str, str]) -> list[str]:
    problems = []
    if not values["port"].isdecimal() or not 0 < int(values["port"]) < 65536:
        problems.append("port must be a number from 1 to 65535")
    if not values["state"]:
        problems.append("state must be the path of a file")
    if values["secret_key"].startswith(LIVE_KEY_PREFIXES):
        problems.append("secret-key is a live key; the sandbox takes test keys only")
    elif not values["secret_key"].startswith(TEST_KEY_PREFIXES):
        problems.append(f"secret-key must start with one of: {', '.join(TEST_KEY_PREFIXES)}")
    if values["webhook_url"] and not values["webhook_secret"].split(",")[0].strip():
        problems.append("webhook-secret is needed to sign what goes to webhook-url")
    problems += [
        f"{option.replace('_', '-')} must be an http or https address"
        for option in ("webhook_url", "public_url")
        if values[option] and not is_web_address(values[option])
    ]
    if not values["clock_offset"].removeprefix("-").isdecimal():
        problems.append("clock-offset must be a whole number of seconds")
    return problems


def is_web_address(value: str) -> bool:
    """Whether ``value`` is an absolute http or https address with a host."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
