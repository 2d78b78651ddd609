"""What somebody in the room sees: who they are, the words, the consent, and what there is to do for their kind."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ivr.content.places import places
from ivr.listening.sentences import RoomSentence
from ivr.records.room import Take, Visit, Volunteer
from ivr.room.access import content, reception
from ivr.room.progress import RoomProgress
from ivr.room.told import pair
from ivr.room.words import OTHERWISE, consent_read, consent_version, words

WHEN = ("fi", "en")
"""The languages in which the places of a call are told."""
State = dict[str, Any]


def common_state(visit: Visit) -> State:
    """What everybody sees."""
    me, known = visit.volunteer, content().content.languages.languages
    language = known.get(me.language)
    return {
        "me": {
            "name": me.name,
            "kind": me.kind,
            "language": me.language,
            "called": language.name if language else me.language,
            "direction": language.direction if language else "ltr",
            "device": visit.device,
            "devices": me.devices,
        },
        "words": {key: pair(me.language, key) for key in words(OTHERWISE)},
        "consent": {
            "version": consent_version(me.language, me.kind),
            "agreed": has_agreed(me),
            "named": bool(me.consent and me.consent.named),
            "sentences": [pair(me.language, key) for key in consent_read(me.kind)],
        },
    }


def has_agreed(volunteer: Volunteer) -> bool:
    """Whether somebody has agreed to what the consent says today, in their language."""
    consent = volunteer.consent
    return consent is not None and consent.version == consent_version(volunteer.language, volunteer.kind)


def speakers_state(visit: Visit) -> State:
    """What somebody sees who records: every sentence, with what they have left of it, and how far they are."""
    me, room = visit.volunteer, reception().room
    sentences = content().sentences(me.language)
    all_takes = room.takes(me.language)
    takes, others = _newest(all_takes, me), _others(all_takes, me, sentences)
    verdicts = {
        (each.sentence, each.text): each.verdict for each in room.readings(me.language) if each.volunteer == me.id
    }
    wishes = {
        (each.sentence, each.text): each.words
        for each in room.suggestions(me.language)
        if each.volunteer == me.id and each.stage == "open"
    }
    return {
        "sentences": [
            {
                **_sentence(me.language, number, each),
                "take": take_told(me.language, each, takes[each.id]) if each.id in takes else None,
                "others": others[each.id],
                "verdict": verdicts.get((each.id, each.text)),
                "suggestion": wishes.get((each.id, each.text)),
            }
            for number, each in enumerate(sentences.values(), 1)
        ],
        "progress": progress_told(me, all_takes),
    }


def _sentence(language: str, number: int, sentence: RoomSentence) -> State:
    clip = content().clip_of_today(language, sentence.id)
    by = "person" if clip and content().is_by_person(clip) else "machine"
    node = sentence.nodes[0] if sentence.nodes else ""
    return {
        "id": sentence.id,
        "number": number,
        "text": sentence.text,
        "words": hash_of_words(sentence.text),
        "safety": sentence.safety,
        "when": {code: places(code).get(node, node) for code in WHEN},
        "meaning": dict(sentence.meaning),
        "seconds": round(content().seconds(language, sentence.id), 1),
        "today": {"url": f"sound/{clip.name}.wav", "by": by} if clip else None,
    }


def take_told(language: str, sentence: RoomSentence, take: Take) -> State:
    """What somebody is told of a take of theirs."""
    heard = content().clip_of_today(language, sentence.id)
    return {
        "url": f"sound/{take.file}.wav",
        "seconds": round(take.seconds, 1),
        "stale": take.text != sentence.text,
        "in_use": heard is not None and take.sha256.startswith(heard.name),
    }


def progress_told(me: Volunteer, all_takes: tuple[Take, ...]) -> State:
    """How far somebody is. `all_takes`: those of their language."""
    takes = tuple(take for take in all_takes if take.volunteer == me.id)
    now = content()
    lengths = {each.id: (each.text, now.seconds(me.language, each.id)) for each in now.sentences(me.language).values()}
    found = RoomProgress.of(lengths, takes)
    return {"done": found.done, "all": found.all, "minutes": found.minutes}


def _newest(takes: tuple[Take, ...], me: Volunteer) -> Mapping[str, Take]:
    return {take.sentence: take for take in takes if take.volunteer == me.id and take.replaced is None}


def _others(takes: tuple[Take, ...], me: Volunteer, sentences: Mapping[str, RoomSentence]) -> Mapping[str, int]:
    """Sentence -> how many others have recorded its words of today."""
    found = defaultdict[str, set[int]](set)
    for take in takes:
        sentence = sentences.get(take.sentence)
        if sentence and take.text == sentence.text and take.replaced is None and take.volunteer != me.id:
            found[take.sentence].add(take.volunteer)
    return {id_: len(found[id_]) for id_ in sentences}


def hash_of_words(text: str) -> str:
    """By which a page says which words it has shown."""
    return hashlib.sha256(text.encode()).hexdigest()
