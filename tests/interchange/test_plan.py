"""The environment of an import: what is planned, and what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from mixtui.interchange.model import (
    ExtractedCredential,
    FileRequest,
    ImportedFile,
    ImportedRequest,
)
from mixtui.interchange.plan import (
    CreateEnvironment,
    ImportPlan,
    Mismatch,
    NamedPlan,
    NotEditable,
    Settled,
    TargetQuestion,
    UseEnvironment,
    apply_target,
    plan_file,
    plan_named,
    plan_paste,
    sending_environment,
)
from mixtui.mixpanel.apis import CredentialKind, Region
from mixtui.model.draft import Draft
from mixtui.model.environment import (
    NO_ENVIRONMENT,
    Credentials,
    Environment,
    ServiceAccount,
)
from mixtui.model.secrets import FromCredentialsFile, FromVariable, Secret

ACCOUNT = ExtractedCredential(CredentialKind.SERVICE_ACCOUNT, Secret("pw"), "ci")
OTHER_ACCOUNT = replace(ACCOUNT, username="etl")
TOKEN = ExtractedCredential(CredentialKind.PROJECT_TOKEN, Secret("tok"))
EU = Environment("eu", Region.EU, project_id="7")
WITH_TOKEN = replace(EU, name="token", credentials=Credentials("tok"))
WITH_ACCOUNT = replace(
    EU,
    name="account",
    credentials=Credentials(service_account=ServiceAccount("old", FromVariable("S"))),
)
FIXED = replace(EU, name="fixed")
US = Environment("us", Region.US)
REQUEST = ImportedRequest(Draft(url="/query/events"), Region.EU, "7")


@dataclass
class Store:
    """Environments in memory; those named ``fixed`` cannot be changed."""

    saved: list[tuple[Environment, Environment | None]] = field(default_factory=list)
    secrets: dict[str, Secret] = field(default_factory=dict)

    def editable(self, environment: Environment) -> bool:
        return environment.name != "fixed"

    def save(
        self,
        environment: Environment,
        old: Environment | None,
        secrets: Mapping[str, Secret],
    ) -> None:
        self.saved.append((environment, old))
        self.secrets.update(secrets)


def holding(*credentials: ExtractedCredential) -> ImportedRequest:
    return replace(REQUEST, credentials=credentials)


def question(plan: ImportPlan) -> TargetQuestion:
    assert isinstance(plan, TargetQuestion)
    return plan


@pytest.mark.parametrize(
    ("current", "request_", "is_settled"),
    [
        (EU, REQUEST, True),
        (US, REQUEST, False),
        (WITH_TOKEN, holding(TOKEN), True),
        (WITH_TOKEN, holding(TOKEN, ACCOUNT), False),
        (EU, holding(TOKEN), False),
        (NO_ENVIRONMENT, REQUEST, True),
        (NO_ENVIRONMENT, holding(TOKEN), False),
    ],
)
def test_a_paste_asks_only_if_the_current_environment_lacks_something(
    current: Environment, request_: ImportedRequest, is_settled: bool
) -> None:
    plan = plan_paste(request_, current, [EU, US, WITH_TOKEN], Store())
    assert isinstance(plan, Settled) is is_settled


@pytest.mark.parametrize(
    ("environment", "offer"),
    [
        (EU, UseEnvironment(EU, True)),
        (WITH_TOKEN, UseEnvironment(WITH_TOKEN, True)),
        (WITH_ACCOUNT, UseEnvironment(WITH_ACCOUNT, True, ("service account",))),
        (FIXED, UseEnvironment(FIXED, False)),
    ],
)
def test_an_offer_says_whether_it_stores_and_what_it_replaces(
    environment: Environment, offer: UseEnvironment
) -> None:
    plan = plan_paste(holding(TOKEN, ACCOUNT), US, [environment, US], Store())
    assert question(plan).offers == (offer,)


def test_an_environment_that_lacks_nothing_is_offered_as_it_is() -> None:
    plan = plan_paste(holding(TOKEN), US, [WITH_TOKEN], Store())
    assert question(plan).offers == (UseEnvironment(WITH_TOKEN, False),)


def test_the_current_environment_is_offered_first_and_five_at_most() -> None:
    environments = [replace(EU, name=f"e{number}") for number in range(7)]
    plan = plan_paste(holding(TOKEN), environments[6], environments, Store())
    names = [offer.environment.name for offer in question(plan).offers]
    assert names == ["e6", "e0", "e1", "e2", "e3"]


@pytest.mark.parametrize(
    ("request_", "names", "suggestion"),
    [
        (holding(TOKEN), [], "eu-7"),
        (holding(TOKEN), ["eu-7"], "eu-7-2"),
        (holding(TOKEN), ["eu-7", "eu-7-2", "eu-7-3"], "eu-7-4"),
        (replace(holding(TOKEN), region=None), [], "7"),
        (replace(holding(TOKEN), project_id=""), [], "eu"),
        (replace(holding(TOKEN), region=None, project_id=""), [], "mixpanel"),
    ],
)
def test_a_paste_suggests_region_and_project_numbered_until_free(
    request_: ImportedRequest, names: list[str], suggestion: str
) -> None:
    environments = [Environment(name) for name in names]
    plan = plan_paste(request_, NO_ENVIRONMENT, environments, Store())
    assert question(plan).create == CreateEnvironment(suggestion)


@pytest.mark.parametrize(
    ("region", "names", "suggestion"),
    [
        (Region.EU, [], "eu"),
        (None, [], "us"),
        (Region.EU, ["eu"], ""),
        (None, ["us"], ""),
        (Region.EU, ["us"], "eu"),
    ],
)
def test_a_file_suggests_the_region_or_nothing_if_that_is_a_name_already(
    region: Region | None, names: list[str], suggestion: str
) -> None:
    plan = plan_file(
        imported_file(replace(holding(TOKEN), region=region)),
        [Environment(name) for name in names],
        Store(),
    )
    assert question(plan).create == CreateEnvironment(suggestion)


def imported_file(*requests: ImportedRequest, **variables: str) -> ImportedFile:
    return ImportedFile(
        "Reports",
        tuple(FileRequest((), request) for request in requests),
        variables=tuple(variables.items()),
    )


def test_a_file_without_credentials_and_variables_asks_nothing() -> None:
    assert plan_file(imported_file(REQUEST), [EU], Store()) == Settled()


def test_a_file_is_offered_only_what_can_be_changed() -> None:
    plan = plan_file(imported_file(holding(TOKEN)), [FIXED, US, EU], Store())
    assert question(plan).offers == (UseEnvironment(EU, True),)


def test_of_a_file_the_first_credential_of_each_kind_is_stored() -> None:
    requests = holding(ACCOUNT, TOKEN), holding(OTHER_ACCOUNT)
    plan = question(plan_file(imported_file(*requests, a="1"), [], Store()))
    assert set(plan.credentials) == {ACCOUNT, TOKEN}
    assert plan.surplus == 1
    assert plan.variables == (("a", "1"),)


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("new", CreateEnvironment("new")),
        ("fixed", NotEditable(FIXED)),
        ("us", Mismatch(US)),
        ("eu", UseEnvironment(EU, True)),
        ("account", UseEnvironment(WITH_ACCOUNT, True, ("service account",))),
    ],
)
def test_a_named_environment_must_be_ones_own_and_fit(
    name: str, plan: NamedPlan
) -> None:
    environments = [EU, FIXED, US, WITH_ACCOUNT]
    assert plan_named(holding(ACCOUNT), name, environments, Store()) == plan


@pytest.mark.parametrize(
    ("current", "environments", "chosen"),
    [
        (EU, [WITH_TOKEN, EU], EU),
        (US, [US, WITH_TOKEN, EU], WITH_TOKEN),
        (US, [US], US),
    ],
)
def test_a_request_is_sent_where_it_fits(
    current: Environment, environments: list[Environment], chosen: Environment
) -> None:
    assert sending_environment(REQUEST, current, environments) == chosen


def test_a_new_environment_is_written_with_its_secrets_and_variables() -> None:
    store = Store()
    target = CreateEnvironment("new")
    applied = apply_target(target, holding(ACCOUNT), store, {}, [("a", "1")])
    account = ServiceAccount("ci", FromCredentialsFile("new", "service_account"))
    assert applied.environment == Environment(
        "new",
        Region.EU,
        project_id="7",
        credentials=Credentials(service_account=account),
        variables={"a": "1"},
    )
    assert store.saved == [(applied.environment, None)]
    assert store.secrets == {"service_account": Secret("pw")}


def test_a_variable_that_an_environment_has_already_stays() -> None:
    store = Store()
    target = UseEnvironment(replace(EU, variables={"a": "mine"}), True)
    apply_target(target, REQUEST, store, {}, [("a", "1"), ("b", "2")])
    ((written, old),) = store.saved
    assert written.variables == {"a": "mine", "b": "2"}
    assert old == target.environment


def test_a_credential_in_a_variable_that_is_not_set_is_reported() -> None:
    token = replace(TOKEN, secret=FromVariable("TOKEN"))
    applied = apply_target(CreateEnvironment("new"), holding(token), Store(), {})
    assert applied.environment.credentials == Credentials()
    assert len(applied.notes) == 1
