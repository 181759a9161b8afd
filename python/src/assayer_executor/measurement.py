"""Takes one crystal through all that a request wants of it."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import BaseCalculator
from ase.io import write
from ase.units import GPa

from assayer_executor.calculators.electrons import band_gap_ev
from assayer_executor.calculators.ladder import LadderCalculator
from assayer_executor.calculators.preset import Preset, Workplace
from assayer_executor.contract import Artefact, MeasuredValue
from assayer_executor.physics.dynamics import TRAJECTORY, Mean, run_dynamics
from assayer_executor.physics.elasticity import elastic_tensor_gpa, polycrystal_moduli
from assayer_executor.physics.phonons import phonons
from assayer_executor.physics.relaxation import Checkpoint, Relaxation, relax
from assayer_executor.properties import PROPERTIES
from assayer_executor.settings import DynamicsSettings, ElasticitySettings, PhononSettings, Settings

GRAM_PER_CM3 = 1.66053906892
"""Of a dalton per Å³: the atomic mass constant of CODATA 2022."""


@dataclass
class Measurement:
    """The values of one crystal, and the files that hold more of them."""

    preset: Preset[Any]
    settings: Settings
    own: Any
    workplace: Workplace
    values: dict[str, MeasuredValue] = field(default_factory=dict)
    artefacts: list[Artefact] = field(default_factory=list)

    def take(self, atoms: Atoms, wanted: frozenset[str], seed: int) -> Relaxation:
        """Relax the atoms as the settings say and measure what is wanted of the result."""
        watch = self.workplace.watch
        atoms.calc = self._open(atoms)
        checkpoint = Checkpoint(self.workplace.folder / "relaxation.json", watch)
        relaxation = relax(atoms, self.settings, progress=watch.progress, checkpoint=checkpoint)
        self._measure_static(relaxation, wanted)
        needed = {PROPERTIES[name].setting for name in wanted}
        if "elasticity" in needed and self.settings.elasticity:
            self._measure_elasticity(relaxation.atoms, self.settings.elasticity)
        if "phonons" in needed and self.settings.phonons:
            self._measure_phonons(relaxation.atoms, self.settings.phonons)
        if "dynamics" in needed and self.settings.dynamics:
            self._measure_dynamics(relaxation.atoms, self.settings.dynamics, seed)
        return relaxation

    def _open(self, atoms: Atoms) -> BaseCalculator:
        return self.preset.calculator(self.own, atoms, self.workplace)

    def _measure_static(self, relaxation: Relaxation, wanted: frozenset[str]) -> None:
        atoms, residual = relaxation.atoms, relaxation.residual
        volume = atoms.get_volume()
        self._give("energyEvPerAtom", residual.energy_ev_per_atom)
        self._give("volumeAngstrom3PerAtom", volume / len(atoms))
        self._give("densityGramPerCm3", atoms.get_masses().sum() / volume * GRAM_PER_CM3)
        self._give("maxForceEvPerAngstrom", residual.max_force_ev_per_angstrom)
        if residual.max_stress_ev_per_angstrom3 is not None:
            self._give("pressureGpa", -atoms.get_stress()[:3].mean() / GPa)
        if "magneticMomentMuBPerAtom" in wanted:
            self._give("magneticMomentMuBPerAtom", abs(atoms.get_magnetic_moment()) / len(atoms))
        if "siteMagneticMomentMuB" in wanted:
            self._give("siteMagneticMomentMuB", np.abs(atoms.get_magnetic_moments()).mean())
        if "bandGapEv" in wanted:
            self._give("bandGapEv", band_gap_ev(*self.preset.eigenvalues(atoms.calc)))
        self._keep("final structure", "final.extxyz", atoms)
        if isinstance(atoms.calc, LadderCalculator) and atoms.calc.attempts:
            self._keep("settings that did not converge", "ladder.json", atoms.calc.attempts)

    def _measure_elasticity(self, atoms: Atoms, settings: ElasticitySettings) -> None:
        tensor = elastic_tensor_gpa(
            atoms,
            settings,
            max_steps=self.settings.max_steps,
            progress=self.workplace.watch.progress,
        )
        self._keep("elastic tensor, GPa, Voigt", "elastic-tensor.json", tensor.tolist())
        moduli = polycrystal_moduli(tensor)
        self._give("bulkModulusGpa", moduli.bulk_gpa)
        self._give("shearModulusGpa", moduli.shear_gpa)

    def _measure_phonons(self, atoms: Atoms, settings: PhononSettings) -> None:
        found = phonons(atoms, settings, self._open, self.workplace.watch.progress)
        told = {
            "supercell": found.repeats,
            "waveVectors": found.wave_vectors.tolist(),
            "frequenciesThz": found.frequencies_thz.tolist(),
        }
        self._keep("phonon frequencies, THz", "phonons.json", told)
        self._give("lowestPhononFrequencyThz", found.lowest_thz)

    def _measure_dynamics(self, atoms: Atoms, settings: DynamicsSettings, seed: int) -> None:
        run = run_dynamics(atoms, settings, self._open, seed=seed, workplace=self.workplace)
        self.artefacts.append(Artefact(name="trajectory, ASE", path=TRAJECTORY))
        self._give("dynamicsEnergyEvPerAtom", run.potential_energy_ev_per_atom)
        self._give("dynamicsTemperatureKelvin", run.temperature_kelvin)
        self._give("meanSquareDisplacementAngstrom2", run.mean_square_displacement_angstrom2)

    def _give(self, name: str, value: float | Mean) -> None:
        mean, error = (value.value, value.standard_error) if isinstance(value, Mean) else (value, None)
        self.values[name] = MeasuredValue(value=float(mean), unit=PROPERTIES[name].unit, uncertainty=error)

    def _keep(self, name: str, path: str, content: object) -> None:
        file = self.workplace.folder / path
        if isinstance(content, Atoms):
            write(file, content, format="extxyz")
        else:
            file.write_text(json.dumps(content))
        self.artefacts.append(Artefact(name=name, path=path))
