//! `guardduty_threatintelset`.

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::operation::get_threat_intel_set::GetThreatIntelSetOutput;
use aws_sdk_guardduty::types::ThreatIntelSetFormat;
use aws_sdk_s3::primitives::ByteStream;
use serde_json::json;

use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

const ADDRESS: &str = "guardduty_threatintelset.test";

/// The server, as the account's other tools see it.
struct World {
    detector: String,
    bucket: String,
    guardduty: Client,
    s3: aws_sdk_s3::Client,
}

impl World {
    /// A detector and a bucket made by somebody else.
    fn new(project: &Project, region: &str) -> Self {
        let config = project.sdk(region);
        let guardduty = Client::new(&config);
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let s3 = aws_sdk_s3::Client::from_conf(s3);
        let created = block_on(guardduty.create_detector().enable(true).send()).unwrap();
        let bucket = format!("lists-{}-{region}", project.account);
        let request = s3.create_bucket().bucket(&bucket);
        let request = match region {
            "us-east-1" => request,
            other => request.create_bucket_configuration(
                aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(other.into()).build(),
            ),
        };
        block_on(request.send()).unwrap();
        World { detector: created.detector_id().unwrap().to_owned(), bucket, guardduty, s3 }
    }

    fn put(&self, key: &str, text: &str) {
        let body = ByteStream::from(text.as_bytes().to_vec());
        block_on(self.s3.put_object().bucket(&self.bucket).key(key).body(body).send()).unwrap();
    }

    fn object(&self, key: &str) -> Option<String> {
        block_on(async {
            let found = self.s3.get_object().bucket(&self.bucket).key(key).send().await.ok()?;
            Some(String::from_utf8(found.body.collect().await.unwrap().into_bytes().to_vec()).unwrap())
        })
    }

    fn objects(&self) -> usize {
        block_on(self.s3.list_objects_v2().bucket(&self.bucket).send()).unwrap().contents().len()
    }

    fn ids(&self) -> Vec<String> {
        let listed = self.guardduty.list_threat_intel_sets().detector_id(&self.detector).send();
        block_on(listed).unwrap().threat_intel_set_ids().to_vec()
    }

    fn list(&self) -> GetThreatIntelSetOutput {
        let [id] = &self.ids()[..] else { panic!("not one list: {:?}", self.ids()) };
        let found = self.guardduty.get_threat_intel_set().detector_id(&self.detector).threat_intel_set_id(id).send();
        block_on(found).unwrap()
    }

    /// Waits until the list is in a status that lasts.
    fn settle(&self) -> String {
        for _ in 0..100 {
            let status = self.list().status().unwrap().as_str().to_owned();
            if !["ACTIVATING", "DEACTIVATING", "DELETE_PENDING"].contains(&status.as_str()) {
                return status;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the list's status does not last");
    }

    /// A list with `body` in it.
    fn configuration(&self, body: &str) -> String {
        let defaults = [("name", "\"hostile\""), ("activate", "true"), ("format", "\"TXT\"")];
        let missing = defaults.iter().filter(|(name, _)| !body.contains(&format!("{name} =")));
        let lines: String = missing.map(|(name, value)| format!("  {name} = {value}\n")).collect();
        let detector = &self.detector;
        format!("resource \"guardduty_threatintelset\" \"test\" {{\n  detector_id = {detector:?}\n{lines}{body}\n}}\n")
    }

    /// A list with inline entries.
    fn inline(&self, entries: &str, body: &str) -> String {
        let bucket = &self.bucket;
        self.configuration(&format!("  bucket = {bucket:?}\n  key = \"a/list.txt\"\n  entries = {entries}\n{body}"))
    }
}

#[test]
fn a_file_kept_elsewhere_lives_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION);
        world.put("list.txt", "198.51.100.7\n");
        world.put("other.txt", "198.51.100.8\n");
        let location = |key: &str| format!("  location = \"https://s3.amazonaws.com/{}/{key}\"\n", world.bucket);

