"""CUPED: take from an outcome what the time before already foretold (Deng, Xu, Kohavi and Walker 2013)."""

from quanyu.modules.experiments.stats.moments import Moments, PairSums


def adjusted(control: PairSums, treated: PairSums) -> tuple[Moments, Moments]:
    """Return both arms' outcome ``y`` without what ``x``, the same people's pre-period, explains of it.

    One theta for both arms, from within them: an effect of the treatment cannot leak into it. Both are
    centred on the mean ``x`` of all people, so means stay on their scale. Without a varying ``x`` nothing
    changes.
    """
    theta = _theta(control, treated)
    people = control.n + treated.n
    if not people:
        return control.y_moments, treated.y_moments
    centre = (control.n * control.x_moments.mean + treated.n * treated.x_moments.mean) / people
    return _without(control, theta, centre), _without(treated, theta, centre)


def variance_kept(control: PairSums, treated: PairSums) -> float:
    """Return the variance of the difference after adjusting as a share of that before; 1 without any."""
    before = control.y_moments.variance_of_mean + treated.y_moments.variance_of_mean
    if before <= 0:
        return 1.0
    after = sum(arm.variance_of_mean for arm in adjusted(control, treated))
    return after / before


def _theta(control: PairSums, treated: PairSums) -> float:
    arms = [arm for arm in (control, treated) if arm.n >= 2]
    spread = sum((arm.n - 1) * arm.x_moments.variance for arm in arms)
    together = sum((arm.n - 1) * arm.covariance for arm in arms)
    return together / spread if spread > 0 else 0.0


def _without(arm: PairSums, theta: float, centre: float) -> Moments:
    y, x = arm.y_moments, arm.x_moments
    variance = y.variance - 2 * theta * arm.covariance + theta * theta * x.variance
    # An outcome fully foretold leaves nothing; the three terms cancel up to their own rounding.
    rounding = 1e-14 * (y.variance + theta * theta * x.variance)
    return Moments(arm.n, y.mean - theta * (x.mean - centre), variance if variance > rounding else 0.0)
