"""The route that OpenAI's clients and other chat front ends speak: /v1/chat/completions, and /v1/models.

An answer is the checked one, never a draft, as Markdown with [1]-style marks and its sources; the citations stand
beside it as data too. Nothing of an article can be Markdown of its own: no image, no link but a source's web address.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event as Flag
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote as percent

from fastapi import FastAPI, Request
from fastapi.responses import Response
from typing_extensions import TypedDict

from bot.api_errors import error_json, failure_json
from bot.api_requests import NAME, SOURCES, ChatRequest
from bot.api_stream import HUNG_UP, EventStream, Json, last_of, told
from bot.as_json import Json as AnyJson
from bot.as_json import citation_json
from bot.export import IN_AN_ADDRESS, NEAREST, markdown_text, place_words, remarks_on, source_words, versions_lines
from bot.json_shapes import CitationJson
from bot.line import Waiting
from bot.markup import as_sentence, web_address
from bot.records import Answer, Citation, Event, Question, Sentence
from bot.show import later_line
from bot.wire import Failed

if TYPE_CHECKING:
    from bot.app import Desk

BEGUN = int(time.time())
Work = Callable[[Flag], Iterator[Event | Waiting]]


class BylineJson(TypedDict):
    """What Byline says of its answer beside the text: `refused` where the articles do not say."""

    refused: bool
    answer: str
    reason: str
    standalone_question: str
    confidence: float
    model: str
    fallback: str


class MessageJson(TypedDict):
    """The answer as a message."""

    role: Literal["assistant"]
    content: str
    refusal: None


class ChoiceJson(TypedDict):
    """The one choice there is."""

    index: int
    message: MessageJson
    logprobs: None
    finish_reason: Literal["stop", "length"]


class UsageJson(TypedDict):
    """How many tokens the model read and wrote."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatJson(TypedDict):
    """An answer in OpenAI's shape; `citations` and `byline` are ours."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChoiceJson]
    usage: UsageJson
    citations: list[CitationJson]
    byline: BylineJson


class ModelJson(TypedDict):
    """The one model there is: the archive, asked through Byline."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsJson(TypedDict):
    """All models."""

    object: Literal["list"]
    data: list[ModelJson]


class Chat:
    """The routes; `work` answers a question of a request when its turn has come."""

    def __init__(self, work: Callable[[Question, Request], Work], desk: Desk) -> None:
        self._work = work
        self._desk = desk

    def add_to(self, app: FastAPI) -> None:
        """Add the routes."""
        stream: dict[int | str, dict[str, Any]] = {
            200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
        }
        app.post("/v1/chat/completions", response_model=ChatJson, responses=stream)(self.complete)
        app.get("/v1/models", response_model=ModelsJson)(self.models)
        app.get("/v1/models/{name}", response_model=ModelJson)(self.model)

    async def complete(self, asked: ChatRequest, request: Request) -> Response:
        """Answer the last message; the ones before it are the conversation. A stream sends checked sentences only."""
        if strange := asked.unsupported():
            message = f"{strange} is not supported: there is one answer, in words, with its citations."
            return Json(error_json(400, message, code="unsupported_parameter", param=strange), 400)
        if asked.model not in (NAME, self._desk.model_name):
            return _no_model(asked.model)
        work = self._work(asked.to_question(), request)
        if asked.stream:
            options = asked.stream_options
            return EventStream(partial(_chunks, told(work), bool(options and options.include_usage)))
        answer = await last_of(work, request.receive)
        return Json(chat_json(answer)) if isinstance(answer, Answer) else Response(status_code=HUNG_UP)

    def models(self) -> Response:
        """List the one model there is."""
        return Json(ModelsJson(object="list", data=[_model_json()]))

    def model(self, name: str) -> Response:
        """Return a model by its name."""
        return Json(_model_json()) if name == NAME else _no_model(name)


def _model_json() -> ModelJson:
    return {"id": NAME, "object": "model", "created": BEGUN, "owned_by": "byline"}


