"""Many layouts in one process: ``python -m judges.batch megatron < asked > answered``.

Each line asked is ``{"name": ..., "arguments": [...], "world": n}`` and is answered by
``{"name": ..., "refusal": null}``, or by the reason in place of null.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator

from judges import megatron, torchtitan

JUDGES: dict[str, Callable[[list[str], int], str | None]] = {
    "megatron": megatron.refusal,
    "torchtitan": torchtitan.refusal,
}


def answers(judge: str, lines: Iterable[str]) -> Iterator[str]:
    """What a judge says of each line; KeyError for one that there is not."""
    refusal = JUDGES[judge]
    for line in lines:
        asked = json.loads(line)
        said = refusal([str(word) for word in asked["arguments"]], int(asked["world"]))
        yield json.dumps({"name": asked["name"], "refusal": said})


if __name__ == "__main__":
    for answer in answers(sys.argv[1], sys.stdin):
        print(answer, flush=True)
