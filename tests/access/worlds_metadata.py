"""The metadata of a random world: entities (by structure), and roles, sharing and views that are new in each."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
RIGHTS = ("create", "read", "update", "delete", "export", "import", "mass_change", "merge", "history", "assign", "reveal")
SCOPES = ("none", "own", "team", "hierarchy", "all")
FIELD_RIGHTS = ("none", "masked", "read", "edit")
COLOURS = ("red", "green", "blue")


@dataclass
class Documents:
    """`conditions`: expression → (path, operator, value), as the oracle evaluates it. Fields with `shows` are formulas: the path they give."""

    entities: dict[str, Body] = field(default_factory=dict)
    roles: list[Body] = field(default_factory=list)
    rules: list[Body] = field(default_factory=list)
    views: list[Body] = field(default_factory=list)
    conditions: dict[str, tuple[str, str, Any]] = field(default_factory=dict)

    def bodies(self) -> dict[str, list[Body]]:
        """What is published, without what only the oracle reads."""
        entities = [
            {**body, "fields": [{key: value for key, value in item.items() if key != "shows"} for item in body["fields"]]} for body in self.entities.values()
        ]
        choices = {"name": "qcolour", "values": [{"name": name} for name in COLOURS]}
        account = {"op": "add", "path": "/fields/zaccount", "value": {"type": "lookup", "to": "qfirm"}}
        user = [{"extends": "user", "operations": [account]}] if "qfirm" in self.entities else []
        return {"entity": [*entities, *user], "choices": [choices], "role": self.roles, "sharing_rule": self.rules, "view": self.views}


def documents(dice: random.Random, structure: int) -> Documents:
    out = Documents(structure_of(structure))
    for body in out.entities.values():
        body["sharing"] = dice.choice(["private", "team", "hierarchy", "read", "all", "all"])
    for at in range(dice.randint(1, 5)):
        out.roles.append(_role(dice, out, f"r{at}"))
    if dice.random() < 0.3:
        out.roles.append(_portal(dice, out))
    names = [role["name"] for role in out.roles]
    for at in range(dice.randint(0, 4)):
        out.rules.append(_rule(dice, out, f"s{at}", names))
    for entity in out.entities:
        out.views.append(_view(dice, out, entity))
    return out


def structure_of(number: int) -> dict[str, Body]:
    """Two to five entities: a firm, deals of firms, their parts (details), badges (many-to-many), slips of deals."""
    dice = random.Random(f"structure {number}")
    names = ["qfirm", "qdeal", *sorted(dice.sample(["qpart", "qbadge", "qslip"], dice.randint(0, 3)))]
    out: dict[str, Body] = {}
    for name in names:
        fields: list[Body] = [
            {"name": f"{name}_name", "type": "text", "required": dice.random() < 0.7},
            {"name": f"{name}_code", "type": "external_id", "unique": True},
            {"name": f"{name}_note", "type": "text"},
            {"name": f"{name}_amount", "type": "integer"},
            {"name": f"{name}_size", "type": "choice", "choices": "qcolour"},
            {"name": f"{name}_twice", "type": "formula", "returns": "text", "expression": f'{name}_note & "!"', "shows": f"{name}_note"},
        ]
        out[name] = {"name": name, "name_field": f"{name}_name", "features": ["history"], "fields": fields}
    _between(out)
    return out


def _between(out: dict[str, Body]) -> None:
    def add(entity: str, **item: Any) -> None:
        if entity in out and all(to in out for to in ([item["to"]] if isinstance(item.get("to", "qfirm"), str) and "to" in item else item.get("to", []))):
            out[entity]["fields"].append(item)

    add("qfirm", name="qfirm_file", type="file")
    add("qfirm", name="qfirm_deals", type="rollup", expression="count(qdeals)", returns="integer")
    add("qfirm", name="qfirm_badges", type="many_to_many", to="qbadge", inverse="qfirms")
    add("qdeal", name="qdeal_firm", type="lookup", to="qfirm", inverse="qdeals")
    add("qdeal", name="qdeal_firmnote", type="formula", returns="text", expression="qdeal_firm.qfirm_note", shows="qdeal_firm.qfirm_note")
    add("qpart", name="qpart_deal", type="lookup", to="qdeal", inverse="qparts", owned=True)
    add("qslip", name="qslip_deal", type="lookup", to="qdeal", inverse="qslips")
    add("qslip", name="qslip_about", type="polymorphic_lookup", to=["qfirm", "qdeal"], inverse="qtales")


def _condition(dice: random.Random, out: Documents, entity: str) -> str:
    paths = [f"{entity}_size"]
    if entity == "qdeal":
        paths.append("qdeal_firm.qfirm_size")
    path, operator, value = dice.choice(paths), dice.choice(["=", "<>"]), dice.choice(COLOURS)
    text = f'{path} {operator} "{value}"'
    out.conditions[text] = (path, operator, value)
    return text


def _some_rights(dice: random.Random) -> Any:
    if dice.random() < 0.6:
        granted = [right for right in RIGHTS if dice.random() < 0.6]
        return sorted({"read", *granted}) if dice.random() < 0.8 else granted
    said = {right: dice.choice(SCOPES) for right in RIGHTS if dice.random() < 0.7}
    return said | ({"read": dice.choice(SCOPES[1:])} if dice.random() < 0.8 else {})


def _role(dice: random.Random, out: Documents, name: str) -> Body:
    entities: Body = {}
    if dice.random() < 0.5:
        entities["*"] = _some_rights(dice)
    for entity in (*out.entities, "user", "team"):
        if dice.random() < 0.7:
            entities[entity] = _some_rights(dice)
    role: Body = {"name": name, "entities": entities, "field_rights": _fields(dice, out, 0.5), "restrict": _restrictions(dice, out)}
    if dice.random() < 0.3:
        role["actions"] = {dice.choice(["*", *out.entities]): dice.choice([[], ["share"], ["take"]])}
    return role


def _fields(dice: random.Random, out: Documents, chance: float) -> Body:
    found: Body = {}
    for entity, body in out.entities.items():
        if dice.random() < chance:
            names = dice.sample([item["name"] for item in body["fields"]], dice.randint(1, 3))
            found[entity] = {name: dice.choice(FIELD_RIGHTS) for name in names}
            if dice.random() < 0.15:
                found[entity][dice.choice(["owner", "created_at", "modified_by"])] = dice.choice(FIELD_RIGHTS)
    return found


def _restrictions(dice: random.Random, out: Documents) -> Body:
    found: Body = {}
    for entity in out.entities:
        if dice.random() < 0.15:
            item: Body = {}
            if dice.random() < 0.6:
                item["records"] = _condition(dice, out, entity)
            if dice.random() < 0.4:
                item["rights"] = sorted(dice.sample([right for right in RIGHTS if right != "read"] + ["read"], 2))
            if dice.random() < 0.4:
                item["fields"] = {dice.choice(out.entities[entity]["fields"])["name"]: dice.choice(FIELD_RIGHTS)}
            found[entity] = item
    return found


def _portal(dice: random.Random, out: Documents) -> Body:
    paths = {"qfirm": "", "qdeal": "qdeal_firm", "qpart": "qpart_deal.qdeal_firm", "qslip": "qslip_deal.qdeal_firm"}
    chosen = {entity: path for entity, path in paths.items() if entity in out.entities and dice.random() < 0.8}
    return {
        "name": "outside",
        "entities": {"*": _some_rights(dice)},
        "field_rights": _fields(dice, out, 0.3),
        "restrict": _restrictions(dice, out),
        "portal": {"account": "zaccount", "paths": chosen},
    }


def _rule(dice: random.Random, out: Documents, name: str, roles: list[str]) -> Body:
    def group() -> Body:
        kind = dice.choice(["roles", "teams", "users"])
        return {kind: [dice.choice(roles) if kind == "roles" else f"Team {dice.randint(0, 3)}" if kind == "teams" else f"soul {dice.randint(0, 4)}"]}

    entity = dice.choice(list(out.entities))
    rule: Body = {"name": name, "entity": entity, "to": group(), "access": dice.choice(["read", "edit"])}
    if dice.random() < 0.6:
        rule["when"] = _condition(dice, out, entity)
    if dice.random() < 0.5 or "when" not in rule:
        rule["owners"] = group()
    return rule


def _view(dice: random.Random, out: Documents, entity: str) -> Body:
    columns = [item["name"] for item in out.entities[entity]["fields"] if dice.random() < 0.7] or [f"{entity}_name"]
    view: Body = {"name": "all", "entity": entity, "columns": columns, "default": True}
    if dice.random() < 0.4:
        view["filter"] = _condition(dice, out, entity)
    if dice.random() < 0.4:
        view["sort"] = [f"-{entity}_amount"]
    return view
