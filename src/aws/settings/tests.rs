use std::fs;

use super::*;
use crate::aws::testing::{Fake, settings};

/// FIPS 140 and dual-stack endpoints at the same time.
const BOTH: [&str; 3] =
    ["guardduty-fips.us-east-1.api.aws", "ecs-fips.us-east-1.api.aws", "sts-fips.us-west-2.api.aws"];

async fn hosts(settings: Settings) -> Vec<String> {
    let fake = Fake::with_sts();
    let aws = fake.aws(settings).await.unwrap();
    aws.guardduty("us-east-1").list_detectors().send().await.unwrap();
    let _ = aws.ecs("us-east-1").list_clusters().send().await;
    aws.account("us-east-1").await.unwrap();
    fake.sent().iter().map(|sent| sent.uri.split('/').nth(2).unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn endpoints_are_those_that_the_block_asks_for() {
    let plain = ["guardduty.us-east-1.amazonaws.com", "ecs.us-east-1.amazonaws.com", "sts.eu-central-1.amazonaws.com"];
    assert_eq!(hosts(settings()).await, plain);

    let fips = Settings {
        use_fips: Some(true),
        sts_region: Some("us-west-2".to_owned()),
        endpoints: [("ecs".to_owned(), "https://ecs.example.com".to_owned())].into(),
        ..settings()
    };
    let expected = ["guardduty-fips.us-east-1.amazonaws.com", "ecs.example.com", "sts-fips.us-west-2.amazonaws.com"];
    assert_eq!(hosts(fips).await, expected, "an endpoint of one's own is used as it is");

    let dual = Settings {
        use_dual_stack: Some(true),
        endpoints: [("sts".to_owned(), "https://sts.example.com".to_owned())].into(),
        ..settings()
    };
    let expected = ["guardduty.us-east-1.api.aws", "ecs.us-east-1.api.aws", "sts.example.com"];
    assert_eq!(hosts(dual).await, expected);

    let both = Settings {
        use_fips: Some(true),
        use_dual_stack: Some(true),
        sts_region: Some("us-west-2".to_owned()),
        ..settings()
    };
    assert_eq!(hosts(both).await, BOTH);
}

#[tokio::test]
async fn the_kind_of_endpoints_comes_from_the_block_or_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, "[profile p]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n").unwrap();
    let mut of_profile = Settings { sts_region: Some("us-west-2".to_owned()), ..settings() };
    of_profile.source.profile = Some("p".to_owned());
    of_profile.files.config = vec![file.display().to_string()];
    assert_eq!(hosts(of_profile.clone()).await, BOTH);
    let of_block = Settings { use_fips: Some(false), use_dual_stack: Some(false), ..of_profile };
    let plain = ["guardduty.us-east-1.amazonaws.com", "ecs.us-east-1.amazonaws.com", "sts.us-west-2.amazonaws.com"];
    assert_eq!(hosts(of_block).await, plain);
}

#[tokio::test]
async fn a_call_is_tried_again_as_often_as_the_block_says() {
    for (retries, attempts) in [(0, 1), (1, 2)] {
        let fake = Fake::new(|_| (500, "{}".to_owned()));
        let settings = Settings { max_retries: Some(retries), ..settings() };
        let aws = fake.aws(settings).await.unwrap();
        assert!(aws.guardduty("us-east-1").list_detectors().send().await.is_err());
        assert_eq!(fake.log().len(), attempts, "{retries}");
    }
}

#[tokio::test]
async fn retries_come_from_the_block_or_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let mut settings = settings();
    settings.files.config = vec![file.display().to_string()];
    let read = async |text: &str| {
        fs::write(&file, text).unwrap();
        Profiles::read(&settings.files, Some("p")).await.unwrap()
    };
    let profile = read("[profile p]\nmax_attempts = 4\nretry_mode = adaptive\n").await;
    let retries = settings.retries(&profile).unwrap();
    assert_eq!((retries.max_attempts(), retries.mode()), (4, RetryMode::Adaptive));
    let block = Settings { max_retries: Some(2), retry_mode: Some(RetryMode::Standard), ..settings.clone() };
    let retries = block.retries(&profile).unwrap();
    assert_eq!((retries.max_attempts(), retries.mode()), (3, RetryMode::Standard));
    let retries = settings.retries(&read("[profile p]\n").await).unwrap();
    assert_eq!((retries.max_attempts(), retries.mode()), (ATTEMPTS, RetryMode::Standard));
    for (text, problem) in [
        ("max_attempts = 0", "\"0\" is not a whole number from 1."),
        ("max_attempts = many", "\"many\" is not a whole number from 1."),
        ("retry_mode = wild", "\"wild\" is neither \"standard\" nor \"adaptive\"."),
    ] {
        let failure = settings.retries(&read(&format!("[profile p]\n{text}\n")).await).unwrap_err();
        assert!(failure.to_string().contains(problem), "{failure}");
    }
}

#[tokio::test]
async fn each_client_tries_again_in_the_mode_that_is_asked_for() {
    for (asked, expected) in [
        (None, RetryMode::Standard),
        (Some(RetryMode::Standard), RetryMode::Standard),
        (Some(RetryMode::Adaptive), RetryMode::Adaptive),
    ] {
        let aws = Fake::with_sts().aws(Settings { retry_mode: asked, ..settings() }).await.unwrap();
        let (guardduty, ecs) = (aws.guardduty("us-east-1"), aws.ecs("us-west-2"));
        let modes = [guardduty.config().retry_config(), ecs.config().retry_config()];
        assert_eq!(modes.map(|retries| retries.map(RetryConfig::mode)), [Some(expected); 2], "{asked:?}");
    }
}

#[tokio::test]
async fn what_can_t_be_followed_is_told_with_what_is_at_fault() {
    let fault = async |settings: Settings| Fake::with_sts().aws(settings).await.err().map(|misfit| misfit.about);
    assert_eq!(fault(settings()).await, None);
    let mut wrong = settings();
    wrong.source.profile = Some("nobody".to_owned());
    wrong.files.config = vec!["/nowhere/config".to_owned()];
    wrong.files.credentials = wrong.files.config.clone();
    assert_eq!(fault(wrong).await, Some(About::Profile));
    let mut wrong = settings();
    wrong.transport.ca_bundle = Some("/nowhere/ca.pem".to_owned());
    assert_eq!(wrong.http().err().map(|misfit| misfit.about), Some(About::Trust));
    assert!(settings().check_region("eu-cental-1").is_err());
    let any = Settings { is_any_region: true, ..settings() };
    assert_eq!(any.check_region("eu-cental-1"), Ok(()));
}

#[tokio::test]
async fn a_region_that_only_apply_knows_is_not_that_of_the_profile() {
    let fake = Fake::with_sts();
    let late = Settings { region: RegionSetting::NotKnownYet, ..settings() };
    let aws = fake.aws(late).await.unwrap();
    assert_eq!((aws.default_region().await, aws.planned_region().await), (None, Ok(None)));
    assert_eq!(aws.account("eu-west-1").await.unwrap().partition, "aws");
    let uri = &fake.sent()[0].uri;
    assert!(uri.starts_with("https://sts.us-east-1.amazonaws.com"), "{uri}");
}
