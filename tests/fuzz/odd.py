"""Odd input for the random runs: what people mistype, what attackers send and what programs get wrong, as plain data."""

from __future__ import annotations

from typing import Any

IDS = (
    *("0", "-1", "1e3", "abc", "1.0", "01", "+1", "1;drop table fs_login", "1%20or%201=1", "null", "NaN", "%00", "1%00", "%0a", "%1b[31m", "..", "%2e%2e"),
    *("%D9%A1%D9%A2", "%EF%BC%91", "%ff%fe", "%ed%a0%80", "9223372036854775807", "9223372036854775808", str(10**30), "9" * 5_000, "%C2%B2"),
)
"""In place of a number in an address, percent-encoded."""

NAMES = (
    *("account", "nobody", "user", "fs_login", "e_account_1", "account%22;drop", "__class__", "constructor", "%00", "%ff", "%ed%a0%80", "A" * 300, "%E2%80%AE"),
    *("Account", "account%20", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%3Cimg%20src=x%3E", "%7B%7B7*7%7D%7D", "id", "version", "%F0%9F%98%80", "%0d%0aX:1"),
)
"""In place of the name of an entity, field, kind, view or action in an address, percent-encoded."""

TEXTS = (
    *("", " ", "0", "-1", "1e3", "abc", "null", "NaN", "true", "[]", "{}", "%", "_", "\\", "'", '"', "%_\\", "name;drop table x", "(select 1)", "-", "--"),
    *("a" * 10_000, "字" * 3_000, ",".join(["name"] * 500), "," * 50, "a.b.c.d.e.f.g.h.i.j", "." * 200, "account." * 60 + "name", "name,-name,name", "*"),
    *(
        "id",
        "-id",
        "name",
        "-name",
        "+name",
        "owner.name",
        "owner.password_hash",
        "account.owner.name",
        "deleted_at",
        "version",
        "name__fold",
        "name desc",
        "NAME",
    ),
    *("\0", "a\0b", "\r\nSet-Cookie: a=b", "\x1b[31mred", "\u202egnp", "\ud800", "\ufeff", "\uffff", "\U0010ffff", "😀" * 200, "e\u0301", "İ", "ß", "ﬃ"),
    *(
        "<img src=x onerror=alert(1)>",
        '"><script>alert(1)</script>',
        "{{7*7}}",
        "{% import os %}",
        "${7*7}",
        "%(name)s",
        "{0}",
        "{name}",
        "%s%n",
        "javascript:alert(1)",
    ),
    *(
        "2026-02-31",
        "29-Feb-2023",
        "03/04/05",
        "24:60",
        "2026-13-01T99:99:99Z",
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
        "1.234,56",
        "1e400",
        "-0",
        "١٢٣",
        "½",
        "９",
    ),
    *(
        "9" * 400,
        "9" * 5_000,
        "1" + "0" * 40,
        "0." + "0" * 60 + "1",
        "Infinity",
        "-Infinity",
        "0x10",
        "1_000",
        "account:1",
        "account:",
        ":1",
        "nobody:1",
        "user:1:1",
    ),
    *(
        "eyJhIjoxfQ",
        "AAAA",
        "=" * 20,
        "//evil.example",
        "/\\evil.example",
        "UTC'||(select 1)",
        "../../etc/passwd",
        "CON",
        "x.pHaR",
        "=cmd|' /C calc'!A0",
        "true;",
        "1,2,3",
    ),
)
"""In query parameters and form fields."""

VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**31,
        2**63 - 1,
        2**63,
        -(2**63) - 1,
        10**30,
        10**400,
        0.1,
        -0.0,
        1e308,
        1e-320,
        [],
        {},
        [[]],
        [{}],
        {"": ""},
        [None],
        {"a": None},
    ),
    *(
        {"id": 1},
        {"id": "1"},
        {"id": None},
        {"id": 10**30},
        {"id": True},
        {"id": [1]},
        {"id": 1, "label": "x" * 10_000},
        {"id": 1, "entity": "fs_login"},
        {"entity": []},
    ),
    *({"external_id": {}}, {"external_id": {"field": "name", "value": "x"}}, {"external_id": {"field": "id", "value": 1}}, {"external_id": []}),
    *(
        {"external_id": {"field": "email", "value": ["x"]}},
        {"external_id": {"field": "external_id", "value": "'--"}},
        {"external_id": {"field": {}, "value": {}}},
    ),
    *(
        {"amount": "1", "currency": "EUR"},
        {"amount": "9" * 40, "currency": "EUR"},
        {"amount": [], "currency": {}},
        {"amount": "1"},
        {"currency": "XXX"},
        {"amount": 1e308},
    ),
    *(
        {"first": "a" * 5_000},
        {"first": 1},
        {"latitude": 91, "longitude": 0},
        {"latitude": "x"},
        {"street": ["x"]},
        {"country": "zz"},
        {"raw": {"$gt": ""}},
        {"$where": "1"},
    ),
    *([1, 1, 1], ["a", "a"], [1, "1", {"id": 1}], [0], [-1], [10**30], list(range(300)), ["x"] * 3_000, [[[[[1]]]]], {"a": {"b": {"c": {"d": 1}}}}),
)
"""In place of the value of a field in JSON; texts come from `TEXTS`."""

