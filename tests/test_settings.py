"""The environment of the line: what is refused, what is read, and that no secret is ever shown."""

from pathlib import Path
from typing import Any

import pytest

from ivr.core.content import Content
from ivr.core.office import Office
from ivr.settings import Settings, SettingsError, environment, read_settings, site_folder

TOKEN, URL, OURS = "0123456789abcdef", "https://line.example.fi", "+358931551234"
INSTRUCTOR, OTHER = "+358401234567", "+358402345678"
GOOD = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "IVR_PUBLIC_URL": URL,
    "IVR_CALLER_ID": OURS,
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": INSTRUCTOR,
}
CALLER_ID, CONTACT, ON_CALL = "IVR_CALLER_ID", "IVR_CONTACT_SOCIAL_INSTRUCTOR", "IVR_CONTACT_ON_CALL"


@pytest.fixture(scope="session")
def office(content: Content) -> Office:
    return content.office


def faults(office: Office, **changes: str) -> list[str]:
    """What is wrong with the good environment after some changes."""
    with pytest.raises(SettingsError) as refused:
        read_settings({**GOOD, **changes}, office)
    assert str(refused.value) == "\n".join(refused.value.faults)
    return refused.value.faults


def fault(office: Office, **changes: str) -> str:
    found = faults(office, **changes)
    assert len(found) == 1, found
    return found[0]


def settings(office: Office, **changes: str) -> Settings:
    return read_settings({**GOOD, **changes}, office)


def with_public_number(number: str) -> Office:
    written: dict[str, Any] = {
        "zone": "Europe/Helsinki",
        "country": "FI",
        "hours": {"phone": {}},
        "contacts": {"on_call": {"number": number}, "social_instructor": {}},
    }
    return Office.model_validate(written)


def test_a_good_environment_is_read(office: Office) -> None:
    assert settings(office) == Settings(
        public_url=URL,
        caller_id=OURS,
        auth_tokens=(TOKEN,),
        contacts={"on_call": ("+358400291141",), "social_instructor": (INSTRUCTOR,)},
        speech="auto",
        log="-",
        warnings=(),
    )


def test_everything_that_is_wrong_is_told_at_once(office: Office) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"IVR_SPEECH": "loud", "IVR_CONTACT_BOSS": OTHER, ON_CALL: "112"}, office)
    assert sorted(line.split()[0] for line in refused.value.faults) == [
        "IVR_CALLER_ID",
        "IVR_CONTACT_BOSS",
        "IVR_CONTACT_ON_CALL",
        "IVR_CONTACT_SOCIAL_INSTRUCTOR",
        "IVR_PUBLIC_URL",
        "IVR_SPEECH",
        "TWILIO_AUTH_TOKEN",
    ]
    assert all(". Remedy: " in line for line in refused.value.faults)


@pytest.mark.parametrize("variable", list(GOOD))
@pytest.mark.parametrize("empty", ["", "  ", None])
def test_what_is_missing_is_named_with_its_remedy(office: Office, variable: str, empty: str | None) -> None:
    env = {name: value for name, value in GOOD.items() if name != variable} | ({variable: empty} if empty else {})
    with pytest.raises(SettingsError) as refused:
        read_settings(env, office)
    assert len(refused.value.faults) == 1
    assert refused.value.faults[0].startswith(f"{variable} is missing. Remedy: ")


# --- numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", [CALLER_ID, CONTACT, ON_CALL])
@pytest.mark.parametrize(
    "number",
    [
        "0401234567",
        "00358401234567",
        "358401234567",
        "+358-40-1234567",
        "+358(0)401234567",
        "+3580401234567",
        "+358401234567;ext=5",
        "+358401234567x5",
        "+35840FLOWERS",
        "tel:+358401234567",
        "＋358401234567",
        "+35840123456７",
    ],
)
def test_a_number_is_dialled_only_in_international_form(office: Office, variable: str, number: str) -> None:
    assert fault(office, **{variable: number}).startswith(f"{variable} is not in international form; write it as +358")


