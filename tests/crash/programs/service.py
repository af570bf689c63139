"""A service in one process that never restarts: does what it is told and says how it went.

Orders on its standard input: act, register, publish, issue, read. Answers: a JSON object with
`done`, or with `error`, what the caller is told.
"""

import json
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from certificates.issuance import issue_waiting
from ledger.publishing import publish
from ledger.queries import latest_checkpoint
from primitives.clock import now_utc
from tests.crash import acts
from tests.crash.children import answer
from tests.crash.evidence import Diary
from tests.factories import Office


def main() -> None:
    diary = Diary(Path(settings.STATE_DIR) / "evidence" / "service.jsonl")
    office = acts.load_office()
    for serial, order in enumerate(sys.stdin):
        try:
            done = obey(order.strip(), office, serial, diary)
        except Exception as error:  # noqa: BLE001 # the caller is told, whatever it is
            answer(json.dumps({"error": f"{type(error).__name__}: {error}"}))
            # What a request does at its end: a connection that died is opened anew.
            connection.close_if_unusable_or_obsolete()
        else:
            answer(json.dumps({"done": done}))


def obey(order: str, office: Office, serial: int, diary: Diary) -> int:
    if order == "publish":
        checkpoint = publish(at=now_utc())
        return checkpoint.tree_head_id if checkpoint else 0
    if order == "issue":
        return issue_waiting(at=now_utc())
    if order == "read":
        checkpoint = latest_checkpoint()
        return checkpoint.tree_head_id if checkpoint else 0
    entry = {"act": acts.enter, "number": acts.number, "register": acts.register}[order](
        office, serial
    )
    acts.acknowledge(diary, entry)
    return entry.pk
