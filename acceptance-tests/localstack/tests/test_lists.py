"""Threat and trusted lists: their files, their waits, their limits."""

import pytest
from refusals import refused
from waiting import until

FILES = {
    "TXT": "192.0.2.1\n198.51.100.0/24\n",
    "STIX": """<?xml version="1.0"?><stix:STIX_Package xmlns:stix="a" xmlns:AddressObj="b">
        <AddressObj:Address_Value>192.0.2.1##comma##192.0.2.2</AddressObj:Address_Value></stix:STIX_Package>""",
    "OTX_CSV": "Indicator type, Indicator, Description\nCIDR, 192.0.2.0/24, example\n",
    "FIRE_EYE": "reportId, title, ip\n1, example, 192.0.2.1\n",
    "PROOF_POINT": "ip, category, score, first_seen, last_seen, ports (|)\n192.0.2.1, 1, 100, a, b, 80\n",
    "ALIEN_VAULT": "192.0.2.1#4#2#Malicious Host#US##0,0#3\n",
}


@pytest.fixture
def put(client, account):
    """Puts a file into a bucket of the account and returns its location."""
    s3 = client("s3")
    bucket = f"lists-{account}"
    s3.create_bucket(Bucket=bucket)

    def put_object(text, key="list.txt"):
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
        return f"https://s3.amazonaws.com/{bucket}/{key}"

    return put_object


@pytest.fixture(autouse=True)
def clock(control):
    """Stops the clock, so that a wait ends when the test says so."""
    control.post("clock", rate=0)
    yield lambda seconds: control.post("clock", advance_seconds=seconds)
    control.post("clock", rate=900)


@pytest.fixture
def settled(guardduty, detector, clock):
    """The status of a threat list once its wait is over."""

    def status(name):
        assert get(guardduty, detector, name)["Status"] in ("ACTIVATING", "DEACTIVATING")
        clock(15 * 60)
        return get(guardduty, detector, name)["Status"]

    return status


def create(guardduty, detector, location, **changes):
    request = {
        "DetectorId": detector,
        "Name": "threats",
        "Format": "TXT",
        "Location": location,
        "Activate": True,
    }
    return guardduty.create_threat_intel_set(**(request | changes))["ThreatIntelSetId"]


def get(guardduty, detector, name):
    return guardduty.get_threat_intel_set(DetectorId=detector, ThreatIntelSetId=name)


@pytest.mark.parametrize("file_format", FILES)
def test_each_format_becomes_active(guardduty, detector, put, file_format, settled):
    name = create(guardduty, detector, put(FILES[file_format]), Format=file_format)
    assert get(guardduty, detector, name)["Status"] == "ACTIVATING"
    assert settled(name) == "ACTIVE"


@pytest.mark.parametrize(
    ("file_format", "text"),
    [
        ("TXT", "192.0.2.1\nexample.com\n"),
        ("TXT", "2001:db8::1\n"),
        ("TXT", ""),
        ("STIX", "192.0.2.1"),
        ("PROOF_POINT", "192.0.2.1\n"),
        ("ALIEN_VAULT", "nowhere#4\n"),
    ],
)
def test_a_file_that_is_not_of_its_format(guardduty, detector, put, file_format, text, settled):
    name = create(guardduty, detector, put(text), Format=file_format)
    assert settled(name) == "ERROR"


def test_an_object_that_is_not_there_and_then_is(guardduty, detector, put, settled):
    location = put("192.0.2.1")
    name = create(guardduty, detector, location.replace("list.txt", "missing.txt"))
    assert settled(name) == "ERROR"
    guardduty.update_threat_intel_set(
        DetectorId=detector, ThreatIntelSetId=name, Location=location, Activate=True
    )
    assert settled(name) == "ACTIVE"


