"""Profiles × calls → matches: words and vectors, fused, with the passages that met."""
