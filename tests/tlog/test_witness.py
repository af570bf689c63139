"""The witness protocol: each answer that c2sp.org/tlog-witness demands, and what a client reads."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tlog.witnessing import LOG, POST_QUANTUM, WITNESS, GrowingLog, MemoryStore
from tlog.checkpoint import Checkpoint, sign_checkpoint
from tlog.encoding import MalformedError
from tlog.errors import TlogError
from tlog.keys import WitnessKey
from tlog.mldsa import MldsaSigner
from tlog.note import MAX_SIGNATURES, NoteSigner, SignatureError, open_note, sign_note
from tlog.witness import (
    SIZE_TYPE,
    AddCheckpoint,
    Answer,
    StateDamagedError,
    Witness,
    WitnessConflictError,
    WitnessRefusedError,
    hash_origin,
    read_answer,
)

NOW = 1_790_000_000
HONEST = GrowingLog()
FORK = GrowingLog(forked_at=3, fork="'")
STRANGER = GrowingLog(signer=NoteSigner.generate("stranger.example"))

# c2sp.org/tlog-witness, the example of a request; its checkpoint stands for any.
C2SP_REQUEST = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGz
"""


def witness_of(log: GrowingLog, *sizes: int) -> Witness:
    """Return a witness that has cosigned the log at these sizes."""
    witness = Witness(
        cosigners=[WITNESS, POST_QUANTUM],
        logs={LOG.name: [LOG.verifier_key]},
        store=MemoryStore(),
    )
    old_size = 0
    for size in sizes:
        assert witness.add_checkpoint(log.request(old_size, size), timestamp=NOW).status == 200
        old_size = size
    return witness


def ask(witness: Witness, request: bytes) -> Answer:
    """Ask, and see that only a success changes what is stored."""
    before = witness.store.latest(LOG.name)
    answer = witness.add_checkpoint(request, timestamp=NOW + 60)
    if answer.status != 200:
        assert witness.store.latest(LOG.name) == before
        assert "— witness.example" not in answer.body
    return answer


def test_the_specifications_example_is_parsed_and_written_byte_for_byte() -> None:
    request = AddCheckpoint.parse(C2SP_REQUEST.encode())
    assert request.old_size == 20_852_014
    assert len(request.proof) == 4
    assert request.checkpoint.startswith("example.com/behind-the-sofa\n20852163\n")
    assert request.format() == C2SP_REQUEST.encode()


def test_growth_is_cosigned_by_every_key_at_the_given_time() -> None:
    witness = witness_of(HONEST, 1, 4)
    checkpoint = HONEST.checkpoint(9)
    answer = ask(witness, HONEST.request(4, 9))
    assert (answer.status, answer.content_type) == (200, "text/plain; charset=utf-8")

    keys: list[WitnessKey] = [WITNESS.verifier_key, POST_QUANTUM.verifier_key]
    found = read_answer(
        status=answer.status,
        content_type=answer.content_type,
        body=answer.body.encode(),
        checkpoint=checkpoint,
        keys=keys,
    )
    assert [(each.key_id, each.timestamp) for each in found] == [
        (key.key_id, NOW + 60) for key in keys
    ]
    note = checkpoint + "".join(each.line for each in found)
    assert len(open_note(note, [LOG.verifier_key, *keys]).signatures) == 3


def test_what_was_cosigned_is_what_a_monitor_is_shown() -> None:
    witness = witness_of(HONEST)
    path = hash_origin(LOG.name)
    assert witness.latest_checkpoint(path).status == 404
    answer = ask(witness, HONEST.request(0, 5))
    assert witness.latest_checkpoint(path) == Answer(200, HONEST.checkpoint(5) + answer.body)
    assert witness.latest_checkpoint(path.upper()).status == 404
    assert witness.latest_checkpoint(hash_origin("stranger.example")).status == 404


def test_the_same_tree_is_cosigned_again_with_a_new_time() -> None:
    witness = witness_of(HONEST, 5)
    assert ask(witness, HONEST.request(5, 5)).status == 200
    note = witness.latest_checkpoint(hash_origin(LOG.name)).body
    line = open_note(note, [WITNESS.verifier_key]).signatures[0]
    assert int.from_bytes(line.signature[:8], "big") == NOW + 60