def _no_model(name: str) -> Response:
    message = f"There is no model {name[:80]!r}: the one that answers here is {NAME!r}."
    return Json(error_json(404, message, code="model_not_found", param="model"), 404)


# --- the answer -------------------------------------------------------------------------------------------------


def chat_json(answer: Answer) -> ChatJson:
    """Return an answer in OpenAI's shape."""
    message = MessageJson(role="assistant", content="".join(pieces(answer)), refusal=None)
    return {
        "id": _new_id(),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": NAME,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage_json(answer),
        "citations": _citations_json(answer),
        "byline": _byline_json(answer),
    }


def _chunks(work: Callable[[Flag], Iterator[Event | Waiting | Failed]], with_usage: bool, stop: Flag) -> Iterator[str]:
    """Yield the answer as OpenAI's server-sent events, once it has been checked."""
    head = {"id": _new_id(), "object": "chat.completion.chunk", "created": int(time.time()), "model": NAME}

    def chunk(delta: AnyJson, finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**head, "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": ""})
    for said in work(stop):
        if isinstance(said, Failed):
            yield _data(failure_json(said.error()))
            return
        if isinstance(said, Answer):
            yield from (chunk({"content": piece}) for piece in pieces(said))
            yield chunk({}, "stop", citations=_citations_json(said), byline=_byline_json(said))
            if with_usage:
                yield _data({**head, "choices": [], "usage": _usage_json(said)})
    yield "data: [DONE]\n\n"


def _data(value: Any) -> str:
    return f"data: {json.dumps(value, allow_nan=False)}\n\n"


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"


def _usage_json(answer: Answer) -> UsageJson:
    read, wrote = answer.timings.prompt_tokens, answer.timings.answer_tokens
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}


def _citations_json(answer: Answer) -> list[CitationJson]:
    """Return what the answer and its other versions quote; of a refusal, which rests on nothing, none."""
    return [citation_json(citation) for citation in answer.all_citations]


def _byline_json(answer: Answer) -> BylineJson:
    return {
        "refused": not answer.answered,
        "answer": answer.text,
        "reason": answer.reason,
        "standalone_question": answer.standalone_question,
        "confidence": round(answer.confidence, 4),
        "model": answer.model,
        "fallback": answer.fallback,
    }


# --- in words ---------------------------------------------------------------------------------------------------


def pieces(answer: Answer) -> Iterator[str]:
    """Yield the answer as Markdown, sentence by sentence; together they are all of it."""
    between = ""
    later = [later_line(version) for version in answer.versions if version.relation == "later"]
    for line in later if answer.sentences else ():
        yield between + markdown_text(line)
        between = "\n\n"
    for sentence in answer.sentences:
        yield between + _marked(answer, sentence)
        between = "\n\n" if answer.is_extracted else " "
    if not answer.sentences:
        yield " ".join(markdown_text(part) for part in (answer.text, as_sentence(answer.reason)) if part)
    for line in versions_lines(answer):
        yield f"\n\n{markdown_text(line)}"
    if answer.quoted:
        yield SOURCES if answer.all_citations else f"\n\n{NEAREST}"
    yield from map(_source, answer.quoted)


def _marked(answer: Answer, sentence: Sentence) -> str:
    numbers = "".join(f"[{number}]" for number in sentence.citations)
    parts = (markdown_text(sentence.text), numbers, markdown_text(remarks_on(answer, sentence)))
    return " ".join(part for part in parts if part)


def _source(citation: Citation) -> str:
    """Return a citation as a paragraph: its number, where it comes from, the quote and its place."""
    url = web_address(citation.source.url)
    link = f" · <{percent(url, safe=IN_AN_ADDRESS)}>" if url else ""
    place = markdown_text(place_words(citation))
    quote = markdown_text(citation.quote)
    return f"\n\n[{citation.number}] {markdown_text(source_words(citation.source))}{link}: “{quote}” ({place})"
