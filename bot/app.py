"""The only place that builds real parts from settings; what every face talks to.

What only one of a desk's verbs needs is imported there: a search then starts a quarter of a second sooner.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import Event as Flag
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bot.generate import AwaitedGenerator, Generator, NoModel
from bot.model_url import KEY, parse_server
from bot.models import (
    OnProgress,
    default_model,
    derived_folder,
    find_model,
    ignore_progress,
    languages_read,
    unchanged,
    verified_weights,
)
from bot.opened import open_archive_of
from bot.records import Answer, Event, Question, Timeline
from bot.settings import PASSAGE_TOKENS, Settings
from index.archive import Archive
from index.batch import Progress, archive_fingerprint
from index.embed import Embedder
from index.embed_local import LocalEmbedder
from index.errors import ArchiveMissing, BylineError, GenerationError, ModelMissing
from index.model_folder import ModelFolder
from index.records import BuildReport, Filters, Hit

if TYPE_CHECKING:
    from bot.case import Parts
    from bot.reader import Reader
    from bot.web_fetch import WebFetch

REHEARSED = ("What was announced on 3 May 2020?", "Who said what about it?")  # with a date to read, and without

Tell = Callable[[str], None]


def ignore_notice(text: str) -> None:
    """Take a notice and do nothing."""


class Desk:
    """An open archive with the two models: ask it, search it, add to it."""

    def __init__(self, settings: Settings, archive: Archive, embedder: LocalEmbedder) -> None:
        self.settings = settings
        self.archive = archive
        self.embedder = embedder
        self._generator: Generator | None = None
        self._loading = Lock()  # two readers at once must not load a model of a gigabyte twice
        self._embedding: Future[Any] | None = None
        self._loading_embedder = Lock()
        self._loader = ThreadPoolExecutor(max_workers=2, thread_name_prefix="load")

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        create: bool = False,
        may_be_empty: bool = False,
        any_fingerprint: bool = False,
        tell: Tell = ignore_notice,
    ) -> Desk:
        """Open the archive and find its embedder; the generator waits for the first question.

        With `any_fingerprint` an archive of another embedder or chunking is opened too, to be rebuilt. `tell` hears
        when the embedder is prepared for this machine. Raises ArchiveMissing (also for an empty archive, unless it may
        be), ArchiveMismatch, ModelMissing.
        """
        archive = open_archive_of(settings, create=create, tell=tell)
        if not may_be_empty and archive.is_empty:
            archive.close()
            raise ArchiveMissing(f"The archive in {settings.archive} holds no articles.", "byline index FOLDER")
        try:
            embedder = open_embedder(settings, tell)
            if not any_fingerprint:
                archive.check_fingerprint(archive_fingerprint(embedder, passage_tokens(embedder)))
        except BylineError:
            archive.close()
            raise
        return cls(settings, archive, embedder)

    def close(self) -> None:
        """Close the archive; the models go with the process."""
        self._loader.shutdown(wait=False)
        self.archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def model_name(self) -> str:
        """Return the generator's name, known before it is loaded."""
        return self._generator.name if self._generator else model_name(self.settings)

    @property
    def generator(self) -> Generator:
        """Return the generator, loading it the first time."""
        with self._loading:
            if self._generator is None:
                self._generator = open_generator(self.settings)
            return self._generator

    def use_model(self, name: str | None, on_progress: OnProgress = ignore_progress, *, model_url: str = "") -> None:
        """Answer from now on with the model of that name or path: "" is the default one, None is none.

        With `model_url` it is the server's model of that name.

        When it cannot be loaded, the one there was stays, and ModelMissing or ModelCorrupt says why. An answer under
        way is finished by the model it began with, so that for a while both may be in memory.
        """
        settings = replace(self.settings, model=name or "", no_llm=name is None, model_url=model_url)
        with self._loading:
            generator = open_generator(settings, on_progress)
            self.settings, self._generator = settings, generator

    @cached_property
    def embedder_reads(self) -> str:
        """Return the languages that the embedder reads, as models.txt says."""
        return languages_read(self.settings.embedder or default_model("embedder").name)

    @cached_property
    def reader(self) -> Reader:
        """Return what reads for an answer."""
        from bot.reader import LaterReader
        from bot.reader_model import open_reader

        embedder = self.embedder
        # A fake has no backend, and what is not known to run here must not read.
        return LaterReader(lambda: open_reader(embedder.backend) if isinstance(embedder, LocalEmbedder) else None)

    @cached_property
    def web(self) -> WebFetch:
        """Return what fetches a page when a reader asks for one."""
        from bot.web_fetch import WebFetch

        return WebFetch()

    def warm(self) -> None:
        """Load both models now, side by side; without a generator the embedder alone."""
        embedding, generating = self.load_embedder(), self.load_generator()
        generating.result()
        embedding.result()

    def begin(self) -> Future[Generator] | None:
        """Begin to load what is not there yet; return the generator to come, None for one that is there.

        Raises what `load_generator` does.
        """
        loading = self.load_generator() if self._generator is None else None
        self.load_embedder()
        return loading

    def load_embedder(self) -> Future[Any]:
        """Begin to load the embedder in a thread of its own, the first time."""
        with self._loading_embedder:
            if self._embedding is None:
                self._embedding = self._loader.submit(self.embedder.embed, ["warm"])
            return self._embedding

    def load_generator(self) -> Future[Generator]:
        """Begin to load the generator in a thread of its own; raises ModelMissing or ModelCorrupt for a wrong name."""
        # A wrong name is told now, before anything is read; and a server is asked for its models.
        if self.settings.model_url:
            _ = self.generator
        elif not self.settings.no_llm:
            _find_generator(self.settings)
        return self._loader.submit(lambda: self.generator)

    def rehearse(self) -> None:
        """Load both models and answer REHEARSED without the generator, for whoever will be asked many questions.

        Chroma, dateparser and the embedder import and prepare much when they are first used: the first question takes
        1.7 s to its evidence instead of 0.13 s. What is wrong with the archive is told when a reader asks.
        """
        from bot.answer import stream

        self.load_generator()
        parts = replace(self.parts(), generator=NoModel())
        with suppress(BylineError):
            for text in REHEARSED:
                for _ in stream(Question(text, date.today()), parts):
                    pass
        self.warm()

    def ask(self, question: Question, stop: Flag | None = None) -> Iterator[Event]:
        """Yield the events of answering `question`, the Answer last."""
        parts = self.parts()
        from bot.answer import stream

        return stream(question, parts, stop=stop)

    def answer(self, question: Question, stop: Flag | None = None) -> Answer:
        """Return the answer to `question`."""
        for event in self.ask(question, stop):
            if isinstance(event, Answer):
                return event
        raise GenerationError("The answer ended before it was concluded.", "byline doctor")

    def parts(self) -> Parts:
        """Return what answering needs. Models that are not there yet are being loaded when this returns."""
        generator = self._generator_or_awaited()
        from bot.case import Parts
        from bot.confidence import read_calibration

        return Parts(
            archive=self.archive,
            embedder=self.embedder,
            generator=generator,
            calibration=read_calibration(),
            passages=self.settings.passages,
            answer_tokens=self.settings.answer_tokens,
            strictness=self.settings.strictness,
            embedder_reads=self.embedder_reads,
            reader=self.reader,
        )

    def _generator_or_awaited(self) -> Generator:
        loading = self.begin()
        if loading is None or self.settings.no_llm or self.settings.model_url:
            return self.generator
        return AwaitedGenerator(self.model_name, loading.result)

    def search(self, text: str, *, limit: int, filters: Filters = Filters()) -> tuple[Hit, ...]:
        """Return the best passages for `text`, each story once; needs no generator."""
        self.load_embedder()  # beside the import
        from bot.stories import find_stories

        return find_stories(self.archive, self.embedder, text, limit=limit, filters=filters)

    def timeline(self, topic: str, *, limit: int, filters: Filters = Filters()) -> Timeline:
        """Return what the articles report of a topic as dated events; needs no generator."""
        from bot.timeline import build_timeline

        return build_timeline(self.archive, self.embedder, topic, limit=limit, filters=filters)

    def index(
        self,
        paths: Sequence[Path],
        on_progress: Callable[[Progress], None],
        *,
        columns: Mapping[str, str] | None = None,
        rebuild: bool = False,
    ) -> BuildReport:
        """Bring the archive in step with `paths` and return what was done."""
        from index.build import build

        return build(
            self.archive,
            paths,
            embedder=self.embedder,
            max_tokens=passage_tokens(self.embedder),
            on_progress=on_progress,
            columns=columns,
            rebuild=rebuild,
        )


