"""From a question to a cited answer, and the faces that show it.

The environment is set here because it must be before torch, llama.cpp or Gradio load: no dependency
calls home, loads from a hub by itself, or spins a core while it waits.
"""

from bot import quiet as quiet