        project.clear_calls();
        project.apply(&world.configuration(&location("list.txt")));
        assert_eq!(world.list().status().unwrap().as_str(), "ACTIVE");
        let state = project.state(ADDRESS).unwrap();
        let id = format!("{}:{}", world.detector, world.ids()[0]);
        assert_eq!(state["id"], json!(id));
        assert_eq!(state["status"], json!("ACTIVE"));
        let resource = format!("detector/{}/threatintelset/{}", world.detector, world.ids()[0]);
        assert_eq!(state["arn"], json!(format!("arn:aws:guardduty:us-east-1:{}:{resource}", project.account)));
        project.reimport(ADDRESS, &id);

        // Every attribute that can be changed in place.
        let body = format!(
            "{}  name = \"renamed\"\n  content_hash = \"one\"\n  expected_bucket_owner = {:?}\n  tags = {{ team = \"security\", unset = null }}\n  timeouts {{\n    update = \"2m\"\n  }}",
            location("other.txt"),
            project.account
        );
        let plan = project.plan(&world.configuration(&body));
        assert_eq!(plan.actions(ADDRESS), ["update"]);
        project.apply(&world.configuration(&body));
        let list = world.list();
        assert_eq!(list.name(), Some("renamed"));
        assert!(list.location().unwrap().ends_with("/other.txt"));
        assert_eq!(list.expected_bucket_owner(), Some(project.account.as_str()));
        assert_eq!(list.tags().unwrap()["team"], "security");
        assert_eq!(list.tags().unwrap().len(), 2, "its own, and the mark of the instance");
        assert_eq!(format!("{}:{}", world.detector, world.ids()[0]), id, "it was not replaced");

        // Another spelling of the same location is no change; another hash loads the file again, a tag doesn't.
        let path = format!("https://s3.amazonaws.com/{}/", world.bucket);
        for spelling in ["s3://BUCKET/", "http://s3.amazonaws.com/BUCKET/", "http://BUCKET.s3.amazonaws.com/"] {
            let body = body.replace(&path, &spelling.replace("BUCKET", &world.bucket));
            project.plan(&world.configuration(&body)).expect_actions(ADDRESS, &["no-op"]);
        }
        let body = body.replace("https://s3.amazonaws.com/", "s3://");
        let body = body.replace("\"one\"", "\"two\"");
        project.clear_calls();
        project.apply(&world.configuration(&body));
        assert!(project.calls().contains(&"guardduty:UpdateThreatIntelSet".to_owned()));
        let body = body.replace("\"security\"", "\"platform\"");
        project.clear_calls();
        project.apply(&world.configuration(&body));
        assert!(!project.calls().contains(&"guardduty:UpdateThreatIntelSet".to_owned()));
        assert_eq!(world.list().tags().unwrap()["team"], "platform");

        project.apply(&world.configuration(&format!("{body}\n  activate = false")));
        assert_eq!(world.list().status().unwrap().as_str(), "INACTIVE");

        // The owner can't be taken away, the format can't be changed, the region is another: a new list.
        let far = World::new(&project, "eu-west-1");
        far.put("list.txt", "198.51.100.7\n");
        world.put("list.csv", "Indicator type,Indicator,Description\nIPv4,198.51.100.7,hostile\n");
        let text = world.configuration(&location("other.txt"));
        let csv = world.configuration(&format!("{}  format = \"OTX_CSV\"\n", location("list.csv")));
        let there = format!("  location = \"s3://{}/list.txt\"\n  region = \"eu-west-1\"\n", far.bucket);
        let mut known = world.ids();
        for (configuration, lists) in [(text, (1, 0)), (csv, (1, 0)), (far.configuration(&there), (0, 1))] {
            project.plan(&configuration).expect_actions(ADDRESS, &["delete", "create"]);
            project.apply(&configuration);
            assert_eq!((world.ids().len(), far.ids().len()), lists, "the old one is gone");
            let new = [world.ids(), far.ids()].concat();
            assert!(!known.contains(&new[0]), "it is a new list");
            known.extend(new);
        }

