"""What is remembered between two runs, in SQLite."""
