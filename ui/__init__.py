"""Data of Fieldsmith, read through importlib.resources."""
