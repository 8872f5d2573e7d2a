"""Petitions: signing, confirming, counting, screening, moderating, exporting."""
