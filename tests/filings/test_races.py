"""Two people at once, with real transactions on the real database."""

import threading
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import connection

from accounts.roles import Role
from audit.log import check_log
from audit.register import compare_register
from filings.application import content_digest
from filings.cases import CaseStateError
from filings.decision import approve
from filings.models import Filing
from filings.review import accept
from filings.submission import submit
from filings.sweep import sweep
from filings.workflow import Action, State
from ledger.models import Entry, Leaf
from primitives.rules import RulesBrokenError
from registry.models import AssetVersion, DataAsset, Party
from registry.parties import enter_party
from rights.kinds import RightKind
from tests.factories import (
    NOON,
    bring_to_publicity,
    claim,
    hand_in_papers,
    make_complete_draft,
    make_draft,
    make_office,
    make_party,
    make_user,
    name_applicants,
    uscc,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*tasks: Callable[[], object]) -> list[BaseException | None]:
    """Run tasks in threads that start together; return what each raised."""
    barrier = threading.Barrier(len(tasks))
    raised: list[BaseException | None] = [None] * len(tasks)

    def run(place: int, task: Callable[[], object]) -> None:
        try:
            barrier.wait()
            task()
        except Exception as error:  # noqa: BLE001 # it is the result
            raised[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, task)) for place, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_ac_07_of_two_approvers_at_once_one_wins_and_the_other_is_told_who() -> None:
    office = make_office()
    qian = make_user("qian", Role.APPROVER)
    filing = bring_to_publicity(office, make_complete_draft(office, make_party(office)))
    digest = content_digest(Filing.objects.get())

    raised = at_once(
        *[
            lambda officer=officer: approve(
                filing, by=officer, at=NOON + timedelta(minutes=1), shown_digest=digest
            )
            for officer in (office.zhao, qian, office.zhao, qian)
        ]
    )

    losers = [error for error in raised if error]
    assert len(losers) == 3
    assert all(isinstance(error, CaseStateError) for error in losers)
    assert DataAsset.objects.count() == 1
    assert Filing.objects.get().state == State.REGISTERED
    assert list(compare_register()) == []


def test_of_sweeps_and_an_officer_at_once_one_accepts_and_the_others_change_nothing() -> None:
    office = make_office()
    filing = submit(make_complete_draft(office, make_party(office)), by=office.wang, at=NOON)
    late = NOON + timedelta(days=14)

    raised = at_once(
        lambda: sweep(at=late),
        lambda: sweep(at=late),
        lambda: accept(filing, by=office.wang, at=late),
        lambda: sweep(at=late),
    )

    assert all(isinstance(error, CaseStateError) for error in raised if error)
    assert len([error for error in raised if error]) <= 1
    steps = filing.steps.filter(action__in=[Action.ACCEPT, Action.DEEM_ACCEPTED])
    assert steps.count() == 1
    assert Filing.objects.get().state == State.ACCEPTED


def test_the_same_data_approved_twice_at_once_is_registered_once() -> None:
    office = make_office()
    holder = make_party(office)
    filings = [
        bring_to_publicity(office, make_complete_draft(office, holder, data=b"same"))
        for _ in range(2)
    ]
    digests = [content_digest(Filing.objects.get(pk=filing.pk)) for filing in filings]

    raised = at_once(
        *[
            lambda filing=filing, digest=digest: approve(
                filing, by=office.zhao, at=NOON, shown_digest=digest
            )
            for filing, digest in zip(filings, digests, strict=True)
        ]
    )

    assert [type(error) for error in raised if error] == [RulesBrokenError]
    assert AssetVersion.objects.count() == 1
    assert list(compare_register()) == []


def test_acts_on_different_assets_at_once_all_stand_in_one_gapless_log() -> None:
    office = make_office()
    holder = make_party(office)
    filings = []
    for serial in range(6):
        filing = make_draft(office, data=f"data {serial}".encode())
        name_applicants(filing, holder)
        claim(filing, RightKind.HOLD, [(holder, Fraction(1))])
        hand_in_papers(filing)
        filings.append(bring_to_publicity(office, filing))
    digests = [content_digest(Filing.objects.get(pk=filing.pk)) for filing in filings]

    raised = at_once(
        *[
            lambda filing=filing, digest=digest: approve(
                filing, by=office.zhao, at=NOON, shown_digest=digest
            )
            for filing, digest in zip(filings, digests, strict=True)
        ]
    )

    assert raised == [None] * 6
    numbers = sorted(DataAsset.objects.values_list("number", flat=True))
    assert numbers == [f"DA-{number:09d}" for number in range(1, 7)]
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(
        range(Entry.objects.count())
    )
    assert list(check_log()) == []


def test_a_party_entered_twice_at_once_is_entered_once() -> None:
    office = make_office()

    def enter() -> None:
        party = Party(kind="LEGAL", name="示例", identifier_scheme="USCC", identifier=uscc(7))
        enter_party(party, by=office.wang, at=NOON)

    raised = at_once(enter, enter)

    assert [type(error) for error in raised if error] == [RulesBrokenError]
    assert Party.objects.count() == 1
    assert Entry.objects.count() == 1
