"""The acts of title, as one table: a lawyer's way in. Each row's rules stand in its own module."""

from collections.abc import Mapping
from typing import Any

from rights.enforcement import ENFORCEMENT
from rights.facts import ActOfTitle
from rights.grant import GRANT
from rights.pledge import PLEDGE, PLEDGE_CHANGE
from rights.priority_notice import NOTICE
from rights.release import RELEASE
from rights.subordination import SUBORDINATION
from rights.transfer import TRANSFER

ACTS: tuple[ActOfTitle[Any], ...] = (
    GRANT,
    TRANSFER,
    PLEDGE,
    PLEDGE_CHANGE,
    SUBORDINATION,
    NOTICE,
    RELEASE,
    ENFORCEMENT,
)

BY_REQUEST: Mapping[type, ActOfTitle[Any]] = {act.request: act for act in ACTS}
