"""A GGUF file in memory: tokens in, logits out. The only importer of llama_cpp, and only of its C functions.

The package's own Llama class is not used: it reads special tokens out of any text, points file descriptors 1
and 2 at /dev/null while it loads, and keeps a batch's logits (311 MB with Qwen2.5's vocabulary).
Knows nothing of messages, templates or text that is being written.
"""

from __future__ import annotations

import ctypes
import math
import os
import threading
import time
import weakref
from collections import deque
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

from bot.abort import AbortSwitch
from bot.gguf import check_gguf
from bot.held import Held, choose_stream
from bot.threads import ThreadChoice
from bot.tiles import may_repack
from bot.vocabulary import Special
from index.cores import usable_cores
from index.errors import GenerationError, ModelCorrupt, ModelError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Logits = NDArray[numpy.float32]

# Tokens evaluated at a time. Each evaluation costs 110 ms beside 9.6 ms a token (Qwen2.5 1.5B, two cores): in chunks of
# 64 a prompt is read at 90 tokens a second, of 128 at 96, of 256 at 102, of 512 at 100.
CHUNK = 256
# Prompts that are held side by side: that of the articles and that of the check, whose beginnings differ. Each has its
# own cells, so that where a prompt lies, and with it the last digit of a sum, never depends on the other.
_STREAMS = 2
_MEND = "byline models verify"

_log: deque[str] = deque(maxlen=40)
_loading = threading.Lock()
_started: list[object] = []  # the log callback, which must live as long as llama.cpp


