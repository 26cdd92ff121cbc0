"""Which stream of a cache a prompt is read into."""

from __future__ import annotations

from bot.held import Held, choose_stream

HEAD, ARTICLES, OTHERS, TASK = (1, 2), (3, 4, 5), (6, 7), (8,)
CHECK = (9, 9)


def read(streams: list[Held], chunks: list[tuple[int, ...]]) -> int:
    number = choose_stream(streams, chunks)
    streams[number].cut(streams[number].count_common(chunks))
    streams[number].chunks = list(chunks)
    return number


def test_a_prompt_goes_where_most_of_it_lies_already() -> None:
    streams = [Held(), Held()]
    first = read(streams, [HEAD, ARTICLES, TASK])
    check = read(streams, [CHECK, ARTICLES])
    assert {first, check} == {0, 1}
    assert read(streams, [HEAD, OTHERS, TASK]) == first
    assert read(streams, [CHECK, OTHERS]) == check


def test_one_that_shares_nothing_goes_where_it_is_longest_since_something_was_read() -> None:
    streams = [Held(), Held()]
    first = read(streams, [HEAD, ARTICLES])
    read(streams, [CHECK])
    assert read(streams, [TASK]) == first


def test_what_is_cut_is_held_no_more_nor_are_the_logits_after_it() -> None:
    held = Held([HEAD, ARTICLES, TASK])
    assert (held.length(), held.length(2)) == (6, 5)
    held.cut(1)
    assert (held.chunks, held.count_common([HEAD, ARTICLES])) == ([HEAD], 1)
