"""Everything that the product says is in the Chinese catalogue, and the catalogue is what is used.

The texts are extracted anew, as `make messages` does it, from a copy of the sources.
"""

import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.contrib import admin
from django.utils import translation

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = Path("locale", "zh_Hans", "LC_MESSAGES", "django.po")
NOT_SPOKEN = shutil.ignore_patterns(".*", "__pycache__", "var", "tests", "static")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}")


def read_catalogue(root: Path) -> Catalog:
    with (root / CATALOGUE).open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read_catalogue(ROOT)


def texts(message: Message) -> list[str]:
    """Return what the sources say: one text, or the singular and the plural."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def translations(message: Message) -> list[str]:
    """Return what the catalogue says; Chinese has one form for every number."""
    said = message.string or ""
    return [said] if isinstance(said, str) else list(said)


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext: apt install gettext")
def test_every_text_of_the_sources_is_in_the_catalogue(tmp_path: Path, catalogue: Catalog) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=NOT_SPOKEN)

    options = ["--locale", "zh_Hans", "--no-obsolete", "--no-location", "--verbosity", "0"]
    command = [sys.executable, "manage.py", "makemessages", *options]
    subprocess.run(command, cwd=copy, check=True)  # noqa: S603 # our own program and words

    found, kept = (
        {(message.context, *texts(message)) for message in source if message.id}
        for source in (read_catalogue(copy), catalogue)
    )
    assert sorted(found - kept, key=str) == [], "run make messages and translate"
    assert sorted(kept - found, key=str) == [], "nothing says these any more: run make messages"


def test_no_translation_is_empty_or_a_guess(catalogue: Catalog) -> None:
    unfinished = [
        message.id
        for message in catalogue
        if message.id and (message.fuzzy or not all(translations(message)))
    ]

    assert not catalogue.fuzzy
    assert unfinished == []


def test_each_translation_has_the_placeholders_of_its_text(catalogue: Catalog) -> None:
    different = [
        message.id
        for message in catalogue
        for said in translations(message)
        if message.id
        and sorted(PLACEHOLDER.findall(said)) != sorted(PLACEHOLDER.findall(texts(message)[-1]))
    ]

    assert different == []


def test_the_catalogue_compiles_and_reads_back(catalogue: Catalog) -> None:
    assert [errors for _message, errors in catalogue.check()] == []
    assert catalogue.num_plurals == 1

    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)

    assert len(read_mo(compiled)) == len(catalogue)


def test_the_office_speaks_chinese_when_asked_to() -> None:
    with translation.override("zh-hans"):
        title = str(admin.site.index_title)
    with translation.override("en"):
        in_english = str(admin.site.index_title)

    assert (title, in_english) == ("待办事项", "Work list"), "run make catalogues"