HEADERS: tuple[dict[str, str], ...] = (
    *({"If-Match": text} for text in ('"1"', '"0"', "*", "1", 'W/"1"', '"1", "2"', '"' + "9" * 30 + '"', '""', '"-1"', "é", '"١"')),
    *({"If-None-Match": text} for text in ("*", '"1"', "garbage", '"' * 50)),
    *({"Idempotency-Key": text} for text in ("", " ", "k", "k" * 300, "é", "a b", "k2")),
    *({"Authorization": text} for text in ("", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer é", "Bearer " + "a" * 5_000, "Digest x", "bearer\tx")),
    *(
        {"Content-Type": text}
        for text in ("text/plain", "application/json; charset=utf-16", "multipart/form-data", "multipart/form-data; boundary=", "a/b/c", "")
    ),
    *({"X-Request-ID": text} for text in ("\x1b[31mred", "a" * 5_000, "../../x", "<script>")),
    *({"HX-Request": "true", "HX-Target": text} for text in ("more", "list-table", "nonsense", "sheet", "<b>", "é", "")),
    *({"Accept-Language": text} for text in ("zh-TW", "zz", "en;q=x", "*", "a" * 2_000, ",,,;;;=")),
    *({"Accept": "text/html"}, {"Range": "bytes=5-1"}, {"Accept-Encoding": "gzip;q=x"}, {"X-CSRF-Token": "x"}, {"X-HTTP-Method-Override": "DELETE"}),
    *(
        {"Cookie": text}
        for text in (
            "fieldsmith_session=é",
            "fieldsmith_session=" + "a" * 3_000,
            "fieldsmith_visitor=\x01",
            "=;=;;",
            'a="',
            "fieldsmith_session=x; fieldsmith_session=y",
        )
    ),
)

BODIES = (
    *(
        b"",
        b" ",
        b"null",
        b"[]",
        b'"x"',
        b"1",
        b"{",
        b"}",
        b"{}}",
        b'{"name":NaN}',
        b'{"name":Infinity}',
        b'{"name":"a","name":"b"}',
        b'{"name":1e999}',
        b"\xff\xfe{\x00}\x00",
    ),
    *(
        b'{"name":"\\ud800"}',
        b'{"\\ud800":1}',
        b'{"\\u0000":1}',
        b'{"name":"\\u0000"}',
        b'{"name":"' + b"a" * 300_000 + b'"}',
        b"[" * 70 + b"]" * 70,
        b"[" * 100_000,
    ),
    *(
        b'{"name":' * 70 + b"1" + b"}" * 70,
        b'{"name":' + b"9" * 5_000 + b"}",
        b'{"name":1.' + b"9" * 5_000 + b"}",
        b'{"name":1e-99999}',
        b"{'name':1}",
        b"\xef\xbb\xbf{}",
        b"{}",
    ),
    *(
        b'{"create":{}}',
        b'{"create":[null]}',
        b'{"create":[[]]}',
        b'{"update":[{}]}',
        b'{"delete":["x"]}',
        b'{"delete":[1e30]}',
        b'{"mode":[]}',
        b'{"mode":"each","create":[{}]}',
    ),
    *(
        b'{"update":[{"id":{}}],"mode":"each"}',
        b'{"delete":[{"id":1}],"mode":"each"}',
        b'{"update":[{"id":true,"name":"x"}]}',
        b'{"delete":[' + b"1," * 10_001 + b"1]}",
    ),
)
"""Whole request bodies that are no records."""

FILE_NAMES = (
    "../../etc/passwd",
    "a\0b.txt",
    "x.pHaR",
    "a" * 300 + ".pdf",
    "CON",
    "<img src=x onerror=alert(1)>.png",
    "\r\nX: 1.txt",
    "",
    ".",
    "ü\u202e.exe",
    "/etc/passwd",
)
