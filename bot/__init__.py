"""From a question to a cited answer, and the faces that show it.

The environment is set here because it must be before torch, llama.cpp or Gradio load: no dependency
calls home, loads from a hub by itself, or spins a core while it waits.

For programs there is `from bot import Archive`; it is loaded when it is asked for, so that no command waits for it.
"""

from typing import TYPE_CHECKING, Any

from bot import quiet as quiet

if TYPE_CHECKING:
    from bot.library import Answer as Answer
    from bot.library import Archive as Archive
    from bot.library import Filters as Filters
    from bot.library import Turn as Turn

__all__ = ["Answer", "Archive", "Filters", "Turn"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'bot' has no attribute {name!r}")
    from bot import library

    return getattr(library, name)
