"""The HTTP edge: pages, API, sign-in, errors. Never imports `db`."""
