"""Everything that a recording sandbox heard and said since the last time, held against Stripe's description."""

from dataclasses import dataclass, field

import requests

from tests.stripe_openapi.check import problems_of_call, problems_of_event


@dataclass
class Traffic:
    """What was checked of one sandbox so far: the calls that were answered, the kinds of event that were told."""

    url: str
    http: requests.Session
    last_event: int = 0
    calls: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)

    def check(self) -> list[str]:
        """Check what is new; the sentences about it, each once."""
        found = self.http.get(f"{self.url}/_sandbox/traffic", params={"since": self.last_event}).json()
        self.last_event = found["last_event"]
        self.calls |= {f"{call['method']} {call['path']}" for call in found["calls"] if call["status"] < 300}
        self.events |= {event["type"] for event in found["events"]}
        new = [problem for call in found["calls"] for problem in problems_of_call(call)]
        new += [problem for event in found["events"] for problem in problems_of_event(event)]
        return list(dict.fromkeys(new))
