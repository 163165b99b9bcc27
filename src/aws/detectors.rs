//! What resources share of one detector: a read serves all who ask for it at the same time, and writes take turns.

use std::sync::Arc;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::Result;
use tokio::sync::OwnedMutexGuard;

use super::Explain;
use super::clients::{Aws, Locks};
use super::features::detector_subject;
use super::flights::Flights;

type Answer = Option<Arc<GetDetectorOutput>>;

/// Reads that are under way, and the turns of writers, by region and detector.
#[derive(Default)]
pub struct Detectors {
    reads: Flights<Answer>,
    writers: Locks,
}

/// The right to write to one detector.
pub struct Turn {
    _guard: OwnedMutexGuard<()>,
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

    /// GetDetector, shared by all who ask at the same time; `None` if there is no such detector.
    ///
    /// # Errors
    /// That it can't be read.
    pub async fn detector(&self, region: &str, id: &str) -> Result<Answer> {
        let read = || async {
            let found = self.guardduty(region).get_detector().detector_id(id).send().await;
            Ok(found.if_found("read", &detector_subject(region, id))?.map(Arc::new))
        };
        self.detectors().reads.share(&format!("{region}/{id}"), read).await
    }

    /// Waits for the turn to write to detector `id`.
    pub async fn detector_turn(&self, region: &str, id: &str) -> Turn {
        Turn { _guard: self.detectors().writers.turn(&format!("{region}/{id}")).await }
    }
}
