"""The commands, a module each, named as the command; each has a ``command``."""

from __future__ import annotations

from collections.abc import Mapping

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Make and launch": {
        "create": "Create an image of an instance.",
        "check": "Check whether an instance can be imaged and its image will boot.",
        "launch": "Start new instances from an image.",
        "wait": "Wait until images can be used.",
        "list": "List images, newest first.",
        "show": "Show images.",
        "instances": "List instances, and whether each can be imaged while it runs.",
    },
    "Keep": {
        "delete": "Delete images and the snapshots that only they use.",
        "update": "Change the name, description, family or tags of images.",
        "copy": "Copy an image to other regions.",
        "share": "Share an image with other accounts.",
        "unshare": "Stop sharing an image with other accounts.",
        "quota": "Show how many images a region holds, and how many it may hold.",
        "snapshots": "List snapshots, what uses them, and what they cost.",
        "snapshot": "Make snapshots of an instance's data disks, all started together.",
    },
    "Unfinished work": {
        "resume": "Finish what was cut short, or put it back.",
        "operations": "List, show and forget what was done on this machine.",
    },
    "Account and sandbox": {
        "sandbox": "Serve, look into and reset the simulated cloud.",
        "completion": "Print the shell's completion script.",
    },
}
"""Name and one line of help of every command, so that ``--help`` loads none of them."""

HELP: Mapping[str, str] = {
    name: line for commands in SECTIONS.values() for name, line in commands.items()
}