class Engine:
    """A loaded GGUF: tokens in, logits out. One thread at a time, except for tokenizing."""

    def __init__(self, path: Path, *, context: int, threads: int | None, tiles: bool = False) -> None:
        """Load the file; `tiles` is for a trial of AMX, which may end the process."""
        self._cores = threads or usable_cores()
        with _loading:
            self._c = _start_library()
            model = _load_model(self._c, path, repack=tiles or may_repack(self._c, path))
            self._vocab = self._c.llama_model_get_vocab(model)
            self.context = min(context, self._c.llama_model_n_ctx_train(model) or context)
            self._ctx = _make_context(self._c, model, path, (self.context, self._cores))
        self._model = model
        self._memory = self._c.llama_get_memory(self._ctx)
        # At exit nothing is freed, but what a daemon thread evaluates is waited for and its next step held back:
        # a process that ends while llama.cpp computes crashes in its libraries' own clean-up.
        self._busy = threading.Lock()
        weakref.finalize(self, self._busy.acquire, timeout=5)
        self._finalizer = weakref.finalize(self, _free, self._c, self._ctx, model)
        self._finalizer.atexit = False
        self._size = self._c.llama_vocab_n_tokens(self._vocab)
        self.begin_token: int = self._c.llama_vocab_bos(self._vocab)
        self.end_token: int = self._c.llama_vocab_eos(self._vocab)
        self.begin = self.begin_token if self._c.llama_vocab_get_add_bos(self._vocab) else None
        self._switch = AbortSwitch(self._c, self._ctx)
        self._held = [Held() for _ in range(_STREAMS)]
        self._stream = 0  # of what was read or written last
        self._batch = _Batch(self._c, min(CHUNK, self.context))
        self._threads = ThreadChoice(self._cores, threads or max(1, self._cores - 1))
        self._logits: Logits | None = None

    # The vocabulary

    def specials(self) -> tuple[Special, ...]:
        """Return the vocabulary's control and user-defined tokens."""
        c = self._c
        found: list[Special] = []
        for token in range(self._size):
            attributes = c.llama_vocab_get_attr(self._vocab, token)
            if not attributes & (c.LLAMA_TOKEN_ATTR_CONTROL | c.LLAMA_TOKEN_ATTR_USER_DEFINED):
                continue
            found.append(
                Special(
                    token,
                    self.text_of(token),
                    control=bool(attributes & c.LLAMA_TOKEN_ATTR_CONTROL),
                    strips_left=bool(attributes & c.LLAMA_TOKEN_ATTR_LSTRIP),
                    strips_right=bool(attributes & c.LLAMA_TOKEN_ATTR_RSTRIP),
                )
            )
        return tuple(found)

    def metadata(self, key: str) -> str:
        """Return the file's text for `key`, empty where it has none."""
        name = key.encode()
        length = self._c.llama_model_meta_val_str(self._model, name, None, 0)
        if length <= 0:
            return ""
        buffer = ctypes.create_string_buffer(length + 1)
        self._c.llama_model_meta_val_str(self._model, name, buffer, length + 1)
        return buffer.value.decode("utf-8", "replace")

    def text_of(self, token: int) -> str:
        """Return the token as the vocabulary spells it."""
        text = self._c.llama_vocab_get_text(self._vocab, token) if token >= 0 else b""
        return (text or b"").decode("utf-8", "replace")

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of `text`, in which no control token is recognised."""
        self._require_open()
        data = text.encode("utf-8", "replace")  # lone surrogates become question marks
        room = len(data) + 8  # no tokenizer makes more tokens than bytes, but for a space put before the first
        tokens = (self._c.llama_token * room)()
        count = self._c.llama_tokenize(self._vocab, data, len(data), tokens, room, False, False)
        if count < 0:
            raise GenerationError(f"llama.cpp could not tokenize a text of {len(data):,} bytes", _MEND)
        return list(tokens[:count])

    def bytes_of(self, token: int) -> bytes:
        """Return the bytes that `token` adds to a text; none for a control token."""
        buffer = ctypes.create_string_buffer(1024)
        length = self._c.llama_token_to_piece(self._vocab, token, buffer, 1024, 0, False)
        return buffer.raw[: max(length, 0)]

    def is_end(self, token: int) -> bool:
        """Return whether the model ends its text with `token`."""
        return bool(self._c.llama_vocab_is_eog(self._vocab, token))

    # The network

    def read(self, chunks: list[tuple[int, ...]], stop: Flag | None) -> bool:
        """Bring a cache to exactly these chunks and their logits; False when `stop` was set before that."""
        self._stream = choose_stream(self._held, chunks)
        held = self._held[self._stream]
        common = held.count_common(chunks)
        if common == len(chunks) and held.end is not None and held.end[0] == common:
            saved = held.end[1]
            if self._keep(common) == common:
                self._logits = saved
                return True
        kept = self._keep(min(common, len(chunks) - 1))
        with self._switch.watch(stop):
            for chunk in chunks[kept:]:
                if (stop is not None and stop.is_set()) or not self._decode(chunk):
                    return False
        held.end = (len(chunks), self.logits().copy())
        return True

    def step(self, token: int) -> None:
        """Add one token."""
        self._c.llama_set_n_threads(self._ctx, self._threads.now, self._cores)
        started = time.perf_counter()
        self._decode((token,))
        self._threads.took(time.perf_counter() - started)

    def logits(self) -> Logits:
        """Return the logits of the next token, valid until the next step."""
        if self._logits is None:
            raise GenerationError("the model gives no probabilities: it does not write text", "byline models list")
        return self._logits

    def best_token(self) -> int:
        """Return the most probable token, the first of equals."""
        logits = self.logits()
        token = int(logits.argmax())
        # Damaged weights load and run; what they then give is no number, or the same for every token.
        if not math.isfinite(logits[token]) or logits[token] == logits.min():
            raise GenerationError("the model's probabilities are no numbers: its file is damaged", _MEND)
        return token

    def logprob(self, token: int) -> float:
        """Return the natural logarithm of the probability that `token` comes next."""
        import numpy

        logits = self.logits()
        top = float(logits.max())
        return float(logits[token]) - top - math.log(float(numpy.exp(logits - top).sum()))

    def close(self) -> None:
        """Free the model."""
        self._finalizer()

    def _require_open(self) -> None:
        if not self._finalizer.alive:
            raise GenerationError("the model was closed")

    def _keep(self, count: int) -> int:
        """Cut the stream after `count` chunks; return how many are left, 0 where the model's cache cannot be cut."""
        self._require_open()
        held = self._held[self._stream]
        if not self._c.llama_memory_seq_rm(self._memory, self._stream, held.length(count), -1):
            count = 0  # a recurrent model: it forgets a stream as a whole
            self._c.llama_memory_seq_rm(self._memory, self._stream, -1, -1)
        held.cut(count)
        self._logits = None
        return count

    def _decode(self, chunk: tuple[int, ...]) -> bool:
        """Evaluate the chunk after what the stream holds; False when it was aborted."""
        import numpy

        held = self._held[self._stream]
        self._logits = None
        with self._busy:
            code = self._c.llama_decode(self._ctx, self._batch.fill(chunk, held.length(), self._stream))
        if code == 2:  # aborted; `_keep` takes away what was half done before anything else is evaluated
            return False
        if code != 0:
            self._keep(0)
            raise GenerationError(f"llama.cpp could not evaluate {len(chunk)} tokens (code {code}){_last_log()}", _MEND)
        held.chunks.append(chunk)
        row = self._c.llama_get_logits_ith(self._ctx, -1)
        self._logits = numpy.ctypeslib.as_array(row, shape=(self._size,)) if row else None
        return True


