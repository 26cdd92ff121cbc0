"""LlamaIndex as its starter tutorial for local models gives it: VectorStoreIndex and its query engine, streaming.

Runs in an environment of its own, requirements-llamaindex.txt. Splitter, prompt and the two passages that are read
are its defaults; the prompt's wrapper is ChatML, which the models that Byline is measured with are trained on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from job import CONTEXT, MOST_TOKENS, Job, run
from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.llms.llama_cpp import LlamaCPP

_ROLE, _END = "<|im_start|>", "<|im_end|>\n"


def messages_to_prompt(messages: Sequence[Any]) -> str:
    """Return the messages in ChatML, open for the answer."""
    told = "".join(f"{_ROLE}{message.role.value}\n{message.content}{_END}" for message in messages)
    return f"{told}{_ROLE}assistant\n"


def completion_to_prompt(completion: str) -> str:
    """Return a text as one user's message in ChatML."""
    return f"{_ROLE}user\n{completion}{_END}{_ROLE}assistant\n"


class LlamaIndex:
    """The tutorial's query engine over the job's models."""

    def __init__(self, job: Job) -> None:
        Settings.embed_model = HuggingFaceEmbedding(model_name=job.embedder, device="cpu")
        Settings.embed_model.get_query_embedding("warm")
        Settings.llm = LlamaCPP(
            model_path=job.generator,
            temperature=0.0,
            max_new_tokens=MOST_TOKENS,
            context_window=CONTEXT,
            messages_to_prompt=messages_to_prompt,
            completion_to_prompt=completion_to_prompt,
            verbose=False,
        )
        self._work = job.work
        self._engine: Any = None
        self._found: list[Any] = []

    def index(self, articles: Sequence[dict[str, Any]]) -> int:
        """Take the articles in and return how many passages they are."""
        documents = [
            Document(text=article["text"], metadata={"id": article["id"], "title": article["title"]})
            for article in articles
        ]
        index = VectorStoreIndex.from_documents(documents)
        index.storage_context.persist(persist_dir=self._work)
        self._engine = index.as_query_engine(streaming=True)
        return len(index.index_struct.nodes_dict)

    def retrieve(self, question: str) -> list[str]:
        """Find what the next `write` reads and return the ids of the articles it is from."""
        from llama_index.core import QueryBundle

        self._found = self._engine.retrieve(QueryBundle(question))
        return [str(found.node.metadata["id"]) for found in self._found]

    def write(self, question: str) -> Iterator[str]:
        """Yield the answer's text as it comes."""
        from llama_index.core import QueryBundle

        yield from self._engine.synthesize(QueryBundle(question), self._found).response_gen


if __name__ == "__main__":
    run(LlamaIndex, ("llama-index-core", "llama-index-embeddings-huggingface", "llama-index-llms-llama-cpp"))
