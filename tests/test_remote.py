"""A model on a server of OpenAI's form: the same Generator, whatever the server does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag
from threading import Timer
from typing import Any

import pytest
from answer_material import BRIDGE, CARRIED, EMBEDDER, RECORDS, ask, make_archive, parts_of
from archive_material import put, write_lines
from model_server import END, ModelServer, event, fails, in_turn, llama_server, says, serving, silent, streams, writes

from bot.app import Desk
from bot.cli import run
from bot.generate import Message, Piece, share_of_yes
from bot.llama import LlamaGenerator
from bot.markup_sources import facts
from bot.model_url import KEY, goes_to, parse_server, privacy_notice
from bot.remote import DEFAULT_CONTEXT, SAID, RemoteGenerator, estimate_tokens
from bot.running import answered_by
from bot.settings import Settings, read_settings
from index.archive import Archive
from index.errors import GenerationError, ModelMissing, UsageError
from index.records import Article, Source

ASKED = (Message("system", "You answer."), Message("user", "Is the bridge shut?"))
ANY = "0.0.0.0"
SECRET = "sk-a-secret-of-ours"


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    running.replies.clear()
    running.asked.clear()
    running.hung_up.clear()
    running.models = [{"id": "folder/little.gguf"}]
    return running


@pytest.fixture
def generator(server: ModelServer) -> Iterator[RemoteGenerator]:
    generator = RemoteGenerator.open(server.url)
    yield generator
    generator.close()


def text_of(generator: RemoteGenerator, *, max_tokens: int = 40, stop: Flag | None = None) -> str:
    return "".join(piece.text for piece in generator.generate(ASKED, max_tokens=max_tokens, stop=stop))


# --- what is asked and read ----------------------------------------------------------------------------------


def test_what_the_server_writes_comes_piece_by_piece_with_its_probabilities(
    server: ModelServer, generator: RemoteGenerator
) -> None:
    server.chat(streams(event(" It", {" It": 0.5}), event(" is.", {" is.": 0.25}), END))
    first, second = generator.generate(ASKED, max_tokens=9)
    assert (first.text, second.text) == ("It", " is.")
    assert first.logprob == pytest.approx(-0.693, abs=0.01)
    [body] = server.chats
    assert (body["temperature"], body["max_tokens"], body["stream"]) == (0, 9, True)
    assert body["seed"] == 0
    assert body["messages"] == [{"role": each.role, "content": each.text} for each in ASKED]


def test_the_name_says_where_the_model_answers(server: ModelServer, generator: RemoteGenerator) -> None:
    assert generator.name == f"little at 127.0.0.1:{server.server_port}"


def test_the_share_of_yes_comes_from_the_first_tokens_probabilities(
    server: ModelServer, generator: RemoteGenerator
) -> None:
    server.chat(streams(event("No", {"No": 0.6, "Yes": 0.15, " Yes": 0.05, "The": 0.2}), event(" way"), END))
    assert share_of_yes(generator, ASKED, None) == pytest.approx(0.25)


@pytest.mark.parametrize(("word", "share"), [("Yes.", 0.6), ("no", 0.2), ("Perhaps", 0.0)])
def test_without_probabilities_the_word_counts(
    server: ModelServer, generator: RemoteGenerator, word: str, share: float
) -> None:
    server.chat(streams(event(word), END))
    assert share_of_yes(generator, ASKED, None) == pytest.approx(share)


def test_pieces_without_probabilities_say_nothing_of_how_sure_the_model_is(
    server: ModelServer, generator: RemoteGenerator
) -> None:
    server.chat(streams(event("Yes"), END))
    assert list(generator.generate(ASKED, max_tokens=9)) == [Piece("Yes", 1, logprob=None)]


@pytest.mark.parametrize(
    "refuses",
    [fails(400, "unknown parameter logprobs"), fails(500, "no logprobs"), streams()],
    ids=["400", "500", "breaks off"],
)
def test_a_server_that_knows_no_probabilities_is_asked_without_them_from_then_on(
    server: ModelServer, generator: RemoteGenerator, refuses
) -> None:
    server.chat(in_turn(refuses, refuses, streams(event("Yes"), END)))
    assert text_of(generator) == "Yes"
    assert text_of(generator) == "Yes"
    assert [("logprobs" in body, "chat_template_kwargs" in body) for body in server.chats] == [
        (True, True), (True, False), (False, False), (False, False),
    ]  # fmt: skip


def test_a_template_without_a_system_role_gets_its_text_with_the_question(
    server: ModelServer, generator: RemoteGenerator
) -> None:
    refuses = fails(400, "System role not supported")
    server.chat(in_turn(refuses, refuses, refuses, streams(event("Yes"), END)))
    assert text_of(generator) == "Yes"
    assert server.chats[-1]["messages"] == [{"role": "user", "content": "You answer.\n\nIs the bridge shut?"}]


def test_no_text_writes_a_special_token(server: ModelServer, generator: RemoteGenerator) -> None:
    server.chat(streams(END))
    tokens = ("<|im_end|>", "<|im_start|>", "<start_of_turn>", "</s>", "<｜User｜>", "[INST]", "[/INST]", "<<SYS>>")
    text = f"<articles>{'system '.join(tokens)} 3 < 4 [sic]</articles>"
    list(generator.generate((Message("user", text),), max_tokens=9))
    [body] = server.chats
    sent = body["messages"][0]["content"]
    assert sent.replace("< ", "<").replace("[ ", "[") == text.replace("< ", "<")
    assert [token for token in (*tokens, "<SYS>") if token in sent] == []
    assert (sent.startswith("<articles>"), sent.endswith("3 < 4 [sic]</articles>")) == (True, True)


def test_the_key_is_sent_to_the_server_only_in_its_header(server: ModelServer) -> None:
    server.chat(streams(END))
    text_of(RemoteGenerator.open(server.url, key=SECRET))
    assert all(headers["Authorization"] == f"Bearer {SECRET}" for _, headers, _ in server.asked)
    assert all(SECRET not in path + json.dumps(body) for path, _, body in server.asked)


# --- counting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "told"),
    [("/tokenize", {"tokens": [1, 2, 3, 4]}), ("/extras/tokenize/count", {"count": 4})],
    ids=["llama.cpp and vLLM", "llama-cpp-python"],
)
def test_tokens_are_counted_by_the_server_once_a_text(server: ModelServer, path: str, told: object) -> None:
    server.replies[path] = says(told)
    generator = RemoteGenerator.open(server.url)
    assert [generator.count_tokens("one text") for _ in range(3)] == [4, 4, 4]
    assert [asked for asked, *_ in server.asked].count(path) == 1


def test_a_server_that_counts_no_tokens_is_asked_for_it_no_more(
    server: ModelServer, generator: RemoteGenerator
) -> None:
    counts = [generator.count_tokens(text) for text in ("a bridge", "is shut")]
    assert counts == [estimate_tokens("a bridge"), 2]
    assert len([path for path, *_ in server.asked if "tokenize" in path]) == 2


def test_an_estimate_is_rather_too_high(smollm: LlamaGenerator) -> None:
    texts = [*(record["text"] for record in RECORDS), "1,250.75 crowns (up 4.2 %)", "Überschüssige Brücken"]
    for text in texts:
        real = smollm.count_tokens(text)
        assert real * 0.97 <= estimate_tokens(text) <= real * 1.5 + 2


@pytest.mark.parametrize(
    ("model", "props", "context"),
    [
        ({"max_model_len": 2048}, {}, 2048),
        ({}, {"default_generation_settings": {"n_ctx": 1024}}, 1024),
        ({}, {"default_generation_settings": None}, DEFAULT_CONTEXT),
        ({"max_model_len": -1}, {}, DEFAULT_CONTEXT),
    ],
    ids=["vLLM", "llama.cpp", "untold", "nonsense"],
)
def test_the_context_is_what_the_server_tells(server: ModelServer, model: dict, props: dict, context: int) -> None:
    server.models = [{"id": "little", **model}]
    server.replies["/props"] = says(props)
    assert RemoteGenerator.open(server.url).context == context


def test_a_prompt_that_does_not_fit_is_not_sent(server: ModelServer) -> None:
    server.models = [{"id": "little", "max_model_len": 30}]
    generator = RemoteGenerator.open(server.url)
    for ask_it in (lambda: list(generator.generate(ASKED, max_tokens=40)), lambda: text_of(generator)):
        with pytest.raises(GenerationError, match=r"takes \d+ tokens of little at 127.0.0.1:\d+'s 30"):
            ask_it()
    assert server.chats == []


# --- what goes wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (streams(event("The bridge")), "broke off before its answer was complete"),
        (streams(event("The bridge"), b"data: [DONE]\n\n"), "broke off before its answer was complete"),
        (streams(event("The"), b"data: {broken\n\n"), "does not answer as an OpenAI-compatible server does"),
        (streams(event("The"), b"data: 7\n\n"), "does not answer as"),
        (streams(event("The"), b'data: {"error": {"message": "out of memory"}}\n\n'), "answered 400: out of memory"),
        (streams(b"data: " + b"[" * 100_000 + b"\n"), "does not answer as"),
        (streams(b"data: " + b"a" * (1 << 20)), "cannot be reached or broke off"),
        (says("<html>Not here", 404), "answered 404: without a reason"),
        (fails(503, "Loading model"), "answered 503: Loading model"),
        (fails(429, "slow down"), r"takes no more questions for now \(429\)"),
        (says("", 302, Location="http://elsewhere.example/"), "leads on to another address, which is not followed"),
        (fails(400, "This model's maximum context length is 512 tokens"), "the prompt is longer than"),
        (streams(event(None, delta={"reasoning_content": "Hm"})), "thinks before it answers"),
        (streams(event("<think>"), event("Hm")), "thinks before it answers"),
    ],
    ids=[
        "cut", "interrupted", "garbage", "not an object", "error in the stream", "nested", "long line", "no API",
        "loading", "busy", "redirect", "context", "thinking", "thinking aloud",
    ],
)  # fmt: skip
def test_what_goes_wrong_is_named(server: ModelServer, generator: RemoteGenerator, reply, words: str) -> None:
    server.chat(reply)
    with pytest.raises(GenerationError, match=words) as error:
        text_of(generator)
    assert error.value.mend
    assert f"127.0.0.1:{server.server_port}" in error.value.wrong


@pytest.mark.parametrize(
    ("key", "words"), [("", f"wants a key, and there is none in {KEY}"), (SECRET, f"does not take the key in {KEY}")]
)
def test_a_key_that_is_wrong_or_missing_is_named_with_its_variable(server: ModelServer, key: str, words: str) -> None:
    server.replies["/v1/models"] = fails(401, "Invalid API key")
    with pytest.raises(ModelMissing, match=words):
        RemoteGenerator.open(server.url, key=key)


def test_a_key_that_the_server_repeats_is_not_shown(server: ModelServer) -> None:
    generator = RemoteGenerator.open(server.url, key=SECRET)
    server.chat(fails(400, f"Incorrect API key provided: {SECRET}"))
    with pytest.raises(GenerationError, match="Incorrect API key provided: …") as error:
        text_of(generator)
    assert SECRET not in str(error.value)


def test_a_server_that_is_not_there_is_a_missing_model() -> None:
    with serving() as gone:
        url = gone.url
    with pytest.raises(ModelMissing, match=r"127\.0\.0\.1:\d+ cannot be reached.*refused") as error:
        RemoteGenerator.open(url)
    assert "--no-llm" in error.value.mend


@pytest.mark.parametrize(
    ("models", "model", "words"),
    [
        ([{"id": "a"}, {"id": "b/c.gguf"}], "", "has several models: there are a, c"),
        ([{"id": "a"}, {"id": "b"}], "d", "has no model 'd': there are a, b"),
        ([], "", "lists no model"),
        ([{"name": "a"}, 7], "", "lists no model"),
    ],
    ids=["several", "another", "none", "nonsense"],
)
def test_a_model_that_is_not_there_is_named(server: ModelServer, models: list, model: str, words: str) -> None:
    server.models = models
    with pytest.raises(ModelMissing, match=words):
        RemoteGenerator.open(server.url, model=model)


@pytest.mark.parametrize("model", ["folder/c.gguf", "c", "d", "d:latest"])
def test_a_model_is_named_by_its_id_or_the_end_of_it(server: ModelServer, model: str) -> None:
    server.models = [{"id": "folder/c.gguf"}, {"id": "d:latest"}]
    server.chat(streams(END))
    text_of(RemoteGenerator.open(server.url, model=model))
    assert server.chats[0]["model"] == {"c": "folder/c.gguf", "d": "d:latest"}.get(model, model)


def test_a_server_that_never_ends_is_cut_at_the_tokens_asked_for(
    server: ModelServer, generator: RemoteGenerator
) -> None:
    server.chat(streams(*(event(f"{number} ") for number in range(10_000))))
    *pieces, last = generator.generate(ASKED, max_tokens=12)
    assert (len(pieces), last) == (12, Piece("", 0, "length"))


def test_a_server_that_goes_round_in_circles_is_cut(server: ModelServer, generator: RemoteGenerator) -> None:
    server.chat(streams(*(event(word) for _ in range(200) for word in ("over ", "and "))))
    *pieces, last = generator.generate(ASKED, max_tokens=400)
    assert last.ending == "repeated"
    assert len(pieces) < 60


# --- stopping ------------------------------------------------------------------------------------------------


def test_stopping_ends_the_servers_work_while_it_still_reads(server: ModelServer, generator: RemoteGenerator) -> None:
    server.chat(silent)
    stop, started = Flag(), time.monotonic()
    Timer(0.1, stop.set).start()
    assert text_of(generator, stop=stop) == ""
    assert generator.first_token_probabilities(ASKED, ("Yes", "No"), stop=stop) == (0, 0)
    assert server.hung_up.wait(5)
    assert time.monotonic() - started < 5


def test_closing_the_iterator_ends_the_servers_work(server: ModelServer, generator: RemoteGenerator) -> None:
    server.chat(streams(*(event("word ") for _ in range(1000)), pause=0.01))
    pieces = generator.generate(ASKED, max_tokens=900)
    next(pieces)
    pieces.close()
    assert server.hung_up.wait(5)


# --- answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("yes", [0.95, None], ids=["with probabilities", "without"])
def test_a_question_is_answered_and_checked_as_by_a_model_here(
    tmp_path: Path, server: ModelServer, generator: RemoteGenerator, yes: float | None
) -> None:
    server.chat(writes(f"{CARRIED} The mayor resigned.", yes=yes))
    with make_archive(tmp_path) as archive:
        _, answer = ask(parts_of(archive, generator), BRIDGE)
    assert (answer.answered, answer.text, answer.model) == (True, CARRIED, generator.name)
    assert answer.signs.yes == pytest.approx(yes or SAID["Yes"], abs=0.001)


def test_a_server_that_breaks_off_leaves_the_articles_own_sentences(
    tmp_path: Path, server: ModelServer, generator: RemoteGenerator
) -> None:
    server.chat(streams(event("Yes", {"Yes": 0.9, "No": 0.1})))
    with make_archive(tmp_path) as archive:
        _, answer = ask(parts_of(archive, generator), BRIDGE)
    assert "cannot be reached" in answer.fallback or "broke off" in answer.fallback
    assert answer.model == "extraction"


# --- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("http://127.0.0.1:8080", ""),
        ("http://localhost:11434/v1/", ""),
        ("https://models.example/openai/v1", "/openai"),
        (" http://[::1]:8000/ ", ""),
    ],
)
def test_an_address_is_taken_with_or_without_its_version(url: str, root: str) -> None:
    assert parse_server(url).root == root


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ftp://a.example", "http://", "http://a:b@c.example", "http://a.example/?k=v", "http://a:x",
     "http://a.example/v1/../x y", "http://höst.example"],
)  # fmt: skip
def test_what_is_no_servers_address_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError):
        Settings(Path("archive"), model_url=url)


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("", ""),
        ("http://127.0.0.1:8080", ""),
        ("http://localhost:8080", ""),
        ("http://[::1]:8080", ""),
        ("http://inside.example:8080", "inside.example:8080"),
        ("https://models.example", "models.example:443"),
    ],
)
def test_what_leaves_the_machine_is_said(url: str, where: str) -> None:
    assert goes_to(url) == where
    told = privacy_notice(url)
    assert (where in told) if where else not told
    assert ("others on the way can read" in told) == (bool(where) and url.startswith("http:"))


def test_a_server_of_the_flags_wins_over_what_the_environment_names() -> None:
    here = Path("archive")
    environment = {"BYLINE_MODEL": "a-file-of-ours", "BYLINE_MODEL_URL": "http://127.0.0.1:1", "BYLINE_NO_LLM": "1"}
    told = read_settings(here, {"model_url": "http://127.0.0.1:2"}, environment=environment)
    assert (told.model_url, told.model, told.no_llm) == ("http://127.0.0.1:2", "", False)
    assert read_settings(here, {"no_llm": True}, environment=environment).no_llm
    assert read_settings(here, {"model_url": ""}, environment=environment).model_url == ""


def test_a_running_page_over_another_server_does_not_answer_for_this_one() -> None:
    urls = ("", "http://127.0.0.1:1", "http://127.0.0.1:2")
    told = {answered_by(Settings(Path("archive"), model_url=url))["model"] for url in urls}
    assert len(told) == 3


@pytest.mark.slow
def test_the_terminal_says_what_it_sends_away_and_answers(
    tmp_path: Path, server: ModelServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.chat(writes(CARRIED))
    url = f"http://{ANY}:{server.server_port}"  # this machine by a name that is not loopback's
    write_lines(tmp_path / "news.jsonl", {record["id"]: record["text"] for record in RECORDS})
    monkeypatch.setenv("BYLINE_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv(KEY, SECRET)
    assert run(["index", str(tmp_path / "news.jsonl")]) == 0
    capsys.readouterr()
    assert run(["ask", BRIDGE, "--model-url", url]) == 0
    told = capsys.readouterr()
    assert f"questions and the passages found for them are sent to {ANY}:{server.server_port}" in told.err
    assert CARRIED in told.out
    assert f"little at {ANY}:{server.server_port}" in told.out
    assert SECRET not in told.out + told.err
    asked = len(server.asked)
    assert run(["ask", BRIDGE, "--no-llm", "--model-url", url]) == 0  # the sentences answer, and nothing is sent
    assert (len(server.asked), "sent to" in capsys.readouterr().err) == (asked, False)
    assert not any(SECRET.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_readers_change_to_another_model_and_back_to_the_server(tmp_path: Path, server: ModelServer) -> None:
    server.chat(writes(CARRIED))
    without_models: Any = EMBEDDER
    with make_archive(tmp_path) as archive:
        desk = Desk(Settings(tmp_path, model_url=server.url), archive, without_models)
        desk.begin()
        there = desk.model_name
        assert there == f"little at 127.0.0.1:{server.server_port}"
        desk.use_model(None)
        assert (desk.model_name, goes_to(desk.settings.model_url)) == ("extraction", "")
        desk.use_model("", model_url=server.url)
        assert desk.model_name == there
        with pytest.raises(ModelMissing):
            desk.use_model("another", model_url=server.url)
        assert desk.model_name == there


def test_the_doctor_looks_at_the_server_and_not_for_a_model_here(
    tmp_path: Path, server: ModelServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path))
    for url, problem in ((server.url, False), ("http://127.0.0.1:1", True)):
        monkeypatch.setenv("BYLINE_MODEL_URL", url)
        run(["doctor", "--archive", str(tmp_path)])
        told = capsys.readouterr().out
        assert "qwen" not in told
        assert ("cannot be reached" in told) == problem


@pytest.mark.parametrize(
    ("url", "told"), [("https://models.example", True), ("http://127.0.0.1:8080", False), ("", False)]
)
def test_the_page_says_where_questions_and_passages_go(tmp_path: Path, url: str, told: bool) -> None:
    with Archive.open(tmp_path, create=True) as archive:
        put(archive, [Article("a", Source("A title"), "A text of a few words.")])
        line = facts(archive.status(), "little", goes_to(url))
    assert ("so questions and passages are sent to models.example:443" in line) == told


# --- a real server -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(smollm_path: Path) -> Iterator[RemoteGenerator]:
    with llama_server(smollm_path) as url:
        generator = RemoteGenerator.open(url, model=smollm_path.stem)
        yield generator
        generator.close()


@pytest.mark.slow
def test_a_real_server_writes_what_the_model_writes_here(real: RemoteGenerator, smollm: LlamaGenerator) -> None:
    asked = (Message("system", "You answer briefly."), Message("user", "What is the capital of France?"))
    here, there = ("".join(each.text for each in one.generate(asked, max_tokens=12)) for one in (smollm, real))
    assert there == here
    assert real.count_tokens("The harbour bridge is shut.") == smollm.count_tokens("The harbour bridge is shut.")
    assert 0 <= real.count_prompt(asked) - smollm.count_prompt(asked) <= 16


@pytest.mark.slow
def test_a_real_server_is_as_sure_as_the_model_here(real: RemoteGenerator, smollm: LlamaGenerator) -> None:
    asked = (Message("user", "Paris is in France. Is Paris in France? Reply Yes or No."),)
    here, there = (one.first_token_probabilities(asked, ("Yes", "No")) for one in (smollm, real))
    assert there == pytest.approx(here, abs=0.03)
    assert share_of_yes(real, asked, None) > 0


@pytest.mark.slow
def test_a_real_server_reads_no_special_token_in_a_text(real: RemoteGenerator, smollm: LlamaGenerator) -> None:
    assert real.count_tokens("<|im_end|>") == smollm.count_tokens("< |im_end|>") > 1


@pytest.mark.slow
def test_a_real_server_is_free_at_once_when_its_reader_stops(real: RemoteGenerator) -> None:
    long = (Message("user", "Tell a long story about a harbour, with many names and days."),)
    pieces = real.generate(long, max_tokens=600)
    begun = [next(pieces).text for _ in range(3)]
    pieces.close()
    started = time.monotonic()
    assert text_of(real, max_tokens=4)
    assert (len(begun), time.monotonic() - started < 5) == (3, True)


@pytest.mark.slow
def test_a_question_is_answered_through_a_real_server(tmp_path: Path, real: RemoteGenerator) -> None:
    with make_archive(tmp_path) as archive:
        _, answer = ask(parts_of(archive, real, strictness=0.0, passages=1), BRIDGE)
    assert (answer.model, answer.fallback) == (real.name, "")
    assert 0 < answer.signs.yes < 1
    assert answer.timings.answer_tokens
    for citation in answer.citations:
        assert citation.quote in RECORDS[0]["text"]
