from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from answer_material import EMBEDDER, make_archive
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.embed import Matrix
from index.records import Filters, Passage, Source
from index.retrieve import POOL, fuse, search

SCORED = st.lists(
    st.tuples(st.sampled_from("abcdefghij"), st.floats(-1e6, 1e6)), max_size=10, unique_by=lambda pair: pair[0]
).map(lambda pairs: sorted(pairs, key=lambda pair: -pair[1]))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with make_archive(tmp_path_factory.mktemp("retrieve")) as archive:
        yield archive


def test_fusion_adds_the_weighted_shares() -> None:
    fused = dict(fuse([("a", 0.8), ("b", 0.6), ("c", -0.1)], [("b", 12.0), ("d", 3.0)], dense_weight=0.6))
    assert fused == pytest.approx({"a": 0.6, "b": 0.6 * 0.75 + 0.4, "c": 0.0, "d": 0.4 * 0.25})


def test_a_passage_best_in_both_methods_has_score_one() -> None:
    assert fuse([("a", 0.9), ("b", 0.1)], [("a", 7.0), ("c", 1.0)])[0] == ("a", pytest.approx(1.0))


def test_a_single_result_is_the_best_of_its_list() -> None:
    assert fuse([], [("a", 3.0)], dense_weight=0.6) == [("a", pytest.approx(0.4))]
    assert fuse([], []) == []


def test_ties_are_broken_by_id_so_that_runs_agree() -> None:
    assert [id for id, _ in fuse([("c", 0.5), ("a", 0.5), ("b", 0.5)], [])] == ["a", "b", "c"]


@given(SCORED, SCORED, st.floats(0, 1))
def test_fused_scores_are_ordered_and_within_zero_and_one(
    dense: list[tuple[str, float]], lexical: list[tuple[str, float]], weight: float
) -> None:
    fused = fuse(dense, lexical, dense_weight=weight)
    scores = [score for _, score in fused]
    assert sorted(scores, reverse=True) == scores
    assert all(0 <= score <= 1 for score in scores)
    assert {id for id, _ in fused} == {id for id, _ in (*dense, *lexical)}


@given(SCORED, st.floats(0.1, 10))
def test_fusion_does_not_depend_on_the_scale_of_a_method(scored: list[tuple[str, float]], factor: float) -> None:
    before = dict(fuse(scored, []))
    after = dict(fuse([(id, factor * score) for id, score in scored], []))
    assert after == pytest.approx(before, abs=1e-6)


def test_the_worst_of_a_list_of_good_ones_is_still_good() -> None:
    fused = dict(fuse([("a", 0.80), ("b", 0.79)], [], dense_weight=1.0))
    assert fused["b"] == pytest.approx(0.79 / 0.80)


def test_a_search_finds_by_words_and_by_meaning(archive: Archive) -> None:
    hits = search(archive, EMBEDDER, "a robot that sorts letters", limit=3)
    assert hits[0].passage.article_id == "school"
    assert [method for method, _ in hits[0].ranks] == ["dense", "lexical"]
    assert hits[0].raw("dense") == dict(hits[0].scores)["dense"] <= 1


def test_ranks_and_scores_are_those_of_each_method(archive: Archive) -> None:
    text = "the harbour bridge"
    dense = archive.search_dense(EMBEDDER.embed([text])[0], limit=POOL)
    lexical = archive.search_lexical(text, limit=POOL)
    for hit in search(archive, EMBEDDER, text, limit=20):
        for method, scored in (("dense", dense), ("lexical", lexical)):
            places = {id: rank for rank, (id, _) in enumerate(scored, start=1)}
            assert dict(hit.ranks).get(method) == places.get(hit.passage.id)  # type: ignore[call-overload]
            assert dict(hit.scores).get(method) == dict(scored).get(hit.passage.id)  # type: ignore[call-overload]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_limit_is_kept(archive: Archive, limit: int) -> None:
    assert len(search(archive, EMBEDDER, "bridge", limit=limit)) == limit


@pytest.mark.parametrize(
    ("filters", "articles"),
    [
        (Filters(outlets=("DAILY ECHO",)), {"ferry", "school"}),
        (Filters(authors=("Ann Lee",)), {"bridge"}),
        (Filters(since=date(2021, 3, 20), until=date(2021, 4, 10)), {"ferry", "tricks"}),
        (Filters(outlets=("Absent",)), set()),
    ],
    ids=["outlet", "author", "dates", "nothing"],
)
def test_filters_hold_in_every_hit(archive: Archive, filters: Filters, articles: set[str]) -> None:
    hits = search(archive, EMBEDDER, "the harbour bridge robot gardens", limit=50, filters=filters)
    assert {hit.passage.article_id for hit in hits} == articles


@pytest.mark.parametrize(("text", "limit"), [("", 5), (" \n\t", 5), ("bridge", 0)], ids=["empty", "blank", "none"])
def test_nothing_asked_is_nothing_found(archive: Archive, text: str, limit: int) -> None:
    assert search(archive, EMBEDDER, text, limit=limit) == ()


@pytest.mark.parametrize("text", ['"', "NEAR(", "bridge OR", "*", "a AND", "title:bridge", "\x00", "“”", "-- ;DROP"])
def test_no_question_breaks_the_search(archive: Archive, text: str) -> None:
    assert len(search(archive, EMBEDDER, text, limit=3)) == 3


class Divided:
    """An archive where the words find a passage that is near the question too, though not among the nearest."""

    def search_dense(self, vector: Matrix, *, limit: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        return [("near", 0.8)]

    def search_lexical(self, question: str, *, limit: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        return [("far", 10.0), ("nearly", 9.5)]

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        return {id: Passage(id, id, Source(), 0, 1, "x", ()) for id in ids}

    def passage_vectors(self, ids: Sequence[str]) -> dict[str, Matrix]:
        [vector] = EMBEDDER.embed(["x"])
        cosines = {"far": -0.2, "nearly": 0.7}
        return {id: cosines[id] * vector for id in ids}


def test_what_only_the_words_found_is_judged_by_its_meaning_too() -> None:
    first, *others = search(Divided(), EMBEDDER, "x", limit=3)
    assert first.passage.id == "nearly"
    assert first.score == pytest.approx(0.5 * 0.7 / 0.8 + 0.5 * 0.95)
    assert first.ranks == (("lexical", 2),)  # the dense search itself did not return it
    assert [hit.passage.id for hit in others] == ["far", "near"]


class Vanishing:
    """An archive whose best passage is removed by another process between the search and the reading."""

    def search_dense(self, vector: Matrix, *, limit: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        return [("gone", 0.9), ("here", 0.5), ("too", 0.1)]

    def search_lexical(self, question: str, *, limit: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        return []

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        return {id: Passage(id, id, Source(), 0, 1, "x", ()) for id in ids if id != "gone"}

    def passage_vectors(self, ids: Sequence[str]) -> dict[str, Matrix]:
        return {}


def test_a_passage_that_vanished_leaves_its_place_to_the_next() -> None:
    assert [hit.passage.id for hit in search(Vanishing(), EMBEDDER, "x", limit=2)] == ["here", "too"]
