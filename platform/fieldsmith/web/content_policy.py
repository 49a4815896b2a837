"""What every answer forbids the browser: the content security policies, and the other headers that go out with each answer.

`app` calls `forbid` last. A part that needs another policy (a frame, a download) sets its own header before; it is kept.
"""

from __future__ import annotations

from types import MappingProxyType

from flask import Request, Response

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

FRAMING = f"{CSP}; frame-src 'self'"
"""A page that shows one of ours in a frame."""

FRAMED = CSP.replace("frame-ancestors 'none'", "frame-ancestors 'self'").replace("form-action 'self'", "form-action 'none'")
"""A page shown in a frame of ours; nothing can be sent from it."""

INERT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""What is no page: JSON, styles, scripts, pictures, downloads. Opened as one it can do nothing."""

PRIVATE = "private, no-store"
"""Nothing of an answer stays behind on a shared machine, or in a proxy."""

_ALWAYS = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
)
_SECURED = "max-age=31536000; includeSubDomains"


def forbid(incoming: Request, answer: Response) -> None:
    """Add to `answer` what it does not say itself. HSTS only under https: over http browsers must pass it over."""
    headers = answer.headers
    headers.update(_ALWAYS)
    headers.setdefault("Content-Security-Policy", CSP if answer.mimetype == "text/html" else INERT)
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cache-Control", PRIVATE)
    if incoming.is_secure:
        headers["Strict-Transport-Security"] = _SECURED