@pytest.mark.parametrize("variable", [CALLER_ID, CONTACT, ON_CALL])
@pytest.mark.parametrize(
    "number",
    ["112", "1 1 2", "1-1-2", "(112)", "１１２", "tel:112", "112;ext=1", "+358112", "+358 112", "+358-112", "00358112"],
)
def test_the_line_never_dials_112(office: Office, variable: str, number: str) -> None:
    assert fault(office, **{variable: number}).startswith(f"{variable} is an emergency number; the caller dials those")


@pytest.mark.parametrize(
    "number", ["+112", "0112", "00112", "112#", "+3580112", "911", "+1911", "999", "+44999", "000"]
)
def test_no_other_spelling_of_an_emergency_number_slips_through(office: Office, number: str) -> None:
    assert fault(office, **{CONTACT: number}).startswith(f"{CONTACT} is ")


@pytest.mark.parametrize("number", ["116111", "116117", "+358116117", "10022", "+358700123"])
def test_a_short_number_is_refused(office: Office, number: str) -> None:
    assert fault(office, **{CONTACT: number}).startswith(f"{CONTACT} is a short number. Remedy: write a number such as")


@pytest.mark.parametrize("number", ["+358600123456", "+35870012345", "+448451234567", "+19005551234"])
def test_a_premium_number_is_refused(office: Office, number: str) -> None:
    assert fault(office, **{CONTACT: number}).startswith(f"{CONTACT} is a premium number. Remedy: ")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("hello", "is not a phone number"),
        ("+", "is not a phone number"),
        ("+358", "is not a phone number"),
        ("+35840123456789012", "is not a number that exists"),
        ("+358606123456", "is not a number that exists"),
        ("+9991234567", "is not a phone number"),
    ],
)
def test_a_number_that_does_not_exist_is_refused(office: Office, number: str, why: str) -> None:
    assert fault(office, **{CONTACT: number}).startswith(f"{CONTACT} {why}. Remedy: ")


@pytest.mark.parametrize("ours", [OURS, "+358 9 3155 1234"])
@pytest.mark.parametrize("spelling", [OURS, "+358 9 3155 1234"])
def test_the_line_never_rings_itself(office: Office, ours: str, spelling: str) -> None:
    told = fault(office, **{CALLER_ID: ours, CONTACT: f"{INSTRUCTOR}, {spelling}"})
    assert told.startswith(f"{CONTACT} (number 2) is our own number. Remedy: the line would ring itself")


def test_our_own_number_may_be_written_with_spaces(office: Office) -> None:
    assert settings(office, IVR_CALLER_ID=" +358 9 3155 1234 ").caller_id == OURS


def test_several_numbers_are_written_with_commas_and_may_have_spaces(office: Office) -> None:
    read = settings(office, **{CONTACT: " +358 40 123 4567, +358402345678 ,, "})
    assert read.contacts["social_instructor"] == (INSTRUCTOR, OTHER)


def test_each_of_several_numbers_is_checked(office: Office) -> None:
    told = faults(office, **{CONTACT: f"{INSTRUCTOR}, 112, {OTHER}, hello"})
    assert [line.partition(" is ")[0] for line in told] == [f"{CONTACT} (number 2)", f"{CONTACT} (number 4)"]


def test_on_call_is_rung_at_its_public_number_unless_the_environment_says_otherwise(office: Office) -> None:
    assert settings(office).contacts["on_call"] == ("+358400291141",)
    assert settings(office, **{ON_CALL: OTHER}).contacts["on_call"] == (OTHER,)


@pytest.mark.parametrize("number", ["00 1", "0112", "01", "0600 123 456"])
def test_a_public_number_that_cannot_be_dialled_is_refused(number: str) -> None:
    assert fault(with_public_number(number)).startswith(f"{ON_CALL} is ")


