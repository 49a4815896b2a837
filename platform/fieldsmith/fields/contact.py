"""Types of ways to reach somebody: e-mail, phone, web address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field, Invalid, Json, Reader, Scope
from fieldsmith.fields.text import TextType, limited, plain_text

_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+-]{1,40}(?:\.[A-Za-z0-9_+-]{1,20})?\Z")
_KEPT_DOMAINS = 1000


class EmailType(TextType):
    """Checked by shape only, never by asking the network."""

    name = "email"
    title = _m("E-mail")
    help = _m("An e-mail address; the domain is kept in lower case.")
    widget = "email"
    option_properties: ClassVar[Mapping[str, Json]] = {}

    def limit(self, field: Field) -> int:
        return 254

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        """Domains found good are kept: an import meets the same few again and again, and a full check takes 30 µs."""
        domains: dict[str, str] = {}  # as written → as kept

        def coerce(raw: Any) -> str | None:
            text = limited(raw, 254)
            if text is None:
                return None
            local, _, domain = text.rpartition("@")
            if domain in domains and _PLAIN_LOCAL.match(local):
                return f"{local}@{domains[domain]}"
            try:
                found = validate_email(text, check_deliverability=False, test_environment=True)
                if len(domains) < _KEPT_DOMAINS and len(domain) < 190:
                    domains[domain] = found.domain
                return found.normalized
            except EmailNotValidError:
                message = _m("“{value}” is not an e-mail address.", value=text)
                raise Invalid("not_email", message, _m("Write it like name@example.com.")) from None

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {**super().json_schema(field, scope), "format": "email"}

    def example(self, field: Field, scope: Scope) -> Json:
        return "ana@example.com"


class PhoneType(TextType):
    """Canonical: E.164, with `;ext=` and the extension where there is one (as RFC 3966 writes it)."""

    name = "phone"
    title = _m("Phone")
    help = _m("A phone number, kept in international form.")
    widget = "tel"
    option_properties: ClassVar[Mapping[str, Json]] = {}
    folds = False
    can_be_name = False

    def limit(self, field: Field) -> int:
        return 40

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        region = scope.phone_region

        def coerce(raw: Any) -> str | None:
            text = plain_text(raw)
            if text is None:
                return None
            number = _parsed(text, region)
            if number is None:
                hint = _m("Start with + and the country code, like +1 212 555 0100.")
                raise Invalid("not_phone", _m("“{value}” is not a phone number.", value=text[:60]), hint)
            canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return f"{canonical};ext={number.extension}" if number.extension else canonical

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {**super().json_schema(field, scope), "description": "E.164 when read; any usual form when written."}

    def example(self, field: Field, scope: Scope) -> Json:
        return "+12125550100"

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        def display(value: str) -> str:
            number = _parsed(value, None)
            return value if number is None else phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

        return display

    def search_text(self, value: Any) -> str:
        """The digits, with and without the country code: people search for either."""
        number = _parsed(value, None)
        digits = str(value).lstrip("+").partition(";")[0]
        return digits if number is None else f"{digits} {phonenumbers.national_significant_number(number)}"


_PHONE_START = re.compile(r"(tel:)? *[+(0-9０-９＋（]", re.IGNORECASE)  # the library would skip words before a number, and lose them


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """The number, when its length is possible in its country; numbering plans change too often to ask for more."""
    if not _PHONE_START.match(text) or len(text) > 60:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return number if possible else None


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BARE_HOST = re.compile(r"[^\W_][\w-]*(\.[\w-]+)*\.[^\W\d_]{2,}(:[0-9]{1,5})?([/?#]|\Z)")
_FORBIDDEN = re.compile(r"[\s\\<>\"`{}|^]|[^\x20-\x7e\u00a1-\U0010ffff]")
_WRITE_URL = _m("Write it like https://example.com/page.")


class UrlType(TextType):
    """Only http and https, so that a click never runs anything; a bare host gets `https://`."""

    name = "url"
    title = _m("Web address")
    help = _m("A link to a web page (http or https).")
    widget = "url"
    option_properties: ClassVar[Mapping[str, Json]] = {}
    can_be_name = False

    def limit(self, field: Field) -> int:
        return 2048

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> str | None:
            text = limited(raw, 2048)
            if text is None:
                return None
            if _BARE_HOST.match(text):
                text = "https://" + text
            return _web_address(text)

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {**super().json_schema(field, scope), "description": "An http or https address."}

    def example(self, field: Field, scope: Scope) -> Json:
        return "https://example.com/"


def _web_address(text: str) -> str:
    """`text`, scheme and host in lower case, or `Invalid`."""
    scheme = _SCHEME.match(text)
    if scheme and scheme.group().lower() not in ("http:", "https:"):
        message = _m("Addresses that start with “{scheme}” are not allowed here.", scheme=scheme.group())
        raise Invalid("url_scheme", message, _m("Use a web address that starts with https:// or http://."))
    try:
        parts = urlsplit(text)
        port_and_host = parts.port, parts.hostname
    except ValueError:
        raise _not_url(text) from None
    if not scheme or not text[scheme.end() :].startswith("//") or not port_and_host[1] or _FORBIDDEN.search(text):
        raise _not_url(text)
    if "@" in parts.netloc:
        message = _m("A web address with a user name in it may lead elsewhere than it seems.")
        raise Invalid("url_user", message, _m("Leave out the part before the @."))
    return parts._replace(netloc=parts.netloc.lower()).geturl()


def _not_url(text: str) -> Invalid:
    message: Message = _m("“{value}” is not a web address.", value=text[:80])
    return Invalid("not_url", message, _WRITE_URL)
