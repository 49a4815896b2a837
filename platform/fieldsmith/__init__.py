"""Fieldsmith: a CRM its own users shape. Start reading at `workspace.py`; `docs/architecture.md` is the map."""

__version__ = "0.1.0"
