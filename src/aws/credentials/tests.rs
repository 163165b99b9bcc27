use std::process::Command;
use std::{env, fs};

use serde_json::json;

use super::*;
use crate::aws::testing::{ACCOUNT, Fake, Sent, answer_of_sts, role, settings, sts};
use crate::aws::{Aws, Explain, Settings, Subject};

/// Returns the message of a failed ListDetectors call.
async fn told(aws: &Aws) -> String {
    let listed = aws.guardduty("eu-central-1").list_detectors().send().await;
    listed.or_fail("look for", &Subject::new("detectors", "eu-central-1")).unwrap_err().to_string()
}

async fn list(aws: &Aws, region: &str) {
    aws.guardduty(region).list_detectors().send().await.unwrap();
}

fn with_roles(roles: Vec<Role>) -> Settings {
    let mut settings = settings();
    settings.source.roles = roles;
    settings
}

fn allowing(accounts: &[&str]) -> Settings {
    let mut settings = settings();
    settings.accounts.allowed = accounts.iter().map(|id| (*id).to_owned()).collect();
    settings
}

#[tokio::test]
async fn roles_are_assumed_one_with_the_other_once_and_only_when_needed() {
    let fake = Fake::with_sts();
    let first = Role {
        duration: Some(Duration::from_secs(1800)),
        external_id: Some("ticket-7".to_owned()),
        policy: Some("{\"Version\":\"2012-10-17\"}".to_owned()),
        policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
        session_name: Some("pipeline".to_owned()),
        source_identity: Some("ann".to_owned()),
        tags: [("team".to_owned(), "security".to_owned())].into(),
        transitive_tag_keys: vec!["team".to_owned()],
        ..role("first")
    };
    let aws = fake.aws(with_roles(vec![first, role("second")])).await.unwrap();
    assert_eq!(fake.log(), Vec::<String>::new(), "making the clients asks nothing");
    list(&aws, "eu-central-1").await;
    list(&aws, "us-east-1").await;
    let account = aws.account("eu-central-1").await.unwrap();
    assert_eq!(account.id, ACCOUNT);
    let expected = [
        "KEY AssumeRole",
        "OF-first AssumeRole",
        "OF-second detector",
        "OF-second detector",
        "OF-second GetCallerIdentity",
    ];
    assert_eq!(fake.log(), expected);

    let sent = &fake.sent()[0];
    assert!(sent.uri.starts_with("https://sts.eu-central-1.amazonaws.com"), "{}", sent.uri);
    for part in [
        "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Ffirst",
        "DurationSeconds=1800",
        "ExternalId=ticket-7",
        "Policy=%7B%22Version%22",
        "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess",
        "RoleSessionName=pipeline",
        "SourceIdentity=ann",
        "Tags.member.1.Key=team&Tags.member.1.Value=security",
        "TransitiveTagKeys.member.1=team",
    ] {
        assert!(sent.body.contains(part), "{part} is not in {}", sent.body);
    }
    let plain = &fake.sent()[1].body;
    assert!(plain.contains("RoleSessionName=terraform-provider-guardduty-"), "{plain}");
    assert!(!plain.contains("DurationSeconds") && !plain.contains("Tags"), "what isn't set isn't sent: {plain}");
}

#[tokio::test]
async fn credentials_are_renewed_before_their_end() {
    let fake = Fake::new(|sent| answer_of_sts(sent, 5));
    let aws = fake.aws(with_roles(vec![role("short")])).await.unwrap();
    list(&aws, "eu-central-1").await;
    list(&aws, "us-east-1").await;
    assert_eq!(fake.log().iter().filter(|call| *call == "KEY AssumeRole").count(), 2, "{:?}", fake.log());
}