@pytest.mark.parametrize("variable", ["IVR_CONTACT_BOSS", "IVR_CONTACT_", "IVR_CONTACT_on_call"])
def test_a_contact_that_the_office_does_not_have_is_refused(office: Office, variable: str) -> None:
    told = fault(office, **{variable: OTHER})
    assert told.startswith(f"{variable} names no contact of office.yaml. Remedy: use one of ")
    assert f"{ON_CALL}, {CONTACT}" in told


@pytest.mark.parametrize("number", ["+358201234567", "+358800123456", "+358295012345", "+35810123456"])
def test_a_service_number_is_rung_with_a_warning(office: Office, number: str) -> None:
    read = settings(office, **{CONTACT: number})
    assert read.contacts["social_instructor"] == (number,)
    assert read.warnings == (f"{CONTACT} is a service number; it may not be reachable from abroad: ring it once",)


@pytest.mark.parametrize("number", [INSTRUCTOR, "+358931551235", "+4687654321"])
def test_an_ordinary_number_is_rung_without_a_warning(office: Office, number: str) -> None:
    assert settings(office, **{CONTACT: number}).warnings == ()


# --- numbers of ours that belong to a language ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("112", "is an emergency number; the caller dials those, never the line"),
        ("0600 123 456", "is a premium number"),
        ("0753", "is not a number that exists"),
        (OTHER, "is the number of a contact"),
    ],
)
def test_a_number_of_a_language_is_an_ordinary_one_that_nobody_else_has(office: Office, number: str, why: str) -> None:
    changed = office.model_copy(update={"languages_by_number": {"0753 250 111": "so", number: "ar"}})
    assert fault(changed, **{ON_CALL: OTHER}).startswith(f"office.yaml: languages_by_number (number 2) {why}. Remedy: ")


def test_the_number_of_a_language_may_be_our_own(office: Office) -> None:
    settings(office.model_copy(update={"languages_by_number": {OURS: "so"}}))


# --- secrets, addresses and the rest --------------------------------------------------------------------------------


def test_two_tokens_are_accepted_while_one_replaces_the_other(office: Office) -> None:
    assert settings(office, TWILIO_AUTH_TOKEN="old , new").auth_tokens == ("old", "new")


