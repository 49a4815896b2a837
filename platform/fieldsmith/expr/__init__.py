"""The expression language: one source text, two compilers, one answer. Pure: knows neither the model nor a database."""
