"""What every other room stands on: messages, problems, errors, actors, settings. Imports nothing of Fieldsmith."""
