import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from answer_material import ASKED_ON, BRIDGE, CARRIED, article_of, ask, make_archive, parts_of, says

from bot.as_json import (
    SCHEMA_VERSION,
    answer_json,
    article_json,
    filters_json,
    hits_json,
    report_json,
    row_json,
    source_json,
    status_json,
)
from bot.records import EXTRACTION, Answer, Citation, Implied, Question, ResolvedDay, Sentence, Timings, Version
from bot.show import answer_text, article_text, hits_text, implied_line, plain, report_text, source_line
from index.archive import Archive
from index.records import Article, BuildReport, Filters, Hit, Mark, Passage, Skipped, Source

# The contract: a key, and the types its value may have. A change here changes SCHEMA_VERSION.
ANSWER = {
    "schema_version": int, "id": str, "question": str, "standalone_question": str, "answered": bool, "answer": str,
    "reason": str, "sentences": list, "citations": list, "nearest": list, "versions": list, "retrieved": list,
    "applied": dict, "implied": (dict, type(None)), "confidence": float, "stopped": bool, "model": str,
    "fallback": str, "notices": list, "timings": dict,
}  # fmt: skip
SENTENCE = {"text": str, "support": str, "citations": list, "missing": list, "said_by": str}
CITATION = {
    "number": int, "quote": str, "start": int, "end": int, "passage_id": str, "kind": str, "article": dict,
    "days": list, "also_carried_by": list,
}  # fmt: skip
VERSION = {"fact": str, "instead_of": str, "relation": str, "citation": dict}
DAY = {"text": str, "start": int, "end": int, "since": str, "until": str, "unit": str}
SOURCE = {"title": str, "outlet": str, "author": str, "published": (str, type(None)), "url": str, "path": str}
HIT = {
    "rank": int, "passage_id": str, "article_id": str, "title": str, "outlet": str, "published": (str, type(None)),
    "score": float, "ranks": dict, "scores": dict, "start": int, "end": int, "text": str,
    "also_carried_by": list,
}  # fmt: skip
APPLIED = {"since": (str, type(None)), "until": (str, type(None)), "outlets": list, "authors": list}
TIMINGS = {name: int for name in ("retrieve_ms", "first_token_ms", "total_ms", "prompt_tokens", "answer_tokens")}
ARTICLE = {"schema_version": int, "id": str, **SOURCE, "kind": str, "text": str, "marks": list, "paragraphs": list}
ROW = {"id": str, **SOURCE, "kind": str, "passages": int, "characters": int}
REPORT = {
    "schema_version": int, "added": int, "updated": int, "unchanged": int, "removed": int, "duplicates": int,
    "left_out": int, "skipped": list, "passages": int, "languages": dict,
}  # fmt: skip
STATUS = {
    "schema_version": int, "archive": str, "articles": int, "passages": int, "outlets": int,
    "first_published": (str, type(None)), "last_published": (str, type(None)), "undated": int, "fingerprint": str,
    "version": int, "vectors_current": bool, "bytes_on_disk": int, "languages": dict,
}  # fmt: skip


def assert_shape(value: dict[str, Any], shape: dict[str, Any]) -> None:
    assert list(value) == list(shape)
    for key, kinds in shape.items():
        assert isinstance(value[key], kinds), key
        assert kinds is bool or not isinstance(value[key], bool), key


def sent(value: Any) -> Any:
    """Return what a reader of the JSON gets; fails on NaN, infinities and what JSON does not know."""
    return json.loads(json.dumps(value, allow_nan=False))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with make_archive(tmp_path_factory.mktemp("show")) as archive:
        yield archive


@pytest.fixture(scope="module")
def answer(archive: Archive) -> Answer:
    question = Question(BRIDGE, ASKED_ON, Filters(since=date(2021, 1, 1), outlets=("the port ledger",)), id="q1")
    return ask(parts_of(archive, says(CARRIED)), question)[1]


@pytest.fixture(scope="module")
def refused(archive: Archive) -> Answer:
    return ask(parts_of(archive, says("The articles do not say that.")), BRIDGE)[1]


# --- JSON -----------------------------------------------------------------------------------------------------


def test_an_answer_has_exactly_the_keys_and_types_of_the_contract(answer: Answer) -> None:
    told = sent(answer_json(answer))
    assert_shape(told, ANSWER)
    assert_shape(told["applied"], APPLIED)
    assert_shape(told["timings"], TIMINGS)
    assert told["schema_version"] == SCHEMA_VERSION == 1
    assert (told["id"], told["question"], told["answered"], told["answer"]) == ("q1", BRIDGE, True, CARRIED)
    assert told["applied"] == {"since": "2021-01-01", "until": None, "outlets": ["the port ledger"], "authors": []}


