//! What there is, by type and name: in memory, or in a file for as many processes as there will be. It knows no type.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

use serde_json::{Map, Value as Json};
use tfplugin::protocol::json;
use tfplugin::{Failure, Model, Path, Resource, Result, Stop};

/// What there is.
#[derive(Default)]
pub struct Store {
    kept: Mutex<Map<String, Json>>,
    ledger: Option<PathBuf>,
    pub stop: Stop,
}

impl Store {
    /// What the file `ledger` says that there is.
    pub fn in_file(ledger: impl Into<PathBuf>) -> Self {
        Store { ledger: Some(ledger.into()), ..Store::default() }
    }

    /// What has this name. Private values are not kept here.
    pub fn get<R: Resource + Model>(&self, name: &str) -> Result<Option<R>> {
        let Some(found) = self.kept()?.get(&key::<R>(name)).cloned() else { return Ok(None) };
        let found = json::read(&found, &R::object().value_type());
        let found = found.map_err(|error| Failure::new("the ledger is no ledger").detail(error.to_string()))?;
        R::from_object(&found, &Path::root()).map(Some)
    }

    /// The same, for a run that this may stop.
    pub fn until(self, stop: Stop) -> Self {
        Store { stop, ..self }
    }

    /// From now on there is this.
    pub fn put<R: Resource + Model>(&self, name: &str, thing: &R) -> Result<()> {
        let mut kept = self.kept()?;
        kept.insert(key::<R>(name), json::write(&thing.to_object(), &R::object().value_type()));
        self.write(&kept)
    }

    /// From now on there is none.
    pub fn take<R: Resource>(&self, name: &str) -> Result<()> {
        let mut kept = self.kept()?;
        kept.remove(&key::<R>(name));
        self.write(&kept)
    }

    fn kept(&self) -> Result<MutexGuard<'_, Map<String, Json>>> {
        let mut kept = self.kept.lock().unwrap();
        let written = self.ledger.as_ref().and_then(|ledger| fs::read_to_string(ledger).ok());
        if let Some(text) = written {
            let read = serde_json::from_str(&text);
            *kept = read.map_err(|error| Failure::new("the ledger can't be read").detail(error.to_string()))?;
        }
        Ok(kept)
    }

    fn write(&self, kept: &Map<String, Json>) -> Result<()> {
        let Some(ledger) = &self.ledger else { return Ok(()) };
        let written = fs::write(ledger, Json::Object(kept.clone()).to_string());
        written.map_err(|error| Failure::new("the ledger can't be written").detail(error.to_string()))
    }
}

fn key<R: Resource>(name: &str) -> String {
    format!("{} {name}", R::TYPE_NAME)
}