def test_a_witness_changes_its_keys_one_after_the_other_and_not_at_once() -> None:
    witness = replace(witness_of(HONEST), cosigners=[WITNESS])
    assert ask(witness, HONEST.request(0, 3)).status == 200
    with pytest.raises(StateDamagedError):
        replace(witness, cosigners=[POST_QUANTUM]).last_cosigned(LOG.name)
    both = replace(witness, cosigners=[WITNESS, POST_QUANTUM])
    assert ask(both, HONEST.request(3, 5)).status == 200
    assert ask(replace(witness, cosigners=[POST_QUANTUM]), HONEST.request(5, 9)).status == 200


def test_a_state_of_another_log_is_damage() -> None:
    witness = witness_of(HONEST, 4)
    note = witness.store.latest(LOG.name)
    assert note is not None
    witness.store.swap("other.example", old=None, new=note)
    with pytest.raises(StateDamagedError):
        witness.last_cosigned("other.example")


def test_an_empty_tree_is_cosigned_and_grows() -> None:
    witness = witness_of(HONEST, 0)
    assert ask(witness, HONEST.request(0, 0)).status == 200
    assert ask(witness, HONEST.request(0, 3)).status == 200


def changed(request: bytes, **changes: object) -> bytes:
    return replace(AddCheckpoint.parse(request), **changes).format()  # type: ignore[arg-type] # the test's own


FALSE_SIGNATURE = FORK.checkpoint(9).replace(
    FORK.checkpoint(9).split("\n")[2], HONEST.checkpoint(9).split("\n")[2]
)
WRONG_EMPTY_ROOT = sign_checkpoint(Checkpoint(origin=LOG.name, size=0, root=bytes(32)), LOG)
NOT_A_TREE = sign_note(f"{LOG.name}\nfive\n{'A' * 43}=\n", LOG)
EXTENDED = sign_checkpoint(
    Checkpoint(origin=LOG.name, size=9, root=bytes(32), extensions=("more",)), LOG
)


@pytest.mark.parametrize(
    ("request_body", "status", "says"),
    [
        pytest.param(b"", 400, "invalid input", id="nothing"),
        pytest.param(b"old 4\n\n", 404, "unknown log", id="no checkpoint"),
        pytest.param(
            HONEST.request(4, 9).replace(b"\n\n\xe2", b"\n\xe2"), 400, "", id="no signature part"
        ),
        pytest.param(changed(HONEST.request(0, 9), checkpoint=NOT_A_TREE), 400, "", id="no size"),
        pytest.param(
            changed(HONEST.request(4, 9), old_size=10), 400, "exceeds", id="old above new"
        ),
        pytest.param(
            changed(HONEST.request(4, 9), checkpoint=FALSE_SIGNATURE), 403, "", id="false signature"
        ),
        pytest.param(
            changed(HONEST.request(4, 9), checkpoint=sign_note(f"{LOG.name}\n", STRANGER.signer)),
            403,
            "no known key",
            id="another's signature",
        ),
        pytest.param(STRANGER.request(0, 9), 404, "unknown log", id="unknown log"),
        pytest.param(HONEST.request(3, 9), 409, "4\n", id="replay of an older size"),
        pytest.param(HONEST.request(0, 9), 409, "4\n", id="asked as for the first time"),
        pytest.param(HONEST.request(9, 9), 409, "4\n", id="ahead of the witness"),
        pytest.param(HONEST.request(0, 3), 409, "4\n", id="rollback"),
        pytest.param(FORK.request(4, 9), 422, "proof", id="fork"),
        pytest.param(FORK.request(4, 4), 422, "", id="fork of the same size"),
        pytest.param(changed(HONEST.request(4, 9), proof=()), 422, "demand", id="no proof"),
        pytest.param(
            changed(HONEST.request(4, 4), proof=(bytes(32),)), 422, "", id="proof of the same size"
        ),
        pytest.param(changed(HONEST.request(4, 9), checkpoint=EXTENDED), 422, "", id="wrong root"),
    ],
)
def test_every_refusal_has_its_status(request_body: bytes, status: int, says: str) -> None:
    answer = ask(witness_of(HONEST, 4), request_body)
    assert answer.status == status
    assert says in answer.body
    if status == 409:
        assert answer == Answer(409, "4\n", SIZE_TYPE)


