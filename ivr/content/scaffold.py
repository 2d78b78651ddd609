"""A new site, copied from the example that comes with the program."""

from __future__ import annotations

from pathlib import Path

from ivr.content.files import APPROVED

EXAMPLES = (Path(__file__).parent.parent / "example", Path(__file__).parent.parent.parent / "prompts")
"""Where the example is: in an installed package, and in a checkout of the source."""
ENDINGS = frozenset({".yaml", ".po", ".pot", ".md"})
GIT = ".gitattributes"
"""How git merges approvals."""


class NotMade(Exception):
    """A site could not be made. The message gives the reason and the remedy."""


def make_site(folder: Path) -> list[Path]:
    """Copy the example into a folder that is new or empty, and return the files written. Raises NotMade.

    What people have approved in the example is left out: the new office's own readers have approved nothing yet.
    """
    example = next((path for path in EXAMPLES if path.is_dir()), None)
    if example is None:
        raise NotMade("the example is missing from this installation; install the program again")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise NotMade(f"{folder} is there already, and not an empty folder. Remedy: name another one")
        folder.mkdir(parents=True, exist_ok=True)
        files = (path for path in sorted(example.iterdir()) if path.suffix in ENDINGS or path.name == GIT)
        sources = [path for path in files if not path.name.endswith(APPROVED)]
        for path in sources:
            (folder / path.name).write_bytes(path.read_bytes())
    except OSError as error:
        raise NotMade(f"{folder} cannot be written: {error.strerror}. Remedy: name another folder") from None
    return [folder / path.name for path in sources]
