"""What Byline brings along: the licence of everything installed for it, and whether a known flaw is in it.

python tests/quality/dependencies.py licences     # a table, and status 1 where one is not accepted
python tests/quality/dependencies.py audit        # asks the advisories of the package index by pip-audit
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

# SPDX names. All let Byline be given on under MIT; none but those of WHY asks for more than its own text beside it.
ACCEPTED = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC",
    "LLVM-exception", "MIT", "MIT-CMU", "MPL-1.1", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
WHY = {
    "MPL-1.1": "tld offers it beside GPL and LGPL; like MPL-2.0 it covers changes to its own files, and we make none",
    "MPL-2.0": "covers changes to its own files, and we make none",
}
# What packages write in place of an SPDX name, in the order in which it is looked for.
_WRITTEN = (
    (r"mozilla public license 2\.0|mpl[- ]2\.0", "MPL-2.0"),
    (r"apache", "Apache-2.0"),
    (r"3-clause bsd|bsd[- ]3|enthought", "BSD-3-Clause"),
    (r"2-clause|bsd[- ]2", "BSD-2-Clause"),
    (r"bsd", "BSD"),
    (r"\bmit\b", "MIT"),
    (r"isc\b", "ISC"),
    (r"python software foundation|psf", "PSF-2.0"),
)
_UNREACHED = 2


@dataclass(frozen=True, slots=True)
class Licence:
    """An installed package with its licence; `lacking` are the names in it that are not accepted."""

    package: str
    version: str
    licence: str

    @property
    def lacking(self) -> set[str]:
        """Return what of the licence is not accepted. Of a choice one accepted way is enough."""
        ways = re.split(r" OR ", self.licence.replace("(", "").replace(")", "")) if " AND " not in self.licence else []
        if ways and any(way in ACCEPTED for way in ways):
            return set()
        words = re.split(r" (?:AND|OR|WITH) ", self.licence.replace("(", "").replace(")", ""))
        return {word for word in words if word not in ACCEPTED}


def installed(root: str = "byline") -> Iterator[Licence]:
    """Yield `root` and all that it needs, as installed here, in alphabetical order; extras are left out."""
    found: dict[str, Distribution] = {}
    waiting = [root]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # for another system or Python
            continue
        needs = map(Requirement, found[name].requires or ())
        waiting += [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    for name, one in sorted(found.items()):
        yield Licence(name, one.version, licence_of(one.metadata))  # type: ignore[arg-type]


def licence_of(metadata: Message | Mapping[str, str]) -> str:
    """Return the licence that a package states, as an SPDX expression; "unknown" where it says none that we know."""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classified = [value for key, value in metadata.items() if key == "Classifier" and value.startswith("License ::")]
    for written in (*classified, str(metadata.get("License") or "")[:200]):
        for pattern, name in _WRITTEN:
            if re.search(pattern, written, re.IGNORECASE):
                return name
    return "unknown"


def judge(status: int, out: str, err: str) -> tuple[int, str]:
    """Return the status and the words for what pip-audit said.

    It calls a package that the index does not tell of "no known vulnerabilities": here that is not checked, status 2.
    """
    try:
        packages = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (err.strip().splitlines() or [f"status {status}"])[-1]
        return _UNREACHED, f"not checked: {last[:200]}"
    flawed = [f"{one['name']} {one['version']}: {flaw['id']}" for one in packages for flaw in one.get("vulns", ())]
    unknown = [one["name"] for one in packages if "skip_reason" in one and one["name"] != "byline"]
    checked = len([one for one in packages if "skip_reason" not in one])
    if flawed:
        return 1, "\n".join([*flawed, f"{len(flawed)} known flaws in {checked} packages"])
    if unknown or not checked:
        names = f"{len(unknown)} packages ({', '.join(unknown[:3])} …)" if unknown else "anything"
        return _UNREACHED, f"not checked: {names}; no known flaw in {checked} packages"
    return 0, f"no known flaw in {checked} packages"


def main(what: str) -> int:
    """Print the table, or what pip-audit found."""
    if what == "audit":
        command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--format", "json"]
        ended = subprocess.run(command, capture_output=True, text=True)
        status, words = judge(ended.returncode, ended.stdout, ended.stderr)
        sys.stdout.write(f"{words}\n")
        return status
    found = list(installed())
    for one in found:
        bad = f"   NOT ACCEPTED: {', '.join(sorted(one.lacking))}" if one.lacking else ""
        sys.stdout.write(f"{one.package:40} {one.version:18} {one.licence}{bad}\n")
    return int(any(one.lacking for one in found))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "licences"))
