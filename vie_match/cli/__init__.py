"""The command line: ``vie-match …``. The only place that prints."""
