"""Matches → what people read: one digest, several renderers."""
