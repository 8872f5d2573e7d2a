"""Supporters: people who asked for news, what they agreed to, and to which campaigns."""
