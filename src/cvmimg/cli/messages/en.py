"""All sentences of the program, in English: code to template.

A code with ".hint" behind it is what to do about the error of that code. Parameters are named;
``cli/messages/__init__.py`` lists the forms that they may take.
"""

TEXTS: dict[str, str] = {}

# --- stages ---------------------------------------------------------------------------------
TEXTS |= {
    "progress.done": "done in {seconds:duration}",
    "progress.failed": "failed after {seconds:duration}",
    "progress.interrupted": "interrupted after {seconds:duration}",
    "progress.timed_out": "timed out after {seconds:duration}",
    "progress.elapsed": "{seconds:duration} so far",
    "progress.percent": "{percent} %",
    "progress.about-percent": "about {percent} %",
    "progress.remaining": "about {time} left",
    "progress.left": "~{time} left",
    "progress.more-stages": "{count:more is|more are} in progress",
    "progress.stopping": "stopping safely; press Ctrl-C again to quit now",
}

# --- notices --------------------------------------------------------------------------------
TEXTS |= {
    "unfinished.one": "operation {id} is unfinished: {command}",
    "unfinished.several": "{count:operation|operations} are unfinished: {command}",
    "created.launch": "start instances from it: {command}",
    "created.wait": "wait until it can be used: {command}",
}

# --- command line and configuration ---------------------------------------------------------
TEXTS |= {
    "confirm.again": "Please answer y or n.",
    "delete.confirm": "Permanently delete {count:this image|these # images}?",
    "launch.confirm": "Launch {count:instance|instances} from {image}?",
    "replace.confirm": "Permanently delete this image to make room?",
    "Declined": "declined; nothing was changed",
    "InterruptedAtPrompt": "interrupted; nothing was changed",
    "NotConfirmed": "this command asks for confirmation, and there is no terminal to ask on",
    "NotConfirmed.hint": "add --yes",
    "OutputFailed": "the result could not be written to stdout: {reason}",
}

# --- cloud and credentials ------------------------------------------------------------------
TEXTS |= {}

# --- guest ----------------------------------------------------------------------------------
TEXTS |= {}

# --- checks ---------------------------------------------------------------------------------
TEXTS |= {}

# --- operations and the journal -------------------------------------------------------------
TEXTS |= {}

# --- create, launch, snapshot, delete, update -----------------------------------------------
TEXTS |= {}
