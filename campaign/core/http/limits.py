"""Rate limits, per network. Counted in Redis where several machines share them, else in the process."""

import logging
import time
from math import ceil

from flask import Flask, request
from flask_limiter import Limiter
from limits import parse
from limits.errors import StorageError
from werkzeug.exceptions import TooManyRequests

from campaign.core.networks import network_of


def client_network() -> str:
    """The /24 or /48 that the request comes from; never logged, never stored as it is."""
    return network_of(request.remote_addr)


log = logging.getLogger(__name__)
limiter = Limiter(key_func=client_network, strategy="moving-window", default_limits=[])
# More forms than the people of one network could send, through whichever door they come.
signing_flood = limiter.shared_limit("60 per minute", scope="signing")


def charge(limit: str, scope: str, key: str | None = None, *, words: str | None = None) -> None:
    """Count one act against a limit such as `5 per 10 minutes`; 429, saying `words`, where it is used up.

    Whose limit it is says `key`; without one it is the client's network's.
    """
    key = client_network() if key is None else key
    if not is_free(limit, scope, key):
        free_at = limiter.limiter.get_window_stats(parse(limit), scope, key).reset_time
        raise TooManyRequests(words, retry_after=_seconds_until(free_at))


def is_free(limit: str, scope: str, key: str) -> bool:
    """Count one act against a limit; False where it is used up.

    Counted and judged in one step, so that a volley of requests gets no further than one after another would.
    """
    try:
        return bool(limiter.limiter.hit(parse(limit), scope, key))
    except StorageError:
        log.warning("rate limits cannot be counted: their storage does not answer")
        return True  # nobody is turned away for a fault of ours


def retry_seconds(error: TooManyRequests) -> int:
    """After how many seconds the client may come again."""
    if isinstance(error.retry_after, int):
        return error.retry_after
    return _seconds_until(limiter.current_limit.reset_at) if limiter.current_limit else 60


def _seconds_until(moment: float) -> int:
    return max(1, ceil(moment - time.time()))


def init_limits(app: Flask, redis_url: str | None) -> None:
    """Start counting. A 429 says when to come back."""
    app.config["RATELIMIT_STORAGE_URI"] = redis_url or "memory://"
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = redis_url is not None
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"wrap_exceptions": True}
    if redis_url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] |= {"socket_connect_timeout": 1, "socket_timeout": 1}
    limiter.init_app(app)
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # below that it logs who met a limit
