"""Passages: exact offsets, whole sentences, within the budget, nothing of the furniture, nothing lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import chunking_fingerprint, passage_text_for_embedding, split_passages
from index.records import Article, Mark, Passage, Role, Source, Span
from index.sentences import split_sentences


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def make_article(text: str, *marks: Mark, title: str = "") -> Article:
    return Article(id="a1", source=Source(title=title, published=date(2021, 5, 1)), text=text, marks=marks)


def split(article: Article, max_tokens: int = 20, overlap: int = 0) -> list[Passage]:
    return split_passages(article, count_tokens=count_words, max_tokens=max_tokens, overlap_sentences=overlap)


def mark_of(text: str, part: str, role: Role) -> Mark:
    start = text.index(part)
    return Mark(start, start + len(part), role)


def sentence_of(words: int, name: str = "word") -> str:
    return " ".join(["The", *[name] * (words - 2), "ended."])


# --- examples ---


def test_a_short_article_is_one_passage() -> None:
    text = "The ferry sank at dawn.\n\nNobody was hurt."
    (passage,) = split(make_article(text))
    assert (passage.text, passage.start, passage.end) == (text, 0, len(text))
    assert passage.sentences == (Span(0, 23), Span(25, 41))
    assert (passage.article_id, passage.role, passage.kind) == ("a1", "body", "news")


def test_passages_end_at_paragraphs() -> None:
    paragraphs = [f"{sentence_of(7, name)} {sentence_of(6, name)}" for name in ("ant", "bee", "cat")]
    assert [passage.text for passage in split(make_article("\n\n".join(paragraphs)))] == paragraphs


def test_a_paragraph_too_long_is_cut_at_sentences() -> None:
    text = " ".join(sentence_of(8) for _ in range(6))
    assert [len(passage.sentences) for passage in split(make_article(text))] == [2, 2, 2]


def test_the_last_passage_is_not_tiny() -> None:
    text = " ".join(sentence_of(4) for _ in range(11))
    sizes = [len(passage.sentences) for passage in split(make_article(text), max_tokens=40)]
    assert sorted(sizes) == [5, 6]


def test_a_heading_stays_with_what_it_heads() -> None:
    text = f"{sentence_of(12)}\n\nWhat happens next\n\n{sentence_of(14)}"
    assert split(make_article(text))[1].text.startswith("What happens next")


def test_a_sentence_too_long_is_cut_at_its_clauses() -> None:
    text = "The mayor said that the ferry was old; the crew, who had not slept for days, said that it was not."
    first, second = split(make_article(text), max_tokens=14)
    assert first.text.endswith("old;")
    assert second.text.startswith("the crew")
    assert len(first.sentences) == len(second.sentences) == 1


def test_a_word_longer_than_any_passage_is_cut_anywhere() -> None:
    article = make_article("x" * 100)
    passages = split_passages(article, count_tokens=lambda texts: [len(text) for text in texts], max_tokens=30)
    assert "".join(passage.text for passage in passages) == article.text
    assert max(len(passage.text) for passage in passages) <= 30


def test_words_that_count_as_one_token_do_not_grow_passages_without_bound() -> None:
    passages = split(make_article("x" * 100_000), max_tokens=250)
    assert max(len(passage.text) for passage in passages) <= 250 * 32


FURNITURE = "Ferry Sinks\n\nBy Joan Pike\n\nThe ferry sank.\n\nRead more: Ten ferries to love\n\nIt was old."


def test_furniture_headline_and_byline_are_in_no_passage() -> None:
    marks = [
        mark_of(FURNITURE, "Ferry Sinks", "headline"),
        mark_of(FURNITURE, "By Joan Pike", "byline"),
        mark_of(FURNITURE, "Read more: Ten ferries to love", "furniture"),
    ]
    passages = split(make_article(FURNITURE, *marks))
    assert [passage.text for passage in passages] == ["The ferry sank.", "It was old."]


def test_a_caption_is_a_passage_of_its_own() -> None:
    text = "It sank.\n\nThe ferry in May. (Photo: Moss)\n\nIt was old."
    passages = split(make_article(text, mark_of(text, "The ferry in May. (Photo: Moss)", "caption")))
    assert [passage.role for passage in passages] == ["body", "caption", "body"]
    assert passages[1].text == "The ferry in May. (Photo: Moss)"


def test_furniture_inside_a_caption_is_left_out_of_it() -> None:
    text = "The ferry in May. Buy this photo"
    article = make_article(text, Mark(0, len(text), "caption"), mark_of(text, "Buy this photo", "furniture"))
    assert [passage.text for passage in split(article)] == ["The ferry in May."]


def test_two_captions_side_by_side_stay_apart() -> None:
    text = "The ferry.The crew."
    article = make_article(text, Mark(0, 10, "caption"), Mark(10, 19, "caption"))
    assert [passage.text for passage in split(article)] == ["The ferry.", "The crew."]


def test_marks_beyond_the_text_do_no_harm() -> None:
    article = make_article("It sank. It was old.", Mark(9, 400, "furniture"), Mark(-5, 0, "furniture"))
    assert [passage.text for passage in split(article)] == ["It sank."]


@pytest.mark.parametrize("text", ["", " \n\n ", "Shop now"], ids=["empty", "blank", "only furniture"])
def test_an_article_without_body_has_no_passages(text: str) -> None:
    assert split(make_article(text, Mark(0, len(text), "furniture"))) == []


def test_the_title_counts_towards_the_budget() -> None:
    text = " ".join(sentence_of(5) for _ in range(8))
    passages = split(make_article(text, title="Old ferry sinks off Dune"))
    assert max(count_words([passage_text_for_embedding(passage) for passage in passages])) == 20
    assert len(passages) > len(split(make_article(text)))


def test_a_long_title_leaves_half_of_the_budget_to_the_text() -> None:
    passages = split(make_article(sentence_of(10), title="ferry " * 60))
    assert [len(passage.text.split()) for passage in passages] == [10]


def test_a_tokenizer_whose_sums_do_not_hold_still_never_exceeds_the_budget() -> None:
    def count(texts: Sequence[str]) -> list[int]:  # joins cost extra, as they do where merges cross spaces
        return [len(text.split()) + 3 * text.count(". ") for text in texts]

    article = make_article(" ".join(sentence_of(4) for _ in range(12)))
    passages = split_passages(article, count_tokens=count, max_tokens=12)
    assert max(count([passage.text for passage in passages])) <= 12
    assert sum(len(passage.sentences) for passage in passages) == 12


def test_overlap_repeats_whole_sentences_of_the_passage_before() -> None:
    text = " ".join(sentence_of(5) for _ in range(9))
    passages = split(make_article(text), overlap=1)
    assert len(passages) > 1
    for before, after in pairwise(passages):
        assert before.sentences[-1] == after.sentences[0]


def test_sentences_are_counted_in_one_call_however_many() -> None:
    calls: list[int] = []

    def count(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return count_words(texts)

    split_passages(make_article(" ".join(["It sank."] * 100)), count_tokens=count, max_tokens=20)
    assert len(calls) == 2  # the sentences, then the passages made of them
    assert calls[0] == 100


TITLES = {
    "none": ("", "It sank."),
    "plain": ("Ferry sinks", "Ferry sinks. It sank."),
    "question": ("Why did it sink?", "Why did it sink? It sank."),
    "long": ("a " * 30, "a " * 24 + "a. It sank."),
}


@pytest.mark.parametrize(("title", "expected"), TITLES.values(), ids=TITLES.keys())
def test_the_embedder_reads_the_title_first(title: str, expected: str) -> None:
    (passage,) = split(make_article("It sank.", title=title), max_tokens=60)
    assert passage_text_for_embedding(passage) == expected


def test_a_passage_id_depends_on_article_place_and_words_only() -> None:
    article = make_article("It sank.")
    (passage,) = split(article)
    others = [replace(article, id="a2"), replace(article, text=" It sank."), replace(article, text="It sang.")]
    assert len({passage.id, *(split(other)[0].id for other in others)}) == 4
    assert split(replace(article, source=Source(title="Ferry", path="b.txt")))[0].id == passage.id
    assert passage.id == "0ed2d1074f8ec01c"  # sha256sum says so


def test_the_fingerprint_tells_sizes_apart() -> None:
    assert len({chunking_fingerprint(254), chunking_fingerprint(126), chunking_fingerprint(254, 1)}) == 3


@pytest.mark.parametrize(("max_tokens", "overlap"), [(0, 0), (20, -1)], ids=["no room", "negative overlap"])
def test_impossible_sizes_are_refused(max_tokens: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="max_tokens must be positive"):
        split(make_article("It sank."), max_tokens, overlap)


# --- what always holds ---

ROLES: list[Role] = ["headline", "byline", "caption", "body", "furniture"]
SENTENCES = ["It sank.", "The U.S. ferry, which was old, sank off Dune at 4 a.m. on Monday.", "Sen. Moss wept.",
             "“Was it old?” he asked.", "A heading", sentence_of(30), "x" * 40, "• Wages", "…"]  # fmt: skip


@st.composite
def articles(draw: st.DrawFn) -> Article:
    parts = st.tuples(st.sampled_from(SENTENCES), st.sampled_from([" ", " ", "\n\n", "\n"]))
    text = "".join(sentence + gap for sentence, gap in draw(st.lists(parts, max_size=40)))
    places = st.integers(0, len(text))
    marks = draw(st.lists(st.tuples(places, places, st.sampled_from(ROLES)), max_size=5))
    title = draw(st.sampled_from(["", "Ferry sinks", "word " * 40]))
    return make_article(text, *(Mark(min(a, b), max(a, b), role) for a, b, role in marks), title=title)


sizes = st.integers(1, 60)
overlaps = st.integers(0, 3)


@settings(max_examples=200)
@given(articles(), sizes, overlaps)
def test_offsets_are_exact_and_passages_are_runs_of_sentences(article: Article, size: int, overlap: int) -> None:
    last_end = 0
    for passage in split(article, size, overlap):
        assert article.text[passage.start : passage.end] == passage.text != ""
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        for before, after in pairwise(passage.sentences):
            assert before.end <= after.start
            assert not article.text[before.end : after.start].strip()
        assert passage.end > last_end
        last_end = passage.end


@settings(max_examples=200)
@given(articles(), sizes, overlaps)
def test_no_passage_exceeds_the_budget(article: Article, size: int, overlap: int) -> None:
    passages = split(article, size, overlap)
    assert max(count_words([passage.text for passage in passages]), default=0) <= size
    if len(article.source.title.split()) <= size // 2:
        assert max(count_words([passage_text_for_embedding(passage) for passage in passages]), default=0) <= size


@settings(max_examples=200)
@given(articles(), sizes, overlaps)
def test_everything_but_what_is_marked_out_is_in_a_passage(article: Article, size: int, overlap: int) -> None:
    out = {
        place
        for mark in article.marks
        if mark.role in ("headline", "byline", "furniture")
        for place in range(mark.start, mark.end)
    }
    ink = {place for place, character in enumerate(article.text) if not character.isspace()}
    covered = {place for p in split(article, size, overlap) for place in range(p.start, p.end)}
    assert ink - out <= covered
    assert not covered & out


@given(articles())
def test_sentences_that_fit_are_kept_whole(article: Article) -> None:
    plain = replace(article, marks=())
    inside = {span for passage in split(plain, 100) for span in passage.sentences}
    assert inside == set(split_sentences(plain.text))


@given(articles(), sizes, overlaps)
def test_captions_and_body_never_share_a_passage(article: Article, size: int, overlap: int) -> None:
    captions = {place for mark in article.marks if mark.role == "caption" for place in range(mark.start, mark.end)}
    for passage in split(article, size, overlap):
        places = set(range(passage.start, passage.end))
        assert places <= captions if passage.role == "caption" else not places & captions


@given(articles(), sizes, overlaps)
def test_splitting_again_gives_the_same_passages_with_ids_of_their_own(
    article: Article, size: int, overlap: int
) -> None:
    passages = split(article, size, overlap)
    assert passages == split(article, size, overlap)
    assert len({passage.id for passage in passages}) == len(passages)
