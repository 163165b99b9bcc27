//! What is logged, and what the conformance suite reports of types that break the rules.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tfplugin::testing::conformance::Moment;
use tfplugin::testing::{check_resource, check_resource_with};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use super::{CARTON, World, whole};

/// The fields of what is logged.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<(String, String)>>>);

impl Heard {
    pub fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        Registry::default().with(self.clone())
    }

    /// The paths at which an answer differed from the plan.
    pub fn differences(&self) -> Vec<String> {
        let heard = self.0.lock().unwrap();
        heard.iter().filter(|(name, _)| name == "differs").map(|(_, path)| path.clone()).collect()
    }

    pub fn all(&self) -> String {
        format!("{:?}", self.0.lock().unwrap())
    }
}

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

impl Visit for Heard {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.lock().unwrap().push((field.name().to_owned(), format!("{value:?}")));
    }
}

#[tokio::test]
async fn a_sound_type_is_reported_sound() {
    let mut world = World::new().await;
    let report = check_resource(&mut world.client, CARTON, &[whole("box"), json!({"name": "tin"})]).await.unwrap();
    assert_eq!(report, super::nothing());
}

#[tokio::test]
async fn what_differs_from_the_plan_is_reported() {
    let mut world = World::new().await;
    let report = check_resource(&mut world.client, CARTON, &[whole("loud")]).await.unwrap();
    let is_told = |text: &str| report.iter().any(|line| line.starts_with("shop_carton (create") && line.contains(text));
    assert!(is_told("the answer differs from the plan at text"), "{report:#?}");
    assert!(is_told("the answer differs from the plan at place"), "{report:#?}");
}

#[tokio::test]
async fn what_is_never_set_is_reported() {
    let mut world = World::new().await;
    let report = check_resource(&mut world.client, CARTON, &[whole("unweighed")]).await.unwrap();
    assert!(report.iter().any(|line| line.contains("the provider did not set weight")), "{report:#?}");
}

#[tokio::test]
async fn a_hook_runs_before_each_case() {
    let mut world = World::new().await;
    let mut cases = Vec::new();
    let mut note = |moment: Moment<'_>| match moment {
        Moment::Begins(case) => cases.push(case.to_owned()),
        Moment::Applied(case) => assert_eq!(cases.last().map(String::as_str), Some(case)),
    };
    let report = check_resource_with(&mut world.client, CARTON, &[whole("box")], &mut note).await.unwrap();
    assert_eq!(report, super::nothing());
    for case in ["create, configuration 0", "update, text empty", "create, words empty", "create, lid left out"] {
        assert!(cases.iter().any(|own| own == case), "{case} is not in {cases:#?}");
    }
}
