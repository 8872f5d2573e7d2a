"""What our program asks of Stripe and relies on, asked of the sandbox and, with a key, of Stripe itself."""

import os

KEY_NAME = "STRIPE_TEST_KEY"


def not_asked() -> str:
    """Says that Stripe itself was not asked; empty when it was."""
    return "" if os.environ.get(KEY_NAME) else f"Stripe itself was not asked, only its sandbox: {KEY_NAME} is not set."
