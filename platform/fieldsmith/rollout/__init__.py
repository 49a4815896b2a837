"""Bringing a workspace into being and seeing that it is sound: installing packages, first users, doctor. Above `workspace`."""
