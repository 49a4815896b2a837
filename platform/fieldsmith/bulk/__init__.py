"""Files in and out: reading, mapping, loading and exporting many rows."""
