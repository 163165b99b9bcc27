//! `files_scratch`: a file that is there as long as a run of the CLI lasts.

use tfplugin::{Computed, Diagnostic, EphemeralResource, Failure, Lease, Model, Result, View};

use crate::folder::{Folder, fault_of};

/// A file for the length of a run. Nothing of it is stored.
#[derive(Model)]
pub struct Scratch {
    /// Where it is, relative to the provider's `root`.
    pub path: String,
    /// A word that nobody else knows, which is its content.
    #[attr(sensitive)]
    pub word: Computed<String>,
}

impl EphemeralResource for Scratch {
    const TYPE_NAME: &'static str = "scratch";
    type Client = Folder;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let fault = config.get(Self::PATH).known().and_then(|path| fault_of(&path));
        let told = |fault| Diagnostic::error("this path leads out of the folder").at(Self::PATH).detail(fault);
        fault.map(told).into_iter().collect()
    }

    async fn open(folder: &Folder, config: Self) -> Result<(Self, Lease)> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let word = format!("word-{}", now.map_or(0, |since| since.as_nanos()));
        folder.create(&config.path, &word)?;
        let lease = Lease { renew_at: None, private: config.path.clone().into() };
        Ok((Scratch { word: word.into(), ..config }, lease))
    }

    async fn close(folder: &Folder, lease: Lease) -> Result<()> {
        let path = lease.private.as_str().ok_or_else(|| Failure::new("the lease names no file"))?;
        folder.delete(path)
    }
}