def test_sentences_citations_and_hits_have_the_keys_of_the_contract(answer: Answer) -> None:
    told = sent(answer_json(answer))
    assert told["sentences"] and told["citations"] and told["retrieved"]  # noqa: PT018
    for sentence in told["sentences"]:
        assert_shape(sentence, SENTENCE)
    for citation in told["citations"]:
        assert_shape(citation, CITATION)
        assert_shape(citation["article"], {"id": str, **SOURCE})
    for hit in told["retrieved"]:
        assert_shape(hit, HIT)


def test_every_citation_opens_in_the_article_as_shown(archive: Archive, answer: Answer) -> None:
    for citation in sent(answer_json(answer))["citations"]:
        text = sent(article_json(article_of(archive, citation["article"]["id"])))["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert citation["article"]["published"] == "2021-03-04"


IMPLIED = {"phrase": str, "since": (str, type(None)), "until": (str, type(None)), "limit": bool}
WEEK = Implied("this week", date(2022, 6, 6), date(2022, 6, 16), True)


def test_what_the_question_implied_is_in_the_json(answer: Answer) -> None:
    implied = sent(answer_json(replace(answer, implied=WEEK)))["implied"]
    assert_shape(implied, IMPLIED)
    assert implied == {"phrase": "this week", "since": "2022-06-06", "until": "2022-06-16", "limit": True}


@pytest.mark.parametrize(
    ("implied", "line"),
    [
        (WEEK, "only articles published 6 to 16 June 2022, because the question says “this week”; --any-date looks"),
        (
            Implied("on 8 May", date(2022, 5, 8), date(2022, 6, 1), False),
            "articles published 8 May to 1 June 2022 pref",
        ),
        (Implied("before 2017", None, date(2017, 1, 1), False), "articles published until 1 January 2017 preferred,"),
        (Implied("the\x1b latest", None, None, False), "the newest articles preferred, because the question says “the"),
    ],
    ids=["a limit", "a range", "until", "the newest"],
)
def test_the_reader_is_told_what_was_implied_and_how_to_take_it_away(implied: Implied, line: str) -> None:
    told = implied_line(implied)
    assert told.startswith(line)
    assert "--any-date" in told
    assert plain(told) == told


TUESDAY = ResolvedDay(3, 10, "Tuesday", date(2017, 6, 6), date(2017, 6, 6), "day")


def test_a_quotes_words_about_when_are_shown_with_what_they_mean(answer: Answer) -> None:
    dated = replace(answer, citations=(replace(answer.citations[0], days=(TUESDAY,)),))
    [day] = sent(answer_json(dated))["citations"][0]["days"]
    assert_shape(day, DAY)
    assert (day["since"], day["unit"]) == ("2017-06-06", "day")
    assert "    “Tuesday”: 6 June 2017\n" in answer_text(dated)
    assert "2017" not in answer_text(answer)


def test_a_refusal_has_the_same_keys_and_no_citations(refused: Answer) -> None:
    told = sent(answer_json(refused))
    assert_shape(told, ANSWER)
    assert (told["answered"], told["sentences"], told["citations"]) == (False, [], [])
    assert told["answer"] == "The articles do not say."
    assert told["reason"]
    assert told["retrieved"]


def test_what_is_nearest_to_a_refusal_opens_as_citations_do(archive: Archive, refused: Answer) -> None:
    told = sent(answer_json(refused))
    assert told["nearest"]
    for citation in told["nearest"]:
        assert_shape(citation, CITATION)
        text = article_of(archive, citation["article"]["id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_hits_are_ranked_from_one_and_say_why(answer: Answer) -> None:
    told = sent(hits_json(answer.retrieved))
    assert [hit["rank"] for hit in told] == list(range(1, len(told) + 1))
    assert set(told[0]["ranks"]) == set(told[0]["scores"]) == {"dense", "lexical"}
    assert all(0 <= hit["score"] <= 1 for hit in told)


def test_what_is_unknown_of_a_source_is_empty_and_null() -> None:
    assert source_json(Source()) == {"title": "", "outlet": "", "author": "", "published": None, "url": "", "path": ""}


def test_no_limits_are_nulls_and_empty_lists() -> None:
    assert filters_json(Filters()) == {"since": None, "until": None, "outlets": [], "authors": []}


def test_an_article_has_its_text_and_marks() -> None:
    article = Article("a", Source("T"), "Caption.\nText.", (Mark(0, 8, "caption"),), "opinion")
    told = sent(article_json(article))
    assert_shape(told, ARTICLE)
    assert (told["text"], told["kind"]) == ("Caption.\nText.", "opinion")
    assert told["marks"] == [{"start": 0, "end": 8, "role": "caption"}]
    assert told["paragraphs"] == [{"start": 0, "end": 8, "role": "caption"}, {"start": 9, "end": 14, "role": "body"}]


def test_a_listed_article_has_its_counts(archive: Archive) -> None:
    for row in archive.articles():
        assert_shape(sent(row_json(row)), ROW)
        assert row.characters == len(article_of(archive, row.id).text)


def test_the_state_of_an_archive_has_its_dates(archive: Archive) -> None:
    told = sent(status_json(archive.status(), "news"))
    assert_shape(told, STATUS)
    assert (told["first_published"], told["last_published"]) == ("2021-03-04", "2021-04-10")


def test_a_report_names_what_was_skipped() -> None:
    told = sent(report_json(BuildReport(added=2, passages=7, skipped=(Skipped("a.pdf", "not text", "line 7"),))))
    assert_shape(told, REPORT)
    assert told["skipped"] == [{"path": "a.pdf", "where": "line 7", "reason": "not text"}]
    assert (told["added"], told["passages"]) == (2, 7)


# --- text -----------------------------------------------------------------------------------------------------


def test_a_marked_answer_is_followed_by_its_quotes(answer: Answer) -> None:
    lines = answer_text(answer).splitlines()
    assert lines[0] == f"{CARRIED} [1]"
    assert "[1] Harbour bridge to close for repairs · The Port Ledger · Ann Lee · Thursday, 4 March 2021" in lines
    assert f"    “{CARRIED}”" in lines
    assert "    article bridge, characters" in answer_text(answer)


def test_a_refusal_gives_its_reason_and_the_nearest_articles(refused: Answer) -> None:
    text = answer_text(refused)
    assert text.startswith("The articles do not say.\n(")
    assert refused.reason in text.replace("\n", " ")
    assert "What the nearest articles do say:\n- " in text
    assert f"“{refused.nearest[0].quote}”" in text


def test_a_refusal_names_each_article_once_and_three_at_most(refused: Answer) -> None:
    heads = [line for line in answer_text(refused).splitlines() if line.startswith("- ")]
    assert 0 < len(heads) == len(set(heads)) <= 3


def test_a_refusal_without_reason_or_anything_near_is_one_line(refused: Answer) -> None:
    assert answer_text(replace(refused, reason="", nearest=())) == "The articles do not say."


def test_the_articles_own_sentences_stand_one_a_paragraph(answer: Answer) -> None:
    sentences = (Sentence(CARRIED, "supported", (1,)), Sentence("It was built in six weeks.", "supported", (1,)))
    extracted = replace(answer, sentences=sentences, model=EXTRACTION)
    assert answer_text(extracted).splitlines()[:2] == [f"{CARRIED} [1]", "It was built in six weeks. [1]"]


def test_an_answer_after_a_failure_says_so(answer: Answer) -> None:
    assert "the model broke off: no memory" in answer_text(replace(answer, fallback="no memory"))


def test_doubt_is_shown_with_what_is_missing(answer: Answer) -> None:
    doubted = replace(answer, sentences=(Sentence("It costs 9 crowns.", "partly", (1,), ("9",)),), stopped=True)
    text = answer_text(doubted)
    assert "It costs 9 crowns. [1] (?)" in text
    assert "(?) not in the quotes: “9”" in text
    assert "(stopped before the end)" in text


def test_lines_keep_to_the_width(answer: Answer, refused: Answer) -> None:
    for text in (answer_text(answer, width=40), answer_text(refused, width=40)):
        assert max(map(len, text.splitlines())) <= 60  # an id is never broken


def version_of(answer: Answer, **changes: Any) -> Answer:
    [citation] = answer.citations
    later = replace(citation.source, outlet="Daily Echo", author="", published=date(2021, 4, 10))
    citation = replace(citation, number=2, article_id="ferry", quote="It will be shut for 20 months.", source=later)
    return replace(answer, versions=(replace(Version("20 months", "14 months", "later", citation), **changes),))


def test_a_later_figure_is_said_first_and_quoted_with_its_own_number(answer: Answer) -> None:
    lines = answer_text(version_of(answer)).splitlines()
    assert lines[0] == "A later article gives 20 months (Saturday, 10 April 2021), not 14 months [2]."
    assert lines[1] == f"{CARRIED} [1]"
    assert "A later article says otherwise: “20 months”, not “14 months”" in lines
    assert "    “It will be shut for 20 months.”" in lines


@pytest.mark.parametrize(
    ("relation", "words"),
    [("differs", "Another source says otherwise: “20"), ("earlier", "An earlier article says otherwise: “20")],
)
def test_other_versions_follow_the_answer(answer: Answer, relation: str, words: str) -> None:
    text = answer_text(version_of(answer, relation=relation))
    assert text.startswith(CARRIED)
    assert words in text


def test_a_version_has_its_place_in_the_json(answer: Answer) -> None:
    [told] = sent(answer_json(version_of(answer)))["versions"]
    assert_shape(told, VERSION)
    assert_shape(told["citation"], CITATION)
    assert (told["relation"], told["citation"]["number"]) == ("later", 2)
    assert sent(answer_json(answer))["versions"] == []


def test_what_only_an_opinion_piece_says_is_said_to_be_so(answer: Answer) -> None:
    opinion = replace(answer, citations=(replace(answer.citations[0], kind="opinion"),))
    lines = answer_text(opinion).splitlines()
    assert lines[0] == f"{CARRIED} [1] (in an opinion piece)"
    assert "[1] Harbour bridge to close for repairs · The Port Ledger · opinion · Ann Lee · Thursday, 4 March" in lines
    assert sent(answer_json(opinion))["citations"][0]["kind"] == "opinion"
    assert "opinion" not in answer_text(answer)


def test_who_said_it_is_in_the_json(answer: Answer) -> None:
    said = replace(answer, sentences=(replace(answer.sentences[0], said_by="the council"),))
    assert sent(answer_json(said))["sentences"][0]["said_by"] == "the council"


ESCAPES = "\x1b[2J\x1b]0;owned\x07\r\x08\x9b31m\u202egnp\u2066\u061c\x00\x7f"
HOSTILE = Source(f"T{ESCAPES}", f"O{ESCAPES}", f"A{ESCAPES}", date(2021, 3, 4), f"u{ESCAPES}", f"p{ESCAPES}")
PASSAGE = Passage(f"p{ESCAPES}", f"a{ESCAPES}", HOSTILE, 0, 5, f"Text{ESCAPES}", ())
HIT_OF_IT = Hit(PASSAGE, 0.5, (("dense", 1),), (("dense", 0.5),))

CITATION_OF_IT = Citation(1, f"q{ESCAPES}", 0, 5, "p", f"a{ESCAPES}", HOSTILE)


def hostile_answer(*, answered: bool) -> Answer:
    return Answer(
        question=Question(f"q{ESCAPES}", ASKED_ON),
        standalone_question=f"q{ESCAPES}",
        answered=answered,
        text=f"x{ESCAPES}",
        sentences=(Sentence(f"x{ESCAPES}", "partly", (1,), (f"m{ESCAPES}",)),) if answered else (),
        citations=(CITATION_OF_IT,) if answered else (),
        nearest=() if answered else (CITATION_OF_IT,),
        fallback=f"f{ESCAPES}",
        retrieved=(HIT_OF_IT,),
        confidence=0.5,
        model=f"m{ESCAPES}",
        timings=Timings(),
        reason=f"r{ESCAPES}",
        versions=(Version(f"f{ESCAPES}", f"i{ESCAPES}", "later", Citation(2, f"q{ESCAPES}", 0, 5, "p", "a", HOSTILE)),),
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(answer_text(hostile_answer(answered=True)), id="an answer"),
        pytest.param(answer_text(hostile_answer(answered=False)), id="a refusal"),
        pytest.param(hits_text([HIT_OF_IT]), id="hits"),
        pytest.param(article_text(Article("a", HOSTILE, f"Text{ESCAPES}")), id="an article"),
        pytest.param(report_text(BuildReport(skipped=(Skipped(ESCAPES, ESCAPES, ESCAPES),))), id="a report"),
        pytest.param(source_line(HOSTILE), id="a source"),
    ],
)
def test_no_text_steers_the_terminal(text: str) -> None:
    assert not [
        character for character in text if character in ESCAPES[:1] + "\x07\r\x08\x9b\u202e\u2066\u061c\x00\x7f"
    ]


def test_plain_text_keeps_its_lines_and_letters() -> None:
    text = "Théa O’Brien\n\tpaid €5 — “all” 𝒳\u0301 مرحبا"
    assert plain(text) == text


def test_a_source_is_one_line() -> None:
    assert source_line(Source("A\nB", "O")) == "A B · O · date unknown"


def test_an_article_is_shown_as_it_is_stored(archive: Archive) -> None:
    article = article_of(archive, "bridge")
    assert article_text(article).endswith(f"\n\n{article.text}")
    assert article.source.url in article_text(article)


def test_a_report_in_words_has_every_count() -> None:
    report = BuildReport(1, 2, 3, 4, 5, 6, (Skipped("a.pdf", "not text"),), 7)
    assert report_text(report).splitlines() == [
        "1 added, 2 updated, 3 unchanged, 4 removed, 5 duplicates, 1 skipped; 6 passages",
        "  7 left out, removed earlier: byline list --removed",
        "  skipped a.pdf: not text",
    ]


def test_hits_in_words_say_why_they_are_there(answer: Answer) -> None:
    text = hits_text(answer.retrieved)
    assert text.startswith("1. Harbour bridge to close for repairs")
    assert "(dense 1, lexical 1)" in text
    assert hits_text([]) == ""
