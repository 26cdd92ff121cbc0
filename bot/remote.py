"""Text from a model on a server of OpenAI's form: a Generator over bot/model_api.py.

The server applies the model's own template, and reads what looks like a special token as one, so in every text such
forms are broken up first. How sure the model is comes from the probabilities that the server tells; where it tells
none, the model is asked for the word, and what that is worth stands in SAID.
"""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from functools import lru_cache
from threading import Event as Flag
from typing import Any

from bot.continuation import ends_in_circle
from bot.generate import Message, Piece
from bot.model_api import BrokenOff, ModelServer, Refused
from bot.model_url import parse_server
from bot.template import fold_system
from index.errors import GenerationError, ModelMissing

DEFAULT_CONTEXT = 4096
# What a word counts where no probability is told. Of the default model, on which the calibration was fitted, a Yes
# stands for a share of .57 before it writes and .78 of the quotes, a No for .36 and .26 (the 40 questions over the
# samples). So a Yes counts little, a No enough to refuse by.
SAID = {"Yes": 0.6, "No": 0.8}
_ALTERNATIVES = 20  # the most that vLLM and others tell of
_WORD_TOKENS = 3
_LEAST_ROOM = 32  # tokens of answer below which a prompt is refused, as by bot/llama.py
_TEMPLATE_TOKENS = 8  # a message, at most: its role and the tokens around it
_NAMED_MOST = 8
# `<|im_start|>`, `<start_of_turn>`, `</s>`, `<｜User｜>`, `[INST]`, `<<SYS>>`: what models begin and end turns by. Our
# own frame is no token of any.
_MARKUP = re.compile(r"<(?!/?articles>)(?=[^\s<>]{1,60}>)|\[(?=/?[A-Z_]{3,30}\])")
_TOKENS = re.compile(r"[A-Za-z]+|[^\W\d_]+|[^\w\s]|\w|\n+")
# What is asked beside OpenAI's oldest parameters, which a server may not know, and whether the template has a system
# role: the first way that the server takes is kept.
_PROBABILITIES = {"logprobs": True, "top_logprobs": _ALTERNATIVES}
# llama-cpp-python's server makes words dearer that the prompt has; what is asked for is to repeat the articles' words.
_AS_HERE = {"repeat_penalty": 1.0, "chat_template_kwargs": {"enable_thinking": False}}
_ADDED: tuple[Mapping[str, Any], ...] = (_PROBABILITIES | _AS_HERE, _PROBABILITIES, {})
_WAYS = tuple((added, folds) for folds in (False, True) for added in _ADDED)


