"""Lexical search: a question's words, stemmed, by BM25 over passages and their articles' titles (SQLite FTS5).

Any text may be a question: nothing in it is read as FTS5's query language. Knows nothing of vectors or meaning.

FTS5 and not tantivy: it lives in the archive's own transactions, so the two can never disagree. On 42,906 passages of
news both find the same (an article that answers among the first 1, 5 and 10: .64, .88, .92 against .65, .88, .92 of
89 questions). What FTS5 lacks is speed, some 50 ms a query there: `postings.py` reads the same scores from arrays, and
this search serves while there are none of the present state.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from index.function_words import FUNCTION_WORDS
from index.language_table import language_of
from index.languages import detect_question_language
from index.records import Span
from index.selection import EVERYTHING, Selection, fold
from index.stemming import stems_of, with_stems

TEXT_WEIGHT = 1.0
# Every passage of an article carries its title: at full weight one good title fills the list. From .5 to 1 news and
# SciFact differ by less than chance, below both lose. FTS5 fixes k1 = 1.2 and b = .75; others are no better.
TITLE_WEIGHT = 0.75
SHORTEST_BEGINNING = 3  # letters: fewer begin too many words to be worth looking for
MAX_TERMS = 40  # a pasted paragraph must not take seconds; a question has fewer than twenty

CREATE_WORDS = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, title, tokenize='porter unicode61 remove_diacritics 2')"
)

_STOPWORDS = frozenset(
    """a about after all also am an and any are as at be because been before being both but by can could did do does
    doing done down during each few for from further get gets got had has have having he her here hers herself him
    himself his how i if in into is it its itself just let like many may me might mine more most much must my myself
    no nor not now of off on once only onto or other ought our ours ourselves out over own please said same say says
    shall she should since so some such tell than that the their theirs them themselves then there these they this
    those through to too under until up upon us very was we were what whatever when where whether which while who
    whom whose why will with within without would you your yours yourself article articles according happen happened
    exactly actually describe explain give mention mentioned know show don doesn didn isn aren wasn weren won wouldn
    couldn shouldn hasn haven hadn ain ll ve re d s t m""".split()
)
# A word with what holds it together inside: U.S., 1,200.50, Coca-Cola, O'Brien, AT&T, 9/11.
_WORD = re.compile(r"[^\W_]+(?:[.,'&/\-][^\W_]+)*\.?")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){2,}|(?:[^\W\d_]\.)+[^\W\d_]")
_JOINED_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PHRASE = re.compile(r'["“”„«]([^"“”„«»]+)["“”»]')


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a quoted phrase that an article must hold: as FTS5 asks for it, and folded, for names."""

    query: str
    folded: str


def make_query(question: str, languages: Sequence[str] = ()) -> str:
    """Return an FTS5 query that asks for any of the question's words; empty when it has none."""
    return " OR ".join(f'"{term}"' for term in question_terms(question, languages))


def question_terms(question: str, languages: Sequence[str] = ()) -> list[str]:
    """Return the words and short phrases that a question asks for, also by their stems in the archive's languages."""
    shouting = question.upper() == question
    terms: dict[str, None] = {}
    for word in _wanted_words(question):
        terms.update(dict.fromkeys(_terms(word, shouting=shouting)))
    asked = list(terms)[:MAX_TERMS]
    own = FUNCTION_WORDS.get(detect_question_language(question), frozenset()) if languages else frozenset()
    asked = [term for term in asked if term not in own] or asked
    stems = dict.fromkeys(stem for language in languages for stem in stems_of(asked, language))
    return [*asked, *(stem for stem in stems if stem not in terms)][: 2 * MAX_TERMS]


def split_terms(texts: Sequence[str]) -> list[list[str]]:
    """Return the terms that FTS5 makes of each text, in order."""
    found: list[list[tuple[int, str]]] = [[] for _ in texts]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(CREATE_WORDS)
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(words, instance)")
        connection.executemany("INSERT INTO words (rowid, text, title) VALUES (?, ?, '')", enumerate(texts))
        for term, place, offset in connection.execute("SELECT term, doc, offset FROM terms"):
            found[place].append((offset, term))
    return [[term for _, term in sorted(own)] for own in found]


def make_terms(text: str) -> tuple[Term, ...]:
    """Return what an article must hold, all of it, to be what `text` looks for; the last word may be unfinished."""
    phrases = [" ".join(_WORD.findall(_with_plain_marks(phrase))) for phrase in _PHRASE.findall(text)]
    terms = [Term(f'"{phrase}"', fold(phrase)) for phrase in phrases if phrase]
    rest = _PHRASE.sub(" ", text)
    shouting = text.upper() == text
    words = _wanted_words(rest)
    for word in words:
        spellings = [f'"{spelling}"' for spelling in _spellings(word, shouting=shouting)]
        if word is words[-1] and rest[-1:].isalnum() and len(word) >= SHORTEST_BEGINNING:
            spellings += [f"{spellings[0]} *"]
        terms.append(Term(" OR ".join(spellings), fold(word.rstrip("."))))
    return tuple(terms[:MAX_TERMS])


