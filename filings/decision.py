"""The decision: approving a case writes the act to the register and the ledger, or nothing at all.

Entry point: `approve`. It opens the act, locks the case, checks every rule of the procedure and of
title, registers, and moves the case, all in one transaction.
"""

from datetime import datetime

from accounts.models import User
from accounts.permissions import allow
from filings.application import application_of, content_digest, source_keys
from filings.cases import CaseChangedError, case_facts, lock_case, require_step, take_step
from filings.models import Filing
from filings.rules import DECISION_RULES
from filings.workflow import Action
from ledger.acts import open_act
from primitives.rules import RulesBrokenError, broken
from registry.entries import data_key
from rights.initial_registration import broken_rules, keys_of_sources, register

VIEW_ASSET = "registry.view_dataasset"


def approve(filing: Filing, *, by: User, at: datetime, shown_digest: str) -> Filing:
    """Register what the case applies for; ``shown_digest`` is `content_digest` of what was shown.

    Raises:
        CaseStateError: the case is not in publicity, e.g. because another officer decided first.
        CaseChangedError: the case is no longer what the approver was shown.
        RulesBrokenError: names every rule of procedure and title that does not hold.
        PermissionDenied: ``by`` is no approver.
    """
    with open_act(
        recorded_at=at,
        actor=filing.filed_by.reference,
        officer=by.reference,
        keys=[data_key(filing.sha256), *source_keys(filing)],
        shared=keys_of_sources(application_of(filing).derivations),
    ) as act:
        case = lock_case(filing.pk)
        require_step(case, Action.REGISTER, by=by)
        if content_digest(case) != shown_digest or case.sha256 != filing.sha256:
            raise CaseChangedError(case.number)
        application = application_of(case)
        found = (
            *broken(DECISION_RULES, case_facts(case, officer=by, at=at)),
            *broken_rules(application, at=at),
        )
        if found:
            raise RulesBrokenError(found)
        case.asset = register(act, application)
        case.entry = case.asset.entry
        take_step(case, Action.REGISTER, by=by, at=at)
        if case.organisation:
            allow(case.organisation.group, VIEW_ASSET, case.asset)
    return case
