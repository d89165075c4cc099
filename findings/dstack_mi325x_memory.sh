#!/bin/sh
# dstack counts an MI325X on Kubernetes as 288 GB, so a fleet that asks for its 256 GB gets none.
#
# dstack 0.22.5 finds an AMD part on a node by the label of its device and takes its memory from a
# table of gpuhunt 0.1.34, which has 288 GB for the MI325X (announced with that, sold with 256: AMD's
# datasheet, and gpuhunt's own list of Vultr's machines). `gpu: MI325X:256GB:8` is then
# not that node, and `MI325X:288GB:8`, which does not exist, is. `gpu: MI325X:8` says no memory and is
# found. `sixnd export --to dstack` writes a memory only where one name has two sizes.
#
# Runs the functions of the released packages, with no cluster. Exits 1 where that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    'dstack[kubernetes]==0.22.5' 'gpuhunt==0.1.34'

cat > "$folder/memory.py" <<'END'
"""Print what dstack reads off a node of MI325X, whether requests match it, and Vultr's figure."""

import sys
from importlib.metadata import version

from dstack._internal.core.backends.base.offers import gpu_matches_gpu_spec
from dstack._internal.core.backends.kubernetes.resources import get_amd_gpu_from_node_labels
from dstack._internal.core.models.resources import GPUSpec
from gpuhunt.providers.vultr import BARE_METAL_GPU_DETAILS

node = get_amd_gpu_from_node_labels({"beta.amd.com/gpu.device-id.74A5": "8"})
held = node.memory_mib // 1024
print(f"dstack {version('dstack')}, gpuhunt {version('gpuhunt')}", file=sys.stderr)
print(f"a node of {node.name} on Kubernetes: {held} GB a GPU", file=sys.stderr)
asked = {}
for written in ("MI325X:8", "MI325X:256GB:8", "MI325X:288GB:8"):
    asked[written] = gpu_matches_gpu_spec(node, GPUSpec.model_validate(written))
    print(f"gpu: {written:16} {'is' if asked[written] else 'is not'} that node", file=sys.stderr)
sold = {memory for _, name, memory in BARE_METAL_GPU_DETAILS.values() if name == "MI325X"}
print(f"the same part at Vultr, in gpuhunt: {sold} GB", file=sys.stderr)
print(held, *(int(one) for one in asked.values()), *sold)
END

found=$("$folder/venv/bin/python" "$folder/memory.py")
if [ "$found" != "288 1 0 1 256" ]; then
    echo "this is no longer what was found: 288 1 0 1 256; now: $found"
    exit 1
fi
