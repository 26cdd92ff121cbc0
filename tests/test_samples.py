"""The sample articles and the questions over them hold what the documentation says they hold."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from difflib import SequenceMatcher
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

ARTICLES = Path(str(files("index"))) / "samples" / "articles"
QUESTIONS = Path(__file__).parent / "quality" / "questions.jsonl"
PATHS = sorted(ARTICLES.iterdir())
MONTHS = "January February March April May June July August September October November December".split()
RESERVED = re.compile(r"(^|\.)(example|example\.(com|org|net))$")


class _Visible(HTMLParser):
    """Collects what a browser would show."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("script", "style", "title")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style", "title")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def visible_text(page: str) -> str:
    parser = _Visible()
    parser.feed(page)
    return "".join(parser.parts)


def records(path: Path) -> dict[str, dict[str, str]]:
    return {record["id"]: record for record in map(json.loads, path.read_text("utf-8").splitlines())}


def texts(path: Path) -> list[str]:
    """Return the text of each article in the file."""
    raw = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        return [record["text"] for record in records(path).values()]
    if path.suffix == ".html":
        return [visible_text(raw)]
    return [raw.split("---\n", 2)[2] if path.suffix == ".md" else raw]


def supporting_texts(names: list[str], ids: list[str]) -> dict[str, str]:
    """Return the text of each named article; a name of a JSONL file stands for its records in `ids`."""
    found = {name: texts(ARTICLES / name)[0] for name in names if not name.endswith(".jsonl")}
    by_id = {key: record["text"] for path in ARTICLES.glob("*.jsonl") for key, record in records(path).items()}
    return found | {key: by_id[key] for key in ids}


def first_date(raw: str) -> date:
    """Return the first full date written in a file, in figures or in words."""
    names = "|".join(month[:3] for month in MONTHS)
    pattern = rf"(\d{{4}})-(\d\d)-(\d\d)|\b({names})[a-z]*\.? (\d{{1,2}}), (\d{{4}})|(\d\d) ({names}) (\d{{4}})"
    match = re.search(pattern, raw)
    assert match, "no date"
    year, month, day, name, day_2, year_2, day_3, name_3, year_3 = match.groups()
    if year:
        return date(int(year), int(month), int(day))
    number = [month[:3] for month in MONTHS].index(name or name_3) + 1
    return date(int(year_2 or year_3), number, int(day_2 or day_3))


def published(name: str, ids: list[str]) -> date:
    if name.endswith(".jsonl"):
        return max(date.fromisoformat(records(ARTICLES / name)[key]["publish_date"]) for key in ids)
    return first_date((ARTICLES / name).read_text("utf-8"))


def questions() -> list[dict[str, Any]]:
    return [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]


ANSWERABLE = [pytest.param(q, id=q["id"]) for q in questions() if q["answerable"]]
OUTDATED = [pytest.param(q, id=q["id"]) for q in questions() if "outdated" in q]
EACH_FILE = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)


def test_there_are_24_articles_in_the_formats_promised() -> None:
    counts = dict.fromkeys((path.suffix for path in PATHS), 0)
    for path in PATHS:
        counts[path.suffix] += len(texts(path))
    assert counts == {".txt": 12, ".md": 5, ".html": 4, ".jsonl": 3}


@EACH_FILE
def test_an_article_has_the_length_of_a_news_story(path: Path) -> None:
    for text in texts(path):
        assert 250 <= len(text.split()) <= 600


@EACH_FILE
def test_every_host_is_a_reserved_example_domain(path: Path) -> None:
    raw = path.read_text("utf-8").replace("https://schema.org", "")  # names JSON-LD's vocabulary, is never visited
    hosts = re.findall(r"(?:https?://|\bwww\.|\w@)([\w.-]+\w)", raw)
    hosts += re.findall(r"\b[\w.-]+\.(?:com|org|net|info|io|news|co|eu|uk|example)\b", raw)
    assert [host for host in hosts if not RESERVED.search(host)] == []


