"""``python -m vie_match`` is ``vie-match``."""

from vie_match.cli.main import main

main()
