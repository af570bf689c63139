"""The decision: approving a case writes the act to the register and the ledger, or nothing at all.

Entry points: `approve`, `entry_preview`. It opens the act, locks the case, checks every rule of the
procedure and of title, registers, and moves the case, all in one transaction.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Never

from accounts.models import User
from accounts.permissions import allow
from filings.application import application_of, content_digest, source_keys
from filings.cases import CaseChangedError, case_facts, lock_case, require_step, take_step
from filings.dealing import dealing_of, limits_of
from filings.kinds import FilingType
from filings.models import Filing
from filings.rules import DECISION_RULES
from filings.workflow import Action
from ledger.acts import Act, open_act
from primitives.rules import NumberedRule, RulesBrokenError, broken
from registry.entries import data_key
from rights.initial_registration import broken_rules, keys_of_sources, register
from rights.recording import deal, keys_of, outcome_of

VIEW_ASSET = "registry.view_dataasset"


class _TakenBackError(Exception):
    """What was written only to be looked at is rolled back."""

    def __init__(self, entry: bytes) -> None:
        super().__init__()
        self.entry = entry


def approve(filing: Filing, *, by: User, at: datetime, shown_digest: str) -> Filing:
    """Register what the case applies for; ``shown_digest`` is `content_digest` of what was shown.

    Raises:
        CaseStateError: the case is not in publicity, e.g. because another officer decided first.
        CaseChangedError: the case is no longer what the approver was shown.
        RulesBrokenError: names every rule of procedure and title that does not hold.
        PermissionDenied: ``by`` is no approver.
    """
    with _opened(filing, by=by, at=at) as act:
        case = _enter(filing, act, by=by, at=at, shown_digest=shown_digest)
        take_step(case, Action.REGISTER, by=by, at=at)
        if case.organisation and case.asset:
            allow(case.organisation.group, VIEW_ASSET, case.asset)
    return case


def entry_preview(filing: Filing, *, by: User, at: datetime) -> bytes:
    """Return the entry that an approval would write now; it is written, read and rolled back.

    What is drawn at random, and the numbers that others may take first, come anew at the approval.

    Raises:
        As `approve`.
    """
    try:
        with _opened(filing, by=by, at=at) as act:
            _enter_and_take_back(filing, act, by=by, at=at)
    except _TakenBackError as written:
        return written.entry
    raise RuntimeError("what was written to be looked at was not taken back")


def _opened(filing: Filing, *, by: User, at: datetime) -> AbstractContextManager[Act]:
    opened = _open_for_new_data if filing.type == FilingType.INITIAL else _open_for_acts
    return opened(filing, by=by, at=at)


def _enter(filing: Filing, act: Act, *, by: User, at: datetime, shown_digest: str) -> Filing:
    """Check every rule under the locks and write the entry with what it changes."""
    case = lock_case(filing.pk)
    require_step(case, Action.REGISTER, by=by)
    if content_digest(case) != shown_digest or case.sha256 != filing.sha256:
        raise CaseChangedError(case.number)
    against = broken(DECISION_RULES, case_facts(case, officer=by, at=at))
    if case.type == FilingType.INITIAL:
        _register(case, act, against, at=at)
    else:
        _deal(case, act, against)
    return case


def _enter_and_take_back(filing: Filing, act: Act, *, by: User, at: datetime) -> Never:
    case = _enter(filing, act, by=by, at=at, shown_digest=content_digest(filing))
    raise _TakenBackError(bytes(case.entry.content) if case.entry else b"")


def _open_for_new_data(filing: Filing, *, by: User, at: datetime) -> AbstractContextManager[Act]:
    return open_act(
        recorded_at=at,
        actor=filing.filed_by.reference,
        officer=by.reference,
        keys=[data_key(filing.sha256), *source_keys(filing)],
        shared=keys_of_sources(application_of(filing).derivations),
    )


def _open_for_acts(filing: Filing, *, by: User, at: datetime) -> AbstractContextManager[Act]:
    return open_act(
        recorded_at=at,
        actor=filing.filed_by.reference,
        officer=by.reference,
        keys=keys_of(dealing_of(filing)),
    )


def _register(case: Filing, act: Act, against: Sequence[NumberedRule], *, at: datetime) -> None:
    application = application_of(case)
    if found := (*against, *broken_rules(application, at=at)):
        raise RulesBrokenError(found)
    case.asset = register(act, application)
    case.entry = case.asset.entry


def _deal(case: Filing, act: Act, against: Sequence[NumberedRule]) -> None:
    dealing, bounds = dealing_of(case), limits_of(case)
    if found := (*against, *outcome_of(act, dealing, bounds=bounds).broken):
        raise RulesBrokenError(found)
    case.entry = deal(act, dealing, bounds=bounds)
