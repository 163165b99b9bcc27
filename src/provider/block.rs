//! The `provider` block: its attributes and blocks, named as those of hashicorp/aws, and what each may be.
//!
//! What two of them say together is checked in `checks`; what they mean for calls is decided in `settings`.

use std::collections::BTreeMap;
use std::time::Duration;

use tfplugin::{Choice, Key, Model, Set, validate};

use super::all_endpoints::AllEndpoints;
use super::checks;
use crate::aws::{Tags, endpoints};

/// Makes Amazon GuardDuty protect containers on Amazon ECS and Fargate: detectors and their features, runtime
/// monitoring, threat lists, filters, alerts and automatic responses.
///
/// The block has the names of that of hashicorp/aws. What it leaves out is taken from the environment and the shared
/// configuration files, as every AWS tool does: `AWS_REGION`, `AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`
/// and so on.
///
/// Credentials are looked for in this order: `assume_role_with_web_identity`; `access_key` and `secret_key`; `profile`;
/// the environment; the profile of `AWS_PROFILE` or `default`, which may be one of IAM Identity Center or of a
/// `credential_process`; `AWS_WEB_IDENTITY_TOKEN_FILE`; the role of a container or an EC2 instance. With what is found
/// the roles of `assume_role` are assumed.
///
/// What a resource creates or adopts gets a tag whose key begins with `guardduty:owner/`, by which the resource knows it
/// again: what another resource or another state holds is neither changed nor deleted. These tags are not shown. Where
/// tag policies allow only some keys, allow `guardduty:owner/*`.
///
/// A plan that reads nothing makes no call: credentials are only looked for when the first call needs them.
///
/// Every argument of the hashicorp/aws provider block (5.100 and 6) is accepted. These do something else here, or
/// nothing:
///
/// | Argument | Here |
/// |---|---|
/// | `skip_credentials_validation` | Nothing: credentials are never checked on their own, only by the first call that uses them. |
/// | `skip_metadata_api_check` | `true` never asks the EC2 instance metadata service for credentials or the region. |
/// | `skip_requesting_account_id` | `true` never asks AWS STS for the account. It is then that of the assumed role, of the profile, or of the ARN in the state. Where nothing says it, ARNs are shown without an account, and finding rules and responses, which need it, fail at plan with a message that names this argument. Tags are set all the same: the detector names its account. |
/// | `ec2_metadata_service_endpoint`, `ec2_metadata_service_endpoint_mode` | As in hashicorp/aws. |
/// | `insecure` | Nothing: certificates are always verified, and `true` gives a warning. Use `custom_ca_bundle`. |
/// | `s3_use_path_style` | As in hashicorp/aws. Default: `true` with a custom S3 endpoint, otherwise `false`. |
/// | `s3_us_east_1_regional_endpoint` | Nothing: the regional endpoint is always used. |
/// | `token_bucket_rate_limiter_capacity` | Nothing. |
/// | `tag_policy_compliance` | Nothing. |
/// | `user_agent` | As in hashicorp/aws: appended to the User-Agent header. |
/// | `endpoints` | Services that this provider does not call are accepted and ignored. |
/// | `version` | An argument of OpenTofu and Terraform themselves. |
#[derive(Model)]
pub struct Config {
    /// Region of resources that name none, such as `eu-central-1`. Else it is that of `AWS_REGION`,
    /// `AWS_DEFAULT_REGION`, or the profile; where credentials may be those of an EC2 instance, it is asked for its own.
    pub region: Option<String>,
    /// Profile of the shared configuration files. It goes before keys in the environment. Else it is that of
    /// `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Access key id. With it goes `secret_key`.
    pub access_key: Option<String>,
    /// Secret access key.
    #[attr(sensitive)]
    pub secret_key: Option<String>,
    /// Session token of temporary keys.
    #[attr(sensitive)]
    pub token: Option<String>,
    /// Files to read instead of `~/.aws/config`. Else it is that of `AWS_CONFIG_FILE`.
    pub shared_config_files: Option<Vec<String>>,
    /// Files to read instead of `~/.aws/credentials`. Else it is that of `AWS_SHARED_CREDENTIALS_FILE`.
    pub shared_credentials_files: Option<Vec<String>>,
    /// How often a call that was throttled, or failed for a passing reason, is tried again. Else it is what
    /// `AWS_MAX_ATTEMPTS` or the profile's `max_attempts` leave, or 9 times.
    #[attr(validate = validate::range(0..=100))]
    pub max_retries: Option<i64>,
    /// How calls are tried again. Else it is as `AWS_RETRY_MODE` or the profile's `retry_mode` says.
    pub retry_mode: Option<RetryMode>,
    /// Accounts that may be used, and no others. The account is asked for before the first other call is sent.
    #[attr(validate = checks::accounts)]
    pub allowed_account_ids: Option<Set<String>>,
    /// Accounts that may not be used. It can't go with `allowed_account_ids`.
    #[attr(validate = checks::accounts)]
    pub forbidden_account_ids: Option<Set<String>>,
    /// URL of the proxy for endpoints with http://, and for those with https:// where nothing names one for them. Else
    /// it is that of `HTTP_PROXY`.
    #[attr(validate = checks::proxy)]
    pub http_proxy: Option<String>,
    /// URL of the proxy for endpoints with https://; empty for none. Else it is that of `HTTPS_PROXY`.
    #[attr(validate = checks::proxy)]
    pub https_proxy: Option<String>,
    /// Hosts that are reached without a proxy, separated by commas: domains (with all below them), addresses, ranges
    /// of addresses, or `*`. This machine and the metadata of a cloud always are. Else it is that of `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// File with certificates of authorities in the form PEM. They are trusted instead of those of the system. Else it
    /// is that of `AWS_CA_BUNDLE`.
    pub custom_ca_bundle: Option<String>,
    /// Region of AWS STS, which roles are asked of. By default that of `region`.
    pub sts_region: Option<String>,
    /// Whether endpoints by the standard FIPS 140 are used, where `endpoints` names no other. Else it is as
    /// `AWS_USE_FIPS_ENDPOINT` says.
    pub use_fips_endpoint: Option<bool>,
    /// Whether endpoints for both IPv4 and IPv6 are used, where `endpoints` names no other. Else it is as
    /// `AWS_USE_DUALSTACK_ENDPOINT` says.
    pub use_dualstack_endpoint: Option<bool>,
    /// Does nothing: credentials are never checked on their own, only by the first call that uses them. Accepted as in
    /// hashicorp/aws.
    pub skip_credentials_validation: Option<bool>,
    /// Set to `true` to never ask AWS STS for the account. It is then that of the assumed role, of the profile, or of the
    /// ARN in the state. Where nothing says it, ARNs are shown without an account, and finding rules and responses fail at
    /// plan. Default: `false`.
    pub skip_requesting_account_id: Option<bool>,
    /// Set to `true` to never ask the EC2 instance metadata service for credentials or the region. Defaults to
    /// `AWS_EC2_METADATA_DISABLED`.
    #[attr(validate = checks::yes_or_no)]
    pub skip_metadata_api_check: Option<String>,
    /// URL of the EC2 instance metadata service. Defaults to `AWS_EC2_METADATA_SERVICE_ENDPOINT`.
    #[attr(validate = crate::aws::endpoints::check)]
    pub ec2_metadata_service_endpoint: Option<String>,
    /// Protocol of the EC2 instance metadata service: `IPv4` or `IPv6`. Ignored where its endpoint is set. Defaults to
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`.
    #[attr(validate = checks::protocol)]
    pub ec2_metadata_service_endpoint_mode: Option<String>,
    /// Does nothing: certificates are always verified, and `true` gives a warning. To trust a certificate authority of
    /// your own, use `custom_ca_bundle`. Accepted as in hashicorp/aws.
    pub insecure: Option<bool>,
    /// Whether to address S3 buckets by path, as in `https://s3.amazonaws.com/BUCKET/KEY`. Default: `true` with a custom
    /// S3 endpoint, otherwise `false`.
    pub s3_use_path_style: Option<bool>,
    /// Does nothing: the regional endpoint of S3 is always used. Accepted as in hashicorp/aws.
    pub s3_us_east_1_regional_endpoint: Option<String>,
    /// Does nothing: retries are not limited by a shared token bucket. Accepted as in hashicorp/aws.
    pub token_bucket_rate_limiter_capacity: Option<i64>,
    /// Does nothing. Accepted as in hashicorp/aws.
    pub tag_policy_compliance: Option<String>,
    /// Products to append to the User-Agent header of all calls, each as `NAME/VERSION (COMMENT)`.
    #[attr(validate = checks::products)]
    pub user_agent: Option<Vec<String>>,
    /// Whether a region may have any name.
    pub skip_region_validation: Option<bool>,
    /// Role to assume. Of several such blocks, each is assumed with the credentials of the one before.
    #[attr(block)]
    pub assume_role: Vec<AssumeRole>,
    /// Role that a token of OpenID Connect stands for.
    #[attr(block)]
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// Tags that every taggable resource has.
    #[attr(block)]
    pub default_tags: Option<DefaultTags>,
    /// Tags that others set: they are never read, changed or removed.
    #[attr(block)]
    pub ignore_tags: Option<IgnoreTags>,
    /// Endpoints that replace those of AWS, by any name that a service has in hashicorp/aws. Services that this provider
    /// does not call are ignored. An empty endpoint is none. Default: those of `AWS_ENDPOINT_URL_GUARDDUTY` and so on, or
    /// of `AWS_ENDPOINT_URL`.
    #[attr(block)]
    pub endpoints: Set<AllEndpoints>,
}

