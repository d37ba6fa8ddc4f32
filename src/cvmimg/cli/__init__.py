"""The face: Click commands, and the only place that prints, prompts and exits."""
