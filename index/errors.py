"""The one error tree. Every error says what was wrong and the command that mends it.

BylineError                 exit status 5: any other failure
├── UsageError              exit status 2: wrong usage
├── ArchiveError            exit status 3: the archive cannot be used
│   ├── ArchiveMissing          no archive in the folder, or an empty one
│   ├── ArchiveMismatch         made by another embedding model, chunking or a newer Byline
│   ├── ArchiveDamaged          unreadable; says what can be rebuilt
│   └── ArchiveLocked           another process is writing
├── ModelError              exit status 4: a model cannot be used
│   ├── ModelMissing            not on this machine, and no source brought it
│   ├── ModelCorrupt            wrong size or SHA-256, or not loadable
│   └── ModelsFileError         a line of models.txt does not parse
├── GenerationError         exit status 5: the model failed while it wrote
├── FetchError              exit status 5: an address that was asked for gave no page
└── ExtraMissing            exit status 5: a package that only some need is not installed

Errors are for what broke. "The articles do not say" is an Answer, and an article that cannot
be read is a Skipped record in the build report: neither is ever raised.
"""

from __future__ import annotations


class BylineError(Exception):
    """A failure the reader can be told about: what was wrong, and the command that mends it."""

    exit_status = 5

    def __init__(self, wrong: str, mend: str = "") -> None:
        super().__init__(f"{wrong}\n  mend: {mend}" if mend else wrong)
        self.wrong = wrong
        self.mend = mend


class UsageError(BylineError):
    """The command or a value given to it is not one that Byline takes."""

    exit_status = 2


class ArchiveError(BylineError):
    """The archive cannot be used as it is."""

    exit_status = 3


class ArchiveMissing(ArchiveError):
    """The folder holds no archive, or one without articles."""


class ArchiveMismatch(ArchiveError):
    """The archive was made by another embedding model, chunking or version."""


class ArchiveDamaged(ArchiveError):
    """The archive cannot be read."""


class ArchiveLocked(ArchiveError):
    """Another process is writing to the archive."""


class ModelError(BylineError):
    """A model cannot be used."""

    exit_status = 4


class ModelMissing(ModelError):
    """The model is not on this machine and no source brought it."""


class ModelCorrupt(ModelError):
    """The model's file has a wrong size or SHA-256, or cannot be loaded."""


class ModelsFileError(ModelError):
    """A line of models.txt does not parse."""


class GenerationError(BylineError):
    """The model failed while it wrote."""


class FetchError(BylineError):
    """An address that was asked for gave no page that can be read."""


class ExtraMissing(BylineError):
    """A package that Byline does without until it is asked for what needs it; `what` needs the extra of that name."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs a package that is not installed.", f"pip install 'byline[{extra}]'")
