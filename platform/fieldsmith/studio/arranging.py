"""`Arrangement`: a layout as a draft has it, and what moving, adding and taking away its parts says as operations.

Never a copied document: each gesture becomes a few operations on named items, so that what nobody touched keeps following upgrades.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.meta.labels import label_from_name
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.member_order import Said, operation, said_of_list, said_of_order, taken_off

Body = Mapping[str, Any]
PARTS = ("sections", "related", "components")
"""The lists whose members stand on tabs."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`base` is the document without the workspace's own layer, None where the workspace made it; `loose` are the fields a default layout
    shows at the end of its last section because they stand in none."""

    body: Body
    base: Body | None
    loose: tuple[str, ...] = ()

    @property
    def default(self) -> bool:
        """Does it show by itself what stands in no section?"""
        return bool(self.body["name"] == "default")

    def shown(self, key: str) -> list[Body]:
        """The members of one list that are not hidden."""
        return [item for item in self.body.get(key, ()) if not item.get("hidden")]

    def hidden_parts(self, key: str) -> list[Body]:
        return [item for item in self.body.get(key, ()) if item.get("hidden")]

    def section_of(self, field: str) -> str | None:
        return next((item["name"] for item in self.shown("sections") if field in item["fields"]), None)

    def tab_of(self, item: Body) -> str:
        """The tab it stands on; "" where there are none."""
        names = self.tabs
        tab = item.get("tab")
        return tab if tab in names else names[0] if names else ""

    @property
    def tabs(self) -> list[str]:
        return [item["name"] for item in self.shown("tabs")]

    def members(self, path: str) -> list[str]:
        """The texts in the list at `path`."""
        return list(value_at(self.body, path)[0] or ())

    # Fields

    def place_field(self, field: str, section: str, after: str | None) -> list[Said]:
        """Into `section` behind `after` (None: first), from wherever it stands."""
        out: list[Said] = []
        present = self.members(f"/sections/{section}/fields")
        if after in self.loose and after != field:
            settled = self._settled(self.loose[: self.loose.index(str(after)) + 1], except_for=field)
            out += settled
            present += [item["path"].rpartition("/")[2] for item in settled]
        now = self.section_of(field)
        if now is not None and now != section:
            out.append(taken_off(f"/sections/{now}/fields", field, self._base_list(f"/sections/{now}/fields")))
        wanted = [name for name in present if name != field]
        wanted.insert(wanted.index(after) + 1 if after in wanted else 0, field)
        out += self._list(f"/sections/{section}/fields", present, wanted, field)
        if self.base is None and field in self.body.get("hidden", ()):
            out.append(operation("remove", f"/hidden/{field}"))
        return out

    def take_off_field(self, field: str) -> list[Said]:
        """Off the page, to where the unused ones are."""
        out: list[Said] = []
        section = self.section_of(field)
        hides = False
        if section is not None:
            said = taken_off(f"/sections/{section}/fields", field, self._base_list(f"/sections/{section}/fields"))
            out, hides = [said], said["op"] == "hide"
        return out + ([] if hides else self._kept_out([field]))

    def _kept_out(self, fields: Collection[str]) -> list[Said]:
        known = self.body.get("hidden", ())
        return [operation("add", f"/hidden/{name}") for name in fields if name not in known] if self.default else []

    def _settled(self, fields: Sequence[str], except_for: str | None = None) -> list[Said]:
        """Fields that stand in no section, put where they are shown: at the end of the last."""
        sections = self.shown("sections")
        if not sections:
            return []
        here = list(sections[-1]["fields"])
        out = []
        for name in fields:
            if name != except_for:
                out.append(operation("add", f"/sections/{sections[-1]['name']}/fields/{name}", after=here[-1] if here else None))
                here.append(name)
        return out

    # Sections, related lists, components, tabs

    def add_part(self, key: str, name: str, value: Body, tab: str) -> list[Said]:
        """At the end of `tab`."""
        made = {**value, "tab": tab} if tab and tab != self.tabs[0] else dict(value)
        here = [item["name"] for item in self.body.get(key, ()) if self.tab_of(item) == tab or not tab]
        everything = [item["name"] for item in self.body.get(key, ())]
        after = here[-1] if here else everything[-1] if everything else None
        settled = self._settled(self.loose) if key == "sections" else []
        return [*settled, operation("add", f"/{key}/{name}", value=made, after=after)]

    def move_part(self, key: str, name: str, tab: str, after: str | None) -> list[Said]:
        """Onto `tab` ("" where there are none) behind `after`, None for its first place."""
        everything = [item["name"] for item in self.body.get(key, ())]
        wanted = [other for other in everything if other != name]
        on_tab = [item["name"] for item in self.shown(key) if self.tab_of(item) == tab and item["name"] != name]
        first = wanted.index(on_tab[0]) if on_tab else len(wanted)
        at = wanted.index(str(after)) + 1 if after in wanted else first
        wanted.insert(at, name)
        out = said_of_order(f"/{key}", everything, wanted, name)
        if out and key == "sections":
            out = [*self._settled(self.loose), *out]
        item = self.part(key, name)
        if item is not None and tab and self.tab_of(item) != tab:
            out += self.say(f"/{key}/{name}/tab", None if tab == self.tabs[0] else tab)
        return out

    def remove_part(self, key: str, name: str) -> list[Said]:
        """The fields of a section go back to the unused ones."""
        base = self._base_list(f"/{key}")
        hides = base is not None and name in base
        out = [operation("hide" if hides else "remove", f"/{key}/{name}")]
        item = self.part(key, name)
        if key != "sections" or item is None:
            return out
        last = self.shown("sections")[-1]["name"] == name
        loose = self.loose if last else ()
        return [*(self._settled(loose) if loose and hides else []), *out, *([] if hides else self._kept_out([*item["fields"], *loose]))]

    def restore_part(self, key: str, name: str) -> list[Said]:
        """What was hidden, as its package has it; fields of it that stand elsewhere by now stay there."""
        path = f"/{key}/{name}"
        elsewhere = {field for item in self.shown("sections") for field in item["fields"]}
        there = self._base_list(f"{path}/fields") or ()
        return [operation("remove", path), *(operation("hide", f"{path}/fields/{field}") for field in there if key == "sections" and field in elsewhere)]

    def add_tab(self, name: str, label: str, first: tuple[str, str]) -> list[Said]:
        """A further tab. Where there is none yet, `first` (name, label) takes all that stands on the page."""
        names = self.tabs
        out = [] if names else [operation("add", f"/tabs/{first[0]}", value={"label": first[1]}, after=None)]
        return [*out, operation("add", f"/tabs/{name}", value={"label": label}, after=(names or [first[0]])[-1])]

    def move_tab(self, name: str, after: str | None) -> list[Said]:
        """What stands on the first tab without saying so stays on it when another comes first."""
        everything = [item["name"] for item in self.body.get("tabs", ())]
        wanted = [other for other in everything if other != name]
        wanted.insert(wanted.index(after) + 1 if after in wanted else 0, name)
        moved = said_of_order("/tabs", everything, wanted, name)
        shown = self.tabs
        old, new = shown[0], next(other for other in wanted if other in shown)
        if old == new:
            return moved
        staying = [(key, item["name"]) for key in PARTS for item in self.body.get(key, ()) if not item.get("tab")]
        return [*moved, *(said for key, part in staying for said in self.say(f"/{key}/{part}/tab", old))]

    def remove_tab(self, name: str) -> list[Said]:
        """What stands on it goes to the first of the others."""
        out: list[Said] = []
        for key in PARTS:
            for item in self.body.get(key, ()):
                if item.get("tab") == name:
                    out += self.say(f"/{key}/{item['name']}/tab", None)
        base = self._base_list("/tabs")
        return [*out, operation("hide" if base is not None and name in base else "remove", f"/tabs/{name}")]

    # Properties

    def part(self, key: str, name: str) -> Body | None:
        return next((item for item in self.body.get(key, ()) if item["name"] == name), None)

    def say(self, path: str, value: Any) -> list[Said]:
        """The property at `path` gets `value`; None: none at all."""
        present, there = value_at(self.body, path)
        has_base = self.base is not None and value_at(self.base, path)[1]
        if value is None:
            if not there or (has_base and present == ""):
                return []
            return [operation("change", path, value="") if has_base else operation("remove", path)]
        if there and present == value:
            return []
        return [operation("change" if there else "add", path, value=value)]

    def say_list(self, path: str, wanted: Sequence[str]) -> list[Said]:
        """The list at `path` holds just these, in this order."""
        return self._list(path, self.members(path), list(dict.fromkeys(wanted)))

    def fresh_name(self, key: str, stem: str) -> str:
        """`stem`, or `stem_2` and so on where that is taken."""
        taken = {item["name"] for item in self.body.get(key, ())}
        return next(name for name in (stem, *(f"{stem}_{number}" for number in range(2, 1000))) if name not in taken)

    def label_of(self, key: str, name: str) -> str:
        item = self.part(key, name) or {}
        return str(item.get("label") or label_from_name(name))

    def _list(self, path: str, present: Sequence[str], wanted: Sequence[str], moved: str = "") -> list[Said]:
        return said_of_list(path, present, wanted, self._base_list(path), moved)

    def _base_list(self, path: str) -> list[str] | None:
        """Names of the list's members below the workspace's own layer; None where that made the document or the item the list is of."""
        if self.base is None:
            return None
        parent, has_parent = value_at(self.base, path.rpartition("/")[0])
        if not has_parent:
            return None
        listed = parent.get(path.rpartition("/")[2], ())
        return [item if isinstance(item, str) else item["name"] for item in listed]
