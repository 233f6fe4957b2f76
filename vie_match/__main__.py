"""``python -m vie_match`` is ``vie-match``."""

from vie_match.cli import main

main()
