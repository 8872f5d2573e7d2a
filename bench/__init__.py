"""Benchmarks, run by `make bench`: what must hold on a campaign of a million signatures, measured on both engines."""
