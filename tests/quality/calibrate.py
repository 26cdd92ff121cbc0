"""Makes bot/calibration.json from answers to development questions.

    byline eval QUESTIONS --strictness 0 --out FOLDER          at strictness 0 nothing is refused for being unsure
    python tests/quality/calibrate.py fit FOLDER [MORE …]      folders or their results.jsonl, those of benches.py too

Every result keeps the signs of its answer, so that no question is asked again to fit anew. `fit` makes logistic
regressions with an L2 penalty, two from a model's answers and one from those of --no-llm, prints what five-fold
cross-validation says of them, set by set, and writes them. No sign may speak against what it stands for: one whose
weight comes out with the wrong side is dropped, because it fits these questions only. Sets count alike however many
questions they have, so that the largest does not decide alone. Answers to what the reader did not read have a
calibration of their own: it is made by `fit --without-reader` from results where there was none, and stays as it was
otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from replay import was_asked, was_read, was_written

from bot.confidence import AFTER, BEFORE, EXTRACT
from bot.evaluate import read_results
from bot.measures import is_right
from bot.outcome import Outcome
from bot.records import EXTRACTION
from bot.terminal import out, tell
from index.errors import BylineError, UsageError

CALIBRATION = Path(__file__).resolve().parents[2] / "bot" / "calibration.json"
PENALTY = 1.0  # C of the regressions; 0.3 to 3 give the same curve
AGAINST = {"declined", "denied", "against"}  # signs whose weight is to be negative
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6)


@dataclass(frozen=True, slots=True)
class Row:
    """What one result teaches. `right` is None where nobody can tell whether the answer was."""

    set: str
    answerable: bool
    right: bool | None
    written: bool  # by a model
    extracted: bool  # without one
    read: bool  # by the reader
    signs: Mapping[str, float]


def read_rows(paths: Sequence[Path]) -> list[Row]:
    """Return a row for each result of which something is known; those for which nothing was found teach nothing."""
    found = []
    for path in paths:
        run, outcomes = read_results(path)
        if run.get("strictness") not in (None, "0.0"):
            raise UsageError(f"{path} was asked at strictness {run['strictness']}", "ask with --strictness 0")
        name = path.name if path.is_dir() else path.parent.name
        rows = [_row(name, each) for each in outcomes if each.question.answerable is not None]
        found += [row for row in rows if row.written or row.extracted]
    return found


def _row(name: str, outcome: Outcome) -> Row:
    answerable = bool(outcome.question.answerable)
    extracted = outcome.model == EXTRACTION and outcome.answered
    written = was_asked(outcome) and was_written(outcome)
    return Row(name, answerable, is_right(outcome), written, extracted, was_read(outcome), asdict(outcome.signs))


def fit(paths: Sequence[Path], to: Path, *, with_reader: bool = True) -> None:
    """Fit the regressions on the results in `paths`, print how good they are and write them to `to`.

    The one for answers without a model is fitted on results of --no-llm; what there are none for stays as it is.
    """
    rows = read_rows(paths)
    fitted = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    _fit_all([row for row in rows if row.read is with_reader], fitted if with_reader else fitted["without_reader"])
    to.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")


def _fit_all(rows: Sequence[Row], fitted: dict[str, Any]) -> None:
    written, extracted = [row for row in rows if row.written], [row for row in rows if row.extracted]
    judged = [row for row in written if row.right is not None]
    made = fitted["made"] = {**fitted.get("made", {}), "by": "tests/quality/calibrate.py"}
    if written:
        fitted["before"] = _fit(written, [row.answerable for row in written], list(BEFORE), "answerable")
        fitted["after"] = _fit(judged, [bool(row.right) for row in judged], list(AFTER), "right")
        made["written"] = dict(Counter(row.set for row in written))
    if extracted:
        fitted["extract"] = _fit(extracted, [bool(row.right) for row in extracted], list(EXTRACT), "right")
        made["extracted"] = dict(Counter(row.set for row in extracted))


def _fit(rows: Sequence[Row], wanted: Sequence[bool], names: list[str], target: str) -> dict[str, Any]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    truth, weight = np.array(wanted), _weights(rows)
    if len(set(wanted)) < 2:
        raise UsageError(f"To learn what is {target} takes results that are and that are not.", "more questions")
    while True:
        values = np.array([[row.signs[name] for name in names] for row in rows], dtype=float)
        model = LogisticRegression(C=PENALTY, max_iter=1000).fit(values, truth, sample_weight=weight)
        weights = dict(zip(names, map(float, model.coef_[0]), strict=True))
        wrong = {name: weight for name, weight in weights.items() if (weight < 0) != (name in AGAINST) or not weight}
        if not wrong:
            break
        names = [name for name in names if name != max(wrong, key=lambda name: abs(wrong[name]))]
    guessed = np.zeros(len(rows))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for learnt, held_out in folds.split(values, truth):
        fold = LogisticRegression(C=PENALTY, max_iter=1000).fit(values[learnt], truth[learnt], weight[learnt])
        guessed[held_out] = fold.predict_proba(values[held_out])[:, 1]
    _tell(rows, truth, guessed, target)
    return {"intercept": round(float(model.intercept_[0]), 4), "weights": {k: round(w, 4) for k, w in weights.items()}}


def _weights(rows: Sequence[Row]) -> Any:
    """Return weights by which every set weighs the same; their mean is 1, so that the penalty means the same too."""
    import numpy as np

    sizes = Counter(row.set for row in rows)
    return np.array([len(rows) / len(sizes) / sizes[row.set] for row in rows])


def _tell(rows: Sequence[Row], truth: Any, guessed: Any, target: str) -> None:
    """Print how well the guesses of the folds, each made without its questions, part the rows, set by set."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    of = np.array([row.set for row in rows])
    answerable = np.array([row.answerable for row in rows])
    for name in ("", *sorted(set(of))):
        here = of == name if name else np.ones(len(rows), dtype=bool)
        area = roc_auc_score(truth[here], guessed[here]) if len(set(truth[here])) > 1 else float("nan")
        out(f"{target}, {name or 'all sets'}: AUC {area:.3f} on {here.sum()} rows, {truth[here].mean():.2f} true")
        for threshold in THRESHOLDS:
            refused = guessed < threshold
            shares = (
                refused[here & kind].mean() if (here & kind).any() else float("nan")
                for kind in (answerable, ~answerable)
            )
            out("  under {:.1f}: answerable {:.2f}, unanswerable {:.2f}".format(threshold, *shares))


def main() -> int:
    """Fit the calibration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    fitting = steps.add_parser("fit")
    fitting.add_argument("paths", type=Path, nargs="+", metavar="FOLDER")
    fitting.add_argument("--to", type=Path, default=CALIBRATION, metavar="FILE", help="instead of bot/calibration.json")
    fitting.add_argument("--without-reader", action="store_true", help="for what the reader does not read")
    options = parser.parse_args()
    try:
        fit(options.paths, options.to, with_reader=not options.without_reader)
    except BylineError as error:
        tell(f"calibrate: {error.wrong}")
        tell(f"  mend: {error.mend}")
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
