"""Real witnesses over real HTTP: who cosigned, what is public, and who remembers for us."""

import base64
import contextlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from ledger import guards
from ledger.acts import open_act
from ledger.checks import policy_is_readable
from ledger.keys import log_signers, log_verifier_key, log_verifier_keys
from ledger.memory import RollbackError
from ledger.models import Checkpoint, Cosignature, Entry
from ledger.policy import PolicyError
from ledger.proofs import NotPublishedError, prove_entry
from ledger.publishing import publish
from ledger.queries import latest_checkpoint
from ledger.witnessing import Collector, _ask, _request, learn_from_witnesses
from tests.factories import NOON
from tests.witness.serving import serve
from tlog.checkpoint import Checkpoint as CheckpointBody
from tlog.checkpoint import sign_checkpoint
from tlog.cosignature import CosignatureSigner
from tlog.keys import WitnessSigner
from tlog.mldsa import MldsaSigner
from tlog.policy import Policy
from tlog.proof import verify_proof
from tlog.witness import Witness
from witness.store import DirectoryStore

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("socket_enabled")]


def act() -> Entry:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2") as opened:
        number = Entry.objects.count()
        return opened.record(kind="test.noted/1", keys=[f"test:{number}"], payload={})


@dataclass
class Network:
    """Two witnesses, one with a post-quantum key too, and a policy that wants both."""

    signers: list[WitnessSigner]
    policy: Path
    stores: list[DirectoryStore]

    def policy_of(self, ports: list[int], quorum: str = "both") -> None:
        lines = [
            f"witness w{number} {signer.verifier_key} http://127.0.0.1:{port}\n"
            for number, (signer, port) in enumerate(zip(self.signers, ports, strict=True))
        ]
        self.policy.write_text("".join(lines) + f"group both all w0 w1\nquorum {quorum}\n")


@pytest.fixture
def network(settings: Settings, tmp_path: Path) -> Iterator[Network]:
    signers: list[WitnessSigner] = [
        CosignatureSigner.generate("court.example/witness"),
        MldsaSigner.generate("bank.example/witness"),
    ]
    stores = [DirectoryStore(tmp_path / "w0"), DirectoryStore(tmp_path / "w1")]
    made = Network(signers, tmp_path / "policy", stores)
    logs = {settings.LEDGER_ORIGIN: list(log_verifier_keys())}
    with ExitStack() as stack:
        ports = [
            stack.enter_context(serve(Witness(cosigners=[signer], logs=logs, store=store)))
            for signer, store in zip(signers, stores, strict=True)
        ]
        made.policy_of(ports)
        settings.LEDGER_POLICY_FILE = str(made.policy)
        yield made


def collect(at_minute: int = 0, collector: Collector | None = None) -> int:
    checkpoint = Checkpoint.objects.latest("pk")
    at = NOON + timedelta(minutes=at_minute)
    return (collector or Collector()).collect(checkpoint, at=at)


def test_a_checkpoint_is_public_when_the_quorum_has_cosigned_it(
    network: Network, client: Client
) -> None:
    first = act()
    assert latest_checkpoint() is None
    assert client.get("/log/checkpoint").status_code == 404
    assert client.get("/log/tile/0/000.p/1").status_code == 404
    with pytest.raises(NotPublishedError):
        prove_entry(first)

    assert collect() == 2

    proof = prove_entry(first)
    verify_proof(proof, entry=bytes(first.content), log_key=log_verifier_key())
    policy = Policy.parse(network.policy.read_bytes())
    witnessed = policy.evaluate(proof.checkpoint, log_keys=log_verifier_keys())
    assert witnessed.is_quorum
    assert set(witnessed.times) == {"w0", "w1"}
    assert client.get("/log/checkpoint").content.decode() == proof.checkpoint


def test_until_the_next_is_cosigned_the_last_public_one_stands(network: Network) -> None:
    first = act()
    collect()
    second = act()

    latest = latest_checkpoint()
    assert latest
    assert latest.pk == 1
    assert prove_entry(first).index == 0
    with pytest.raises(NotPublishedError):
        prove_entry(second)

    assert collect() == 2
    assert prove_entry(second).index == 1


def test_a_witness_is_asked_once_for_each_checkpoint(network: Network) -> None:
    act()
    assert collect() == 2
    assert collect() == 0
    assert Cosignature.objects.count() == 2


def test_checkpoints_in_between_may_be_left_out(network: Network) -> None:
    act()
    collect()
    for _ in range(5):
        act()

    assert collect() == 2


