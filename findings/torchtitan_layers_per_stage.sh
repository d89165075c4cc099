#!/usr/bin/env bash
# torchtitan 0.3.0: the advice of one error message leads into another one. Llama 3 70B, 80 layers,
# on 4 pipeline ranks with 1F1B:
#
#   --parallelism.pipeline_parallel_layers_per_stage 11   "increase ... to 20 or higher"
#   --parallelism.pipeline_parallel_layers_per_stage 20   "number of virtual stages (5) must be
#                                                         divisible by ... (4)": 80 / 20 is 4
#
# The embedding and the output count as one layer each unless pipeline_parallel_first_stage_less_
# layers and ..._last_stage_less_layers are set to 0, so 82 layers are spread; neither message names
# the two, and the advised number leaves them out. 21 works (20, 21, 20, 19 layers), and so does 20
# with both at 0: whoever wants an even split has to say all three.
#
# Shows versions, messages and splits; exit 1 when they change. Needs Python 3.11 and, where PyPI
# has only torch with CUDA, about 4 GB.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 triton==3.7.1 torchtitan==0.3.0
"$work/venv/bin/python" -W ignore - 2>"$work/log" <<'PYTHON' || { tail -3 "$work/log"; exit 1; }
import sys
from importlib.metadata import version

import torch
from torchtitan.config import ConfigManager
from torchtitan.distributed import ParallelDims
from torchtitan.distributed import pipeline_parallel as pipeline

print(f"torchtitan {version('torchtitan')}, torch {torch.__version__}\n")
WORDS = (
    "--module llama3 --config llama3_70b --training.disable_cuda_graphs"
    " --parallelism.pipeline_parallel_degree 4 --parallelism.pipeline_parallel_schedule 1F1B"
    " --parallelism.pipeline_parallel_layers_per_stage"
).split()
NONE = (
    "--parallelism.pipeline_parallel_first_stage_less_layers 0"
    " --parallelism.pipeline_parallel_last_stage_less_layers 0"
).split()


def answer(layers, *more):
    """The layers of each stage, or the refusal."""
    config = ConfigManager().parse_args([*WORDS, str(layers), *more])
    dims = ParallelDims.from_config(config.parallelism, 512)
    try:
        stages = pipeline._get_pipeline_metadata(
            dims, config.parallelism, config.model_spec.model
        )
        parts = pipeline._generate_llm_fqn_per_model_part(*stages)
    except ValueError as error:
        said = str(error)
    else:
        said = str([sum(name.startswith("layers.") for name in part) for part in parts])
    print(f"layers_per_stage {layers} {'with both at 0' if more else 'alone'}\n  {said}\n")
    return said


advice, refused, more, both = answer(11), answer(20), answer(21), answer(20, *NONE)
as_described = (
    "to 20 or higher" in advice
    and "(5) must be divisible" in refused
    and not any("stage_less_layers" in said for said in (advice, refused))
    and more.startswith("[")
    and both == "[20, 20, 20, 20]"
)
print("as described" if as_described else "CHANGED")
sys.exit(not as_described)
PYTHON