@EACH_FILE
def test_an_article_is_dated_within_the_invented_season(path: Path) -> None:
    if path.suffix == ".jsonl":
        dates = [date.fromisoformat(record["publish_date"]) for record in records(path).values()]
    else:
        dates = [first_date(path.read_text("utf-8"))]
    assert all(date(2024, 9, 1) <= day <= date(2025, 6, 30) for day in dates)


@EACH_FILE
def test_a_weekday_written_beside_a_full_date_is_that_date_s(path: Path) -> None:
    for weekday, words in re.findall(r"(\w+day), ([A-Z][a-z]+ \d{1,2}, \d{4})", path.read_text("utf-8")):
        assert datetime.strptime(words, "%B %d, %Y").strftime("%A") == weekday


@pytest.mark.parametrize("path", sorted(ARTICLES.glob("*.md")), ids=lambda path: path.name)
def test_front_matter_is_yaml_with_a_title(path: Path) -> None:
    front = yaml.safe_load(path.read_text("utf-8").split("---\n", 2)[1])
    assert front.get("title") or front.get("headline")


@pytest.mark.parametrize("path", sorted(ARTICLES.glob("*.html")), ids=lambda path: path.name)
def test_json_ld_in_a_page_is_json(path: Path) -> None:
    raw = path.read_text("utf-8")
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', raw, re.DOTALL)
    assert blocks or 'property="article:published_time"' in raw
    assert all(json.loads(block)["@context"] == "https://schema.org" for block in blocks)


def test_the_two_copies_of_the_agency_story_differ_by_small_edits() -> None:
    one, other = (texts(ARTICLES / name)[0].split() for name in ("rail-strike-courier.txt", "rail-strike-post.txt"))
    assert 0.75 < SequenceMatcher(None, one, other, autojunk=False).ratio() < 0.95


def test_there_are_40_questions_of_which_15_have_no_answer() -> None:
    asked = questions()
    assert len({q["id"] for q in asked}) == len({q["question"] for q in asked}) == 40
    assert sum(not q["answerable"] for q in asked) == 15


def test_a_question_without_an_answer_names_no_gold_article() -> None:
    without = [q for q in questions() if not q["answerable"]]
    assert {q["kind"] for q in without} == {"not-told", "false-premise", "not-covered"}
    assert not any(q["answers"] or q["gold_paths"] or q["gold_article_ids"] for q in without)
    assert all((ARTICLES / name).is_file() for q in without for name in q["nearest_paths"])


@pytest.mark.parametrize("question", ANSWERABLE)
def test_every_answer_is_written_in_a_gold_article_and_every_gold_article_holds_one(question: dict[str, Any]) -> None:
    gold = supporting_texts(question["gold_paths"], question["gold_article_ids"])
    assert gold
    assert all(any(answer in text for answer in question["answers"]) for text in gold.values())
    # A variant may be another article's wording.
    everywhere = gold | supporting_texts(question["also_supported_paths"], question["also_supported_by"])
    assert all(any(answer in text for text in everywhere.values()) for answer in question["answers"])


@pytest.mark.parametrize("question", ANSWERABLE)
def test_every_article_said_to_support_an_answer_holds_it(question: dict[str, Any]) -> None:
    supporting = supporting_texts(question["also_supported_paths"], question["also_supported_by"])
    assert [name for name, text in supporting.items() if not any(a in text for a in question["answers"])] == []


@pytest.mark.parametrize("question", ANSWERABLE)
def test_a_question_is_asked_after_its_gold_article_appeared(question: dict[str, Any]) -> None:
    asked_on = date.fromisoformat(question["asked_on"])
    assert all(published(name, question["gold_article_ids"]) <= asked_on for name in question["gold_paths"])


@pytest.mark.parametrize("question", OUTDATED)
def test_an_outdated_answer_stands_somewhere_in_the_archive_and_is_not_also_right(question: dict[str, Any]) -> None:
    archive = [text for path in PATHS for text in texts(path)]
    for wrong in question["outdated"]:
        assert any(wrong in text for text in archive)
        assert wrong not in question["answers"]
