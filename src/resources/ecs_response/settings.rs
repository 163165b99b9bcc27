//! Generates the documents of a response from its settings.
//!
//! A plan generates them from values that may be unknown, an apply from known ones. `checks` knows which settings are
//! invalid.

use tfplugin::{Failure, Known, Plan, Result, Set, View};

use super::blueprint::{Documents, Names};
use super::checks::{ALL_CLUSTERS, clusters_problem};
use super::{Action, EcsResponse};
use crate::aws::Aws;
use crate::findings::finding_match::FindingMatch;
use crate::findings::permissions::Site;
use crate::findings::playbook::{self, Playbook};
use crate::resources::finding_match::{Match, compiled};
use crate::resources::silences::{Waiter, note_waiter};

/// Resource type of findings about a task.
pub const ECS_CLUSTER: &str = "ECSCluster";

/// Plans the values that derive from the name.
pub fn plan_names(plan: &mut Plan<'_, EcsResponse>, names: &Names) {
    plan.set(EcsResponse::ID, &names.response);
    plan.set(EcsResponse::STATE_MACHINE_ARN, &names.state_machine_arn());
    plan.set(EcsResponse::ROLE_ARN, &names.role_arn(&names.role()));
    plan.set(EcsResponse::RULE_ARN, &names.rule_arn());
    plan.set(EcsResponse::DEAD_LETTER_QUEUE_ARN, &names.queue_arn());
    plan.set(EcsResponse::ALARM_ARN, &names.alarm_arn());
}

/// Plans each document as soon as everything it depends on is known.
pub fn plan_documents(plan: &mut Plan<'_, EcsResponse>, site: &Site) -> Result<()> {
    let planned = plan.planned();
    let settings = Settings::of(&planned);
    let action = planned.get(EcsResponse::ACTION).known();
    let wanted = planned.get(EcsResponse::MATCH).known();
    match settings {
        None => {
            plan.set_unknown(EcsResponse::DEFINITION);
            plan.set_unknown(EcsResponse::POLICY);
        }
        Some(settings) => {
            let playbook = settings.playbook(site)?;
            plan.set(EcsResponse::DEFINITION, &playbook.definition().to_string());
            plan.set(EcsResponse::POLICY, &playbook.policy().to_string());
        }
    }
    match action.zip(wanted) {
        None => plan.set_unknown(EcsResponse::EVENT_PATTERN),
        Some((action, wanted)) => plan.set(EcsResponse::EVENT_PATTERN, &pattern(action, &wanted, site)?),
    }
    Ok(())
}

impl EcsResponse {
    /// Returns the desired documents.
    pub(super) fn wanted_documents(&self, site: &Site) -> Result<Documents> {
        let settings = Settings {
            action: self.action,
            dry_run: self.dry_run,
            clusters: self.clusters.clone(),
            topic_arn: self.notify_topic_arn.clone(),
            key_arn: self.notify_topic_key_arn.clone(),
        };
        let playbook = settings.playbook(site)?;
        Ok(Documents {
            definition: playbook.definition().to_string(),
            policy: playbook.policy().to_string(),
            pattern: pattern(self.action, &self.r#match, site)?,
        })
    }
}

/// The settings of a playbook.
struct Settings {
    action: Action,
    dry_run: bool,
    clusters: Option<Set<String>>,
    topic_arn: Option<String>,
    key_arn: Option<String>,
}

impl Settings {
    /// Returns the settings, if all are known.
    fn of(planned: &View<EcsResponse>) -> Option<Self> {
        Some(Settings {
            action: planned.get(EcsResponse::ACTION).known()?,
            dry_run: planned.get(EcsResponse::DRY_RUN).known()?,
            clusters: optional(planned.get(EcsResponse::CLUSTERS))?,
            topic_arn: optional(planned.get(EcsResponse::NOTIFY_TOPIC_ARN))?,
            key_arn: optional(planned.get(EcsResponse::NOTIFY_TOPIC_KEY_ARN))?,
        })
    }

    fn playbook(self, site: &Site) -> Result<Playbook> {
        let playbook = Playbook {
            cluster_arns: self.cluster_arns(site)?,
            action: match self.action {
                Action::StopTask => playbook::Action::StopTask,
                Action::Notify => playbook::Action::Notify,
            },
            dry_run: self.dry_run,
            notify_topic_arn: self.topic_arn,
            notify_topic_key_arn: self.key_arn,
            site: site.clone(),
        };
        let topic = playbook.notify_topic_arn.as_deref().and_then(|topic| topic_failure(topic, site));
        let problems = playbook.problems().into_iter().map(|problem| match problem.attribute {
            "clusters" => Failure::at(EcsResponse::CLUSTERS, problem.message),
            _ => Failure::at(EcsResponse::NOTIFY_TOPIC_ARN, problem.message),
        });
        Failure::all(problems.chain(topic))?;
        Ok(playbook)
    }