class RemoteGenerator:
    """A Generator over a server. Any thread may call it, several at once: who waits for whom is the server's matter."""

    def __init__(self, server: ModelServer, model: str, *, context: int = DEFAULT_CONTEXT) -> None:
        self._server = server
        self._model = model
        self._context = context
        self._way = 0
        self._counters = [_count_by_tokenize, _count_by_extras]
        self._count = lru_cache(maxsize=4096)(self._count_once)

    @classmethod
    def open(cls, url: str, *, model: str = "", key: str = "") -> RemoteGenerator:
        """Return the model of the server at `url`, the only one there is or the one that is named.

        Raises ModelMissing, which says why there is none.
        """
        server = ModelServer(parse_server(url), key)
        try:
            found = _choose(server, model)
            return cls(server, found["id"], context=_context_of(server, found))
        except GenerationError as error:
            raise ModelMissing(error.wrong, error.mend) from error

    @property
    def name(self) -> str:
        """Return the model's name and where it answers."""
        return f"{_short(self._model)} at {self._server.address.shown}"

    @property
    def context(self) -> int:
        """Return how many tokens the prompt and the text may have together."""
        return self._context

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` takes inside a prompt, by the server's own count where it offers one."""
        return self._count(_harmless(text))

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        """Return how many tokens the whole prompt takes; of the server's template no more is known than its size."""
        return sum(self.count_tokens(message.text) + _TEMPLATE_TOKENS for message in messages)

    def generate(
        self, messages: tuple[Message, ...], *, max_tokens: int, prefill: str = "", stop: Flag | None = None
    ) -> Iterator[Piece]:
        """Yield the continuation at temperature 0 and a fixed seed; closing the iterator ends the server's work."""
        length = self.count_prompt(messages)
        room = min(max_tokens, self.context - length)
        if room < min(max_tokens, _LEAST_ROOM):
            raise self._overflow(length)
        written: list[str] = []
        with closing(self._choices(messages, room, prefill, stop)) as choices:
            for choice in choices:
                piece = _piece_of(choice, is_first=not written)
                if piece is not None:
                    written.append(piece.text)
                    yield piece
                if choice.get("finish_reason") == "length" or len(written) >= room:
                    yield Piece("", 0, "length")
                    return
                if choice.get("finish_reason"):
                    return
                if ends_in_circle(written):
                    yield Piece("", 0, "repeated")
                    return
        if stop is None or not stop.is_set():
            # llama-cpp-python's server ends an answer so when somebody else asks it meanwhile.
            raise BrokenOff(f"{self.name} broke off before its answer was complete.", "see the server's log")

    def first_token_probabilities(
        self,
        messages: tuple[Message, ...],
        candidates: tuple[str, ...],
        *,
        prefill: str = "",
        stop: Flag | None = None,
    ) -> tuple[float, ...]:
        """Return the probability that the next token begins each of `candidates`; all 0 when `stop` was set.

        From a server that tells none: what SAID gives the candidate that it writes, and the rest for the others.
        """
        if self.count_prompt(messages) >= self.context:
            raise self._overflow(self.count_prompt(messages))
        text = ""
        with closing(self._choices(messages, _WORD_TOKENS, prefill, stop)) as choices:
            for choice in choices:
                told = _alternatives(choice)
                if told and not text.strip():
                    return tuple(sum(share for word, share in told if _begins(word, each)) for each in candidates)
                text += _text_of(choice)
                if choice.get("finish_reason"):
                    break
        return _shares_said(text, candidates)

    def close(self) -> None:
        """End the connection to the server."""
        self._server.close()

    def _choices(
        self, messages: tuple[Message, ...], max_tokens: int, prefill: str, stop: Flag | None
    ) -> Generator[Mapping[str, Any], None, None]:
        """Yield what the server says of its one answer, asked in the first way that it takes."""
        if prefill:
            raise GenerationError(f"{self.name} cannot be made to begin its answer with given words.")
        for way in range(self._way, len(_WAYS)):
            if stop is not None and stop.is_set():
                return
            begun = False
            body = self._body(messages, max_tokens, way)
            try:
                with closing(self._server.stream("/v1/chat/completions", body, stop)) as events:
                    for choice in (one for event in events for one in _listed(event, "choices")[:1]):
                        begun, self._way = True, way
                        self._refuse_thinking(choice)
                        yield choice
                return
            except (Refused, BrokenOff) as error:
                # llama-cpp-python's server begins to answer before it finds that it cannot, and breaks off.
                may_be_form = isinstance(error, BrokenOff) or error.may_be_form
                if begun or not may_be_form or way + 1 == len(_WAYS):
                    raise

    def _body(self, messages: tuple[Message, ...], max_tokens: int, way: int) -> dict[str, Any]:
        added, folds = _WAYS[way]
        shown = fold_system(messages) if folds else messages
        return {
            "model": self._model,
            "messages": [{"role": each.role, "content": _harmless(each.text.strip())} for each in shown],
            "max_tokens": max_tokens,
            "temperature": 0,
            "seed": 0,
            "stream": True,
            **added,
        }

    def _refuse_thinking(self, choice: Mapping[str, Any]) -> None:
        """Raise for a model that thinks before it answers: what it says first is then no answer."""
        delta = choice.get("delta")
        told = delta if isinstance(delta, dict) else {}
        if told.get("reasoning_content") or told.get("reasoning") or _text_of(choice).lstrip().startswith("<think>"):
            raise GenerationError(
                f"{self.name} thinks before it answers, which Byline cannot read.",
                "switch that off in the server (llama.cpp: --reasoning-budget 0), or serve another model",
            )

    def _overflow(self, length: int) -> GenerationError:
        return GenerationError(
            f"the prompt takes {length:,} tokens of {self.name}'s {self._context:,} and leaves no room for an answer",
            "--passages 3, or start the server with a longer context",
        )

    def _count_once(self, text: str) -> int:
        """Return the server's count, by the first way that it knows, else a cautious estimate."""
        while self._counters:
            try:
                return self._counters[0](self._server, self._model, text)
            except (Refused, KeyError, TypeError):
                self._counters.pop(0)  # it counts another way, or none
            except GenerationError:
                break  # it is busy or gone, which whoever asks it to write is told
        return estimate_tokens(text)


def estimate_tokens(text: str) -> int:
    """Return how many tokens a text has, rather too many than too few."""
    found = 0
    for match in _TOKENS.finditer(text):
        word = match[0]
        found += 1 + (len(word) - 1) // 5 if word.isascii() else -(-len(word.encode()) // 2)
    return found


def _shares_said(text: str, candidates: tuple[str, ...]) -> tuple[float, ...]:
    """Return what the written word counts for each of the candidates; 0 for all where it is none of them."""
    said = next((each for each in candidates if text.strip().lower().startswith(each.lower())), None)
    if said is None:
        return (0.0,) * len(candidates)
    share = SAID.get(said, 0.5)
    return tuple(share if each == said else (1 - share) / (len(candidates) - 1) for each in candidates)


def _harmless(text: str) -> str:
    return _MARKUP.sub(lambda match: f"{match[0]} ", text)


def _choose(server: ModelServer, model: str) -> dict[str, Any]:
    """Return what the server says of the model; raises GenerationError or ModelMissing where it is not there."""
    where = server.address.shown
    try:
        told = server.ask("GET", "/v1/models")
    except Refused:
        if model:  # not every server lists its models
            return {"id": model}
        raise
    listed = [one for one in _listed(told, "data") if isinstance(one.get("id"), str)]
    if not listed:
        raise ModelMissing(f"{where} lists no model as an OpenAI-compatible server does.", "check --model-url")
    meant = [one for one in listed if not model or model in (one["id"], _short(one["id"]))]
    if len(meant) == 1:
        return meant[0]
    if model and not meant:
        meant = [one for one in listed if one["id"] == f"{model}:latest"]
        if meant:
            return meant[0]
    names = ", ".join(_short(one["id"]) for one in listed[:_NAMED_MOST])
    wrong = f"{where} has no model {model!r}" if model else f"{where} has several models"
    raise ModelMissing(f"{wrong}: there are {names}.", "name one of them with --model")


def _context_of(server: ModelServer, model: Mapping[str, Any]) -> int:
    """Return how many tokens the server reads at once, as vLLM or llama.cpp tell; DEFAULT_CONTEXT of others."""
    told = model.get("max_model_len")
    if not isinstance(told, int):
        try:
            told = server.ask("GET", "/props")["default_generation_settings"]["n_ctx"]
        except (GenerationError, KeyError, TypeError):
            told = DEFAULT_CONTEXT
    return told if isinstance(told, int) and told > 0 else DEFAULT_CONTEXT


def _count_by_tokenize(server: ModelServer, model: str, text: str) -> int:
    # llama.cpp reads `content`, vLLM `prompt`; each passes over what it does not know.
    body = {"content": text, "model": model, "prompt": text, "add_special_tokens": False}
    return len(server.ask("POST", "/tokenize", body)["tokens"])


def _count_by_extras(server: ModelServer, model: str, text: str) -> int:
    return int(server.ask("POST", "/extras/tokenize/count", {"model": model, "input": text})["count"])


def _short(id: str) -> str:
    """Return a model's id without the folders and the ending that some servers put around it."""
    return re.split(r"[/\\]", id)[-1].removesuffix(".gguf") or id


def _listed(told: Any, name: str) -> list[dict[str, Any]]:
    found = told.get(name) if isinstance(told, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text_of(choice: Mapping[str, Any]) -> str:
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else None
    # No lone surrogates, which JSON can bring and nothing after this takes.
    return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else ""


def _piece_of(choice: Mapping[str, Any], *, is_first: bool) -> Piece | None:
    text = _text_of(choice)
    if is_first:
        text = text.lstrip()
    if not text:
        return None
    told = [one["logprob"] for one in _listed(choice.get("logprobs"), "content") if _is_number(one.get("logprob"))]
    return Piece(text, max(1, len(told)), logprob=sum(told) if told else None)


def _alternatives(choice: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the words that the first token could have been, with their probabilities."""
    for token in _listed(choice.get("logprobs"), "content")[:1]:
        found = [one for one in _listed(token, "top_logprobs") if _is_number(one.get("logprob"))]
        return [(str(one.get("token")), min(1.0, math.exp(min(0.0, one["logprob"])))) for one in found]
    return []


def _begins(token: str, candidate: str) -> bool:
    word = token.strip()
    return bool(word) and candidate.startswith(word)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
