"""What all doors share of HTTP: origin checks, request hygiene, caching and security headers, rate limits."""