@pytest.mark.parametrize(
    "form",
    [
        "s3://{bucket}/list.txt",
        *(
            f"{scheme}://{rest}"
            for scheme in ("https", "http")
            for rest in (
                "s3.amazonaws.com/{bucket}/list.txt",
                "s3.us-east-1.amazonaws.com/{bucket}/list.txt",
                "s3-us-east-1.amazonaws.com/{bucket}/list.txt",
                "{bucket}.s3.amazonaws.com/list.txt",
                "{bucket}.s3.us-east-1.amazonaws.com/list.txt",
                "{bucket}.s3-us-east-1.amazonaws.com/list.txt",
            )
        ),
    ],
)
def test_every_form_of_a_location(guardduty, detector, put, account, form, settled):
    put("192.0.2.1")
    name = create(guardduty, detector, form.format(bucket=f"lists-{account}"))
    assert settled(name) == "ACTIVE"


@pytest.mark.parametrize(
    "location",
    [
        "ftp://example.com/list.txt",
        "https://s3nowhere.amazonaws.com/bucket/list.txt",
        "https://bucket.s3.amazonaws.com.example.com/list.txt",
        "https://bucket.s3.dualstack.us-east-1.amazonaws.com/list.txt",
    ],
)
def test_a_location_that_is_no_object(guardduty, detector, location):
    with refused("an invalid or out-of-range value is specified as an input parameter"):
        create(guardduty, detector, location)


def test_the_life_of_a_list(guardduty, detector, put, settled, clock):
    name = create(guardduty, detector, put("192.0.2.1"), Activate=False, Tags={"a": "b"})
    assert get(guardduty, detector, name)["Status"] == "INACTIVE"
    assert get(guardduty, detector, name)["Tags"] == {"a": "b"}
    guardduty.update_threat_intel_set(
        DetectorId=detector, ThreatIntelSetId=name, Activate=True, Name="renamed"
    )
    with refused("because the list is in status ACTIVATING"):
        guardduty.update_threat_intel_set(DetectorId=detector, ThreatIntelSetId=name, Activate=False)
    with refused("because the list is in status ACTIVATING"):
        guardduty.delete_threat_intel_set(DetectorId=detector, ThreatIntelSetId=name)
    assert settled(name) == "ACTIVE"
    assert get(guardduty, detector, name)["Name"] == "renamed"
    guardduty.update_threat_intel_set(DetectorId=detector, ThreatIntelSetId=name, Activate=False)
    assert get(guardduty, detector, name)["Status"] == "DEACTIVATING"
    assert settled(name) == "INACTIVE"
    guardduty.delete_threat_intel_set(DetectorId=detector, ThreatIntelSetId=name)
    assert get(guardduty, detector, name)["Status"] == "DELETE_PENDING"
    clock(15 * 60)
    assert guardduty.list_threat_intel_sets(DetectorId=detector)["ThreatIntelSetIds"] == []
    assert get(guardduty, detector, name)["Status"] == "DELETED"
    with refused("since no such resource found"):
        guardduty.delete_threat_intel_set(DetectorId=detector, ThreatIntelSetId=name)
    clock(60 * 60)
    with refused("since no such resource found"):
        get(guardduty, detector, name)


def test_six_threat_lists_and_one_ip_set(guardduty, detector, put, clock):
    location = put("192.0.2.1")
    for number in range(6):
        create(guardduty, detector, location, Name=f"list-{number}", Activate=False)
    with refused("the limit of 6 ThreatIntelSets"):
        create(guardduty, detector, location)
    request = {
        "DetectorId": detector,
        "Name": "trusted",
        "Format": "TXT",
        "Location": location,
        "Activate": True,
    }
    name = guardduty.create_ip_set(**request)["IpSetId"]
    with refused("the limit of 1 IPSets"):
        guardduty.create_ip_set(**request)
    assert guardduty.list_ip_sets(DetectorId=detector)["IpSetIds"] == [name]
    clock(15 * 60)
    assert guardduty.get_ip_set(DetectorId=detector, IpSetId=name)["Status"] == "ACTIVE"


