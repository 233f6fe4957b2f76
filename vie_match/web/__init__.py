"""Asks the configured hosts, slowly and patiently, and keeps what they answer."""
