"""The documentation says what the program does: commands, options, models, exit statuses, targets and links."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from answer_material import BRIDGE, CARRIED, ask, make_archive, parts_of, says

from bot.as_json import answer_json
from bot.cli import EPILOG, build_parser
from bot.models import load_models
from index import errors

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_LINE = README.split("\n## Command line\n")[1].split("\n## ")[0]
DOCUMENTS = ["README.md", "CHANGELOG.md", "SECURITY.md", "index/samples/README.md"]

# Every address in the repository is one of these: no mirror, no registry, no outlet whose articles we would be quoting.
OWN_MACHINE = re.compile(r"127\.0\.0\.1|localhost")
RESERVED = re.compile(r"(.*\.)?(example|invalid|test|localhost)|(.*\.)?example\.(com|net|org)")
NAMED = {
    "download.pytorch.org",  # where a README's reader gets the CPU build of torch
    "abetlen.github.io",  # and compiled wheels of llama-cpp-python
    "ai.google.dev",  # the terms of Gemma
    "schema.org",  # JSON-LD's vocabulary, never fetched
    "www.w3.org",  # the namespaces of SVG, Atom and XHTML, likewise
    "purl.org",  # those of Dublin Core and of RSS's modules
    "iptc.org",  # those of NITF and NewsML-G2
    "web.archive.org",  # whose addresses stand before those of the pages that it keeps
    "via.hypothes.is",  # likewise, of the pages that readers annotate through it
    "git-lfs.github.com",  # the first line of a Git LFS pointer, which is told from a model
}
_ADDRESS = re.compile(r"https?://([\w.-]+)")


def subparsers() -> dict[str, argparse.ArgumentParser]:
    (action,) = [item for item in build_parser()._actions if isinstance(item, argparse._SubParsersAction)]
    return dict(action.choices)


def options() -> list[tuple[str, str]]:
    return [
        (name, option)
        for name, parser in subparsers().items()
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--")
    ]


def tracked_files() -> Iterator[tuple[str, str]]:
    """Yield the name and text of every file that the repository holds, tracked or about to be."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file():
            yield name, path.read_text(encoding="utf-8", errors="replace")


# --- what the README must name ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", subparsers())
def test_every_command_has_its_line(name):
    assert re.search(rf"^\| `byline {name}\b", COMMAND_LINE, re.MULTILINE)


@pytest.mark.parametrize(("command", "option"), options(), ids=lambda value: value)
def test_every_option_is_documented(command, option):
    row = re.search(rf"^\| `byline {command}\b.*$", COMMAND_LINE, re.MULTILINE)
    assert row
    shared = COMMAND_LINE.split("\nLimits: ")[1].split("\n\n")[0]
    assert re.search(rf"{option}\b", row.group() + shared)


def test_no_option_is_documented_that_does_not_exist():
    known = {option for _, option in options()}
    written = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", COMMAND_LINE))
    assert written
    assert written <= known


@pytest.mark.parametrize("model", load_models(), ids=lambda model: model.name)
def test_every_model_has_a_line_with_its_size_and_whether_it_is_measured(model):
    (row,) = re.findall(rf"^\| `{re.escape(model.name)}` .*$", README, re.MULTILINE)
    size = f"{model.size / 1e9:.1f} GB" if model.size > 1e9 else f"{model.size / 1e6:.0f} MB"
    assert size in row
    assert ("not measured" in row) != model.measured
    assert ("default" in row) == model.default


def test_every_exit_status_is_documented_in_the_readme_and_in_the_help():
    raised = {item.exit_status for item in vars(errors).values() if isinstance(item, type)}
    for status in {0, 1, 130} | raised:
        assert re.search(rf"^\| {status} \| \w", COMMAND_LINE, re.MULTILINE)
        assert re.search(rf"^  {status} +\w", EPILOG, re.MULTILINE)


