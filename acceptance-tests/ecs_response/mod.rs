//! `guardduty_ecs_response`: `acting` proves what a response does, `living` how the resource lives, `failing` what goes
//! wrong.

mod account;
mod acting;
mod failing;
mod living;
mod owning;

const ADDRESS: &str = "guardduty_ecs_response.test";

/// A response `stop` with these further arguments.
fn configuration(body: &str) -> String {
    format!("resource \"guardduty_ecs_response\" \"test\" {{\n  name = \"stop\"\n{body}\n}}\n")
}

/// One that stops tasks of cluster `prod` and tells `topic`.
fn stopping(topic: &str, more: &str) -> String {
    configuration(&format!(
        r#"
  action           = "stop_task"
  clusters         = ["prod"]
  match            = {{ severity = ["HIGH", "CRITICAL"] }}
  notify_topic_arn = "{topic}"
  {more}"#
    ))
}
