"""The world → records: one module per source, parsing apart from reading."""
