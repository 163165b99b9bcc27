//! The region of resources that do not set their own.

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use tfplugin::Failure;
use tfplugin::diagnostic::Once;
use tokio::sync::OnceCell;

/// The default region.
#[derive(Debug)]
pub(super) enum DefaultRegion {
    /// A known region.
    Is(String),
    /// A region that is unknown until apply.
    NotKnownYet,
    /// No region is set anywhere.
    Nowhere,
    /// The region of the EC2 instance, if this is one. It is requested once, when it is first needed.
    OfMachine(Box<Machine>),
}

/// The machine, and its answer.
#[derive(Debug)]
pub(super) struct Machine {
    reached: ProviderConfig,
    answer: OnceCell<Option<String>>,
}

impl DefaultRegion {
    /// Returns the region of the EC2 instance, if this is one. `reached` is the configuration of the request.
    pub(super) fn of_machine(reached: ProviderConfig) -> Self {
        DefaultRegion::OfMachine(Box::new(Machine { reached, answer: OnceCell::new() }))
    }

    /// Returns the region, if it is known without a request.
    pub(super) fn if_known(&self) -> Option<&str> {
        match self {
            DefaultRegion::Is(region) => Some(region),
            DefaultRegion::NotKnownYet | DefaultRegion::Nowhere => None,
            DefaultRegion::OfMachine(machine) => machine.answer.get()?.as_deref(),
        }
    }

    /// Returns the region, if there is one.
    pub(super) async fn get(&self) -> Option<&str> {
        let DefaultRegion::OfMachine(machine) = self else { return self.if_known() };
        let ask = async || {
            let machine = ImdsRegionProvider::builder().configure(&machine.reached).build();
            machine.region().await.map(|region| region.to_string())
        };
        machine.answer.get_or_init(ask).await.as_deref()
    }

    /// Returns the failure for a missing region.
    pub(super) fn missing(&self) -> Failure {
        if let DefaultRegion::NotKnownYet = self {
            return Failure::new("the AWS region is not known before apply").detail(
                "`region` of the provider block comes from what is not made yet. Name one here: by `region`, or in an \
                 import with @REGION at the end of its id.",
            );
        }
        let advice = "Set `region` in the provider block, the variable AWS_REGION, or `region` of the AWS profile.";
        let summary = "no AWS region is known";
        Failure::new(summary).detail_once(Once {
            cause: summary.to_owned(),
            full: advice.to_owned(),
            brief: "Another of these errors tells what to do.".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::http::SharedHttpClient;

    use super::*;
    use crate::aws::testing::Fake;

    #[tokio::test]
    async fn the_machine_is_asked_once_and_only_when_needed() {
        let fake = Fake::new(|_| (404, String::new()));
        let http = SharedHttpClient::new(fake.clone());
        let region = DefaultRegion::of_machine(ProviderConfig::without_region().with_http_client(http));
        assert_eq!((region.if_known(), fake.sent().len()), (None, 0));
        assert_eq!(region.get().await, None);
        let asked = fake.sent().len();
        assert!(asked > 0 && fake.sent()[0].uri.ends_with("/latest/api/token"), "{:?}", fake.sent());
        assert_eq!((region.get().await, fake.sent().len()), (None, asked), "it is not asked again");
    }

    #[test]
    fn who_has_none_is_told_whether_one_will_come() {
        assert!(DefaultRegion::Nowhere.missing().to_string().contains("Set `region` in the provider block"));
        assert!(DefaultRegion::NotKnownYet.missing().to_string().contains("comes from what is not made yet"));
    }
}
