"""Random expressions over the world that pass the checker (nearly always): source text, directed by the type that is wanted.

`chance` may be Hypothesis' own `Random` or one of a seed. Sub-expressions stand in brackets; constants are nasty on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random

from tests.expr.random_constants import DATES, DECIMALS, INSTANTS, INTEGERS, LOCAL, TEXTS, TIMES, UNITS
from tests.expr.world import CHOICES, ENTITIES, PARTS, RELATED, Spec

KINDS = ("integer", "decimal", "text", "boolean", "date", "datetime", "time", "choice", "set", "account", "user", "polymorphic")
PARAMS: Mapping[str, str] = {
    **{"whole": "integer", "part": "decimal 3", "words": "text", "yes": "boolean", "day": "date", "at": "datetime", "what": "choice stages"},
}


@cache
def fields_of(entity: str) -> Mapping[str, Sequence[str]]:
    """Names of the fields and parts of an entity by the kind of their value; "any" are those only ISBLANK takes."""
    found: dict[str, list[str]] = {kind: [] for kind in (*KINDS, "any")}
    for name, words in ENTITIES[entity].items():
        said = Spec.of(words)
        if said.word == "currency":
            found["decimal"] += [name, f"{name}.amount"]
            found["text"].append(f"{name}.currency")
        elif said.word in PARTS:
            found["text"] += [f"{name}.{part}" for part in PARTS[said.word]]
            found["any"].append(name)
        elif said.word in ("opaque", "list"):
            found["any"].append(name)
        elif said.word == "lookup":
            found.setdefault(said.entities[0], []).append(name)
        elif said.word == "choice" and said.choices != "stages":
            found.setdefault(f"choice {said.choices}", []).append(name)
        elif said.word == "polymorphic" and entity == "activity":
            continue  # of other entities than the deals' own: another type
        else:
            found[said.word].append(name)
    return found


class Writer:
    """Writes one expression. `entity` is whose names are in scope, `outer` that of `parent`, inside an aggregate."""

    def __init__(self, chance: Random, entity: str = "deal", outer: str = "") -> None:
        self.chance = chance
        self.entity = entity
        self.outer = outer

    def any_of(self, depth: int) -> str:
        return self.of(self.chance.choice(KINDS), depth)

    def of(self, kind: str, depth: int) -> str:
        """An expression of `kind` with at most about `depth` levels."""
        if depth <= 0 or self.chance.randrange(8) == 0:
            return self.leaf(kind)
        return self.chance.choice(_RULES[kind])(self, depth - 1)

    def leaf(self, kind: str) -> str:
        found = self.field(kind) if self.chance.randrange(3) else ""
        return found or self.constant(kind)

    def field(self, kind: str) -> str:
        """A field of the record or at the end of a path, of the acting user, of `parent` or a parameter; "" when there is none."""
        chance, entity, path = self.chance, self.entity, ""
        start = chance.randrange(12)
        if start == 0:
            params = [name for name, words in PARAMS.items() if words.split()[0] == kind]
            if params:
                return f"params.{chance.choice(params)}"
        if start == 1:
            entity, path = "user", "user."
            if kind == "user":
                return "user"
        if start in (2, 3, 4) and self.outer:
            entity, path = self.outer, "parent."
        for _ in range(chance.choice((0, 0, 0, 0, 1, 1, 2, 3))):
            hops = [(name, Spec.of(words).entities[0]) for name, words in ENTITIES[entity].items() if words.startswith("lookup ")]
            name, entity = chance.choice(hops) if hops else ("", entity)
            path += f"{name}." if name else ""
        names = fields_of(entity).get(kind, ())
        return path + chance.choice(list(names)) if names else ""

    def constant(self, kind: str) -> str:
        """A literal; for kinds that have none, a field of the record where there is one."""
        chance = self.chance
        match kind:
            case "integer":
                return chance.choice(("", "", "-")) + str(chance.choice(INTEGERS))
            case "decimal":
                return chance.choice(("", "", "-")) + chance.choice(DECIMALS)
            case "text":
                return quoted(chance.choice(TEXTS), chance.choice("'\""))
            case "boolean":
                return chance.choice(("true", "false"))
            case "date":
                year, month, day = chance.choice(DATES).split("-")
                return f"DATE({int(year)}, {int(month)}, {int(day)})" if chance.randrange(4) else "TODAY()"
            case "datetime":
                return chance.choice(("NOW()", *(f"DATETIME({local})" for local in LOCAL)))
        names = list(fields_of(self.entity).get(kind, ()))
        return chance.choice(names) if names else f"COALESCE({self._elsewhere(kind)})"

    def _elsewhere(self, kind: str) -> str:
        """A field of a kind the record itself does not have."""
        prefix = "parent." if self.outer else "main_deal." if self.entity == "account" else "user."
        entity = self.outer or ("deal" if self.entity == "account" else "user")
        return prefix + self.chance.choice(list(fields_of(entity)[kind]))

    def literal(self, kind: str) -> str:
        """What may stand opposite a value of `kind`: text that takes its type, or `blank`."""
        chance = self.chance
        if chance.randrange(6) == 0:
            return "blank"
        match kind:
            case "date":
                return quoted(chance.choice(DATES))
            case "datetime":
                return quoted(chance.choice(INSTANTS))
            case "time":
                return quoted(chance.choice(TIMES))
            case "choice":
                return quoted(chance.choice(CHOICES["stages"])[0])
            case "account" | "user":
                return str(chance.randrange(4))
        return self.constant(kind)

    def number(self, depth: int) -> str:
        return self.of(self.chance.choice(("integer", "decimal")), depth)

    def items(self, kind: str, depth: int) -> str:
        count = self.chance.choice((1, 2, 2, 3))
        return ", ".join(self.literal(kind) if self.chance.randrange(3) else self.of(kind, depth) for _ in range(count))


def quoted(text: str, mark: str = '"') -> str:
    return mark + text.replace(mark, mark * 2) + mark


def lists_of(entity: str) -> Sequence[tuple[str, str]]:
    """Paths to related lists, and the entity in them."""
    found = [(name, target) for name, target, _, _ in RELATED.get(entity, ())]
    for name, words in ENTITIES[entity].items():
        if words.startswith("lookup "):
            found += [(f"{name}.{inner}", target) for inner, target, _, _ in RELATED.get(Spec.of(words).entities[0], ())]
    return found


Rule = Callable[[Writer, int], str]


def aggregate(*names: str, kind: str = "") -> Rule:
    """COUNT, SUM …: of records, or of a field of `kind`."""

    def write(w: Writer, depth: int) -> str:
        name = w.chance.choice(names)
        if w.outer:  # no list inside a list
            return w.leaf(kind or "integer")
        path, target = w.chance.choice(list(lists_of(w.entity)))
        inner = Writer(w.chance, target, w.entity)
        taken = [field for field in fields_of(target)[kind or w.chance.choice(("integer", "text", "date"))] if "." not in field]
        if name != "COUNT" and not taken:
            return w.leaf(kind)
        value = f"{path}.{w.chance.choice(taken)}" if taken and (name != "COUNT" or w.chance.randrange(3) == 0) else path
        where = f" where {inner.of('boolean', depth)}" if w.chance.randrange(3) else ""
        return f"{name}({value}{where})"

    return write


def form(pattern: str) -> Rule:
    """`LEFT({text}, {integer})`: kinds in braces become expressions, `{a/b}` one of two kinds, a mark after a kind is dropped."""
    pieces = pattern.replace("}", "{").split("{")

    def write(w: Writer, depth: int) -> str:
        return "".join(piece if number % 2 == 0 else _hole(w, piece, depth) for number, piece in enumerate(pieces))

    return write


def _hole(w: Writer, hole: str, depth: int) -> str:
    match hole:
        case "number":
            return f"({w.number(depth)})"
        case "unit":
            return quoted(w.chance.choice(UNITS))
        case "exponent":
            return str(w.chance.choice((-30, -8, -3, -2, -1, 0, 1, 2, 3, 5, 8, 30)))
        case "power":
            return str(w.chance.choice((0, 1, 2, 3, 5, 8, 30)))
        case "digits":
            return str(w.chance.choice((-20, -3, -1, 0, 1, 2, 4, 8)))
        case "small":
            return str(w.chance.choice((-1, 0, 1, 2, 3, 5, 12, 13, 29, 31)))
        case "any":
            return w.any_of(depth)
        case "blankable":
            names = fields_of(w.entity)["any"]
            return w.chance.choice(list(names)) if names else w.any_of(depth)
        case "tag":
            return quoted(w.chance.choice(CHOICES["tags"])[0])
    if hole.endswith("?"):
        return w.literal(hole[:-1])
    if hole.endswith("*"):
        return w.items(hole[:-1], depth)
    return f"({w.of(w.chance.choice(hole.split('/')), depth)})"


def forms(*patterns: str) -> list[Rule]:
    return [form(pattern) for pattern in patterns]


def choosing(kind: str) -> list[Rule]:
    """IF, COALESCE and SWITCH of a kind."""
    one = "{" + kind + "}"
    return forms(
        *(
            f"IF({{boolean}}, {one}, {one})",
            f"IF({{boolean}}, {one}, blank)",
            f"IF({{boolean}}, {one})",
            f"COALESCE({one}, {one})",
            f"COALESCE({one}, blank, {one})",
        ),
        *(f"SWITCH({{integer}}, {{integer?}}, {one}, {{number}}, {one}, {one})", f"SWITCH({{text}}, {{text?}}, {one}, {{text}}, {one})"),
        f"SWITCH({{choice}}, {{choice?}}, {one}, {one})",
    )


def comparing() -> list[Rule]:
    rules: list[Rule] = forms("{number} = {number}", "{number} <> {number}")
    for sign in ("<", "<=", ">", ">=", "="):
        rules += forms(*(f"{{{kind}}} {sign} {{{kind}}}" for kind in ("number", "text", "date", "datetime", "time")))
        rules += forms(*(f"{{{kind}}} {sign} {{{kind}?}}" for kind in ("integer", "decimal", "text", "date", "datetime", "time")))
        rules += forms(f"{{integer}} {sign} {{decimal?}}", f"{{decimal?}} {sign} {{decimal}}")
    for kind in ("choice", "set", "account", "user", "polymorphic", "boolean"):
        rules += forms(f"{{{kind}}} = {{{kind}}}", f"{{{kind}}} <> {{{kind}}}")
    for kind in ("choice", "account", "user"):
        rules += forms(f"{{{kind}}} = {{{kind}?}}", f"{{{kind}}} <> {{{kind}?}}")
    for kind in ("integer", "decimal", "text", "date", "datetime", "time", "choice", "account", "polymorphic"):
        rules += forms(f"{{{kind}}} in ({{{kind}*}})", f"{{{kind}}} not in ({{{kind}*}})")
    return rules


_LOGIC = forms(*["{boolean} and {boolean}", "{boolean} or {boolean}", "not {boolean}"] * 6, *["ISBLANK({any})"] * 4, "ISBLANK({blankable})")
_SEEKING = forms(
    *("CONTAINS({text}, {text})", "STARTSWITH({text}, {text})", "ENDSWITH({text}, {text})", "CONTAINS({text}, {text?})", "STARTSWITH({text}, {text?})"),
    *("ENDSWITH({text}, {text?})", "INCLUDES({set}, {tag})"),
)
_PARTS = forms(
    *("YEAR({date/datetime})", "QUARTER({date/datetime})", "MONTH({date/datetime})", "DAY({date/datetime})", "WEEKDAY({date/datetime})"),
    *(
        "HOUR({datetime/time})",
        "MINUTE({datetime/time})",
        "DAYSBETWEEN({date}, {date})",
        "DAYSBETWEEN({datetime}, {datetime})",
        "MONTHSBETWEEN({date}, {date})",
    ),
    *("MONTHSBETWEEN({datetime}, {datetime})", "MINUTESBETWEEN({datetime}, {datetime})", "WORKDAYSBETWEEN({date}, {date})", "{date} - {date}"),
)
_MOVES = (
    "ADDDAYS({%s}, {integer})",
    "ADDDAYS({%s}, {small})",
    "ADDMONTHS({%s}, {integer})",
    "ADDMONTHS({%s}, {small})",
    "STARTOF({%s}, {unit})",
    "ENDOF({%s}, {unit})",
)
_RULES: Mapping[str, Sequence[Rule]] = {
    "integer": [
        *forms("{integer} + {integer}", "{integer} - {integer}", "{integer} * {integer}", "-{integer}", "{integer} ^ {power}", "POWER({integer}, 2)"),
        *forms(
            "ABS({integer})", "MOD({integer}, {integer})", "SIGN({number})", "FLOOR({number})", "CEILING({number})", "ROUND({number}, 0)", "ROUND({number}, -2)"
        ),
        *forms("LEN({text})", "FIND({text}, {text})", "MIN({integer}, {integer})", "MAX({integer}, {integer}, {integer})", "ROUND({number})"),
        *(aggregate("COUNT"), aggregate("SUM", "MIN", "MAX", kind="integer"), *_PARTS, *choosing("integer")),
    ],
    "decimal": [
        *forms(
            "{number} + {decimal}",
            "{decimal} - {number}",
            "{number} * {decimal}",
            "{number} / {number}",
            "{number} / {number}",
            "-{decimal}",
            "{decimal} ^ {exponent}",
        ),
        *forms(
            "ABS({decimal})",
            "MOD({decimal}, {number})",
            "MOD({integer}, {decimal})",
            "ROUND({number}, {digits})",
            "SQRT({number})",
            "VALUE({text})",
            "POWER({number}, 3)",
        ),
        *forms(
            "MIN({decimal}, {number})", "MAX({number}, {decimal})", "IF({boolean}, {integer}, {decimal})", "COALESCE({decimal}, {integer})", "{number} ^ -1"
        ),
        *(aggregate("SUM", "MIN", "MAX", "AVG", kind="decimal"), aggregate("AVG", kind="integer"), *choosing("decimal")),
    ],
    "text": [
        *forms(
            "{text} & {text}", "{text} & {text?}", "LEFT({text}, {integer})", "LEFT({text}, {small})", "RIGHT({text}, {small})", "MID({text}, {small}, {small})"
        ),
        *forms(
            "RIGHT({text}, {integer})",
            "MID({text}, {integer}, {integer})",
            "UPPER({text})",
            "LOWER({text})",
            "TRIM({text})",
            "SUBSTITUTE({text}, {text?}, {text?})",
        ),
        *forms(
            "SUBSTITUTE({text}, {text}, {text})",
            "INITIALS({text})",
            "TEXT({number})",
            "TEXT({date/datetime})",
            "TEXT({time/choice/boolean/text})",
            "LABEL({choice})",
        ),
        *forms("MIN({text}, {text})", "MAX({text}, {text})", "TYPE(about)", "TYPE(account.owner)"),
        *(aggregate("MIN", "MAX", kind="text"), *choosing("text")),
    ],
    "boolean": [*_LOGIC, *_SEEKING, *comparing(), *choosing("boolean")[:3]],
    "date": [
        *forms(*(move % "date" for move in _MOVES), "{date} + {integer}", "{date} - {integer}", "{integer} + {date}", "{date} + {small}", "DATEOF({datetime})"),
        *forms("DATE({integer}, {integer}, {integer})", "DATE(2024, {small}, {small})", "MIN({date}, {date})", "MAX({date}, {date})"),
        *(aggregate("MIN", "MAX", kind="date"), *choosing("date")),
    ],
    "datetime": [
        *forms(*(move % "datetime" for move in _MOVES), "ADDMINUTES({datetime}, {integer})", "ADDMINUTES({datetime}, {small})"),
        *forms(
            "DATETIME({integer}, {small}, {small}, {small}, {small})",
            "DATETIME(2026, {small}, {small}, {small}, {small}, {small})",
            "MAX({datetime}, {datetime})",
        ),
        *(aggregate("MIN", "MAX", kind="datetime"), *choosing("datetime")),
    ],
    "time": [*forms("MIN({time}, {time})", "MAX({time}, {time})"), aggregate("MIN", "MAX", kind="time"), *choosing("time")],
    **{kind: choosing(kind) for kind in ("choice", "set", "account", "user", "polymorphic")},
}
