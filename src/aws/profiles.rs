//! The shared configuration files: which files are read, and the profiles in them.
//!
//! The SDK interprets a profile. This module only knows whether it exists, and its plain settings.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};
use tfplugin::{Diagnostic, Failure, Result, suggest, warn};

use super::cause::words;

/// Name of the default profile.
const DEFAULT: &str = "default";

/// Files to read instead of the usual ones.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// Instead of `~/.aws/config`.
    pub config: Vec<String>,
    /// Instead of `~/.aws/credentials`.
    pub credentials: Vec<String>,
}

/// The profiles of the shared configuration files, and the selected one.
#[derive(Debug)]
pub struct Profiles {
    files: EnvConfigFiles,
    places: Vec<PathBuf>,
    name: String,
    set: ProfileSet,
}

/// The reason why a profile cannot provide credentials.
#[derive(Debug)]
pub struct Fault {
    /// The problem with the profile.
    pub reason: String,
    /// How to fix it.
    pub advice: String,
}

impl Profiles {
    /// Reads the files. The selected profile is `name`, or otherwise that of `AWS_PROFILE`, or otherwise `default`.
    ///
    /// # Errors
    /// A file cannot be read, or is not a valid configuration file.
    pub async fn read(files: &Files, name: Option<&str>) -> Result<Self> {
        let (config, config_places) = places(&files.config, "AWS_CONFIG_FILE", "~/.aws/config");
        let (credentials, credentials_places) =
            places(&files.credentials, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
        let mut builder = EnvConfigFiles::builder()
            .include_default_config_file(files.config.is_empty())
            .include_default_credentials_file(files.credentials.is_empty());
        for file in config {
            builder = builder.with_file(EnvConfigFileKind::Config, file);
        }
        for file in credentials {
            builder = builder.with_file(EnvConfigFileKind::Credentials, file);
        }
        if !files.config.is_empty() && !files.credentials.is_empty() {
            // There must be one, and all files that are configured may be missing.
            builder = builder.with_contents(EnvConfigFileKind::Config, "");
        }
        let files = builder.build();
        let name = name
            .map(str::to_owned)
            .or_else(|| env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty()))
            .unwrap_or_else(|| DEFAULT.into());
        let set = aws_config::profile::load(&Fs::real(), &Env::real(), &files, Some(Cow::Owned(name.clone()))).await;
        let set = set.map_err(|error| {
            Failure::new("the shared configuration files of AWS can't be read").detail(format!("{}.", words(&error)))
        })?;
        Ok(Profiles { files, places: [config_places, credentials_places].concat(), name, set })
    }

    /// Returns the selected profile.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the files for the SDK.
    pub fn files(&self) -> EnvConfigFiles {
        self.files.clone()
    }