        project.destroy();
        assert!(world.ids().is_empty() && far.ids().is_empty());
        assert_eq!((world.objects(), far.objects()), (3, 1), "a file that somebody else keeps stays");
    });
}

#[test]
fn inline_entries_are_uploaded_healed_and_deleted() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION);
        let entries = r#"["198.51.100.7", "203.0.113.0/24", "198.51.100.7"]"#;
        let plan = project.plan(&world.inline(entries, ""));
        let location = format!("s3://{}/a/list.txt", world.bucket);
        assert_eq!(plan.attribute(ADDRESS, "location"), json!(location), "it is known in the plan");
        project.apply(&world.inline(entries, ""));
        assert_eq!(world.object("a/list.txt").as_deref(), Some("198.51.100.7\n203.0.113.0/24\n"));
        assert_eq!(world.list().location(), Some(location.as_str()));
        assert_eq!(world.list().status().unwrap().as_str(), "ACTIVE");

        // A change is uploaded and loaded.
        let entries = r#"["198.51.100.7", "203.0.113.0/25"]"#;
        project.clear_calls();
        project.apply(&world.inline(entries, ""));
        assert_eq!(world.object("a/list.txt").as_deref(), Some("198.51.100.7\n203.0.113.0/25\n"));
        assert!(project.calls().contains(&"guardduty:UpdateThreatIntelSet".to_owned()));

        // A refresh costs one call a side.
        project.clear_calls();
        project.expect_no_changes();
        let calls: Vec<_> = project.calls().into_iter().filter(|call| !call.starts_with("sts:")).collect();
        assert_eq!(calls.len(), 2, "{calls:?}");

        // Somebody changes, then deletes the object: the plan shows it, the apply heals it.
        world.put("a/list.txt", "192.0.2.66\n");
        let plan = project.plan(&world.inline(entries, ""));
        assert_eq!(plan.actions(ADDRESS), ["update"]);
        project.apply(&world.inline(entries, ""));
        assert_eq!(world.object("a/list.txt").as_deref(), Some("198.51.100.7\n203.0.113.0/25\n"));
        block_on(world.s3.delete_object().bucket(&world.bucket).key("a/list.txt").send()).unwrap();
        project.plan(&world.inline(entries, "")).expect_actions(ADDRESS, &["update"]);
        project.apply(&world.inline(entries, ""));
        assert_eq!(world.objects(), 1);

        // Somebody switches the list off, then deletes it.
        let id = world.ids()[0].clone();
        let off = world.guardduty.update_threat_intel_set().detector_id(&world.detector).threat_intel_set_id(&id);
        block_on(off.activate(false).send()).unwrap();
        assert_eq!(world.settle(), "INACTIVE");
        project.plan(&world.inline(entries, "")).expect_actions(ADDRESS, &["update"]);
        project.apply(&world.inline(entries, ""));
        assert_eq!(world.list().status().unwrap().as_str(), "ACTIVE");
        let delete = world.guardduty.delete_threat_intel_set().detector_id(&world.detector).threat_intel_set_id(&id);
        block_on(delete.send()).unwrap();
        // The file is still there, so that there is something to delete.
        project.plan(&world.inline(entries, "")).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&world.inline(entries, ""));

        // Another object, then a location instead of entries: what was uploaded is taken away.
        let moved = world.inline(entries, "").replace("a/list.txt", "b/list.txt");
        project.apply(&moved);
        assert_eq!((world.object("a/list.txt"), world.object("b/list.txt").is_some()), (None, true));
        world.put("own.txt", "192.0.2.1\n");
        project.apply(&world.configuration(&format!("  location = \"s3://{}/own.txt\"", world.bucket)));
        assert_eq!((world.object("b/list.txt"), world.objects()), (None, 1));
        project.apply(&world.inline(entries, ""));

        // Imported, the entries are uploaded once.
        let id = format!("{}:{}", world.detector, world.ids().last().unwrap());
        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, &id]).expect_success();
        project.plan(&world.inline(entries, "")).expect_actions(ADDRESS, &["update"]);
        project.apply(&world.inline(entries, ""));

        project.destroy();
        assert!(world.ids().is_empty());
        assert_eq!(world.objects(), 1, "only the file of somebody else is left");
    });
}