#[tokio::test]
async fn a_web_identity_proves_itself_without_keys_and_before_other_roles() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "header.claims.signature\n").unwrap();
    let mut settings = with_roles(vec![role("next")]);
    let of = |token| Some(WebIdentity { role: role("web"), token });
    settings.source.web_identity = of(Token::File(file.display().to_string()));
    let fake = Fake::with_sts();
    list(&fake.aws(settings.clone()).await.unwrap(), "eu-central-1").await;
    assert_eq!(fake.log(), [" AssumeRoleWithWebIdentity", "OF-web AssumeRole", "OF-next detector"]);
    let body = &fake.sent()[0].body;
    assert!(body.contains("WebIdentityToken=header.claims.signature&") || body.ends_with("=header.claims.signature"));

    settings.source.web_identity = of(Token::File("/nowhere/token".to_owned()));
    let text = told(&Fake::with_sts().aws(settings.clone()).await.unwrap()).await;
    assert!(text.contains("the token of the web identity can't be read from /nowhere/token: No such file"), "{text}");

    settings.source.web_identity = of(Token::Text("header.claims.signature".to_owned()));
    let fake = Fake::new(|_| refusal("InvalidIdentityToken", "The token is not for this audience."));
    let text = told(&fake.aws(settings).await.unwrap()).await;
    assert!(text.contains("can't be assumed with the web identity: InvalidIdentityToken: The token is not"), "{text}");
    assert!(text.contains("Check the token") && !text.contains("signature"), "{text}");
}

#[tokio::test]
async fn an_account_that_is_not_allowed_is_sent_nothing() {
    let fake = Fake::with_sts();
    let aws = fake.aws(allowing(&["444455556666"])).await.unwrap();
    let expected = "cannot look for detectors
  eu-central-1, guardduty:ListDetectors: the credentials belong to the AWS account 111122223333, which `allowed_account_ids` doesn't allow
  Nothing was sent to it. Allowed: 444455556666. Check the profile, the keys and the roles that the provider is given.
";
    assert_eq!(told(&aws).await, expected);
    assert_eq!(told(&aws).await, expected);
    assert!(aws.account("eu-central-1").await.unwrap_err().to_string().contains("`allowed_account_ids`"));
    assert_eq!(fake.log(), ["KEY GetCallerIdentity"], "asked once, and nothing else");

    let mut forbidding = settings();
    forbidding.accounts.forbidden = vec![ACCOUNT.to_owned()];
    let fake = Fake::with_sts();
    let text = told(&fake.aws(forbidding).await.unwrap()).await;
    assert!(text.contains("which `forbidden_account_ids` forbids"), "{text}");
    assert_eq!(fake.log(), ["KEY GetCallerIdentity"]);
}

#[tokio::test]
async fn the_account_is_asked_for_once_before_all_other_calls() {
    let fake = Fake::with_sts();
    let aws = fake.aws(allowing(&[ACCOUNT])).await.unwrap();
    let calls = (0..8).map(|_| list(&aws, "eu-central-1"));
    futures_util::future::join_all(calls).await;
    assert_eq!(aws.account("eu-central-1").await.unwrap().id, ACCOUNT);
    let log = fake.log();
    assert_eq!((log[0].as_str(), log.len()), ("KEY GetCallerIdentity", 9), "{log:?}");
    assert!(log[1..].iter().all(|call| call == "KEY detector"));

    let fake = Fake::with_sts();
    let aws = fake.aws(allowing(&[ACCOUNT])).await.unwrap();
    assert_eq!(aws.account("us-east-1").await.unwrap().partition, "aws", "it doesn't wait for itself");
    assert_eq!(fake.log(), ["KEY GetCallerIdentity"]);
}

#[tokio::test]
async fn nobody_is_asked_for_the_account_if_that_is_forbidden() {
    let fake = Fake::with_sts();
    let mut unasked = with_roles(vec![role("first")]);
    unasked.accounts.is_never_asked = true;
    unasked.accounts.allowed = vec![ACCOUNT.to_owned()];
    let aws = fake.aws(unasked).await.unwrap();
    list(&aws, "eu-central-1").await;
    assert_eq!(aws.account("eu-central-1").await.unwrap().id, ACCOUNT, "the role says it");
    assert_eq!(fake.log(), ["KEY AssumeRole", "OF-first detector"]);

    let fake = Fake::with_sts();
    let mut unasked = settings();
    unasked.region = crate::aws::RegionSetting::Is("cn-north-1".to_owned());
    unasked.accounts.is_never_asked = true;
    let aws = fake.aws(unasked).await.unwrap();
    assert_eq!(
        aws.account("cn-north-1").await,
        Ok(&Account { id: String::new(), partition: "aws-cn".to_owned() }),
        "keys don't say it"
    );
    assert_eq!(fake.log(), Vec::<String>::new());
}

