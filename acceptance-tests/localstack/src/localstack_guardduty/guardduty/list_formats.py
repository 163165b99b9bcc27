"""The six formats of threat and trusted lists: which entries a file holds, or what is wrong with it.

It does not know where a file comes from.
"""

import csv
import ipaddress
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

DOMAIN = re.compile(r"(\*\.)?([A-Za-z0-9_]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
FIRE_EYE_ADDRESS_COLUMNS = ("ip", "cidr", "ipAddress")


class FormatError(Exception):
    """The file is not of its format; the text gives the place and the reason."""


def entries(file_format: str, data: bytes, domains: bool) -> int:
    """How many entries the file has; `domains` says whether domain names are allowed."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8 text: {error}") from None
    count = 0
    for place, entry in READERS[file_format](text):
        if not _is_address(entry) and not (domains and DOMAIN.fullmatch(entry)):
            raise FormatError(f"{place}: '{entry}' is not an IPv4 address or CIDR")
        count += 1
    if count == 0:
        raise FormatError("the file has no entry")
    return count


def _is_address(entry: str) -> bool:
    try:
        ipaddress.IPv4Network(entry, strict=False)
    except ValueError:
        return False
    return True


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield f"line {number}", line.strip()


def _stix(text: str) -> Iterator[tuple[str, str]]:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise FormatError(f"not XML: {error}") from None
    for element in root.iter():
        if element.tag.rpartition("}")[2] == "Address_Value" and element.text:
            for value in element.text.split("##comma##"):
                yield "Address_Value", value.strip()


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(), skipinitialspace=True))


def _otx(text: str) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(_table(text), start=2):
        if (row.get("Indicator type") or "").lower() in ("ipv4", "cidr"):
            yield f"line {number}", row.get("Indicator") or ""


def _fire_eye(text: str) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(_table(text), start=2):
        for column in FIRE_EYE_ADDRESS_COLUMNS:
            if row.get(column):
                yield f"line {number}", row[column]


def _proof_point(text: str) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(_table(text), start=2):
        yield f"line {number}", row.get("ip") or ""


def _alien_vault(text: str) -> Iterator[tuple[str, str]]:
    for place, line in _lines(text):
        yield place, line.partition("#")[0].strip()


READERS: dict[str, Callable[[str], Iterator[tuple[str, str]]]] = {
    "TXT": _lines,
    "STIX": _stix,
    "OTX_CSV": _otx,
    "FIRE_EYE": _fire_eye,
    "PROOF_POINT": _proof_point,
    "ALIEN_VAULT": _alien_vault,
}
