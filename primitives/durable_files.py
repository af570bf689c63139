"""Writing a file for good: it survives a power cut and is never seen half-written."""

import os
import tempfile
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Write the file under its final name, or not at all; make its folders as needed.

    Raises:
        OSError: it could not be written; what stood under the name before stands there still.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        move_durably(Path(temporary), path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def move_durably(temporary: Path, path: Path) -> None:
    """Give a file, written and synchronised on the same disk, its final name for good."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        # The new name lies in the folder, not in the file.
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
