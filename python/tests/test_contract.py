"""The same examples that src/executors/contract.ts is tested against."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from assayer_executor.contract import EvaluationAnswer, EvaluationRequest, ExecutorDescription
from conftest import REPOSITORY

EXAMPLES = REPOSITORY / "test/fixtures/executors/contract"
DOCUMENTS: dict[str, TypeAdapter[Any]] = {
    "requests": TypeAdapter(EvaluationRequest),
    "answers": TypeAdapter(EvaluationAnswer),
    "descriptions": TypeAdapter(ExecutorDescription),
}


def examples(quality: str) -> list[Any]:
    return [
        pytest.param(kind, example, id=f"{kind}: {example['name']}")
        for kind in DOCUMENTS
        for example in json.loads((EXAMPLES / f"{kind}.json").read_text())[quality]
    ]


@pytest.mark.parametrize(("kind", "example"), examples("good"))
def test_takes_what_is_good_and_writes_it_back(kind: str, example: dict[str, Any]) -> None:
    adapter = DOCUMENTS[kind]
    read = adapter.validate_json(json.dumps(example["document"]))
    written = adapter.validate_json(read.to_json())
    assert written == read
    assert without_defaults(json.loads(read.to_json())) == without_defaults(example["document"])


def without_defaults(document: Any) -> Any:
    """What is told beyond the defaults; numbers as numbers."""
    defaults = {"artefacts": [], "maxAtoms": 500, "batchSize": 1, "cancelIsSafe": True}
    if isinstance(document, dict):
        told = {key: without_defaults(value) for key, value in document.items() if value is not None}
        if told.get("status") == "failed":
            defaults["software"] = []
        return {key: value for key, value in told.items() if key not in defaults or value != defaults[key]}
    if isinstance(document, list):
        return [without_defaults(value) for value in document]
    return document


@pytest.mark.parametrize(("kind", "example"), examples("bad"))
def test_refuses_what_is_bad_and_says_where(kind: str, example: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        DOCUMENTS[kind].validate_json(json.dumps(example["document"]))
    # An unknown field is at its own path here, at its parent's in TypeScript.
    assert any(place.startswith(example["path"]) for place in places(caught.value))


def places(error: ValidationError) -> list[str]:
    """Where the errors are, told as TypeScript tells it."""
    return [
        "status"
        if found["type"].startswith("union_tag")
        else ".".join(str(part) for part in found["loc"] if part not in ("succeeded", "failed", "[key]"))
        for found in error.errors()
    ]


def test_refuses_null_where_the_contract_wants_a_field_left_out() -> None:
    document = json.loads((EXAMPLES / "requests.json").read_text())["good"][0]["document"]
    document["crystal"]["chargeE"] = None
    with pytest.raises(ValidationError, match="leave it out"):
        EvaluationRequest.model_validate_json(json.dumps(document))
