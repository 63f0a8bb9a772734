"""Write the lock files from the lists beside this one: `make lock`, which brings uv along.

Every file gets the hashes of all artefacts that the package index has of a version, so one file serves Linux, macOS and
Windows on CPython 3.11 and 3.12. What is locked stays as it is unless a list asks for something else; with names as
arguments (`make lock UPGRADE="urllib3 idna"`) those become as new as the lists permit.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEVELOPMENT = ROOT / "requirements-dev.txt"
ON_TOP_OF = "-r requirements.txt\n\n"  # what it begins with; uv would take what is in there for its own
OVERRIDES = "requirements/overrides.txt"
SDK = "fyers-apiv3"


def main() -> None:
    """Lock the product, the SDK, what development adds, and the tools of a release."""
    upgrades = [option for name in sys.argv[1:] for option in ("--upgrade-package", name)]
    lock("requirements.txt", ["runtime.in", "sdk.in"], "--overrides", OVERRIDES, "--no-emit-package", SDK, *upgrades)
    lock("requirements-sdk.txt", ["sdk.in"], "--no-deps", *upgrades)
    installed = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    left_out = [option for name in installed for option in ("--no-emit-package", name)]
    DEVELOPMENT.write_text(DEVELOPMENT.read_text(encoding="utf-8").removeprefix(ON_TOP_OF), encoding="utf-8")
    lock("requirements-dev.txt", ["dev.in"], "--constraints", "requirements.txt", *left_out, *upgrades)
    lock("requirements/tools.txt", ["tools.in"], *upgrades)
    DEVELOPMENT.write_text(ON_TOP_OF + DEVELOPMENT.read_text(encoding="utf-8"), encoding="utf-8")


def lock(target: str, lists: list[str], *options: str) -> None:
    """Write `target`; the versions it already has are kept where the lists permit."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--custom-compile-command", "make lock", "--output-file", target]
    command += [*options, *(f"requirements/{name}" for name in lists)]
    # SSL_CERT_FILE and UV_DEFAULT_INDEX, where a machine needs them, are that machine's business and not in the files.
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