def open_embedder(settings: Settings, tell: Tell = ignore_notice) -> LocalEmbedder:
    """Return the embedder of the settings; raises ModelMissing or ModelCorrupt.

    Its weights wait for the first text. When that is the first on this machine, `tell` hears of the preparation.
    """
    name = settings.embedder or default_model("embedder").name
    folder = ModelFolder(find_model(name, "embedder"), name=name, weights_hash=verified_weights(name))
    return LocalEmbedder(folder, derived=derived_folder(), backend=settings.embed_backend, tell=tell)


def passage_tokens(embedder: Embedder | None) -> int:
    """Return how many tokens a passage may have: what the embedder reads, PASSAGE_TOKENS at most."""
    return min(PASSAGE_TOKENS, embedder.max_tokens) if embedder else PASSAGE_TOKENS


def model_name(settings: Settings) -> str:
    """Return the name under which answers mention their model."""
    if settings.no_llm:
        return NoModel.name
    if settings.model_url:
        return f"{settings.model or 'the model'} at {parse_server(settings.model_url).shown}"
    if settings.model.endswith(".gguf"):
        return Path(settings.model).stem
    return settings.model or default_model("generator").name


def open_generator(settings: Settings, on_progress: OnProgress = ignore_progress) -> Generator:
    """Return the generator of the settings; raises ModelMissing or ModelCorrupt.

    Without a model none is looked for. `on_progress` is told of the verification of a model that is new here.
    """
    if settings.no_llm:
        return NoModel()
    if settings.model_url:
        from bot.remote import RemoteGenerator

        return RemoteGenerator.open(settings.model_url, model=settings.model, key=os.environ.get(KEY, ""))
    from bot.llama import LlamaGenerator

    path = _find_generator(settings, on_progress)
    with unchanged(path):
        return LlamaGenerator.load(path, name=model_name(settings), threads=settings.threads)


def _find_generator(settings: Settings, on_progress: OnProgress = ignore_progress) -> Path:
    """Return the generator's file; raises ModelMissing, which names the way to go on without one, or ModelCorrupt."""
    try:
        return find_model(settings.model or None, "generator", on_progress)
    except ModelMissing as error:
        raise ModelMissing(error.wrong, f"{error.mend}   (or go on without a model: --no-llm)") from error
