"""The databases: connections, tables made from the model, system tables, schema changes, search index. The only room that speaks DDL."""
