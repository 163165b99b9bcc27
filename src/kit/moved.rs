//! `moved` blocks from hashicorp/aws: converts its state to ours.
//!
//! A type converts attributes that differ from those of hashicorp/aws itself.

use serde_json::Value as Json;
use tfplugin::MoveSource;

/// Returns the state of the hashicorp/aws resource `aws_guardduty_NAME`, whose attributes have the same names. Its
/// older versions store no region except in the ARN.
pub fn moved_from_aws(name: &str, source: MoveSource) -> Option<Json> {
    let MoveSource { provider, type_name, mut state, .. } = source;
    let same = type_name == format!("aws_guardduty_{name}") && provider.ends_with("/hashicorp/aws");
    if state["region"].is_null() {
        let region = state["arn"].as_str().and_then(|arn| arn.split(':').nth(3)).map(str::to_owned);
        state["region"] = region.into();
    }
    same.then_some(state)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_moved_state_has_the_region_of_its_arn() {
        let arn = "arn:aws:guardduty:eu-west-1:111122223333:detector/x/filter/y";
        let moved = |provider: &str, type_name: &str, state: Json| {
            let (provider, type_name) = (provider.to_owned(), type_name.to_owned());
            let source = MoveSource {
                provider,
                type_name,
                state,
                schema_version: 0,
                identity: None,
                identity_schema_version: 0,
                private: Vec::new(),
            };
            moved_from_aws("filter", source)
        };
        let aws = "registry.terraform.io/hashicorp/aws";
        let region = |state: Json| moved(aws, "aws_guardduty_filter", state).unwrap()["region"].clone();
        assert_eq!(region(json!({"arn": arn})), json!("eu-west-1"));
        assert_eq!(region(json!({"arn": arn, "region": "eu-west-2"})), json!("eu-west-2"));
        assert_eq!(moved(aws, "aws_guardduty_ipset", json!({})), None);
        assert_eq!(moved("example.com/example/aws", "aws_guardduty_filter", json!({})), None);
    }
}
