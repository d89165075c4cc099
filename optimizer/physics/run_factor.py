"""What a whole run keeps of its steps' speed: one share, which holds usual interruptions too.

Of the runs that publish both, tokens over GPU-hours against the speed of their own steps: BLOOM
0.90, OLMo 3 7B 0.91, fms-fsdp 7B 1.02, Llama 3.1 405B 0.93, PaLM 0.67 and MPT-7B 0.76; SmolLM3 and
OLMo Hybrid state it themselves, 0.80 and 0.97. From 128 to 16,384 GPUs there is no trend with
their number. Lost are interruptions, restarts, checkpoints that stall, evaluation, slow spells,
and steps done again after a spike; goodput.py counts interruptions only where they take more.
"""

from math import hypot, log

KEPT = (0.90, 0.914, 1.02, 0.927, 0.665, 0.76, 0.80, 0.97)
# Their median.
RUN_FACTOR = 0.907
# Their 10th and 90th percentile.
LEAST_KEPT, MOST_KEPT = 0.73, 0.985


def with_whole_run(below: float, above: float) -> tuple[float, float]:
    """A step's range with what whole runs keep in it, as logs: independent, they add as squares."""
    least, most = log(RUN_FACTOR / LEAST_KEPT), log(MOST_KEPT / RUN_FACTOR)
    return hypot(below, least), hypot(above, most)
