"""The environment of the line: what is refused, what is read, and that no secret is ever shown."""

import socket
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from click.testing import CliRunner

from ivr.commands import main
from ivr.core.content import Content
from ivr.core.office import Office
from ivr.settings.env_file import SettingsError, environment, file_warnings
from ivr.settings.read import Settings, counts_calls, read_settings, requires_approval, site_folder

TOKEN, URL, OURS = "0123456789abcdef0123456789abcdef", "https://line.example.fi", "+358931551234"
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
    env = {"IVR_SPEECH": "loud", "IVR_CONTACT_BOSS": OTHER, ON_CALL: "112", "IVR_REQUIRE_APPROVAL": "?"}
    with pytest.raises(SettingsError) as refused:
        read_settings(env, office)
    assert sorted(line.split()[0] for line in refused.value.faults) == [
        "IVR_CALLER_ID",
        "IVR_CONTACT_BOSS",
        "IVR_CONTACT_ON_CALL",
        "IVR_CONTACT_SOCIAL_INSTRUCTOR",
        "IVR_PUBLIC_URL",
        "IVR_REQUIRE_APPROVAL",
        "IVR_SPEECH",
        "TWILIO_AUTH_TOKEN",
    ]
    assert all(". Remedy: " in line for line in refused.value.faults)


def test_calls_are_counted_unless_that_is_off(office: Office) -> None:
    assert [counts_calls({"IVR_COUNTS": written}) for written in ("", "on", "off", "no")] == [True, True, False, False]
    assert counts_calls({})
    for written in ("on", "off"):
        assert settings(office, IVR_COUNTS=written)
    assert fault(office, IVR_COUNTS="no") == (
        "IVR_COUNTS must be on or off. Remedy: write off to count no calls, or leave it out."
    )


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
    assert fault(office, **{variable: number}).startswith(f"{variable} is not in international form: + and the code")


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


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("0401234567", "is not in international form"),
        ("+35870012345", "is a premium number"),
        (OURS, "is a number of the line, whose own calls it rejects"),
        (f" {OURS[:4]} {OURS[4:]} ", "is a number of the line, whose own calls it rejects"),
        (INSTRUCTOR, "is the number of a contact"),
        ("+358400291141", "is the number of a contact"),
    ],
)
def test_the_probe_calls_from_a_number_that_is_a_strangers_to_the_line(office: Office, number: str, why: str) -> None:
    told = fault(office, IVR_PROBE_NUMBER=number)
    assert told.startswith(f"IVR_PROBE_NUMBER {why}")
    assert "Remedy: write another number that you have at Twilio" in told
    assert number.replace(" ", "")[3:] not in told


def test_the_probe_does_not_call_from_a_number_of_a_language(office: Office) -> None:
    own = office.model_copy(update={"languages_by_number": {"040 234 5678": "sv"}})
    assert fault(own, IVR_PROBE_NUMBER=OTHER).startswith("IVR_PROBE_NUMBER is a number of the line")


def test_the_probe_does_not_call_from_the_public_number_of_a_contact_whose_calls_would_not_be_counted(
    office: Office,
) -> None:
    told = fault(office, IVR_PROBE_NUMBER="+358400291141", IVR_CONTACT_ON_CALL="+358402345679")
    assert told.startswith("IVR_PROBE_NUMBER is the number of a contact")


def test_a_number_of_the_probe_is_taken_or_left_out(office: Office) -> None:
    assert settings(office, IVR_PROBE_NUMBER="+358 40 2345678").probe_number == OTHER
    assert settings(office, IVR_PROBE_NUMBER=" ").probe_number is None
    assert OTHER not in repr(settings(office, IVR_PROBE_NUMBER=OTHER))


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