#[test]
fn two_regions_and_unknown_values_go_together() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (near, far) = (World::new(&project, REGION), World::new(&project, "eu-west-1"));
        let far_list = far
            .inline("[terraform_data.entry.output]", "  region = \"eu-west-1\"")
            .replace("\"test\"", "\"far\"")
            .replace(&format!("{:?}", far.bucket), "terraform_data.bucket.output");
        let configuration = format!(
            "{}{far_list}resource \"terraform_data\" \"entry\" {{\n  input = \"192.0.2.9\"\n}}\nresource \"terraform_data\" \"bucket\" {{\n  input = {:?}\n}}\n",
            near.inline("[\"192.0.2.8\"]", ""),
            far.bucket
        );
        let plan = project.plan(&configuration);
        assert!(plan.attribute("guardduty_threatintelset.far", "location").is_null());
        project.apply(&configuration);
        assert_eq!(near.object("a/list.txt").as_deref(), Some("192.0.2.8\n"));
        assert_eq!(far.object("a/list.txt").as_deref(), Some("192.0.2.9\n"));
        assert!(far.list().location().unwrap().contains(&far.bucket));
        let id = format!("{}:{}@eu-west-1", far.detector, far.ids()[0]);
        project.run(&["state", "rm", "guardduty_threatintelset.far"]).expect_success();
        project.run(&["import", "guardduty_threatintelset.far", &id]).expect_success();
        project.expect_attribute("guardduty_threatintelset.far", "region", json!("eu-west-1"));
        project.apply(&configuration);
        project.destroy();
        assert_eq!((near.ids().len(), far.ids().len(), near.objects(), far.objects()), (0, 0, 0, 0));
    });
}

#[test]
fn wrong_input_is_refused_at_plan() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION);
        let refused = |configuration: String, texts: &[&str]| project.expect_refused(&configuration, texts);
        refused(
            world.inline(r#"["192.0.2.1", "evil.example", "2001:db8::1", "192.0.2.0/33"]"#, ""),
            &["invalid value for entries[1]", "\"evil.example\"", "entries[2]", "IPv6", "entries[3]", "/33"],
        );
        refused(world.inline("[]", ""), &["a list has at least one entry", "activate = false"]);
        refused(world.configuration(""), &["`location` or `entries` is missing"]);
        refused(world.inline("[\"192.0.2.1\"]", "  location = \"s3://a/b\""), &["exclude each other"]);
        refused(
            world.configuration("  entries = [\"192.0.2.1\"]"),
            &["`entries` needs `bucket`", "`entries` needs `key`"],
        );
        refused(world.configuration("  location = \"s3://a/b\"\n  bucket = \"abc\""), &["`bucket` needs `entries`"]);
        refused(
            world.inline("[\"192.0.2.1\"]", "  format = \"STIX\""),
            &["can't be written as STIX", "format = \"TXT\""],
        );
        refused(world.inline("[\"192.0.2.1\"]", "  content_hash = \"x\""), &["`content_hash` goes with `location`"]);
        refused(
            world.configuration("  location = \"list.txt\""),
            &["not the URL of an object in S3", "s3://BUCKET/KEY"],
        );
        refused(
            world.configuration("  location = \"s3://a/b\"\n  format = \"OTX\""),
            &["Did you mean \"OTX_CSV\"?", "\"STIX\""],
        );
        refused(
            world.configuration("  location = \"s3://a/b\"\n  expected_bucket_owner = \"123\""),
            &["not an AWS account id"],
        );
        refused(world.inline("[\"192.0.2.1\"]", "  timeouts {\n    create = \"soon\"\n  }"), &["must be a duration"]);
        world.put("large.txt", &"192.0.2.1\n".repeat(3_700_000));
        refused(
            world.configuration(&format!("  location = \"s3://{}/large.txt\"", world.bucket)),
            &["the file has 37000000 bytes", "35 MB"],
        );
        world.put("grows.txt", "192.0.2.1\n");
        let grows = |hash: &str| {
            world.configuration(&format!("  location = \"s3://{}/grows.txt\"\n  content_hash = {hash:?}", world.bucket))
        };
        project.apply(&grows("small"));
        world.put("grows.txt", &"192.0.2.1\n".repeat(3_700_000));
        refused(grows("large"), &["the file has 37000000 bytes", "35 MB"]);
        // A destroy plans the configuration first, which has to be sound.
        project.write(&grows("small"));
        project.destroy();
        project.write(&world.inline("[\"10.0.0.1\", \"192.0.2.1\"]", ""));
        project
            .run(&["plan"])
            .expect_success()
            .expect_texts(&["1 entries are not publicly routable, such as 10.0.0.1"]);
        assert!(world.ids().is_empty());
    });
}

