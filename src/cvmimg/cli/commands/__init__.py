"""The commands: one module each, named after its command, with a ``command``."""

from __future__ import annotations

from collections.abc import Mapping

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Create and launch": {
        "create": "Create an image of an instance.",
        "check": "Check whether an instance can be imaged and its image will boot.",
        "verify": "Prove that an image boots, by launching an instance from it.",
        "launch": "Launch instances from an image.",
        "wait": "Wait until images are ready to use.",
        "list": "List images, newest first.",
        "show": "Show images.",
        "lineage": "Show what an image was made from, and what was made from it.",
        "instances": "List instances, and whether each can be imaged while it runs.",
    },
    "Manage": {
        "update": "Edit an image's name, description, family or tags.",
        "delete": "Delete images and the snapshots that only they use.",
        "prune": "Delete old images that nothing uses.",
        "family": "Show and change which image a family serves.",
        "copy": "Copy an image to other regions.",
        "share": "Share an image with other accounts.",
        "unshare": "Stop sharing an image with other accounts.",
        "quota": "Show how many images a region has, and its limit.",
        "snapshot": "Snapshot an instance's data disks at the same time.",
        "snapshots": "List snapshots, the images that use them, and their size.",
    },
    "Operations": {
        "resume": "Finish or roll back an interrupted operation.",
        "operations": "Show or remove cvmimg's local operation history.",
    },
    "Set up": {
        "configure": "Ask for credentials and a region, then test and save them.",
        "doctor": "Find out why cvmimg does not work here.",
        "policy": "Print the smallest CAM policy that commands need.",
        "config": "Show the effective settings, and where each comes from.",
        "explain": "Explain an error or a check.",
    },
    "Tools": {
        "sandbox": "Run, inspect or reset the simulated cloud.",
        "completion": "Print the completion script of a shell: bash, zsh or fish.",
        "help": "Show the help of a command.",
        "version": "Show the version; with -v, also the versions of its dependencies.",
    },
}
"""Name and one line of help of every command, so that ``--help`` loads none of them."""

HELP: Mapping[str, str] = {
    name: line for commands in SECTIONS.values() for name, line in commands.items()
}

ALIASES: Mapping[str, str] = {"ls": "list", "rm": "delete"}
"""Short names of commands."""
