"""The route of OpenAI's clients, asked by the real one: checked answers, citations as data, errors in its own shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from answer_material import BRIDGE, CARRIED
from api_material import ScriptedDesk, served
from fake_desk import CITATIONS, HOSTILE, answer_of
from test_export import QUESTION, VERSION, hostile, refusal, shown

from bot.api import build_api
from bot.api_openai import chat_json, pieces
from bot.api_requests import said_before
from bot.app import Desk
from bot.cli import run
from bot.records import Sentence
from bot.settings import Settings

README = Path(__file__).parent.parent / "README.md"
USER = [{"role": "user", "content": BRIDGE}]
UNCARRIED = "The harbour bridge will close for 99 months, the mayor of Paris said."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ScriptedDesk(tmp_path_factory.mktemp("openai")).open() as desk:
        yield desk


@pytest.fixture(scope="module")
def client(desk: Desk) -> Iterator[openai.OpenAI]:
    with served(build_api(desk, version="1", token="token-of-the-test")) as address:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key="token-of-the-test", max_retries=0)
        with client:
            yield client


def test_the_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["byline"]
    assert client.models.retrieve("byline").owned_by == "byline"


def test_an_answer_has_marks_sources_and_its_citations_as_data(client: openai.OpenAI, desk: Desk) -> None:
    told: Any = client.chat.completions.create(model="byline", messages=USER, temperature=0.9, max_tokens=5, user="me")  # type: ignore[arg-type]
    content = told.choices[0].message.content
    assert content.startswith(f"{CARRIED} [1]\n\nSources:\n\n[1] Harbour bridge to close for repairs · The Port Ledger")
    assert told.choices[0].finish_reason == "stop"
    [citation] = told.citations
    article = desk.archive.article(citation["article"]["id"])
    assert article
    assert article.text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["article"]["published"] == "2021-03-04"
    assert (told.byline["refused"], told.byline["answer"]) == (False, CARRIED)
    assert told.usage.total_tokens == told.usage.prompt_tokens + told.usage.completion_tokens


def test_the_example_of_the_readme_runs(client: openai.OpenAI, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    [example] = [block for block in blocks if "openai" in block]
    there = example.replace("http://127.0.0.1:7870/v1", str(client.base_url)).replace("unused", client.api_key)
    exec(there.replace("2025-01-01", "2021-01-01").replace("How many were evacuated?", BRIDGE), {})
    assert "Sources:" in capsys.readouterr().out


def test_a_stream_is_the_same_text_in_pieces_and_ends_with_the_citations(client: openai.OpenAI) -> None:
    whole: Any = client.chat.completions.create(model="byline", messages=USER)  # type: ignore[arg-type]
    chunks: list[Any] = list(
        client.chat.completions.create(  # type: ignore[call-overload]
            model="byline", messages=USER, stream=True, stream_options={"include_usage": True}
        )
    )
    *told, last, usage = chunks
    assert "".join(chunk.choices[0].delta.content for chunk in told) == whole.choices[0].message.content
    assert told[0].choices[0].delta.role == "assistant"
    assert last.choices[0].finish_reason == "stop"
    assert last.citations == whole.citations
    assert last.byline["refused"] is False
    assert usage.usage.total_tokens > 0


def test_a_stream_never_sends_what_was_not_checked(tmp_path: Path) -> None:
    with ScriptedDesk(tmp_path).open(UNCARRIED) as desk, served(build_api(desk, version="1")) as address:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)
        told = [
            chunk.choices[0].delta.content or ""
            for chunk in client.chat.completions.create(model="byline", messages=USER, stream=True)  # type: ignore[call-overload]
        ]
        assert "99" not in "".join(told)
        assert "Paris" not in "".join(told)


def test_a_refusal_is_said_in_words_and_as_data(client: openai.OpenAI) -> None:
    told: Any = client.chat.completions.create(
        model="byline",
        messages=USER,  # type: ignore[arg-type]
        extra_body={"byline": {"until": "2000-01-01"}},
    )
    assert told.choices[0].message.content.startswith("The articles do not say.")
    assert told.byline["refused"] is True
    assert told.citations == []


def test_earlier_messages_are_the_conversation(client: openai.OpenAI) -> None:
    first = client.chat.completions.create(model="byline", messages=USER)  # type: ignore[arg-type]
    said = {"role": "assistant", "content": first.choices[0].message.content}
    messages = [{"role": "system", "content": "Be a pirate."}, *USER, said]
    asked = [{"type": "text", "text": "And who will repair it?"}]
    told: Any = client.chat.completions.create(model="byline", messages=[*messages, {"role": "user", "content": asked}])  # type: ignore[list-item]
    assert "bridge" in told.byline["standalone_question"]


UNSUPPORTED = "unsupported_parameter"
PICTURE = [{"role": "user", "content": [{"type": "image_url"}]}]


@pytest.mark.parametrize(
    ("more", "status", "param", "code"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, 400, "tools", UNSUPPORTED),
        ({"n": 2}, 400, "n", UNSUPPORTED),
        ({"response_format": {"type": "json_object"}}, 400, "response_format", UNSUPPORTED),
        ({"model": "gpt-4o"}, 404, "model", "model_not_found"),
        ({"messages": []}, 400, "messages", None),
        ({"messages": [{"role": "assistant", "content": "Hello."}]}, 400, None, "usage_error"),
        ({"messages": [{"role": "user", "content": "x" * 4001}]}, 400, None, "usage_error"),
        ({"messages": PICTURE}, 400, None, "usage_error"),
    ],
    ids=["tools", "n", "JSON", "model", "no message", "no question", "too long", "a picture"],
)
def test_what_is_not_supported_is_refused_in_openais_shape(
    client: openai.OpenAI, more: Any, status: int, param: str | None, code: str | None
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.chat.completions.create(**{"model": "byline", "messages": USER, **more})
    body: Any = refused.value.body
    assert (refused.value.status_code, body["type"]) == (status, "invalid_request_error")
    assert (body["param"], body["code"]) == (param, code)
    assert body["message"]


def test_a_wrong_key_is_an_authentication_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError, match="not the token"):
        client.with_options(api_key="another").models.list()


def test_an_articles_words_are_never_markdown() -> None:
    seen = shown(chat_json(hostile())["choices"][0]["message"]["content"])
    assert HOSTILE.split()[0] in seen.words
    assert seen.tags == {"p"}
    assert seen.links == []


def test_the_only_links_are_the_sources_web_addresses() -> None:
    seen = shown("".join(pieces(answer_of(QUESTION, versions=(VERSION,)))))
    assert seen.words.startswith("A later article gives 5.1 million")
    assert set(seen.links) == {one.source.url for one in (*CITATIONS, VERSION.citation)}
    assert all(one.quote in seen.words for one in CITATIONS)
    refused = "".join(pieces(refusal()))
    assert refused.startswith("The articles do not say. Nothing near.\n\nWhat the nearest articles do say:\n\n[1] ")


def test_an_earlier_answer_loses_its_marks_sources_and_escapes() -> None:
    told = answer_of(QUESTION, sentences=(Sentence("It cost $4 & more_or_less.", "supported", (1, 2)),))
    content = "".join(pieces(told))
    assert content.startswith("It cost \\$4 \\& more\\_or\\_less. [1][2]\n\nSources:")
    assert said_before(content) == "It cost $4 & more_or_less."
    assert said_before("".join(pieces(refusal()))) == "The articles do not say. Nothing near."


@pytest.mark.slow
def test_with_the_real_models_a_chat_over_the_samples_is_answered_and_cited(
    default_model: Any, minilm_folder: Path, tmp_path: Path
) -> None:
    samples = sorted((README.parent / "index" / "samples" / "articles").glob("rail-*"))
    assert run(["index", *map(str, samples), "--archive", str(tmp_path)]) == 0
    messages: Any = [{"role": "user", "content": "What raise did the train drivers finally accept?"}]
    with Desk.open(Settings(tmp_path)) as desk:
        desk._generator = default_model
        with served(build_api(desk, version="1")) as address:
            client = openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)
            few: Any = {"byline": {"passages": 2}}
            chunks: list[Any] = list(
                client.chat.completions.create(model="byline", messages=messages, stream=True, extra_body=few)
            )
        assert "5.2 percent" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        for citation in chunks[-1].citations:
            article = desk.archive.article(citation["article"]["id"])
            assert article
            assert article.text[citation["start"] : citation["end"]] == citation["quote"]
