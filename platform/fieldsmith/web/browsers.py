"""What a browser is called: its name and its system, from the long line it says of itself. For people's lists of sessions only."""

from __future__ import annotations

from dataclasses import dataclass

_NAMES = (("edg/", "Edge"), ("opr/", "Opera"), ("samsungbrowser", "Samsung Internet"), ("firefox", "Firefox"), ("fxios", "Firefox"), ("crios", "Chrome"),
          ("chrome", "Chrome"), ("safari", "Safari"), ("curl", "curl"), ("python", "Python"))  # fmt: skip
_SYSTEMS = (
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("cros", "ChromeOS"),
    ("mac os", "macOS"),
    ("linux", "Linux"),
)
_PHONES = frozenset({"iPhone", "Android"})


@dataclass(frozen=True, slots=True)
class Browser:
    """`name` and `system` are blank where the line does not say; `agent` is the line."""

    name: str
    system: str
    agent: str

    @classmethod
    def of(cls, agent: str) -> Browser:
        low = agent.lower()
        name = next((shown for mark, shown in _NAMES if mark in low), "")
        return cls(name, next((shown for mark, shown in _SYSTEMS if mark in low), ""), agent)

    @property
    def icon(self) -> str:
        return "device-mobile" if self.system in _PHONES else "device-desktop"
