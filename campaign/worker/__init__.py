"""The worker: what runs in the background. Every job is a plain function over rows of our own database."""
