from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from answer_material import EMBEDDER, make_archive

from bot.recall import search_with
from index.archive import Archive
from index.records import Filters
from index.retrieve import search

BRIDGE = "How long will the harbour bridge close? The harbour bridge will close for 14 months."


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder: Path = tmp_path_factory.mktemp("recall")
    with make_archive(folder) as archive:
        yield archive


def test_without_context_it_is_the_same_search(archive: Archive) -> None:
    asked = "Who will repair the bridge?"
    assert search_with(archive, EMBEDDER, asked, " ", limit=5) == search(archive, EMBEDDER, asked, limit=5)


def test_context_orders_what_the_question_found(archive: Archive) -> None:
    asked = "What will it cost the town?"
    alone = search(archive, EMBEDDER, asked, limit=5)
    ferry = search_with(archive, EMBEDDER, asked, "Two ferries will run through the night. A ticket?", limit=5)
    bridge = search_with(archive, EMBEDDER, asked, BRIDGE, limit=5)
    assert {hit.passage.id for hit in ferry} == {hit.passage.id for hit in bridge} == {hit.passage.id for hit in alone}
    place = [[hit.passage.article_id for hit in hits].index("ferry") for hits in (ferry, bridge)]
    assert place[0] < place[1]


def test_context_brings_nothing_in_that_the_question_did_not_find(archive: Archive) -> None:
    limits = Filters(since=date(2021, 4, 1))
    hits = search_with(archive, EMBEDDER, "Who won?", BRIDGE, limit=5, filters=limits)
    assert "bridge" not in {hit.passage.article_id for hit in hits}
    assert search_with(archive, EMBEDDER, " ", BRIDGE, limit=5) == ()


def test_what_answers_a_new_topic_stays_first(archive: Archive) -> None:
    hits = search_with(archive, EMBEDDER, "Who won a prize for a robot that sorts letters?", BRIDGE, limit=5)
    assert hits[0].passage.article_id == "school"


def test_scores_stay_between_nought_and_one_and_in_order(archive: Archive) -> None:
    scores = [hit.score for hit in search_with(archive, EMBEDDER, "Who pays for the bridge?", BRIDGE, limit=5)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
