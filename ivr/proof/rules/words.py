"""The rules of words (M2, T2, W1, W3, W4), proved over every sentence that the line can say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ivr.content.checks.lint import MOST_WORDS
from ivr.content.files import LANGUAGES
from ivr.content.texts import text_issue
from ivr.core.call import Collect
from ivr.core.flow import Hours, Matter, Menu
from ivr.core.issue import Issue
from ivr.core.languages import Languages, gap_severity
from ivr.core.prompts import IN_BRACES, KEY_SLOTS, WAIT, slots_of, twin_of
from ivr.core.speak import whisper
from ivr.core.utterance import Utterance
from ivr.proof.evidence import Evidence
from ivr.proof.registry import Finding, counterexample, rule

LONGEST_WHISPER = 25
HELP_SLOT, OPTION_SLOT = "help_key", "key"
DIGITS = ("key.", "digit.")
"""What the ids of the names of keys begin with."""
ADDRESS = re.compile(r"https?:|www\.", re.IGNORECASE)


def said_once(evidence: Evidence) -> frozenset[Utterance]:
    """Every sentence that the line can say, without the slow versions."""
    return frozenset(utterance for utterance in evidence.script if not utterance.slow)


def _issue(evidence: Evidence, utterance: Utterance, message: str, remedy: str) -> Issue:
    return text_issue(evidence.content.languages, utterance.language, utterance.prompt, message, remedy)


@rule("W1", "text", "At most 12 words a sentence, no jargon of the office, no web address, no digit.")
def plain_words(evidence: Evidence) -> Finding:
    issues, longest, said = list[Issue](), 0, said_once(evidence)
    jargon = {code: _jargon(language.jargon) for code, language in evidence.content.languages.languages.items()}
    for utterance in said:
        longest = max(longest, words := utterance.most_words)
        if words > MOST_WORDS:
            issues.append(_issue(evidence, utterance, f"has a sentence of {words} words", "Make two of it"))
        if word := ADDRESS.search(utterance.text) or jargon[utterance.language].search(utterance.text):
            issues.append(_issue(evidence, utterance, f"says '{word[0]}'", "Say it in plain words"))
        if re.search(r"\d", utterance.text):
            issues.append(_issue(evidence, utterance, "has digits", "Write them as words"))
    detail = f"{len(said)} sentences of {len(evidence.content.offered)} languages; at most {longest} words"
    return Finding(detail, issues)


def _jargon(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern of any word of a list, in which `*` stands for any ending; it matches nothing if the list is empty."""
    stems = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
    return re.compile(rf"\b(?:{stems})\b" if stems else r"(?!)", re.IGNORECASE)


@rule(
    "M2",
    "text",
    'An option says its name first, then "press" with its key in the order of its language: also those for 0 and 9, '
    'and each language in the language menu. No sentence says two keys. "Or wait" is said once, at the end. The main '
    "menus say 0.",
)
def options_with_their_verb(evidence: Evidence) -> Finding:
    content, options = evidence.content, 0
    issues = [*_options_without_key(evidence), *_second_keys(evidence), *_waits_before_the_end(evidence)]
    front = content.flow.nodes[content.flow.main_menu]
    for name in sorted({front.open.to, front.closed.to} if isinstance(front, Hours) else {content.flow.main_menu}):
        node = content.flow.nodes[name]
        closing = node.closing if isinstance(node, Menu) else ()
        said = (content.catalogue.texts[content.languages.source].get(item.name, "") for item in closing)
        if not any(HELP_SLOT in slots_of(text) for text in said):
            issues.append(counterexample(name, "it does not say that 0 is help", "Say it among its closing words"))
    ends = {code: _press(language.press) for code, language in content.languages.languages.items()}
    for code in sorted(content.offered):
        if not content.languages.languages[code].press:
            issues.append(_no_press(content.languages, code))
            continue
        for prompt, text in content.catalogue.texts[code].items():
            if not KEY_SLOTS.intersection(slots_of(text)):
                continue
            options += 1
            if not ends[code].search(text):
                forms = " or ".join(f"'{form}'" for form in content.languages.languages[code].press)
                at, message = Utterance(prompt, code, text), "does not say its name and then how to press its key"
                issues.append(_issue(evidence, at, message, f"Name first, then {forms}"))
    return Finding(f"{options} options", issues)


