"""What moves of signatures add to the rollups, as SQL over any set of moves."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Text,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from campaign.core.database import state_column
from campaign.core.epoch import epoch, epoch_hour
from campaign.petitions.models import Dimension, Signature, SignatureRollup, SignatureState, TallyDelta

EVER = 0  # the hour that stands for all hours
OTHER_SOURCES = "…"  # where the sources stand together for which a campaign has no room
# Steps of the time between form and link, in seconds: fine where most people are. The last stands for all beyond.
STEPS = (
    5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800,
    43_200, 86_400, 172_800, 345_600, 691_200,
)  # fmt: skip
KEYS = ("campaign_id", "dimension", "hour", "value")
MEASURES = ("sent", "forgotten", "pressed", "counted", "held", "removed")
DELAY_KEYS = ("campaign_id", "source", "seconds")

_S = SignatureState
_STANDING = {"counted": _S.CONFIRMED, "held": _S.HELD, "removed": _S.INVALIDATED}
_FOR_DAYS = (Dimension.DOMAIN, Dimension.NETWORK)
_WITH_SUMS = (Dimension.SOURCE, Dimension.COUNTRY)
# The import of what was signed here: only that came by a form, a link and an article.
_HERE = 0

_named = aliased(SignatureRollup, name="named")


def moves_of_deltas(*conditions: ColumnElement[bool]) -> CTE:
    """The moves that some deltas stand for, each of `weight` one."""
    delta = TallyDelta
    columns = (
        delta.campaign_id,
        delta.from_state,
        delta.to_state,
        delta.country,
        delta.source,
        delta.domain,
        delta.network_hash,
        *_moments(delta.signed_at, delta.confirmed_at),
        _one_if(delta.import_id == _HERE).label("is_here"),
        _is_press(delta).label("is_press"),
        _step(delta.signed_at, delta.confirmed_at).label("step"),
        literal(1, Integer).label("weight"),
    )
    return select(*columns).where(*conditions).cte("moves")


def moves_of_signatures(campaign_id: int, *values: InstrumentedAttribute[str]) -> CTE:
    """A campaign's signatures as moves from nothing to where they stand, told apart by hours and some of their values.

    Those alike are one row whose `weight` says how many; that spares looking at each of them several times.
    """
    nothing = null().cast(state_column(SignatureState)).label("from_state")
    hours = _moments(Signature.created_at, Signature.confirmed_at)
    is_here = _one_if(Signature.import_id.is_(None)).label("is_here")
    was_pressed = _one_if(and_(Signature.import_id.is_(None), Signature.confirmed_at.is_not(None))).label("is_press")
    groups = (Signature.campaign_id, Signature.state.label("to_state"), *hours, is_here, was_pressed, *values)
    query = select(*groups, nothing, func.count().label("weight")).where(Signature.campaign_id == campaign_id)
    return query.group_by(*groups).cte("signatures")


def delays_of_signatures(campaign_id: int) -> CTE:
    """What `delays` asks of a campaign's signatures; those alike are one row."""
    groups = (
        Signature.campaign_id, Signature.source, _step(Signature.created_at, Signature.confirmed_at).label("step"),
    )  # fmt: skip
    query = select(*groups, literal(1, Integer).label("is_press"), func.count().label("weight"))
    where = (Signature.campaign_id == campaign_id, Signature.import_id.is_(None), Signature.confirmed_at.is_not(None))
    return query.where(*where).group_by(*groups).cte("signatures")


