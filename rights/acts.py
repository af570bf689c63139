"""The acts of title, as one table: a lawyer's way in. Each row's rules stand in its own module."""

from collections.abc import Mapping
from typing import Any

from rights.cancellation import CANCELLATION
from rights.change import DESCRIPTION_CHANGE, LIMITS_CHANGE
from rights.correction import DESCRIPTION_CORRECTION, REMARK_CORRECTION, RIGHT_CORRECTION
from rights.facts import ActOfTitle
from rights.grant import GRANT
from rights.renewal import RENEWAL
from rights.succession import SUCCESSION
from rights.surrender import NARROWING, SURRENDER
from rights.transfer import TRANSFER

ACTS: tuple[ActOfTitle[Any], ...] = (
    GRANT,
    TRANSFER,
    RENEWAL,
    DESCRIPTION_CHANGE,
    LIMITS_CHANGE,
    RIGHT_CORRECTION,
    REMARK_CORRECTION,
    DESCRIPTION_CORRECTION,
    SUCCESSION,
    NARROWING,
    SURRENDER,
    CANCELLATION,
)

BY_REQUEST: Mapping[type, ActOfTitle[Any]] = {act.request: act for act in ACTS}