def _options_without_key(evidence: Evidence) -> Iterator[Issue]:
    """The options of menus whose text has no place for their own key: `{again_key}` would say nine of each."""
    content, prompts = evidence.content, dict[str, str]()
    for name, node in content.flow.nodes.items():
        if isinstance(node, Menu):
            prompts |= {option.say: name for option in node.options.values() if option.say}
    for prompt, name in prompts.items():
        for code in sorted(content.offered):
            text = content.catalogue.texts[code].get(prompt)
            if text is not None and OPTION_SLOT not in slots_of(text):
                at = Utterance(prompt, code, text)
                yield _issue(evidence, at, f"is an option of '{name}' and says no key", "Say how to press {key}")


def _second_keys(evidence: Evidence) -> Iterator[Issue]:
    """The sentences that say how to press a key and name another: whoever hears two presses either."""
    for code in sorted(evidence.content.offered):
        texts = evidence.content.catalogue.texts[code]
        digits = {texts[id_].casefold() for id_ in texts if id_.startswith(DIGITS)}
        for prompt, text in texts.items():
            keys = [slot for slot in slots_of(text) if slot in KEY_SLOTS]
            said = digits.intersection(re.findall(r"\w+", IN_BRACES.sub(" ", text).casefold()))
            if keys and (len(keys) > 1 or said):
                more = f", '{min(said)}'" if said else ""
                yield _issue(evidence, Utterance(prompt, code, text), f"says a second key{more}", "Say one key only")


def _waits_before_the_end(evidence: Evidence) -> Iterator[Issue]:
    """The menus that say that waiting is fine, and then go on."""
    for step in evidence.steps:
        early = [play.prompt for play in step.plays[:-1] if play.prompt.endswith(WAIT)]
        if early and step.state.language and isinstance(step.action, Collect):
            message = f"it says '{early[0]}' before its end"
            yield counterexample(step.state.node, message, "Say once, as the last words, that waiting is fine")


def _press(forms: Iterable[str]) -> re.Pattern[str]:
    """A pattern of a text whose last sentence names something and then ends with one of the forms of "press {key}"."""
    ends = "|".join(re.escape(form).replace(r"\{key\}", r"\{\w+\}") for form in forms)
    return re.compile(rf"\w[^{{}}.?!؟]*[\s,:،](?:{ends})\W*$", re.IGNORECASE)


def _no_press(languages: Languages, code: str) -> Issue:
    message, remedy = f"{code} has no 'press': how it says 'press one'", "Write it, like press: ['press {key}']"
    return Issue(gap_severity(languages, code), LANGUAGES, ("languages", code), message, remedy, code)


@rule(
    "T2",
    "text",
    "Whoever picks up hears, three times within 25 s, what to press, the caller's language and the matter.",
)
def whispers(evidence: Evidence) -> Finding:
    issues, longest, staff = list[Issue](), 0.0, evidence.content.languages.staff
    for language in (None, *sorted(evidence.content.offered)):
        for matter in Matter.__args__:  # type: ignore[attr-defined]
            plays = whisper(evidence.content, language, matter)
            longest = max(longest, seconds := evidence.length(plays))
            if seconds > LONGEST_WHISPER:
                issues.append(_issue(evidence, plays[2], f"makes the whisper {seconds:.0f} s long", "Shorten it"))
            if {plays.count(play) for play in plays} != {3} or {play.language for play in plays} != {staff}:
                message, remedy = f"is not said three times in {staff}", "Say all of it three times"
                issues.append(_issue(evidence, plays[0], message, remedy))
    return Finding(f"at most {longest:.1f} s", issues)


@rule("W3", "text", "A prompt is one whole sentence without empty slots; only digits are single words.")
def whole_sentences(evidence: Evidence) -> Finding:
    said = said_once(evidence)
    issues = [
        _issue(evidence, utterance, f"is no whole sentence: '{utterance.text}'", "Write it whole, with its full stop")
        for utterance in said
        if not utterance.prompt.startswith("digit.") and not re.search(r"^[^{}]+[.?!:؟]$", utterance.text)
    ]
    return Finding(f"{len(said)} sentences", issues)


@rule("W4", "text", "Every sentence with a day or a time has a twin without, in every language.")
def twins(evidence: Evidence) -> Finding:
    issues, count = list[Issue](), 0
    content = evidence.content
    for language in content.offered:
        texts = content.catalogue.texts[language]
        for prompt, text in texts.items():
            if prompt.startswith("hours.") and slots_of(text):
                count += 1
                twin = texts.get(twin_of(prompt), "{")
                if slots_of(twin) or not twin.strip("{"):
                    utterance = Utterance(prompt, language, text)
                    issues.append(_issue(evidence, utterance, "has no twin", f"Add '{twin_of(prompt)}'"))
    return Finding(f"{count} sentences", issues)
