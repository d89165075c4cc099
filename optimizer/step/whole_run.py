"""What a whole run keeps of its steps' speed, failures apart.

Of the runs that publish both, tokens over GPU-hours against the speed of their own steps, and that
share over the goodput that interruptions leave by goodput.py: so no failure is counted twice.
BLOOM 0.90 of 0.98, OLMo 3 7B 0.91 of 0.99, fms-fsdp 7B 1.02 of 1.00, Llama 3.1 405B 0.93 of 0.86,
PaLM 0.67 of 0.95, MPT-7B 0.76 of 0.99; SmolLM3 and OLMo Hybrid state it themselves, 0.80 and 0.97.
No trend with the number of GPUs, from 128 to 16,384, could be told from these. What is lost beside
failures: evaluation, checkpoints that stall, slow spells, steps done again after a spike.
"""

# The shares above over their goodput, none above 1.
KEPT = (0.92, 0.92, 1.0, 1.0, 0.70, 0.77, 0.81, 0.98)
# Their median.
RUN_FACTOR = 0.92
# Their 10th and 90th percentile.
LEAST_KEPT, MOST_KEPT = 0.75, 1.0
