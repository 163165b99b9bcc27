//! `moved` blocks from hashicorp/aws: its state as ours.
//!
//! Attributes that a type has otherwise than there it converts itself.

use serde_json::Value as Json;

/// The state of hashicorp/aws' resource `aws_guardduty_NAME`, whose attributes have the same names. Its older versions
/// keep no region, but for the one in the ARN.
pub fn moved_from_aws(name: &str, provider: &str, type_name: &str, mut state: Json) -> Option<Json> {
    let same = type_name == format!("aws_guardduty_{name}") && provider.ends_with("hashicorp/aws");
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
        let aws = "registry.terraform.io/hashicorp/aws";
        let state = json!({"arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/x/filter/y"});
        let moved = moved_from_aws("filter", aws, "aws_guardduty_filter", state.clone());
        assert_eq!(moved.unwrap()["region"], json!("eu-west-1"));
        let own = json!({"arn": state["arn"], "region": "eu-west-2"});
        assert_eq!(moved_from_aws("filter", aws, "aws_guardduty_filter", own).unwrap()["region"], json!("eu-west-2"));
        assert_eq!(moved_from_aws("filter", aws, "aws_guardduty_ipset", state.clone()), None);
        assert_eq!(moved_from_aws("filter", "example/aws", "aws_guardduty_filter", state), None);
    }
}
