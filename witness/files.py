"""Files that are there, whole, after a crash at any moment: written aside, then put in place."""

import os
import secrets
from pathlib import Path

OWNER_ONLY = 0o600


def replace_durably(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of whatever the file held; on return it is on the disk.

    The caller sees to it that nobody else replaces the file at the same time.

    Raises:
        OSError: it could not be written; the file holds what it held before.
    """
    # Always the same name, so that what a crash leaves behind is written over.
    temporary = path.with_name(f".{path.name}.new")
    try:
        _write(temporary, content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def create_durably(path: Path, content: bytes) -> None:
    """Create a file that only its owner can read; on return it is on the disk.

    Raises:
        FileExistsError: there is such a file already; it is left alone.
        OSError: it could not be written; there is no such file.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write(temporary, content)
        # Unlike a rename, a link never takes the place of another file.
        path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def make_directory(path: Path) -> None:
    """Make a directory that only its owner can enter, if it is not there, and keep it.

    Raises:
        OSError: it could not be made.
    """
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Wait until the names in a directory are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
