"""The register that is tampered with: real cases for every kind of row, and many further acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction

from django.conf import settings

from certificates.issuance import issue_waiting
from filings.models import ClaimedSource
from ledger.acts import open_act
from ledger.models import Checkpoint
from ledger.publishing import publish
from primitives.identifiers import new_reference
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import AssetVersion, DataAsset, Party
from rights.dealing import Dealing
from rights.facts import Order
from rights.freeze import FreezeOrder
from rights.kinds import AuthorityKind, RightKind
from rights.recording import deal, keys_of
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    claim,
    decide,
    derive_from,
    hand_in_papers,
    make_draft,
    make_office,
    make_party,
    name_applicants,
)

PUBLISH_EVERY = 40


@dataclass
class Register:
    """A committed register.

    Attributes:
        serial: how many parties were entered; the next one gets the next number.
    """

    office: Office
    serial: int = 0
    parties: list[Party] = field(default_factory=list)

    def enter_party(self, *, is_natural: bool = False) -> Party:
        """Enter one more party: the cheapest act there is."""
        self.serial += 1
        natural = {
            "kind": PartyKind.NATURAL,
            "identifier_scheme": IdentifierScheme.RESIDENT_ID,
            "name": f"示例自然人{self.serial}",
            "contact": "示例电话",
        }
        return make_party(self.office, self.serial, **(natural if is_natural else {}))

    def register_asset(self, *holders: Party) -> None:
        """Register an asset that is held in equal shares and stems from those before it."""
        filing = make_draft(self.office, data=f"data {self.serial}".encode())
        name_applicants(filing, holders[0])
        for kind in RightKind:
            claim(filing, kind, [(holder, Fraction(1, len(holders))) for holder in holders])
        if source := AssetVersion.objects.order_by("pk").last():
            derive_from(filing, source, holders[0])
        ClaimedSource.objects.create(
            filing=filing,
            title=f"示例公开数据{self.serial}",
            publisher=holders[-1],
            edition="1.0",
            sha256="a" * 64,
            activity="COLLECT",
            method="示例",
            ended_at=NOON,
            responsible=holders[0],
        )
        hand_in_papers(filing)
        decide(self.office, bring_to_publicity(self.office, filing))

    def freeze(self, asset: DataAsset) -> None:
        """Enter a court's freeze of a whole asset."""
        item = FreezeOrder(reference=new_reference("N"), asset=asset.number, months=36)
        order = Order(authority=AuthorityKind.COURT, level=1, number="示例1号")
        dealing = Dealing(filing="F-EXAMPLE", items=(item,), order=order)
        with open_act(
            recorded_at=NOON,
            actor=self.office.wang.reference,
            officer=self.office.zhao.reference,
            keys=keys_of(dealing),
        ) as act:
            deal(act, dealing)


def build(*, assets: int, parties: int) -> Register:
    """Build a register of a few real cases with certificates, and enter many parties more.

    The first asset is frozen once the second is derived from it; the others inherit the mark.
    """
    register = Register(make_office())
    with _published_in_batches():
        for number in range(assets):
            one, other = register.enter_party(), register.enter_party(is_natural=True)
            register.register_asset(*((one, other) if number % 2 else (one,)))
            if number == 1:
                register.freeze(DataAsset.objects.earliest("pk"))
            publish(at=NOON)
    issue_waiting(at=NOON)
    with _published_in_batches():
        for number in range(parties):
            register.enter_party(is_natural=number % 5 == 0)
            if number % PUBLISH_EVERY == 0:
                publish(at=NOON)
        publish(at=NOON)
    return register


def checkpoint_sizes() -> list[int]:
    """Return the sizes that were signed, the smallest first."""
    return list(Checkpoint.objects.order_by("pk").values_list("pk", flat=True))


@contextmanager
def _published_in_batches() -> Iterator[None]:
    settings.LEDGER_PUBLISH_INLINE = False
    try:
        yield
    finally:
        settings.LEDGER_PUBLISH_INLINE = True