#[test]
fn what_fails_is_told_and_nothing_is_lost() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION);
        let entries = "[\"192.0.2.1\"]";

        // Refused: nothing is left, not even the file.
        let denied = json!({"service": "guardduty", "operation": "CreateThreatIntelSet", "mode": "error",
            "code": "AccessDeniedException", "message": "not authorized to perform guardduty:CreateThreatIntelSet", "status": 403});
        project.fault(denied);
        project.expect_apply_failure(
            &world.inline(entries, ""),
            &["cannot create GuardDuty threat list \"hostile\"", "AccessDeniedException", "lack a permission"],
        );
        assert_eq!((world.ids().len(), world.objects()), (0, 0));

        // Throttled: tried again. An answer that is lost: one list all the same.
        project.fault(json!({"service": "guardduty", "operation": "CreateThreatIntelSet", "mode": "error"}));
        project.fault(json!({"service": "guardduty", "operation": "CreateThreatIntelSet", "mode": "lost"}));
        project.apply(&world.inline(entries, ""));
        assert_eq!(world.ids().len(), 1);
        project.destroy();

        // A file that GuardDuty can't load: its fault is told, the list is in the state, and mending the file heals it.
        world.put("bad.txt", "192.0.2.1\nevil.example\n");
        let broken = world.configuration(&format!("  location = \"s3://{}/bad.txt\"", world.bucket));
        project.expect_apply_failure(
            &broken,
            &["cannot load GuardDuty threat list", "status is ERROR", "line 2", "evil.example"],
        );
        project.expect_attribute(ADDRESS, "status", json!("ERROR"));
        project.run(&["untaint", ADDRESS]).expect_success();
        assert_eq!(project.plan(&broken).actions(ADDRESS), ["update"], "it is not active, and shall be");
        project.expect_apply_failure(&broken, &["status is ERROR"]);
        world.put("bad.txt", "192.0.2.1\n");
        project.apply(&broken);
        assert_eq!(world.list().status().unwrap().as_str(), "ACTIVE");
        let missing = world.configuration(&format!("  location = \"s3://{}/none.txt\"", world.bucket));
        project.expect_apply_failure(&missing, &["none.txt does not exist"]);
        assert_eq!(world.ids().len(), 1);
        project.apply(&broken);

        // A wait that ends too early: the list is in the state, and the next apply finds it loaded.
        let hurried =
            broken.replace("bad.txt\"", "bad.txt\"\n  content_hash = \"new\"\n  timeouts {\n    update = \"1ms\"\n  }");
        project.expect_apply_failure(&hurried, &["cannot wait any longer", "After 1ms", "ACTIVATING", "`timeouts`"]);
        assert_eq!(world.settle(), "ACTIVE");
        project.apply(&hurried);
        let in_haste = |limits: &str| broken.replace("bad.txt\"", &format!("bad.txt\"\n  timeouts {{{limits}}}"));
        project.apply(&in_haste(""));
        project.apply(&in_haste("\n    delete = \"1ms\"\n  "));
        let texts = ["cannot wait any longer", "After 1ms", "DELETE_PENDING"];
        project.run(&["destroy", "-auto-approve"]).expect_failure(&texts);
        project.apply(&broken);

        // An update that fails half way: the upload is repeated, and loaded.
        project.destroy();
        project.apply(&world.inline(entries, ""));
        project.fault(json!({"service": "guardduty", "operation": "UpdateThreatIntelSet", "mode": "error",
            "code": "BadRequestException", "message": "The request is rejected because I say so."}));
        let changed = "[\"192.0.2.2\"]";
        project.expect_apply_failure(
            &world.inline(changed, ""),
            &["cannot update GuardDuty threat list", "because I say so"],
        );
        project.plan(&world.inline(changed, "")).expect_actions(ADDRESS, &["update"]);
        project.apply(&world.inline(changed, ""));
        assert_eq!(world.object("a/list.txt").as_deref(), Some("192.0.2.2\n"));

        // One to another object that is refused: the new object goes again, and the list keeps its own.
        let elsewhere = world.inline(entries, "").replace("a/list.txt", "b/list.txt");
        project.fault(json!({"service": "guardduty", "operation": "UpdateThreatIntelSet", "mode": "error",
            "code": "BadRequestException", "message": "The request is rejected because I say so."}));
        project.expect_apply_failure(&elsewhere, &["because I say so"]);
        assert_eq!(world.object("b/list.txt"), None);
        assert_eq!(world.object("a/list.txt").as_deref(), Some("192.0.2.2\n"));
        project.write(&world.inline(changed, ""));
        project.expect_no_changes();

        // A busy list is waited for, in update and delete.
        let id = world.ids()[0].clone();
        let again = world.guardduty.update_threat_intel_set().detector_id(&world.detector).threat_intel_set_id(&id);
        block_on(again.activate(true).send()).unwrap();
        project.apply(&world.inline(entries, ""));
        let again = world.guardduty.update_threat_intel_set().detector_id(&world.detector).threat_intel_set_id(&id);
        block_on(again.activate(true).send()).unwrap();
        project.destroy();
        assert_eq!((world.ids().len(), world.object("a/list.txt")), (0, None));

        // The detector goes with all that is in it.
        project.apply(&world.inline(entries, ""));
        block_on(world.guardduty.delete_detector().detector_id(&world.detector).send()).unwrap();
        project.destroy();
        let id = format!("{}:nothing", world.detector);
        project.write(&world.inline(entries, ""));
        project.run(&["import", ADDRESS, &id]).expect_failure(&["there is nothing to import"]);
        project.run(&["import", ADDRESS, "nothing"]).expect_failure(&["It must be DETECTOR:ID"]);
    });
}

