"""What is told of articles and questions in languages that the models here do not read."""

from __future__ import annotations

from index.language_table import LanguageCounts
from index.languages import ENGLISH, detect_question_language, name_language

READS_ENGLISH = ENGLISH  # of an embedder: what models.txt says with `languages=`
READS_MANY = "many"
_NAMED = 3  # languages named one by one


def unread_articles(languages: LanguageCounts, reads: str) -> str:
    """Return how many articles the embedder does not read, by language; empty for none, or where not known."""
    return in_words(languages) if reads == READS_ENGLISH else ""


def in_words(languages: LanguageCounts) -> str:
    """Return languages and their numbers of articles as a reader is told: "41 in German and 2 in Spanish"."""
    named = [f"{count:,} in {name_language(code)}" for code, count in languages[:_NAMED]]
    rest = sum(count for _, count in languages[_NAMED:])
    named += [f"{rest:,} in others"] if rest else []
    return f"{', '.join(named[:-1])} and {named[-1]}" if named[1:] else "".join(named)


def indexing_notice(languages: LanguageCounts, articles: int, reads: str) -> str:
    """Return what an indexing run tells of articles that the embedder does not read; empty for none."""
    told = unread_articles(languages, reads)
    count = sum(count for _, count in languages)
    where = f"{count:,} of {articles:,} articles {'is' if count == 1 else 'are'} not in English ({told})"
    return f"{where} and found by their words, hardly by their meaning: {_ENGLISH}. {_MEND}" if told else ""


def answer_notice(languages: LanguageCounts, reads: str) -> str:
    """Return what is told with every answer and refusal of such an archive; empty where all of it is read."""
    told = unread_articles(languages, reads)
    return f"Articles found by their words, hardly by their meaning: {told} ({_ENGLISH})." if told else ""


def unread_question(text: str) -> str:
    """Return why a question is not answered whose language is not read; empty for one in English."""
    language = detect_question_language(text)
    return f"the question is in {name_language(language)}, and only questions in English are read" if language else ""


_ENGLISH = "the embedder reads English"
_MEND = "One that reads many languages: byline models list"
