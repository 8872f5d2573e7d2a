"""Who is asked: the sandbox always, and Stripe itself when `STRIPE_TEST_KEY` holds a test key."""

import os
from collections.abc import Iterator

import pytest
import stripe

from tests.contract import KEY_NAME
from tests.integration.sandbox.process import SandboxProcess


def test_key() -> str:
    """The key to ask Stripe itself with; empty: it is not asked. A live key ends the run."""
    key = os.environ.get(KEY_NAME, "")
    if key and not key.startswith(("sk_test_", "rk_test_")):
        raise pytest.UsageError(f"{KEY_NAME} is not a test key (sk_test_…)")
    return key


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that takes `asked` runs once for each."""
    if "asked" in metafunc.fixturenames:
        metafunc.parametrize("asked", ["sandbox", *(["stripe"] if test_key() else [])], indirect=True, scope="module")


@pytest.fixture(scope="module")
def sandbox_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stripe.StripeClient]:
    """Stripe's library, asking the sandbox."""
    process = SandboxProcess(tmp_path_factory.mktemp("contract") / "sandbox.sqlite3")
    yield process.client()
    process.close()


@pytest.fixture(scope="module")
def asked(request: pytest.FixtureRequest) -> stripe.StripeClient:
    """Stripe's library, asking one of the two."""
    if request.param == "stripe":
        return stripe.StripeClient(test_key(), max_network_retries=2)
    client: stripe.StripeClient = request.getfixturevalue("sandbox_client")
    return client
