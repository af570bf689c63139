"""What is kept outside is held against the log; who has the log key can rewrite everything else."""

import random  # noqa: TID251 # a replayable choice, no secret
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.copies import check_copy, read_copy
from audit.findings import Finding, FindingKind
from ledger.entries import parse_entry
from ledger.export import export_log
from ledger.models import Checkpoint, Leaf
from ledger.proofs import prove_entry
from ledger.publishing import publish
from primitives.canonical_json import canonical_json
from tests.audit.trials.attacker import Attacker
from tests.audit.trials.harness import undone
from tests.audit.trials.register import Register, build
from tests.factories import NOON
from tlog.checkpoint import Checkpoint as Body
from tlog.checkpoint import sign_checkpoint
from tlog.note import NoteSigner

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(db: None) -> Register:
    return build(assets=0, parties=300)


@pytest.fixture
def exported(register: Register, tmp_path: Path) -> Path:
    export_log(tmp_path / "log")
    return tmp_path / "log"


def check(path: Path) -> list[Finding]:
    return list(check_copy(read_copy(path)))


def keep(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def rewrite_with_the_key(by: Attacker, index: int) -> None:
    entry = Leaf.objects.get(index=index).entry
    content = parse_entry(bytes(entry.content))
    content["payload"]["business_status"] = "注销"
    with by.unguarded():
        by.change_entry(entry, canonical_json(content))
        by.rewrite_log(sign=True)


def test_copies_of_our_own_log_have_no_findings_also_when_it_has_grown(
    register: Register, exported: Path, tmp_path: Path
) -> None:
    entry = Leaf.objects.get(index=7).entry
    proof = keep(tmp_path / "certificate.pdf.tlog-proof", prove_entry(entry).format())
    note = keep(tmp_path / "checkpoint", Checkpoint.objects.order_by("pk")[2].note)

    for _number in range(5):
        register.enter_party()
    publish(at=NOON)

    assert [check(path) for path in (exported, proof, note)] == [[], [], []]


@pytest.mark.parametrize("index", [3, 255, 256, 299])
def test_an_exported_log_names_the_first_entry_that_was_rewritten(
    exported: Path, index: int
) -> None:
    by = Attacker(random.Random(0))  # noqa: S311 # replayable, not secret
    size = Checkpoint.objects.order_by("pk").last()

    with undone(by):
        rewrite_with_the_key(by, index)
        (finding,) = check(exported)

    assert size
    assert (finding.kind, finding.index) == (FindingKind.COPY_CONTRADICTS, index)
    assert finding.checkpoint == size.pk


def test_a_proof_names_its_entry_when_that_was_rewritten(
    register: Register, tmp_path: Path
) -> None:
    by = Attacker(random.Random(0))  # noqa: S311 # replayable, not secret
    entry = Leaf.objects.get(index=9).entry
    path = keep(tmp_path / "kept.tlog-proof", prove_entry(entry).format())

    with undone(by):
        rewrite_with_the_key(by, 9)
        found = check(path)

    assert {finding.kind for finding in found} == {FindingKind.COPY_CONTRADICTS}
    assert 9 in {finding.index for finding in found}


def test_a_damaged_file_of_a_copy_is_not_called_a_contradiction(exported: Path) -> None:
    bundle = exported / "tile" / "entries" / "000"
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"!")
    (exported / "tile" / "0" / "000").unlink()

    found = check(exported)

    assert {finding.kind for finding in found} == {FindingKind.COPY_DAMAGED}
    assert {finding.pk for finding in found} == {
        f"{exported}/tile/entries/000",
        f"{exported}/tile/0/000",
    }


def test_a_checkpoint_that_another_key_signed_proves_nothing(
    register: Register, tmp_path: Path
) -> None:
    signer = NoteSigner.generate("quanji.example/log")
    head = Checkpoint.objects.order_by("pk")[0].tree_head
    body = Body(origin=signer.name, size=head.size, root=bytes(head.root_hash))
    path = keep(tmp_path / "checkpoint", sign_checkpoint(body, signer))

    assert [finding.kind for finding in check(path)] == [FindingKind.COPY_DAMAGED]


@pytest.mark.parametrize("text", ["", "c2sp.org/tlog-proof@v1\nindex x\n", "quanji.example/log\n"])
def test_garbage_for_a_copy_is_damaged(register: Register, tmp_path: Path, text: str) -> None:
    found = check(keep(tmp_path / "copy", text))

    assert [finding.kind for finding in found] == [FindingKind.COPY_DAMAGED]


def test_the_command_compares_copies_and_says_when_there_is_none(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("audit_ledger")
    without = capsys.readouterr().out
    call_command("audit_ledger", "--copy", str(exported))
    compared = capsys.readouterr().out

    assert "No copy kept outside was compared" in without
    assert "Not looked at" not in compared
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("audit_ledger", "--copy", str(exported / "nothing"))
