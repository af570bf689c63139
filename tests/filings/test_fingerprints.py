"""Data is found again by its fields and its parts, whatever its name and its whole digest are."""

import hashlib
import io
import zipfile
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from filings import fingerprints
from filings.fingerprints import fields_in, part_digests, parts_in
from filings.models import Filing, Fingerprint, Likeness, NearMatch
from filings.near_matches import near_matches
from filings.review import decide_match, decide_the_rest, pass_examination
from filings.submission import revise
from filings.workflow import State
from registry.models import Party
from tests.factories import (
    NOON,
    Office,
    description,
    make_complete_draft,
    make_party,
    register_asset,
    sign_in,
)
from tests.filings.test_near_matches import ALMOST, NAME, UNLIKE, refused, review

FIELDS = "车牌号\n通过时间\n卡口编号"
PART = hashlib.sha256(b"part").hexdigest()
OTHER_PART = hashlib.sha256(b"other part").hexdigest()


@pytest.fixture
def company(office: Office) -> Party:
    return make_party(office)


def examined(office: Office, company: Party, data: bytes, name: str, **written: Any) -> Filing:
    draft = make_complete_draft(office, company, data=data, name=name, **written)
    return review(office, draft)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"field_names": FIELDS}, {"field_names": "卡口 编号\n 通过时间\n车牌号"}),
        ({"part_digests": f"{PART}  a.csv\n{OTHER_PART}  b.csv"}, {"part_digests": PART.upper()}),
    ],
)
def test_w7_data_with_the_same_fields_or_a_part_in_common_is_shown_and_decided(
    office: Office, company: Party, one: dict[str, str], other: dict[str, str]
) -> None:
    first = examined(office, company, b"one", UNLIKE, **one)
    second = examined(office, company, b"two", NAME, **other)
    assert near_matches(first) == []
    [match] = near_matches(second)
    assert match.other == first
    is_by_fields = "field_names" in one
    assert (match.has_same_fields, match.shared_parts) == (is_by_fields, 0 if is_by_fields else 1)
    assert not match.is_by_name
    assert refused(office, second) == ["FIL-30"]
    decide_match(second, first, Likeness.OTHER, by=office.li, at=NOON, note="示例：其他路段")
    assert near_matches(second)[0].is_other_data


@pytest.mark.django_db
def test_registered_data_is_found_by_its_fields_too(office: Office, company: Party) -> None:
    asset = register_asset(office, company, data=b"one", name=UNLIKE, field_names=FIELDS)
    filing = examined(office, company, b"two", NAME, field_names=FIELDS)
    [match] = near_matches(filing)
    assert (match.other, match.has_same_fields, match.is_case) == (asset, True, False)


@pytest.mark.django_db
def test_what_only_two_fields_or_nothing_say_is_not_alike(office: Office, company: Party) -> None:
    examined(office, company, b"one", UNLIKE, field_names="日期\n数值")
    filing = examined(office, company, b"two", NAME, field_names="日期\n数值")
    assert near_matches(filing) == []
    assert not Fingerprint.objects.exists()


@pytest.mark.django_db
def test_a_draft_is_found_by_what_it_says_now(office: Office, company: Party) -> None:
    draft = make_complete_draft(office, company, field_names=FIELDS, part_digests=PART)
    draft.field_names, draft.part_digests = "", OTHER_PART
    revise(draft, by=office.wang)
    assert [row.digest for row in Fingerprint.objects.all()] == [OTHER_PART]


@pytest.mark.django_db
def test_data_without_fingerprints_asks_nothing(office: Office, company: Party) -> None:
    draft = make_complete_draft(office, company)
    with CaptureQueriesContext(connection) as queries:
        assert fingerprints.sharing(draft) == {}
    assert not queries


