"""A ladder of numerical settings for self-consistent fields that do not converge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ase import Atoms
from ase.calculators.calculator import BaseCalculator, Calculator, all_changes

from assayer_executor.failures import NotConvergedError


@dataclass(frozen=True)
class Rung:
    """One way to the same answer; the next is slower and steadier."""

    description: str
    open: Callable[[], BaseCalculator]


class LadderCalculator(Calculator):
    """Computes with the first rung that converges, and stays on it.

    Rungs differ in how the self-consistent field is found (mixing, eigensolver, iterations), never in what it is
    (cutoff, k-points, smearing, functional): the energies of two rungs may be compared.
    """

    implemented_properties = ["energy", "forces", "stress", "magmom", "magmoms"]

    def __init__(self, rungs: Sequence[Rung], is_not_converged: Callable[[Exception], bool], remedy: str) -> None:
        super().__init__()
        self._rungs = rungs
        self._is_not_converged = is_not_converged
        self._remedy = remedy
        self._rung = 0
        self.inner: BaseCalculator = rungs[0].open()
        self.attempts: list[str] = []
        """The rungs that did not converge."""

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Compute the properties; raises NotConvergedError when no rung is left."""
        super().calculate(atoms, properties, system_changes)
        while True:
            try:
                self.results.update(self._ask(properties))
            except Exception as error:
                if not self._is_not_converged(error):
                    raise
                self._climb(error)
            else:
                return

    def _ask(self, properties: Sequence[str]) -> dict[str, Any]:
        return {name: self.inner.get_property(name, self.atoms) for name in properties}

    def _climb(self, error: Exception) -> None:
        self.attempts.append(self._rungs[self._rung].description)
        self._rung += 1
        if self._rung == len(self._rungs):
            tried = "; ".join(self.attempts)
            raise NotConvergedError(
                f"the self-consistent field did not converge with {tried}: {self._remedy}"
            ) from error
        self.inner = self._rungs[self._rung].open()