@pytest.mark.parametrize(
    "request_body",
    [
        changed(HONEST.request(0, 9), proof=(bytes(32),)),
        changed(HONEST.request(0, 9), checkpoint=WRONG_EMPTY_ROOT),
    ],
    ids=["proof from nothing", "wrong root of the empty tree"],
)
def test_what_a_witness_that_has_seen_nothing_refuses(request_body: bytes) -> None:
    assert ask(witness_of(HONEST), request_body).status == 422


@pytest.mark.parametrize(
    "head",
    [
        "old",
        "old ",
        "old -1",
        "old 04",
        "old +4",
        "old 4 ",
        "old  4",
        "Old 4",
        "old four",
        "old 9223372036854775808",
        "old ٤",
        " old 4",
        "\nold 4",
        "old 4\r",
        "old 4\nAAAA",
        "old 4\n" + "A" * 43,
        "old 4\n" + "A" * 42 + "B=",
        "old 4\n" + "-" * 43 + "=",
        "old 4\n" + "\n".join(["A" * 43 + "="] * 64),
    ],
)
def test_a_malformed_head_is_a_bad_request(head: str) -> None:
    body = f"{head}\n\n{HONEST.checkpoint(9)}".encode()
    with pytest.raises(MalformedError):
        AddCheckpoint.parse(body)
    assert ask(witness_of(HONEST, 4), body).status == 400


def test_a_proof_may_have_63_lines_and_is_then_judged() -> None:
    body = changed(HONEST.request(4, 9), proof=(bytes(32),) * 63)
    assert ask(witness_of(HONEST, 4), body).status == 422


def test_extension_lines_are_cosigned_by_ed25519_alone() -> None:
    body = AddCheckpoint(old_size=0, proof=(), checkpoint=EXTENDED).format()
    witness = witness_of(HONEST)
    assert ask(witness, body).status == 400
    assert ask(replace(witness, cosigners=[WITNESS]), body).status == 200


def test_a_log_with_two_keys_may_sign_with_either_and_never_falsely() -> None:
    second = MldsaSigner.generate(LOG.name)
    witness = Witness(
        cosigners=[WITNESS],
        logs={LOG.name: [LOG.verifier_key, second.verifier_key]},
        store=MemoryStore(),
    )
    head = Checkpoint.parse(HONEST.checkpoint(3).partition("\n\n")[0] + "\n")
    for note in (sign_checkpoint(head, second.at(0)), sign_checkpoint(head, LOG, second.at(0))):
        old_size = 0 if witness.store.latest(LOG.name) is None else 3
        body = AddCheckpoint(old_size=old_size, proof=(), checkpoint=note).format()
        assert witness.add_checkpoint(body, timestamp=NOW).status == 200
    other = sign_checkpoint(replace(head, size=4), second.at(0)).rpartition("\n\n")[2]
    forged = AddCheckpoint(old_size=3, proof=(), checkpoint=HONEST.checkpoint(3) + other)
    assert ask(witness, forged.format()).status == 403


def test_copies_of_a_signature_do_not_fill_what_is_stored() -> None:
    line = HONEST.checkpoint(5).rpartition("\n\n")[2]
    full = HONEST.checkpoint(5) + line * (MAX_SIGNATURES - 1)
    witness = witness_of(HONEST)
    body = AddCheckpoint(old_size=0, proof=(), checkpoint=full).format()
    assert ask(witness, body).status == 200
    note = witness.latest_checkpoint(hash_origin(LOG.name)).body
    assert len(open_note(note, [LOG.verifier_key, WITNESS.verifier_key]).signatures) == 2