def test_a_number_that_stands_there_twice_is_a_warning(office: Office) -> None:
    (warning,) = settings(office, **{CONTACT: f"{INSTRUCTOR},{OTHER},{INSTRUCTOR}"}).warnings
    assert warning.startswith(f"{CONTACT} (number 3) is the same number again. Remedy: ")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("IVR_PUBLIC_URL", URL),
        (CALLER_ID, OURS),
        (CONTACT, INSTRUCTOR),
        ("IVR_SPEECH", "say"),
        ("IVR_LOG", "calls.log"),
    ],
)
@pytest.mark.parametrize("quote", ["'", '"', "\N{RIGHT DOUBLE QUOTATION MARK}"])
def test_quotes_that_were_taken_as_a_part_of_a_value_are_one_fault(
    office: Office, variable: str, value: str, quote: str
) -> None:
    assert fault(office, **{variable: f"{quote}{value}{quote}"}) == (
        f"{variable} stands in quotes, which are taken as a part of it. Remedy: leave out the quotes."
    )


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("IVR_SPEACH", "write IVR_SPEECH"),
        ("ivr_contact_on_call", "write IVR_CONTACT_ON_CALL"),
        ("IVR_PUBLICURL", "write IVR_PUBLIC_URL"),
        ("IVR_MUSIC_ON_HOLD", "remove it, or look up its name in docs/operators.md"),
    ],
)
def test_a_slip_in_the_name_of_a_setting_is_a_warning(office: Office, written: str, remedy: str) -> None:
    assert settings(office, **{written: "x"}).warnings == (
        f"{written} is no setting, and changes nothing. Remedy: {remedy}",
    )


def test_a_slip_is_told_beside_what_is_missing_for_it(office: Office) -> None:
    told = faults(office, IVR_CALLER_ID="", IVR_CALER_ID=OTHER)
    assert [line.partition(". ")[0] for line in told] == [
        "IVR_CALLER_ID is missing",
        "warning: IVR_CALER_ID is no setting, and changes nothing",
    ]
    assert told[-1].endswith("Remedy: write IVR_CALLER_ID")


@pytest.mark.parametrize("known", ["IVR_SITE", "IVR_CONTENT", "IVR_STATE", "IVR_SECONDS_LOOK"])
def test_every_setting_is_known_by_its_name(office: Office, known: str) -> None:
    assert not any(known in warning for warning in settings(office, **{known: "5"}).warnings)


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
    assert read.warnings == (
        f"{CONTACT} is a service number, and may not be reachable from abroad. Remedy: ring it once",
    )


@pytest.mark.parametrize("number", [INSTRUCTOR, "+358931551235", "+4687654321"])
def test_an_ordinary_number_is_rung_without_a_warning(office: Office, number: str) -> None:
    assert settings(office, **{CONTACT: number}).warnings == ()


@pytest.mark.parametrize("variable", [CALLER_ID, CONTACT, ON_CALL])
@pytest.mark.parametrize("number", ["+46112123456", "+33112345678"])
def test_a_foreign_number_is_judged_by_its_own_country(office: Office, variable: str, number: str) -> None:
    """The library's own `connects_to_emergency_number` looks at the first digits only."""
    assert phonenumbers.connects_to_emergency_number(number[3:], "FI")
    assert settings(office, **{variable: number}).warnings == ()


@pytest.mark.parametrize("number", ["+46112", "+44999", "+44112", "+1911", "+61000", "+33112", "+3317"])
def test_an_emergency_number_of_another_country_is_refused(office: Office, number: str) -> None:
    assert fault(office, **{CONTACT: number}).startswith(f"{CONTACT} is an emergency number; the caller dials those")


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


@pytest.mark.parametrize("spelling", ["040 234 5678", "00358 40 234 5678", "+358 40 2345678"])
def test_numbers_are_the_same_in_every_spelling(office: Office, spelling: str) -> None:
    which = "office.yaml: languages_by_number (number 2)"
    changed = office.model_copy(update={"languages_by_number": {"0753 250 111": "so", spelling: "ar"}})
    told = fault(changed, **{ON_CALL: OTHER})
    assert told.startswith(f"{which} is the number of a contact. Remedy: ")
    assert settings(changed).contacts, "nobody has it now"
    changed = office.model_copy(update={"languages_by_number": {"0402345678": "so", spelling: "ar"}})
    assert fault(changed).startswith(f"{which} stands there already in another spelling. Remedy: ")


def test_the_number_of_a_language_may_be_our_own(office: Office) -> None:
    settings(office.model_copy(update={"languages_by_number": {OURS: "so"}}))


# --- secrets, addresses and the rest --------------------------------------------------------------------------------


def test_two_tokens_are_accepted_while_one_replaces_the_other(office: Office) -> None:
    assert settings(office, TWILIO_AUTH_TOKEN="old-one , new-one").auth_tokens == ("old-one", "new-one")


