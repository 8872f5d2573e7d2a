"""Importing signatures that were collected elsewhere, from a file: looked through first, then stored row by row."""
