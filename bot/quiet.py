"""Settings of the process that must precede the first heavy import; importing this module makes them.

Users' own settings win, except those that would send something over the network.
"""

import os

# A neighbour that keeps one core busy drops generation from 28 to 0.3 tokens a second while OpenMP's threads
# spin; waiting passively it keeps 20 (two cores, Qwen2.5 1.5B). Read by libgomp when it loads, never later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Some microseconds of spinning before that wait: 27 tokens a second instead of 21 with two threads, and with a
# busy neighbour no fewer than without (13.8 and 13.7; 9.8 with a hundred times as much).
os.environ.setdefault("GOMP_SPINCOUNT", "300")
# ggml forks a debugger for a backtrace when it aborts, and that hangs.
os.environ.setdefault("GGML_NO_BACKTRACE", "1")
# Tokenizers' threads and a later fork warn on every command.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Models are loaded by local path. A hub name given by mistake would otherwise retry for 70 seconds.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# Gradio keeps the last 10,000 events and makes a table of them after each, in pandas, for a page that is closed here.
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")
os.environ["ANONYMIZED_TELEMETRY"] = "False"
os.environ["DO_NOT_TRACK"] = "1"
