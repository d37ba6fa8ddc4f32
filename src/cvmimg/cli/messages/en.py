"""All sentences of the program, in English: code to template.

A code with ".hint" behind it is what to do about the error of that code. Parameters are named;
``cli/messages/__init__.py`` lists the forms that they may take.
"""

TEXTS: dict[str, str] = {}

# --- stages ---------------------------------------------------------------------------------
TEXTS |= {}

# --- notices --------------------------------------------------------------------------------
TEXTS |= {}

# --- command line and configuration ---------------------------------------------------------
TEXTS |= {}

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
