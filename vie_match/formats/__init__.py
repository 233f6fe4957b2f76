"""Calls → bytes of other programs' file formats, and back. Pure: no file is opened here."""
