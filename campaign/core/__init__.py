"""The ground: database, clock, tokens, leases, links, money, text, paging. Knows neither the domain nor a door."""
