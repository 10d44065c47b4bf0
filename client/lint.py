"""Read over TypeScript and CSS: Biome (biome.jsonc: one form, and mistakes) and the types of each project by
`tsc --strict`.

Both come from npm by the lock file, as the build's own packages do. Run by `make lint`; `--write` puts the
form right.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).resolve().parent
sys.path.insert(0, str(CLIENT))

from build import install, node  # noqa: E402  (a neighbour of this script, found by the line above)

BIOME, TSC = "node_modules/@biomejs/biome/bin/biome", "node_modules/typescript/bin/tsc"


def main() -> None:
    """`python client/lint.py [--write]`; ends with the status of the first tool that finds something."""
    install()
    writing = ["--write"] if "--write" in sys.argv[1:] else []
    try:
        node(BIOME, "check", *writing, "--error-on-warnings", "..")
        for project in sorted(CLIENT.glob("tsconfig*.json")):
            node(TSC, "--project", project.name)
    except subprocess.CalledProcessError as refused:
        sys.exit(refused.returncode)


if __name__ == "__main__":
    main()
