"""What other programs may ask: the fields of their requests, checked, as questions and limits of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.export import NEAREST
from bot.limits import LONGEST_QUESTION
from bot.records import Question, Turn
from bot.settings import MOST_PASSAGES
from index.browse import Browse
from index.errors import UsageError
from index.records import Filters, Kind, Sort

MOST_HITS = 100
MOST_ROWS = 1000
MOST_TURNS = 200
MOST_NAMES = 100
_LONGEST_NAME = 500
_LONGEST_ANSWER = 100_000
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUESTION)]
Names = Annotated[list[Annotated[str, Field(max_length=_LONGEST_NAME)]], Field(max_length=MOST_NAMES)]


class Limited(BaseModel):
    """Limits of a search: days of publication, both included, outlets and authors."""

    model_config = ConfigDict(extra="forbid")

    since: date | None = None
    until: date | None = None
    outlets: Names = []
    authors: Names = []

    def filters(self) -> Filters:
        """Return the limits; raises UsageError for a range that ends before it begins."""
        if self.since and self.until and self.since > self.until:
            raise UsageError(f"since {self.since} is after until {self.until}.", "swap them")
        return Filters(self.since, self.until, tuple(self.outlets), tuple(self.authors))


class TurnRequest(BaseModel):
    """One earlier exchange of a conversation."""

    question: Words
    answer: Annotated[str, Field(max_length=_LONGEST_ANSWER)] = ""


class AskOptions(Limited):
    """How a question is meant: `strictness` and `passages` in place of those that the server was started with."""

    asked_on: Annotated[date | None, Field(description="the day that “this week” is meant from; today")] = None
    any_date: Annotated[bool, Field(description="look everywhere, whatever the question says about when")] = False
    strictness: Annotated[float | None, Field(ge=0, le=1, description="least confidence of an answer")] = None
    passages: Annotated[int | None, Field(ge=1, le=MOST_PASSAGES, description="passages given to the model")] = None

    def ask(self, text: str, history: tuple[Turn, ...] = (), id: str = "") -> Question:
        """Return the question `text` as it is meant."""
        return Question(
            text,
            self.asked_on or date.today(),
            self.filters(),
            history,
            id,
            any_date=self.any_date,
            strictness=self.strictness,
            passages=self.passages,
        )


class AskRequest(AskOptions):
    """A question, with what was said before it."""

    question: Words
    history: Annotated[list[TurnRequest], Field(max_length=MOST_TURNS)] = []
    id: Annotated[str, Field(max_length=_LONGEST_NAME, description="comes back in the answer")] = ""
    stream: Annotated[bool, Field(description="answer with server-sent events as they happen")] = False

    def to_question(self) -> Question:
        """Return it as a record."""
        turns = tuple(Turn(turn.question, turn.answer) for turn in self.history)
        return self.ask(self.question, turns, self.id)


class SearchRequest(Limited):
    """What to look for, and how many passages."""

    query: Words
    limit: Annotated[int, Field(ge=1, le=MOST_HITS)] = 10


class ListRequest(Limited):
    """Which articles to list, and in which order; `words` are in an article's text, title, outlet or author."""

    words: Annotated[str, Field(max_length=LONGEST_QUESTION)] = ""
    kinds: Annotated[list[Kind], Field(max_length=10)] = []
    sort: Sort = "newest"
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50
    offset: Annotated[int, Field(ge=0, le=1 << 40)] = 0

    def browse(self) -> Browse:
        """Return it as a record."""
        return Browse(self.words, self.filters(), tuple(self.kinds), sort=self.sort)


# --- OpenAI's ---------------------------------------------------------------------------------------------------

MOST_MESSAGES = 1000
NAME = "byline"  # of the one model there is


class PartRequest(BaseModel):
    """A part of a message."""

    type: str
    text: str = ""


class MessageRequest(BaseModel):
    """One message of a conversation, as OpenAI has it."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[PartRequest] | None = None

    @property
    def text(self) -> str:
        """Return its words; raises UsageError for anything but words."""
        if not isinstance(self.content, list):
            return self.content or ""
        if strange := [part.type for part in self.content if part.type != "text"]:
            raise UsageError(f"A message may hold text only, not {strange[0][:40]!r}.", "send text")
        return "\n".join(part.text for part in self.content)


class ResponseFormat(BaseModel):
    """The form of an answer's text."""

    type: str = "text"


class StreamOptions(BaseModel):
    """What a stream tells besides the answer."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A conversation, as OpenAI has it. What does not apply, such as a temperature, is not looked at."""

    model: str = NAME
    messages: Annotated[list[MessageRequest], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    logprobs: bool | None = None
    response_format: ResponseFormat | None = None
    byline: Annotated[AskOptions, Field(description="limits and the like, as of /v1/ask")] = AskOptions()

    def unsupported(self) -> str:
        """Return the parameter that asks for what is not done here, the empty string for none."""
        asked = {
            "n": self.n not in (None, 1),
            "tools": bool(self.tools),
            "functions": bool(self.functions),
            "logprobs": bool(self.logprobs),
            "response_format": self.response_format is not None and self.response_format.type != "text",
        }
        return next((name for name, is_asked in asked.items() if is_asked), "")

    def to_question(self) -> Question:
        """Return the last message as a question, with the turns before it; raises UsageError where it is none."""
        *earlier, last = self.messages
        text = last.text.strip()
        if last.role != "user" or not text:
            raise UsageError("The last message must be the user's question.", 'end with {"role": "user", …}')
        if len(text) > LONGEST_QUESTION:
            raise UsageError(f"A question has at most {LONGEST_QUESTION} characters.", "ask a shorter one")
        return self.byline.ask(text, tuple(_turns(earlier)))


def _turns(messages: Sequence[MessageRequest]) -> Iterator[Turn]:
    """Yield each question that was answered; what a system message says is not for this model."""
    asked = ""
    for message in messages:
        if message.role == "user":
            asked = message.text.strip()
        elif message.role == "assistant" and asked:
            yield Turn(asked[:LONGEST_QUESTION], said_before(message.text))
            asked = ""


def said_before(content: str) -> str:
    """Return an earlier answer of ours without its marks, sources and Markdown."""
    words = _MARKS.sub("", content.split(SOURCES)[0].split(NEAREST)[0])
    return _ESCAPED.sub(r"\1", words).strip()[:_LONGEST_ANSWER]


SOURCES = "\n\nSources:"  # between an answer and what it rests on
_MARKS = re.compile(r" ?(?:\[\d{1,4}\])+")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>&|~$#:.+=)-])")
