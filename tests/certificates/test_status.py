"""What the register says of a certificate after the rights it states were dealt in."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.issuance import issue_waiting
from certificates.models import Certificate, EventKind
from certificates.queries import read_certificate
from certificates.status import Standing, Status, Term, status_at
from certificates.status_acts import FOLLOWING
from certificates.verification import verify_file
from ledger.acts import open_act
from registry.models import DataAsset, Party
from rights.dealing import Dealing
from rights.kinds import RightKind
from rights.models import Interest
from rights.recording import deal, keys_of
from rights.transfer import Transfer
from tests.factories import NOON, Office, make_party, register_asset
from verifier.verdict import Outcome
from web.record import lines_of

DAY = timedelta(days=1)
LATER = NOON + 30 * DAY
SECOND = timedelta(seconds=1)


def transfer(
    office: Office,
    asset: DataAsset,
    kind: RightKind,
    giver: Party,
    taker: Party,
    *,
    at: datetime = LATER,
) -> None:
    right = Interest.objects.get(asset=asset, kind=kind, ended_by__isnull=True)
    move = Transfer(
        interest=right.reference, giver=giver.reference, takers={taker.reference: Fraction(1)}
    )
    parties = frozenset({giver.reference, taker.reference})
    dealing = Dealing(filing="F-EXAMPLE", items=(move,), applicants=parties)
    with open_act(
        recorded_at=at,
        actor=office.wang.reference,
        officer=office.zhao.reference,
        keys=keys_of(dealing),
    ) as act:
        deal(act, dealing)


@pytest.mark.django_db(transaction=True)
def test_a_certificate_no_longer_holds_once_a_right_that_it_states_has_moved(
    office: Office,
) -> None:
    anne, ben = make_party(office, 1), make_party(office, 2)
    asset = register_asset(office, anne)
    issue_waiting(at=NOON)
    certificate = Certificate.objects.get()

    transfer(office, asset, RightKind.HOLD, anne, ben)

    assert status_at(certificate, LATER - SECOND) is Status.IN_FORCE
    assert status_at(certificate, LATER) is Status.CHANGED
    answer = verify_file(read_certificate(certificate), proof=None, at=LATER)
    assert answer.outcome is Outcome.INVALID
    changed = [line for line in lines_of(certificate) if not line.agrees]
    assert [line.label for line in changed] == [str(RightKind.HOLD.label)]
    assert ben.name in changed[0].current[0]


DAYS = st.integers(min_value=0, max_value=40)
TERMS = st.tuples(DAYS, DAYS, DAYS).map(sorted).filter(lambda days: days[0] < days[2])


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[datetime, EventKind]]:
    """Draw a history that the CER rules allow, each event from its day."""
    found: list[tuple[datetime, EventKind]] = []
    for day in sorted(draw(st.lists(DAYS, unique=True, max_size=8))):
        last = found[-1][1] if found else None
        if allowed := sorted(FOLLOWING[last]):
            found.append((NOON + day * DAY, draw(st.sampled_from(allowed))))
    return found


@given(history=histories(), terms=st.lists(TERMS, min_size=1, max_size=3))
def test_c4_the_status_of_a_past_instant_never_changes_as_events_arrive(
    history: list[tuple[datetime, EventKind]], terms: list[list[int]]
) -> None:
    stated = [Term(*(NOON + day * DAY for day in days)) for days in terms]

    def after(count: int) -> Standing:
        events = history[:count]
        return Standing(issued_at=NOON, stated=stated, revisions=stated, events=events)

    for count, (arrives, _kind) in enumerate(history):
        instants = [NOON + half * DAY / 2 for half in range(90)]
        for at in (instant for instant in instants if instant < arrives):
            assert after(count).status(at) == after(count + 1).status(at)
    whole = after(len(history))
    for day in range(45):
        at = NOON + day * DAY
        since = whole.since(at)
        assert whole.status(since) == whole.status(at)
        assert since == NOON or whole.status(since - SECOND) != whole.status(at)
