"""Reading a file of offline gifts: each row is either a gift that can be entered, or all that is wrong with it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from campaign.core.addresses import AddressRefused, check_address
from campaign.core.csv_columns import Header, Wanted
from campaign.core.csv_reading import Record, has_control, is_unreadable, look, read_day, records
from campaign.core.errors import DomainError
from campaign.core.money import LARGEST_BOOKED, AmountRefused, parse_amount
from campaign.core.text import LONGEST_NAME, TextRefused, clean_block, clean_line
from campaign.donations.models import OfflineMethod
from campaign.donations.offline import FIRST_YEAR, LONGEST_NOTE, OfflineFields

MOST_ROWS = 2_000


class Column(StrEnum):
    """What a column of the file may be."""

    GIVEN_ON = "date"
    AMOUNT = "amount"
    CURRENCY = "currency"
    METHOD = "method"
    NAME = "name"
    EMAIL = "email"
    NOTE = "note"


_KNOWN_AS: dict[str, tuple[str, ...]] = {
    Column.GIVEN_ON: ("date", "day", "given on", "received on", "date received", "value date", "transaction date"),
    Column.AMOUNT: ("amount", "sum", "gift", "donation", "paid in", "credit"),
    Column.CURRENCY: ("currency", "currency code"),
    Column.METHOD: ("method", "how", "kind", "type", "payment method"),
    Column.NAME: ("name", "full name", "donor", "from", "payer"),
    Column.EMAIL: ("email", "e mail", "email address", "e mail address", "mail"),
    Column.NOTE: ("note", "notes", "reference", "description", "comment", "details"),
}
_METHODS = {
    "cash": OfflineMethod.CASH, "coins": OfflineMethod.CASH,
    "cheque": OfflineMethod.CHEQUE, "check": OfflineMethod.CHEQUE, "chq": OfflineMethod.CHEQUE,
    "bank transfer": OfflineMethod.BANK_TRANSFER, "transfer": OfflineMethod.BANK_TRANSFER,
    "bank": OfflineMethod.BANK_TRANSFER, "bacs": OfflineMethod.BANK_TRANSFER, "sepa": OfflineMethod.BANK_TRANSFER,
    "faster payment": OfflineMethod.BANK_TRANSFER, "standing order": OfflineMethod.BANK_TRANSFER,
}  # fmt: skip


def _missing(there: Collection[str]) -> tuple[str, ...]:
    return tuple(column for column in (Column.GIVEN_ON, Column.AMOUNT) if column not in there)


WANTED = Wanted(_KNOWN_AS, _missing)


class Kind(StrEnum):
    """What may be wrong with a row; the doors have a sentence for each."""

    BROKEN = "broken"
    COLUMNS = "columns"
    UNREADABLE = "unreadable"
    CONTROL = "control"
    TOO_LONG = "too_long"
    NAME_LINES = "name_lines"
    BAD_ADDRESS = "bad_address"
    BAD_DATE = "bad_date"
    FUTURE_DATE = "future_date"
    BAD_AMOUNT = "bad_amount"
    NO_METHOD = "no_method"
    UNKNOWN_METHOD = "unknown_method"
    UNKNOWN_CURRENCY = "unknown_currency"
    THERE_ALREADY = "there_already"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the row on `line`."""

    line: int
    kind: Kind
    column: str = ""


@dataclass(frozen=True)
class Candidate:
    """A row that may be entered."""

    line: int
    fields: OfflineFields


@dataclass(frozen=True)
class Rules:
    """What holds for all rows. `currencies` are the campaign's, its own first, which rows that name none are in.

    `method` is theirs that name none; None leaves such rows out. `today` is the day where the site is.
    """

    currencies: list[str]
    method: OfflineMethod | None
    today: date


@dataclass
class Looked:
    """What a file holds."""

    good: list[Candidate] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ignored: tuple[str, ...] = ()


class TooManyRows(DomainError):
    """The file has more than MOST_ROWS rows."""


