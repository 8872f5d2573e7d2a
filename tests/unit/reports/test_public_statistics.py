"""What the public is told of countries: never a small number, never one that follows from the others."""

from hypothesis import given
from hypothesis import strategies as st

from campaign.reports.public_statistics import SMALLEST, tell_countries


def test_small_countries_stand_together() -> None:
    assert tell_countries({"GB": 30, "PL": 12, "FR": 7, "DE": 4}) == ([("GB", 30), ("PL", 12)], 11)


def test_a_single_small_country_takes_the_next_with_it() -> None:
    assert tell_countries({"GB": 30, "PL": 12, "FR": 3}) == ([("GB", 30)], 15)


def test_nothing_is_told_of_a_campaign_that_is_small_itself() -> None:
    assert tell_countries({"GB": 9}) == ([], 9)
    assert tell_countries({"GB": 12, "FR": 1}) == ([], 13)
    assert tell_countries({}) == ([], 0)


@given(st.dictionaries(st.sampled_from(["GB", "PL", "UA", "FR", "DE", "IE", ""]), st.integers(0, 40)))
def test_nothing_small_is_told_and_nothing_small_follows(counts: dict[str, int]) -> None:
    told, other = tell_countries(counts)
    assert sum(count for _, count in told) + other == sum(counts.values())
    assert all(count >= SMALLEST and counts[code] == count for code, count in told)
    hidden = [count for code, count in counts.items() if count and code not in dict(told)]
    # What is left is of several countries, or it is large; of nothing told apart, it is the count, which is public.
    assert not told or other == 0 or (other >= SMALLEST and (len(hidden) > 1 or hidden[0] >= SMALLEST))
