"""Moved."""

from vie_match.history import Harvest, Rejected

__all__ = ["Harvest", "Rejected"]