def test_a_witness_that_knows_more_than_we_remember_is_asked_again_from_there(
    network: Network,
) -> None:
    act()
    collect()
    act()
    at_second = Checkpoint.objects.latest("pk")
    act()
    # Another process asked for the second checkpoint, and its answers were lost.
    for witness in Policy.parse(network.policy.read_bytes()).witnesses.values():
        assert not isinstance(_ask(witness, _request(at_second, 1)), Exception)

    assert collect() == 2


def test_a_witness_that_does_not_answer_holds_up_nobody_and_is_left_alone_for_a_while(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    text = network.policy.read_text()
    dead = text.replace(text.split("http://127.0.0.1:")[2].split("\n")[0], "1")
    network.policy.write_text(dead)
    act()
    collector = Collector()

    assert collect(collector=collector) == 1
    assert "The witness w1 did not cosign" in caplog.text
    caplog.clear()
    assert collect(collector=collector) == 0
    assert caplog.text == ""
    network.policy.write_text(text)
    assert collect(at_minute=1, collector=collector) == 1


def test_a_false_cosignature_is_not_stored(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    other = CosignatureSigner.generate("court.example/witness")
    text = network.policy.read_text()
    network.policy.write_text(
        text.replace(str(network.signers[0].verifier_key), str(other.verifier_key))
    )
    act()

    assert collect() == 1
    assert "The witness w0 did not cosign" in caplog.text


def test_an_address_that_is_no_http_is_refused(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    network.policy.write_text(network.policy.read_text().replace("http://", "file://"))
    act()

    assert collect() == 0
    assert "is no address of HTTP" in caplog.text


def test_what_a_witness_has_seen_stops_a_log_that_was_set_back_memory_and_all(
    network: Network, settings: Settings
) -> None:
    act()
    act()
    collect()
    # Database and memory come from the same old backup: both know of one entry only.
    forgotten = sign_checkpoint(
        CheckpointBody(origin=settings.LEDGER_ORIGIN, size=9, root=bytes(32)),
        *log_signers(at=NOON),
    )
    network.stores[0].swap(
        settings.LEDGER_ORIGIN,
        old=network.stores[0].latest(settings.LEDGER_ORIGIN),
        new=forgotten,
    )
    publish(at=NOON)

    learn_from_witnesses()

    with pytest.raises(RollbackError, match="a tree of 9 was signed"):
        publish(at=NOON)
    with pytest.raises(CommandError, match="was set back"):
        call_command("publish_ledger")


def audited(*arguments: str) -> list[dict[str, object]]:
    out = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("audit_ledger", "--json", *arguments, stdout=out, stderr=StringIO())
    findings: list[dict[str, object]] = json.loads(out.getvalue())
    return findings


def test_the_audit_compares_with_what_witnesses_keep(network: Network, settings: Settings) -> None:
    act()
    collect()
    assert audited("--witnesses") == []
    forged = sign_checkpoint(
        CheckpointBody(origin=settings.LEDGER_ORIGIN, size=1, root=bytes(32)),
        *log_signers(at=NOON),
    )
    store = network.stores[1]
    store.swap(settings.LEDGER_ORIGIN, old=store.latest(settings.LEDGER_ORIGIN), new=forged)

    assert audited() == []
    (finding,) = audited("--witnesses")
    assert finding["kind"] == "copy_contradicts"
    assert "w1" in str(finding)


def test_the_audit_checks_cosignatures_with_the_keys_of_the_policy(network: Network) -> None:
    act()
    collect()
    kept = Cosignature.objects.get(name="court.example/witness")
    blob = bytearray(base64.b64decode(kept.line.split()[-1]))
    blob[-1] ^= 1
    line = f"— {kept.name} {base64.b64encode(blob).decode()}\n"
    connection.check_constraints()
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_cosignature SET line = %s WHERE name = %s", [line, kept.name])
    connection.check_constraints()
    guards.install(connection)

    (finding,) = audited()
    assert finding["table"] == "ledger_cosignature"
    assert finding["column"] == "line"
    assert finding["checkpoint"] == 1


def test_a_policy_that_cannot_be_read_stops_the_publication_in_words(
    settings: Settings, tmp_path: Path
) -> None:
    act()
    settings.LEDGER_POLICY_FILE = str(tmp_path / "absent")
    with pytest.raises(PolicyError, match="no policy of witnesses"):
        latest_checkpoint()
    assert [error.id for error in policy_is_readable()] == ["ledger.E004"]
    (tmp_path / "absent").write_text("witness w0\n")
    with pytest.raises(PolicyError, match="line 1"):
        latest_checkpoint()
