"""Programs of other people, asked about our files."""

import shutil
import subprocess
from pathlib import Path

import pytest


def run(program: str, *arguments: str | Path) -> str:
    """Return what a program says; a test whose program is missing is skipped by that name."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(  # noqa: S603 # a known program over our own files
        [path, *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.stdout.decode()