    /// Returns a setting of the selected profile.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.set.get(key)
    }

    /// Returns the files that are searched: `/home/ann/.aws/config and /home/ann/.aws/credentials`.
    pub fn places(&self) -> String {
        let places: Vec<_> = self.places.iter().map(|place| place.display().to_string()).collect();
        places.join(" and ")
    }

    /// Returns what to do if the profile provides no credentials.
    pub fn advice(&self) -> String {
        let has = |key| self.setting(key).is_some();
        let name = &self.name;
        if let Some(fault) = self.fault() {
            return fault.advice;
        }
        if has("sso_session") || has("sso_start_url") {
            format!("Sign in: aws sso login --profile {name}")
        } else if has("credential_process") {
            format!("Run the command of `credential_process` in the profile {name:?} by hand, to see what it says.")
        } else if has("role_arn") {
            format!("Check `role_arn` of the profile {name:?}, and where it takes its credentials from.")
        } else {
            format!("Give the profile {name:?} keys, a role, or a sign-in of IAM Identity Center: aws configure")
        }
    }

    /// Returns why the profile, or a profile that it takes its credentials from, cannot provide credentials, regardless
    /// of the SDK's error.
    pub fn fault(&self) -> Option<Fault> {
        self.chain().into_iter().find_map(|name| {
            let profile = self.set.get_profile(name)?;
            if profile.get("login_session").is_some() {
                return Some(Fault {
                    reason: format!("the profile {name:?} is one of `aws login`, which this provider does not read"),
                    advice: format!(
                        "Let the AWS CLI hand over the credentials: add `credential_process = aws configure \
                         export-credentials --profile {name}` to another profile, and use that one."
                    ),
                });
            }
            let session = profile.get("sso_session").filter(|session| self.set.sso_session(session).is_none())?;
            let places = self.places();
            Some(Fault {
                reason: format!("the profile {name:?} names the session {session:?}, which is not configured"),
                advice: format!(
                    "There is no section [sso-session {session}] in {places}. Add it, with `sso_start_url` and \
                     `sso_region`: aws configure sso-session"
                ),
            })
        })
    }

    /// Returns the profile and those that it takes its credentials from, in order.
    fn chain(&self) -> Vec<&str> {
        let mut chain = vec![self.name.as_str()];
        while let Some(name) = chain.last()
            && let Some(source) = self.set.get_profile(name).and_then(|profile| profile.get("source_profile"))
            && !chain.contains(&source)
        {
            chain.push(source);
        }
        chain
    }

    /// Checks that the profile and those that it takes its credentials from exist. The profile `default` is optional.
    ///
    /// # Errors
    /// A profile does not exist. The message contains the most similar one.
    pub fn check(&self) -> Result<()> {
        if self.name != DEFAULT {
            self.check_name(&self.name)?;
        }
        let mut name = self.name.as_str();
        let mut seen = vec![name];
        while let Some(source) = self.set.get_profile(name).and_then(|profile| profile.get("source_profile")) {
            let of_source = format!("The profile {name:?} takes its credentials from it (`source_profile`).");
            self.check_name(source).map_err(|failure| failure.detail(of_source))?;
            if seen.contains(&source) {
                return Ok(()); // One with keys may name itself; of other circles the SDK tells.
            }
            seen.push(source);
            name = source;
        }
        Ok(())
    }

    fn check_name(&self, name: &str) -> Result<()> {
        if self.set.get_profile(name).is_some() {
            return Ok(());
        }
        let mut names: Vec<_> = self.set.profiles().collect();
        names.sort_unstable();
        let missing = self.places.iter().filter(|place| !place.exists()).map(|place| place.display().to_string());
        let missing: Vec<_> = missing.collect();
        let mut failure = Failure::new(format!("there is no AWS profile {name:?}"))
            .detail(format!("Looked for in {}.", self.places()));
        if !missing.is_empty() {
            failure = failure.detail(format!("Not there: {}.", missing.join(", ")));
        }
        let others = match names.as_slice() {
            [] => "No file has any profile.".to_owned(),
            names => suggest::allowed(name, names.iter().copied()),
        };
        Err(failure.detail(others))
    }
}

/// Returns the existing files of those that are `named`, and all files that are searched.
fn places(named: &[String], variable: &str, usual: &str) -> (Vec<PathBuf>, Vec<PathBuf>) {
    if named.is_empty() {
        let place = env::var(variable).unwrap_or_else(|_| usual.to_owned());
        return (Vec::new(), vec![at_home(&place)]);
    }
    let all: Vec<_> = named.iter().map(|file| at_home(file)).collect();
    let (there, missing): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|file| file.exists());
    for file in missing {
        let text = format!("the shared configuration file {} is not there", file.display());
        warn(Diagnostic::warning(text).detail("It is passed over, as if it were empty."));
    }
    (there, all)
}

