"""Files that are there, whole, after a crash at any moment: written aside, then put in place."""

import os
import secrets
from pathlib import Path

OWNER_ONLY = 0o600


def write_durably(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of whatever the file held; on return it is on the disk.

    Only its owner can read the file; its folders are made as needed.

    Raises:
        OSError: it could not be written; the file holds what it held before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, content, _aside(path))


def replace_durably(path: Path, content: bytes) -> None:
    """Do what `write_durably` does, for a caller who holds the file's lock.

    What a crash leaves behind always has the same name, and so is written over.

    Raises:
        OSError: it could not be written; the file holds what it held before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    temporary.unlink(missing_ok=True)
    _replace(path, content, temporary)


def discard(path: Path) -> None:
    """Remove what `replace_durably` put there, or a crash left of it; its caller holds the lock."""
    _beside(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def create_durably(path: Path, content: bytes) -> None:
    """Create a file that only its owner can read; on return it is on the disk.

    Raises:
        FileExistsError: there is such a file already; it is left alone.
        OSError: it could not be written; there is no such file.
    """
    temporary = _aside(path)
    try:
        _write(temporary, content)
        # Unlike a rename, a link never takes the place of another file.
        path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def move_durably(temporary: Path, path: Path) -> None:
    """Give a file, written and synchronised on the same disk, its final name for good."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(path)
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


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _replace(path: Path, content: bytes, temporary: Path) -> None:
    try:
        _write(temporary, content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