class _Batch:
    """The tokens of one evaluation, of which the last one's logits are wanted."""

    def __init__(self, c: Any, size: int) -> None:
        self._batch = c.llama_batch_init(size, 0, 1)
        weakref.finalize(self, c.llama_batch_free, self._batch).atexit = False

    def fill(self, tokens: tuple[int, ...], start: int, stream: int) -> Any:
        """Return the batch with `tokens` from place `start` of the stream on."""
        batch = self._batch
        batch.n_tokens = len(tokens)
        for number, token in enumerate(tokens):
            batch.token[number] = token
            batch.pos[number] = start + number
            batch.n_seq_id[number] = 1
            batch.seq_id[number][0] = stream
            batch.logits[number] = number == len(tokens) - 1
        return batch


def _start_library() -> Any:
    """Import llama.cpp once, with its log kept here instead of on the terminal."""
    import llama_cpp

    if not _started:
        callback = llama_cpp.llama_log_callback(_keep_log)
        llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        _started.append(callback)
    return llama_cpp


def _keep_log(level: int, text: bytes, user_data: object) -> None:
    if level >= 3:  # warnings, errors
        _log.append(text.decode("utf-8", "replace").strip())


def _last_log() -> str:
    lines = [line for line in _log if "error" in line.lower() or "unknown" in line.lower()]
    return f": {lines[0].split(': ', 1)[-1]}" if lines else ""


def _load_model(c: Any, path: Path, *, repack: bool) -> Any:
    if not path.is_file():
        check_gguf(path)
    parameters = c.llama_model_default_params()
    parameters.n_gpu_layers = 0  # measured and deterministic on the CPU only
    parameters.use_extra_bufts = repack  # each processor's own order of the weights
    _log.clear()
    model = c.llama_model_load_from_file(os.fsencode(path), parameters)
    if not model:
        check_gguf(path)  # says what is wrong with the file where it can
        raise ModelCorrupt(f"{path} is not a model that the installed llama.cpp can load{_last_log()}", _MEND)
    if c.llama_vocab_type(c.llama_model_get_vocab(model)) == c.LLAMA_VOCAB_TYPE_NONE:
        c.llama_model_free(model)
        raise ModelCorrupt(f"{path} has no vocabulary and cannot write text", "byline models list")
    return model


def _make_context(c: Any, model: Any, path: Path, size: tuple[int, int]) -> Any:
    context, cores = size
    parameters = c.llama_context_default_params()
    parameters.n_ctx = context * _STREAMS
    parameters.n_seq_max = _STREAMS
    parameters.kv_unified = False
    parameters.n_batch = parameters.n_ubatch = min(CHUNK, context)
    parameters.n_threads = parameters.n_threads_batch = cores
    parameters.flash_attn_type = c.LLAMA_FLASH_ATTN_TYPE_DISABLED
    ctx = c.llama_init_from_model(model, parameters)
    if ctx and c.llama_get_memory(ctx) and not c.llama_model_has_encoder(model):
        return ctx
    if ctx:
        c.llama_free(ctx)
    c.llama_model_free(model)
    if ctx:
        raise ModelCorrupt(f"{path} is not a model that writes text", "byline models list")
    raise ModelError(f"there is not enough memory for {context:,} tokens of {path.name}", "byline models list")


def _free(c: Any, ctx: Any, model: Any) -> None:
    c.llama_free(ctx)
    c.llama_model_free(model)
