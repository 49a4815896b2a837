"""Sharing single records, and taking them out of queues: nobody gives more than they have, and a share gives what it says, until it ends."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from fieldsmith.base.context import FixedClock
from tests.access.worlds import Row, Share, Soul, Team
from tests.access.worlds_explained import explained
from tests.access.worlds_pages import there
from tests.access.worlds_reading import a_row
from tests.access.worlds_trial import SHOWN, V1, Trial
from tests.access.worlds_writing import stored, user_seen

LASTS = timedelta(seconds=1)
_AS_PAGE = {201: 303, 422: 422, 403: 403, 404: 404, 409: 422}


def may_share(trial: Trial, soul: Soul, row: Row) -> int:
    """The status a question for the shares of the record must be answered with."""
    if not there(trial, soul, row):
        return 404
    if any(item.get("owned") for item in trial.world.entities[row.entity]["fields"]):
        return 409
    return 200 if trial.oracle.shares(soul, row.entity) else 403


def may_give(trial: Trial, soul: Soul, row: Row, to: Soul | Team | str, access: str) -> int:
    """The status of a new share must be, where `may_share` is 200."""
    if isinstance(to, str):
        known = any(role["name"] == to and "portal" not in role for role in trial.world.made.roles)
    else:
        known = user_seen(trial, soul, to) if isinstance(to, Soul) else trial.oracle.sees(soul, Row("team", {}, None))
    if not known:
        return 422
    if access == "edit" and not trial.oracle.may(soul, "update", row):
        return 403
    return 409 if any(share.to == to for share in in_force(trial, row)) else 201


def in_force(trial: Trial, row: Row) -> list[Share]:
    return [share for share in trial.world.shares if share.row is row and share.until != "over"]


def shares_records(trial: Trial, soul: Soul, dice: random.Random) -> None:
    row, access = a_row(trial, dice), dice.choice(["read", "edit"])
    to: Any = dice.choice([*trial.world.souls, *trial.world.teams, *(role["name"] for role in trial.world.made.roles)])
    asked = may_share(trial, soul, row)
    wanted = asked if asked != 200 else may_give(trial, soul, row, to, access)
    kind = "role" if isinstance(to, str) else "user" if isinstance(to, Soul) else "team"
    sent = {kind: to if isinstance(to, str) else to.id, "access": access}
    before, ends, path = stored(trial, row), dice.random() < 0.5, f"/{row.entity}/{row.id}"
    if ends:
        until = trial.workspace.clock.now() + LASTS
        answer = trial.ask(soul, "post", f"{V1}/records{path}/shares", json={**sent, "until": until.isoformat() + "Z"})
    else:
        answer = trial.visit(soul, f"{path}/sharing", sent)
        wanted = 409 if asked == 409 else _AS_PAGE[wanted]
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted} for {sent}", answer.text)
    assert stored(trial, row) == before, trial.story(soul, "changed what it shares")
    if wanted not in (201, 303):
        return
    share = Share(row, to, access, "lasting", answer.json["id"] if ends else 0, soul)
    trial.world.shares.append(share)
    trial.changed()
    _gives(trial, row, dice)
    if ends:
        trial.workspace.clock = FixedClock(trial.workspace.clock.now() + LASTS)
        share.until = "over"
        trial.changed()
        _gives(trial, row, dice)


def _gives(trial: Trial, row: Row, dice: random.Random) -> None:
    """What two people may do with the record now is what the oracle says."""
    for other in dice.sample(trial.people, min(2, len(trial.people))):
        explained(trial, other, row)


def lists_shares(trial: Trial, soul: Soul, dice: random.Random) -> None:
    row = dice.choice(trial.world.shares).row if trial.world.shares and dice.random() < 0.7 else a_row(trial, dice)
    wanted = may_share(trial, soul, row)
    answer = trial.ask(soul, "get", f"{V1}/records/{row.entity}/{row.id}/shares")
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    shown = trial.visit(soul, f"/{row.entity}/{row.id}/sharing")
    assert shown.status_code == wanted, trial.story(soul, f"is shown {shown.status_code} instead of {wanted}", shown.text)
    if wanted == 200:
        found = sorted(_grantee(item) for item in answer.json["items"])
        told = sorted(_told(trial, soul, share) for share in in_force(trial, row))
        assert found == told, trial.story(soul, f"is told of {found} instead of {told}")


def _grantee(item: dict[str, Any]) -> tuple[str, str, str, str]:
    kind = next(kind for kind in ("user", "team", "role") if item[kind] is not None)
    said = item[kind]
    return kind, str(said.get("id", said.get("name"))), "" if kind == "role" else str(said["label"]), item["access"]


def _told(trial: Trial, soul: Soul, share: Share) -> tuple[str, str, str, str]:
    if isinstance(share.to, str):
        return "role", share.to, "", share.access
    if isinstance(share.to, Soul):
        return "user", str(share.to.id), str(share.to.name if user_seen(trial, soul, share.to) else None), share.access
    return "team", str(share.to.id), str(share.to.name if trial.oracle.sees(soul, Row("team", {}, None)) else None), share.access


def changes_shares(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Who shared, and who may change the record, may give more or take it back; nobody more than they have."""
    known = [share for share in trial.world.shares if share.id and share.until != "over"]
    if not known:
        return
    share = dice.choice(known)
    row, access, takes_back = share.row, dice.choice(["read", "edit"]), dice.random() < 0.5
    wanted = may_share(trial, soul, row)
    if wanted == 200:
        changes = trial.oracle.may(soul, "update", row)
        wanted = 403 if (share.by is not soul or (not takes_back and access == "edit")) and not changes else 204 if takes_back else 200
    path = f"{V1}/records/{row.entity}/{row.id}/shares/{share.id}"
    answer = trial.ask(soul, "delete", path) if takes_back else trial.ask(soul, "patch", path, json={"access": access})
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    if wanted == 204:
        trial.world.shares.remove(share)
    elif wanted == 200:
        share.access = access
    trial.changed()
    if wanted in (200, 204):
        _gives(trial, row, dice)