#[test]
fn many_lists_are_refused_with_the_limit() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION);
        world.put("list.txt", "192.0.2.1\n");
        for number in 0..6 {
            let create = world.guardduty.create_threat_intel_set().detector_id(&world.detector);
            let create = create.name(format!("list-{number}")).format(ThreatIntelSetFormat::Txt).activate(false);
            block_on(create.location(format!("s3://{}/list.txt", world.bucket)).send()).unwrap();
        }
        project.expect_apply_failure(
            &world.configuration(&format!("  location = \"s3://{}/list.txt\"", world.bucket)),
            &["cannot create GuardDuty threat list", "limit of 6"],
        );
    });
}

#[test]
fn a_list_is_moved_from_the_aws_provider() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, "eu-west-1");
        world.put("list.txt", "192.0.2.1\n");
        let location = format!("https://s3.amazonaws.com/{}/list.txt", world.bucket);
        let create = world.guardduty.create_threat_intel_set().detector_id(&world.detector).name("hostile");
        let create =
            create.format(ThreatIntelSetFormat::Txt).location(&location).activate(true).tags("team", "security");
        block_on(create.send()).unwrap();
        assert_eq!(world.settle(), "ACTIVE");
        let id = &world.ids()[0];
        let arn =
            format!("arn:aws:guardduty:eu-west-1:{}:detector/{}/threatintelset/{id}", project.account, world.detector);
        let body = format!("  location = {location:?}\n  region = \"eu-west-1\"\n  tags = {{ team = \"security\" }}");
        let configuration = world.configuration(&body);
        project.write_aws_state(
            "aws_guardduty_threatintelset",
            &json!({
                "activate": true, "arn": arn, "detector_id": world.detector, "format": "TXT", "location": location,
                "id": format!("{}:{id}", world.detector), "name": "hostile",
                "tags": {"team": "security"}, "tags_all": {"team": "security"},
            }),
        );
        let moved = format!("moved {{\n  from = aws_guardduty_threatintelset.old\n  to = {ADDRESS}\n}}\n");
        project.plan(&format!("{moved}{configuration}")).expect_actions(ADDRESS, &["no-op"]);
        project.apply(&format!("{moved}{configuration}"));
        project.expect_attribute(ADDRESS, "status", json!("ACTIVE"));
        project.apply(&configuration);
        project.destroy();
        assert!(world.ids().is_empty());
    });
}

