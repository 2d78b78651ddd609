"""The manifests of deploy/kubernetes/: whole by Kubernetes' own schemas, and about this line and no other."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import kubernetes_validate
import pytest
import yaml
from flask import Flask
from hatchling.builders.wheel import WheelBuilder

from ivr.app import create_app, operators_app
from ivr.commands import main
from ivr.core.content import Content
from ivr.journal import CLOSE_SECONDS, Journal
from ivr.metrics import Metrics
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, contact_numbers
from ivr.serve import WHOLE_SECONDS
from ivr.serving import Current, Serving
from ivr.settings.env_file import SettingsError
from ivr.settings.read import ALL, CONTACT, Settings, read_settings
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from ivr.telephony.web import address_of
from tests.calls.golden import broken_promises, play
from tests.calls.test_golden import read
from tests.conftest import ROOT, TODAY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FOLDER = ROOT / "deploy" / "kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
EXAMPLE = FOLDER / "secret.yaml.example"
GOLDEN = ROOT / "tests" / "calls"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OLDEST = "1.30"
"""README.md of the folder names it: the first version that sleeps before a stop without being asked to learn it."""
NEWEST = kubernetes_validate.latest_version().removesuffix(".0")
VERSIONS = (OLDEST, NEWEST)

Manifest = dict[str, Any]
LEFT_OUT = object()
FILLED = {
    "IVR_PUBLIC_URL": "https://line.example.fi",
    "TWILIO_AUTH_TOKEN": "0123456789abcdef" * 2,
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "IVR_CALLER_ID": "+358753250000",
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": "+358401234501",
}
"""What an office writes in place of the examples."""


def documents(path: Path) -> Iterator[Manifest]:
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        assert isinstance(document, dict)
        yield document


MANIFESTS = [manifest for path in (*FILES, EXAMPLE) for manifest in documents(path)]


def of_kind(kind: str) -> list[Manifest]:
    return [manifest for manifest in MANIFESTS if manifest["kind"] == kind]


def the(kind: str) -> Manifest:
    (manifest,) = of_kind(kind)
    return manifest


DEPLOYMENT, CONFIG, SECRET = the("Deployment"), the("ConfigMap"), the("Secret")
POD = DEPLOYMENT["spec"]["template"]
(CONTAINER,) = POD["spec"]["containers"]
PORTS = {port["name"]: port["containerPort"] for port in CONTAINER["ports"]}
ENVIRONMENT: dict[str, str] = {**CONFIG["data"], **SECRET["stringData"]}


@pytest.fixture(scope="module")
def app(content: Content) -> Flask:
    settings = read_settings({**ENVIRONMENT, **FILLED}, content.office)
    return create_app(settings, content, lambda: datetime.now(UTC), Journal(StringIO()))


class TestSchema:
    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("path", [*FILES, EXAMPLE], ids=lambda path: path.name)
    def test_every_manifest_is_what_kubernetes_knows(self, path: Path, version: str) -> None:
        found = list(documents(path))
        assert found
        for manifest in found:
            assert kubernetes_validate.validate(manifest, version, strict=True) == version

    @pytest.mark.parametrize(
        ("place", "name", "value"),
        [
            ((), "specs", {}),
            (("spec",), "replicas", "two"),
            (("spec",), "selector", LEFT_OUT),
            (("spec", "template", "spec", "securityContext"), "runAsNonRot", True),
            (("spec", "template", "spec", "containers", 0), "readinesProbe", {}),
            (("spec", "template", "spec", "containers", 0, "startupProbe"), "periodSeconds", "2s"),
            (("spec", "template", "spec", "containers", 0, "resources", "limits"), "memory", ["512Mi"]),
        ],
        ids=lambda value: str(value) if isinstance(value, str) else None,
    )
    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_slip_is_refused(self, place: tuple[str | int, ...], name: str, value: object, version: str) -> None:
        wrong = copy.deepcopy(DEPLOYMENT)
        part: Any = wrong
        for step in place:
            part = part[step]
        if value is LEFT_OUT:
            del part[name]
        else:
            part[name] = value
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, version, strict=True)

    def test_a_kind_that_kubernetes_does_not_know_is_refused(self) -> None:
        with pytest.raises(kubernetes_validate.SchemaNotFoundError):
            kubernetes_validate.validate({**DEPLOYMENT, "kind": "Deploymnet"}, NEWEST, strict=True)

    def test_the_readme_names_the_versions(self) -> None:
        assert f"({OLDEST} and the newest" in (FOLDER / "README.md").read_text(encoding="utf-8")


class TestSettings:
    def test_every_variable_is_a_setting(self, content: Content) -> None:
        contacts = {CONTACT + name.upper() for name in content.office.contacts}
        assert set(ENVIRONMENT) <= {*ALL, "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", *contacts}
        assert not set(CONFIG["data"]) & set(SECRET["stringData"])

    def test_filled_in_they_are_enough(self, content: Content, tmp_path: Path) -> None:
        env = {**ENVIRONMENT, **FILLED, "IVR_STATE": str(tmp_path)}  # this machine has no /line/var
        settings = read_settings(env, content.office)
        assert settings.warnings == ()
        assert settings.require_approval

    def test_a_line_refuses_to_start_with_the_examples(self, content: Content) -> None:
        with pytest.raises(SettingsError) as told:
            read_settings(ENVIRONMENT, content.office)
        assert {variable for variable in FILLED if any(variable in fault for fault in told.value.faults)} == set(FILLED)
        assert len(told.value.faults) == len(FILLED)

    def test_what_is_nobody_elses_business_is_in_the_secret(self) -> None:
        private = [name for name in ENVIRONMENT if name.startswith((CONTACT, "TWILIO_"))]
        assert private
        assert not set(private) & set(CONFIG["data"])

    def test_the_pods_read_them(self) -> None:
        names = {"configMapRef": CONFIG["metadata"]["name"], "secretRef": SECRET["metadata"]["name"]}
        assert {kind: ref["name"] for source in CONTAINER["envFrom"] for kind, ref in source.items()} == names

    def test_the_example_is_applied_by_nobody_and_the_secret_is_committed_by_nobody(self) -> None:
        assert EXAMPLE.suffix not in (".yaml", ".yml", ".json")
        assert "deploy/kubernetes/secret.yaml" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    def test_no_service_adds_variables_of_its_own(self) -> None:
        assert POD["spec"]["enableServiceLinks"] is False


class TestAddresses:
    def test_probes_ask_what_the_line_answers(self, app: Flask) -> None:
        probes = {name: CONTAINER[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
        assert {probe["port"] for probe in probes.values()} == {"http"}
        paths = {name: probe["path"] for name, probe in probes.items()}
        assert paths == {"startupProbe": "/live", "readinessProbe": "/ready", "livenessProbe": "/live"}
        assert [path for path in paths.values() if app.test_client().get(path).status_code != 200] == []

    def test_the_public_reaches_webhooks_and_clips_and_nothing_else(self, app: Flask, content: Content) -> None:
        paths = [
            path["path"]
            for ingress in of_kind("Ingress")
            for rule in ingress["spec"]["rules"]
            for path in rule["http"]["paths"]
        ]
        current = Current(
            Serving.of(read_settings({**ENVIRONMENT, **FILLED}, content.office), content, voices(content))
        )
        rules = {rule.rule for each in (app, operators_app(current, Metrics())) for rule in each.url_map.iter_rules()}
        public = {rule for rule in rules if any(rule == path or rule.startswith(f"{path}/") for path in paths)}
        assert public == {"/audio/<string(length=32):name>.wav"}
        assert {"/metrics", "/health", "/live", "/ready"} == rules - public
        assert [path for path in paths if address_of(path)] == ["/voice"]  # answered before Flask looks at its rules

    def test_the_public_name_is_one(self) -> None:
        hosts = {CONFIG["data"]["IVR_PUBLIC_URL"].removeprefix("https://")}
        for ingress in of_kind("Ingress"):
            assert {rule["host"] for rule in ingress["spec"]["rules"]} == hosts
            assert {host for tls in ingress["spec"]["tls"] for host in tls["hosts"]} == hosts

    def test_ports_agree(self) -> None:
        assert {"http": int(said(r"^EXPOSE (\d+)$")), "metrics": serve_options()["metrics"]} == PORTS
        assert PORTS["http"] == serve_options()["port"]
        service = the("Service")
        (port,) = service["spec"]["ports"]  # the metrics are in none
        assert port["targetPort"] == "http"
        for ingress in of_kind("Ingress"):
            for path in ingress["spec"]["rules"][0]["http"]["paths"]:
                backend = path["backend"]["service"]
                assert backend == {"name": service["metadata"]["name"], "port": {"name": port["name"]}}
        policy = the("NetworkPolicy")["spec"]
        assert [port["port"] for rule in policy["ingress"] for port in rule["ports"]] == ["http", "metrics"]
        assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
        assert "egress" not in policy

    def test_it_listens_to_other_machines(self) -> None:
        assert serve_options()["host"] == "0.0.0.0"  # noqa: S104 - in a pod


class TestPods:
    def test_everything_selects_the_same_pods(self) -> None:
        labels = POD["metadata"]["labels"]
        spread = [each["labelSelector"] for each in POD["spec"]["topologySpreadConstraints"]]
        selectors = [DEPLOYMENT["spec"]["selector"], the("PodDisruptionBudget")["spec"]["selector"], *spread]
        selectors.append(the("NetworkPolicy")["spec"]["podSelector"])
        assert all(selector == {"matchLabels": labels} for selector in selectors)
        assert the("Service")["spec"]["selector"] == labels

    def test_there_is_always_one_that_answers(self) -> None:
        assert DEPLOYMENT["spec"]["replicas"] == 2
        assert DEPLOYMENT["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert the("PodDisruptionBudget")["spec"]["minAvailable"] == 1

    def test_a_pod_has_the_time_to_end(self) -> None:
        sleeps = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert sleeps > 0, "a proxy learns of the end later than the pod, which then takes no new connection"
        assert POD["spec"]["terminationGracePeriodSeconds"] > sleeps + WHOLE_SECONDS + CLOSE_SECONDS + 2

    def test_a_pod_has_the_time_to_prove_the_rules(self) -> None:
        probe = CONTAINER["startupProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] >= 120, "the README says two minutes"

    def test_nothing_can_be_written_but_what_ends_with_the_pod(self) -> None:
        places = {mount["name"]: mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
        assert places == {"state": CONFIG["data"]["IVR_STATE"], "tmp": "/tmp"}  # noqa: S108 - in a pod
        assert {volume["name"]: list(volume)[1:] for volume in POD["spec"]["volumes"]} == {
            name: ["emptyDir"] for name in places
        }
        assert CONTAINER["securityContext"]["readOnlyRootFilesystem"] is True

    @pytest.mark.parametrize("name", ["day_to_the_instructor", "nobody_answers_by_day", "wrong_keys"])
    def test_a_call_whose_steps_two_pods_answer_in_turn_is_the_same_call(
        self, name: str, content: Content, tmp_path: Path
    ) -> None:
        texts = (StringIO(), StringIO())
        journals = [Journal(text, tmp_path / f"pod-{number}") for number, text in enumerate(texts)]
        contacts = contact_numbers(content.office.contacts)
        settings = Settings(PUBLIC_URL, OUR_NUMBER, (AUTH_TOKEN,), contacts, speech="text")

        def build(content: Content, clock: Callable[[], datetime]) -> WSGIApplication:
            pods = cycle([create_app(settings, content, clock, journal) for journal in journals])
            return lambda environ, start_response: next(pods)(environ, start_response)

        golden = read(GOLDEN / f"{name}.yaml")
        heard = play(golden, content, build, seconds_by_locale(content.languages), CarrierBehaviour())
        assert broken_promises(golden, heard) == []
        for journal in journals:
            journal.close()
        lines = [[json.loads(line) for line in text.getvalue().splitlines()] for text in texts]
        assert all(lines)
        assert len({line["call"] for each in lines for line in each}) == 2, "the README says so"
        assert [line["what"] for each in lines for line in each].count("started") == 1

    def test_it_is_nobody_in_particular_and_may_do_nothing_special(self) -> None:
        inside, outside = CONTAINER["securityContext"], POD["spec"]["securityContext"]
        assert inside["allowPrivilegeEscalation"] is False
        assert inside["capabilities"] == {"drop": ["ALL"]}
        assert outside["runAsNonRoot"] is True
        assert outside["runAsUser"] > 0
        assert outside["seccompProfile"] == {"type": "RuntimeDefault"}
        assert POD["spec"]["automountServiceAccountToken"] is False

    def test_folders_are_those_of_the_image(self) -> None:
        assert said(r"IVR_SITE=(\S+)") == CONFIG["data"]["IVR_SITE"]
        assert said(r"IVR_STATE=(\S+)") == CONFIG["data"]["IVR_STATE"]
        assert said(r"IVR_REQUIRE_APPROVAL=(\S+)") == CONFIG["data"]["IVR_REQUIRE_APPROVAL"]
        assert "ENTRYPOINT" not in DOCKERFILE, "args would be its arguments"


def test_the_wheel_has_nothing_of_it() -> None:
    included = [each.relative_path for each in WheelBuilder(str(ROOT)).recurse_included_files()]
    assert "ivr/serve.py" in included
    assert [path for path in included if path.startswith(("deploy", "docs", "tests"))] == []


def voices(content: Content) -> VoiceSelector:
    return VoiceSelector(content, NO_AUDIO, TODAY)


def said(pattern: str) -> str:
    """What the Dockerfile says."""
    found = re.search(pattern, DOCKERFILE, re.MULTILINE)
    assert found
    return found[1]


def serve_options() -> dict[str, Any]:
    """Host and ports of the command line of the pods, as the line itself reads it."""
    program, *words = CONTAINER["args"]
    assert program == "ivr"
    with click.Context(main) as context:
        name, command, rest = main.resolve_command(context, words)
        assert name == "serve"
        assert command
        params = command.make_context(name, rest, parent=context).params
    host, port = params["metrics"].rsplit(":", 1)
    assert host == params["host"]
    return {**params, "metrics": int(port)}
