"""The acts of the trials: real ones, and a small one whose only fact is its number."""

from accounts.models import Organisation, User
from ledger.acts import open_act
from ledger.models import Entry
from primitives.canonical_json import JsonObject
from primitives.clock import now_utc
from registry.models import Party
from registry.numbers import next_number
from tests.crash.evidence import Diary
from tests.crash.promises import NUMBERED
from tests.factories import Office, make_party, register_asset

NUMBERED_KEY = "crash:numbered"


def load_office() -> Office:
    """Return the cast as it was prepared."""
    users = {name: User.objects.get(username=name) for name in ("wang", "li", "zhao")}
    return Office(
        **users,
        alice=User.objects.get(username="alice"),
        charlie=User.objects.get(username="charlie"),
        organisation=Organisation.objects.get(name="示例数据科技有限公司"),
    )


def enter(office: Office, serial: int) -> Entry:
    """Enter a party: its row and its entry."""
    return make_party(office, serial).entry


def number(office: Office, serial: int) -> Entry:
    """Take the next number and enter it, all writers under one key."""
    with open_act(
        recorded_at=now_utc(), actor="U-CRASH", officer="U-CRASH", keys=[NUMBERED_KEY]
    ) as act:
        payload: JsonObject = {"number": next_number("crash"), "serial": serial}
        return act.record(kind=NUMBERED, keys=[NUMBERED_KEY], payload=payload)


def register(office: Office, serial: int) -> Entry:
    """Carry a filing through the whole procedure to its registration."""
    holder = Party.objects.order_by("pk").first() or make_party(office, serial)
    return register_asset(office, holder, data=str(serial).encode()).entry


def acknowledge(diary: Diary, entry: Entry) -> None:
    """Write down that the act was acknowledged."""
    diary.write(entry=entry.pk, leaf_hash=bytes(entry.leaf_hash).hex())
