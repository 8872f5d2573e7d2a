"""Starts the sandbox: ``python -m campaign.sandbox --help``."""

import logging
import os
import signal
import sys
import threading
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from campaign.sandbox import webhooks
from campaign.sandbox.app import create_app
from campaign.sandbox.config import HOST, Config, ConfigError, read_config
from campaign.sandbox.store import Store
from campaign.sandbox.world import World

log = logging.getLogger("campaign.sandbox")


class QuietHandler(WSGIRequestHandler):
    """One plain line for a request, without the query: it may name people."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log method, path and status."""
        log.info("%s %s %s", self.command, self.path.partition("?")[0], code)


def serve(config: Config) -> None:
    """Serve until SIGTERM or SIGINT. What was answered is on disk, so stopping just stops."""
    world = World(config, Store(config.state))
    server = make_server(HOST, config.port, create_app(world), True, 1, QuietHandler)
    threading.Thread(target=webhooks.run, args=(world,), daemon=True).start()
    log.info("Stripe sandbox on %s", config.public_url)
    try:
        server.serve_forever()
    finally:
        server.server_close()


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> int:
    """Read options and serve; the exit status."""
    logging.basicConfig(level=logging.INFO, format="sandbox: %(message)s", stream=sys.stderr)
    try:
        config = read_config(sys.argv[1:], os.environ)
    except ConfigError as error:
        print(f"sandbox: {str(error).replace(chr(10), '; ')}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _stop)
    try:
        serve(config)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"sandbox: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
