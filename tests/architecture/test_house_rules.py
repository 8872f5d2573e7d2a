"""Rules of the house that a reader of the code relies on, held by looking at the code itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "campaign").rglob("*.py"))
LONGEST_FILE = 300


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node


def test_nobody_commits_but_the_transaction_helper() -> None:
    """`commit` is called nowhere in the house; `session.begin()` of `core/database.py` ends the transaction."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in SOURCES
        if "sandbox" not in path.relative_to(ROOT).parts
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "begin")
    ]
    assert [place for place in found if not place.startswith("campaign/core/database.py:")] == []
    assert len(found) == 1  # the rule sees something


def test_rooms_ask_for_no_application_or_request() -> None:
    rooms = ("petitions", "donations", "supporters", "campaigns", "staff", "mail", "audit", "reports")
    words = re.compile(r"\b(current_app|current_user|flask\.g|current_settings)\b")
    found = [
        str(path.relative_to(ROOT)) for path in SOURCES if path.parent.name in rooms and words.search(path.read_text())
    ]
    assert found == []


def test_csv_is_written_in_one_way() -> None:
    """`core/csv_writing.py` quotes every cell; a writer of its own would let a semicolon end one."""
    found = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) in ("csv.writer", "csv.DictWriter")
    ]
    assert found == ["campaign/core/csv_writing.py"]


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_files_are_short_or_say_why_not() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {length} lines"
        for path in SOURCES
        if (length := len(path.read_text().splitlines())) > LONGEST_FILE
        and "lines because" not in (ast.get_docstring(ast.parse(path.read_text())) or "")
    ]
    assert found == []


def test_no_drawer_for_odds_and_ends() -> None:
    assert [path.name for path in SOURCES if path.stem in ("utils", "helpers", "common", "misc")] == []


@pytest.mark.parametrize("pattern", ["style=", r"<script(?![^>]* src=)", r"\son[a-z]+=", "javascript:"])
def test_templates_hold_nothing_that_the_content_policy_forbids(pattern: str) -> None:
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "mail" not in path.relative_to(ROOT).parts]
    found = [str(path.relative_to(ROOT)) for path in pages if re.search(pattern, path.read_text())]
    assert len(pages) > 20
    assert found == []


def test_every_class_of_the_staffs_style_sheets_is_used() -> None:
    """The style sheet of the public pages also serves what texts and the demo's style page may use."""
    sheets = "".join((ROOT / f"static/css/{name}.css").read_text() for name in ("admin", "queue"))
    rules = re.sub(r"/\*.*?\*/", "", sheets, flags=re.DOTALL)
    styled = {
        name for selectors in re.findall(r"([^{}]+)\{", rules) for name in re.findall(r"\.([a-z][\w-]*)", selectors)
    }
    markup = " ".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    written = {name for value in re.findall(r'class="([^"]*)"', markup) for name in re.findall(r"[a-z][\w-]*", value)}
    written |= set(re.findall(r"\bclass=\\?'([\w-]+)", markup))
    assert len(styled) > 20
    assert styled - written == set()
