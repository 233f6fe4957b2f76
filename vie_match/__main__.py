"""``python -m vie_match`` is ``vie-match``."""

import sys


def main() -> None:
    """Run ``vie-match``; stopped while it is still being read, it ends as quietly as later."""
    try:
        from vie_match.cli.main import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
