"""The table of the money's cases is true: each test that it names is there, and every test of cases has its row."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "integration" / "donations"


def test_each_case_of_money_has_its_test() -> None:
    named = set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", (FOLDER / "CASES.md").read_text()))
    there = {
        (path.name, name)
        for path in FOLDER.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }
    assert named - there == set()
    assert {pair for pair in there if pair[0] == "test_cases.py"} - named == set()
