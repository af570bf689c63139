"""The QR code of a paper: written in one way, refused by name, and it never makes us stumble."""

import json
from base64 import b32encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from tlog.encoding import MalformedError
from verifier.cli import main
from verifier.paper import (
    MAX_CHARACTERS,
    PaperKey,
    PaperKeys,
    SignedPaper,
    paper_address,
    sign_paper,
    verify_paper,
)
from verifier.printed import Printed, PrintedDocument, read_printed, shortened
from verifier.verdict import Outcome, Reason, StepError

AT = datetime(2027, 6, 1, tzinfo=UTC)
KID = "2026"
KEY = generate_private_key(SECP256R1())
KEYS = PaperKeys(
    (
        PaperKey(
            kid=KID,
            public_key=KEY.public_key(),
            first_day=date(2026, 1, 1),
            last_day=date(2026, 12, 31),
        ),
    )
)
PRINTED = Printed(
    number="SJ3702026110001",
    check_code="4T7Q-0XKD-9M2V-HB1S",
    holder="示例港口数据有限公司",
    holders=2,
    asset="DA-000000001",
    asset_name="示例港口吞吐量数据集",
    sha256="01" * 32,
    entry_index=12,
    leaf_hash="c3" * 16,
    issued_day=date(2026, 11, 25),
    last_day=date(2029, 11, 24),
)
DOCUMENT = PrintedDocument(
    kind="SEARCH",
    number="E20261100001",
    check_code="4T7Q-0XKD-9M2V-HB1S",
    subject="DA-000000001",
    party="",
    as_of=datetime(2026, 11, 25, 4, tzinfo=UTC),
    tree_size=12,
    root_hash="c3" * 16,
    statement_sha256="01" * 32,
    issued_day=date(2026, 11, 25),
)
RECORDED = (
    "HTTPS://REGISTRY.EXAMPLE/Q/2KCETIQBEYCEIMRQGI3KAWFYVMAW6U2KGM3TAMRQGI3DCMJQGAYDCATTGRKDOUJN"
    "GBMEWRBNHFGTEVRNJBBDCUYDPAPOPJF24S7IXZVYV7SY7I7GSWYONDNO42OIT2MZSDSYLLHFR64AIAQFNRCECLJQGAYD"
    "AMBQGAYDCBTYD3T2JOXEX2F6NOFP4WH2HZMQT3SZBEHJQ6H6NFNQ42G252M3QYDVQIABAEAQCAIBAEAQCAIBAEAQCAIB"
    "AEAQCAIBAEAQCAIBAEAQCAIBAEEAYCKQYPB4HQ6DYPB4HQ6DYPB4HQ6DYMFBSUJOBMMVK5KYIAETAOEU43FG3DBWFL5R"
    "WXG2TAL55B32C2MVFVXNRBNTHQ24ZER6BISDKJKKDLFDS7SGWY3YNM2J23U4XTID3T7WM3BZ7HRXXZQO3H2G"
)
"""The code of `PRINTED` as the first release that signed codes wrote it."""
RECORDED_KEYS = """{"keys": [{"kid": "2026", "kty": "EC", "crv": "P-256", "alg": "ES256",
    "use": "sig", "x": "_X-zvtlALASfwXCMwEJO9RrszBfrIGaHkDIldQLmKOE",
    "y": "bLF3873ef2AvsftmKx1Bdy-1MG3VcJiKM9Db9y_3wFs", "from": "2026-01-01",
    "until": "2026-12-31"}]}"""
PAPER = sign_paper(PRINTED, kid=KID, key=KEY)
TEXT = paper_address("https://registry.example", PAPER)
ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
"""ISO/IEC 18004, table 5."""


def base32(content: bytes) -> str:
    return b32encode(content).decode().rstrip("=")


def reason_of(text: str, at: datetime = AT) -> Reason | None:
    return verify_paper(text, keys=KEYS, at=at).reason


def resigned(**changes: Any) -> str:
    """Return a code signed with the true key over a payload with changed members."""
    return base32(sign_paper(replace(PRINTED, **changes), kid=KID, key=KEY).to_cbor())


def rewritten(change: Callable[[list[Any]], object]) -> str:
    """Return the code with the parts of its COSE_Sign1 changed."""
    parts = list(cbor2.loads(PAPER.to_cbor()).value)
    change(parts)
    return base32(cbor2.dumps(cbor2.CBORTag(18, parts)))


