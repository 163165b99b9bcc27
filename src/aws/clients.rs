//! The clients of services, by region.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::{Region, SdkConfig};
use aws_sdk_cloudwatch as cloudwatch;
use aws_sdk_cloudwatchlogs as cloudwatchlogs;
use aws_sdk_ecs as ecs;
use aws_sdk_eventbridge as eventbridge;
use aws_sdk_guardduty as guardduty;
use aws_sdk_iam as iam;
use aws_sdk_kms as kms;
use aws_sdk_lambda as lambda;
use aws_sdk_s3 as s3;
use aws_sdk_sfn as sfn;
use aws_sdk_sns as sns;
use aws_sdk_sqs as sqs;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tfplugin::{Result, Stop};

use super::account::{Account, account_of};
use super::arn::Arn;
use super::cause::{Cause, words};
use super::credentials::Gate;
use super::default_region::DefaultRegion;
use super::detectors::Detectors;
use super::endpoints::{Service, config_of};
use super::error::Subject;
use super::retries::{ByMeaning, NameOperation, Partitions};
use super::settings::{Loaded, Misfit, Settings};
use super::tags::TagRules;
use super::transport::NameService;

/// Everything that is needed to make calls.
pub struct Aws {
    settings: Settings,
    base: SdkConfig,
    gate: Gate,
    region: Arc<DefaultRegion>,
    stop: Stop,
    regions: Mutex<HashMap<String, SdkConfig>>,
    partitions: Partitions,
    detectors: Detectors,
    shared: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $service:expr) => {
        $(#[$doc])*
        pub fn $name(&self, region: &str) -> $name::Client {
            let config = self.config_of($service, region);
            let builder = $name::config::Builder::from(&config)
                .interceptor(HonourStop(self.stop.clone()))
                .interceptor(NameService($service.name))
                .interceptor(NameOperation($service.name))
                .retry_partition(self.partitions.of($service.name, region))
                .retry_classifier(ByMeaning(self.stop.clone()));
            $name::Client::from_conf(builder.build())
        }
    };
}

/// Returns the detector that a GuardDuty resource is, or belongs to: `detector/ID/...`.
fn detector_in(resource: &str) -> Option<&str> {
    resource.strip_prefix("detector/")?.split('/').next()
}

impl Aws {
    /// Returns clients for `settings`, whose calls end when `stop` is requested. It makes no calls.
    ///
    /// # Errors
    /// A setting that cannot be applied.
    pub async fn new(settings: Settings, stop: Stop) -> Result<Self, Misfit> {
        let http = settings.http()?;
        Aws::over(http, settings, stop).await
    }

    /// Returns clients as `new` does, which use the HTTP client `http`.
    pub(super) async fn over(http: SharedHttpClient, settings: Settings, stop: Stop) -> Result<Self, Misfit> {
        let Loaded { config: base, gate, region } = settings.load(http).await?;
        Ok(Aws {
            settings,
            base,
            gate,
            region,
            stop,
            regions: Mutex::default(),
            partitions: Partitions::default(),
            detectors: Detectors::default(),
            shared: Mutex::default(),
        })
    }

    /// Returns the region of resources that do not set their own, if it is known. If only the machine knows it, it is
    /// requested once.
    pub async fn default_region(&self) -> Option<&str> {
        self.region.get().await
    }

    /// Returns the default region for a plan, or `None` if it is unknown until apply.
    ///
    /// # Errors
    /// The region will be unknown at apply too.
    pub async fn planned_region(&self) -> Result<Option<&str>> {
        match (self.default_region().await, &*self.region) {
            (None, DefaultRegion::NotKnownYet) => Ok(None),
            (region, _) => region.map(Some).ok_or_else(|| self.region.missing()),
        }
    }

    /// Returns the default region, if it is known without a request.
    pub fn known_default_region(&self) -> Option<&str> {
        self.region.if_known()
    }

    /// Returns the user's request to stop.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    #[cfg(test)]
    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Returns the rules for tags.
    pub fn tag_rules(&self) -> &TagRules {
        &self.settings.tags
    }

    /// Returns the state of detectors that resources share, so that a single GetDetector call serves all of them.
    pub(super) fn detectors(&self) -> &Detectors {
        &self.detectors
    }

