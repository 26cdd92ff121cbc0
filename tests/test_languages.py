"""Articles in other languages: told from English, kept as such, cut and stemmed by their own rules, and told of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from answer_material import ask, parts_of, says
from archive_material import EMBEDDER, MAX_TOKENS

from bot.as_json import answer_json
from bot.exchange import Exchange
from bot.export import before_answer
from bot.markup_answer import shown
from bot.models import languages_read
from bot.unread import answer_notice, indexing_notice
from index.archive import Archive
from index.build import build
from index.languages import detect_language, detect_question_language
from index.records import BuildReport
from index.repair import check, repair
from index.store import FILE_NAME

TEXTS = {
    "bridge": "The town council voted on Tuesday to repair the old harbour bridge, which has been closed since May. "
    "The repair will cost 4.2 million crowns and take eleven months.",
    "schule": "Die Schüler der Nordtorschule haben am Dienstag mit ihrem Roboter einen Preis gewonnen. Gebaut wurde er "
    "in sechs Wochen, und die Lehrerin war nach eigenen Worten selbst überrascht.",
    "brücke": "Der Stadtrat hat beschlossen, zwei alte Brücken über den Fluss zu sanieren. Die Kosten liegen bei rund "
    "4,2 Mio. Kronen, und die Arbeiten sollen am 3. Mai beginnen.",
    "puente": "El ayuntamiento aprobó el martes la reparación de los viejos puentes del puerto, que según el alcalde "
    "costará 4,2 millones de coronas y durará once meses.",
}
SHORT = "Boats, ferries: a list."


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    for name, text in {**TEXTS, "short": SHORT}.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def index(archive: Archive, news: Path) -> BuildReport:
    return build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)


@pytest.fixture
def archive(tmp_path: Path, news: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        index(archive, news)
        yield archive


def found_by_words(archive: Archive, question: str) -> list[str]:
    hits = archive.search_lexical(question, limit=5)
    passages = archive.passages([id for id, _ in hits])
    return [Path(passages[id].source.path).stem for id, _ in hits]


# --- telling languages apart ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *((TEXTS["bridge"], "en"), (TEXTS["schule"], "de"), (TEXTS["brücke"], "de"), (TEXTS["puente"], "es")),
        (
            "Le conseil municipal a voté mardi la réparation du vieux pont du port, fermé aux camions depuis juin.",
            "fr",
        ),
        ("Городской совет во вторник принял решение отремонтировать старый портовый мост за четыре миллиона.", "ru"),
        (f"“Wir schaffen das”, said the mayor. {TEXTS['bridge']}", "en"),
        (SHORT, ""),
        ("1, Jim Johnson, Desmbl, Bowlerama, 12481 pins. 2, Bob Smith, Claymont, Bowlerama, 12311 pins, 50 games", ""),
        ("", ""),
    ],
    ids=["English", "German", "with numbers", "Spanish", "French", "Russian", "a quote", "short", "a table", "nothing"],
)
def test_the_language_of_a_text_is_told_where_it_is_sure(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wie viel kostet die Reparatur der Brücke?", "de"),
        ("Was ist passiert?", "de"),
        ("¿Quién ganó?", "es"),
        ("Combien coûte la réparation du pont ?", "fr"),
        ("Quanto custa a reparação da ponte?", "pt"),
        ("Hoeveel kost de reparatie van de brug?", "nl"),
        ("Who is El Chapo?", ""),
        ("What was die Wende in der DDR?", ""),
        ("El Niño de los Andes", ""),
        ("Was the bridge closed?", ""),
        ("La La Land", ""),
    ],
)
def test_a_question_is_taken_for_english_unless_it_surely_is_not(question: str, language: str) -> None:
    assert detect_question_language(question) == language


# --- keeping them --------------------------------------------------------------------------------------------


def test_the_archive_keeps_what_is_not_in_english(tmp_path: Path, news: Path) -> None:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        assert index(archive, news).languages == archive.status().languages == (("de", 2), ("es", 1))
        (news / "puente.txt").unlink()
        (news / "schule.txt").write_text(TEXTS["bridge"].replace("bridge", "school"), encoding="utf-8")
        index(archive, news)
        assert archive.other_languages() == (("de", 1),)


def test_an_archive_of_an_earlier_byline_learns_its_languages_and_cuts_only_what_is_not_in_english(
    tmp_path: Path, news: Path, archive: Archive
) -> None:
    with closing(sqlite3.connect(archive.folder / FILE_NAME)) as connection:
        connection.execute("DROP TABLE languages")
        connection.execute("UPDATE meta SET value = '2' WHERE key = 'version'")
        connection.execute("DELETE FROM meta WHERE key = 'languages'")
        connection.commit()
        before = dict(connection.execute("SELECT id, number FROM articles"))
    assert archive.other_languages() == ()
    assert found_by_words(archive, "harbour bridge")[0] == "bridge"
    report = index(archive, news)
    assert (report.unchanged, report.languages) == (5, (("de", 2), ("es", 1)))
    with closing(sqlite3.connect(archive.folder / FILE_NAME)) as connection:
        after = dict(connection.execute("SELECT id, number FROM articles"))
        titles = dict(connection.execute("SELECT id, path FROM articles"))
    assert {Path(titles[id]).stem for id in before if before[id] != after[id]} == {"schule", "brücke", "puente"}
    assert check(archive) == []


def test_an_article_is_cut_by_the_rules_of_its_language(archive: Archive) -> None:
    (id,) = [row.id for row in archive.articles() if row.source.path.endswith("brücke.txt")]
    sentences = [span for passage in archive.article_passages(id) for span in passage.sentences]
    cut = [TEXTS["brücke"][span.start : span.end] for span in sentences]
    assert cut[-1].endswith("bei rund 4,2 Mio. Kronen, und die Arbeiten sollen am 3. Mai beginnen.")
    assert len(cut) == 2


# --- searching by words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "article"),
    [("Brücke", "brücke"), ("eine Schülerin gewinnt Preise", "schule"), ("puente", "puente"), ("bridges", "bridge")],
)
def test_words_are_found_in_other_forms_of_their_language(archive: Archive, question: str, article: str) -> None:
    assert found_by_words(archive, question)[:1] == [article]
    archive.vectors.forget()
    assert found_by_words(archive, question)[:1] == [article]


def test_a_repair_makes_the_same_words(archive: Archive) -> None:
    assert check(archive) == []
    with archive.store.writing() as connection:
        connection.execute("DELETE FROM words")
    assert check(archive) != []
    repair(archive, EMBEDDER, max_tokens=MAX_TOKENS)
    assert check(archive) == []
    assert found_by_words(archive, "Brücke") == ["brücke"]


# --- saying so -----------------------------------------------------------------------------------------------

MIXED = (("de", 1200), ("es", 9), ("fr", 2), ("it", 1), ("xx", 1))


def test_articles_that_the_embedder_does_not_read_are_told_of() -> None:
    told = answer_notice(MIXED, "en")
    assert told.endswith("1,200 in German, 9 in Spanish, 2 in French and 2 in others (the embedder reads English).")
    assert indexing_notice((("xx", 1),), 300, "en").startswith("1 of 300 articles is not in English (1 in the language")
    for reads in ("many", ""):
        assert (answer_notice(MIXED, reads), indexing_notice(MIXED, 2000, reads)) == ("", "")
    assert (answer_notice((), "en"), indexing_notice((), 3, "en")) == ("", "")
    assert (languages_read("ALL-MiniLM-L6-v2"), languages_read("/my/own/model")) == ("en", "")


def test_a_notice_stands_beside_the_answer_in_every_face_and_never_in_its_text(archive: Archive) -> None:
    parts = replace(parts_of(archive, says("The repair will cost 4.2 million crowns.")), embedder_reads="en")
    _, answer = ask(parts, "What will the repair of the harbour bridge cost?")
    assert answer.answered
    assert "German" not in answer.text
    (notice,) = answer.notices
    assert notice.startswith("Articles found by their words, hardly by their meaning: 2 in German and 1 in Spanish")
    assert answer_json(answer)["notices"] == [notice]
    assert notice in before_answer(Exchange(1, answer.question, answer=answer))
    assert f'<p class="aside">{notice}</p>' in shown(1, answer, "")
    assert ask(parts_of(archive, says("It will cost 4.2 million crowns.")), "What will it cost?")[1].notices == ()


def test_a_question_in_another_language_is_refused_in_so_many_words_before_a_model_reads_it(archive: Archive) -> None:
    generator = says("Die Kosten liegen bei 4,2 Mio. Kronen.")
    _, answer = ask(parts_of(archive, generator), "Wie hoch sind die Kosten der Brücken?")
    assert not answer.answered
    assert answer.reason == "the question is in German, and only questions in English are read"
    assert generator.prompts == []
    assert answer.retrieved[0].passage.source.path.endswith("brücke.txt")
