"""Rate limits, per network. Counted in Redis where several machines share them, else in the process."""

import logging

from flask import Flask, request
from flask_limiter import Limiter

from campaign.core.networks import network_of


def client_network() -> str:
    """The /24 or /48 that the request comes from; never logged, never stored as it is."""
    return network_of(request.remote_addr)


limiter = Limiter(key_func=client_network, headers_enabled=True, strategy="moving-window", default_limits=[])


def init_limits(app: Flask, redis_url: str | None) -> None:
    """Start counting. A 429 carries Retry-After."""
    app.config["RATELIMIT_STORAGE_URI"] = redis_url or "memory://"
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = redis_url is not None
    limiter.init_app(app)
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # below that it logs who met a limit