def test_three_tokens_are_refused(office: Office) -> None:
    assert fault(office, TWILIO_AUTH_TOKEN="one-token,two-token,last-token") == (
        "TWILIO_AUTH_TOKEN has more than two tokens. Remedy: keep the old and the new one while rotating."
    )


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (f'"{TOKEN}"', "stands in quotes"),
        (f"'{TOKEN}'", "stands in quotes"),
        (f"{TOKEN}'", "stands in quotes"),
        (f"\N{LEFT DOUBLE QUOTATION MARK}{TOKEN}\N{RIGHT DOUBLE QUOTATION MARK}", "stands in quotes"),
        (f"AC{TOKEN}", "is the SID of an account"),
        (f"SK{TOKEN.upper()}", "is the SID of an account"),
        ("your_auth_token", "is a placeholder"),
        ("YOUR-TWILIO-TOKEN-HERE", "is a placeholder"),
        ("<token from the console>", "is a placeholder"),
        ("${TOKEN}", "is a placeholder"),
        ("$TWILIO_AUTH_TOKEN", "is a placeholder"),
        ("[AuthToken]", "is a placeholder"),
        ("auth_token", "is a placeholder"),
        ("changeme", "is a placeholder"),
        ("change-me-123", "is a placeholder"),
        ("xxxxxxxxxxxxxxxx", "is a placeholder"),
        ("0" * 32, "is a placeholder"),
        ("abc", "is too short"),
        ("abcde", "is too short"),
        (f"{TOKEN}\N{ZERO WIDTH SPACE}", "has a space or a sign that no token has"),
        (f"{TOKEN[:9]} {TOKEN[9:]}", "has a space or a sign that no token has"),
        (f"{TOKEN[:9]}\xe4", "has a space or a sign that no token has"),
        (f"TWILIO_AUTH_TOKEN={TOKEN}", "has a space or a sign that no token has"),
        (f"{TOKEN};{TOKEN[::-1]}", "has a space or a sign that no token has"),
        (f"{TOKEN[:4]}{'*' * 24}{TOKEN[-4:]}", "has a space or a sign that no token has"),
        (TOKEN[:31], "has 31 characters, and a token has 32"),
        (TOKEN * 2, "has 64 characters, and a token has 32"),
        (TOKEN.upper(), "is in capital letters"),
    ],
)
def test_what_cannot_be_a_token_is_refused_before_every_call_is(office: Office, token: str, why: str) -> None:
    told = fault(office, TWILIO_AUTH_TOKEN=token)
    assert told.startswith(f"TWILIO_AUTH_TOKEN {why}")
    assert ". Remedy: " in told
    assert token not in told
    both = fault(office, TWILIO_AUTH_TOKEN=f"{TOKEN},{token}")
    assert both.startswith(f"TWILIO_AUTH_TOKEN (token 2) {why}")


def test_what_is_probably_no_token_is_a_warning(office: Office) -> None:
    secret = "Q7hG2kLmN0pRsTuVwXyZaBcDeFgHiJ1k"
    (warning,) = settings(office, TWILIO_AUTH_TOKEN=f"{TOKEN},{secret}").warnings
    assert warning.startswith("TWILIO_AUTH_TOKEN (token 2) looks like the secret of an API key")
    assert secret not in warning


@pytest.mark.parametrize("tokens", [f"{TOKEN},,{TOKEN}", f"{TOKEN},", f",{TOKEN}", f"{TOKEN}, "])
def test_a_comma_too_many_is_refused(office: Office, tokens: str) -> None:
    told = faults(office, TWILIO_AUTH_TOKEN=tokens)[-1]
    assert "is empty. Remedy: write one token, or two with one comma between them" in told


@pytest.mark.parametrize("token", [TOKEN, "a-token", TOKEN[:6], "f" * 31 + "0"])
def test_a_token_is_taken_as_it_is_written(office: Office, token: str) -> None:
    assert settings(office, TWILIO_AUTH_TOKEN=f" {token} ").auth_tokens == (token,)


def test_the_account_may_be_told(office: Office) -> None:
    assert settings(office).account is None
    assert settings(office, TWILIO_ACCOUNT_SID=f" AC{TOKEN} ").account == f"AC{TOKEN}"
    assert TOKEN not in repr(settings(office, TWILIO_ACCOUNT_SID=f"AC{TOKEN}"))