def with_header(header: dict[int, Any]) -> str:
    return rewritten(lambda parts: parts.__setitem__(0, cbor2.dumps(header)))


def with_payload(change: Callable[[dict[int, Any]], object]) -> str:
    payload = cbor2.loads(PRINTED.to_cbor())
    change(payload)
    return rewritten(lambda parts: parts.__setitem__(2, cbor2.dumps(payload)))


def test_what_was_signed_is_genuine_and_read_as_it_was_printed() -> None:
    verdict = verify_paper(TEXT, keys=KEYS, at=AT)

    assert verdict.outcome == Outcome.VALID
    assert verdict.printed == PRINTED


def test_a_code_that_was_printed_before_documents_had_codes_verifies_for_ever() -> None:
    verdict = verify_paper(RECORDED, keys=PaperKeys.parse(RECORDED_KEYS), at=AT)

    assert verdict.outcome == Outcome.VALID
    assert verdict.printed == PRINTED


def test_the_code_of_a_document_is_genuine_read_as_printed_and_has_no_term() -> None:
    text = paper_address("https://registry.example", sign_paper(DOCUMENT, kid=KID, key=KEY))
    verdict = verify_paper(text, keys=KEYS, at=datetime(2090, 1, 1, tzinfo=UTC))

    assert set(text) <= ALPHANUMERIC
    assert verdict.outcome == Outcome.VALID
    assert verdict.printed == DOCUMENT
    assert verdict.to_json()["printed"] == {
        "kind": "SEARCH",
        "number": "E20261100001",
        "check_code": "4T7Q-0XKD-9M2V-HB1S",
        "subject": "DA-000000001",
        "party": "",
        "as_of": "2026-11-25T04:00:00Z",
        "tree_size": 12,
        "root_hash": "c3" * 16,
        "statement_sha256": "01" * 32,
        "issued_day": "2026-11-25",
    }


@pytest.mark.parametrize(
    ("label", "value"),
    [
        (0, "search"),
        (1, ""),
        (2, "0"),
        (3, "例" * 17),
        (3, "a\u202eb"),
        (4, None),
        (5, -1),
        (5, 2**52),
        (6, 0),
        (7, b"\1" * 17),
        (8, b"\1" * 31),
        (9, 10**6),
        (10, 1),
    ],
)
def test_a_wrong_member_of_a_document_is_refused(label: int, value: object) -> None:
    payload = cbor2.loads(DOCUMENT.to_cbor()) | {label: value}

    with pytest.raises(StepError) as refused:
        read_printed(cbor2.dumps(payload))
    assert refused.value.reason == Reason.PAPER_MALFORMED


def test_the_address_stays_in_the_alphanumeric_mode_and_is_short_enough_for_36_mm() -> None:
    name = shortened("例" * 40)
    certificate = replace(PRINTED, holder=name, asset_name=name)
    document = replace(DOCUMENT, kind="CANCELLATION", subject=name, party=name, tree_size=2**40)
    for longest in (certificate, document):
        text = paper_address("https://registry.example", sign_paper(longest, kid=KID, key=KEY))

        assert set(text) <= ALPHANUMERIC
        assert len(text) < 528, "more does not fit into version 14-M (ISO/IEC 18004, table 7)"


@pytest.mark.parametrize(
    "text",
    [TEXT.lower(), TEXT.title(), f" {TEXT}\n", base32(PAPER.to_cbor())],
    ids=["small letters", "mixed", "with blanks", "its last part alone"],
)
def test_the_way_a_scanner_writes_it_does_not_matter(text: str) -> None:
    assert reason_of(text) is None


def test_a_member_changed_makes_the_signature_false_and_nothing_is_shown_as_printed() -> None:
    forged = replace(PAPER, printed=replace(PRINTED, number="SJ3702026110002"))
    verdict = verify_paper(base32(forged.to_cbor()), keys=KEYS, at=AT)

    assert (verdict.outcome, verdict.reason) == (Outcome.INVALID, Reason.PAPER_SIGNATURE_FALSE)
    assert verdict.printed is None
    assert verdict.to_json()["printed"] is None


def test_another_key_of_the_same_name_makes_the_signature_false() -> None:
    forged = sign_paper(PRINTED, kid=KID, key=generate_private_key(SECP256R1()))

    assert reason_of(base32(forged.to_cbor())) == Reason.PAPER_SIGNATURE_FALSE


