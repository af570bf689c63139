"""The acts of title, as one table: a lawyer's way in. Each row's rules stand in its own module."""

from collections.abc import Mapping
from typing import Any

from rights.authorisation import AUTHORISE, WITHDRAW_AUTHORISATION
from rights.cancellation import CANCELLATION
from rights.caution import CAUTION, CAUTION_CANCELLATION, CAUTION_EXTENSION
from rights.change import DESCRIPTION_CHANGE, LIMITS_CHANGE
from rights.circulation import FILE_CIRCULATION
from rights.control import CONTROL, CONTROL_LIFTING
from rights.correction import DESCRIPTION_CORRECTION, REMARK_CORRECTION, RIGHT_CORRECTION
from rights.covenant import COVENANT, COVENANT_RELEASE
from rights.enforcement import ENFORCEMENT
from rights.export import RECORD_CLEARANCE, REVOKE_CLEARANCE
from rights.facts import ActOfTitle
from rights.freeze import FREEZE, FREEZE_LIFTING, FREEZE_RENEWAL
from rights.grant import GRANT
from rights.objection import OBJECTION, OBJECTION_CONCLUSION, OBJECTION_SUSTAINING
from rights.pledge import PLEDGE, PLEDGE_ASSIGNMENT, PLEDGE_CHANGE
from rights.priority_notice import NOTICE
from rights.release import RELEASE
from rights.renewal import RENEWAL
from rights.revenue import RECORD_REVENUE_TERMS
from rights.subordination import SUBORDINATION
from rights.succession import SUCCESSION
from rights.surrender import NARROWING, SURRENDER
from rights.transfer import TRANSFER
from rights.use import RECORD_USE

ACTS: tuple[ActOfTitle[Any], ...] = (
    GRANT,
    TRANSFER,
    PLEDGE,
    PLEDGE_CHANGE,
    PLEDGE_ASSIGNMENT,
    SUBORDINATION,
    NOTICE,
    RELEASE,
    ENFORCEMENT,
    FREEZE,
    FREEZE_RENEWAL,
    FREEZE_LIFTING,
    CONTROL,
    CONTROL_LIFTING,
    CAUTION,
    CAUTION_EXTENSION,
    CAUTION_CANCELLATION,
    COVENANT,
    COVENANT_RELEASE,
    OBJECTION,
    OBJECTION_SUSTAINING,
    OBJECTION_CONCLUSION,
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
    RECORD_USE,
    AUTHORISE,
    WITHDRAW_AUTHORISATION,
    RECORD_CLEARANCE,
    REVOKE_CLEARANCE,
    RECORD_REVENUE_TERMS,
    FILE_CIRCULATION,
)

BY_REQUEST: Mapping[type, ActOfTitle[Any]] = {act.request: act for act in ACTS}
