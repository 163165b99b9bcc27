//! What resources share of one detector: a read serves all who ask for it at the same time, and writes take turns.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::Result;
use tokio::sync::{OnceCell, OwnedMutexGuard};

use super::Explain;
use super::clients::{Aws, Locks};
use super::features::detector_subject;

/// How long a read answers for others, in seconds: as long as a refresh of many resources takes.
const FRESH_SECONDS: u64 = 5;

type Answer = Option<Arc<GetDetectorOutput>>;

struct Entry {
    since: Instant,
    answer: Arc<OnceCell<Answer>>,
}

/// Reads that are under way or fresh, and the turns of writers, by region and detector.
#[derive(Default)]
pub struct Detectors {
    reads: Mutex<HashMap<String, Entry>>,
    writers: Locks,
}

impl Detectors {
    fn entry(&self, key: &str) -> Arc<OnceCell<Answer>> {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.retain(|_, entry| entry.since.elapsed() < Duration::from_secs(FRESH_SECONDS));
        let fresh = || Entry { since: Instant::now(), answer: Arc::default() };
        reads.entry(key.to_owned()).or_insert_with(fresh).answer.clone()
    }

    fn forget(&self, key: &str) {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// The right to write to one detector. Whoever held it has changed the detector: reads begin anew.
pub struct Turn<'a> {
    aws: &'a Aws,
    key: String,
    _guard: OwnedMutexGuard<()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.aws.detectors().forget(&self.key);
    }
}

impl Aws {
    /// ListDetectors: the id of this account's detector; `None` if it has none in this region.
    ///
    /// # Errors
    /// What the call failed with.
    pub async fn detector_id(&self, region: &str) -> Result<Option<String>> {
        let listed = self.guardduty(region).list_detectors().send().await;
        let listed = listed.or_fail("look for", &detector_subject(region, "of this account"))?;
        Ok(listed.detector_ids().first().cloned())
    }

    /// GetDetector, shared by all who ask within a few seconds; `None` if there is no such detector.
    ///
    /// # Errors
    /// That it can't be read.
    pub async fn detector(&self, region: &str, id: &str) -> Result<Answer> {
        let cell = self.detectors().entry(&format!("{region}/{id}"));
        let read = || async {
            let found = self.guardduty(region).get_detector().detector_id(id).send().await;
            Ok(found.if_found("read", &detector_subject(region, id))?.map(Arc::new))
        };
        cell.get_or_try_init(read).await.cloned()
    }

    /// Waits for the turn to write to detector `id`.
    pub async fn detector_turn(&self, region: &str, id: &str) -> Turn<'_> {
        let key = format!("{region}/{id}");
        let guard = self.detectors().writers.turn(&key).await;
        self.detectors().forget(&key);
        Turn { aws: self, key, _guard: guard }
    }
}
