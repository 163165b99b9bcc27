//! The CLIs' own rules, held against every registered type through gRPC in process: the configurations in `configured`
//! as they are, with every attribute unknown, left out, and with other values; each one made, read, imported, changed to
//! the others and destroyed; and each create with every one of its calls refused in turn.

mod configured;
mod things;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use provider::GuardDuty;
use serde_json::{Value as Json, json};
use tfplugin::testing::conformance::Moment;
use tfplugin::testing::{
    Client, Report, check_data_source, check_failing_create, check_provider_block, check_resource_with, check_schemas,
};
use tfplugin::{Model, Path, Provider, Value, protocol};

use self::configured::{SERVICES, provider_blocks, searches};
pub use self::things::things;
use crate::cases::{CASES, Case, World};
use crate::harness::{Project, REGION, STACK_BYTES, block_on, one_cli};

/// The tags of a data source, which hashicorp/aws lets one set: they are not looked at, and a warning says so.
const IDLE: [&str; 2] = ["guardduty_detector (tags Map", "guardduty_detector: no configuration sets tags"];

/// How many types are checked at the same time: mostly they wait for what is read late.
const AT_ONCE: usize = 8;

#[test]
fn every_resource_type_keeps_the_rules() {
    let times = for_each_type(|project, name, configurations| {
        block_on(async {
            let mut client = client(project).await;
            // Whatever a write changes is seen at the second look only, until the CLI's next run.
            let mut late = |moment: Moment<'_>| match moment {
                Moment::Begins(_) => project.delay_reads("*", 1),
                Moment::Applied(_) => project.see_all(),
            };
            check_resource_with(&mut client, name, configurations, &mut late).await.unwrap()
        })
    });
    println!("{times}");
}

#[test]
fn every_data_source_the_provider_block_and_all_schemas_keep_the_rules() {
    let project = Project::new(&one_cli());
    let world = World::new(&project);
    block_on(async {
        let mut client = client(&project).await;
        let mut report = check_schemas::<GuardDuty>();
        for (name, searches) in searches(&world) {
            report.extend(check_data_source(&mut client, name, &searches).await.unwrap());
        }
        report.retain(|line| !IDLE.iter().any(|idle| line.starts_with(idle)));
        report.extend(check_provider_block::<GuardDuty>(&provider_blocks()).await.unwrap());
        assert!(report.is_empty(), "rules are broken:\n{}", report.join("\n"));
    });
}

/// Whatever call of a create AWS refuses, the state has what was made by then: destroyed from there, nothing is left.
#[test]
fn a_create_that_fails_at_any_of_its_calls_loses_nothing() {
    let times = for_each_type(|project, name, configurations| {
        let (before, mut report) = (things(project), Report::new());
        project.clear_calls();
        let (errors, broken) = create(project, name, &configurations[0], None);
        assert_eq!((errors, broken), (Vec::new(), Report::new()), "{name} without a fault");
        let calls: BTreeSet<_> = project.calls().into_iter().collect();
        let mut told = 0;
        for call in &calls {
            let (errors, broken) = create(project, name, &configurations[0], Some(call));
            told += usize::from(!errors.is_empty());
            report.extend(broken.into_iter().map(|broken| format!("{call} is refused: {broken}")));
            let after = things(project);
            let left: Vec<_> = after.difference(&before).collect();
            if !left.is_empty() {
                report.push(format!("{name}: {call} is refused: {left:?} are left"));
            }
        }
        assert!(told > 0, "{name}: no refused call is told");
        report
    });
    println!("{times}");
}

/// Checks each resource type in an account of its own, and says how long that took.
fn for_each_type(check: impl Fn(&Project, &'static str, &[Json]) -> Report + Sync) -> String {
    let (next, report, times) = (AtomicUsize::new(0), Mutex::new(Report::new()), Mutex::new(Vec::new()));
    let work = || {
        while let Some(Case { name, configurations, .. }) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
            let project = Project::new(&one_cli());
            let world = World::new(&project);
            let started = Instant::now();
            let broken = check(&project, name, &configurations(&world));
            let time = format!("{name}: {:.1} s, {} calls", started.elapsed().as_secs_f64(), project.calls().len());
            times.lock().unwrap().push(time);
            report.lock().unwrap().extend(broken);
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(CASES.len()) {
            // That of the provider's own threads.
            thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).unwrap();
        }
    });
    let report = report.into_inner().unwrap();
    assert!(report.is_empty(), "rules are broken:\n{}", report.join("\n"));
    times.into_inner().unwrap().join("\n")
}

/// What comes of a create of which AWS refuses each call of the operation `refused`: the errors, and broken rules.
fn create(project: &Project, name: &str, configuration: &Json, refused: Option<&str>) -> (Vec<String>, Report) {
    block_on(async {
        let mut client = client(project).await;
        if let Some((service, operation)) = refused.and_then(|call| call.split_once(':')) {
            project.fault(json!({
                "service": service, "operation": operation, "mode": "error", "code": "AccessDeniedException",
                "message": "You are not allowed to.", "status": 400, "times": null,
            }));
        }
        check_failing_create(&mut client, name, configuration, || project.clear_faults()).await.unwrap()
    })
}

#[test]
fn every_type_has_a_case() {
    let project = Project::new(&one_cli());
    let searches = searches(&World::without_detector(&project));
    let known: Vec<_> = CASES.iter().map(|case| case.name).chain(searches.into_iter().map(|(name, _)| name)).collect();
    let resources = GuardDuty::RESOURCES.iter().map(|one| one.name());
    let data_sources = GuardDuty::DATA_SOURCES.iter().map(|one| one.name());
    let all = resources.chain(data_sources).map(|name| format!("guardduty_{name}"));
    let missing: Vec<_> = all.filter(|name| !known.contains(&name.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// A client of a provider that reaches the tests' server, and tries nothing again.
async fn client(project: &Project) -> Client<GuardDuty> {
    let object = provider::Config::object();
    let endpoints: serde_json::Map<_, _> =
        SERVICES.iter().map(|name| ((*name).to_owned(), project.endpoint().into())).collect();
    let config = json!({
        "region": REGION, "access_key": project.account, "secret_key": "test", "endpoints": [endpoints],
        "default_tags": [], "ignore_tags": [], "max_retries": 0,
    });
    let config: Value = protocol::json::read(&config, &object.value_type()).unwrap();
    assert!(provider::Config::from_object(&config, &Path::root()).is_ok());
    let mut client = Client::<GuardDuty>::default();
    assert_eq!(client.configure(&config).await.unwrap(), []);
    client
}

/// A type's name and its configurations.
type Configured = (&'static str, Vec<Json>);
