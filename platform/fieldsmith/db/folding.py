"""Folded text for the `__fold` companion columns and for text that has none: the expression language's own folding."""

from __future__ import annotations

from fieldsmith.expr.folding import FUNCTION, fold, fold_or_blank, folded

__all__ = ["FUNCTION", "fold", "fold_or_blank", "folded"]
