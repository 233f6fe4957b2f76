"""Prints a command of the README, so that what is promised there is what is run.

usage: readme_command.py NAME    (the block after the line <!-- command: NAME -->)
"""

import re
import sys
from pathlib import Path

readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
name = sys.argv[1]
found = re.search(rf"<!-- command: {re.escape(name)} -->\n```sh\n(.+?)\n```", readme, re.DOTALL)
if not found:
    sys.exit(f"README.md has no block '<!-- command: {name} -->'")
sys.stdout.write(found[1] + "\n")
