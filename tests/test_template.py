"""Chat templates are strangers' programs: whatever they do, every text stays whole and untrusted."""

from __future__ import annotations

import pytest

from bot import template
from bot.generate import Message
from bot.template import CHATML, ChatTemplate, Part, fold_system
from bot.vocabulary import Special, Vocabulary

SYSTEM = Message("system", "Answer from the articles.")
ASKED = Message("user", "Who won the vote?")

REFUSES_SYSTEM = (
    "{{ bos_token }}"
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}"
    "<turn>{{ message['role'] }}\n{{ message['content'] | trim }}<end>\n{% endfor %}{{ '<turn>model\n' }}"
)
DROPS_SYSTEM = "{% for m in messages if m.role != 'system' %}[{{ m.content }}]{% endfor %}>"
WANTS_LISTS = "{% for m in messages %}{{ m.role }}={{ m.content[0]['text'] }};{% endfor %}>"
SHOUTS = "{% for m in messages %}{{ m.content | upper }}{% endfor %}>"
STARTS_WITH_A_DATE = "{{ strftime_now('%Y') }}{% for m in messages %}|{{ m.content }}{% endfor %}>"


def join(parts: tuple[Part, ...]) -> str:
    return "".join(part.text for part in parts)


def untrusted(parts: tuple[Part, ...]) -> list[str]:
    return [part.text for part in parts if not part.trusted]


def test_the_template_is_trusted_and_the_texts_are_not() -> None:
    parts = ChatTemplate(CHATML).split((SYSTEM, ASKED))
    assert untrusted(parts) == [SYSTEM.text, ASKED.text]
    assert join(parts).endswith("Who won the vote?<|im_end|>\n<|im_start|>assistant\n")


@pytest.mark.parametrize("source", [REFUSES_SYSTEM, DROPS_SYSTEM], ids=["refuses", "leaves out"])
def test_a_template_without_system_role_gets_its_text_in_the_first_question(source: str) -> None:
    parts = ChatTemplate(source, bos="<bos>").split((SYSTEM, ASKED))
    assert untrusted(parts) == ["Answer from the articles.\n\nWho won the vote?"]


def test_a_template_that_accepts_the_messages_is_used_as_it_is() -> None:
    parts = ChatTemplate(REFUSES_SYSTEM, bos="<bos>").split((ASKED,))
    assert join(parts) == "<bos><turn>user\nWho won the vote?<end>\n<turn>model\n"


def test_a_template_of_content_lists_gets_lists() -> None:
    parts = ChatTemplate(WANTS_LISTS).split((SYSTEM, ASKED))
    assert join(parts) == "system=Answer from the articles.;user=Who won the vote?;>"


@pytest.mark.parametrize(
    "source",
    [SHOUTS, "{% if %}", "{{ 1 / 0 }}", "{{ messages.nothing.at_all }}", "{{ ''.__class__.__mro__[1] }}", ""],
    ids=["changes texts", "does not parse", "divides by zero", "undefined", "reaches for Python", "is missing"],
)
def test_a_template_that_cannot_be_used_is_replaced(source: str) -> None:
    parts = ChatTemplate(source, fallback=CHATML).split((SYSTEM, ASKED))
    assert join(parts) == join(ChatTemplate(CHATML).split((SYSTEM, ASKED)))


ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}" + (
    "{% endfor %}{% endfor %}"
)
DOUBLING = (
    "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}"
)


@pytest.mark.parametrize(
    "source",
    [
        ENDLESS,
        DOUBLING,
        "{{ 'a' * 10 ** 11 }}",
        "{{ 'a'.ljust(10 ** 11) }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{{ 'a' * 2000000 }}{% for m in messages %}{{ m.content }}{% endfor %}",
    ],
    ids=["loops", "doubles a text", "a long text", "a padded text", "a great number", "calls itself", "floods"],
)
def test_a_template_without_end_is_replaced_and_takes_nobody_along(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "MOST_SECONDS", 2.0)
    parts = ChatTemplate(source, fallback=CHATML).split((SYSTEM, ASKED))
    assert join(parts) == join(ChatTemplate(CHATML).split((SYSTEM, ASKED)))


