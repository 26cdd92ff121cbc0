"""Trains the reader (bot/reader.py): which words of a passage answer a question, or that none do.

    python tests/quality/train_reader.py examples.jsonl.xz --base FOLDER --to reader.safetensors

It starts from all-MiniLM-L6-v2, whose folder is --base, and learns where an answer begins and ends, the first token
standing for "nowhere" (Devlin et al., "BERT", arXiv 1810.04805, section 4.3). The examples are those of
tests/quality/reader_data.py. The words' own vectors stay those of the embedder, which every Byline has, so that what
is shipped is less than half of the model, and is kept as whole numbers of eight bits with a scale a row.

reader.safetensors was made from the New Wikipedia, Reddit and Amazon parts of SQuADShifts (27,626 questions, CC BY
4.0) and 4,000 questions on 800 paragraphs of SQuAD's training part (Rajpurkar et al., arXiv 1606.05250, CC BY-SA 4.0),
with the settings below, in 98 s on one graphics card (H200). The weights are therefore given under CC BY-SA 4.0. None
of the questions that Byline is measured on was among them. Asking "changed" questions twice as often made it no better.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from bot.reader_model import MOST
from bot.terminal import tell

SHARES = {"answers": 1.0, "removed": 0.5, "beside": 0.25, "changed": 1.0, "why": 3.0}  # of each kind, an epoch
AT_ONCE = 256


@dataclass(slots=True)
class Encoded:
    """An example as tokens; `opens` is the first of the passage, `spans` the answers' first and last tokens."""

    ids: list[int]
    opens: int
    spans: list[tuple[int, int]]
    offsets: list[tuple[int, int]]
    kind: str


def encode(tokenizer: Tokenizer, rows: Sequence[Mapping[str, Any]]) -> list[Encoded]:
    """Return the examples as tokens; an answer that is cut off leaves its example out."""
    pairs = [(row["question"], f"{row['title']}\n{row['text']}") for row in rows]
    found = []
    for row, encoding in zip(rows, tokenizer.encode_batch(pairs), strict=True):
        skipped = len(row["title"]) + 1
        places = [
            (start - skipped, end - skipped) if part == 1 else (-1, -1)
            for part, (start, end) in zip(encoding.sequence_ids, encoding.offsets, strict=True)
        ]
        opens = next((n for n, place in enumerate(places) if place[1] > 0), len(places))
        spans = []
        for start, end in row.get("spans", ()):
            inside = [n for n in range(opens, len(places)) if places[n][0] < end and start < places[n][1]]
            if inside and places[inside[-1]][1] >= end:
                spans.append((inside[0], inside[-1]))
        if spans or not row.get("spans"):
            found.append(Encoded(encoding.ids, opens, spans, places, row.get("kind", "")))
    return found


