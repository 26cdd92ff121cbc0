"""From files to searchable passages; knows nothing of questions' answers, models or faces."""
