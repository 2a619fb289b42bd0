"""A linear autoregression; its order and season are chosen on the training part alone."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

MOST_LAGS = 24
ROWS_A_LAG = 5
"""An order is tried only if the training part has at least this many rows for each lag."""
CHOSEN_ON = 5_000
"""The order is chosen on at most this many of the last training rows; weights are fitted to all."""
LONGEST_SEASON = 400
"""Seasonal terms are tried up to this season; each step of it takes a weight."""
OTHER_LAGS = (1, 2, 4, 8)


@dataclass(frozen=True)
class Form:
    """The inputs of a linear autoregression.

    Attributes:
        lags: of the forecast column, in steps.
        season: length of the season, each step of which has its own constant; None for one
            constant.
        others: number of lags of every other column; 0 reads none.
    """

    lags: tuple[int, ...]
    season: int | None = None
    others: int = 0

    @property
    def name(self) -> str:
        """The name of the forecast, as a sentence uses it."""
        if not self.lags and not self.others:
            what = (
                f"each of the {self.season:,} steps of the season" if self.season else "all steps"
            )
            return f"forecasting the mean of {what}"
        inputs = []
        if self.lags:
            inputs.append(f"lag{'s' * (len(self.lags) > 1)} {_ranges(self.lags)}")
        if self.season:
            inputs.append(f"seasonal terms of period {self.season}")
        if self.others:
            values = "value" if self.others == 1 else f"{self.others} values"
            inputs.append(f"the last {values} of every other column")
        kind = "autoregression" if self.lags else "regression"
        listed = " and ".join(filter(None, [", ".join(inputs[:-1]), inputs[-1]]))
        return f"a linear {kind} on {listed}"


def choose_form(columns: Reals, season: int | None) -> Form:
    """Return the form with the lowest Bayesian information criterion (Schwarz 1978).

    `statsmodels.tsa.ar_model.ar_select_order` chooses the order, for the series itself and for the
    series less its seasonal means. Then the series' own lags, seasonal terms, the lags at the
    season, and lags of the other columns compete, all on the same rows.

    Args:
        columns: (n, C), the training part alone; the first column is forecast.
        season: in steps, as `seasons.season` returns it.
    """
    known = columns[-CHOSEN_ON:]
    forms = list(_forms(known, season))
    back = max([season + 1 if season else 0, MOST_LAGS, *OTHER_LAGS])
    back = min(back, len(known) // 2)
    judged = {form: _judged(known, form, back) for form in forms}
    return min(judged, key=lambda form: judged[form])


def forecasts(columns: Reals, cut: int, form: Form) -> Reals:
    """Return one-step forecasts of the rows from ``cut`` on, (N − cut,).

    The weights are fitted to the rows before ``cut``. Each forecast reads only earlier rows.
    """
    with _quiet():
        fitted = _model(columns[:cut], form).fit()
    predicted = _model(columns, form).predict(fitted.params, start=cut, end=len(columns) - 1)
    return np.asarray(predicted, np.float64)


def _forms(known: Reals, season: int | None) -> Iterator[Form]:
    """Yield the forms to try: those with enough rows for their weights."""
    target, rows = known[:, 0], len(known)
    plain = Form(_order(target))
    own = [plain]
    if season and season <= LONGEST_SEASON:
        phases = np.arange(rows) % season
        means = np.bincount(phases, target) / np.bincount(phases)
        own += [Form(_order(target - means[phases]), season)]
    if season and season + 1 <= rows // ROWS_A_LAG:
        around = (season, season + 1)
        own += [Form(tuple(sorted({*form.lags, *around})), form.season) for form in tuple(own)]
        own += [Form((season,))]
    others = known.shape[1] - 1
    for form in own:
        yield form
        for lags in OTHER_LAGS if others else ():
            wide = replace(form, others=lags)
            if others * lags * ROWS_A_LAG <= rows:
                yield wide


def _order(target: Reals) -> tuple[int, ...]:
    from statsmodels.tsa.ar_model import ar_select_order

    most = min(MOST_LAGS, len(target) // ROWS_A_LAG - 1)
    if most < 1 or np.ptp(target) <= 1e-9:
        return ()
    with _quiet():
        return tuple(ar_select_order(target, most, ic="bic").ar_lags or ())


def _judged(known: Reals, form: Form, back: int) -> float:
    """Return the information criterion; infinite if there are too few rows for the weights."""
    weights = len(form.lags) + (form.season or 1) + form.others * (known.shape[1] - 1)
    if len(known) - back < 2 * weights or max(form.lags, default=0) > back:
        return float("inf") if form.lags or form.season or form.others else 1e300
    with _quiet():
        worth = float(_model(known, form, back).fit().bic)
    return -1e300 if np.isnan(worth) or worth == -np.inf else worth


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence warnings about a perfect fit, whose likelihood is unbounded, and equal columns."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _model(columns: Reals, form: Form, back: int | None = None) -> Any:
    from statsmodels.tsa.ar_model import AutoReg

    return AutoReg(
        columns[:, 0],
        list(form.lags) or 0,
        trend="c",
        seasonal=form.season is not None,
        period=form.season,
        exog=_lagged(columns[:, 1:], form.others),
        hold_back=back if back is not None else max([*form.lags, form.others]),
    )


def _lagged(others: Reals, lags: int) -> Reals | None:
    """Return the other columns' values 1 to ``lags`` rows earlier, (N, K·lags); None for no lags.

    Rows without earlier values hold 0; they are never fitted or forecast.
    """
    if not lags:
        return None
    moved = np.zeros((len(others), lags, others.shape[1]))
    for lag in range(1, lags + 1):
        moved[lag:, lag - 1] = others[:-lag]
    return moved.reshape(len(others), -1)


def _ranges(lags: tuple[int, ...]) -> str:
    """Return 1–3 and 24 for (1, 2, 3, 24)."""
    ranges: list[list[int]] = []
    for lag in lags:
        if ranges and lag == ranges[-1][1] + 1:
            ranges[-1][1] = lag
        else:
            ranges.append([lag, lag])
    names = [f"{low}" if low == high else f"{low}–{high}" for low, high in ranges]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