class Reader(nn.Module):
    """The embedder's body with two numbers a token: how well an answer would begin and end there."""

    def __init__(self, base: Path, *, frozen: bool = True) -> None:
        super().__init__()
        config = BertConfig.from_json_file(base / "config.json")
        self.body = BertModel(config, add_pooling_layer=False)
        weights = {k: v.float() for k, v in load_file(base / "model.safetensors").items() if v.is_floating_point()}
        missing = self.body.load_state_dict({k: v for k, v in weights.items() if "pooler" not in k}, strict=False)
        assert not missing.unexpected_keys, missing
        if frozen:
            self.body.embeddings.word_embeddings.weight.requires_grad = False
        self.ends = nn.Linear(config.hidden_size, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the numbers, shape (batch, 2, length)."""
        return self.ends(self.body(ids, attention_mask=mask).last_hidden_state).transpose(1, 2)


def batch_of(rows: Sequence[Encoded], device: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return ids, mask, and which tokens may begin or end an answer (the first one: none does)."""
    length = max(len(row.ids) for row in rows)
    ids = np.zeros((3, len(rows), length), dtype=np.int64)
    for n, row in enumerate(rows):
        ids[0, n, : len(row.ids)] = row.ids
        ids[1, n, : len(row.ids)] = 1
        ids[2, n, row.opens : len(row.ids) - 1] = 1
        ids[2, n, 0] = 1
    found = torch.from_numpy(ids).to(device)
    return found[0], found[1], found[2].bool()


def train(model: Reader, rows: Sequence[Encoded], options: argparse.Namespace, device: str) -> None:
    """Teach the model, telling the loss every hundred steps."""
    chance = random.Random(options.seed)
    by_kind: dict[str, list[Encoded]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    shares = {kind: share for kind, share in SHARES.items() if kind not in options.without}
    size = sum(int(shares.get(kind, 0) * len(found)) for kind, found in by_kind.items())
    steps = options.epochs * (size // AT_ONCE)
    free = [weight for weight in model.parameters() if weight.requires_grad]
    teacher = torch.optim.AdamW(free, lr=options.rate, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        teacher, options.rate, total_steps=steps + 1, pct_start=0.1, anneal_strategy="linear"
    )
    model.train()
    step = 0
    for _ in range(options.epochs):
        epoch = [row for kind, found in by_kind.items() for row in _draw(found, shares.get(kind, 0), chance)]
        chance.shuffle(epoch)
        # Of like length together, so that little is padding; the order of the batches stays random.
        chunks = [
            sorted(epoch[at : at + AT_ONCE * 50], key=lambda row: len(row.ids))
            for at in range(0, len(epoch), AT_ONCE * 50)
        ]
        batches = [chunk[at : at + AT_ONCE] for chunk in chunks for at in range(0, len(chunk), AT_ONCE)]
        chance.shuffle(batches)
        for batch in batches:
            if step >= steps:
                return
            ids, mask, open_to = batch_of(batch, device)
            spans = [chance.choice(row.spans) if row.spans else (0, 0) for row in batch]
            wanted = torch.tensor(spans, device=device)
            with torch.autocast(device, dtype=torch.bfloat16):
                found = model(ids, mask)
            found = found.float().masked_fill(~open_to[:, None], -1e4)
            loss = nn.functional.cross_entropy(found[:, 0], wanted[:, 0]) + nn.functional.cross_entropy(
                found[:, 1], wanted[:, 1]
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(free, 1.0)
            teacher.step()
            pace.step()
            teacher.zero_grad(set_to_none=True)
            if step % 200 == 0:
                tell(f"step {step} of {steps}: loss {loss.item() / 2:.3f}")
            step += 1


def _draw(rows: Sequence[Encoded], share: float, chance: random.Random) -> list[Encoded]:
    whole = list(rows) * int(share)
    return whole + chance.sample(list(rows), int((share - int(share)) * len(rows)))


def tokenizer_of(base: Path) -> Tokenizer:
    """Return the tokenizer, cutting passages that are too long."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.enable_truncation(MOST, strategy="only_second")
    tokenizer.no_padding()
    return tokenizer


def load_rows(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the examples of the files."""
    return [json.loads(line) for path in paths for line in lzma.open(path, "rt", encoding="utf-8")]


def learn(options: argparse.Namespace) -> Reader:
    """Return a model that has learnt from the examples."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(options.seed)
    model = Reader(options.base, frozen=not options.all).to(device)
    train(model, encode(tokenizer_of(options.base), load_rows(options.examples)), options, device)
    return model


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path, nargs="+")
    parser.add_argument("--base", type=Path, required=True, help="the folder of all-MiniLM-L6-v2")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", nargs="*", default=[], metavar="KIND", help="kinds of examples to leave out")
    parser.add_argument("--all", action="store_true", help="teach the words' own vectors too")
    return parser.parse_args(arguments)


def main() -> None:
    """Train, and write the weights."""
    options = options_of()
    model = learn(options)
    save_file(as_shipped({name: value.float().cpu() for name, value in model.state_dict().items()}), options.to)


def as_shipped(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights that are not the embedder's, tables as whole numbers with a scale a row."""
    kept: dict[str, torch.Tensor] = {}
    for name, value in ((name.removeprefix("body."), value) for name, value in weights.items()):
        if "word_embeddings" in name or not value.is_floating_point():
            continue
        if value.ndim == 2 and name.startswith("encoder."):
            scale = value.abs().amax(1) / 127
            kept[name] = (value / scale[:, None]).round().to(torch.int8)
            kept[f"{name}.scale"] = scale
        else:
            kept[name] = value.half().contiguous()
    return kept


if __name__ == "__main__":
    main()
