"""What the buttons and drags of the layout editor mean: a posted form → operations on the layout.

`do` is a verb and what it is about: `move`, `remove sections/main`, `add-section papers`. What speaks of something that is not there
says nothing: another window was faster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from fieldsmith.base.text import Message, Words, _m
from fieldsmith.meta.model import Model
from fieldsmith.studio.arranging import PARTS, Arrangement
from fieldsmith.studio.member_order import Said

Form = MultiDict[str, str]
PALETTE = "palette"


class Gesture:
    """One posted form. `chosen` is what the side panel shows afterwards (`sections/main`), where the gesture decides that."""

    def __init__(self, found: Arrangement, model: Model, words: Words, form: Form) -> None:
        self._found = found
        self._model = model
        self._words = words
        self._form = form
        self.chosen: str | None = None

    def operations(self) -> list[Said]:
        verb, _, about = self._form.get("do", "").partition(" ")
        doing: Mapping[str, Callable[[str], list[Said]]] = {
            "move": self._move,
            "up": lambda about: self._step(about, -1),
            "down": lambda about: self._step(about, 1),
            "remove": self._remove,
            "restore": self._restore,
            "rename": self._rename,
            "set": self._set,
            "highlight": self._highlight,
            "add-section": self._add_section,
            "add-tab": self._add_tab,
            "add-related": self._add_related,
            "add-component": self._add_component,
        }
        act = doing.get(verb)
        return act(about) if act is not None else []

    def _text(self, name: str) -> str:
        return self._form.get(name, "").strip()

    def _said(self, message: Message) -> str:
        return message.render(self._words)

    def _move(self, about: str) -> list[Said]:
        """A drag tells `group`, `item`, `list` and `after`; the side panel only where to, and the item goes to the end there."""
        group, item, to = self._form.get("group", ""), self._form.get("item", ""), self._form.get("list", "")
        after = self._form.get("after") if "after" in self._form else self._last_of(group, to)
        found = self._found
        if group == "fields":
            return self._move_field(item, to, after)
        if group == "highlights":
            here = [name for name in found.members("/highlights") if name != item]
            here.insert(here.index(after) + 1 if after in here else 0, item)
            return found.say_list("/highlights", here)
        if group == "tabs" and item in found.tabs:
            return found.move_tab(item, after or None)
        if group in PARTS and found.part(group, item) is not None:
            self.chosen = f"{group}/{item}"
            tab = to.partition("/")[2]
            return found.move_part(group, item, tab if tab in found.tabs else found.tab_of(found.part(group, item) or {}), after or None)
        return []

    def _move_field(self, field: str, to: str, after: str | None) -> list[Said]:
        self.chosen = f"fields/{field}"
        if to == PALETTE:
            return self._found.take_off_field(field)
        section = to.partition("/")[2]
        if field not in self._model.entities[self._found.body["entity"]].fields or self._found.part("sections", section) is None:
            return []
        return self._found.place_field(field, section, after or None)

    def _last_of(self, group: str, to: str) -> str | None:
        found, name = self._found, to.partition("/")[2]
        if group == "fields":
            sections = found.shown("sections")
            last = bool(sections) and sections[-1]["name"] == name
            listed = [*found.members(f"/sections/{name}/fields"), *(found.loose if last else ())]
        else:
            listed = [item["name"] for item in found.shown(group) if found.tab_of(item) == name] if group in PARTS else []
        listed = [item for item in listed if item != self._form.get("item")]
        return listed[-1] if listed else None

    def _step(self, about: str, by: int) -> list[Said]:
        """One place up or down among its neighbours; a section at the end of its tab goes no further."""
        group, _, name = about.partition("/")
        found = self._found
        self.chosen = about
        if group == "fields":
            section = found.section_of(name) or (found.shown("sections")[-1]["name"] if name in found.loose else "")
            last = found.shown("sections")[-1]["name"] == section
            row = [*found.members(f"/sections/{section}/fields"), *(found.loose if last else ())]
        elif group == "tabs":
            row = found.tabs
        elif group == "highlights":
            row = found.members("/highlights")
        else:
            item = found.part(group, name)
            row = [other["name"] for other in found.shown(group) if item is not None and found.tab_of(other) == found.tab_of(item)]
        if name not in row or not 0 <= row.index(name) + by < len(row):
            return []
        rest = [other for other in row if other != name]
        at = row.index(name) + by
        after = rest[at - 1] if at else None
        if group == "fields":
            return found.place_field(name, section, after)
        if group == "tabs":
            return found.move_tab(name, after)
        if group == "highlights":
            return found.say_list("/highlights", [*rest[:at], name, *rest[at:]])
        return found.move_part(group, name, found.tab_of(found.part(group, name) or {}), after)

    def _remove(self, about: str) -> list[Said]:
        group, _, name = about.partition("/")
        found = self._found
        self.chosen = ""
        if group == "fields":
            return found.take_off_field(name)
        if group == "highlights":
            return found.say_list("/highlights", [other for other in found.members("/highlights") if other != name])
        if group == "tabs" and name in found.tabs:
            return found.remove_tab(name)
        if group == "sections" and len(found.shown("sections")) < 2:
            return []
        return found.remove_part(group, name) if group in PARTS and found.part(group, name) is not None else []

    def _restore(self, about: str) -> list[Said]:
        group, _, name = about.partition("/")
        self.chosen = about
        return self._found.restore_part(group, name) if group in PARTS and found_hidden(self._found, group, name) else []

    def _rename(self, about: str) -> list[Said]:
        group, _, name = about.partition("/")
        label = self._text("label")
        if group not in (*PARTS, "tabs") or self._found.part(group, name) is None or not label or label == self._found.label_of(group, name):
            return []
        return self._found.say(f"/{about}/label", label)

    def _set(self, about: str) -> list[Said]:
        """The side panel's form: what it shows of one part, or of the layout itself."""
        found, group = self._found, about.partition("/")[0]
        self.chosen = about
        if group == "layout":
            return self._set_layout()
        if group == "tabs":
            return self._rename(about)
        if group not in PARTS or found.part(group, about.partition("/")[2]) is None:
            return []
        path = f"/{about}"
        out = self._rename(about)
        if group == "sections" and self._form.get("columns") in ("1", "2", "3"):
            columns = int(self._form["columns"])
            item = found.part(group, about.partition("/")[2]) or {}
            out += found.say(f"{path}/columns", columns) if columns != item.get("columns", 2) else []
        if group == "related":
            columns_, sort = (self._form.getlist(name) for name in ("columns", "sort"))
            out += found.say_list(f"{path}/columns", [name for name in columns_ if name])
            out += found.say_list(f"{path}/sort", [name for name in sort if name])
        if "text" in self._form and self._text("text"):
            out += found.say(f"{path}/text", self._text("text"))
        if "visible" in self._form:
            out += found.say(f"{path}/visible", self._text("visible") or None)
        tab = self._form.get("tab")
        if tab in found.tabs and found.tab_of(found.part(group, about.partition("/")[2]) or {}) != tab:
            out += found.say(f"{path}/tab", None if tab == found.tabs[0] else tab)
        return out

    def _set_layout(self) -> list[Said]:
        found, label = self._found, self._text("label")
        out = found.say("/label", label) if label and label != self._form.get("label_was", label) else []
        out += found.say("/path", self._text("path") or None)
        if not found.default:
            out += found.say_list("/roles", self._form.getlist("roles"))
            out += found.say_list("/record_types", self._form.getlist("record_types"))
            active = "active" in self._form
            out += found.say("/active", active) if active != found.body.get("active", True) else []
        return out

    def _highlight(self, about: str) -> list[Said]:
        """Into the highlights, or out of them."""
        here = self._found.members("/highlights")
        self.chosen = f"fields/{about}"
        return self._found.say_list("/highlights", [name for name in here if name != about] if about in here else [*here, about])

    def _add_section(self, about: str) -> list[Said]:
        name = self._found.fresh_name("sections", "section")
        self.chosen = f"sections/{name}"
        return self._found.add_part("sections", name, {"label": self._said(_m("New section")), "columns": 2, "fields": []}, self._tab(about))

    def _add_tab(self, about: str) -> list[Said]:
        first = self._found.fresh_name("tabs", "details")
        name = self._found.fresh_name("tabs", "tab")
        self.chosen = f"tabs/{name}"
        return self._found.add_tab(name, self._said(_m("New tab")), (first, self._said(_m("Details"))))

    def _add_related(self, about: str) -> list[Said]:
        entity, _, field = self._form.get("related", "").partition(".")
        other = self._model.entities.get(entity)
        if other is None or field not in other.fields:
            return []
        inverse = other.fields[field].options.get("inverse")
        name = self._found.fresh_name("related", str(inverse or entity))
        self.chosen = f"related/{name}"
        return self._found.add_part("related", name, {"entity": entity, "field": field}, self._tab(about))

    def _add_component(self, about: str) -> list[Said]:
        kind, _, tab = about.partition(" ")
        if kind not in ("history", "text"):
            return []
        name = self._found.fresh_name("components", kind)
        self.chosen = f"components/{name}"
        value: dict[str, Any] = {"component": kind}
        if kind == "text":
            value["text"] = self._said(_m("A hint for the people who work with this record."))
        return self._found.add_part("components", name, value, self._tab(tab))

    def _tab(self, name: str) -> str:
        tabs: Sequence[str] = self._found.tabs
        return name if name in tabs else tabs[0] if tabs else ""


def found_hidden(found: Arrangement, group: str, name: str) -> bool:
    return any(item["name"] == name for item in found.hidden_parts(group))
