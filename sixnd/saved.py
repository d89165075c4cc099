"""Results read back from the JSON that a command or ``save`` wrote, and by which version."""

from typing import TYPE_CHECKING

from sixnd.keywords import FilePath

if TYPE_CHECKING:
    from sixnd.stored import Saved


class OtherVersionWarning(UserWarning):
    """A result that another version of sixnd wrote, or one that does not say which."""


def load(path: FilePath) -> "Saved":
    """The result in a JSON file: of ``save``, or of a command's ``--json``.

    The figures are those of the day on which it was written; nothing is computed again. Warns with
    OtherVersionWarning where another version wrote it, since its figures may have been found
    another way. Raises ProblemError for a file that is missing or holds no result of sixnd.

        sixnd.plan("70B", deadline="30d").save("answer.json")
        sixnd.load("answer.json").data["plan"]["cost_usd"]
    """
    from warnings import warn

    from sixnd.stored import read_saved, version_remark

    found = read_saved(path)
    remark = version_remark(found)
    if remark:
        warn(remark, OtherVersionWarning, stacklevel=2)
    return found
