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
_HERE = 0  # the import of what was signed here: only that came by a form, a link and an article

# The sources that a campaign has rows for.
NAMED = (
    select(SignatureRollup.campaign_id, SignatureRollup.value)
    .where(SignatureRollup.dimension == Dimension.SOURCE, SignatureRollup.hour == EVER)
    .subquery("named")
)


def moves_of_deltas(*conditions: ColumnElement[bool]) -> CTE:
    """The moves that some deltas stand for."""
    return select(TallyDelta).where(*conditions).cte("moves")


def moves_of_signatures(campaign_id: int) -> CTE:
    """Each signature of a campaign as one move from nothing to where it stands; domains and networks are left out."""
    columns = (
        Signature.campaign_id,
        func.coalesce(Signature.import_id, 0).label("import_id"),
        null().cast(state_column(SignatureState)).label("from_state"),
        Signature.state.label("to_state"),
        Signature.country,
        Signature.source,
        Signature.created_at.label("signed_at"),
        Signature.confirmed_at,
    )
    return select(*columns).where(Signature.campaign_id == campaign_id).cte("signatures")


def changes(moves: CTE, dimensions: Sequence[Dimension]) -> CompoundSelect[Any]:
    """What the moves add to the rollups: rows of KEYS and MEASURES, several for one key."""
    signed, pressed = epoch_hour(moves.c.signed_at), epoch_hour(func.coalesce(moves.c.confirmed_at, moves.c.signed_at))
    ever: ColumnElement[int] = literal(EVER, Integer)
    parts = []
    for dimension in dimensions:
        hours = [(signed, pressed), (ever, ever)] if dimension in _WITH_SUMS else [(signed, pressed)]
        for form_hour, press_hour in hours:
            parts += [_forms(moves, dimension, form_hour), _presses(moves, dimension, press_hour)]
    return union_all(*parts)


def _forms(moves: CTE, dimension: Dimension, hour: ColumnElement[int]) -> Select[Any]:
    """What counts in the hour of the form."""
    came, went = moves.c.from_state.is_(None), moves.c.to_state.is_(None)
    return _part(moves, dimension, hour, {"sent": _one_if(came), "forgotten": _one_if(went)}).where(
        moves.c.import_id == _HERE, or_(came, went)
    )


def _presses(moves: CTE, dimension: Dimension, hour: ColumnElement[int]) -> Select[Any]:
    """What counts in the hour of the link."""
    before, after = moves.c.from_state, moves.c.to_state
    values = {"pressed": _one_if(_is_press(moves))}
    if dimension not in _FOR_DAYS:
        values |= {name: _one_if(after == state) - _one_if(before == state) for name, state in _STANDING.items()}
    states = list(_STANDING.values())
    touched = or_(_is_press(moves), before.in_(states), after.in_(states))
    return _part(moves, dimension, hour, values).where(touched)


def _is_press(moves: CTE) -> ColumnElement[bool]:
    """True for the move that the mailed link made."""
    before = moves.c.from_state
    return and_(
        moves.c.import_id == _HERE,
        moves.c.confirmed_at.is_not(None),
        moves.c.to_state.is_not(None),
        or_(before.is_(None), before == _S.PENDING),
    )


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, literal(1, Integer)), else_=literal(0, Integer))


def _part(
    moves: CTE, dimension: Dimension, hour: ColumnElement[int], values: dict[str, ColumnElement[int]]
) -> Select[Any]:
    name, value = literal(dimension, state_column(Dimension)).label("dimension"), _value(moves, dimension)
    measures = [values.get(measure, literal(0, Integer)).label(measure) for measure in MEASURES]
    query = select(moves.c.campaign_id, name, hour.label("hour"), value.label("value"), *measures)
    if dimension is Dimension.SOURCE:
        return _with_names(query.where(moves.c.import_id == _HERE), moves)
    return query.where(value.is_not(None)) if dimension in _FOR_DAYS else query


def _value(moves: CTE, dimension: Dimension) -> ColumnElement[str]:
    if dimension is Dimension.ALL:
        return literal("", Text)
    if dimension is Dimension.SOURCE:
        return _source()
    columns = {Dimension.COUNTRY: "country", Dimension.DOMAIN: "domain", Dimension.NETWORK: "network_hash"}
    column: ColumnElement[str] = moves.c[columns[dimension]]
    return column


def _source() -> ColumnElement[str]:
    return func.coalesce(NAMED.c.value, literal(OTHER_SOURCES, Text))


def _with_names(query: Select[Any], moves: CTE) -> Select[Any]:
    on = and_(NAMED.c.campaign_id == moves.c.campaign_id, NAMED.c.value == moves.c.source)
    return query.select_from(moves).outerjoin(NAMED, on)


def delays(moves: CTE) -> Select[Any]:
    """What the moves add to the confirmation delays: rows of DELAY_KEYS and `count`."""
    took = epoch(moves.c.confirmed_at) - epoch(moves.c.signed_at)
    step = case(*((took <= upper, literal(upper, Integer)) for upper in STEPS[:-1]), else_=literal(STEPS[-1], Integer))
    columns = (
        moves.c.campaign_id,
        _source().label("source"),
        step.label("seconds"),
        literal(1, Integer).label("count"),
    )
    return _with_names(select(*columns).where(_is_press(moves)), moves)
