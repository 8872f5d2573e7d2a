"""Text that people typed: cleaned of what deceives or breaks, and otherwise kept exactly, in any script."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import idna
from linkify_it.tlds import TLDS
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from nh3 import clean

# Of what signers type, in characters.
LONGEST_NAME = 100
LONGEST_POSTCODE = 16
LONGEST_COMMENT = 1000

# Direction marks, embeddings, overrides and isolates, zero-width space, word joiner and invisible operators, byte-order
# mark, soft hyphen. ZWNJ and ZWJ (200C, 200D) stay: Persian, Indic scripts and emoji need them (Unicode TR 36, TR 31).
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
# IANA's list of top-level domains, as linkify has it, each in ASCII and in its own script.
_ENDINGS = {ending.lower() for ending in TLDS}
_ENDINGS |= {idna.decode(ending) for ending in _ENDINGS if ending.startswith("xn--")}
_LINKISH = re.compile(r"(?:\b[a-z][a-z0-9+.-]{0,20}://|\bwww\.)\S*|(?<![\w-])[\w-]+(?:\.[\w-]+)+\S*", re.IGNORECASE)
_DOTTED = re.compile(r"([\w-]+(?:\.[\w-]+)+)(/?)")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
# With the full-width forms that spreadsheets fold to the ASCII ones. The database knows the same ones (`core/bulk.py`).
FORMULA_STARTS = "=+-@\t\r\n|%＝＋－＠"

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable(["linkify", "table"])
_MARKDOWN_TAGS = {
    "p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "h5", "h6", "hr", "code", "pre",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


class TextRefused(ValueError):
    """The text has something that cannot be accepted; the message says what."""


def clean_line(text: str) -> str:
    """One line: invisible and control characters removed, runs of white space made one space, ends trimmed.

    Raises TextRefused where the text has line breaks: in a name or a subject they are an attempt to add a mail header.
    """
    if "\r" in text.strip() or "\n" in text.strip():
        raise TextRefused("line breaks")
    return " ".join(_INVISIBLE.sub("", _CONTROL.sub("", text)).split())


def clean_block(text: str) -> str:
    """Several lines: as `clean_line`, but line breaks are kept (as \\n) and so is the spacing inside lines."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", _CONTROL.sub("", unified)).strip()


def is_link(text: str) -> bool:
    """True where a line, like a name, holds or is a web address."""
    folded = unicodedata.normalize("NFKC", text)
    return "://" in folded or any(_is_link(found[0]) for found in _LINKISH.finditer(folded))


def has_link(text: str) -> bool:
    """True where running text holds a web address."""
    folded = unicodedata.normalize("NFKC", text)
    return any(_is_link(found[0], in_prose=True) for found in _LINKISH.finditer(folded))


def replace_links(text: str, replace: Callable[[str], str]) -> str:
    """Running text with each web address in it replaced."""
    return _LINKISH.sub(lambda found: replace(found[0]) if _is_link(found[0], in_prose=True) else found[0], text)


def _is_link(word: str, *, in_prose: bool = False) -> bool:
    """A scheme, "www." or a host that mail programs turn into a link. One letter before the dot is an initial.

    In prose a sentence may end without a space after it; what follows then begins with a capital letter.
    """
    dotted = _DOTTED.match(word)
    if dotted is None or "://" in word or word.lower().startswith("www."):
        return True
    labels = dotted[1].split(".")
    if dotted[2] and labels[-1].lower() in _ENDINGS:
        return True
    return any(
        len(label) > 1 and ending.lower() in _ENDINGS and not (in_prose and ending != ending.lower())
        for label, ending in pairwise(labels)
    )


def starts_formula(text: str) -> bool:
    """True where a spreadsheet would take the text for a formula (OWASP: CSV injection)."""
    return text.lstrip(" ").startswith(tuple(FORMULA_STARTS))


def inert_cell(text: str) -> str:
    """The text as a spreadsheet cell that is never run: an apostrophe before whatever would start a formula."""
    return f"'{text}" if starts_formula(text) else text


class NameProblem(StrEnum):
    """Why something typed is not taken for a person's name."""

    LINES = "lines"
    EMPTY = "empty"
    LONG = "long"
    SIGNS = "signs"


