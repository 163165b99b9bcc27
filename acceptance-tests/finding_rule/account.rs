//! What a user has before a rule: topics, queues, functions, state machines, buses, log groups, and findings.

use std::time::{Duration, Instant};

use aws_sdk_cloudwatchlogs as logs;
use aws_sdk_eventbridge as eventbridge;
use aws_sdk_guardduty as guardduty;
use aws_sdk_iam as iam;
use aws_sdk_lambda as lambda;
use aws_sdk_sfn as sfn;
use aws_sdk_sns as sns;
use aws_sdk_sqs as sqs;
use serde_json::{Value as Json, json};

use crate::harness::{Project, REGION, block_on};

const FINDING: &str = include_str!("../../tools/finding.json");

/// A queue and its ARN.
pub struct Queue {
    client: sqs::Client,
    pub url: String,
    pub arn: String,
}

/// The account of a project, in its region.
pub struct Account<'a>(pub &'a Project);

impl Account<'_> {
    /// A detector, without which there are no findings.
    pub fn detector(&self) -> String {
        let client = guardduty::Client::new(&self.0.sdk(REGION));
        block_on(client.create_detector().enable(true).send()).unwrap().detector_id.unwrap()
    }

    pub fn queue(&self, name: &str) -> Queue {
        self.queue_in(REGION, name)
    }

    pub fn queue_in(&self, region: &str, name: &str) -> Queue {
        let client = sqs::Client::new(&self.0.sdk(region));
        let mut create = client.create_queue().queue_name(name);
        if name.ends_with(".fifo") {
            create = create.attributes(sqs::types::QueueAttributeName::FifoQueue, "true");
            create = create.attributes(sqs::types::QueueAttributeName::ContentBasedDeduplication, "true");
        }
        let url = block_on(create.send()).unwrap().queue_url.unwrap();
        Queue { client, url, arn: format!("arn:aws:sqs:{region}:{}:{name}", self.0.account) }
    }

    /// A topic, and a queue that gets its messages as they are.
    pub fn topic(&self, name: &str) -> (String, Queue) {
        let client = sns::Client::new(&self.0.sdk(REGION));
        let topic = block_on(client.create_topic().name(name).send()).unwrap().topic_arn.unwrap();
        let queue = self.queue(&format!("{name}-heard"));
        let subscribe = client.subscribe().topic_arn(&topic).protocol("sqs").endpoint(&queue.arn);
        block_on(subscribe.attributes("RawMessageDelivery", "true").send()).unwrap();
        (topic, queue)
    }

    pub fn role(&self, name: &str) -> String {
        let client = iam::Client::new(&self.0.sdk(REGION));
        let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
        let created = block_on(client.create_role().role_name(name).assume_role_policy_document(trust).send());
        created.unwrap().role.unwrap().arn
    }

    /// A state machine that does nothing with its input.
    pub fn state_machine(&self, name: &str) -> String {
        let client = sfn::Client::new(&self.0.sdk(REGION));
        let definition = json!({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": true}}}).to_string();
        let role = self.role(&format!("{name}-role"));
        let created = block_on(client.create_state_machine().name(name).definition(definition).role_arn(role).send());
        created.unwrap().state_machine_arn
    }

    /// The inputs of the state machine's executions.
    pub fn executed(&self, machine: &str) -> Vec<String> {
        let client = sfn::Client::new(&self.0.sdk(REGION));
        let executions = block_on(client.list_executions().state_machine_arn(machine).send()).unwrap().executions;
        let input = |execution: &sfn::types::ExecutionListItem| {
            block_on(client.describe_execution().execution_arn(&execution.execution_arn).send()).unwrap().input.unwrap()
        };
        executions.iter().map(input).collect()
    }

    /// An event bus, and a queue that gets all that comes to it.
    pub fn bus(&self, name: &str) -> (String, Queue) {
        let client = eventbridge::Client::new(&self.0.sdk(REGION));
        let arn = block_on(client.create_event_bus().name(name).send()).unwrap().event_bus_arn.unwrap();
        let queue = self.queue(&format!("{name}-heard"));
        let pattern = json!({"account": [self.0.account]}).to_string();
        block_on(client.put_rule().name("all").event_bus_name(name).event_pattern(pattern).send()).unwrap();
        let target = eventbridge::types::Target::builder().id("queue").arn(&queue.arn).build().unwrap();
        block_on(client.put_targets().rule("all").event_bus_name(name).targets(target).send()).unwrap();
        (arn, queue)
    }

    pub fn log_group(&self, name: &str) -> String {
        let client = logs::Client::new(&self.0.sdk(REGION));
        block_on(client.create_log_group().log_group_name(name).send()).unwrap();
        format!("arn:aws:logs:{REGION}:{}:log-group:{name}", self.0.account)
    }

    pub fn logged(&self, group: &str) -> Vec<String> {
        let client = logs::Client::new(&self.0.sdk(REGION));
        let found = block_on(client.filter_log_events().log_group_name(group).send());
        let events = found.ok().and_then(|found| found.events).unwrap_or_default();
        events.into_iter().filter_map(|event| event.message).collect()
    }

    /// A function that logs the finding's id.
    pub fn function(&self, name: &str) -> String {
        let client = lambda::Client::new(&self.0.sdk(REGION));
        let code = "def handle(event, _):\n    print('saw', event['id'])\n";
        let code =
            lambda::types::FunctionCode::builder().zip_file(lambda::primitives::Blob::new(zip("alert.py", code)));
        let create = client.create_function().function_name(name).handler("alert.handle").code(code.build());
        let create = create.runtime("python3.13".into()).role(self.role(&format!("{name}-role")));
        let arn = block_on(create.send()).unwrap().function_arn.unwrap();
        until("the function is active", || {
            let found = block_on(client.get_function_configuration().function_name(name).send()).unwrap();
            (found.state() == Some(&lambda::types::State::Active)).then_some(())
        });
        arn
    }

    /// The `Sid`s of the statements in a function's policy.
    pub fn function_sids(&self, name: &str) -> Vec<String> {
        let client = lambda::Client::new(&self.0.sdk(REGION));
        let policy = block_on(client.get_policy().function_name(name).send()).ok().and_then(|found| found.policy);
        policy.map(|text| sids(&serde_json::from_str(&text).unwrap())).unwrap_or_default()
    }

    pub fn topic_policy(&self, topic: &str) -> Json {
        let client = sns::Client::new(&self.0.sdk(REGION));
        let found = block_on(client.get_topic_attributes().topic_arn(topic).send()).unwrap().attributes.unwrap();
        serde_json::from_str(&found["Policy"]).unwrap()
    }

    /// A finding with this id comes to the detector.
    pub fn finding(&self, id: &str) -> Json {
        let mut finding: Json = serde_json::from_str(FINDING).unwrap();
        finding["accountId"] = json!(self.0.account);
        finding["id"] = json!(id);
        finding
    }
}

impl Queue {
    /// The messages that are in it; they are taken out.
    pub fn take(&self) -> Vec<String> {
        let received = block_on(self.client.receive_message().queue_url(&self.url).max_number_of_messages(10).send());
        let messages = received.unwrap().messages.unwrap_or_default();
        for message in &messages {
            let receipt = message.receipt_handle.as_deref().unwrap();
            block_on(self.client.delete_message().queue_url(&self.url).receipt_handle(receipt).send()).unwrap();
        }
        messages.into_iter().filter_map(|message| message.body).collect()
    }

    /// The first message that comes.
    pub fn next(&self) -> String {
        until(&self.arn, || self.take().into_iter().next())
    }

    pub fn delete(&self) {
        block_on(self.client.delete_queue().queue_url(&self.url).send()).unwrap();
    }

    /// Its policy; null if it has none.
    pub fn policy(&self) -> Json {
        let name = sqs::types::QueueAttributeName::Policy;
        let found =
            block_on(self.client.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone()).send());
        let text = found.unwrap().attributes.and_then(|mut found| found.remove(&name)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub fn set_policy(&self, policy: &Json) {
        let name = sqs::types::QueueAttributeName::Policy;
        let text = if policy.is_null() { String::new() } else { policy.to_string() };
        block_on(self.client.set_queue_attributes().queue_url(&self.url).attributes(name, text).send()).unwrap();
    }
}

pub fn sids(policy: &Json) -> Vec<String> {
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    statements.iter().map(|statement| statement["Sid"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Waits until `look` finds something, for half a minute.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A ZIP archive of one file, stored as it is.
fn zip(name: &str, content: &str) -> Vec<u8> {
    let (size, crc) = (content.len() as u32, crc32(content.as_bytes()));
    let common =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc.to_le_bytes(), &size.to_le_bytes(), &size.to_le_bytes()];
    let common = [common.concat(), (name.len() as u16).to_le_bytes().into(), vec![0, 0]].concat();
    let local = [&b"PK\x03\x04"[..], &common, name.as_bytes(), content.as_bytes()].concat();
    let rest = [0, 0, 0, 0, 0, 0, 0, 0, 0xa4, 0x81, 0, 0, 0, 0];
    let central = [&b"PK\x01\x02"[..], &[20, 3], &common, &rest, name.as_bytes()].concat();
    let (length, offset) = ((central.len() as u32).to_le_bytes(), (local.len() as u32).to_le_bytes());
    let end = [&b"PK\x05\x06"[..], &[0, 0, 0, 0, 1, 0, 1, 0], &length, &offset, &[0, 0]].concat();
    [local, central, end].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}