@pytest.mark.django_db
def test_every_match_must_be_decided_and_names_alone_may_be_decided_at_once(
    office: Office, company: Party
) -> None:
    assets = [
        register_asset(office, company, data=b"%d" % year, name=f"{year}年全国城市人口数据表")
        for year in range(2001, 2013)
    ]
    shared = register_asset(office, company, data=b"part", name=UNLIKE, part_digests=PART)
    filing = examined(office, company, b"new", ALMOST, part_digests=PART)
    assert near_matches(filing)[0].other == shared
    assert len(near_matches(filing)) == 13

    client = sign_in(office.li)
    page = reverse("admin:filings_filing_case", args=[filing.pk])
    assert client.get(page).content.decode().count('<details class="match"') == 10
    whole = client.get(page, {"matches": "all"}).content.decode()
    assert all(asset.number in whole for asset in assets)

    client.post(reverse("admin:filings_filing_rest", args=[filing.pk]), {"note": "示例：年份不同"})
    assert NearMatch.objects.filter(note="示例：年份不同").count() == 12
    assert refused(office, filing) == ["FIL-30"]
    assert decide_the_rest(filing, by=office.li, at=NOON, note="示例") == 0
    decide_match(filing, shared, Likeness.OTHER, by=office.li, at=NOON, note="示例：示范文件")
    assert pass_examination(filing, by=office.li, at=NOON).state == State.EXAMINED


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("车牌号,通过时间,卡口编号\r\nA,1,2\r\n".encode(), ["车牌号", "通过时间", "卡口编号"]),
        ("\ufeff车牌号\t通过时间\n".encode(), ["车牌号", "通过时间"]),
        ("车牌号;通过时间;卡口\n".encode("gb18030"), ["车牌号", "通过时间", "卡口"]),
        (b'"a, b",c\n1,2\n', ["a, b", "c"]),
        (b'{"id": 1, "when": "x"}\n{"id": 2}\n', ["id", "when"]),
        (b"1,2,3\n4,5,6\n", []),
        (b"a,a,b\n", []),
        (b"only text without a table\n", []),
        (b"a,b\0c\n", []),
        (b'{"id": ', []),
        (b"{" * 100_000, []),
        (b"", []),
        (b"\xff\xfe\x00", []),
    ],
)
def test_the_names_of_fields_are_read_from_a_heading_and_from_nothing_else(
    content: bytes, found: list[str]
) -> None:
    assert fields_in(io.BytesIO(content)) == found


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reading(content: bytes) -> None:
    file = io.BytesIO(content)
    assert len(fields_in(file)) <= fingerprints.MAX_FIELDS
    assert isinstance(parts_in(file), list)
    assert file.tell() == 0


def packed(*members: tuple[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder")
        for name, content in members:
            archive.writestr(name, content)
    return whole.getvalue()


def test_each_file_of_an_archive_is_a_part() -> None:
    content = packed(("folder/a.csv", b"part"), ("b.csv", b"other part"))
    assert parts_in(io.BytesIO(content)) == [(PART, "folder/a.csv"), (OTHER_PART, "b.csv")]


def test_an_archive_that_unpacks_to_too_much_has_no_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    content = packed(("bomb", bytes(100_000)))
    monkeypatch.setattr(fingerprints, "MAX_UNPACKED_BYTES", 99_999)
    assert parts_in(io.BytesIO(content)) == []
    understated = bytearray(packed(("bomb", bytes(100_000))))
    place = understated.rindex(b"PK\x01\x02") + 24
    understated[place : place + 4] = (1_000).to_bytes(4, "little")
    assert parts_in(io.BytesIO(bytes(understated))) == []


def test_a_line_that_is_no_digest_is_told_by_its_number() -> None:
    assert part_digests(f"{PART.upper()} *a b.csv\n\n{OTHER_PART}\n") == [PART, OTHER_PART]
    with pytest.raises(ValidationError, match="2"):
        part_digests(f"{PART}\n{PART[:-1]}")


@pytest.mark.django_db
def test_the_desk_computes_them_of_the_file_unless_they_are_written(
    office: Office, company: Party
) -> None:
    client = sign_in(office.alice)
    posted = description() | {"organisation": office.organisation.uscc}
    table = SimpleUploadedFile("data.csv", "城市,人口,年份\n示例市,1,2025\n".encode())
    archive = SimpleUploadedFile("data.zip", packed(("a.csv", b"part")))
    client.post(reverse("web:new-data"), posted | {"data_file": table})
    client.post(
        reverse("web:new-data"), posted | {"data_file": archive, "field_names": "甲\n乙\n\n丙 "}
    )
    first, second = Filing.objects.order_by("pk")
    assert first.field_names == "城市\n人口\n年份"
    assert (second.field_names, second.part_digests) == ("甲\n乙\n丙", f"{PART}  a.csv")
    refused_page = client.post(
        reverse("web:new-data"), posted | {"data_file": table, "part_digests": "xyz"}
    )
    assert refused_page.status_code == 400
    assert "SHA-256" in refused_page.content.decode()


@pytest.mark.django_db
def test_what_is_registered_says_nothing_of_them(office: Office, company: Party) -> None:
    asset = register_asset(office, company, field_names=FIELDS, part_digests=PART)
    content = bytes(asset.entry.content).decode()
    assert "卡口编号" not in content
    assert PART not in content
