"""Who may do what: pure decisions over the model, asked by every service."""
