//! The compile errors of the derive macros, each as a newcomer sees it.
#![allow(missing_docs)]

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("derive/tests/ui/*.rs");
}