def test_a_request_that_was_overtaken_is_judged_by_what_is_stored_now() -> None:
    witness = witness_of(HONEST, 4)

    class Overtaken(MemoryStore):
        """Lets another request in between the reading and the storing, once."""

        def swap(self, origin: str, *, old: str | None, new: str) -> bool:
            assert witness.add_checkpoint(HONEST.request(4, 9), timestamp=NOW).status == 200
            return witness.store.swap(origin, old=old, new=new)

        def latest(self, origin: str) -> str | None:
            return witness.store.latest(origin)

    overtaken = replace(witness, store=Overtaken())
    answer = overtaken.add_checkpoint(HONEST.request(4, 7), timestamp=NOW)
    assert answer == Answer(409, "9\n", SIZE_TYPE)
    note = witness.latest_checkpoint(hash_origin(LOG.name)).body
    assert note.startswith("log.example\n9\n")


@given(st.binary())
def test_no_bytes_make_a_witness_answer_otherwise_than_400_or_404(body: bytes) -> None:
    assert witness_of(HONEST).add_checkpoint(body, timestamp=NOW).status in {400, 404}


@given(st.data())
def test_a_changed_request_is_never_cosigned_wrongly(data: st.DataObject) -> None:
    body = bytearray(HONEST.request(4, 9))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    witness = witness_of(HONEST, 4)
    answer = ask(witness, bytes(body))
    assert answer.status in {200, 400, 403, 404, 409, 422}
    if answer.status == 200:
        # Only unused bits of the signature line can differ.
        shown = witness.latest_checkpoint(hash_origin(LOG.name)).body
        assert shown == HONEST.checkpoint(9) + answer.body


def read(status: int, body: bytes, content_type: str = "text/plain") -> object:
    return read_answer(
        status=status,
        content_type=content_type,
        body=body,
        checkpoint=HONEST.checkpoint(9),
        keys=[WITNESS.verifier_key],
    )


def test_a_client_learns_the_size_to_go_on_from() -> None:
    for content_type in (SIZE_TYPE, f"{SIZE_TYPE}; charset=utf-8"):
        with pytest.raises(WitnessConflictError) as caught:
            read(409, b"4\n", content_type)
        assert (caught.value.status, caught.value.size) == (409, 4)


@pytest.mark.parametrize("status", [301, 400, 403, 404, 409, 422, 500, 503])
def test_a_client_is_told_of_a_refusal(status: int) -> None:
    with pytest.raises(WitnessRefusedError, match=str(status)) as caught:
        read(status, "不\x1b[31m".encode() * 1000)
    assert caught.value.status == status
    assert len(str(caught.value)) < 2_000
    assert str(caught.value).isascii()


@pytest.mark.parametrize("body", [b"", b"four", b"04\n", b"4\n4\n", b"-1\n", b"\xff"])
def test_a_conflict_without_a_size_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read(409, body, SIZE_TYPE)


def lines_of(note: str) -> bytes:
    return note.rpartition("\n\n")[2].encode()


BODY_9 = HONEST.checkpoint(9).partition("\n\n")[0] + "\n"
BODY_8 = HONEST.checkpoint(8).partition("\n\n")[0] + "\n"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", MalformedError),
        (b"OK\n", MalformedError),
        (b"\xff\xfe\n", MalformedError),
        (lines_of(sign_note(BODY_8, WITNESS.at(NOW))), SignatureError),
        (lines_of(sign_note(BODY_9, POST_QUANTUM.at(NOW))), SignatureError),
        (lines_of(sign_note(BODY_9, WITNESS.at(0))), SignatureError),
        # What the witness signed must be our checkpoint, not one that the answer smuggles in.
        (b"more\n" + lines_of(sign_note(BODY_9, WITNESS.at(NOW))), MalformedError),
        (b"more\n\n" + lines_of(sign_note(f"{BODY_9}more\n", WITNESS.at(NOW))), SignatureError),
        (sign_note(BODY_8, WITNESS.at(NOW)).encode(), SignatureError),
    ],
)
def test_an_answer_that_is_no_cosignature_is_refused(answer: bytes, error: type[TlogError]) -> None:
    with pytest.raises(error):
        read(200, answer)


@given(st.integers(), st.text(), st.binary())
def test_no_answer_makes_a_client_fail_otherwise(
    status: int, content_type: str, body: bytes
) -> None:
    for each in (status, 200, 409):
        with pytest.raises(TlogError):
            read(each, body, content_type)
