"""Shipped plugins, one folder each."""