fn refusal(code: &str, message: &str) -> (u16, String) {
    (400, format!("<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"))
}

#[tokio::test]
async fn what_sts_refuses_is_told_once_with_the_role() {
    let fake = Fake::new(|sent: &Sent| match sent.what() {
        "AssumeRole" => refusal("AccessDenied", "User: ann is not authorized to perform: sts:AssumeRole"),
        _ => sts(sent),
    });
    let text = told(&fake.aws(with_roles(vec![role("closed")])).await.unwrap()).await;
    let expected = "cannot look for detectors
  eu-central-1, guardduty:ListDetectors: the role arn:aws:iam::111122223333:role/closed can't be assumed: AccessDenied: User: ann is not \
authorized to perform: sts:AssumeRole
  Check the role's ARN, and that its trust policy lets these credentials assume it.
";
    assert_eq!(text, expected);

    let fake = Fake::new(|_| refusal("ExpiredToken", "The security token included in the request is expired"));
    let text = told(&fake.aws(allowing(&[ACCOUNT])).await.unwrap()).await;
    assert!(text.contains("STS does not say whose credentials these are: ExpiredToken"), "{text}");
    assert!(text.contains("The session of the credentials has ended: sign in again."), "{text}");
}

#[tokio::test]
async fn that_a_profile_has_no_credentials_is_told_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, "[profile empty]\nregion = eu-west-1\n").unwrap();
    let mut of_profile = settings();
    of_profile.source.keys = None;
    of_profile.source.profile = Some("empty".to_owned());
    of_profile.files.config = vec![file.display().to_string()];
    of_profile.files.credentials = vec![file.display().to_string()];
    let fake = Fake::with_sts();
    let text = told(&fake.aws(of_profile).await.unwrap()).await;
    let place = file.display();
    assert!(text.contains(&format!("no AWS credentials in the profile \"empty\" of {place} and {place}")), "{text}");
    assert!(text.contains("Give the profile \"empty\" keys, a role, or a sign-in"), "{text}");
    assert_eq!(fake.log(), Vec::<String>::new());
}

/// Returns settings with the profile `p`, with `text` as the configuration file.
fn of_profile(folder: &std::path::Path, text: &str) -> Settings {
    let file = folder.join("config");
    fs::write(&file, text).unwrap();
    let mut settings = settings();
    settings.source.keys = None;
    settings.source.profile = Some("p".to_owned());
    settings.files.config = vec![file.display().to_string()];
    settings.files.credentials = settings.files.config.clone();
    settings
}

#[tokio::test]
async fn a_profile_may_have_its_keys_from_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    fs::write(&keys, r#"{"Version": 1, "AccessKeyId": "OF-COMMAND", "SecretAccessKey": "s"}"#).unwrap();
    let fake = Fake::with_sts();
    let good = format!("[profile p]\ncredential_process = cat {}\n", keys.display());
    list(&fake.aws(of_profile(folder.path(), &good)).await.unwrap(), "eu-central-1").await;
    assert_eq!(fake.log(), ["OF-COMMAND detector"]);

    let fake = Fake::with_sts();
    let bad = "[profile p]\ncredential_process = false\n";
    let text = told(&fake.aws(of_profile(folder.path(), bad)).await.unwrap()).await;
    assert!(text.contains("the AWS credentials of the profile \"p\"") && text.contains("can't be had"), "{text}");
    assert!(text.contains("Run the command of `credential_process` in the profile \"p\" by hand"), "{text}");
    assert_eq!(fake.log(), Vec::<String>::new());
}

