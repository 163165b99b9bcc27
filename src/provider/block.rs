//! The `provider` block: its attributes and blocks, named as in hashicorp/aws, and the values each accepts.
//!
//! Rules that involve several of them are in `checks`. What they mean for calls is decided in `settings`.

use std::collections::BTreeMap;
use std::time::Duration;

use tfplugin::{Choice, Key, Model, Set, validate};

use super::all_endpoints::AllEndpoints;
use super::checks;
use crate::aws::{Tags, endpoints};

/// Manages Amazon GuardDuty for containers on Amazon ECS and AWS Fargate: detectors and their features, Runtime
/// Monitoring, threat lists, filters, alerts and automated responses.
///
/// The provider block uses the argument names of the hashicorp/aws provider. Arguments that are not set are taken from
/// the environment and the shared configuration files, as in other AWS tools: `AWS_REGION`, `AWS_PROFILE`,
/// `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL` and so on.
///
/// Credentials are taken from the first of these sources that is configured:
///
/// 1. `assume_role_with_web_identity`.
/// 2. `access_key` and `secret_key`.
/// 3. `profile`.
/// 4. Access keys in the environment.
/// 5. The profile in `AWS_PROFILE`, or the profile `default`. It can use IAM Identity Center or a `credential_process`.
/// 6. `AWS_WEB_IDENTITY_TOKEN_FILE`.
/// 7. The role of a container or an EC2 instance.
///
/// The roles of `assume_role` are then assumed with these credentials. Credentials are resolved on the first API call.
/// A plan that reads nothing makes no API calls.
///
/// Every object that a resource creates or adopts gets a tag whose key begins with `guardduty:owner/`. The resource
/// identifies its own objects by this tag, and neither changes nor deletes objects that another resource or another
/// state manages. These tags are not shown. If tag policies restrict tag keys, allow `guardduty:owner/*`.
///
/// Every argument of the hashicorp/aws provider block (5.100 and 6) is accepted. Notes on individual arguments:
///
/// | Argument | Effect in this provider |
/// |---|---|
/// | `skip_credentials_validation` | None. Credentials are never validated on their own, only by the first API call that uses them. |
/// | `skip_metadata_api_check` | `true` skips the EC2 instance metadata service as a source of credentials and of the region. |
/// | `skip_requesting_account_id` | `true` never requests the account ID from AWS STS. The account ID is then that of the assumed role, of the profile, or of the ARN in the state. If none of them contains it, ARNs are shown without an account ID, and finding rules and responses, which require it, fail at plan with an error that names this argument. Tags are set in any case, because the detector provides its account ID. |
/// | `ec2_metadata_service_endpoint`, `ec2_metadata_service_endpoint_mode` | Same as in hashicorp/aws. |
/// | `insecure` | None. Certificates are always verified, and `true` causes a warning. Use `custom_ca_bundle`. |
/// | `s3_use_path_style` | Same as in hashicorp/aws. Default: `true` with a custom S3 endpoint, otherwise `false`. |
/// | `s3_us_east_1_regional_endpoint` | None. The regional endpoint is always used. |
/// | `token_bucket_rate_limiter_capacity` | None. |
/// | `tag_policy_compliance` | None. |
/// | `user_agent` | Same as in hashicorp/aws: appended to the User-Agent header. |
/// | `endpoints` | Services that this provider does not call are accepted and ignored. |
/// | `version` | Handled by OpenTofu and Terraform themselves. |
#[derive(Model)]
pub struct Config {
    /// Region of resources that do not set their own, such as `eu-central-1`. Defaults to `AWS_REGION`, then
    /// `AWS_DEFAULT_REGION`, then the region of the profile. If none is set and the credentials may be those of an EC2
    /// instance, defaults to the region of that instance.
    pub region: Option<String>,
    /// Profile in the shared configuration files. Takes precedence over access keys in the environment. Defaults to
    /// `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Access key ID. Requires `secret_key`.
    pub access_key: Option<String>,
    /// Secret access key.
    #[attr(sensitive)]
    pub secret_key: Option<String>,
    /// Session token of temporary credentials.
    #[attr(sensitive)]
    pub token: Option<String>,
    /// Files to read instead of `~/.aws/config`. Defaults to `AWS_CONFIG_FILE`.
    pub shared_config_files: Option<Vec<String>>,
    /// Files to read instead of `~/.aws/credentials`. Defaults to `AWS_SHARED_CREDENTIALS_FILE`.
    pub shared_credentials_files: Option<Vec<String>>,
    /// Maximum number of retries, from 0 to 100, of a call that is throttled or fails temporarily. Defaults to
    /// `AWS_MAX_ATTEMPTS` or the profile's `max_attempts`, minus the first attempt; otherwise 9.
    #[attr(validate = validate::range(0..=100))]
    pub max_retries: Option<i64>,
    /// How calls are retried. Defaults to `AWS_RETRY_MODE`, then the profile's `retry_mode`, otherwise `standard`.
    pub retry_mode: Option<RetryMode>,
    /// IDs of the only accounts that may be used. The account is verified before any other call is sent.
    #[attr(validate = checks::accounts)]
    pub allowed_account_ids: Option<Set<String>>,
    /// IDs of accounts that must not be used. Conflicts with `allowed_account_ids`.
    #[attr(validate = checks::accounts)]
    pub forbidden_account_ids: Option<Set<String>>,
    /// URL of the proxy for `http://` endpoints. Also used for `https://` endpoints if no proxy is configured for them.
    /// Defaults to `HTTP_PROXY`.
    #[attr(validate = checks::proxy)]
    pub http_proxy: Option<String>,
    /// URL of the proxy for `https://` endpoints. Set to an empty string to use none. Defaults to `HTTPS_PROXY`.
    #[attr(validate = checks::proxy)]
    pub https_proxy: Option<String>,
    /// Comma-separated list of hosts to reach without a proxy: domains (including their subdomains), IP addresses, IP
    /// address ranges, or `*`. The local machine and cloud metadata services are always reached without a proxy.
    /// Defaults to `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// File with the certificates of the certificate authorities to trust, in PEM format. They replace those of the
    /// system. Defaults to `AWS_CA_BUNDLE`.
    pub custom_ca_bundle: Option<String>,
    /// Region of the AWS STS endpoint used to assume roles. Defaults to `region`.
    pub sts_region: Option<String>,
    /// Whether to use FIPS 140 endpoints for services not listed in `endpoints`. Defaults to `AWS_USE_FIPS_ENDPOINT`.
    pub use_fips_endpoint: Option<bool>,
    /// Whether to use dual-stack endpoints (IPv4 and IPv6) for services not listed in `endpoints`. Defaults to
    /// `AWS_USE_DUALSTACK_ENDPOINT`.
    pub use_dualstack_endpoint: Option<bool>,
    /// No effect: credentials are never validated on their own, only by the first API call that uses them. Accepted for
    /// compatibility with hashicorp/aws.
    pub skip_credentials_validation: Option<bool>,
    /// Set to `true` to never request the account ID from AWS STS. The account ID is then that of the assumed role, of
    /// the profile, or of the ARN in the state. If none of them contains it, ARNs are shown without an account ID, and
    /// finding rules and responses fail at plan. Default: `false`.
    pub skip_requesting_account_id: Option<bool>,
    /// Set to `true` to skip the EC2 instance metadata service as a source of credentials and of the region. Defaults
    /// to `AWS_EC2_METADATA_DISABLED`.
    #[attr(validate = checks::yes_or_no)]
    pub skip_metadata_api_check: Option<String>,
    /// URL of the EC2 instance metadata service. Defaults to `AWS_EC2_METADATA_SERVICE_ENDPOINT`.
    #[attr(validate = crate::aws::endpoints::check)]
    pub ec2_metadata_service_endpoint: Option<String>,
    /// Protocol of the EC2 instance metadata service: `IPv4` or `IPv6`. Ignored if `ec2_metadata_service_endpoint` is
    /// set. Defaults to `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`.
    #[attr(validate = checks::protocol)]
    pub ec2_metadata_service_endpoint_mode: Option<String>,
    /// No effect: certificates are always verified, and `true` causes a warning. To trust a private certificate
    /// authority, use `custom_ca_bundle`. Accepted for compatibility with hashicorp/aws.
    pub insecure: Option<bool>,
    /// Whether to address S3 buckets by path, as in `https://s3.amazonaws.com/BUCKET/KEY`. Default: `true` with a
    /// custom S3 endpoint, otherwise `false`.
    pub s3_use_path_style: Option<bool>,
    /// No effect: the regional endpoint of S3 is always used. Accepted for compatibility with hashicorp/aws.
    pub s3_us_east_1_regional_endpoint: Option<String>,
    /// No effect: retries are not limited by a shared token bucket. Accepted for compatibility with hashicorp/aws.
    pub token_bucket_rate_limiter_capacity: Option<i64>,
    /// No effect. Accepted for compatibility with hashicorp/aws.
    pub tag_policy_compliance: Option<String>,
    /// Products to append to the User-Agent header of all calls, each in the form `NAME/VERSION (COMMENT)`.
    #[attr(validate = checks::products)]
    pub user_agent: Option<Vec<String>>,
    /// Whether to skip validation of the region name. Default: `false`.
    pub skip_region_validation: Option<bool>,
    /// IAM role to assume. If the block is repeated, each role is assumed with the credentials of the one before.
    #[attr(block)]
    pub assume_role: Vec<AssumeRole>,
    /// IAM role to assume with an OpenID Connect token.
    #[attr(block)]
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// Tags for every taggable resource.
    #[attr(block)]
    pub default_tags: Option<DefaultTags>,
    /// Tags that are managed outside this provider. They are never read, changed or removed.
    #[attr(block)]
    pub ignore_tags: Option<IgnoreTags>,
    /// Custom endpoints of AWS services. A service can be given by any of its names in hashicorp/aws. Services that
    /// this provider does not call are ignored. An empty endpoint counts as not set. Defaults to the variable of the
    /// service, such as `AWS_ENDPOINT_URL_GUARDDUTY`, then `AWS_ENDPOINT_URL`.
    #[attr(block)]
    pub endpoints: Set<AllEndpoints>,
}