#[test]
fn each_documented_form_of_a_location_is_loaded() {
    let project = Project::new(&one_cli());
    let world = World::new(&project, REGION);
    world.put("list.txt", "198.51.100.7\n");
    let hosts = ["s3.amazonaws.com", "s3.us-east-1.amazonaws.com", "s3-us-east-1.amazonaws.com"];
    let bucket = &world.bucket;
    let rest = hosts.iter().flat_map(|host| [format!("{host}/{bucket}/list.txt"), format!("{bucket}.{host}/list.txt")]);
    let urls = rest.flat_map(|rest| [format!("https://{rest}"), format!("http://{rest}")]);
    let locations: Vec<_> = urls.chain([format!("s3://{bucket}/list.txt")]).collect();
    // An account has at most six lists.
    for some in locations.chunks(6) {
        let lists = some.iter().enumerate().map(|(at, location)| {
            let body = format!("  name = \"list-{at}\"\n  location = {location:?}");
            world.configuration(&body).replace("\"test\"", &format!("\"list_{at}\""))
        });
        project.apply(&lists.collect::<String>());
        for (at, location) in some.iter().enumerate() {
            let address = format!("guardduty_threatintelset.list_{at}");
            project.expect_attribute(&address, "status", "ACTIVE");
            project.expect_attribute(&address, "location", location.as_str());
        }
        project.apply("");
    }
}

/// Modules pass on what nobody set as empty.
#[test]
fn what_is_empty_is_left_out() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION);
        world.put("own.txt", "198.51.100.7\n");
        let empty = "  content_hash = \"\"\n  expected_bucket_owner = \"\"\n  overwrite = false\n";
        let own = format!("  location = \"s3://{}/own.txt\"\n", world.bucket);
        project.apply(&world.configuration(&format!("{own}{empty}  bucket = \"\"\n  key = \"\"\n  entries = []\n")));
        project.clear_calls();
        project.apply(&world.configuration(&own));
        assert!(!project.calls().contains(&"guardduty:UpdateThreatIntelSet".to_owned()), "{:?}", project.calls());
        project.apply(&world.inline("[\"192.0.2.1\"]", &format!("{empty}  location = \"\"\n")));
        let uploaded = format!("s3://{}/a/list.txt", world.bucket);
        assert_eq!(world.list().location(), Some(uploaded.as_str()));
        project.run(&["apply", "-refresh-only", "-auto-approve"]).expect_success();
        project.expect_attribute(ADDRESS, "location", uploaded);
        project.clear_calls();
        project.apply(&world.inline("[\"192.0.2.1\"]", ""));
        assert!(!project.calls().contains(&"guardduty:UpdateThreatIntelSet".to_owned()), "{:?}", project.calls());
        let overwrite = format!("{own}  overwrite = true\n");
        project.expect_refused(&world.configuration(&overwrite), &["`overwrite` needs `entries`"]);
        project.write(&world.configuration(&own));
        project.destroy();
        assert_eq!(world.objects(), 1, "its own file stays");
    });
}

