import pytest
from ase.build import bulk

from assayer_executor.calculators.electrons import (
    ElectronicSettings,
    band_gap_ev,
    k_point_grid,
    starting_moments,
)


def test_the_gap_is_from_the_highest_filled_to_the_lowest_empty_level() -> None:
    assert band_gap_ev([[[-5.0, 0.0, 2.0], [-4.0, -0.5, 1.5]]], 0.7) == pytest.approx(1.5)


def test_a_band_that_crosses_the_fermi_level_makes_a_metal() -> None:
    assert band_gap_ev([[[-5.0, -1.0, 2.0], [-4.0, 1.0, 3.0]]], 0.0) == 0.0


def test_spins_may_be_filled_differently_in_an_insulator() -> None:
    assert band_gap_ev([[[-2.0, -1.0], [-2.0, -1.0]], [[-2.0, 1.0], [-2.0, 1.5]]], 0.0) == pytest.approx(2.0)


def test_denser_cells_get_more_k_points() -> None:
    settings = ElectronicSettings(k_point_density_angstrom=3.5)
    assert k_point_grid(settings, bulk("Cu", "fcc", 3.6)) == (11, 11, 11)
    assert k_point_grid(settings, bulk("Cu", "fcc", 3.6, cubic=True)) == (7, 7, 7)
    assert k_point_grid(ElectronicSettings(k_points=(2, 3, 4)), bulk("Cu")) == (2, 3, 4)


def test_spin_is_on_where_it_matters() -> None:
    auto = ElectronicSettings()
    assert starting_moments(auto, bulk("Cu")) is None
    assert starting_moments(auto, bulk("FeAl", "cesiumchloride", 2.9)).tolist() == [5.0, 0.0]
    assert starting_moments(ElectronicSettings(spin="none"), bulk("FeAl", "cesiumchloride", 2.9)) is None
    assert starting_moments(ElectronicSettings(spin="collinear"), bulk("Cu")).tolist() == [1.0]
    told = bulk("Cu")
    told.set_initial_magnetic_moments([0.5])
    assert starting_moments(auto, told).tolist() == [0.5]
