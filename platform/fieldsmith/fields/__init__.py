"""Field types: one class each says everything about a kind of field. Pure: no Flask, no session, no clock, no I/O."""