/// A create that fails leaves no file behind, so that the next one goes on.
#[test]
fn a_failed_create_takes_its_file_back() {
    for (service, operation, mode, retries) in [
        ("guardduty", "CreateThreatIntelSet", "close", 0),
        ("s3", "PutObject", "lost", 0),
        ("s3", "PutObject", "lost", 1),
    ] {
        let project = Project::new(&one_cli());
        let world = World::new(&project, REGION);
        let provider = format!("provider \"guardduty\" {{\n  max_retries = {retries}\n}}\n");
        let config = format!("{provider}{}", world.inline("[\"198.51.100.7\"]", ""));
        project.fault(json!({"service": service, "operation": operation, "mode": mode, "times": null}));
        project.write(&config);
        let first = project.run(&["apply", "-auto-approve"]);
        // An object that was written though no answer said so is known by its mark.
        assert_eq!(first.code == 0, operation == "PutObject", "{}", first.text);
        project.clear_faults();
        project.apply(&config);
        project.destroy();
        assert_eq!(world.objects(), 0);
    }
}

/// A file that could not be deleted when the list went elsewhere is deleted by the next apply.
#[test]
fn a_former_file_is_not_forgotten() {
    for location in [false, true] {
        let project = Project::new(&one_cli());
        let world = World::new(&project, REGION);
        world.put("kept.txt", "198.51.100.9\n");
        project.apply(&world.inline("[\"198.51.100.7\"]", ""));
        let elsewhere = match location {
            true => world.configuration(&format!("  location = \"s3://{}/kept.txt\"", world.bucket)),
            false => world.inline("[\"198.51.100.7\"]", "").replace("a/list.txt", "b/list.txt"),
        };
        project.fault(json!({"service": "s3", "operation": "DeleteObject", "mode": "error", "code": "AccessDenied",
            "message": "no", "status": 403, "times": null}));
        project.expect_apply_failure(&elsewhere, &["s3:DeleteObject"]);
        project.clear_faults();
        project.apply(&elsewhere);
        assert_eq!(world.object("a/list.txt"), None);
        project.destroy();
        assert_eq!(world.objects(), 1, "the file that others keep");
    }
}

/// Two lists of one name are refused at plan, and one that can't be created replaces nobody's file.
#[test]
fn a_list_of_the_same_name_is_refused_before_anything_is_done() {
    let project = Project::new(&one_cli());
    let world = World::new(&project, REGION);
    let one = world.inline("[\"198.51.100.7\"]", "");
    let other = one.replace("\"test\"", "\"other\"").replace("a/list.txt", "b/list.txt");
    project.expect_refused(&(one.clone() + &other), &["two resources are GuardDuty threat list \"hostile\""]);

    world.put("a/list.txt", "198.51.100.9\n");
    let create = world.guardduty.create_threat_intel_set().detector_id(&world.detector).name("hostile");
    let create = create.format(ThreatIntelSetFormat::Txt).location(format!("s3://{}/a/list.txt", world.bucket));
    block_on(create.activate(true).send()).unwrap();
    world.settle();
    let overwriting = world.inline("[\"198.51.100.7\"]", "  overwrite = true");
    project.expect_apply_failure(&overwriting, &["no instance of this resource manages it"]);
    assert_eq!(world.object("a/list.txt").as_deref(), Some("198.51.100.9\n"), "nobody's file was replaced");
}