@pytest.mark.parametrize("account", [TOKEN, f"SK{TOKEN}", f'"AC{TOKEN}"', f"AC{TOKEN[1:]}", f"AC{TOKEN}0", "AC..."])
def test_an_account_that_is_none_is_refused(office: Office, account: str) -> None:
    told = fault(office, TWILIO_ACCOUNT_SID=account)
    assert told.startswith("TWILIO_ACCOUNT_SID is no account SID. Remedy: copy it from the Twilio console")
    assert account not in told


def test_the_folder_of_the_state_is_var_unless_the_environment_names_another(office: Office, tmp_path: Path) -> None:
    assert settings(office).state == Path("var")
    assert settings(office, IVR_STATE="").state == Path("var")
    read = settings(office, IVR_STATE=str(tmp_path / "not" / "yet"))
    assert (read.state, read.warnings) == (tmp_path / "not" / "yet", ())
    assert list(tmp_path.iterdir()) == [], "reading the settings makes no folder"


@pytest.mark.parametrize("below", [".", "further", "further/down"])
def test_a_state_that_cannot_be_written_is_a_warning_and_stops_nothing(
    office: Office, tmp_path: Path, below: str
) -> None:
    (tmp_path / "file").touch()
    (warning,) = settings(office, IVR_STATE=str(tmp_path / "file" / below)).warnings
    assert warning.startswith("IVR_STATE cannot be written: ")
    assert "Remedy: " in warning


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
        ("https://line.example.fi/voice", "ends in /voice, which the program adds itself"),
        ("https://line.example.fi/kemi/voice/", "ends in /voice, which the program adds itself"),
        ("https://your-domain.com", "is still the example text"),
        ("https://<host>", "is still the example text"),
        ("https://${HOST}", "is still the example text"),
        ("https://10.0.0.5", "is no address that Twilio can reach"),
        ("https://[fd00::1]", "is no address that Twilio can reach"),
        ("https://0.0.0.0:8080", "is no address that Twilio can reach"),
        ("https://line", "is no address that Twilio can reach"),
        ("https://line..fi", "is no address that Twilio can reach"),
        ("https://line.example.fi,https://other.example.fi", "is no address that Twilio can reach"),
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
        ("https://xn--pivystys-0za.fi", "https://xn--pivystys-0za.fi"),
        ("https://yourtown.fi/kemi/voices", "https://yourtown.fi/kemi/voices"),
        ("https://193.166.3.2", "https://193.166.3.2"),
    ],
)
def test_an_address_is_read_without_its_last_slash(office: Office, url: str, read: str) -> None:
    assert settings(office, IVR_PUBLIC_URL=url).public_url == read


def test_how_it_speaks_and_where_it_writes_can_be_chosen(office: Office) -> None:
    read = settings(office, IVR_SPEECH="say", IVR_LOG="calls.log")
    assert (read.speech, read.log) == ("say", "calls.log")
    assert settings(office, IVR_SPEECH="", IVR_LOG="") == settings(office)
    assert fault(office, IVR_SPEECH="loud") == (
        "IVR_SPEECH has a value that is not known. Remedy: write auto, or say for the voices of Twilio only."
    )


@pytest.mark.parametrize(("written", "required"), [("", False), ("0", False), (" 1 ", True)])
def test_approval_is_required_where_it_says_so(office: Office, written: str, required: bool) -> None:
    assert settings(office).require_approval is False
    assert settings(office, IVR_REQUIRE_APPROVAL=written).require_approval is required
    assert requires_approval({"IVR_REQUIRE_APPROVAL": written}) is required


@pytest.mark.parametrize("written", ["yes", "true", "2", "01", "-"])
def test_whether_approval_is_required_is_one_or_nought(office: Office, written: str) -> None:
    """Until it is corrected it is required: no language is offered by a slip."""
    assert fault(office, IVR_REQUIRE_APPROVAL=written) == (
        "IVR_REQUIRE_APPROVAL must be 1 or 0. Remedy: write 1 to offer only languages whose safety sentences are "
        "approved, 0 to offer all."
    )
    assert requires_approval({"IVR_REQUIRE_APPROVAL": written})