    /// Returns what resource types share during one run, by type. It is created on first use.
    pub fn shared<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = shared.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        // The key is the type, so the entry always has that type.
        entry.downcast().unwrap_or_default()
    }

    /// Returns the account of the credentials, from one STS GetCallerIdentity call per process. If the `provider` block
    /// disables that call, the account is taken from the credentials and may have no ID.
    ///
    /// # Errors
    /// The credentials are not valid, or the account must not be used.
    pub async fn account(&self, region: &str) -> Result<&Account> {
        let subject = Subject::new("the AWS account of these credentials", region);
        if self.stop.is_requested() && !is_tidying() {
            return Err(subject.kept_by("find out", &stopped()));
        }
        self.gate.account().await.map_err(|error| match Cause::of(&error) {
            Some(cause) => subject.kept_by("find out", cause),
            None => subject.failure("find out", words(&error)),
        })
    }

    /// Returns the account of the resource with the ARN `known`, if it contains one, and otherwise [`Aws::account`].
    ///
    /// # Errors
    /// The same as for [`Aws::account`], or the account ID is unknown.
    pub async fn account_with(&self, region: &str, known: Option<&str>) -> Result<Account> {
        let account = self.account(region).await?;
        match (account.identified(), known.and_then(account_of)) {
            (Err(_), Some(known)) => Ok(known),
            (account, _) => account.cloned(),
        }
    }

    /// Returns the ARN of a GuardDuty `resource` for display. `known` is the previous ARN, whose account is used if it
    /// is otherwise unknown.
    ///
    /// # Errors
    /// The same as for [`Aws::account`].
    pub async fn shown_arn(&self, region: &str, known: Option<&String>, resource: &str) -> Result<String> {
        let account = self.account(region).await?;
        let before = known.filter(|known| account.id.is_empty() && account_of(known).is_some());
        Ok(before.cloned().unwrap_or_else(|| account.arn("guardduty", region, resource)))
    }

    /// Returns `arn` as it is sent, with its account. If the account is otherwise unknown, it is taken from the role of
    /// the detector.
    ///
    /// # Errors
    /// The same as for [`Aws::account`], or the account ID is unknown.
    pub async fn whole_arn(&self, region: &str, arn: &str) -> Result<String> {
        match Arn::parse(arn) {
            Some(parsed) if parsed.account.is_empty() => {
                let account = match (self.account(region).await?.identified(), detector_in(parsed.resource)) {
                    (Err(_), Some(detector)) => self.account_of_detector(region, detector).await?,
                    (account, _) => account?.clone(),
                };
                Ok(account.arn(parsed.service, parsed.region, parsed.resource))
            }
            _ => Ok(arn.to_owned()),
        }
    }

    /// Checks that the region exists, unless the check is disabled.
    ///
    /// # Errors
    /// The region does not exist.
    pub fn check_region(&self, region: &str) -> Result<()> {
        self.settings.check_region(region)
    }

    fn config_of(&self, service: Service, region: &str) -> SdkConfig {
        config_of(service, &self.config(region), &self.settings.endpoints)
    }

    fn config(&self, region: &str) -> SdkConfig {
        // A poisoned lock still holds complete configurations: they are only ever added.
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let config = regions
            .entry(region.to_owned())
            .or_insert_with(|| self.base.clone().into_builder().region(Region::new(region.to_owned())).build());
        config.clone()
    }

    client!(
        /// Amazon GuardDuty.
        guardduty, Service::GUARDDUTY
    );
    client!(
        /// Amazon ECS.
        ecs, Service::ECS
    );
    client!(
        /// Amazon EventBridge.
        eventbridge, Service::EVENTBRIDGE
    );
    client!(
        /// Amazon SNS.
        sns, Service::SNS
    );
    client!(
        /// Amazon SQS.
        sqs, Service::SQS
    );
    client!(
        /// AWS Lambda.
        lambda, Service::LAMBDA
    );
    client!(
        /// AWS Step Functions.
        sfn, Service::SFN
    );
    client!(
        /// AWS IAM.
        iam, Service::IAM
    );
    client!(
        /// AWS KMS.
        kms, Service::KMS
    );
    client!(
        /// Amazon CloudWatch.
        cloudwatch, Service::CLOUDWATCH
    );
    client!(
        /// Amazon CloudWatch Logs.
        cloudwatchlogs, Service::LOGS
    );
    /// Returns the Amazon S3 client. With a custom endpoint, buckets are addressed by path unless the provider block
    /// sets it otherwise, because bucket names are not valid hosts there.
    pub fn s3(&self, region: &str) -> s3::Client {
        let config = self.config_of(Service::S3, region);
        let builder = s3::config::Builder::from(&config)
            .interceptor(HonourStop(self.stop.clone()))
            .interceptor(NameService(Service::S3.name))
            .interceptor(NameOperation(Service::S3.name))
            .retry_partition(self.partitions.of(Service::S3.name, region))
            .retry_classifier(ByMeaning(self.stop.clone()))
            .force_path_style(self.settings.s3_by_path.unwrap_or(config.endpoint_url().is_some()));
        s3::Client::from_conf(builder.build())
    }

    /// Returns the region of a resource: its own, or the provider's.
    ///
    /// # Errors
    /// Neither is set, or the region does not exist.
    pub async fn region_or_default(&self, region: Option<&str>) -> Result<String> {
        if let Some(region) = region.filter(|region| !region.is_empty()) {
            return self.check_region(region).map(|()| region.to_owned());
        }
        self.default_region().await.map(str::to_owned).ok_or_else(|| self.region.missing())
    }
}

tokio::task_local! {
    static TIDYING: ();
}

/// Runs `calls` that undo or record what was begun, even if the user requested to stop.
pub async fn tidying<T>(calls: impl Future<Output = T>) -> T {
    TIDYING.scope((), calls).await
}

fn is_tidying() -> bool {
    TIDYING.try_with(|()| ()).is_ok()
}

/// Prevents calls from starting after the user requested to stop. Calls in progress are completed.
#[derive(Debug)]
struct HonourStop(Stop);

/// Returns why a call was not started.
fn stopped() -> Cause {
    Cause::new("stopped before the call was made", "Nothing of it was done. Apply again to go on.")
}

impl Intercept for HonourStop {
    fn name(&self) -> &'static str {
        "HonourStop"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.0.is_requested() && !is_tidying() { Err(stopped().into()) } else { Ok(()) }
    }

    /// Returns the message about a retry that is not started.
    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.0.is_requested() && !is_tidying() { Err(stopped_between().into()) } else { Ok(()) }
    }
}

fn stopped_between() -> Cause {
    Cause::new("stopped before the call was repeated", "Apply again to go on.")
}

/// Serializes the writers of an object, by name.
#[derive(Default)]
pub struct Locks(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Locks {
    /// Waits for the turn at `name`, which lasts as long as the guard.
    pub async fn turn(&self, name: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.entry(name.to_owned()).or_default().clone()
        };
        lock.lock_owned().await
    }
}