/// How calls are tried again.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryMode {
    /// After growing pauses.
    #[choice("standard")]
    Standard,
    /// The same, and slower from the start where AWS limits the rate.
    #[choice("adaptive")]
    Adaptive,
}

/// Role to assume.
#[derive(Model)]
pub struct AssumeRole {
    /// ARN of the role.
    #[attr(validate = checks::role_arn)]
    pub role_arn: Option<String>,
    /// How long its credentials live, from `15m` to `12h`; they are renewed in time. By default `1h`.
    #[attr(validate = checks::session_duration)]
    pub duration: Option<Duration>,
    /// What the role's trust policy asks of other accounts.
    #[attr(validate = validate::length(2..=1224), validate = validate::characters("_+=,.@:/-"))]
    pub external_id: Option<String>,
    /// Policy, as JSON, that narrows what the role may do.
    #[attr(validate = checks::json)]
    pub policy: Option<String>,
    /// ARNs of managed policies that narrow what the role may do.
    #[attr(validate = checks::policies)]
    pub policy_arns: Option<Set<String>>,
    /// Name of the session, which AWS CloudTrail shows.
    #[attr(validate = validate::length(2..=64), validate = validate::characters("_+=,.@-"))]
    pub session_name: Option<String>,
    /// Who is behind the session, which AWS CloudTrail shows.
    #[attr(validate = validate::length(2..=64), validate = validate::characters("_+=,.@-"))]
    pub source_identity: Option<String>,
    /// Tags of the session.
    pub tags: Option<BTreeMap<String, String>>,
    /// Keys of `tags` that stay when another role is assumed from this one.
    pub transitive_tag_keys: Option<Set<String>>,
}

