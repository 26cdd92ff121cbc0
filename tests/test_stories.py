import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from answer_material import EMBEDDER, RECORDS, make_archive, parts_of, says
from answer_material import ask as ask_parts
from carried_material import OTHER_MONEY, PRINTS, as_records, reprint

from bot.as_json import answer_json
from bot.evidence import select_evidence
from bot.records import Answer, Question
from bot.show import answer_text, hits_text
from bot.stories import find_stories
from index.archive import Archive
from index.build import build
from index.records import Filters, Hit
from index.withdraw import remove

QUESTION = "What raise have train drivers in Vellmark accepted over two years?"
SAID = "Train drivers in Vellmark have accepted a raise of 5.2 percent over two years."
MONEY = "How many crowns will the railway pay?"
OTHERS = tuple(
    {"id": f"other{n}", "title": f"{name} workers", "outlet": "Daily Echo", "published": "2024-12-09",
     "text": f"{name} workers have accepted a raise of {n} percent. They are glad of it."}
    for n, name in enumerate(("Ferry", "Harbour", "Bus", "Tram"), start=2)
)  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path):
    with make_archive(tmp_path, (*RECORDS, *OTHERS, *as_records(PRINTS))) as archive:
        yield archive


def find(archive: Archive, text: str = QUESTION, *, limit: int = 8, filters: Filters = Filters()) -> tuple[Hit, ...]:
    return find_stories(archive, EMBEDDER, text, limit=limit, filters=filters)


def of_the_report(hits: tuple[Hit, ...]) -> set[str]:
    return {hit.passage.article_id for hit in hits if hit.passage.article_id.startswith("print")}


def ask(archive: Archive, filters: Filters = Filters()) -> Answer:
    question = Question(QUESTION, date(2024, 12, 20), filters)
    return ask_parts(parts_of(archive, says(SAID)), question)[1]


def test_five_carriers_are_one_piece_of_evidence_with_five_names_and_room_for_others(archive: Archive) -> None:
    hits = find(archive)
    first = hits[0]
    assert first.passage.article_id == "print0"
    assert [carrier.source.outlet for carrier in first.carried_by] == [f"Outlet {n}" for n in range(1, 5)]
    evidence = select_evidence(hits, most=4, budget=10_000, count_tokens=lambda text: len(text.split()))
    articles = [item.hit.passage.article_id for item in evidence]
    assert articles.count("print0") <= 2
    assert sum(id.startswith("other") for id in articles) >= 2
    assert of_the_report(hits) == {"print0"}


def test_a_citation_names_all_five(archive: Archive) -> None:
    answer = ask(archive)
    assert answer.answered
    [citation] = answer.citations
    assert citation.source.outlet == "Outlet 0"
    assert [carrier.article_id for carrier in citation.carried_by] == ["print1", "print2", "print3", "print4"]


def test_the_json_names_the_carriers_of_citations_and_hits(archive: Archive) -> None:
    told = json.loads(json.dumps(answer_json(ask(archive))))
    names = told["citations"][0]["also_carried_by"]
    assert names[0] == {
        "article_id": "print1", "title": "Headline 1", "outlet": "Outlet 1", "published": "2024-12-04"
    }  # fmt: skip
    assert told["retrieved"][0]["also_carried_by"] == names


def test_the_terminal_names_the_carriers_under_the_quote(archive: Archive) -> None:
    told = " ".join(answer_text(ask(archive)).split())
    assert "also carried by Outlet 1 (Wednesday, 4 December 2024, article print1), Outlet 2 (" in told
    assert "also carried by Outlet 1 (" in hits_text(find(archive))


@pytest.mark.parametrize("number", range(5))
def test_a_limit_to_any_of_the_outlets_finds_the_story(archive: Archive, number: int) -> None:
    limits = Filters(outlets=(f"Outlet {number}",))
    assert of_the_report(find(archive, filters=limits)) == {f"print{number}"}
    assert ask(archive, limits).citations[0].carried_by == ()


def test_a_limit_to_later_days_lets_the_earliest_of_them_stand(archive: Archive) -> None:
    hits = find(archive, filters=Filters(since=date(2024, 12, 5)))
    assert of_the_report(hits) == {"print2"}
    assert [carrier.article_id for carrier in hits[0].carried_by] == ["print3", "print4"]


def test_another_stands_when_the_standing_copy_is_removed(archive: Archive) -> None:
    remove(archive, ["print0"])
    hits = find(archive)
    assert of_the_report(hits) == {"print1"}
    assert [carrier.article_id for carrier in hits[0].carried_by] == ["print2", "print3", "print4"]


def test_a_copy_that_is_changed_speaks_for_itself(archive: Archive, tmp_path: Path) -> None:
    changed = tmp_path / "news.jsonl"
    prints = (*PRINTS[:4], reprint(4, OTHER_MONEY))
    lines = [json.dumps(record) + "\n" for record in (*RECORDS, *OTHERS, *as_records(prints))]
    changed.write_text("".join(lines), encoding="utf-8")
    assert build(archive, [changed], embedder=EMBEDDER, max_tokens=60).updated == 1
    assert of_the_report(find(archive, MONEY)) == {"print0", "print4"}


def test_a_hit_leaves_only_its_own_list(archive: Archive) -> None:
    found = archive.article(find(archive)[0].carried_by[0].article_id)
    assert found is not None
    assert found.text == PRINTS[1].text


def test_stories_are_those_of_a_plain_search_where_there_are_no_copies(tmp_path: Path) -> None:
    with make_archive(tmp_path, RECORDS) as archive:
        hits = find(archive, "bridge", limit=3)
    assert len(hits) == 3
    assert hits == tuple(replace(hit, carried_by=()) for hit in hits)
