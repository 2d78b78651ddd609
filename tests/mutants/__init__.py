"""Plants small faults in the code, one at a time, and tells which of them no test notices.

`python -m tests.mutants --help` tells how. `faults.py` finds them, `trial.py` plants one and runs the tests that should
notice, `equivalent.txt` names those that change nothing.
"""
