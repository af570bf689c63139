"""What plain code says of what is not plain: nothing.

Entry points: `NotPlainError`, `plainly`. Another program is asked next, and names what is wrong.
"""

from collections.abc import Callable
from typing import TypeVar

FoundT = TypeVar("FoundT")


class NotPlainError(Exception):
    """This is not of the plain kind, which says nothing of whether it is good."""


def plainly(find: Callable[[], FoundT]) -> FoundT | None:
    """Return what plain code finds; None if it finds nothing, or meets what it does not know.

    Over a hostile file parsers raise exceptions of many classes, and all mean the same here.
    """
    try:
        return find()
    except Exception:  # noqa: BLE001 # another program is asked next
        return None
