"""How easily a password is guessed: the shipped list of breached ones, the lists that `zxcvbn` ships, and its estimate. Asked by `identity.passwords`.

`breached` knows 112,000 exactly; zxcvbn's 30,000 passwords, words and names (MIT; requirements.lock pins them by hash) are found in disguise too.
Nothing leaves this machine.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from fieldsmith.identity.breached import Breached

READ = 72  # characters looked at: the estimate grows faster than the text, and what is longer is not the weak part
_LEAST_GUESSES = 1_000_000

Weakness = Literal["breached", "guessable"]


class Strength:
    """Loads the lists at the first question (some 40 ms), then answers in about a millisecond."""

    def __init__(self) -> None:
        self._breached = Breached()

    def weakness(self, password: str) -> Weakness | None:
        """`breached`: the password is on a list, perhaps with other capitals, backwards or with digits for letters.

        `guessable`: fewer than a million guesses find it: one common word with a year, a row of keys, a pattern repeated.
        """
        if password in self._breached:
            return "breached"
        matching, scoring = self._lists
        text = password[:READ]
        found = scoring.most_guessable_match_sequence(text, matching.omnimatch(text, matching.RANKED_DICTIONARIES))
        parts = found["sequence"]
        if len(password) <= READ and len(parts) == 1 and parts[0].get("dictionary_name") == "passwords":
            return "breached"
        return "guessable" if found["guesses"] < _LEAST_GUESSES else None

    @cached_property
    def _lists(self) -> tuple[Any, Any]:
        from zxcvbn import matching, scoring

        return matching, scoring