def test_a_name_is_used_once_by_ip_lists_only(guardduty, detector, put, clock):
    location = put("192.0.2.1")
    first = create(guardduty, detector, location, Activate=False)
    with refused("a ThreatIntelSet with the given name already exists"):
        create(guardduty, detector, location, Activate=False)
    other = create(guardduty, detector, location, Name="other", Activate=False)
    one = {"DetectorId": detector, "ThreatIntelSetId": other}
    with refused("a ThreatIntelSet with the given name already exists"):
        guardduty.update_threat_intel_set(**one, Name="threats")
    guardduty.update_threat_intel_set(**one, Name="other")
    guardduty.delete_threat_intel_set(DetectorId=detector, ThreatIntelSetId=first)
    with refused("already exists"):
        create(guardduty, detector, location, Activate=False)
    clock(15 * 60)
    create(guardduty, detector, location, Activate=False)
    request = {"DetectorId": detector, "Format": "TXT", "Location": location, "Activate": False}
    for _ in range(2):
        guardduty.create_threat_entity_set(**request, Name="threats")


def test_a_client_token_makes_the_creates_idempotent(guardduty, detector, put):
    request = {"DetectorId": detector, "Name": "list", "Format": "TXT", "Location": put("192.0.2.1")}
    for create_list, member in (
        (guardduty.create_threat_intel_set, "ThreatIntelSetId"),
        (guardduty.create_ip_set, "IpSetId"),
    ):
        first = create_list(**request, Activate=False, ClientToken="token")[member]
        assert create_list(**request, Activate=False, ClientToken="token")[member] == first
        with refused("clientToken"):
            create_list(**request, Activate=True, ClientToken="token")


def test_a_trusted_list_is_at_most_2000_long(guardduty, detector, put, clock):
    lines = "\n".join(f"192.0.{number // 250}.{number % 250}" for number in range(2001))
    location = put(lines)
    name = guardduty.create_ip_set(
        DetectorId=detector, Name="trusted", Format="TXT", Location=location, Activate=True
    )["IpSetId"]
    clock(15 * 60)
    assert guardduty.get_ip_set(DetectorId=detector, IpSetId=name)["Status"] == "ERROR"


def test_the_owner_of_the_bucket(guardduty, detector, put, account, settled):
    name = create(guardduty, detector, put("192.0.2.1"), ExpectedBucketOwner="999988887777")
    assert settled(name) == "ERROR"
    assert get(guardduty, detector, name)["ExpectedBucketOwner"] == "999988887777"
    guardduty.update_threat_intel_set(
        DetectorId=detector, ThreatIntelSetId=name, ExpectedBucketOwner=account, Activate=True
    )
    assert settled(name) == "ACTIVE"


def test_entity_sets_take_domains_and_tell_their_error(guardduty, detector, put, clock):
    request = {"DetectorId": detector, "Name": "entities", "Format": "TXT", "Activate": True}
    location = put("example.com\n192.0.2.1\n")
    name = guardduty.create_threat_entity_set(**request, Location=location)["ThreatEntitySetId"]
    bad = guardduty.create_threat_entity_set(**request, Location=put("not a name", "bad"))[
        "ThreatEntitySetId"
    ]

    def status(each):
        return guardduty.get_threat_entity_set(DetectorId=detector, ThreatEntitySetId=each)["Status"]

    clock(15 * 60)
    assert (status(name), status(bad)) == ("ACTIVE", "ERROR")
    answer = guardduty.get_threat_entity_set(DetectorId=detector, ThreatEntitySetId=bad)
    assert answer["ErrorDetails"] == "line 1: 'not a name' is not an IPv4 address or CIDR"


def test_a_client_token_makes_create_idempotent(guardduty, detector, put):
    location = put("192.0.2.1")
    first = create(guardduty, detector, location, ClientToken="token")
    assert create(guardduty, detector, location, ClientToken="token") == first
    assert guardduty.list_threat_intel_sets(DetectorId=detector)["ThreatIntelSetIds"] == [first]


def test_the_wait_follows_the_clock(guardduty, detector, put, control, clock):
    name = create(guardduty, detector, put("192.0.2.1"))
    clock(899)
    assert get(guardduty, detector, name)["Status"] == "ACTIVATING"
    clock(1)
    assert get(guardduty, detector, name)["Status"] == "ACTIVE"
    guardduty.update_threat_intel_set(DetectorId=detector, ThreatIntelSetId=name, Activate=False)
    control.post("clock", rate=9000)
    until(lambda: get(guardduty, detector, name)["Status"] == "INACTIVE", seconds=2)
