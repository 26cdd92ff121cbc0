"""Everything installed for Byline has a licence that is accepted, and an audit that reached nothing does not pass."""

from __future__ import annotations

import json
from email.message import Message

import pytest
from dependencies import ACCEPTED, WHY, Licence, installed, judge, licence_of


def test_everything_that_is_installed_for_byline_has_an_accepted_licence() -> None:
    found = list(installed())
    assert {"gradio", "torch", "chromadb", "numpy", "byline"} <= {one.package for one in found}
    assert {(one.package, one.licence) for one in found if one.lacking} == set()


def test_no_reason_is_given_for_what_is_not_accepted() -> None:
    assert WHY.keys() <= ACCEPTED


@pytest.mark.parametrize(
    ("licence", "lacking"),
    [
        ("MIT", set()),
        ("Apache-2.0 AND (MIT OR BSD-3-Clause)", set()),
        ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", set()),
        ("Apache-2.0 WITH LLVM-exception", set()),
        ("GPL-3.0-only", {"GPL-3.0-only"}),
        ("MIT AND AGPL-3.0-only", {"AGPL-3.0-only"}),
        ("unknown", {"unknown"}),
    ],
)
def test_a_licence_is_taken_apart(licence: str, lacking: set[str]) -> None:
    assert Licence("a", "1", licence).lacking == lacking


@pytest.mark.parametrize(
    ("key", "written", "licence"),
    [
        ("License-Expression", "MPL-2.0 AND MIT", "MPL-2.0 AND MIT"),
        ("Classifier", "License :: OSI Approved :: Apache Software License", "Apache-2.0"),
        ("License", "BSD-3-Clause", "BSD-3-Clause"),
        ("License", "GNU General Public License v3", "unknown"),
        ("Name", "none", "unknown"),
    ],
)
def test_what_a_package_states_is_read(key: str, written: str, licence: str) -> None:
    metadata = Message()
    metadata[key] = written
    assert licence_of(metadata) == licence


def audited(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


FINE = {"name": "a", "version": "1", "vulns": []}
FLAWED = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1"}]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("status", "out", "err", "ended", "words"),
    [
        (0, audited(FINE), "", 0, "no known flaw in 1 packages"),
        (1, audited(FINE, FLAWED), "", 1, "b 2: CVE-1\n1 known flaws in 2 packages"),
        (0, audited(FINE, UNKNOWN), "", 2, "not checked: 1 packages (c …); no known flaw in 1 packages"),
        (0, audited(), "", 2, "not checked: anything; no known flaw in 0 packages"),
        (1, "", "ConnectionError: no route", 2, "not checked: ConnectionError: no route"),
        (1, "", "", 2, "not checked: status 1"),
    ],
    ids=["fine", "flawed", "not on the index", "nothing", "no network", "silent"],
)
def test_an_audit_says_what_it_did_not_check(status: int, out: str, err: str, ended: int, words: str) -> None:
    assert judge(status, out, err) == (ended, words)
