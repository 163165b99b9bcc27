//! What can be said of GuardDuty findings without asking AWS.
//!
//! - `catalogue`: the finding types;
//! - `features`: what a detector can have on, and which names go together;
//! - `severity`: the four levels and their numbers;
//! - `criteria`: what a filter may ask of findings, and which findings it would silence;
//! - `finding_match`: which findings a rule or a response wants, as an EventBridge pattern;
//! - `event_pattern`: EventBridge patterns, checked and matched;
//! - `finding_pattern`: patterns that are accepted, but can hardly be meant;
//! - `playbook`: what is done about a finding, as a Step Functions state machine with its policies;
//! - `permissions`: what EventBridge needs to reach a target.
//!
//! Invariants: pure functions of their arguments (no network, no SDK, no clock, no environment); nothing of the
//! protocol, so a fault is a value with the name of the attribute and never a diagnostic; nothing is computed before it
//! is asked for.

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