class NameRefused(ValueError):
    """The text is no name; `problem` says why."""

    def __init__(self, problem: NameProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def check_name(text: str) -> str:
    """A person's name in any script, cleaned. Raises NameRefused for what is none: empty, a link, a formula."""
    try:
        name = clean_line(text)
    except TextRefused as error:
        raise NameRefused(NameProblem.LINES) from error
    if not any(unicodedata.category(char).startswith("L") for char in name):
        raise NameRefused(NameProblem.EMPTY)
    if len(name) > LONGEST_NAME:
        raise NameRefused(NameProblem.LONG)
    if is_link(name) or "@" in name or starts_formula(name):
        raise NameRefused(NameProblem.SIGNS)
    return name


def first_name(name: str) -> str:
    """The first word of a name: what is shown in public.

    Chinese, Japanese and Korean names are written without a space; of those the first character is shown, so that the
    whole name never is.
    """
    word = name.split(" ", 1)[0] if name else ""
    return word[:1] if word == name and _UNSPACED.match(word) else word


def list_points(text: str, longest: int = 80) -> list[str]:
    """The points of the text's first numbered list, each in few words: what stands in bold at its start, else how it
    begins. Empty where there is no such list.
    """
    points: list[str] = []
    within = False
    for token in _MARKDOWN.parse(text):
        if token.type == "ordered_list_open" and token.level == 0:
            within = True
        elif token.type == "ordered_list_close" and token.level == 0 and within:
            break
        elif token.type == "list_item_open" and token.level == 1 and within:
            points.append("")
        elif token.type == "inline" and within and not points[-1]:
            points[-1] = _in_few_words(token.children or [], longest)
    return points


def _in_few_words(children: Sequence[Token], longest: int) -> str:
    parts = [child for child in children if child.content or child.type != "text"]
    is_bold = bool(parts) and parts[0].type == "strong_open"
    end = next((place for place, part in enumerate(parts) if part.type == "strong_close"), 0) if is_bold else len(parts)
    # What opens and closes has no content; a line break stands for a space.
    words = " ".join("".join(" " if part.type.endswith("break") else part.content for part in parts[:end]).split())
    if is_bold:
        return words.rstrip(".:;,")
    return words if len(words) <= longest else words[: longest - 1].rsplit(" ", 1)[0] + "…"


def render_markdown(text: str, level: int = 3) -> Markup:
    """Markdown to HTML that may stand in a page: raw HTML is shown as text, links are http, https or mailto only.

    The text's first heading gets the given level, and none is more than one below the heading before it, whatever was
    typed, so that the page's outline holds. Images are dropped: they would load from other hosts.
    """
    tokens = _MARKDOWN.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    shift, deepest = 0, level
    for number, token in enumerate(headings):
        typed = int(token.tag[1])
        if number == 0:
            shift = level - typed
        if token.nesting == 1:
            deepest = max(level, min(typed + shift, deepest + 1, 6))
        token.tag = f"h{deepest}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Markup(  # noqa: S704 - cleaned to an allow-list of tags in this very call
        clean(html, tags=_MARKDOWN_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    )


@dataclass(frozen=True)
class Block:
    """A paragraph of Markdown without markup: `runs` are words, bold or not, `mark` is what a list puts before."""

    runs: list[tuple[str, bool]]
    mark: str = ""
    heading: bool = False


def markdown_blocks(text: str) -> list[Block]:
    """Markdown as paragraphs for what is no page. Links keep their words, pictures go, lists lose their depth."""
    found: list[Block] = []
    mark, heading = "", False
    for token in _MARKDOWN.parse(text):
        if token.type == "list_item_open":
            mark = token.info or "•"
        elif token.type in ("heading_open", "heading_close"):
            heading = token.nesting == 1
        elif token.type in ("code_block", "fence"):
            found.append(Block([(token.content.rstrip(), False)]))
        elif token.type == "inline" and (runs := _runs(token.children or [])):
            found.append(Block([(words, bold or heading) for words, bold in runs], mark, heading))
            mark = ""
    return found


def _runs(tokens: list[Token]) -> list[tuple[str, bool]]:
    runs: list[tuple[str, bool]] = []
    bold = False
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            bold = token.nesting == 1
        words = {"softbreak": " ", "hardbreak": "\n", "image": ""}.get(token.type, token.content)
        if words and runs and runs[-1][1] == bold:
            runs[-1] = (runs[-1][0] + words, bold)
        elif words:
            runs.append((words, bold))
    return runs
