"""Read configurations with dstack's own reader, no server: one line of JSON for each file.

python read_dstack.py FILE...
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Print what each file is read as, or why it is not."""
    import yaml
    from dstack._internal.core.models.configurations import parse_apply_configuration

    for path in sys.argv[1:]:
        try:
            data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
            read = parse_apply_configuration(data)
        except Exception as error:  # what it refuses is of many kinds
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
            continue
        gpu = read.resources.gpu
        count = [gpu.count.min, gpu.count.max]
        print(json.dumps({"name": read.name, "type": read.type, "gpu": gpu.name, "count": count}))


if __name__ == "__main__":
    main()
