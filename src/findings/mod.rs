//! What is known about GuardDuty findings without calling AWS.
//!
//! - `catalogue`: the finding types.
//! - `features`: the features of a detector, and which names go together.
//! - `severity`: the four levels and their numbers.
//! - `criteria`: the criteria of a filter, and the findings that it would silence.
//! - `finding_match`: the findings that a rule or a response acts on, as an EventBridge pattern.
//! - `event_pattern`: EventBridge patterns, checked and matched.
//! - `finding_pattern`: patterns that are accepted, but are unlikely to be intended.
//! - `playbook`: the response to a finding, as a Step Functions state machine with its policies.
//! - `permissions`: the permissions that EventBridge needs to reach a target.
//!
//! Invariants: all functions are pure (no network, no SDK, no clock, no environment). They do not know the protocol, so
//! a problem is a value with the name of the attribute and never a diagnostic. Nothing is computed before it is needed.

pub mod catalogue;
pub mod criteria;
pub mod event_pattern;
pub mod features;
pub mod finding_match;
pub mod finding_pattern;
pub mod glob;
pub mod permissions;
pub mod playbook;
pub mod severity;