def test_a_template_is_run_once_for_the_same_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    chat, runs = ChatTemplate(CHATML), []
    run = template._run
    monkeypatch.setattr(template, "_run", lambda *given: runs.append(1) or run(*given))
    assert join(chat.split((ASKED,))) == join(chat.split((ASKED,)))
    assert "Another" in join(chat.split((Message("user", "Another?"),)))
    assert len(runs) == 1


def test_the_replacement_of_a_template_may_be_plain_headings() -> None:
    assert join(ChatTemplate("").split((ASKED,))) == "### User\nWho won the vote?\n\n### Assistant\n"


def test_the_text_of_a_message_is_never_run_as_a_template() -> None:
    text = "{{ 7 * 7 }} {% raw %} {{ bos_token }} %s {0} \\1"
    assert untrusted(ChatTemplate(CHATML).split((Message("user", text),))) == [text]


def test_blank_messages_are_left_out_and_texts_stripped() -> None:
    parts = ChatTemplate(CHATML).split((Message("system", " \n"), Message("user", "\n Who?  ")))
    assert untrusted(parts) == ["Who?"]


def test_a_template_may_ask_for_the_date() -> None:
    assert join(ChatTemplate(STARTS_WITH_A_DATE).split((ASKED,)))[:2] == "20"


def test_folding_joins_neighbours_of_one_role() -> None:
    folded = fold_system((SYSTEM, ASKED, Message("assistant", "Nobody."), Message("user", "Why?"), ASKED))
    assert [message.role for message in folded] == ["user", "assistant", "user"]
    assert folded[2].text == "Why?\n\nWho won the vote?"


# Parts to tokens, with a tokenizer of one token a letter that matches `<think>` in any text, as real ones do.


def tokenize_letters(text: str) -> list[int]:
    before, thought, after = text.partition("<think>")
    return [ord(letter) for letter in before] + ([9003, *tokenize_letters(after)] if thought else [])


SPECIALS = (
    Special(9001, "<s>"),
    Special(9002, "<turn>", strips_right=True),
    Special(9003, "<think>", control=False),
    Special(9004, "<end>", strips_left=True),
    Special(9005, "\n\n", control=False),
)
LETTERS = Vocabulary(SPECIALS, tokenize_letters, begin=9001)


def read(*parts: Part) -> list[int | str]:
    return [chr(token) if token < 9000 else token for token in LETTERS.read_parts(parts).tokens]


def test_only_trusted_text_makes_special_tokens() -> None:
    tokens = read(Part("<turn>", True), Part("a<turn><s>", False), Part("<end>", True))
    assert tokens == [9001, 9002, *"a<turn><s>", 9004]


def test_a_user_defined_token_is_taken_apart_in_a_text() -> None:
    assert read(Part("a<think>b<think>", False)) == [9001, *"a<think>b<think>"]


def test_no_special_token_arises_over_a_seam() -> None:
    assert read(Part("<", True), Part("think>", False)) == [9001, *"<think>"]


@pytest.mark.parametrize("start", ["<s>a", "a"], ids=["the template writes it", "the template does not"])
def test_the_begin_token_comes_once(start: str) -> None:
    assert read(Part(start, True)) == [9001, "a"]


def test_special_tokens_take_the_blanks_they_strip() -> None:
    assert read(Part("<turn> \n", True), Part(" a ", False), Part(" <end> b", True)) == [9001, 9002, "a", 9004, *" b"]


def test_the_prompt_knows_its_tail_and_the_speakers_marks() -> None:
    prompt = LETTERS.read_parts((Part("<turn>user: ", True), Part("hi", False), Part("<think>so", True)))
    assert prompt.tail == "so"
    assert prompt.marks == {9002}
