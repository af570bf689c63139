"""Policies: what a file says, what it may not say, and which checkpoints meet it."""

from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tlog.checkpoint import Checkpoint
from tlog.cosignature import CosignatureKey, CosignatureSigner
from tlog.encoding import MalformedError
from tlog.errors import TlogError
from tlog.mldsa import MldsaKey, MldsaSigner
from tlog.note import NoteSigner, SignatureError, Signer, VerifierKey, sign_note
from tlog.policy import Policy

LOG = NoteSigner("log.example", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
OTHER_LOG = NoteSigner("other.example", Ed25519PrivateKey.from_private_bytes(b"o" * 32))
HEAD = Checkpoint(origin=LOG.name, size=7, root=b"r" * 32)


def cosigner(name: str) -> CosignatureSigner:
    seed = name.encode().ljust(32, b"_")
    return CosignatureSigner(f"{name}.example", Ed25519PrivateKey.from_private_bytes(seed))


COSIGNERS = {name: cosigner(name) for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")}
MLDSA = MldsaSigner("Z.example", MLDSA44PrivateKey.from_seed_bytes(b"z" * 32))

LOG_LINE = f"log {LOG.verifier_key}\n"
WITNESS_LINES = "".join(f"witness {name} {each.verifier_key}\n" for name, each in COSIGNERS.items())
# The example of c2sp.org/tlog-policy, with keys.
EXAMPLE = f"""\
{LOG_LINE}
{WITNESS_LINES}
group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def cosigned(*names: str, at: int = 100) -> str:
    return signed(LOG, *(COSIGNERS[name].at(at) for name in names))


def signed(*signers: Signer) -> str:
    first, *others = signers
    return sign_note(HEAD.body(), first, *others)


@pytest.mark.parametrize(
    ("names", "is_quorum"),
    [
        ((), False),
        (("X1", "X2"), False),
        (("X1", "Y1"), False),
        (("Y1", "Y2", "Y3"), False),
        (("X1", "X2", "Y3"), True),
        (("X3", "X2", "X1", "Y1", "Y2", "Y3"), True),
        # One witness counts once, however often it signs.
        (("X1", "X1", "X1", "Y1"), False),
    ],
)
def test_the_specifications_example_asks_for_two_of_one_group_and_one_of_the_other(
    names: Sequence[str],
    is_quorum: bool,  # noqa: FBT001 # pytest passes by name
) -> None:
    witnessed = Policy.parse(EXAMPLE.encode()).evaluate(cosigned(*names))
    assert witnessed.is_quorum is is_quorum
    assert set(witnessed.times) == set(names)
    assert witnessed.checkpoint == HEAD


def test_the_oldest_and_the_newest_cosignature_say_how_fresh_a_checkpoint_is() -> None:
    policy = Policy.parse(f"{WITNESS_LINES}witness Z {MLDSA.verifier_key}\nquorum X1\n".encode())
    lines = [COSIGNERS["X1"].at(500), COSIGNERS["X1"].at(300), COSIGNERS["Y2"].at(400)]
    witnessed = policy.evaluate(signed(LOG, *lines, MLDSA.at(0)), log_keys=[LOG.verifier_key])
    assert witnessed.times == {"X1": 500, "Y2": 400, "Z": 0}
    assert (witnessed.oldest, witnessed.newest) == (400, 500)
    alone = policy.evaluate(signed(LOG, MLDSA.at(0)), log_keys=[LOG.verifier_key])
    assert (alone.oldest, alone.newest) == (None, None)


def test_without_a_quorum_the_logs_signature_is_enough() -> None:
    assert Policy.parse(f"{LOG_LINE}quorum none\n".encode()).evaluate(cosigned()).is_quorum


def test_any_listed_log_signs_for_its_own_origin_only() -> None:
    second = MldsaSigner(LOG.name, MLDSA.private_key)
    lines = f"log {OTHER_LOG.verifier_key}\nlog {second.verifier_key}\nquorum none\n"
    policy = Policy.parse(lines.encode())
    assert policy.evaluate(signed(second.at(0))).checkpoint == HEAD
    for note in (signed(OTHER_LOG), signed(LOG)):
        with pytest.raises(SignatureError):
            policy.evaluate(note)


def test_a_witness_alone_does_not_stand_for_the_log() -> None:
    with pytest.raises(SignatureError, match="no known log"):
        Policy.parse(EXAMPLE.encode()).evaluate(
            signed(*(each.at(1) for each in COSIGNERS.values()))
        )


def test_a_false_cosignature_condemns_the_checkpoint_and_an_unknown_one_is_ignored() -> None:
    other = Checkpoint(origin=LOG.name, size=8, root=b"r" * 32)
    line = sign_note(other.body(), COSIGNERS["X1"].at(1)).rpartition("\n\n")[2]
    with pytest.raises(SignatureError, match="false"):
        Policy.parse(EXAMPLE.encode()).evaluate(cosigned("X1") + line)
    narrow = Policy.parse(f"{LOG_LINE}quorum none\n".encode())
    assert narrow.evaluate(cosigned("X1") + line).times == {}


def test_a_file_may_have_urls_comments_tabs_and_opaque_names() -> None:
    name = "\u212a".encode() + b"\xff"
    key = str(COSIGNERS["X1"].verifier_key).encode()
    content = b"\n".join(
        [
            b"# witnesses \xfe",
            b" \t ",
            b"\tlog  " + str(LOG.verifier_key).encode() + b"\thttps://log.example/#x ",
            b"witness K " + str(COSIGNERS["X2"].verifier_key).encode(),
            b"witness " + name + b" " + key + b" https://w.example/",
            b"group #g 1 K " + name,
            b"quorum #g",
            b"",
        ]
    )
    policy = Policy.parse(content)
    assert policy.logs[0].url == "https://log.example/#x"
    assert [each.url for each in policy.witnesses.values()] == [None, "https://w.example/"]
    assert policy.evaluate(cosigned("X2")).is_quorum


X1, X2 = COSIGNERS["X1"].verifier_key, COSIGNERS["X2"].verifier_key
RENAMED_X1 = CosignatureKey("another.example", X1.public_key)
LOG_AS_WITNESS = CosignatureKey("log.example", LOG.verifier_key.public_key)
TWO = f"witness A {X1}\nwitness B {X2}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "quorum none",
        LOG_LINE,
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum none none\n",
        "quorum A\n",
        f"quorum A\nwitness A {X1}\n",
        f"{TWO}group G any G\nquorum G\n",
        f"{TWO}group G any H\ngroup H any A\nquorum G\n",
        f"{TWO}group G any none\nquorum G\n",
        f"{TWO}group G any\nquorum G\n",
        f"{TWO}group G 0 A B\nquorum G\n",
        f"{TWO}group G 3 A B\nquorum G\n",
        f"{TWO}group G 01 A B\nquorum G\n",
        f"{TWO}group G -1 A B\nquorum G\n",
        f"{TWO}group G ANY A B\nquorum G\n",
        f"{TWO}group G any A A\nquorum G\n",
        f"{TWO}group G any A\ngroup H any A B\nquorum H\n",
        f"{TWO}group A any B\nquorum A\n",
        f"{TWO}witness A {COSIGNERS['X3'].verifier_key}\nquorum A\n",
        f"{TWO}group none any A\nquorum none\n",
        f"witness none {X1}\nquorum none\n",
        f"{TWO}witness C {X1}\nquorum A\n",
        f"{TWO}witness C {RENAMED_X1}\nquorum A\n",
        f"{LOG_LINE}{LOG_LINE}quorum none\n",
        f"{LOG_LINE}log {VerifierKey('b.example', LOG.verifier_key.public_key)}\nquorum none\n",
        f"{LOG_LINE}witness A {LOG_AS_WITNESS}\nquorum A\n",
        f"witness A {LOG_AS_WITNESS}\n{LOG_LINE}quorum A\n",
        f"log {X1}\nquorum none\n",
        f"witness A {LOG.verifier_key}\nquorum A\n",
        "log\nquorum none\n",
        f"log {LOG.verifier_key} url url\nquorum none\n",
        f"witness {X1}\nquorum none\n",
        f"witness A {X1} url url\nquorum A\n",
        f"{LOG_LINE}quorum none # no comment here\n",
        f"Log {LOG.verifier_key}\nquorum none\n",
        "frobnicate\nquorum none\n",
        f"log\u00a0{LOG.verifier_key}\nquorum none\n",
        "quorum none\r\n",
        "quorum none\x00\n",
        "quorum none\x7f\n",
        "quorum none\x0b\n",
        "quorum none\n\x0c",
        f"{EXAMPLE}quorum",
    ],
)
def test_what_the_specification_forbids_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Policy.parse(text.encode())


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(MalformedError, match="line 3"):
        Policy.parse(f"{TWO}group G 3 A B\nquorum G\n".encode())


def test_two_keys_that_a_note_cannot_tell_apart_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A collision of 4 bytes is found in minutes, not here.
    monkeypatch.setattr(CosignatureKey, "key_id", b"same")
    twin = CosignatureKey(X1.name, X2.public_key)
    with pytest.raises(MalformedError):
        Policy.parse(f"witness A {X1}\nwitness B {twin}\nquorum A\n".encode())


def test_deeply_nested_groups_are_decided_without_recursion() -> None:
    groups = "".join(f"group G{depth + 1} any G{depth}\n" for depth in range(5_000))
    policy = Policy.parse(f"{LOG_LINE}{TWO}group G0 all A B\n{groups}quorum G5000\n".encode())
    assert policy.evaluate(cosigned("X1", "X2")).is_quorum
    assert not policy.evaluate(cosigned("X1")).is_quorum


tokens = st.sampled_from(
    ["log", "witness", "group", "quorum", "none", "any", "all", "1", "A", "B", "#", str(X1)]
)
lines = st.lists(tokens, max_size=5).map(" ".join)


@given(st.binary() | st.lists(lines).map(lambda rows: "".join(f"{row}\n" for row in rows).encode()))
def test_no_bytes_make_the_parser_fail_otherwise(content: bytes) -> None:
    try:
        policy = Policy.parse(content)
    except TlogError:
        return
    with pytest.raises(TlogError):
        policy.evaluate("")


def test_an_ml_dsa_44_witness_counts() -> None:
    policy = Policy.parse(f"{LOG_LINE}witness Z {MLDSA.verifier_key}\nquorum Z\n".encode())
    assert isinstance(policy.witnesses["Z"].key, MldsaKey)
    assert policy.evaluate(signed(LOG, MLDSA.at(9))).is_quorum
