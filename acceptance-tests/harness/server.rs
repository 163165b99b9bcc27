//! The one LocalStack of a test run, and its control plane. It ends with the test process: its standard input closes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, process};

use serde_json::Value as Json;

use super::checkout;

/// A running LocalStack.
pub struct Server {
    endpoint: String,
    accounts: AtomicU64,
    // Held so that its standard input stays open.
    _child: Child,
}

/// The folder of what was installed once, which may be deleted at any time.
pub fn cache() -> PathBuf {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(env::home_dir()?.join(".cache"))).unwrap_or_default();
    base.join("terraform-provider-guardduty")
}

/// LocalStack's Python.
fn python() -> PathBuf {
    env::var_os("TFGD_VENV").map_or_else(|| cache().join("venv"), PathBuf::from).join("bin/python")
}

/// Unpacks a zip archive into `folder`.
pub fn unpack(archive: &Path, folder: &Path) {
    let mut command = Command::new(python());
    let unpacked = command.args(["-S", "-m", "zipfile", "-e"]).arg(archive).arg(folder).status().unwrap();
    assert!(unpacked.success(), "{} can't be unpacked", archive.display());
}

impl Server {
    /// The server of this test run, started at first use.
    pub fn shared() -> &'static Self {
        // A failure is kept too: one that did not start won't at the second try.
        static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
        SERVER.get_or_init(Server::start).as_ref().unwrap_or_else(|error| panic!("{error}"))
    }

    fn start() -> Result<Self, String> {
        let python = python();
        if !python.exists() {
            return Err(format!("there is no LocalStack for {}: `make test` installs it", python.display()));
        }
        let mut child = Command::new(python)
            .args(["-m", "localstack_guardduty", "--exit-with-stdin"])
            // This checkout's plugin, also if another checkout was the last to install its own.
            .env("PYTHONPATH", checkout().join("acceptance-tests/localstack/src"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str::<Json>(&line) else {
            let ended = child.wait().unwrap();
            return Err(format!("LocalStack did not start ({ended}); its words are on standard error"));
        };
        let endpoint = ready["endpoint"].as_str().expect("an endpoint").to_owned();
        Ok(Server { endpoint, accounts: AtomicU64::new(0), _child: child })
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// An account id that no other test of this run has.
    pub fn new_account(&self) -> String {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        format!("{:06}{:06}", 100_000 + process::id() % 800_000, number)
    }

    pub fn get(&self, path: &str) -> Json {
        ureq::get(format!("{}{path}", self.endpoint)).call().unwrap().body_mut().read_json().unwrap()
    }

    pub fn post(&self, path: &str, body: &Json) -> Json {
        ureq::post(format!("{}{path}", self.endpoint)).send_json(body).unwrap().body_mut().read_json().unwrap()
    }

    pub fn delete(&self, path: &str) {
        ureq::delete(format!("{}{path}", self.endpoint)).call().unwrap();
    }
}
