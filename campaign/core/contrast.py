"""Contrast between two colours, as WCAG 2.2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""

import re
from math import floor

from campaign.core.palette import Colour

LEAST = 4.5
_HEX = re.compile("#[0-9a-f]{6}")


def read_colour(typed: str) -> Colour | None:
    """`#12508f` as its three parts; None for what is no such colour."""
    if not _HEX.fullmatch(typed):
        return None
    red, green, blue = (int(typed[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue


def write_colour(colour: Colour) -> str:
    """The parts as `#12508f`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(one: Colour, other: Colour) -> float:
    """From 1 for equal colours to 21 for black on white."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def shown_contrast(one: Colour, other: Colour) -> str:
    """The contrast with one decimal, rounded down: what is too little must not read as enough."""
    return f"{floor(contrast(one, other) * 10) / 10:.1f}"


def lightened(colour: Colour, *, against: tuple[Colour, ...]) -> Colour:
    """The colour mixed with as much white as it takes to be read on each of these dark grounds."""
    for share in range(101):
        red, green, blue = (part + (255 - part) * share // 100 for part in colour)
        mixed = (red, green, blue)
        if all(contrast(mixed, ground) >= LEAST for ground in against):
            return mixed
    return 255, 255, 255


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