def test_three_tokens_are_refused(office: Office) -> None:
    assert fault(office, TWILIO_AUTH_TOKEN="a,b,c") == (
        "TWILIO_AUTH_TOKEN has more than two tokens. Remedy: keep the old and the new one while rotating."
    )


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("line.example.fi", "is not an address"),
        ("ftp://line.example.fi", "is not an address"),
        ("https://", "is not an address"),
        ("https:///voice", "is not an address"),
        ("https://[::1", "is not an address"),
        ("https://line.example.fi:port", "is not an address"),
        ("https://line.example.fi:99999", "is not an address"),
        ("https://line example.fi", "is not an address"),
        ("http://line.example.fi", "is not https"),
        ("http://192.168.1.5", "is not https"),
        ("http://localhost.example.fi", "is not https"),
        ("https://line.example.fi/?a=b", "has more than an address"),
        ("https://line.example.fi?", "has more than an address"),
        ("https://line.example.fi/#top", "has more than an address"),
        ("https://line.example.fi#", "has more than an address"),
        ("https://me:secret@line.example.fi", "has more than an address"),
        ("https://:secret@line.example.fi", "has more than an address"),
        ("https://me@line.example.fi", "has more than an address"),
        ("https://päivystys.fi", "has more than an address"),
    ],
)
def test_an_address_that_twilio_cannot_or_must_not_call_is_refused(office: Office, url: str, why: str) -> None:
    assert fault(office, IVR_PUBLIC_URL=url).startswith(f"IVR_PUBLIC_URL {why}. Remedy: ")


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://line.example.fi/", "https://line.example.fi"),
        (" https://line.example.fi:8443/kemi/ ", "https://line.example.fi:8443/kemi"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_is_read_without_its_last_slash(office: Office, url: str, read: str) -> None:
    assert settings(office, IVR_PUBLIC_URL=url).public_url == read


def test_how_it_speaks_and_where_it_writes_can_be_chosen(office: Office) -> None:
    read = settings(office, IVR_SPEECH="say", IVR_LOG="calls.log")
    assert (read.speech, read.log) == ("say", "calls.log")
    assert settings(office, IVR_SPEECH="", IVR_LOG="") == settings(office)
    assert fault(office, IVR_SPEECH="loud") == "IVR_SPEECH is unknown. Remedy: write auto or say."


@pytest.mark.parametrize(
    "planted",
    [
        {"TWILIO_AUTH_TOKEN": "PLANTED1,PLANTED2,PLANTED3"},
        {"IVR_PUBLIC_URL": "https://me:PLANTED@line.example.fi"},
        {"IVR_PUBLIC_URL": "PLANTED"},
        {"IVR_PUBLIC_URL": "http://PLANTED.example"},
        {"IVR_PUBLIC_URL": "https://[PLANTED"},
        {"IVR_SPEECH": "PLANTED"},
        {"IVR_CALLER_ID": "PLANTED"},
        {"IVR_CALLER_ID": "0405550199"},
        {CONTACT: "PLANTED"},
        {CONTACT: "0405550199"},
        {CONTACT: "+358600550199"},
        {CONTACT: "+4990055501999999999"},
        {"IVR_CALLER_ID": "+358405550199", CONTACT: "+358405550199"},
        {"IVR_CONTACT_BOSS": "+358405550199"},
    ],
)
def test_no_fault_shows_a_secret_or_a_number(office: Office, planted: dict[str, str]) -> None:
    shown = "\n".join(faults(office, **planted)).lower()
    assert "planted" not in shown
    assert "550199" not in shown
    assert "5501999" not in shown


def test_settings_that_are_printed_show_neither_secrets_nor_whom_they_ring(office: Office) -> None:
    shown = repr(settings(office))
    assert TOKEN not in shown
    assert INSTRUCTOR not in shown


# --- where it comes from --------------------------------------------------------------------------------------------


def test_a_file_of_settings_is_read(tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in GOOD:
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / ".env").write_text("# ours\n" + "".join(f"{name}={value}\n" for name, value in GOOD.items()))
    env = environment(tmp_path)
    assert {name: env[name] for name in GOOD} == GOOD


def test_the_environment_of_the_process_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("IVR_LOG=from_file\nIVR_SPEECH=say\nIVR_EMPTY\n")
    monkeypatch.setenv("IVR_LOG", "from_process")
    monkeypatch.delenv("IVR_SPEECH", raising=False)
    env = environment(tmp_path)
    assert (env["IVR_LOG"], env["IVR_SPEECH"], env["IVR_EMPTY"]) == ("from_process", "say", "")


def test_without_a_file_there_is_only_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_LOG", "from_process")
    assert environment(tmp_path)["IVR_LOG"] == "from_process"


def test_the_site_is_where_the_command_line_the_environment_or_the_working_folder_says_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("prompts", "by-environment", "by-old-name", "by-command-line"):
        (tmp_path / name).mkdir()
    old = {"IVR_CONTENT": "by-old-name"}
    new = {**old, "IVR_SITE": "by-environment"}
    assert site_folder("by-command-line", new) == Path("by-command-line")
    assert site_folder(None, new) == Path("by-environment")
    assert site_folder(None, old) == Path("by-old-name")
    assert site_folder(None, {}) == Path("prompts")


@pytest.mark.parametrize("named", [None, "nowhere"])
@pytest.mark.parametrize("env", [{}, {"IVR_SITE": "elsewhere"}])
def test_without_a_site_the_error_names_all_three_places(
    named: str | None, env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as told:
        site_folder(named, env)
    assert all(words in str(told.value) for words in ("--site DIR", "IVR_SITE", "prompts/", "ivr new DIR"))
    assert (named or env.get("IVR_SITE") or "prompts") in str(told.value)
