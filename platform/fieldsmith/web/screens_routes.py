"""The addresses of the generated screens, in one place. `web.app` calls `register` last: names of pages come before entities."""

from __future__ import annotations

from flask import Flask

from fieldsmith.web import (
    screens_board,
    screens_board_moves,
    screens_filter,
    screens_form,
    screens_history,
    screens_list,
    screens_live,
    screens_lookup,
    screens_record,
    screens_related,
    screens_revealing,
    screens_search,
    screens_sharing,
    screens_uploads,
)

_ID = "<int(max=9223372036854775807):id>"


def register(app: Flask) -> None:
    """Add every route of the screens to `app`."""
    entity, record = "/<entity>/", f"/<entity>/{_ID}"
    add = app.add_url_rule
    add("/search", "search", screens_search.search_page)
    add(entity, "list", screens_list.list_page)
    add(entity + "filter", "filter", screens_filter.filter_page)
    add(entity + "cards", "cards", screens_board.cards_page)
    add(entity + "lookup", "lookup", screens_lookup.lookup)
    add(entity + "new", "new", screens_form.new_page)
    add(entity + "new", "create", screens_form.create, methods=["POST"])
    add(entity + "form", "live_new", screens_live.new_form, methods=["POST"])
    add(record, "record", screens_record.record_page)
    add(record + "/edit", "edit", screens_form.edit_page)
    add(record + "/edit", "update", screens_form.update, methods=["POST"])
    add(record + "/form", "live_edit", screens_live.edit_form, methods=["POST"])
    add(record + "/path", "advance", screens_record.advance, methods=["POST"])
    add(record + "/move", "move_page", screens_board_moves.move_page)
    add(record + "/move", "move", screens_board_moves.move, methods=["POST"])
    add(record + "/delete", "delete_page", screens_record.delete_page)
    add(record + "/delete", "delete", screens_record.delete, methods=["POST"])
    add(record + "/restore", "restore", screens_record.restore, methods=["POST"])
    add(record + "/sharing", "sharing_page", screens_sharing.sharing_page)
    add(record + "/sharing", "share", screens_sharing.share, methods=["POST"])
    add(record + "/sharing/<int(max=9223372036854775807):share>", "change_share", screens_sharing.change, methods=["POST"])
    add(record + "/sharing/<int(max=9223372036854775807):share>/remove", "unshare", screens_sharing.unshare, methods=["POST"])
    add(record + "/take", "take", screens_sharing.take, methods=["POST"])
    add(record + "/reveal", "reveal", screens_revealing.reveal, methods=["POST"])
    add(record + "/history", "history", screens_history.history_page)
    add(record + "/related/<name>", "related", screens_related.related_page)
    add(record + "/files/<int(max=9223372036854775807):file>", "download", screens_uploads.download)
