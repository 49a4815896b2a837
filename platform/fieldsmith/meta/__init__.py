"""Metadata: documents are read, layered, built into one immutable `Model`, checked and compared. Pure: no database, no clock."""