/// Returns the path with a leading `~/` replaced by the home folder.
pub fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => Path::new(path).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn text(failure: &Failure) -> String {
        failure.to_string()
    }

    #[tokio::test]
    async fn a_profile_that_is_not_there_is_named_with_the_files_and_the_nearest() {
        let folder = tempfile::tempdir().unwrap();
        let [config, credentials] = ["config", "credentials"].map(|name| folder.path().join(name));
        fs::write(&config, "[profile security]\nregion = eu-central-1\n[default]\n").unwrap();
        fs::write(&credentials, "[platform]\naws_access_key_id = AKIA\naws_secret_access_key = s3cr3t\n").unwrap();
        let files = Files {
            config: vec![config.display().to_string()],
            credentials: vec![credentials.display().to_string(), "/nowhere/credentials".to_owned()],
        };
        let profiles = Profiles::read(&files, Some("security")).await.unwrap();
        assert_eq!(profiles.check(), Ok(()));
        assert_eq!(profiles.setting("region"), Some("eu-central-1"));
        assert_eq!(Profiles::read(&files, Some("platform")).await.unwrap().check(), Ok(()));
        assert_eq!(Profiles::read(&files, Some("default")).await.unwrap().check(), Ok(()));

        let failure = Profiles::read(&files, Some("securty")).await.unwrap().check().unwrap_err();
        let expected = format!(
            "there is no AWS profile \"securty\"
  Looked for in {} and {} and /nowhere/credentials.
  Not there: /nowhere/credentials.
  Did you mean \"security\"? Allowed: \"default\", \"platform\", \"security\".
",
            config.display(),
            credentials.display()
        );
        assert_eq!(text(&failure), expected);
    }

    #[tokio::test]
    async fn the_profile_that_another_takes_its_credentials_from_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        let role = "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile";
        let text = format!(
            "[profile hub]\n{role} = base\n[profile second]\n{role} = hub\n[profile third]\n{role} = bsae\n[profile \
             fourth]\n{role} = third\n[profile self]\n{role} = self\n[profile base]\nregion = eu-west-1\n"
        );
        fs::write(&config, text).unwrap();
        let file = config.display().to_string();
        let files = Files { config: vec![file.clone()], credentials: vec![file] };
        let check = async |name| Profiles::read(&files, Some(name)).await.unwrap().check();
        for name in ["hub", "second", "self"] {
            assert_eq!(check(name).await, Ok(()), "{name}");
        }
        for name in ["third", "fourth"] {
            let text = text_of(&check(name).await);
            assert!(text.contains("there is no AWS profile \"bsae\"") && text.contains("\"base\"?"), "{text}");
            assert!(text.contains("The profile \"third\" takes its credentials from it (`source_profile`)"), "{text}");
        }
    }

    fn text_of(result: &Result<()>) -> String {
        result.as_ref().map_err(text).unwrap_err()
    }

    #[tokio::test]
    async fn the_advice_is_that_of_the_profile_s_kind() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        let files = Files { config: vec![config.display().to_string()], credentials: vec!["/nowhere".to_owned()] };
        for (setting, advice) in [
            ("sso_session = corp\n[sso-session corp]\nsso_region = eu-west-1", "aws sso login --profile p"),
            ("sso_session = corp", "There is no section [sso-session corp] in"),
            ("login_session = arn:aws:iam::111122223333:user/ada", "aws configure export-credentials --profile p"),
            ("sso_start_url = https://x.awsapps.com/start", "aws sso login --profile p"),
            ("credential_process = /opt/keys", "Run the command of `credential_process` in the profile \"p\""),
            ("role_arn = arn:aws:iam::111122223333:role/r", "Check `role_arn` of the profile \"p\""),
            ("region = eu-west-1", "Give the profile \"p\" keys"),
        ] {
            fs::write(&config, format!("[profile p]\n{setting}\n")).unwrap();
            let told = Profiles::read(&files, Some("p")).await.unwrap().advice();
            assert!(told.contains(advice), "{told}");
        }
    }

    #[tokio::test]
    async fn a_file_of_another_kind_is_refused_without_showing_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        fs::write(&file, "[default]\naws_secret_access_key\n").unwrap();
        let files = Files { config: vec![file.display().to_string()], credentials: Vec::new() };
        let failure = text(&Profiles::read(&files, None).await.unwrap_err());
        assert!(failure.contains("can't be read") && failure.contains("config"), "{failure}");
    }
}
