//! Clusters as the configuration names them: by name or ARN.
//!
//! It does not know which clusters exist.

use tfplugin::schema::{Shape, invalid};
use tfplugin::{Data, Diagnostic, Path, Result, Step, Type, Value};

use crate::aws::ecs::cluster_name;

/// Clusters by name or ARN. Whether both forms mean the same depends on the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl Data for Names {
    fn shape() -> Shape {
        Shape::Type(Type::Set(Box::new(Type::String)))
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        tfplugin::Set::from_value(value, path).map(|names| Names(names.0))
    }

    fn to_value(&self) -> Value {
        Value::set(self.0.iter().map(|name| Value::from(name.as_str())))
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        let problems = value.as_items().unwrap_or_default().iter().filter_map(|item| match item {
            Value::Null => Some("It must not be null.".to_owned()),
            Value::String(name) => problem(name),
            _ => None,
        });
        diagnostics.extend(problems.map(|problem| invalid(&path.then(Step::Element), &problem)));
    }
}

fn problem(name: &str) -> Option<String> {
    let plain = match name.strip_prefix("arn:") {
        Some(rest) => match rest.splitn(5, ':').collect::<Vec<_>>()[..] {
            [_, "ecs", _, _, resource] if resource.starts_with("cluster/") => cluster_name(name),
            _ => {
                return Some(format!(
                    "{name:?} is not the ARN of an ECS cluster: `arn:aws:ecs:REGION:ACCOUNT:cluster/NAME`."
                ));
            }
        },
        None => name,
    };
    let letters = plain.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    let valid = letters && (1..=255).contains(&plain.len());
    (!valid).then(|| format!("{name:?} is not the name of an ECS cluster: 1 to 255 letters, digits, `-` and `_`."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_a_name_or_an_arn() {
        for name in ["prod", "a_b-1", "arn:aws:ecs:us-east-1:111122223333:cluster/prod"] {
            assert_eq!(problem(name), None, "{name}");
        }
        for name in ["", "pro d", "arn:aws:ecs:us-east-1:111122223333:service/prod/web", "arn:aws:sns:us-east-1:1:t"] {
            assert!(problem(name).is_some(), "{name}");
        }
    }
}