def _moments(signed_at: Any, confirmed_at: Any) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The hours of the form and of the link; of what has none (which is not so in life) that of the form for both."""
    return epoch_hour(signed_at).label("form_hour"), epoch_hour(func.coalesce(confirmed_at, signed_at)).label(
        "press_hour"
    )


def _is_press(delta: type[TallyDelta]) -> ColumnElement[int]:
    """1 for the move that the mailed link made, and for what came in confirmed."""
    from_form = or_(delta.from_state.is_(None), delta.from_state == _S.PENDING)
    here = delta.import_id == _HERE
    return _one_if(and_(here, delta.confirmed_at.is_not(None), delta.to_state.is_not(None), from_form))


def _step(signed_at: Any, confirmed_at: Any) -> ColumnElement[int]:
    took = epoch(confirmed_at) - epoch(signed_at)
    return case(*((took <= upper, literal(upper, Integer)) for upper in STEPS[:-1]), else_=literal(STEPS[-1], Integer))


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, literal(1, Integer)), else_=literal(0, Integer))


def changes(moves: CTE, dimensions: Sequence[Dimension], *, by_the_hour: bool = True) -> CompoundSelect[Any]:
    """What the moves add to the rollups: rows of KEYS and MEASURES, several for one key.

    Not `by_the_hour`, sources and countries have their sums over all hours only.
    """
    ever: ColumnElement[int] = literal(EVER, Integer)
    parts = []
    for dimension in dimensions:
        hours = [(ever, ever)] if dimension in _WITH_SUMS else []
        if by_the_hour or not hours:
            hours.append((moves.c.form_hour, moves.c.press_hour))
        for form_hour, press_hour in hours:
            parts += [_forms(moves, dimension, form_hour), _presses(moves, dimension, press_hour)]
    return union_all(*parts)


def _forms(moves: CTE, dimension: Dimension, hour: ColumnElement[int]) -> Select[Any]:
    """What counts in the hour of the form."""
    came, went = moves.c.from_state.is_(None), moves.c.to_state.is_(None)
    return _part(moves, dimension, hour, {"sent": _one_if(came), "forgotten": _one_if(went)}).where(
        moves.c.is_here == 1, or_(came, went)
    )


def _presses(moves: CTE, dimension: Dimension, hour: ColumnElement[int]) -> Select[Any]:
    """What counts in the hour of the link."""
    before, after = moves.c.from_state, moves.c.to_state
    values: dict[str, ColumnElement[int]] = {"pressed": moves.c.is_press}
    if dimension not in _FOR_DAYS:
        values |= {name: _one_if(after == state) - _one_if(before == state) for name, state in _STANDING.items()}
    states = list(_STANDING.values())
    touched = or_(moves.c.is_press == 1, before.in_(states), after.in_(states))
    return _part(moves, dimension, hour, values).where(touched)


def _part(
    moves: CTE, dimension: Dimension, hour: ColumnElement[int], values: dict[str, ColumnElement[int]]
) -> Select[Any]:
    name, value = literal(dimension, state_column(Dimension)).label("dimension"), _value(moves, dimension)
    nothing = literal(0, Integer)
    measures = [(values[one] * moves.c.weight if one in values else nothing).label(one) for one in MEASURES]
    query = select(moves.c.campaign_id, name, hour.label("hour"), value.label("value"), *measures)
    if dimension is Dimension.SOURCE:
        return query.where(moves.c.is_here == 1)
    return query.where(value.is_not(None)) if dimension in _FOR_DAYS else query


def _value(moves: CTE, dimension: Dimension) -> ColumnElement[str]:
    if dimension is Dimension.ALL:
        return literal("", Text)
    if dimension is Dimension.SOURCE:
        return _source(moves)
    columns = {Dimension.COUNTRY: "country", Dimension.DOMAIN: "domain", Dimension.NETWORK: "network_hash"}
    column: ColumnElement[str] = moves.c[columns[dimension]]
    return column


def _source(moves: CTE) -> ColumnElement[str]:
    """The source by its name where it has one, looked up by key: for a join, SQLite would read all names there are."""
    name = select(_named.value).where(
        _named.campaign_id == moves.c.campaign_id,
        _named.dimension == Dimension.SOURCE,
        _named.hour == EVER,
        _named.value == moves.c.source,
    )
    return func.coalesce(name.correlate(moves).scalar_subquery(), literal(OTHER_SOURCES, Text))


def delays(moves: CTE) -> Select[Any]:
    """What the moves add to the confirmation delays: rows of DELAY_KEYS and `count`."""
    columns = (moves.c.campaign_id, _source(moves).label("source"), moves.c.step.label("seconds"))
    return select(*columns, moves.c.weight.label("count")).where(moves.c.is_press == 1)
