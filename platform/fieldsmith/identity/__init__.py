"""Who is there: logins, passwords, sessions, API tokens, throttling, audit."""
