"""Forms: the inputs of a layout, what a browser posted for them, and the problems beside them.

`web.screens_form` makes a `FormPlan` once per entity and reader, `sent` reads a posted form into values for the records service,
and `draw` makes the plain data the templates show. Not for lists and record pages: those use `web.cells`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from markupsafe import Markup

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Words
from fieldsmith.fields.base import Field, Invalid, Json, Reader, Scope
from fieldsmith.fields.computed import COMPUTED
from fieldsmith.meta.model import RECORD_TYPE, Component, Entity, Layout, Model, Section
from fieldsmith.records.live import OPEN, FieldState
from fieldsmith.web.form_options import Option, options_of, source_of
from fieldsmith.web.screens_inputs import Texts, codec

WIDGETS = frozenset(
    (
        *("text", "textarea", "rich_text", "email", "tel", "url", "number", "money", "checkbox"),
        *("date", "datetime", "time", "duration", "select", "multi_select", "lookup", "polymorphic", "many_to_many"),
        *("person_name", "address", "geolocation", "file", "image", "colour", "rating", "json"),
    )
)
"""The macros of `widgets.html`."""

PICKERS = frozenset({"lookup", "polymorphic", "many_to_many", "file", "image"})
"""Widgets whose choices are records or files: only what is chosen is in the page."""

BLANK = Markup("–")
"""What stands where a computed field has no value."""

_GROUPED = frozenset({"person_name", "address", "geolocation"})
_WIDE = frozenset({"textarea", "rich_text", "json", "address", "person_name"})
_EDITABLE_SYSTEM = frozenset({"owner"})


class Posted(Protocol):
    """What a form sends: werkzeug's MultiDict."""

    def getlist(self, key: str) -> list[str]: ...
    def __contains__(self, key: object) -> bool: ...


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form as the template draws it; `texts` by part, `picked` the chosen options of a picker."""

    name: str
    widget: str
    kind: str  # the field's type
    label: str
    help: str
    required: bool
    texts: Texts
    options: Sequence[Option] = ()
    picked: Sequence[Option] = ()
    errors: Sequence[tuple[str, str]] = ()  # (sentence, cure or "")
    source: str = ""  # where a picker asks for more
    limits: Mapping[str, Any] = field(default_factory=dict)  # max_length, rows, max …
    focus: bool = False
    hidden: bool = False  # by a rule, as `locked` is; neither is posted
    locked: bool = False
    note: str = ""  # the rule that locks it
    family_first: bool = False  # how the reader's language orders names

    @property
    def grouped(self) -> bool:
        """Has it several inputs under one caption?"""
        return self.widget in _GROUPED

    computed = False

    @property
    def wide(self) -> bool:
        """Does it take the whole width of its section?"""
        return self.widget in _WIDE

    def text(self, part: str = "") -> str:
        """The one text of `part`."""
        found = self.texts.get(part, "")
        return found if isinstance(found, str) else (found[-1] if found else "")

    def has(self, value: str) -> bool:
        """Is `value` among the chosen ones?"""
        found = self.texts.get("", ())
        return value == found if isinstance(found, str) else value in found


@dataclass(frozen=True, slots=True)
class Output:
    """A computed field in a form, or one the reader may not change: shown, never typed in."""

    name: str
    label: str
    help: str
    text: Markup
    end: bool  # numbers stand at the end
    hidden: bool = False
    computed = True
    wide = False


@dataclass(frozen=True, slots=True)
class FormSection:
    label: str
    columns: int
    items: Sequence[Input | Output]
    name: str = ""

    @property
    def inputs(self) -> Sequence[Input]:
        return [item for item in self.items if isinstance(item, Input)]

    @property
    def hidden(self) -> bool:
        """Do rules hide everything in it?"""
        return all(item.hidden for item in self.items)


@dataclass(frozen=True, slots=True)
class FormText:
    """A text of the layout; `place` (`components/hint`) says which."""

    place: str
    label: str
    text: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class FormTab:
    """`name` is "" where the form has no tabs; `now` the one in front."""

    name: str
    label: str
    texts: Sequence[FormText]
    sections: Sequence[FormSection]
    now: bool = True

    @property
    def wrong(self) -> bool:
        return any(item.errors for section in self.sections for item in section.inputs)

    @property
    def hidden(self) -> bool:
        return all(section.hidden for section in self.sections) and all(text.hidden for text in self.texts)


@dataclass(frozen=True, slots=True)
class Judged:
    """What rules say of the fields now, and the values of computed fields as HTML. `hidden` are fields and parts of the layout."""

    states: Mapping[str, FieldState] = field(default_factory=dict)
    outputs: Mapping[str, Markup] = field(default_factory=dict)
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)  # values of choices that hang on others
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Form:
    """A form ready to draw: `problems` are those that belong to no field of it."""

    sections: Sequence[FormSection]
    problems: Sequence[tuple[str, str]] = ()
    tabs: Sequence[FormTab] = ()

    @property
    def inputs(self) -> Iterable[Input]:
        return (item for section in self.sections for item in section.inputs)

    @property
    def wrong(self) -> Sequence[Input]:
        """The inputs with errors, in the order of the page."""
        return [item for item in self.inputs if item.errors]


@dataclass(frozen=True, slots=True)
class FormPlan:
    """All that is known of a form before any record: made once per revision, entity and reader."""

    entity: Entity
    sections: Sequence[tuple[Section, Sequence[Field]]]
    model: Model
    scope: Scope
    reader: Reader
    words: Words
    countries: Sequence[Option]
    layout: Layout
    locked: frozenset[str] = frozenset()  # fields the reader sees and may not change

    @property
    def fields(self) -> Sequence[Field]:
        """What can be typed in."""
        return [item for _, fields in self.sections for item in fields if item.type not in COMPUTED and item.name not in self.locked]

    @property
    def fixed(self) -> Sequence[Field]:
        """What is shown of a stored record and stays as it is, because the reader may not change it."""
        return [item for _, fields in self.sections for item in fields if item.type not in COMPUTED and item.name in self.locked]

    @property
    def computed(self) -> Sequence[Field]:
        """What is worked out and shown."""
        return [item for _, fields in self.sections for item in fields if item.type in COMPUTED]


def editable(model: Model, item: Field) -> bool:
    """May a form show an input for this field at all?"""
    if item.system:
        return item.name in _EDITABLE_SYSTEM and not item.read_only
    return not item.read_only and model.type_of(item).writable


def form_plan(
    model: Model, layout: Layout, scope: Scope, reader: Reader, words: Words, countries: Sequence[Option], locked: frozenset[str] = frozenset()
) -> FormPlan:
    """The inputs and computed fields of `layout`, tab by tab, sections without any left out; those `locked` for the reader are texts."""
    entity = model.entities[layout.entity]
    known = ((section, [entity.fields[name] for name in section.fields if name in entity.fields]) for section in _by_tab(layout))
    kept = [(section, [item for item in fields if editable(model, item) or item.type in COMPUTED or item.name in locked]) for section, fields in known]
    sections = [(section, fields) for section, fields in kept if fields]
    kind = entity.fields.get(RECORD_TYPE)
    if kind is not None and sections and all(kind not in fields for _, fields in sections):
        sections[0] = (sections[0][0], [kind, *sections[0][1]])
    return FormPlan(entity, sections, model, scope, reader, words, countries, layout, locked)


def _by_tab(layout: Layout) -> Sequence[Section]:
    """As they come on the page: those of the first tab, then those of the next."""
    order = {tab.name: at for at, tab in enumerate(layout.tabs)}
    return sorted(layout.sections, key=lambda section: order.get(section.tab or "", 0))


def widget_of(model: Model, item: Field) -> str:
    """The macro that draws `item`; a widget the templates do not know is a line of text."""
    widget = model.type_of(item).widget
    return widget if widget in WIDGETS else "text"


def texts_of(plan: FormPlan, values: Mapping[str, Any]) -> dict[str, Texts]:
    """Canonical values (lookups as links) → the texts of every input."""
    out: dict[str, Texts] = {}
    for item in plan.fields:
        value = values.get(item.name)
        out[item.name] = {} if value is None else codec(widget_of(plan.model, item)).show(value, plan.reader)
    return out


def posted_texts(plan: FormPlan, form: Posted) -> dict[str, Texts]:
    """What was posted, per field; a field of which no part was posted is absent."""
    out: dict[str, Texts] = {}
    for item in plan.fields:
        how = codec(widget_of(plan.model, item))
        keys = {part: item.name + ("." + part if part else "") for part in how.parts}
        if not any(key in form for key in keys.values()):
            continue
        texts: dict[str, str | tuple[str, ...]] = {}
        for part, key in keys.items():
            values = form.getlist(key)
            texts[part] = tuple(value for value in values if value) if how.many and not part else (values[-1] if values else "")
        out[item.name] = texts
    return out


def same(one: Texts, other: Texts) -> bool:
    """Do both say the same? Blank parts count as absent and line ends do not matter."""
    return _said(one) == _said(other)


def _said(texts: Texts) -> dict[str, Any]:
    plain = {part: text.replace("\r\n", "\n").strip() if isinstance(text, str) else text for part, text in texts.items()}
    kept = {part: text for part, text in plain.items() if text}
    return {} if set(kept) == {"currency"} else kept


def read(plan: FormPlan, texts: Mapping[str, Texts]) -> tuple[dict[str, Json], list[Problem]]:
    """Posted texts → raw values for the records service, and the problems of what cannot even be read."""
    values: dict[str, Json] = {}
    problems: list[Problem] = []
    for item in plan.fields:
        if item.name not in texts:
            continue
        try:
            values[item.name] = codec(widget_of(plan.model, item)).read(texts[item.name], item, plan.reader)
        except Invalid as wrong:
            problems.append(Problem(wrong.code, wrong.message, pointer(item.name), wrong.hint))
    return values, problems


Picker = Callable[[Field, Texts], Sequence[Option]]
"""Labels of what a picker holds: asked with the field and its texts."""


def draw(
    plan: FormPlan,
    texts: Mapping[str, Texts],
    picker: Picker,
    problems: Sequence[Problem] = (),
    judged: Judged | None = None,
    fixed: Mapping[str, Markup] | None = None,
) -> Form:
    """The form with these texts, every problem beside its field, the first wrong field (or the first of all) focused.

    `fixed` are the values of fields the reader may not change; None leaves these out, as of a record that is not there yet.
    """
    judged = judged or Judged()
    names = {item.name for item in plan.fields if judged.states.get(item.name, OPEN).visible}
    placed, loose = _placed(plan, names, problems)
    first = next((item.name for item in plan.fields if item.name in placed), next((item.name for item in plan.fields if _typed(judged, item)), ""))
    sections = []
    for section, fields in plan.sections:
        items: list[Input | Output] = []
        for item in fields:
            state = judged.states.get(item.name, OPEN)
            if item.name in plan.locked and item.type not in COMPUTED:
                items += [] if fixed is None else [_output(plan, item, state, fixed)]
            elif item.type in COMPUTED:
                items.append(_output(plan, item, state, judged.outputs))
            else:
                drawn = _input(plan, item, texts.get(item.name, {}), picker, judged.offered.get(item.name))
                items.append(replace(_ruled(plan, drawn, state), errors=placed.get(item.name, ()), focus=item.name == first))
        sections.append(FormSection(section.label.render(plan.words), section.columns, items, section.name))
    return Form(sections, loose, _tabs(plan, sections, judged))


def _tabs(plan: FormPlan, sections: Sequence[FormSection], judged: Judged) -> Sequence[FormTab]:
    """The tabs that have something to fill in; the first with something wrong is in front. One without a name where the layout has none."""
    standing = {section.name: section.tab for section, _ in plan.sections}
    texts = [(item.tab, _text(plan, item, judged)) for item in plan.layout.components if item.component == "text"]
    named = [(tab.name, tab.label.render(plan.words)) for tab in plan.layout.tabs] or [("", "")]
    first = named[0][0]
    made = [
        FormTab(name, label, [text for tab, text in texts if (tab or first) == name], [item for item in sections if (standing[item.name] or first) == name])
        for name, label in named
    ]
    kept = [tab for tab in made if tab.sections] or made[:1]
    front = next((tab for tab in kept if tab.wrong), next((tab for tab in kept if not tab.hidden), kept[0]))
    return [replace(tab, now=tab is front) for tab in kept]


def _text(plan: FormPlan, item: Component, judged: Judged) -> FormText:
    place = f"components/{item.name}"
    label, text = (said.render(plan.words) if said is not None else "" for said in (item.label, item.text))
    return FormText(place, label, text, place in judged.hidden)


def _placed(plan: FormPlan, names: Container[str], problems: Sequence[Problem]) -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, str]]]:
    """Sentences and cures beside the fields `names`, and those that belong to none of them."""
    placed: dict[str, list[tuple[str, str]]] = {}
    loose: list[tuple[str, str]] = []
    for problem in problems:
        name = problem.pointer.split("/")[1] if problem.pointer.count("/") else ""
        said = (problem.message.render(plan.words), problem.hint.render(plan.words) if problem.hint else "")
        if name in names:
            placed.setdefault(name, []).append(said)
        else:
            loose.append(said)
    return placed, loose


def _typed(judged: Judged, item: Field) -> bool:
    """Does one begin here? The type of a record is chosen already."""
    return item.name != RECORD_TYPE and judged.states.get(item.name, OPEN).open


def _ruled(plan: FormPlan, item: Input, state: FieldState) -> Input:
    note = "" if state.locked_by is None else state.locked_by.render(plan.words)
    return replace(item, hidden=not state.visible, locked=state.locked_by is not None, note=note, required=item.required or state.required)


def _output(plan: FormPlan, item: Field, state: FieldState, shown: Mapping[str, Markup]) -> Output:
    said = item.help.render(plan.words) if item.help else ""
    end = plan.model.type_of(item).align_end
    return Output(item.name, item.label.render(plan.words), said, shown.get(item.name, BLANK), end, not state.visible)


def _input(plan: FormPlan, item: Field, texts: Texts, picker: Picker, offered: Sequence[str] | None = None) -> Input:
    widget = widget_of(plan.model, item)
    return Input(
        name=item.name,
        widget=widget,
        kind=item.type,
        label=item.label.render(plan.words),
        help=item.help.render(plan.words) if item.help else "",
        required=item.required,
        texts=texts,
        options=options_of(plan, item, widget, texts, offered),
        picked=picker(item, texts) if widget in PICKERS else (),
        source=source_of(plan, item, widget),
        limits=item.options,
        family_first=plan.words.language.startswith("zh"),
    )
