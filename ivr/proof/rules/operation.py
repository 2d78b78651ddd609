"""The rules of what happens when something breaks (O1 to O7), proved by tests."""

from ivr.proof.registry import rule_by_test

rule_by_test(
    "O1",
    "tests/faults/test_faults.py",
    "A sentence is said by the first of: its clip; the same words by any other clip; the provider's voice; its twin "
    "without day and time. If none is left, `safety.` sentences, the hours of now and what announces a ringing are "
    "said in the languages that speak first; every other sentence is left out, and its key works.",
)
rule_by_test(
    "O2",
    "tests/telephony/test_emergency.py",
    "The emergency document needs nothing that can be lost: 112 is told, somebody rings, and a talk is not followed by "
    "another ringing. Where no process answers, a file on another host does the same.",
)
rule_by_test(
    "O3",
    "tests/faults/test_faults.py",
    "What a caller suffers, an operator is told within a minute; alarms clear by themselves, and forgers alone raise "
    "none.",
)
rule_by_test(
    "O4",
    "tests/faults/test_swap.py",
    "New content is taken only when it is whole and proved; until then the last good one is served, also after a "
    "restart. A change of hours is never refused for its words or seconds, and takes no language away.",
)
rule_by_test(
    "O5",
    "tests/faults/test_faults.py",
    "No stranger keeps a caller waiting: not by hundreds of connections that send nothing, half a request, or read "
    "nothing. No change of the clock does harm.",
)
rule_by_test(
    "O6",
    "tests/faults/test_faults.py",
    "A step that hangs or raises is answered by the emergency document within 3 s, and costs the next call nothing. "
    "SIGTERM answers what was asked and ends within 8 s; no other signal but SIGINT ends a call.",
)
rule_by_test(
    "O7",
    "tests/faults/test_two_processes.py",
    "Two processes and a proxy: a rolling restart, a lost process, or a rolling change of content loses no call and "
    "misreads no key.",
)
