//! The region of resources that name none.

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use tokio::sync::OnceCell;

/// The region of resources that name none. Where nothing but the machine can tell it, the machine is asked once, when
/// somebody first needs it.
#[derive(Debug)]
pub(super) struct DefaultRegion {
    machine: Option<ProviderConfig>,
    known: OnceCell<Option<String>>,
}

impl DefaultRegion {
    /// This one, or none.
    pub(super) fn known(region: Option<String>) -> Self {
        DefaultRegion { machine: None, known: OnceCell::new_with(Some(region)) }
    }

    /// That of the EC2 instance, if this is one; `machine` says how it is reached.
    pub(super) fn of_machine(machine: ProviderConfig) -> Self {
        DefaultRegion { machine: Some(machine), known: OnceCell::new() }
    }

    /// It, if it is known without asking.
    pub(super) fn if_known(&self) -> Option<&str> {
        self.known.get()?.as_deref()
    }

    /// It, if it can be known.
    pub(super) async fn get(&self) -> Option<&str> {
        let ask = async || {
            let machine = ImdsRegionProvider::builder().configure(self.machine.as_ref()?).build();
            machine.region().await.map(|region| region.to_string())
        };
        self.known.get_or_init(ask).await.as_deref()
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
}
