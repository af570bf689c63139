"""The acts of title, as one table: a lawyer's way in. Each row's rules stand in its own module."""

from collections.abc import Mapping
from typing import Any

from rights.facts import ActOfTitle
from rights.grant import GRANT
from rights.transfer import TRANSFER

ACTS: tuple[ActOfTitle[Any], ...] = (
    GRANT,
    TRANSFER,
)

BY_REQUEST: Mapping[type, ActOfTitle[Any]] = {act.request: act for act in ACTS}
