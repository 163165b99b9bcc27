"""Tests of these tools where a slip would hide a failure: how tests are counted, and what a difference is.

The rest of the tools is proved by being run: the demo and the tests themselves.
"""

import pytest

import demo
import run_tests
from inventory import differences
from opentofu import cli_settings, install
from run_tests import Count, count_cargo, count_check, count_pytest

CARGO = """
   Compiling tfplugin v0.1.0
     Running unittests src/lib.rs (/cache/target/debug/deps/tfplugin-0123456789abcdef)
test value::decodes ... ok
successes:
---- oracle stdout ----
skipped: no java
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
     Running acceptance-tests/main.rs (/cache/target/debug/deps/acceptance-0123456789abcdef)
"""


def test_cargo_rows_by_binary_with_told_skips() -> None:
    output = CARGO + "test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out"
    assert count_cargo("rust", False, output) == [
        Count("rust: tfplugin", passed=2, failed=0, skipped=2, notes=["no java"]),
        Count("rust: acceptance-tests/main.rs", passed=5, failed=2),
    ]


def test_cargo_binary_that_dies_counts_as_failed() -> None:
    assert count_cargo("rust", False, CARGO)[-1] == Count("rust: acceptance-tests/main.rs", failed=1)


def test_cargo_that_does_not_compile_counts_as_failed() -> None:
    assert count_cargo("rust", False, "error: could not compile `tfplugin`") == [Count("rust", failed=1)]


@pytest.mark.parametrize(
    ("last_line", "well", "expected"),
    [
        ("12 passed, 1 skipped in 3.21s", True, Count("emulator", passed=12, skipped=1)),
        ("===== 2 failed, 10 passed, 1 error in 63.00s (0:01:03) =====", False, Count("emulator", passed=10, failed=3)),
        ("no tests ran in 0.01s", False, Count("emulator", failed=1)),
        ("Segmentation fault", False, Count("emulator", failed=1)),
    ],
)
def test_pytest_summary(last_line: str, well: bool, expected: Count) -> None:
    assert count_pytest("emulator", well, f"....\n{last_line}\n") == [expected]


def test_check_counts_as_one() -> None:
    assert count_check("format", False, "") == [Count("format", failed=1)]


def test_last_line_counts_everything() -> None:
    counts = [Count("a", passed=2, skipped=1, notes=["no java", "no java"]), Count("b", failed=3)]
    text = run_tests.summary(counts)
    assert text.endswith("\n2 passed, 3 failed, 1 skipped")
    assert text.count("skipped in a: no java") == 1


def test_inventory_tells_what_was_left_taken_or_changed() -> None:
    before = {"topic t": "1", "queue q": "1", "bucket b": "[]"}
    after = {"topic t": "2", "rule r": "1", "bucket b": "[]"}
    assert differences(before, after) == ["left behind: rule r", "gone: queue q", "changed: topic t from 1 to 2"]
    assert differences(before, before) == []


def test_summary_of_an_apply() -> None:
    assert demo.summary("...\nApply complete! Resources: 9 added, 0 changed, 0 destroyed.\n") == (
        "Apply complete! Resources: 9 added, 0 changed, 0 destroyed"
    )
    with pytest.raises(demo.Untruth):
        demo.summary("nothing to see")


def test_mirror_serves_both_default_hosts(tmp_path) -> None:
    binary = tmp_path / "terraform-provider-guardduty"
    binary.write_text("binary")
    mirror = install(binary, tmp_path / "mirror")
    found = sorted(str(path.relative_to(mirror)).split("/")[0] for path in mirror.rglob("terraform-provider-*_v*"))
    assert found == ["registry.opentofu.org", "registry.terraform.io"]
    assert f'path = "{mirror}"' in cli_settings(mirror)
