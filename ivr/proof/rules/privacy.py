"""The rules of privacy (P1, P2), proved by tests."""

from ivr.proof.registry import rule_by_test

rule_by_test(
    "P1",
    "tests/test_privacy.py",
    "No recording. No number, name or free word in any log line, address or error; a journal line is named by a keyed "
    "hash of the call whose key is thrown away daily.",
)
rule_by_test(
    "P2",
    "tests/telephony/test_nothing_unasked.py",
    "No message, call or trace that the caller did not ask for in this call. Calls that an administrator starts ring "
    "only configured numbers, after asking or by a timer that they have set.",
)
