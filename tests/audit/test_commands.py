"""The commands' exit codes are a contract: 0 clean, 1 with findings."""

import json
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.log import check_log
from audit.register import compare_register
from audit.snapshot import snapshot
from registry.instruments import instrument_path
from registry.models import Instrument, Party
from tests.factories import Office, make_party, register_asset


def exit_code(command: str, *arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        call_command(command, *arguments)
    return ended.value.code


def test_a_clean_register_is_said_to_be_clean(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    register_asset(office, make_party(office))

    call_command("audit_ledger")
    call_command("rebuild_register", "--check")

    output = capsys.readouterr().out
    assert "Clean" in output
    assert "equal their rebuild" in output


def test_a_changed_row_ends_both_commands_with_1(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    party = make_party(office)
    Party.objects.update(business_status="注销")

    assert exit_code("rebuild_register", "--check") == 1
    assert exit_code("audit_ledger", "--json") == 1

    (finding,) = json.loads(capsys.readouterr().out)
    assert finding == {
        "kind": "row_altered",
        "table": "registry_party",
        "pk": str(party.pk),
        "column": "business_status",
        "index": 0,
        "checkpoint": 1,
        "detail": f"{party.reference}: business_status is not what the ledger says",
    }


def test_a_changed_file_is_found(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    register_asset(office, make_party(office))
    instrument = Instrument.objects.latest("pk")
    instrument_path(instrument.sha256).write_bytes(b"other")

    assert exit_code("audit_ledger") == 1
    assert f"file_damaged registry_instrument.{instrument.pk}" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_an_act_that_commits_during_an_audit_is_no_finding(office: Office) -> None:
    def enter_another() -> None:
        make_party(office, 2)
        connection.close()

    make_party(office)
    with snapshot():
        before = list(check_log())
        act = Thread(target=enter_another)
        act.start()
        act.join()
        seen = Party.objects.count()
        after = list(compare_register())

    assert (before, after, seen) == ([], [], 1)
    assert Party.objects.count() == 2


@pytest.mark.django_db
def test_a_rebuild_that_writes_is_not_pretended() -> None:
    with pytest.raises(CommandError, match="--check"):
        call_command("rebuild_register")