def find_terms(text: str, terms: tuple[Term, ...]) -> list[Span]:
    """Return where in `text` the terms are, found exactly as the archive's own index finds them."""
    if not terms:
        return []
    left, right = _unused(text)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(CREATE_WORDS)
        connection.execute("INSERT INTO words VALUES (?, '')", [text])
        query = " OR ".join(f"({term.query})" for term in terms)
        asked = "SELECT highlight(words, 0, ?, ?) FROM words WHERE words MATCH ?"
        row = connection.execute(asked, [left, right, query]).fetchone()
    return _spans(str(row[0]), left, right) if row else []


def _unused(text: str) -> tuple[str, str]:
    """Return two characters that are not in the text: of those that Unicode leaves to private use."""
    used = set(text)
    free = (chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in used)
    return next(free), next(free)


def _spans(marked: str, left: str, right: str) -> list[Span]:
    found, done = [], 0
    for piece in marked.split(left)[1:]:
        done = done or marked.index(left)
        inside, _, outside = piece.partition(right)
        found.append(Span(done, done + len(inside)))
        done += len(inside) + len(outside)
    return found


def _with_plain_marks(text: str) -> str:
    return re.sub(r"[‘’ʼ]", "'", re.sub(r"[‐‑–—]", "-", text))


def _wanted_words(text: str) -> list[str]:
    """Return the words that say something, or all of them where none does."""
    words = _WORD.findall(_with_plain_marks(text))
    shouting = text.upper() == text
    wanted = [word for place, word in enumerate(words) if not _is_stopword(word, first=place == 0, shouting=shouting)]
    return wanted or words


def search_words(
    connection: sqlite3.Connection,
    question: str,
    *,
    limit: int,
    selection: Selection = EVERYTHING,
    languages: Sequence[str] = (),
) -> list[tuple[str, float]]:
    """Return (passage id, BM25) of the best passages among the selected articles; larger is better."""
    query = make_query(question, languages)
    if not query or limit < 1 or selection.is_nothing:
        return []
    condition, values = selection.as_sql()
    rows = connection.execute(
        f"""SELECT passages.id, -bm25(words, {TEXT_WEIGHT}, {TITLE_WEIGHT}) AS score
            FROM words JOIN passages ON passages.number = words.rowid
            JOIN articles ON articles.number = passages.article
            WHERE words MATCH ? AND {condition} ORDER BY score DESC, passages.id LIMIT ?""",
        [query, *values, limit],
    )
    return [(str(passage_id), float(score)) for passage_id, score in rows]


def rebuild_words(connection: sqlite3.Connection) -> None:
    """Make the lexical index anew from the articles' texts."""
    connection.execute("DROP TABLE IF EXISTS words")
    connection.execute(CREATE_WORDS)
    articles = connection.execute("SELECT number, title, text FROM articles")
    for number, title, text in articles:
        rows = connection.execute("SELECT number, start, end FROM passages WHERE article = ?", [number]).fetchall()
        language = language_of(connection, number)
        titled = with_stems(title, language)
        words = [(passage, with_stems(text[start:end], language), titled) for passage, start, end in rows]
        connection.executemany("INSERT INTO words (rowid, text, title) VALUES (?, ?, ?)", words)


def _is_stopword(word: str, *, first: bool, shouting: bool) -> bool:
    # WHO, US and IT are names unless the whole question is in capitals, and so are May and Will in its middle.
    if not shouting and ((word.isupper() and len(word) > 1) or (word in ("May", "Will") and not first)):
        return False
    bare = _without_possessive(word).rstrip(".").casefold()
    return bare in _STOPWORDS or all(part in _STOPWORDS for part in re.split(r"[.'&/\-]", bare))


def _terms(word: str, *, shouting: bool) -> list[str]:
    """Return the phrases that stand for `word`; FTS5 cuts each at its punctuation as it cuts the articles."""
    spellings = _spellings(word, shouting=shouting)
    if len(spellings) > 1:
        return spellings
    parts = [part for part in re.split(r"[\-/,]", spellings[0]) if len(part) > 2 and part not in _STOPWORDS]
    return list(dict.fromkeys([*spellings, *parts]))


def _spellings(word: str, *, shouting: bool) -> list[str]:
    """Return the whole of `word` in each way that articles may write it."""
    if _INITIALS.fullmatch(word):
        letters = word.replace(".", "").casefold()
        return [" ".join(letters), letters]
    bare = _without_possessive(word).rstrip(".")
    if _JOINED_NUMBER.fullmatch(bare):
        return [bare.casefold(), bare.replace(",", "")]
    if bare.isupper() and bare.isalpha() and 2 <= len(bare) <= 4 and not shouting:
        return [bare.casefold(), " ".join(bare.casefold())]
    return [bare.casefold()]


def _without_possessive(word: str) -> str:
    return re.sub(r"(?<=\w)'(?:s)?$", "", word, flags=re.IGNORECASE)
