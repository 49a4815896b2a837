"""Records: create, read, update, delete, restore, with history and outbox in the same transaction."""
