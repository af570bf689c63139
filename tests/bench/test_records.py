"""The trial with real records, on a handful of made-up ones in the same form."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.measuring import Report
from bench.records.collection import Outcome, Plan, plan_of, read_records
from bench.records.licences import contradictions, rights_of
from bench.records.trial import run
from registry.provenance import ancestry

LAB, SCHOOL = "Example Lab", "Example School"


def a_record(name: str, /, *licences: str, **members: Any) -> Any:
    return {
        "Dataset Name": name,
        "Unique Dataset Identifier": f"example-{name}",
        "Collection": "Example Collection",
        "Collection URL": "https://example.org/",
        "Hugging Face URL": "",
        "Licenses": [{"License": licence} for licence in licences or ["MIT License"]],
        "Creators": [LAB],
        "Text Sources": ["crowdsourced"],
        "Derived from Datasets": [],
    } | members


def derived(name: str, /, *parents: str, **members: Any) -> Any:
    return a_record(name, **{"Derived from Datasets": list(parents)}, **members)


REPEATED = a_record("a name of more than forty characters, twice", **{"Text Sources": ["web"]})
RECORDS = [
    derived("fourth", "third", Creators=[]),
    derived("third", "second", "SECOND dataset", "nowhere"),
    derived("second", "huggingface.co/datasets/example/first", Creators=[SCHOOL, LAB]),
    a_record("first", **{"Hugging Face URL": "https://huggingface.co/datasets/example/first"}),
    derived("borrowed", "first", Creators=[SCHOOL]),
    derived("unclear", "silent"),
    a_record("silent", "Unspecified"),
    derived("itself", "Itself"),
    derived("hen", "egg"),
    derived("egg", "hen"),
    derived("vague", "tongues", "Example Collection"),
    a_record("tongues", "CC BY-NC 4.0", "MIT License", Languages=["one"]),
    a_record("tongues", "OpenAI", "Unspecified", Languages=["other"]),
    REPEATED,
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = tmp_path / "data" / "data_summaries"
    texts.mkdir(parents=True)
    records = {f"example-{place}": record for place, record in enumerate(RECORDS)}
    for name, members in (
        ("Example", records),
        ("Later", {"example-13": REPEATED}),
        ("_template", {"example": {"Licenses": "list"}}),
    ):
        (texts / f"{name}.json").write_text(json.dumps(members))
    return texts.parent


@pytest.fixture
def plan(folder: Path) -> Plan:
    return plan_of(read_records(folder))


def test_a_parent_is_a_record_only_if_its_name_fits_exactly_one(plan: Plan) -> None:
    outcomes = {
        record.name: [parent.outcome for parent in plan.parents[record.place]]
        for record in plan.records
        if record.parents
    }

    one = Outcome.RECORD
    assert {outcomes["hen"][0], outcomes["egg"][0]} == {one, Outcome.CYCLE}
    assert {name: found for name, found in outcomes.items() if name not in {"hen", "egg"}} == {
        "fourth": [one],
        "third": [one, Outcome.MISSING],
        "second": [one],
        "borrowed": [one],
        "unclear": [one],
        "itself": [Outcome.ITSELF],
        "vague": [Outcome.SEVERAL, Outcome.COLLECTION],
    }
    assert plan.named_twice == 1
    assert plan.repeating == {"data_summaries/Later.json: example-13"}


def test_every_record_comes_after_its_parents(plan: Plan) -> None:
    places = [record.place for record in plan.records]

    assert len(places) == len(set(places)) == len(RECORDS) + 1
    for child, parents in plan.parents.items():
        for parent in parents:
            assert not parent.record or places.index(parent.record.place) < places.index(child)


@pytest.mark.parametrize(
    ("licences", "rights", "kinds"),
    [
        (["MIT License", "Apache License 2.0"], "HOLD USE OPERATE", []),
        (["CC BY-SA 4.0", "LGPL 2.1"], "HOLD USE OPERATE", ["share-alike / share-alike"]),
        (["CC BY 4.0", "CC BY-NC 4.0"], "HOLD USE", ["open / non-commercial"]),
        (["OpenAI", "Unspecified"], "HOLD", ["under terms of use / unknown"]),
        (["A licence that nobody knows"], "HOLD", []),
        ([], "HOLD", []),
    ],
)
def test_a_record_shows_what_every_one_of_its_licences_allows(
    licences: list[str], rights: str, kinds: list[str]
) -> None:
    assert rights_of(licences) == set(rights.split())
    assert contradictions(licences) == kinds


@pytest.mark.django_db(transaction=True)
def test_every_record_is_registered_with_unproven_where_it_is_due(folder: Path) -> None:
    report = Report("made-up records")

    assert run(folder, report) == []

    figures = {str(row["name"]).strip(): row["figure"] for row in report.rows}
    assert figures["registered"] == str(len(RECORDS))
    assert figures["refused by REG-12"] == "1"
    assert figures["certificates issued"] == str(len(RECORDS))
    assert figures["edges to registered sources, proven"] == "3"
    assert figures["edges to registered sources, UNPROVEN"] == "3"
    assert figures["edges to outside sources, UNPROVEN"] == "5"
    assert figures["certificates on which UNPROVEN is due"] == "8"
    assert figures["longest chain, in steps"] == "3"


@pytest.mark.django_db(transaction=True)
def test_a_certificate_that_hides_a_far_unproven_source_is_a_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "certificates.stating.ancestry",
        lambda version: [edge for edge in ancestry(version) if edge.depth == 1],
    )

    faults = run(folder, Report("made-up records"))

    assert (
        "data_summaries/Example.json: example-0: ('nowhere', 2, False) is due and not stated"
        in (faults)
    )
    assert any("UNPROVEN is printed 2 times and due 3 times" in fault for fault in faults)
