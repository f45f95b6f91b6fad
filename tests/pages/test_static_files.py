"""The static files that `collectstatic` produces for the pages."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import storage
from django.core.management import call_command
from django.template import engines
from django.templatetags.static import static
from django.test import override_settings

from coach.config import ROOT
from coach.pages import modules, styles
from coach.pages.staticfiles import HashedWhereCollected, SoonCompressed

# Comments in every form that our modules use, and strings that look like comments.
WRITTEN = """// Says what this is.
/** `a` is a
 *  letter. */
export function first(a) {
  const url = "https://here"; // until // tomorrow
  const odd = "it's // kept";
  /* one line */
  return `${a}//${url}` + odd;
}
"""
SERVED = """


export function first(a) {
const url = "https://here";
const odd = "it's // kept";

return `${a}//${url}` + odd;
}
"""
IMPORTED = re.compile(r"""^(?:import|export)\b[^;"]*?from "(\.[^"]+)";""", re.M)


@pytest.fixture
def collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our own static files, collected into a folder of this test."""
    with override_settings(STATIC_ROOT=tmp_path):
        monkeypatch.setattr(storage.staticfiles_storage, "_wrapped", HashedWhereCollected())
        monkeypatch.setattr(HashedWhereCollected, "post_process_with_compression", lambda self, files: files)
        others = ["npm", "ninja", "admin", "django_htmx", "auditlog"]
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=others)
        yield tmp_path


def test_styles_are_one_file_for_all_pages_and_one_for_each_section(collected: Path) -> None:
    places = " ".join(f'"{place}"' for place in styles.PLACES)
    links = engines["django"].from_string(f"{{% stylesheets {places} %}}").render({})
    addresses = re.findall(r'<link rel="stylesheet" href="/static/(css/[a-z-]+\.[0-9a-f]{12}\.css)">', links)
    assert len(addresses) == 1 + len(styles.PLACES)
    files = [(collected / address).read_text("utf-8") for address in addresses]
    sheets = [path.read_text("utf-8") for path in (ROOT / "static/css").glob("*.css")]
    parts = [styles.as_served(sheet) for sheet in sheets]
    assert all(any(part in file for file in files) for part in parts)
    assert files[0].startswith("@layer tokens,base,components,pages,touch,print;")
    assert all(files), "no place is empty"
    assert not any("/*" in file for file in files), "comments are for us"


def test_a_style_sheet_is_served_without_comments_and_optional_spaces() -> None:
    written = '/* a\n * b */\n.one::before {\n  content: "/* kept */  \\" ";\n\n  color: red; /* why */\n}\n'
    assert styles.as_served(written) == '.one::before{content:"/* kept */  \\" ";color:red}'
    needed = "@media (width < 4rem) {\n  .a :is(b, c)\n    > d + e {\n    width: calc(1px + 2px);\n  }\n}\n"
    assert styles.as_served(needed) == "@media (width < 4rem){.a :is(b,c) > d + e{width:calc(1px + 2px)}}"


def test_modules_are_served_without_comments_and_with_the_same_lines(collected: Path) -> None:
    assert modules.without_comments(WRITTEN) == SERVED
    over_lines = "const a = `\n  // kept`;\n"
    assert modules.without_comments(over_lines) == over_lines
    (served,) = collected.glob("*/js/socket.js")
    source = ROOT / "static/js/socket.js"
    assert served.read_text("utf-8") == modules.without_comments(source.read_text("utf-8"))
    assert "//" not in re.sub(r"://", "", served.read_text("utf-8"))
    assert static("js/socket.js") == f"/static/{served.relative_to(collected).as_posix()}"
    assert (served.parent / "pages/room.js").is_file(), "where it is imported from"
    assert re.search(settings.WHITENOISE_IMMUTABLE_FILE_TEST, static("js/pages/room.js"))
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["npm", "ninja", "admin"])
    assert list(collected.glob("*/js/socket.js")) == [served], "collecting again changes nothing"


def test_every_page_loads_the_rules_of_each_class_it_uses() -> None:
    """Only classes named in templates are checked; partials that a page swaps in later count as its own."""
    rules = {path.stem: _classes_in(path.read_text("utf-8")) for path in (ROOT / "static/css").glob("*.css")}
    lacking = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        source = path.read_text("utf-8")
        if '{% extends "base.html" %}' not in source:
            continue
        asked = re.search(r"{% stylesheets ([^%]*)%}", source)
        sheets = [f"css/{stem}.css" for stem in rules]
        loaded = styles.everywhere(sheets)
        places = re.findall(r'"([\w-]+)"', asked[1]) if asked else []
        for place in places + (["feedback"] if places == ["room"] else []):  # its lines say more once it is swapped
            loaded += styles.only_at(place, sheets)
        has = set().union(*(rules[name.removeprefix("css/").removesuffix(".css")] for name in loaded))
        used = set(re.findall(r"[\w-]+", " ".join(re.findall(r'class="([^"]*)"', _with_parts(source)))))
        if missing := (used & set().union(*rules.values())) - has - {"doorway-problem"}:  # on a scenario's page alone
            lacking[path.name] = sorted(missing)
    assert lacking == {}


def test_no_rule_is_left_for_an_unused_class() -> None:
    sources = [path for folder in ("templates", "static/js") for path in (ROOT / folder).rglob("*.*")]
    sources += [path for app in ("coach", "practice", "evaluations", "history") for path in (ROOT / app).rglob("*.py")]
    said = "\n".join(path.read_text("utf-8") for path in sources)
    words = set(re.findall(r"[\w-]+", said))
    made = set(re.findall(r"([\w-]+-){[{%]", said))  # `finding-{{ tone }}`
    classes = set().union(*(_classes_in(path.read_text("utf-8")) for path in (ROOT / "static/css").glob("*.css")))
    unused = {each for each in classes - words if not any(each.startswith(stem) for stem in made)}
    assert unused - {"htmx-request"} == set()


@pytest.mark.parametrize(
    ("names", "bytes_max"),
    [
        (["boot", "pages/catalog"], 1_400),
        (["boot", "start", "pages/microphone"], 9_300),
        (["boot", "pages/room"], 32_500),
        (["boot", "start", "pages/after", "evaluation", "conversation-strip"], 10_900),
    ],
    ids=["catalogue", "scenario", "room", "after"],
)
def test_no_page_gets_heavier_unnoticed(names: list[str], bytes_max: int) -> None:
    """Each page's modules, compressed, with static imports. What the first minute does not need is imported later."""
    files = _with_imports([ROOT / "static/js" / f"{name}.js" for name in names])
    served = [modules.without_comments(file.read_text("utf-8")).encode() for file in files]
    assert sum(len(SoonCompressed.compress_brotli(each)) for each in served) <= bytes_max


def _with_imports(files: list[Path]) -> set[Path]:
    found: set[Path] = set()
    while files:
        file = files.pop().resolve()
        if file not in found:
            found.add(file)
            files += [file.parent / name for name in IMPORTED.findall(file.read_text("utf-8"))]
    return found


def _classes_in(css: str) -> set[str]:
    selectors = re.sub(r"{[^{}]*}", "{}", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))


def _with_parts(source: str) -> str:
    """The template's source with its includes, and with the feedback if the page fetches it."""
    waiting, read = [source], set()
    whole = ""
    while waiting:
        whole += (part := waiting.pop())
        names = re.findall(r'{% include "([^"]+\.html)"', part)
        if "evaluations:panel" in part:
            names += [f"evaluations/{name}.html" for name in ("panel", "feedback", "result", "own_view", "failed")]
        waiting += [(ROOT / "templates" / name).read_text("utf-8") for name in names if name not in read]
        read |= set(names)
    return whole
