"""The right on one field, with the role that decides it. The right itself is the policy's."""

from __future__ import annotations

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.roles import FIELD_RIGHTS, FieldRight, Role


def field_right(policy: Policy, actor: Actor, model: Model, entity: Entity, field: Field) -> tuple[FieldRight, Message]:
    """For somebody who may read records of `entity`."""
    sight = policy.sight(actor)
    if sight.everything:
        return "edit", _m("Nothing limits {field}.", field=field.label)
    right: FieldRight = "edit"
    if sight.hides(entity.name, field.name):
        right = "none"
    elif sight.masks(entity.name, field.name):
        right = "masked"
    elif sight.locks(entity.name, field.name):
        right = "read"
    if right == "edit":
        return right, _m("Nothing limits {field}.", field=field.label)
    return right, _deciding(policy, actor, entity, field, right)


def _deciding(policy: Policy, actor: Actor, entity: Entity, field: Field, right: FieldRight) -> Message:
    roles = list(policy.roles_of(actor))
    for role in roles:
        restriction = role.restrict.get(entity.name)
        if restriction is not None and restriction.fields.get(field.name) == right:
            return _said(right, role, field, restricting=True)
    for role in roles:
        if "read" in role.granted(entity.name) and role.fields.get(entity.name, {}).get(field.name) == right:
            return _said(right, role, field, restricting=False)
    return _m("{field} is computed from something that is hidden or masked.", field=field.label)


def _said(right: FieldRight, role: Role, field: Field, restricting: bool) -> Message:
    if restricting:
        takes = (
            _m("A restriction of role {role} hides {field}.", role=role.label, field=field.label),
            _m("A restriction of role {role} masks {field}.", role=role.label, field=field.label),
            _m("A restriction of role {role} lets {field} be seen only.", role=role.label, field=field.label),
        )
        return takes[FIELD_RIGHTS.index(right)]
    gives = (
        _m("Role {role} hides {field}.", role=role.label, field=field.label),
        _m("Role {role} masks {field}.", role=role.label, field=field.label),
        _m("Role {role} lets {field} be seen only.", role=role.label, field=field.label),
    )
    return gives[FIELD_RIGHTS.index(right)]