def takes(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Out of a queue: only by who may change the record, its owner too, and still could afterwards."""
    queued = [row for row in trial.world.rows if row.owner is not None and row.owner.kind == "queue"]
    row = dice.choice(queued) if queued and dice.random() < 0.8 else a_row(trial, dice)
    wanted, former, before = may_take(trial, soul, row), row.owner, stored(trial, row)
    if wanted == 200:
        handing = trial.oracle.may(soul, "assign", row)
        row.owner = soul
        wanted = 200 if handing or (trial.oracle.may(soul, "update", row) and trial.oracle.sees(soul, row)) else 403
    if dice.random() < 0.5:
        answer = trial.ask(soul, "post", f"{V1}/records/{row.entity}/{row.id}/actions/take", json={})
        assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    else:
        answer = trial.visit(soul, f"/{row.entity}/{row.id}/take", {})
    assert (stored(trial, row) != before) == (wanted == 200), trial.story(soul, "took what it may not, or could not", answer.text)
    if wanted != 200:
        row.owner = former
    trial.changed()


def may_take(trial: Trial, soul: Soul, row: Row) -> int:
    """The status of taking it, but for what comes after."""
    oracle = trial.oracle
    if not there(trial, soul, row):
        return 404
    if not oracle.acts(soul, "take", row.entity):
        return 403
    if oracle.field(soul, row.entity, "owner") not in SHOWN or row.owner is None or row.owner.kind != "queue" or row.owner.team is None:
        return 409
    if not oracle.may(soul, "update", row):
        return 403
    return 200 if oracle.field(soul, row.entity, "owner") == "edit" and (oracle.administers(soul) or user_seen(trial, soul, soul)) else 422


SHARING = (shares_records, lists_shares, changes_shares, takes)
