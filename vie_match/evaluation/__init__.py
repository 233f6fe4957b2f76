"""Judges ranking from outside: benchmark folders in, metrics with intervals out."""
