//! Drift: somebody changes a thing behind the CLI's back. The next plan has to see it, and an apply to mend it.

use std::collections::BTreeSet;

use super::cli::Output;
use super::plan::{Outside, Plan};
use super::project::Project;

impl Project {
    /// Somebody changes the thing at `address`, which was applied before, behind the CLI's back: that is what `change`
    /// does. Demands that a plan sees the attributes and blocks `seen` changed, all of them and no other, and has
    /// something to do about it; and that it leaves nothing to do once it is applied. Returns what that apply said.
    ///
    /// ```no_run
    /// # fn check(project: &tfplugin::testing::Project) {
    /// let file = project.folder().join("files/a.txt");
    /// project.drift("files_text.a", &["content", "size"], || std::fs::write(&file, "by somebody else").unwrap());
    /// # }
    /// ```
    ///
    /// # Panics
    /// If something else is seen, or nothing, or it isn't mended; with all that the CLI said.
    #[track_caller]
    pub fn drift(&self, address: &str, seen: &[&str], change: impl FnOnce()) -> Output {
        change();
        let plan = self.planned();
        let expected = Outside::Changed(seen.iter().map(|&name| name.to_owned()).collect());
        expect_seen(&plan, address, &expected);
        let is_mended = plan.actions(address) != ["no-op"];
        assert!(is_mended, "what was done to {address} is seen, and left as it is:\n{}", plan.output().text);
        self.mend()
    }

    /// Somebody takes the thing at `address`, which was applied before, away behind the CLI's back: that is what `take`
    /// does. Demands that a plan sees it gone and makes it anew; and that it leaves nothing to do once it is applied.
    /// Returns what that apply said.
    ///
    /// # Panics
    /// If it isn't seen, or not made anew; with all that the CLI said.
    #[track_caller]
    pub fn vanish(&self, address: &str, take: impl FnOnce()) -> Output {
        take();
        let plan = self.planned();
        expect_seen(&plan, address, &Outside::Gone);
        plan.expect_actions(address, &["create"]);
        self.mend()
    }

    /// Applies the last plan, and demands that nothing is left to do.
    #[track_caller]
    fn mend(&self) -> Output {
        let output = self.run(&["apply", "plan.bin"]).expect_success();
        self.expect_no_changes();
        output
    }
}

#[track_caller]
fn expect_seen(plan: &Plan, address: &str, expected: &Outside) {
    let seen = plan.outside(address);
    let (seen_words, expected_words) = (words(&seen), words(expected));
    assert!(seen == *expected, "of {address} {seen_words} is seen, not {expected_words}:\n{}", plan.output().text);
}

fn words(outside: &Outside) -> String {
    match outside {
        Outside::Nothing => "no change".to_owned(),
        Outside::Changed(names) => format!("a change of {}", list(names)),
        Outside::Gone => "that it is gone".to_owned(),
    }
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
