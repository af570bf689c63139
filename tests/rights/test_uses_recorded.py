"""Uses, authorisations, clearances, revenue terms and circulation in the real register."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.register import compare_register
from ledger.acts import open_act
from ledger.models import Entry
from primitives.identifiers import new_reference
from primitives.rules import RulesBrokenError
from registry.instruments import store_instrument
from registry.kinds import InstrumentKind
from registry.models import DataAsset, Instrument, Party
from rights.authorisation import Authorise, WithdrawAuthorisation
from rights.circulation import FileCirculation
from rights.dealing import Dealing
from rights.entries import remark_facts
from rights.export import RecordClearance, RevokeClearance
from rights.facts import Request
from rights.grant import Grant
from rights.kinds import ClearanceRoute, RemarkKind, RevenueRole, RightKind
from rights.models import Remark
from rights.queries import circulation_of, interests_of, revenue_terms_of, uses_of
from rights.recording import deal, keys_of, load
from rights.remarks import Circulation, MeteredUse, RevenueRule, RevenueTerms
from rights.revenue import RecordRevenueTerms, distribution
from rights.title import GrantTerms
from rights.use import Use, is_in_breach
from rights.use import uses_of as count_uses
from tests.factories import NOON, Office, make_party, register_asset

DAY = timedelta(days=1)
CREDIT = "credit-scoring"

pytestmark = pytest.mark.django_db(transaction=True)


class Register:
    """An asset of Anne's, Ben's licence for two uses of it, and one paper for everything."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.anne, self.ben, self.carl = (make_party(office, serial) for serial in (1, 2, 3))
        self.asset: DataAsset = register_asset(office, self.anne, export_allowed=True)
        self.paper: Instrument = store_instrument(
            SimpleUploadedFile("paper.txt", "示例材料".encode()),
            kind=InstrumentKind.CONTRACT,
            title="示例材料",
            stored_at=NOON,
        )
        self.operate = next(
            interest.reference
            for interest in interests_of(self.asset, at=NOON)
            if interest.kind == RightKind.OPERATE
        )
        self.licence = new_reference("I")
        grant = Grant(
            reference=self.licence,
            parent=self.operate,
            kind=RightKind.USE,
            grantees={self.ben.reference: Fraction(1)},
            valid_from=NOON,
            valid_to=NOON + 365 * DAY,
            terms=GrantTerms(max_uses=2, scenario=CREDIT),
        )
        self.enter(grant, by=self.anne, at=NOON)

    def enter(self, *items: Request, by: Party, at: datetime) -> Entry:
        dealing = Dealing(
            filing="F-EXAMPLE",
            items=items,
            applicants=frozenset({by.reference}),
            instruments=frozenset({self.paper.reference}),
        )
        with open_act(
            recorded_at=at,
            actor=self.office.wang.reference,
            officer=self.office.zhao.reference,
            keys=keys_of(dealing),
        ) as act:
            return deal(act, dealing)

    def a_use(self, *, day: int, quantity: int = 1) -> Use:
        return Use(
            reference=new_reference("N"),
            interest=self.licence,
            party=self.ben.reference,
            quantity=quantity,
            began=NOON + day * DAY,
            ended=NOON + (day + 1) * DAY,
            evidence=self.paper.reference,
            marks={self.licence: new_reference("N")},
            words="示例：计量系统报告",
        )

    def a_flow(self, *, day: int, territory: str = "CN-37") -> FileCirculation:
        return FileCirculation(
            reference=new_reference("N"),
            asset=self.asset.number,
            giver=self.anne.reference,
            taker=self.carl.reference,
            occurred_at=NOON + day * DAY,
            purpose="credit",
            territory=territory,
            channel="exchange",
            interest=self.operate,
        )


@pytest.fixture
def register(office: Office) -> Register:
    return Register(office)


def kinds(register: Register) -> list[str]:
    return list(
        Remark.objects.filter(asset=register.asset).order_by("pk").values_list("kind", flat=True)
    )


def test_uses_are_kept_counted_and_a_breach_is_marked(register: Register) -> None:
    register.enter(register.a_use(day=1, quantity=2), by=register.ben, at=NOON + 2 * DAY)
    register.enter(register.a_use(day=5), by=register.ben, at=NOON + 9 * DAY)

    assert list(compare_register()) == []
    assert kinds(register) == [RemarkKind.METERED_USE, RemarkKind.METERED_USE, RemarkKind.BREACH]
    title = load([register.asset.number])
    assert count_uses(title, register.operate) == 3
    assert is_in_breach(title, register.licence)
    assert not is_in_breach(title, register.operate)
    late, early = (remark_facts(row).body for row in uses_of(register.asset, at=NOON + 9 * DAY))
    assert isinstance(early, MeteredUse)
    assert isinstance(late, MeteredUse)
    assert (early.quantity, early.breaches) == (2, frozenset())
    assert late.breaches
    assert len(uses_of(register.asset, at=NOON + 4 * DAY)) == 1
    assert uses_of(register.asset, at=NOON) == []