@pytest.mark.parametrize(
    "name", ["BYLINE_ARCHIVE", "BYLINE_MODELS", "BYLINE_MODEL", "BYLINE_EMBEDDER", "BYLINE_NO_LLM"]
)
def test_every_variable_of_the_environment_is_documented(name):
    assert f"`{name}`" in README
    assert any(name in text for file, text in tracked_files() if file.startswith("bot/"))


def test_no_variable_is_read_that_is_not_documented():
    code = " ".join(text for name, text in tracked_files() if re.fullmatch(r"(bot|index)/.*\.py", name))
    assert {name for name in re.findall(r"\bBYLINE_[A-Z_]+\b", code) if f"`{name}`" not in README} == set()


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    assert {"chat", "ask", "test"} <= named <= targets


def test_the_pins_named_are_those_of_the_package():
    pins = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r"\b[a-z-]+==[\d.]+\d", README)
    assert named
    assert all(f'"{pin}"' in pins for pin in named)


# --- the JSON of the README ------------------------------------------------------------------------------------


def shape(value: Any) -> Any:
    """Return the names in a JSON value without what they hold, of a list those of its first item."""
    match value:
        case {"ranks": _, "scores": _}:  # a hit has the methods that found it: one or both
            return {name: None for name in value}
        case dict():
            return {name: shape(item) for name, item in value.items()}
        case [first, *_]:
            return [shape(first)]
        case _:
            return None


def test_the_json_shown_is_of_the_shape_that_is_printed(tmp_path):
    with make_archive(tmp_path) as archive:
        _, answer = ask(parts_of(archive, says(CARRIED)), BRIDGE)
    assert answer.citations
    shown = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
    assert shape(shown) == shape(answer_json(answer))


# --- links and addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_resolves(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith(("http", "#"))]
    assert all(((ROOT / document).parent / link.split("#")[0]).exists() for link in links)


def test_every_test_that_security_rests_on_exists():
    named = re.findall(r"`(?:tests/)?(test_[\w*]+\.py)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) > 10
    assert [name for name in named if not list((ROOT / "tests").glob(name))] == []


def rows_of_modules() -> list[str]:
    """Return the modules that the table of files names; in a row the folder stands before the first name only."""
    named = []
    for row in re.findall(r"^\| (`(?:bot|index)/[^|]*\.py`) \|", README, re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", row)
        named += [first, *(f"{first.split('/')[0]}/{name}" for name in others)]
    return named


def test_every_file_that_the_readme_names_is_there():
    named = rows_of_modules() + re.findall(r"`((?:tests|prompts|\.ci)/[\w./*-]+)`", README)
    assert len(named) > 20
    assert [name for name in named if not list(ROOT.glob(name))] == []


def test_every_module_is_named_once_in_the_table_of_files():
    named = [path.relative_to(ROOT).as_posix() for name in rows_of_modules() for path in ROOT.glob(name)]
    modules = [
        path.relative_to(ROOT).as_posix() for folder in ("bot", "index") for path in (ROOT / folder).glob("*.py")
    ]
    assert sorted(named) == sorted(name for name in modules if "/__" not in name)


def test_no_address_of_a_registry_or_a_real_outlet_is_in_the_repository():
    hosts = {(name, host) for name, text in tracked_files() for host in _ADDRESS.findall(text) if "." in host}
    foreign = {
        (name, host)
        for name, host in hosts
        if host not in NAMED and not RESERVED.fullmatch(host) and not OWN_MACHINE.fullmatch(host)
    }
    assert hosts
    assert foreign == set()


def test_no_registry_is_named_without_an_address_either():
    # In parts, so that this file does not name them.
    registries = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "crates" + ".io", "art" + "ifactory"]
    assert [(name, host) for name, text in tracked_files() for host in registries if host in text.lower()] == []


def test_no_path_of_a_machine_is_in_the_repository():
    machine = re.compile(r"(?<![\w.~])/(?:work|root|tmp|home/\w+|Users/\w+)(?:/|\b)")
    found = {name: match[0] for name, text in tracked_files() if (match := machine.search(text))}
    assert found == {}
