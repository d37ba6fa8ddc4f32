"""The command line interface: Click commands, and the only place that prints, prompts and exits."""
