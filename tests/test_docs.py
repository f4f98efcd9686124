"""What the documentation names is there."""

from __future__ import annotations

import contextlib
import io
import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from jupyter_drive_sync.app import DriveSyncApp
from jupyter_drive_sync.cli.arguments import parse
from jupyter_drive_sync.files.ignore import DEFAULTS
from tests.drive_emulator import control

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
TOP = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
PAGES = [*TOP, *sorted(DOCS.rglob("*.md"))]

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
METHODS = ("get", "post", "patch", "delete")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def links(page: Path) -> list[str]:
    """Return the relative links of a page, outside of code."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text(encoding="utf-8")))
    found = [one or other for one, other in LINK.findall(prose)]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}


def table(text: str) -> dict[str, list[str]]:
    """Return the rows of all tables whose first cell is one piece of code, by that code."""
    rows = (
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if line.startswith("|")
    )
    return {row[0].strip("`"): row[1:] for row in rows if re.fullmatch(r"`[^`]+`", row[0])}


@cache
def help_of(command: str) -> str:
    """Return what ``jupyter drive-sync COMMAND --help`` prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed, pytest.raises(SystemExit) as ended:
        parse([command, "--help"])
    assert ended.value.code == 0, command
    return printed.getvalue()


@cache
def operations() -> set[str]:
    """Return what the interface offers, each as ``METHOD /path``."""
    paths = yaml.safe_load(read("api", "openapi.yaml"))["paths"]
    return {f"{word.upper()} {path}" for path in paths for word in paths[path] if word in METHODS}


@pages
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    have_images = any((DOCS / "images").glob("*.png"))
    lost = []
    for link in links(page):
        path, _, anchor = unquote(link).partition("#")
        if path.endswith(".png") and not have_images:
            continue  # the browser tests have not taken them yet
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_picture_is_taken_by_a_test_and_shown_on_a_page() -> None:
    specs = [path.read_text(encoding="utf-8") for path in (ROOT / "ui-tests/tests").glob("*.ts")]
    taken = set(re.findall(r"\bpicture\(\s*page,\s*'([\w-]+)'", "".join(specs)))
    there = {path.stem for path in (DOCS / "images").glob("*.png")}
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    shown = {Path(link).stem for page in pages for link in links(page) if link.endswith(".png")}
    shown |= {
        Path(found).stem
        for page in pages
        for found in re.findall(r'src(?:set)?="([^"]+\.png)"', page.read_text(encoding="utf-8"))
    }
    assert taken == there == shown


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    pending = [ROOT / "README.md"]
    while pending:
        page = pending.pop()
        if page not in reached and page.suffix == ".md" and page.exists():
            reached.add(page)
            pending += [
                (page.parent / link.partition("#")[0]).resolve() if link[0] != "#" else page
                for link in links(page)
            ]
    assert set(PAGES) - reached == set(), "link them in README.md"


def test_every_setting_of_the_server_is_described_with_its_default() -> None:
    traits = DriveSyncApp.class_own_traits(config=True)
    rows = table(read("docs", "operators", "settings.md").partition("## For a person")[0])
    shown = {name: rows[name][0].strip("`") for name in rows}
    defaults = {
        name: json.dumps(trait.default()) if isinstance(trait.default(), str) else trait.default()
        for name, trait in traits.items()
    }
    assert shown == {name: str(default) for name, default in defaults.items()}


def test_every_setting_of_a_person_is_described_with_its_default() -> None:
    schema = json.loads(read("schema", "plugin.json"))["properties"]
    rows = table(read("docs", "operators", "settings.md").partition("## For a person")[2])
    shown = {name: rows[name][0].strip("`") for name in rows if name in schema}
    assert shown == {name: json.dumps(setting["default"]) for name, setting in schema.items()}


@pages
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"DriveSyncApp\.([a-z_]+)", page.read_text(encoding="utf-8")))
    assert named - DriveSyncApp.class_own_traits(config=True).keys() == set()


@pages
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for command, rest in re.findall(r"jupyter drive-sync ([a-z]+)\b([^`\n]*)", text):
        own = re.split(r"[|&;#]", rest)[0]
        for option in ["--help", *re.findall(r"(?<![\w-])--?[a-z][a-z-]*", own)]:
            assert option in help_of(command), f"{command} {option}"


@pages
def test_every_address_that_is_named_is_in_the_interface(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`(GET|POST|PATCH|DELETE) (?:/jupyter-drive-sync)?(/[^`\s]+)`", text)
    assert {f"{method} {path}" for method, path in named} - operations() == set()


@pages
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)make ((?:[a-z-]+ ?)+)(?=`|$| {2}|ARGS)", text, re.MULTILINE)
    assert {name for words in named for name in words.split()} - known == set()


@pages
def test_every_module_that_is_named_exists(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|ts|tsx|yaml|md|json|toml|txt))`", text))
    homes = [ROOT, ROOT / "jupyter_drive_sync", ROOT / "src"]
    ours = {name for name in named if not name.startswith(".drive-sync/")}
    assert {name for name in ours if not any((home / name).exists() for home in homes)} == set()


def test_every_state_on_screen_is_explained() -> None:
    titles = re.findall(r"title: trans\.__\((['\"])(.+?)\1\)", read("src", "words", "states.ts"))
    page = read("docs", "users", "sidebar.md")
    states = {title for _, title in titles} - {"Not linked"}
    assert len(states) >= 15
    assert {title for title in states if title not in page} == set()


def test_the_patterns_that_are_always_there_are_those_of_the_code() -> None:
    assert f"```gitignore\n{DEFAULTS}```" in read("docs", "users", "ignore.md")


def test_every_control_of_the_emulator_is_described() -> None:
    page = read("docs", "developers", "drive-emulator.md")
    names = {name for _, name in control._HANDLERS}
    assert {name for name in names if not re.search(rf"\b{name}\b", page)} == set()
    assert {name for name in control._ACTIONS if f"`{name}`" not in page} == set()


def test_every_decision_is_listed() -> None:
    listed = read("docs", "decisions", "README.md")
    decisions = [page.name for page in (DOCS / "decisions").glob("0*.md")]
    assert [name for name in decisions if f"({name})" not in listed] == []
