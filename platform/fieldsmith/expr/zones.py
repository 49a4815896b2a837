"""Instants and wall times: naive UTC ↔ what a clock in a zone shows. Nothing here raises; out of years 1–9999 is None.

A local time that occurs twice means the later instant, one that is skipped is read with the offset before the gap. Both are
PostgreSQL's rule for `timestamp AT TIME ZONE`, and both are the smaller of the two offsets.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

_SHADOWED: Mapping[str, str] = MappingProxyType(
    {
        "CET": "Europe/Brussels",
        "EET": "Europe/Athens",
        "EST": "Etc/GMT+5",
        "HST": "Etc/GMT+10",
        "MET": "Europe/Brussels",
        "MST": "Etc/GMT+7",
        "WET": "Europe/Lisbon",
    }
)
"""Zones whose names PostgreSQL takes for abbreviations with a fixed offset, under names both read alike."""


def known_zone(name: str) -> str:
    """The name of a zone that means the same to Python and PostgreSQL; UTC for what nobody knows."""
    name = _SHADOWED.get(name, name)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return "UTC"
    return name


def zone_of(name: str) -> ZoneInfo:
    """The zone called `name` (ZoneInfo keeps it); UTC for what nobody knows."""
    try:
        return ZoneInfo(_SHADOWED.get(name, name))
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def to_local(instant: datetime, zone: str) -> datetime | None:
    """What a clock in `zone` shows at `instant`."""
    try:
        return instant.replace(tzinfo=UTC).astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)
    except OverflowError:
        return None


def to_utc(local: datetime, zone: str) -> datetime | None:
    """The instant when a clock in `zone` shows `local`."""
    rules = zone_of(zone)
    try:
        offsets = rules.utcoffset(local.replace(fold=0)), rules.utcoffset(local.replace(fold=1))
        return local.replace(fold=0) - min(offset for offset in offsets if offset is not None)
    except OverflowError:
        return None