def test_a_key_that_is_not_published_cannot_be_judged() -> None:
    verdict = verify_paper(
        base32(sign_paper(PRINTED, kid="2030", key=KEY).to_cbor()), keys=KEYS, at=AT
    )

    assert (verdict.outcome, verdict.reason) == (Outcome.CANNOT_VERIFY, Reason.PAPER_KEY_UNKNOWN)


def test_a_key_signs_nothing_outside_of_its_days() -> None:
    assert reason_of(resigned(issued_day=date(2027, 1, 1))) == Reason.PAPER_KEY_OUT_OF_TERM
    assert reason_of(resigned(issued_day=date(2026, 12, 31))) is None


def test_after_its_last_day_it_is_genuine_and_not_valid() -> None:
    last_minute, next_day = (datetime(2029, 11, 24, hour, tzinfo=UTC) for hour in (15, 16))

    assert reason_of(TEXT, last_minute) is None
    verdict = verify_paper(TEXT, keys=KEYS, at=next_day)
    assert (verdict.outcome, verdict.reason) == (Outcome.INVALID, Reason.TERM_ENDED)
    assert verdict.printed == PRINTED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (with_header({1: -8, 4: b"2026"}), Reason.PAPER_ALGORITHM),
        (with_header({1: "ES256", 4: b"2026"}), Reason.PAPER_ALGORITHM),
        (with_header({4: b"2026"}), Reason.PAPER_ALGORITHM),
        (with_header({1: -7}), Reason.PAPER_MALFORMED),
        (with_header({1: -7, 4: "2026"}), Reason.PAPER_MALFORMED),
        (with_header({1: -7, 4: b"\xff"}), Reason.PAPER_MALFORMED),
        (with_header({1: -7, 4: b"2026", 5: b""}), Reason.PAPER_MALFORMED),
        (with_header({4: b"2026", 1: -7}), Reason.PAPER_MALFORMED),
        (rewritten(lambda parts: parts.__setitem__(1, {4: b"2026"})), Reason.PAPER_MALFORMED),
        (rewritten(lambda parts: parts.append(b"")), Reason.PAPER_MALFORMED),
        (rewritten(lambda parts: parts.__setitem__(2, None)), Reason.PAPER_MALFORMED),
        (rewritten(lambda parts: parts.__setitem__(3, b"\0" * 64)), Reason.PAPER_SIGNATURE_FALSE),
        (rewritten(lambda parts: parts.__setitem__(3, b"\xff" * 64)), Reason.PAPER_SIGNATURE_FALSE),
        (rewritten(lambda parts: parts.__setitem__(3, b"\0" * 63)), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({12: 1})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.pop(11)), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({4: True})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({4: 2.0})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({4: 0})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({8: 2**64})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({1: "SJ1"})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({3: "例" * 17})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({3: "a\u202eb"})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({7: b"\1" * 31})), Reason.PAPER_MALFORMED),
        (with_payload(lambda payload: payload.update({10: 10**6})), Reason.PAPER_MALFORMED),
        (base32(PAPER.to_cbor()[1:]), Reason.PAPER_MALFORMED),
        (base32(PAPER.to_cbor() + b"\0"), Reason.PAPER_MALFORMED),
        (base32(cbor2.dumps(cbor2.CBORTag(35, "a+"))), Reason.PAPER_MALFORMED),
        (base32(b"\xd2" + b"\x81" * 500), Reason.PAPER_MALFORMED),
        (base32(b"\xd2\xd8\x1d\x00"), Reason.PAPER_MALFORMED),
        ("", Reason.PAPER_MALFORMED),
        ("A", Reason.PAPER_MALFORMED),
        ("ſ" * 8, Reason.PAPER_MALFORMED),
        (TEXT + "=" * 6, Reason.PAPER_MALFORMED),
        ("A" * (MAX_CHARACTERS + 1), Reason.PAPER_MALFORMED),
        ("https://registry.example/v/SJ3702026110001?c=4T7Q", Reason.PAPER_MALFORMED),
    ],
)
def test_whatever_is_not_written_in_our_one_way_is_refused_by_name(
    text: str, reason: Reason
) -> None:
    assert reason_of(text) == reason


