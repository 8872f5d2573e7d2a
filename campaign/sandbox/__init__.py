"""Stripe's stand-in for the demo and the tests: a program of its own.

It speaks Stripe's API as far as this project uses it, shows a hosted checkout page, sends signed
webhooks with retries, and has controls under ``/_sandbox/`` for what is hard to provoke at Stripe.

Boundary: it imports nothing of the rest of the house and nothing there imports it. The two meet
over HTTP only, so that the program under test has no branch for it: only its settings differ.
It listens on loopback, accepts test keys only and moves no money.
"""
