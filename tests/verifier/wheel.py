"""The verifier's wheel, built and put to use as a stranger would who has nothing else of ours."""

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
ALONE = """
import sys
sys.path[:0] = [{wheel!r}]
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ImportError(name + " is not part of the wheel")
sys.meta_path.insert(0, Refused())
from verifier.cli import main
sys.exit(main(sys.argv[1:]))
"""
REST = {"django", "rest_framework", "config", "certificates", "ledger", "registry", "rights"}


@dataclass(frozen=True)
class Wheel:
    """An unpacked wheel."""

    path: Path

    @classmethod
    def build(cls, folder: Path) -> Self:
        """Build the wheel in a folder and unpack it there."""
        subprocess.run(  # noqa: S603 # our own package
            [*(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))],
            cwd=ROOT / "packages" / "verifier",
            check=True,
            capture_output=True,
        )
        (built,) = folder.glob("*.whl")
        with zipfile.ZipFile(built) as archive:
            archive.extractall(folder / "installed")
        return cls(folder / "installed")

    def verify(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run ``quanji-verify`` in a folder, without the rest of the house or an environment."""
        program = ALONE.format(wheel=str(self.path), refused=REST)
        return subprocess.run(  # noqa: S603 # our own wheel
            [sys.executable, "-P", "-c", program, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            env={},
            check=False,
        )