@pytest.mark.parametrize(
    "planted",
    [
        {"TWILIO_AUTH_TOKEN": "PLANTED1,PLANTED2,PLANTED3"},
        {"TWILIO_AUTH_TOKEN": "'PLANTED'"},
        {"TWILIO_AUTH_TOKEN": "${PLANTED}"},
        {"TWILIO_AUTH_TOKEN": "PLANTED 1"},
        {"TWILIO_ACCOUNT_SID": "PLANTED"},
        {"IVR_REQUIRE_APPROVAL": "PLANTED"},
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


def write_env(folder: Path, written: bytes | str) -> None:
    (folder / ".env").write_bytes(written if isinstance(written, bytes) else written.encode())


def env_faults(folder: Path) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        environment(folder)
    return refused.value.faults


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("IVR_LOG=x\n".encode("utf-16"), ".env is written in UTF-16. Remedy: save it as UTF-8."),
        ("IVR_LOG=x\n".encode("utf-16-be"), ".env is written in UTF-16. Remedy: save it as UTF-8."),
        ("# one\nIVR_LOG=\xe4\n".encode("latin-1"), ".env: line 2 is not UTF-8. Remedy: save the file as UTF-8."),
    ],
)
def test_a_file_of_settings_in_another_encoding_is_told(tmp_path: Path, written: bytes, told: str) -> None:
    write_env(tmp_path, written)
    assert env_faults(tmp_path) == [told]


def test_a_file_of_settings_that_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert env_faults(tmp_path) == [".env is a folder. Remedy: make it a file, or give it another name."]


def test_a_file_of_settings_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(".env")
    (told,) = env_faults(tmp_path)
    assert told.startswith(".env cannot be read: ")
    assert told.endswith(". Remedy: let this user read it.")


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    write_env(tmp_path, "IVR_ONE=1\n".encode("utf-8-sig"))
    assert environment(tmp_path)["IVR_ONE"] == "1"


def test_lines_that_are_not_understood_are_all_told_and_never_shown(tmp_path: Path) -> None:
    """The library drops them, and tells only its log."""
    write_env(tmp_path, '# ours\n\n\nIVR_ONE="planted"b\nIVR_TWO=2\nIVR THREE=planted\n\nIVR_FOUR=\'planted\n')
    told = env_faults(tmp_path)
    assert [line.partition(" is ")[0] for line in told] == [f".env: line {number}" for number in (4, 6, 8)]
    assert all("Remedy: write NAME=value" in line and "planted" not in line for line in told)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_value_is_taken_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quote: str) -> None:
    """The library fills in ${} even between single quotes."""
    monkeypatch.setenv("HOME", "filled in")
    write_env(tmp_path, f"IVR_ONE={quote}a${{HOME}}b$c{quote}  # ours\nexport IVR_TWO={quote}2{quote}\n")
    env = environment(tmp_path)
    assert (env["IVR_ONE"], env["IVR_TWO"]) == ("a${HOME}b$c", "2")


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o602])
def test_a_file_of_settings_that_others_can_read_or_change_is_a_warning(tmp_path: Path, mode: int) -> None:
    write_env(tmp_path, "IVR_LOG=x")
    (tmp_path / ".env").chmod(mode)
    assert file_warnings(tmp_path) == (".env: others can read or change the secrets in it. Remedy: chmod 600 .env",)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o700])
def test_a_file_of_settings_that_is_private_is_none(tmp_path: Path, mode: int) -> None:
    assert file_warnings(tmp_path) == ()
    write_env(tmp_path, "IVR_LOG=x")
    (tmp_path / ".env").chmod(mode)
    assert file_warnings(tmp_path) == ()


@pytest.mark.parametrize("command", [["check"], ["serve"]])
def test_a_command_tells_of_the_file_in_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_env(tmp_path, "IVR_LOG=x\n".encode("utf-16"))
    ran = CliRunner().invoke(main, command)
    assert (ran.exit_code, ran.output) == (1, "Error: .env is written in UTF-16. Remedy: save it as UTF-8.\n")


def test_a_host_that_is_unknown_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for host in ("nowhere..example", "nowhere.example"):
        ran = CliRunner().invoke(main, ["serve", "--host", host])
        assert (ran.exit_code, ran.output) == (
            1,
            f"Error: --host {host} is no address of this machine. "
            "Remedy: 127.0.0.1, or 0.0.0.0 for all of its addresses.\n",
        )
        monkeypatch.setattr(socket, "getaddrinfo", unknown)


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