#[tokio::test]
async fn a_profile_may_assume_a_role_with_another() {
    let folder = tempfile::tempdir().unwrap();
    let base = "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n";
    let text = format!("{base}[profile p]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/hub\nsource_profile = base\n");
    let fake = Fake::with_sts();
    list(&fake.aws(of_profile(folder.path(), &text)).await.unwrap(), "eu-central-1").await;
    assert_eq!(fake.log(), ["BASE AssumeRole", "OF-hub detector"]);
    assert!(fake.sent()[0].uri.starts_with("https://sts.eu-central-1.amazonaws.com"), "{}", fake.sent()[0].uri);

    let missing = text.replace("[profile base]", "[profile bsae]");
    let misfit = Fake::with_sts().aws(of_profile(folder.path(), &missing)).await.err().unwrap();
    assert!(misfit.failure.to_string().contains("there is no AWS profile \"base\""), "{}", misfit.failure);
}

/// Returns a profile of IAM Identity Center, which is in a region of its own.
fn sign_in() -> String {
    format!(
        "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n[profile \
         p]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = Security\n"
    )
}

#[tokio::test]
async fn a_profile_whose_sign_in_has_ended_says_how_to_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let text = told(&Fake::with_sts().aws(of_profile(folder.path(), &sign_in())).await.unwrap()).await;
    assert!(text.contains("Sign in: aws sso login --profile p"), "{text}");
}

#[tokio::test]
async fn a_profile_that_can_not_give_credentials_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let told =
        async |profile: &str| told(&Fake::with_sts().aws(of_profile(folder.path(), profile)).await.unwrap()).await;
    let login = "[profile p]\nlogin_session = arn:aws:iam::111122223333:user/ada\n";
    let text = told(login).await;
    assert!(text.contains("is one of `aws login`") && text.contains("export-credentials --profile p"), "{text}");
    assert!(!text.contains("cargo"), "{text}");
    let role = format!("[profile p]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/hub\nsource_profile = q\n");
    let text = told(&format!("{role}{}", login.replace("profile p", "profile q"))).await;
    assert!(text.contains("the profile \"q\" is one of `aws login`"), "{text}");
    let without = sign_in().split_once("[profile").map(|(_, rest)| format!("[profile{rest}")).unwrap();
    let text = told(&without).await;
    assert!(text.contains("[sso-session corp]") && !text.contains("aws sso login"), "{text}");
}

#[test]
fn a_profile_whose_sign_in_lasts_gives_the_keys_of_its_role() {
    // The token of a sign-in is in the home folder of the process, so this test runs in a process of its own.
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    let token = json!({"accessToken": "tOkEnOfSiGnIn", "expiresAt": "2100-01-01T00:00:00Z"});
    // The name of the file is the SHA-1 of the session's name.
    fs::write(cache.join("ee0bfd2552fbd840c02cc48b6e823320543c450f.json"), token.to_string()).unwrap();
    let (_, module) = module_path!().split_once("::").unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([&format!("{module}::signed_in"), "--exact", "--ignored"]).env("HOME", home.path());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "is the process that the test before it starts"]
async fn signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(|sent| {
        let keys = json!({
            "accessKeyId": "OF-SIGN-IN", "secretAccessKey": "s", "sessionToken": "t", "expiration": 4_102_444_800_000_i64,
        });
        if sent.token.is_empty() { sts(sent) } else { (200, json!({"roleCredentials": keys}).to_string()) }
    });
    let aws = fake.aws(of_profile(folder.path(), &sign_in())).await.unwrap();
    list(&aws, "us-east-1").await;
    list(&aws, "us-east-1").await;
    let asked = format!(" federation/credentials?role_name=Security&account_id={ACCOUNT}");
    assert_eq!(fake.log(), [&asked, "OF-SIGN-IN detector", "OF-SIGN-IN detector"]);
    let sent = &fake.sent()[0];
    assert_eq!(sent.token, "tOkEnOfSiGnIn");
    assert!(sent.uri.starts_with("https://portal.sso.eu-west-1.amazonaws.com/"), "{}", sent.uri);
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let fake = Fake::with_sts();
    let aws = fake.aws(with_roles(vec![role("first")])).await.unwrap();
    assert!(!format!("{:?} {:?}", aws.gate(), settings().source.roles).contains("sEcReT"));
}