def test_the_unused_bits_of_the_last_letter_are_no_second_way_to_write_it() -> None:
    paper = sign_paper(replace(PRINTED, holder="示例公司"), kid=KID, key=KEY)
    text = base32(paper.to_cbor())
    assert len(paper.to_cbor()) % 5, "the last letter has no unused bits"
    others = [text[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"]

    assert [other for other in others if reason_of(other) is None] == [text]


def test_a_tag_is_refused_before_anything_is_made_of_it() -> None:
    two = cbor2.CBORTag(2, b"\2")
    verdict = verify_paper(with_payload(lambda payload: payload.update({4: two})), keys=KEYS, at=AT)

    assert verdict.facts == {"error": "no CBOR of this shape"}


@given(st.one_of(st.text(max_size=60), st.binary(max_size=80).map(base32)))
def test_no_text_makes_it_stumble(text: str) -> None:
    assert verify_paper(text, keys=KEYS, at=AT).outcome == Outcome.CANNOT_VERIFY
    with pytest.raises(StepError):
        SignedPaper.parse(text)


@given(place=st.integers(0, len(PAPER.to_cbor()) - 1), flip=st.integers(1, 255))
def test_no_changed_byte_is_genuine(place: int, flip: int) -> None:
    content = bytearray(PAPER.to_cbor())
    content[place] ^= flip

    assert not verify_paper(base32(bytes(content)), keys=KEYS, at=AT).is_genuine


@given(st.text(max_size=40))
def test_a_shortened_name_is_short_and_stays_as_it_is(name: str) -> None:
    assert len(shortened(name)) <= 16
    assert shortened(shortened(name)) == shortened(name)


def test_the_published_keys_are_read_as_they_were_written() -> None:
    read = PaperKeys.parse(json.dumps(KEYS.to_json(), indent=2))

    assert read.to_json() == KEYS.to_json()
    assert verify_paper(TEXT, keys=read, at=AT).outcome == Outcome.VALID


@pytest.mark.parametrize(
    "change",
    [
        {"crv": "P-384"},
        {"alg": "none"},
        {"kid": ""},
        {"x": "AAAA"},
        {"x": "A" * 43},
        {"x": 1},
        {"from": "2026"},
    ],
)
def test_a_key_of_another_kind_or_off_the_curve_is_refused(change: dict[str, Any]) -> None:
    key = KEYS.keys[0].to_json()
    with pytest.raises(MalformedError):
        PaperKeys.parse(json.dumps({"keys": [{**key, **change}]}))


def test_a_set_that_is_none_or_names_a_key_twice_is_refused() -> None:
    twice = json.dumps(PaperKeys(KEYS.keys * 2).to_json())
    for text in (twice, "", "[]", "{}", "[" * 100_000, '{"keys": [1]}', " " * 300_000):
        with pytest.raises(MalformedError):
            PaperKeys.parse(text)


@pytest.fixture
def keys_file(tmp_path: Path) -> str:
    path = tmp_path / "paper_keys.json"
    path.write_text(json.dumps(KEYS.to_json()))
    return str(path)


def test_the_command_prints_what_was_printed_and_what_that_does_not_prove(
    keys_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--paper", TEXT, "--paper-keys", keys_file, "--at", AT.isoformat()]

    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "Number: SJ3702026110001" in printed
    assert "First holder: 示例港口数据有限公司" in printed
    assert "only the page that it opens or the file tells" in printed
    assert main([*arguments, "--lang", "zh"]) == 0
    assert "二维码只证明所印内容" in capsys.readouterr().out


def test_the_command_ends_with_1_for_a_false_code_and_with_2_for_what_it_cannot_judge(
    keys_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = base32(sign_paper(PRINTED, kid=KID, key=generate_private_key(SECP256R1())).to_cbor())

    assert main(["--paper", forged, "--paper-keys", keys_file, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["reasons"] == ["PAPER_SIGNATURE_FALSE"]
    assert answer["printed"] is None
    assert main(["--paper", "nonsense", "--paper-keys", keys_file]) == 2
    assert capsys.readouterr().out.strip().startswith("Cannot verify: ")


def test_a_question_that_names_neither_file_nor_code_or_lacks_its_keys_is_refused_in_words(
    keys_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, words in (
        ([], "name a FILE"),
        (["a.pdf", "--paper", TEXT], "name a FILE"),
        (["--paper", TEXT], "--paper-keys"),
        (["--paper", TEXT, "--paper-keys", str(tmp_path / "none")], "cannot be read"),
        (["--paper", TEXT, "--paper-keys", __file__], "no set of paper keys"),
        (["a.pdf"], "--log-key"),
    ):
        assert main(arguments) == 2
        assert words in capsys.readouterr().err
