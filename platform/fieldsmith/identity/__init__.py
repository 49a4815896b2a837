"""Who somebody is: logins, passwords, sessions, API tokens, throttling, and the audit trail of all that."""
