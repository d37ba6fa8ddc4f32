"""Words that both faces of progress use."""

STOPPING = "stopping where it is safe; once more to leave at once"
