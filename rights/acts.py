"""The acts of title, as one table: a lawyer's way in. Each row's rules stand in its own module."""

from collections.abc import Mapping
from typing import Any

from rights.authorisation import AUTHORISE, WITHDRAW_AUTHORISATION
from rights.circulation import FILE_CIRCULATION
from rights.export import RECORD_CLEARANCE, REVOKE_CLEARANCE
from rights.facts import ActOfTitle
from rights.grant import GRANT
from rights.revenue import RECORD_REVENUE_TERMS
from rights.transfer import TRANSFER
from rights.use import RECORD_USE

ACTS: tuple[ActOfTitle[Any], ...] = (
    GRANT,
    TRANSFER,
    RECORD_USE,
    AUTHORISE,
    WITHDRAW_AUTHORISATION,
    RECORD_CLEARANCE,
    REVOKE_CLEARANCE,
    RECORD_REVENUE_TERMS,
    FILE_CIRCULATION,
)

BY_REQUEST: Mapping[type, ActOfTitle[Any]] = {act.request: act for act in ACTS}