def read_rows(data: bytes, rules: Rules) -> Looked:
    """What each row of a file is, as far as it tells by itself. Raises FileRefused, TooManyRows."""
    shape = look(data, WANTED)
    found = Looked(ignored=shape.header.ignored)
    for number, record in enumerate(records(data, shape)):
        if number == MOST_ROWS:
            raise TooManyRows("The file has too many rows.")
        result = _read_row(record, shape.header, rules)
        if isinstance(result, OfflineFields):
            found.good.append(Candidate(record.line, result))
        else:
            found.findings += result
    return found


def _read_row(record: Record, header: Header, rules: Rules) -> OfflineFields | list[Finding]:
    cells = record.fit(header)
    if cells is None:
        return [Finding(record.line, Kind.BROKEN if record.cells is None else Kind.COLUMNS)]
    row = _Row({column: header.read(cells, column) for column in Column}, rules)
    wrong = [Finding(record.line, kind, column) for column, kind in row.read()]
    return wrong or row.fields()


class _Row:
    """One row while it is read, column by column."""

    def __init__(self, cells: dict[Column, str], rules: Rules) -> None:
        self._cells, self._rules = cells, rules
        self._currency = cells[Column.CURRENCY].upper() or rules.currencies[0]
        self._method = rules.method or OfflineMethod.CASH
        self._day = rules.today
        self._amount_minor = 0
        self._name = self._email = self._note = ""

    def read(self) -> Iterator[tuple[Column, Kind]]:
        """All that is wrong."""
        if bad := list(self._characters()):
            yield from bad
            return
        readers = {
            Column.GIVEN_ON: self._read_day, Column.CURRENCY: self._read_currency, Column.AMOUNT: self._read_amount,
            Column.METHOD: self._read_method, Column.NAME: self._read_name, Column.EMAIL: self._read_email,
            Column.NOTE: self._read_note,
        }  # fmt: skip
        for column, reader in readers.items():
            if (kind := reader(self._cells[column])) is not None:
                yield column, kind

    def fields(self) -> OfflineFields:
        """What was read; only where nothing was wrong."""
        return OfflineFields(
            method=self._method, amount_minor=self._amount_minor, currency=self._currency, given_on=self._day,
            name=self._name, email=self._email, note=self._note,
        )  # fmt: skip

    def _characters(self) -> Iterator[tuple[Column, Kind]]:
        for column, cell in self._cells.items():
            if is_unreadable(cell):
                yield column, Kind.UNREADABLE
            elif has_control(cell):
                yield column, Kind.CONTROL

    def _read_day(self, typed: str) -> Kind | None:
        day = read_day(typed)
        if day is None or day.year < FIRST_YEAR:
            return Kind.BAD_DATE
        self._day = day
        return Kind.FUTURE_DATE if day > self._rules.today else None

    def _read_currency(self, _typed: str) -> Kind | None:
        return None if self._currency in self._rules.currencies else Kind.UNKNOWN_CURRENCY

    def _read_amount(self, typed: str) -> Kind | None:
        if self._currency not in self._rules.currencies:
            return None  # in what it would be read is not known, and that is said already
        try:
            self._amount_minor = parse_amount(typed, self._currency, LARGEST_BOOKED)
        except AmountRefused:
            return Kind.BAD_AMOUNT
        return None

    def _read_method(self, typed: str) -> Kind | None:
        if not typed:
            return None if self._rules.method else Kind.NO_METHOD
        method = _METHODS.get(" ".join(typed.casefold().replace("_", " ").split()))
        if method is None:
            return Kind.UNKNOWN_METHOD
        self._method = method
        return None

    def _read_name(self, typed: str) -> Kind | None:
        try:
            self._name = clean_line(typed)
        except TextRefused:
            return Kind.NAME_LINES
        return Kind.TOO_LONG if len(self._name) > LONGEST_NAME else None

    def _read_email(self, typed: str) -> Kind | None:
        try:
            self._email = check_address(typed) if typed else ""
        except AddressRefused:
            return Kind.BAD_ADDRESS
        return None

    def _read_note(self, typed: str) -> Kind | None:
        self._note = clean_block(typed)
        return Kind.TOO_LONG if len(self._note) > LONGEST_NOTE else None
