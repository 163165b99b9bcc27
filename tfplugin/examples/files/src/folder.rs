//! What calls are made with: the folder. It knows no type of the provider. A remote service would be asked with `await`.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use tfplugin::{Failure, Result};

/// A folder.
pub struct Folder(PathBuf);

/// Why `path` does not stay inside a folder, if it doesn't.
pub fn fault_of(path: &str) -> Option<&'static str> {
    let stays = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    match (path.is_empty(), stays) {
        (true, _) => Some("A path has at least one part."),
        (_, false) => Some("A path is relative to the provider's `root`, and does not leave it."),
        _ => None,
    }
}

/// A short sign of `text`, by which a change is seen.
pub fn fingerprint(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

impl Folder {
    /// The folder at `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Folder(root.into())
    }

    /// The text of the file at `path`; `None` if there is none.
    pub fn read(&self, path: &str) -> Result<Option<String>> {
        match fs::read_to_string(self.0.join(path)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure("read", path, &error)),
        }
    }

    /// Makes a file at `path`, where there must be none.
    pub fn create(&self, path: &str, text: &str) -> Result<()> {
        if self.read(path)?.is_some() {
            return Err(
                Failure::new(format!("there is a file at {path} already")).detail("Import it, or choose another path.")
            );
        }
        self.write(path, text)
    }

    /// Makes the file at `path` one with `text`.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        let file = self.0.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(|error| failure("make the folder of", path, &error))?;
        }
        fs::write(file, text).map_err(|error| failure("write", path, &error))
    }

    /// Deletes the file at `path`. That it is gone already is no error.
    pub fn delete(&self, path: &str) -> Result<()> {
        match fs::remove_file(self.0.join(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failure("delete", path, &error)),
            _ => Ok(()),
        }
    }
}

fn failure(what: &str, path: &str, error: &io::Error) -> Failure {
    Failure::new(format!("cannot {what} {path}")).because(error)
}
