"""These packages are not in the tested environment: what is tested is that their absence is told with its remedy."""

from importlib.util import find_spec

import pytest

from assayer_executor.calculators import find_preset
from assayer_executor.failures import MissingPackageError

MODULES = {"mace": "mace", "mattersim": "mattersim", "orb": "orb_models", "sevennet": "sevenn"}


@pytest.mark.parametrize("name", MODULES)
def test_a_missing_package_is_named_with_the_extra_to_install(name: str) -> None:
    if find_spec(MODULES[name]) is not None:
        pytest.skip(f"{name} is installed here")
    preset = find_preset(name)
    with pytest.raises(MissingPackageError, match=rf"pip install 'assayer-executor\[{name}\]'") as caught:
        preset.traits(preset.parse({}))
    assert caught.value.failure.kind == "infrastructure"
