"""What the register says of a certificate after the rights it states were dealt in."""

from datetime import timedelta
from fractions import Fraction

import pytest

from certificates.issuance import issue_waiting
from certificates.models import Certificate
from certificates.queries import read_certificate
from certificates.status import Status, status_at
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

LATER = NOON + timedelta(days=30)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.django_db(transaction=True)


def transfer(office: Office, asset: DataAsset, kind: RightKind, giver: Party, taker: Party) -> None:
    right = Interest.objects.get(asset=asset, kind=kind, ended_by__isnull=True)
    move = Transfer(
        interest=right.reference, giver=giver.reference, takers={taker.reference: Fraction(1)}
    )
    parties = frozenset({giver.reference, taker.reference})
    dealing = Dealing(filing="F-EXAMPLE", items=(move,), applicants=parties)
    with open_act(
        recorded_at=LATER,
        actor=office.wang.reference,
        officer=office.zhao.reference,
        keys=keys_of(dealing),
    ) as act:
        deal(act, dealing)


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
