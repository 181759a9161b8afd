"""Scikit-learn's simple models on Friedman's first problem with columns that do not matter: what ours should reach.

Two answers are exact (a Gaussian process and a ridge regression with given settings); of the others, the error counts.
"""

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.linear_model import LassoCV, RidgeCV
from sklearn.neighbors import KNeighborsRegressor

from reference import write_fixture

ROWS, ASKED, WIDTH = 300, 300, 12
LENGTH, NOISE, VARIANCE = 3.0, 0.05, 1.7
EXACT_ROWS = 40


def main():
    source = np.random.default_rng(3)
    x = np.round(source.uniform(-1.7, 1.7, (ROWS + ASKED, WIDTH)), 4)
    u = (x + 1.7) / 3.4
    y = 10 * np.sin(np.pi * u[:, 0] * u[:, 1]) + 20 * (u[:, 2] - 0.5) ** 2 + 10 * u[:, 3] + 5 * u[:, 4]
    y = y + 0.5 * source.normal(size=len(y))
    y = np.round((y - y[:ROWS].mean()) / y[:ROWS].std(), 4)
    train, asked = (x[:ROWS], y[:ROWS]), (x[ROWS:], y[ROWS:])

    kernel = ConstantKernel(VARIANCE, "fixed") * Matern(LENGTH, "fixed", nu=2.5)
    kernel = kernel + WhiteKernel(VARIANCE * (NOISE + 1e-8), "fixed")
    exact = GaussianProcessRegressor(kernel, optimizer=None, alpha=0)
    values = y[:EXACT_ROWS]
    exact.fit(x[:EXACT_ROWS], values - values.mean())
    mean, sigma = exact.predict(asked[0][:20], return_std=True)

    free = ConstantKernel() * Matern(nu=2.5) + WhiteKernel()
    models = {
        "ridge": RidgeCV(ROWS * np.array([1e-4, 1e-3, 1e-2, 1e-1, 1, 10])),
        "lasso": LassoCV(),
        "nearest neighbours": KNeighborsRegressor(10, weights="distance"),
        "extra trees": ExtraTreesRegressor(64, max_features=1 / 3, random_state=1),
        "gradient boosting": GradientBoostingRegressor(
            n_estimators=200, learning_rate=0.08, max_depth=5, subsample=0.7, max_features=0.3, min_samples_leaf=6, random_state=1
        ),
        "Gaussian process": GaussianProcessRegressor(free, normalize_y=True, random_state=1),
    }
    errors = {name: float(np.mean(np.abs(model.fit(*train).predict(asked[0]) - asked[1]))) for name, model in models.items()}
    write_fixture(
        "simple-models",
        ["scikit-learn", "numpy"],
        width=WIDTH,
        rows=x[:ROWS].ravel().tolist(),
        values=y[:ROWS].tolist(),
        asked=asked[0].ravel().tolist(),
        truth=asked[1].tolist(),
        gaussianProcess={
            "rows": EXACT_ROWS,
            "length": LENGTH,
            "noise": NOISE,
            "variance": VARIANCE,
            "mean": np.round(mean + values.mean(), 9).tolist(),
            "sigma": np.round(sigma, 9).tolist(),
        },
        errors={name: round(error, 5) for name, error in errors.items()},
    )
    print(errors)


if __name__ == "__main__":
    main()