/// Role that a token of OpenID Connect stands for.
#[derive(Model)]
pub struct AssumeRoleWithWebIdentity {
    /// ARN of the role. Else it is that of `AWS_ROLE_ARN`.
    #[attr(validate = checks::role_arn)]
    pub role_arn: Option<String>,
    /// The token.
    #[attr(sensitive, validate = validate::length(4..=20_000))]
    pub web_identity_token: Option<String>,
    /// File with the token, read anew each time. Else it is that of `AWS_WEB_IDENTITY_TOKEN_FILE`.
    pub web_identity_token_file: Option<String>,
    /// Name of the session, which AWS CloudTrail shows. Else it is that of `AWS_ROLE_SESSION_NAME`.
    #[attr(validate = validate::length(2..=64), validate = validate::characters("_+=,.@-"))]
    pub session_name: Option<String>,
    /// How long its credentials live, from `15m` to `12h`; they are renewed in time. By default `1h`.
    #[attr(validate = checks::session_duration)]
    pub duration: Option<Duration>,
    /// Policy, as JSON, that narrows what the role may do.
    #[attr(validate = checks::json)]
    pub policy: Option<String>,
    /// ARNs of managed policies that narrow what the role may do.
    #[attr(validate = checks::policies)]
    pub policy_arns: Option<Set<String>>,
}

/// Tags that every taggable resource has.
#[derive(Model)]
pub struct DefaultTags {
    /// Tags by key. A resource's own tag of the same key wins.
    pub tags: Option<Tags>,
}

/// Tags that others set.
#[derive(Model)]
pub struct IgnoreTags {
    /// Keys of tags to leave alone.
    pub keys: Option<Set<String>>,
    /// Beginnings of keys of tags to leave alone.
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
    /// Endpoint of AWS STS. A role that a profile names is assumed at that of `AWS_ENDPOINT_URL_STS`.
    #[attr(validate = endpoints::check)]
    pub sts: Option<String>,
}

impl ServiceEndpoints {
    /// The names that are none of the service's own, each with that one.
    pub const OTHER_NAMES: [(Key<Self, String>, Key<Self, String>); 6] = [
        (Self::CLOUDWATCHEVENTS, Self::EVENTS),
        (Self::EVENTBRIDGE, Self::EVENTS),
        (Self::CLOUDWATCHLOG, Self::LOGS),
        (Self::CLOUDWATCHLOGS, Self::LOGS),
        (Self::S3API, Self::S3),
        (Self::STEPFUNCTIONS, Self::SFN),
    ];
}
