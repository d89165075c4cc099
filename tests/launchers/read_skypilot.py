"""Read tasks with SkyPilot's own reader, no server: one line of JSON for each file.

python read_skypilot.py FILE...   with HOME a folder that holds SkyPilot's catalogs
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Print what each file is read as, or why it is not."""
    from sky import Task

    for path in sys.argv[1:]:
        try:
            task = Task.from_yaml(str(Path(path)))
        except Exception as error:  # what it refuses is of many kinds
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
            continue
        resources = sorted(str(one) for one in task.resources)
        print(json.dumps({"nodes": task.num_nodes, "name": task.name, "resources": resources}))


if __name__ == "__main__":
    main()