def test_a_withdrawal_ends_the_authorisation_and_marks_the_right(register: Register) -> None:
    authorisation, mark = new_reference("N"), new_reference("N")
    given = Authorise(
        reference=authorisation,
        asset=register.asset.number,
        scenario=CREDIT,
        party=register.carl.reference,
        valid_from=NOON,
        valid_to=NOON + 100 * DAY,
        paper=register.paper.reference,
    )
    taken_back = WithdrawAuthorisation(
        authorisation=authorisation, asset=register.asset.number, marks={register.licence: mark}
    )
    register.enter(given, by=register.anne, at=NOON + DAY)
    register.enter(taken_back, by=register.carl, at=NOON + 2 * DAY)

    assert list(compare_register()) == []
    marked = Remark.objects.get(reference=mark)
    assert (marked.interest, marked.valid_from) == (register.licence, NOON + 2 * DAY)
    # What was lawful before must be known to those who judge a use afterwards.
    ended = load([register.asset.number]).remarks[authorisation]
    assert (ended.valid_from, ended.until) == (NOON, NOON + 2 * DAY)
    licences = [row.reference for row in interests_of(register.asset, at=NOON + 3 * DAY)]
    assert register.licence in licences


def test_what_flowed_abroad_while_it_was_cleared_is_filed_after_the_clearance_ended(
    register: Register,
) -> None:
    clearance = RecordClearance(
        reference=new_reference("N"),
        asset=register.asset.number,
        route=ClearanceRoute.ASSESSMENT,
        number="示例-2026-1",
        destinations=frozenset({"SG"}),
        valid_from=NOON,
        valid_to=NOON + 100 * DAY,
        paper=register.paper.reference,
    )
    register.enter(clearance, by=register.anne, at=NOON)
    end = RevokeClearance(clearance=clearance.reference, asset=register.asset.number)
    register.enter(end, by=register.anne, at=NOON + 2 * DAY)

    register.enter(register.a_flow(day=1, territory="SG"), by=register.anne, at=NOON + 3 * DAY)
    with pytest.raises(RulesBrokenError) as refused:
        register.enter(register.a_flow(day=2, territory="SG"), by=register.anne, at=NOON + 3 * DAY)

    assert [rule.number for rule in refused.value.rules] == ["CIR-9"]
    assert list(compare_register()) == []


def test_filings_bear_the_numbers_of_their_asset_without_gaps(register: Register) -> None:
    register.enter(
        register.a_flow(day=1), register.a_flow(day=2), by=register.anne, at=NOON + 3 * DAY
    )
    register.enter(register.a_use(day=3), by=register.ben, at=NOON + 4 * DAY)
    with pytest.raises(RulesBrokenError):
        register.enter(register.a_flow(day=9), by=register.anne, at=NOON + 4 * DAY)
    register.enter(register.a_flow(day=4), by=register.anne, at=NOON + 5 * DAY)

    assert list(compare_register()) == []
    bodies = [remark_facts(row).body for row in circulation_of(register.asset, at=NOON + 5 * DAY)]
    assert [body.number for body in bodies if isinstance(body, Circulation)] == [
        f"{register.asset.number}-LZ-{serial}" for serial in (3, 2, 1)
    ]
    assert len(circulation_of(register.asset, at=NOON + 3 * DAY)) == 2


def test_revenue_is_shared_on_the_terms_that_stand(register: Register) -> None:
    def terms(rate: Fraction) -> RecordRevenueTerms:
        return RecordRevenueTerms(
            reference=new_reference("N"),
            interest=register.operate,
            rules=(RevenueRule(role=RevenueRole.PUBLIC_FUND, rate=rate, per_use_fen=5),),
            paper=register.paper.reference,
        )

    register.enter(terms(Fraction(1, 3)), by=register.anne, at=NOON + DAY)
    register.enter(terms(Fraction(1, 7)), by=register.anne, at=NOON + 3 * DAY)

    assert list(compare_register()) == []
    rates = []
    for day in (0, 2, 4):
        for row in revenue_terms_of(register.asset, at=NOON + day * DAY):
            body = remark_facts(row).body
            assert isinstance(body, RevenueTerms)
            rates.append((day, body.rules[0].rate))
            holders = {register.anne.reference: Fraction(1)}
            lines = distribution(body, holders, revenue_fen=100, uses=6).lines
            assert sum(line.paid_fen for line in lines) == 100
    assert rates == [(2, Fraction(1, 3)), (4, Fraction(1, 7))]


def test_words_stand_in_the_entry_as_a_commitment(register: Register) -> None:
    entry = register.enter(register.a_use(day=1), by=register.ben, at=NOON + 2 * DAY)

    assert "计量系统" not in bytes(entry.content).decode()
    assert Remark.objects.get(kind=RemarkKind.METERED_USE).words == "示例：计量系统报告"
