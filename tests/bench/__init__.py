"""`make bench` and `make profile`: what the line costs, beside a floor and what others write for the same webhook.

All that is compared is measured in turn, in one run, on one machine: the figures change with the machine, their ratios
hardly. `python -m tests.bench --only NAME` measures a part.
"""
