//! The compile errors of the derive macros, each as a newcomer sees it.
#![allow(missing_docs)]

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    // Beside a case that passes, the others are built and not only checked: some mistakes are seen no sooner.
    cases.pass("derive/tests/pass/*.rs");
    cases.compile_fail("derive/tests/ui/*.rs");
}
