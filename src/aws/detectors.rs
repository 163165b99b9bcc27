//! What resources share about a detector: a read serves all concurrent requests, and writes take turns.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::Result;
use tokio::sync::OwnedMutexGuard;

use super::Explain;
use super::account::{Account, account_of, unknown};
use super::clients::{Aws, Locks};
use super::features::{Settings, detector_subject};
use super::flights::Flights;
use super::wait::LATE_READ;

type Answer = Option<Arc<GetDetectorOutput>>;

/// Reads in progress, and the turns of writers, by region and detector.
#[derive(Default)]
pub struct Detectors {
    reads: Flights<Answer>,
    writers: Locks,
    written: Written,
}

/// Features that were recently switched in this run, by region and detector.
#[derive(Default)]
pub struct Written(Mutex<HashMap<String, Vec<(Instant, Settings)>>>);

impl Written {
    /// Records that detector `key` now has these features.
    pub fn note(&self, key: &str, features: &Settings) {
        // A poisoned lock still holds complete entries.
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.entry(key.to_owned()).or_default().push((Instant::now(), features.clone()));
    }

    /// Returns what was read of detector `key`, with recent writes that it may not reflect yet.
    fn correct(&self, key: &str, mut found: GetDetectorOutput) -> GetDetectorOutput {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(changes) = written.get_mut(key) else { return found };
        changes.retain(|(when, _)| when.elapsed() < LATE_READ);
        for (name, setting) in changes.iter().flat_map(|(_, settings)| settings) {
            let features = found.features.iter_mut().flatten();
            let of_name = features.filter(|one| one.name.as_ref().is_some_and(|own| own.as_str() == name));
            of_name.for_each(|feature| setting.put(feature));
        }
        found
    }
}

/// The turn to write to a detector.
pub struct Turn {
    _guard: OwnedMutexGuard<()>,
}

impl Aws {
    /// Calls ListDetectors and returns the ID of the detector, or `None` if there is none in this region.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn detector_id(&self, region: &str) -> Result<Option<String>> {
        let listed = self.guardduty(region).list_detectors().send().await;
        let listed = listed.or_fail("look for", &detector_subject(region, "of this account"))?;
        Ok(listed.detector_ids().first().cloned())
    }

    /// Calls GetDetector once for all concurrent requests. Returns `None` if the detector does not exist.
    ///
    /// # Errors
    /// The detector cannot be read.
    pub async fn detector(&self, region: &str, id: &str) -> Result<Answer> {
        let read = || async {
            let found = self.guardduty(region).get_detector().detector_id(id).send().await;
            let found = found.if_found("read", &detector_subject(region, id))?;
            Ok(found.map(|found| Arc::new(self.detectors().written.correct(&format!("{region}/{id}"), found))))
        };
        self.detectors().reads.share(&format!("{region}/{id}"), read).await
    }

    /// Returns the account of detector `id` from the role that GetDetector returns.
    ///
    /// # Errors
    /// The call failed, or the detector does not exist.
    pub(super) async fn account_of_detector(&self, region: &str, id: &str) -> Result<Account> {
        let found = self.detector(region, id).await?;
        let role = found.as_ref().and_then(|found| found.service_role());
        role.and_then(account_of).ok_or_else(unknown)
    }

    /// Records that this run has switched features of detector `id`.
    pub(super) fn note_switched(&self, region: &str, id: &str, features: &Settings) {
        self.detectors().written.note(&format!("{region}/{id}"), features);
    }

    /// Waits for the turn to write to detector `id`.
    pub async fn detector_turn(&self, region: &str, id: &str) -> Turn {
        Turn { _guard: self.detectors().writers.turn(&format!("{region}/{id}")).await }
    }
}
