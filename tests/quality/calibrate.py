"""Makes bot/calibration.json from answers to development questions.

    python tests/quality/calibrate.py collect --archive FOLDER --questions FILE --rows rows.jsonl [--no-llm]
    python tests/quality/calibrate.py fit rows.jsonl [more.jsonl …]

`collect` asks every question at strictness 0, so that nothing is refused for being unsure, and keeps the signs of
each answer with whether it was right; it goes on where it was interrupted. `fit` makes logistic regressions with an L2
penalty, prints what five-fold cross-validation says of them, and writes them: two from rows of a model's answers, one
from rows of --no-llm; what it has no rows for stays as it is. No sign may speak against what it stands for: one whose
weight comes out with the wrong side is dropped, because it fits these questions only.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.app import Desk
from bot.confidence import BEFORE, EXTRACT
from bot.generate import NoModel
from bot.measures import contains_gold
from bot.outcome import observe
from bot.questions import EvalQuestion, read_questions
from bot.records import Signs
from bot.settings import read_settings

CALIBRATION = Path(__file__).resolve().parents[2] / "bot" / "calibration.json"
PENALTY = 1.0  # C of the regressions; 0.3 to 3 give the same curve
AGAINST = {"declined", "denied"}  # signs whose weight is to be negative
Rows = list[dict[str, object]]


def collect(archive: Path, questions: Path, rows: Path, *, no_llm: bool) -> None:
    """Append one row a question to `rows`; questions already there are not asked again."""
    done = {json.loads(line)["id"] for line in rows.read_text().splitlines()} if rows.exists() else set()
    with (
        Desk.open(read_settings(archive, {"strictness": 0.0, "no_llm": no_llm})) as desk,
        rows.open("a", encoding="utf-8") as file,
    ):
        for question in read_questions(questions):
            if question.id not in done:
                file.write(json.dumps(_row(desk, question)) + "\n")
                file.flush()


def _row(desk: Desk, question: EvalQuestion) -> dict[str, object]:
    answer = desk.answer(question.to_question())
    outcome = observe(question, answer, lambda id: "")
    count = contains_gold(outcome) if question.answerable else None
    right = bool(count and count[0])
    return {
        "id": question.id,
        "kind": question.kind,
        "answerable": bool(question.answerable),
        "right": right and answer.answered,
        "asked": bool(answer.timings.prompt_tokens),
        "extracted": answer.model == NoModel.name and answer.answered,
        "answer": answer.text,
        "reason": answer.reason,
        "support": [sentence.support for sentence in answer.sentences],
        "missing": [list(sentence.missing) for sentence in answer.sentences],
        "cited": [citation.article_id for citation in answer.citations],
        "gold": [*question.gold_article_ids, *question.also_supported_by],
        "timings": asdict(answer.timings),
        "signs": asdict(answer.signs),
    }


def fit(files: list[Path]) -> None:
    """Fit the regressions on the rows of `files`, print how good they are and write them."""
    rows: Rows = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    fitted = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    # What is in neither was refused for finding nothing, whatever the weights.
    generated, extracted = [row for row in rows if row["asked"]], [row for row in rows if row.get("extracted")]
    names = [file.name for file in files]
    if generated:
        fitted["before"] = _fit(generated, list(BEFORE), "answerable")
        fitted["after"] = _fit(generated, list(Signs.__slots__), "right")
        fitted["made"] |= {"rows": len(generated), "files": names}
    if extracted:
        fitted["extract"] = _fit(extracted, list(EXTRACT), "right")
        fitted["made"] |= {"rows_without_model": len(extracted), "files_without_model": names}
    CALIBRATION.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")


def _fit(rows: Rows, names: list[str], target: str) -> dict[str, object]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    wanted = np.array([bool(row[target]) for row in rows])
    while True:
        values = np.array([[row["signs"][name] for name in names] for row in rows], dtype=float)  # type: ignore[index]
        model = LogisticRegression(C=PENALTY, max_iter=1000).fit(values, wanted)
        weights = dict(zip(names, map(float, model.coef_[0]), strict=True))
        wrong = {name: weight for name, weight in weights.items() if (weight < 0) != (name in AGAINST) or not weight}
        if not wrong:
            break
        names = [name for name in names if name != max(wrong, key=lambda name: abs(wrong[name]))]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    guessed = cross_val_predict(model, values, wanted, cv=folds, method="predict_proba")[:, 1]
    sys.stdout.write(
        f"{target}: AUC {roc_auc_score(wanted, guessed):.3f} on {len(rows)} rows, {wanted.mean():.2f} true\n"
    )
    for threshold in np.arange(0.1, 0.9, 0.05):
        answerable = np.array([bool(row["answerable"]) for row in rows])
        shown = guessed >= threshold
        sys.stdout.write(
            f"  threshold {threshold:.2f}: answerable refused {1 - shown[answerable].mean():.2f}, "
            f"unanswerable refused {1 - shown[~answerable].mean():.2f}\n"
        )
    return {"intercept": round(float(model.intercept_[0]), 4), "weights": {k: round(w, 4) for k, w in weights.items()}}


def main() -> None:
    """Run one of the two steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    collecting = steps.add_parser("collect")
    for name in ("archive", "questions", "rows"):
        collecting.add_argument(f"--{name}", type=Path, required=True)
    collecting.add_argument("--no-llm", action="store_true")
    fitting = steps.add_parser("fit")
    fitting.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    if options.step == "collect":
        collect(options.archive, options.questions, options.rows, no_llm=options.no_llm)
    else:
        fit(options.files)


if __name__ == "__main__":
    main()
