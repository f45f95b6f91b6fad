"""Pages in Simplified Chinese: choosing the language, plural forms, and complete translations."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

from coach.config import ROOT
from practice.models import Scenario

CATALOG = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
APPS = ("coach", "practice", "evaluations", "history")
ONE, MANY = ("_", "_noop", "gettext", "gettext_lazy", "gettext_noop", "said", "Sentence"), ("ngettext", "ngettext_lazy")
IN_PYTHON = dict.fromkeys(ONE) | dict.fromkeys(MANY, (1, 2))
# How `templatize` renders template tags.
IN_TEMPLATE = re.compile(r"""\b(?:_|n?gettext)\(((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:,\s*)?)+)""")
BLANK = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w+\}|</?[a-z][^>]*>")


@pytest.fixture(scope="module", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The messages compiled as setup compiles them, then read again.

    Other workers may be reading or compiling them: the file changes in one step.
    """
    new = tmp_path_factory.mktemp("locale") / "django.mo"
    command = [sys.executable, "-m", "babel.messages.frontend", "compile", "-i", str(CATALOG), "-o", str(new)]
    compiled = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert "error" not in compiled.stderr
    in_place = CATALOG.with_suffix(".mo")
    if not in_place.exists() or in_place.read_bytes() != new.read_bytes():
        beside = in_place.with_suffix(f".{os.getpid()}")
        shutil.copy(new, beside)
        beside.replace(in_place)
    translation.trans_real._translations.clear()


def test_the_browser_chooses_the_language(client: Client, db: None) -> None:
    page = client.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}).content.decode()
    assert '<html lang="zh-hans">' in page
    assert "想练习哪一场谈话？" in page
    assert "Which conversation" not in page


def test_the_language_switch_overrides_the_browser_and_returns_to_the_page(client: Client, db: None) -> None:
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/?language=zh"})
    assert answer["Location"] == "/?language=zh"
    page = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="zh-hans">' in page
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "zh-CN"}).content.decode()


def test_the_language_switch_redirects_only_to_our_own_pages(client: Client, db: None) -> None:
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "https://example.org/"})
    assert "example.org" not in answer["Location"]


def test_the_space_after_a_labels_colon_depends_on_the_language() -> None:
    """`{% gap %}` is a space after an English colon; a Chinese colon needs none."""
    spaced = re.compile(r':" %}(?:</\w+>|{% endif %})* \S|[>}]: [<{]')
    blocks = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}", re.S)
    found = {
        path.name: spaced.findall(blocks.sub("", path.read_text("utf-8")))
        for path in (ROOT / "templates").rglob("*.html")
    }
    assert {name: places for name, places in found.items() if places} == {}


def test_an_english_scenario_stays_marked_as_english(client: Client, catalog: dict[str, Scenario]) -> None:
    headers = {"Accept-Language": "zh-CN"}
    page = client.get(f"/scenarios/{catalog['late'].pk}/", headers=headers).content.decode()
    assert '<html lang="zh-hans">' in page
    assert re.search(r'<main [^>]*lang="en"', page)
    assert "6 分钟后结束；沉默 25 秒也会结束" in page


def test_the_admin_names_its_records_in_chinese(admin_client: Client) -> None:
    page = admin_client.get("/admin/practice/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert re.findall(r"Scenarios|Skills|[Pp]ractice sessions", page) == []
    assert "场景" in page


def test_plurals_are_right_in_both_languages(client: Client, catalog: dict[str, Scenario]) -> None:
    assert "5 个场景" in client.get("/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "1 个场景" in client.get("/?search=slipped", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "1 scenario<" in client.get("/?search=slipped").content.decode()


def test_every_message_is_translated_and_keeps_its_placeholders_and_spaces() -> None:
    faults = []
    for message in read_po(CATALOG.open("rb")):
        if not message.id:
            continue
        forms = [message.id] if isinstance(message.id, str) else list(message.id)
        chinese = message.string if isinstance(message.string, str) else message.string[0]
        blanks = [Counter(BLANK.findall(form)) for form in forms]
        # The singular may leave out the number, but the plural must have all of its placeholders.
        kept = Counter(BLANK.findall(chinese)) == blanks[-1] and all(each <= blanks[-1] for each in blanks)
        if not chinese or message.fuzzy or not kept:
            faults.append((forms, chinese))
    assert faults == []


def in_templates() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for call in IN_TEMPLATE.finditer(templatize(path.read_text("utf-8"))):
            words = ast.literal_eval(f"({call[1].rstrip().rstrip(',')},)")
            yield words[0]


def in_python() -> Iterator[str]:
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        with path.open("rb") as source:
            for _line, words, _comments, _context in extract("python", source, keywords=IN_PYTHON):
                yield words if isinstance(words, str) else words[0]


def test_every_message_of_pages_and_programs_is_in_the_catalog() -> None:
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in read_po(CATALOG.open("rb"))}
    said = {*in_templates(), *in_python()}
    assert len(said) > 400
    assert sorted(said - known) == []
    assert sorted(known - said - {""}) == [], "nobody says these any more"


def test_scripts_contain_no_untranslated_sentences() -> None:
    """Scripts take their texts, translated, from the page."""
    written = re.compile(r"""(?:textContent|innerText|placeholder|title|ariaLabel)\s*=\s*["'`][A-Za-z]{2,}""")
    found = [
        f"{path.name}: {hit[0]}"
        for path in (ROOT / "static").rglob("*.js")
        for hit in written.finditer(path.read_text("utf-8"))
    ]
    assert found == []
