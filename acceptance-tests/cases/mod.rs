//! One case per resource type: everything that the generic checks need to know about it.
//!
//! `conformance`, `ownership` and `lives` try each case. A new type is a file here and a line in `for_each_case`. What is
//! particular to a type is in the file of tests that has its name.

mod detector;
mod detector_feature;
mod ecs_response;
mod ecs_runtime_monitoring;
mod filter;
mod finding_rule;
mod ipset;
mod sample_findings;
mod threatintelset;
mod world;

use serde_json::{Value as Json, json};

pub use world::{CLUSTER, World};

/// A resource type, as the generic checks use it.
pub struct Case {
    /// Full name of the type.
    pub name: &'static str,
    /// Configuration of a typical instance, with which each check begins.
    pub body: fn(&World) -> Json,
    /// Which of its attributes are blocks, at any depth.
    pub blocks: &'static [&'static str],
    /// Valid configurations that set all attributes between them: the first as much as goes together.
    pub configurations: fn(&World) -> Vec<Json>,
    /// Changes of the body, one after another, each made in place; null leaves an attribute out again. The first one
    /// can't be shared with the body.
    pub changes: fn(&World) -> Vec<(&'static str, Json)>,
    /// Changes of the body that need another instance.
    pub replaces: fn(&World) -> Vec<(&'static str, Json)>,
    /// What is refused at plan, and words of the message.
    pub refuses: &'static [Refusal],
    /// ID to import it.
    pub id: fn(&World) -> String,
    /// The attributes that it is known by, beside its region.
    pub identity: &'static [&'static str],
    /// Whether the account has it as the body says.
    pub is_there: fn(&World) -> bool,
    /// Changes it outside the provider, and the attribute that shows it.
    pub drift: Option<Drift>,
    /// Deletes it outside the provider.
    pub vanish: Option<fn(&World)>,
    /// The operations of a create of the body, of a refresh, and of a destroy, without those that only find out the account.
    pub calls: Calls,
    /// Operations that may fail in the middle of a create, which the next apply finishes.
    pub half_made: &'static [(&'static str, &'static str)],
}

/// An attribute, a value that is refused, and words of the message.
type Refusal = (&'static str, fn() -> Json, &'static str);
/// What others do, and the attribute that shows it.
type Drift = (fn(&World), &'static str);

/// Operations that something takes, as `guardduty:GetFilter`, `guardduty:GetFilter 2` if it is made twice, and
/// `guardduty:GetFilter *` if it is made until something has come about.
pub struct Calls {
    /// A create, with the plan before it.
    pub create: &'static [&'static str],
    /// A refresh.
    pub refresh: &'static [&'static str],
    /// A destroy, with the refresh before it.
    pub destroy: &'static [&'static str],
}

/// Every case: the type and the name of its module.
pub const CASES: [&Case; 9] = [
    &detector::CASE,
    &detector_feature::CASE,
    &ecs_response::CASE,
    &ecs_runtime_monitoring::CASE,
    &filter::CASE,
    &finding_rule::CASE,
    &ipset::CASE,
    &sample_findings::CASE,
    &threatintelset::CASE,
];

/// The case of a type.
pub fn case(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == format!("guardduty_{name}")).unwrap()
}

/// Runs a macro for the names of all types that manage what they create.
macro_rules! for_each_case {
    ($each:ident) => {
        $each! {
            detector, detector_feature, ecs_response, ecs_runtime_monitoring, filter, finding_rule, ipset,
            threatintelset
        }
    };
}
pub(crate) use for_each_case;

impl Case {
    /// The attributes of the body as they are written, without the block around them.
    pub fn text(&self, world: &World) -> String {
        self.written(&(self.body)(world))
    }

    /// The same with its first change.
    pub fn otherwise(&self, world: &World) -> String {
        let (name, value) = (self.changes)(world).remove(0);
        self.written(&with((self.body)(world), name, value))
    }

    /// A resource `test` with these attributes.
    pub fn resource(&self, body: &Json) -> String {
        format!("resource \"{}\" \"test\" {{\n{}}}\n", self.name, self.written(body))
    }

    /// The address of that resource.
    pub fn address(&self) -> String {
        format!("{}.test", self.name)
    }

    /// The attributes of a body in the CLIs' language, in which all JSON is an expression.
    fn written(&self, body: &Json) -> String {
        let mut text = String::new();
        for (name, value) in body.as_object().into_iter().flatten() {
            match value {
                Json::Array(blocks) if self.blocks.contains(&name.as_str()) => {
                    text.extend(blocks.iter().map(|block| format!("{name} {{\n{}}}\n", self.written(block))));
                }
                value => text += &format!("{name} = {value}\n"),
            }
        }
        text
    }
}

/// `body` with another value of an attribute; without it if that is null.
pub fn with(mut body: Json, name: &str, value: Json) -> Json {
    let attributes = body.as_object_mut().unwrap();
    match value {
        Json::Null => drop(attributes.remove(name)),
        value => drop(attributes.insert(name.to_owned(), value)),
    }
    body
}

/// A configuration that every type with tags takes.
pub fn tags() -> Json {
    json!({"team": "security"})
}