class TestSpares:
    """The numbers that the office may choose to ring in place of a contact's."""

    VARIABLE = "IVR_SPARE_SOCIAL_INSTRUCTOR"

    def test_each_has_its_label(self, office: Office) -> None:
        written = f" deputy : {OTHER[:4]} {OTHER[4:]} ,varahenkilö 2:+358403456789,"
        found = settings(office, **{self.VARIABLE: written, "IVR_SPARE_ON_CALL": f"deputy:{OTHER}"})
        assert found.spares == {
            "social_instructor": {"deputy": OTHER, "varahenkilö 2": "+358403456789"},
            "on_call": {"deputy": OTHER},
        }
        assert list(found.spares["social_instructor"]) == ["deputy", "varahenkilö 2"], "in the order of the settings"
        assert found.warnings == ()
        assert OTHER not in repr(found)

    def test_without_any_there_are_none(self, office: Office) -> None:
        assert settings(office, **{self.VARIABLE: " "}).spares == {}

    @pytest.mark.parametrize(
        ("written", "what"),
        [
            (OTHER, "is no label and number"),
            (f"deputy:{OTHER}:", "is no label and number"),
            (f":{OTHER}", "has a label that cannot be shown"),
            (f"{'x' * 31}:{OTHER}", "has a label that cannot be shown"),
            (f"de\tputy:{OTHER}", "has a label that cannot be shown"),
            (f"{OTHER}:{OTHER}", "has a number for its label, which is shown and kept"),
            (f"040 234-5678:{OTHER}", "has a number for its label, which is shown and kept"),
            (f"deputy:{OTHER},deputy:+358403456789", "has a label that stands there already"),
            (f"deputy:{OURS}", "is our own number"),
            ("deputy:112", "is an emergency number"),
            ("deputy:0402345678", "is not in international form"),
            ("deputy:", "is not a phone number"),
        ],
    )
    def test_what_is_wrong_is_told_without_it(self, office: Office, written: str, what: str) -> None:
        told = fault(office, **{self.VARIABLE: written})
        assert told.startswith(f"{self.VARIABLE} (number {1 + written.count(',')}) {what}")
        assert not [secret for secret in (OTHER, OURS, "402345678", "deputy:") if secret in told.partition("Remedy")[0]]

    def test_a_longest_label_is_read(self, office: Office) -> None:
        assert list(settings(office, **{self.VARIABLE: f"{'x' * 30}:{OTHER}"}).spares["social_instructor"]) == [
            "x" * 30
        ]

    @pytest.mark.parametrize("written", [f"deputy:{INSTRUCTOR}", f"one:{OTHER},two:{OTHER}"])
    def test_the_same_number_again_is_a_warning(self, office: Office, written: str) -> None:
        (warning,) = settings(office, **{self.VARIABLE: written}).warnings
        assert "is the same number again" in warning

    def test_one_that_is_hard_to_reach_is_a_warning(self, office: Office) -> None:
        (warning,) = settings(office, **{self.VARIABLE: "deputy:+35810123456"}).warnings
        assert "may not be reachable from abroad" in warning

    def test_an_unknown_contact_is_a_fault_with_the_known_ones(self, office: Office) -> None:
        told = fault(office, IVR_SPARE_BOSS=f"deputy:{OTHER}")
        assert told.startswith("IVR_SPARE_BOSS names no contact of office.yaml")
        assert "IVR_SPARE_ON_CALL, IVR_SPARE_SOCIAL_INSTRUCTOR" in told

    def test_a_slip_in_the_name_is_told(self, office: Office) -> None:
        (warning,) = settings(office, IVR_SPARES_ON_CALL=f"deputy:{OTHER}").warnings
        assert "write IVR_SPARE_ON_CALL" in warning

    def test_quotes_are_one_fault(self, office: Office) -> None:
        assert "quotes" in fault(office, **{self.VARIABLE: f'"deputy:{OTHER}"'})

    def test_neither_the_probe_nor_a_number_of_a_language_may_be_one(self, office: Office) -> None:
        spare = {self.VARIABLE: f"deputy:{OTHER}"}
        assert fault(office, IVR_PROBE_NUMBER=OTHER, **spare).startswith("IVR_PROBE_NUMBER is the number of a contact")
        ours = office.model_copy(update={"languages_by_number": {"040 2345678": "sv"}})
        assert "is the number of a contact" in fault(ours, **spare)
