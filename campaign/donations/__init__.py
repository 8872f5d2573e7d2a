"""Donations: checkout, ledger, settling. `gateway.py` is the only way to Stripe."""
