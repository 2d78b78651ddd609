"""What `ivr check` prints: every issue, and every rule with its proof."""

from __future__ import annotations

import json
from dataclasses import asdict

from ivr.proof.prove import Proved
from ivr.proof.registry import Proof, Rule
from ivr.proof.walk import Walk


def as_text(proved: Proved) -> str:
    """For people: the issues, the worst first, then a line for each rule."""
    lines = [str(issue) for issue in proved.issues]
    if any(issue.severity == "note" for issue in proved.issues):
        lines.append("Notes do not stop the phone.")
    if proved.walked:
        walked = proved.walked
        lines += [
            f"walked {len(walked.after)} states and {walked.transitions_count} transitions at {len(walked.moments)} "
            f"different hours, by {walked.steps} steps; {_seconds(proved)}",
            _what_is_new(walked),
            *map(_proof_line, proved.proofs),
            *ringing_table(proved),
        ]
    offered = ", ".join(sorted(proved.offered)) if proved.content else "none"
    return "\n".join([*lines, f"languages offered: {offered}"])


def _what_is_new(walked: Walk) -> str:
    if walked.is_new:
        return "all of it was walked and proved now"
    return (
        "where calls go was proved before and has not changed; words, hours and seconds were proved now "
        "(ivr check --all proves all of it anew)"
    )


def _seconds(proved: Proved) -> str:
    if not proved.measured:
        return "seconds are estimated from the texts, as clips are missing (ivr audio status)"
    return f"seconds are those of clips in {', '.join(sorted(proved.measured))}, estimated elsewhere"


def ringing_table(proved: Proved) -> list[str]:
    """A Markdown table of seconds from pick-up until a phone rings, by language; empty without content."""
    if not proved.ringing:
        return []
    head = ["| language | 0 at once | language, 1 | language, 2 | no key at all |", "|---|---|---|---|---|"]
    rows = (
        f"| {r.language} | {r.help:.0f} | {r.person:.0f} | {r.child:.0f} | {r.silent:.0f} |" for r in proved.ringing
    )
    return ["seconds from pick-up until a phone rings:", *head, *rows]


def _proof_line(proof: Proof) -> str:
    if proof.by == "not yet":
        return f"{proof.rule}  not yet  {proof.detail}"
    return f"{proof.rule}  {'holds' if proof.holds else 'BROKEN':<7}  by {proof.by:<4}  {proof.detail}"


def rule_text(rule: Rule) -> str:
    """A rule for people: its id, its sentence, and what proves it."""
    shown = rule.shown_by
    place = shown if isinstance(shown, str) else f"{shown.__module__.replace('.', '/')}.py, {shown.__name__}"
    by = "proved" if rule.by == "test" else f"proved by {rule.by}"
    return f"{rule.id}: {rule.sentence}\n{by}: {place}"


def as_json(proved: Proved) -> str:
    """For programs: issues, proofs and the languages offered, as JSON."""
    values = {
        "issues": [asdict(issue) for issue in proved.issues],
        "proofs": [
            {"rule": proof.rule, "holds": proof.holds, "by": proof.by, "detail": proof.detail}
            for proof in proved.proofs
        ],
        "offered": sorted(proved.offered) if proved.content else [],
    }
    return json.dumps(values, ensure_ascii=False, indent=2)
