"""Stripe's stand-in for the demo and the tests: a program of its own.

It speaks Stripe's API (2026-10-28.endive) as far as this project uses it, shows hosted checkout and portal pages,
sends signed webhooks with retries, and has controls under ``/_sandbox/`` for what is hard to provoke at Stripe.

Boundary: it imports nothing of the rest of the house and nothing there imports it. The two meet over HTTP only, so
that the program under test has no branch for it: only its settings differ. It listens on loopback, accepts test keys
only and moves no money. ``README.md`` beside this file says what it does as Stripe does, assumes, and leaves out.
"""
