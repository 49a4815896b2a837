"""Changing the model: check, plan, publish."""
