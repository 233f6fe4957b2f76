"""Texts → vectors: models, passages, and the cache between them and the work."""
