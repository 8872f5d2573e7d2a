"""The fonts of printed documents, and which of them holds a character.

Noto Sans for most scripts, Droid Sans Fallback for Chinese, Japanese and Korean, without hinting; README.md says where
they come from and under which licences. A character that none has is shown as �.
"""

from bisect import bisect_right
from pathlib import Path

FOLDER = Path(__file__).parent
BASE = "NotoSans"
BOLD = "NotoSans-Bold"
HAN = "DroidSansFallback"

# The first character of each run of blocks, and the font for what follows (https://www.unicode.org/Public/UNIDATA/Blocks.txt).
_RUNS = [
    (0x0000, BASE), (0x0530, "NotoSansArmenian"), (0x0590, "NotoSansHebrew"), (0x0600, "NotoSansArabic"),
    (0x0700, "NotoSansSyriac"), (0x0750, "NotoSansArabic"), (0x0780, "NotoSansThaana"), (0x07C0, ""),
    (0x0860, "NotoSansSyriac"), (0x0870, "NotoSansArabic"), (0x0900, "NotoSansDevanagari"), (0x0980, "NotoSansBengali"),
    (0x0A00, "NotoSansGurmukhi"), (0x0A80, "NotoSansGujarati"), (0x0B00, "NotoSansOriya"), (0x0B80, "NotoSansTamil"),
    (0x0C00, "NotoSansTelugu"), (0x0C80, "NotoSansKannada"), (0x0D00, "NotoSansMalayalam"),
    (0x0D80, "NotoSansSinhala"), (0x0E00, "NotoSansThai"), (0x0E80, "NotoSansLao"), (0x0F00, ""),
    (0x1000, "NotoSansMyanmar"), (0x10A0, "NotoSansGeorgian"), (0x1100, HAN),
    (0x1200, "NotoSansEthiopic"), (0x13A0, ""), (0x1780, "NotoSansKhmer"), (0x1800, ""), (0x19E0, "NotoSansKhmer"),
    (0x1A00, ""), (0x1C80, BASE), (0x1C90, "NotoSansGeorgian"), (0x1CC0, ""), (0x1CD0, "NotoSansDevanagari"),
    (0x1D00, BASE), (0x2D00, "NotoSansGeorgian"), (0x2D30, "NotoSansTifinagh"), (0x2D80, "NotoSansEthiopic"),
    (0x2DE0, BASE), (0x2E80, HAN), (0xA000, ""), (0xA640, BASE), (0xA6A0, ""), (0xA720, BASE),
    (0xA800, ""), (0xA8E0, "NotoSansDevanagari"), (0xA900, ""), (0xA9E0, "NotoSansMyanmar"), (0xAA00, ""),
    (0xAA60, "NotoSansMyanmar"), (0xAA80, ""), (0xAB00, "NotoSansEthiopic"), (0xAB30, BASE), (0xAB70, ""),
    (0xAC00, HAN), (0xD7B0, ""), (0xF900, HAN), (0xFB00, BASE),
    (0xFB13, "NotoSansArmenian"), (0xFB1D, "NotoSansHebrew"), (0xFB50, "NotoSansArabic"), (0xFE00, ""),
    (0xFE30, HAN), (0xFE50, ""), (0xFE70, "NotoSansArabic"), (0xFF00, HAN),
    (0xFFF0, BASE), (0x10000, ""),
]  # fmt: skip
_STARTS = [start for start, _ in _RUNS]


def font_of(character: str) -> str:
    """The font that should have the character, by its block; empty where we have none."""
    return _RUNS[bisect_right(_STARTS, ord(character)) - 1][1]


def font_file(name: str) -> Path:
    """Where a font is."""
    return FOLDER / f"{name}.ttf"