    /// An empty list means all clusters to a playbook, so it must never be passed by accident.
    fn cluster_arns(&self, site: &Site) -> Result<Vec<String>> {
        let Some(clusters) = &self.clusters else {
            let stops = self.action == Action::StopTask;
            let missing = || Err(Failure::at(EcsResponse::CLUSTERS, "stop_task needs `clusters`"));
            return if stops { missing() } else { Ok(Vec::new()) };
        };
        if let Some((summary, detail)) = clusters_problem(clusters) {
            return Err(Failure::at(EcsResponse::CLUSTERS, summary).detail(detail));
        }
        let arn = |cluster: &String| match cluster.starts_with("arn:") {
            true => cluster.clone(),
            false => site.arn("ecs", &format!("cluster/{cluster}")),
        };
        let mut arns: Vec<_> = clusters.iter().filter(|cluster| *cluster != ALL_CLUSTERS).map(arn).collect();
        arns.sort();
        arns.dedup();
        Ok(arns)
    }
}

fn optional<T>(value: Known<T>) -> Option<Option<T>> {
    match value {
        Known::Known(value) => Some(Some(value)),
        Known::Null => Some(None),
        Known::Unknown => None,
    }
}

/// Refuses a topic in another region, because a state machine publishes in its own region.
fn topic_failure(topic: &str, site: &Site) -> Option<Failure> {
    let region = topic.split(':').nth(3).unwrap_or_default();
    let failure = || {
        let summary = format!("the topic lies in {region}, the response in {}", site.region);
        Failure::at(EcsResponse::NOTIFY_TOPIC_ARN, summary)
            .detail("A state machine can only publish to a topic of its own region.")
    };
    (region != site.region).then(failure)
}

/// Warns about filters that archive findings the response waits for.
pub fn note_silences(aws: &Aws, plan: &Plan<'_, EcsResponse>, name: &str, site: &Site) {
    let known = plan.get(EcsResponse::ACTION).known().zip(plan.get(EcsResponse::MATCH).known());
    if let Some((action, wanted)) = known {
        let waiter = Waiter { what: format!("ECS response {name:?}"), wanted: narrowed(action, &wanted, site) };
        note_waiter(aws, &site.region, &waiter, plan.changes(EcsResponse::MATCH), EcsResponse::MATCH);
    }
}

/// Narrows the match to the response's own account, the only one in which it can stop tasks.
fn narrowed(action: Action, wanted: &Match, site: &Site) -> FindingMatch {
    let mut wanted = wanted.to_findings();
    if action == Action::StopTask {
        if wanted.resource_types.is_empty() {
            wanted.resource_types = vec![ECS_CLUSTER.to_owned()];
        }
        if wanted.accounts.is_empty() {
            wanted.accounts = vec![site.account.clone()];
        }
    }
    wanted
}

/// Returns the event pattern of the rule.
fn pattern(action: Action, wanted: &Match, site: &Site) -> Result<String> {
    compiled(&narrowed(action, wanted, site), EcsResponse::MATCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site { partition: "aws-cn".into(), region: "cn-north-1".into(), account: "111122223333".into() }
    }

    fn settings(clusters: &[&str]) -> Settings {
        Settings {
            action: Action::StopTask,
            dry_run: false,
            clusters: Some(clusters.iter().map(|cluster| (*cluster).to_owned()).collect()),
            topic_arn: None,
            key_arn: None,
        }
    }

    #[test]
    fn names_become_arns_of_this_site() {
        let arn = "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/prod";
        assert_eq!(settings(&["prod"]).cluster_arns(&site()).unwrap(), [arn]);
        assert_eq!(settings(&["prod", arn]).cluster_arns(&site()).unwrap(), [arn]);
        assert!(settings(&["*"]).cluster_arns(&site()).unwrap().is_empty());
    }

    #[test]
    fn all_clusters_never_come_of_an_oversight() {
        for clusters in [&[][..], &["*", "prod"], &[""], &["prod*"], &["arn:aws:ecs:::service/x"]] {
            assert!(settings(clusters).cluster_arns(&site()).is_err(), "{clusters:?}");
        }
        assert!(Settings { clusters: None, ..settings(&[]) }.cluster_arns(&site()).is_err());
    }

    #[test]
    fn a_cluster_or_topic_of_elsewhere_is_refused() {
        assert!(settings(&["arn:aws-cn:ecs:cn-north-1:444455556666:cluster/prod"]).playbook(&site()).is_err());
        let topic_arn = Some("arn:aws-cn:sns:cn-northwest-1:111122223333:alerts".to_owned());
        let failure = Settings { topic_arn, ..settings(&["prod"]) }.playbook(&site()).unwrap_err().to_string();
        assert!(failure.contains("cn-northwest-1") && failure.contains("notify_topic_arn"), "{failure}");
    }
}