/// How calls are retried.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryMode {
    /// Increasing delays between attempts.
    #[choice("standard")]
    Standard,
    /// Same as `standard`, and first attempts are delayed too while AWS throttles requests.
    #[choice("adaptive")]
    Adaptive,
}

/// IAM role to assume.
#[derive(Model)]
pub struct AssumeRole {
    /// ARN of the role.
    #[attr(validate = checks::role_arn)]
    pub role_arn: Option<String>,
    /// Lifetime of the session credentials, from `15m` to `12h`. They are renewed before they expire. Default: `1h`.
    #[attr(validate = checks::session_duration)]
    pub duration: Option<Duration>,
    /// External ID that the role's trust policy requires of other accounts.
    #[attr(validate = validate::length(2..=1224), validate = validate::characters("_+=,.@:/-"))]
    pub external_id: Option<String>,
    /// Session policy in JSON that further restricts the permissions of the role.
    #[attr(validate = checks::json)]
    pub policy: Option<String>,
    /// ARNs of managed policies that further restrict the permissions of the role.
    #[attr(validate = checks::policies)]
    pub policy_arns: Option<Set<String>>,
    /// Name of the session, as shown in AWS CloudTrail.
    #[attr(validate = validate::length(2..=64), validate = validate::characters("_+=,.@-"))]
    pub session_name: Option<String>,
    /// Source identity of the session, as shown in AWS CloudTrail.
    #[attr(validate = validate::length(2..=64), validate = validate::characters("_+=,.@-"))]
    pub source_identity: Option<String>,
    /// Session tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// Keys of `tags` that are passed on when another role is assumed from this one.
    pub transitive_tag_keys: Option<Set<String>>,
}

