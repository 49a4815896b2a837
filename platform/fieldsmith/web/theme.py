"""The company's accent as a style sheet: the colour itself, what is written on it, and readable shades of it as text.

Colour arithmetic after WCAG 2: contrast = (lighter + 0.05) / (darker + 0.05) of relative luminances. Served as `/static/theme.css`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

DEFAULT_ACCENT = "#2f5bea"
READABLE = 4.5
_HEX = re.compile(r"#[0-9a-fA-F]{6}").fullmatch
_WHITE = (255, 255, 255)
_INK = (20, 24, 31)
_DARK_SURFACE, _DARK_CHOSEN = (26, 29, 35), (39, 44, 53)  # --fs-surface and --fs-chosen of tokens.css
_LIGHT_CHOSEN = (230, 233, 238)
_SOFT_LIGHT, _SOFT_DARK = 0.09, 0.24  # how much accent is in a soft ground
_STEPS = 50

Rgb = tuple[int, int, int]


def theme_sheet(accent: str) -> str:
    """The style sheet for `accent` (`#rrggbb`; anything else gives the default)."""
    colour = _parse(accent if _HEX(accent) else DEFAULT_ACCENT)
    on = _WHITE if contrast(colour, _WHITE) >= READABLE or contrast(colour, _WHITE) >= contrast(colour, _INK) else _INK
    soft_light, soft_dark = _mix(_WHITE, colour, _SOFT_LIGHT), _mix(_DARK_SURFACE, colour, _SOFT_DARK)
    light = readable(colour, (_LIGHT_CHOSEN, soft_light), (0, 0, 0))
    dark = readable(colour, (_DARK_CHOSEN, soft_dark), _WHITE)
    return (
        ":root,[data-bs-theme]{"
        f"--fs-accent:{_hex(colour)};--fs-on-accent:{_hex(on)};--fs-accent-text:light-dark({_hex(light)},{_hex(dark)});"
        f"--fs-accent-soft:light-dark({_hex(soft_light)},{_hex(soft_dark)})"
        "}"
    )


def readable(colour: Rgb, grounds: Sequence[Rgb], towards: Rgb) -> Rgb:
    """`colour`, mixed with `towards` until it can be read on each of `grounds`."""
    for step in range(_STEPS + 1):
        mixed = _mix(colour, towards, step / _STEPS)
        if all(contrast(mixed, ground) >= READABLE for ground in grounds):
            return mixed
    return towards


def contrast(one: Rgb, other: Rgb) -> float:
    """1 (the same) to 21 (black on white)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _parse(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