/// IAM role to assume with an OpenID Connect token.
#[derive(Model)]
pub struct AssumeRoleWithWebIdentity {
    /// ARN of the role. Defaults to `AWS_ROLE_ARN`.
    #[attr(validate = checks::role_arn)]
    pub role_arn: Option<String>,
    /// OpenID Connect token.
    #[attr(sensitive, validate = validate::length(4..=20_000))]
    pub web_identity_token: Option<String>,
    /// File with the OpenID Connect token. It is read each time the role is assumed. Defaults to
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`.
    pub web_identity_token_file: Option<String>,
    /// Name of the session, as shown in AWS CloudTrail. Defaults to `AWS_ROLE_SESSION_NAME`.
    #[attr(validate = validate::length(2..=64), validate = validate::characters("_+=,.@-"))]
    pub session_name: Option<String>,
    /// Lifetime of the session credentials, from `15m` to `12h`. They are renewed before they expire. Default: `1h`.
    #[attr(validate = checks::session_duration)]
    pub duration: Option<Duration>,
    /// Session policy in JSON that further restricts the permissions of the role.
    #[attr(validate = checks::json)]
    pub policy: Option<String>,
    /// ARNs of managed policies that further restrict the permissions of the role.
    #[attr(validate = checks::policies)]
    pub policy_arns: Option<Set<String>>,
}

/// Tags for every taggable resource.
#[derive(Model)]
pub struct DefaultTags {
    /// Tags by key. A resource's own tag with the same key takes precedence.
    pub tags: Option<Tags>,
}

/// Tags that are managed outside this provider.
#[derive(Model)]
pub struct IgnoreTags {
    /// Keys of tags to ignore.
    pub keys: Option<Set<String>>,
    /// Key prefixes of tags to ignore.
    pub key_prefixes: Option<Set<String>>,
}

/// Endpoints of the services that this provider calls.
#[derive(Model, Clone)]
pub struct ServiceEndpoints {
    /// Endpoint of Amazon GuardDuty.
    #[attr(validate = endpoints::check)]
    pub guardduty: Option<String>,
    /// Endpoint of Amazon CloudWatch.
    #[attr(validate = endpoints::check)]
    pub cloudwatch: Option<String>,
    /// Endpoint of Amazon ECS.
    #[attr(validate = endpoints::check)]
    pub ecs: Option<String>,
    /// Endpoint of Amazon EventBridge.
    #[attr(validate = endpoints::check)]
    pub events: Option<String>,
    /// Another name for `events`.
    #[attr(validate = endpoints::check)]
    pub cloudwatchevents: Option<String>,
    /// Another name for `events`.
    #[attr(validate = endpoints::check)]
    pub eventbridge: Option<String>,
    /// Endpoint of AWS IAM.
    #[attr(validate = endpoints::check)]
    pub iam: Option<String>,
    /// Endpoint of AWS KMS.
    #[attr(validate = endpoints::check)]
    pub kms: Option<String>,
    /// Endpoint of AWS Lambda.
    #[attr(validate = endpoints::check)]
    pub lambda: Option<String>,
    /// Endpoint of Amazon CloudWatch Logs.
    #[attr(validate = endpoints::check)]
    pub logs: Option<String>,
    /// Another name for `logs`.
    #[attr(validate = endpoints::check)]
    pub cloudwatchlog: Option<String>,
    /// Another name for `logs`.
    #[attr(validate = endpoints::check)]
    pub cloudwatchlogs: Option<String>,
    /// Endpoint of Amazon S3.
    #[attr(validate = endpoints::check)]
    pub s3: Option<String>,
    /// Another name for `s3`.
    #[attr(validate = endpoints::check)]
    pub s3api: Option<String>,
    /// Endpoint of AWS Step Functions.
    #[attr(validate = endpoints::check)]
    pub sfn: Option<String>,
    /// Another name for `sfn`.
    #[attr(validate = endpoints::check)]
    pub stepfunctions: Option<String>,
    /// Endpoint of Amazon SNS.
    #[attr(validate = endpoints::check)]
    pub sns: Option<String>,
    /// Endpoint of Amazon SQS.
    #[attr(validate = endpoints::check)]
    pub sqs: Option<String>,
    /// Endpoint of AWS STS. Roles named by a profile are assumed at the endpoint in `AWS_ENDPOINT_URL_STS` instead.
    #[attr(validate = endpoints::check)]
    pub sts: Option<String>,
}

impl ServiceEndpoints {
    /// Alternative names of services, each with the service's own name.
    pub const OTHER_NAMES: [(Key<Self, String>, Key<Self, String>); 6] = [
        (Self::CLOUDWATCHEVENTS, Self::EVENTS),
        (Self::EVENTBRIDGE, Self::EVENTS),
        (Self::CLOUDWATCHLOG, Self::LOGS),
        (Self::CLOUDWATCHLOGS, Self::LOGS),
        (Self::S3API, Self::S3),
        (Self::STEPFUNCTIONS, Self::SFN),
    ];
}
