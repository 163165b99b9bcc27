//! Ranks of the filters of a detector, which are numbered without gaps: 1 for the first, 2 for the next, and so on.
//!
//! GuardDuty refuses a rank greater than the number of filters, and each write shifts the filters behind it. The CLIs
//! write filters in any order, several at a time, and a filter must not wait for another that may never be written.
//! Each filter is therefore placed as close to its rank as the others allow, and after each write, the filters whose
//! rank is known are moved to it.
//!
//! It only knows the name and the rank of a filter.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tfplugin::{Diagnostic, Failure, Result, warn};
use tokio::sync::OwnedMutexGuard;

use crate::aws::concurrent::each;
use crate::aws::{Aws, Explain, Subject};
use crate::kit::{Call, Cx, Outcome};

/// Known filters of each detector, by region and detector.
#[derive(Default)]
struct Known(Mutex<HashMap<String, Arc<Filters>>>);

/// Filters of one detector, and whether some were appended without a turn since they were read.
#[derive(Default)]
struct Filters {
    positions: Arc<tokio::sync::Mutex<Positions>>,
    were_appended: AtomicBool,
}

fn filters(aws: &Aws, region: &str, detector: &str) -> Arc<Filters> {
    let known = aws.shared::<Known>();
    // A poisoned lock still holds complete entries: they are only ever added.
    let mut detectors = known.0.lock().unwrap_or_else(PoisonError::into_inner);
    detectors.entry(format!("{region}/{detector}")).or_default().clone()
}

/// Writes filter `name` of `detector` with `send`, at `rank` or as close to it as the existing filters allow. Without a
/// rank, the filter is appended.
///
/// # Errors
/// The error of the call.
pub async fn write<F: Future<Output = Call<()>>>(
    cx: &Cx<'_>,
    (detector, name): (&str, &str),
    rank: Option<i64>,
    send: impl Fn(Option<i32>) -> F,
) -> Call<()> {
    let Some(rank) = rank else {
        let sent = send(None).await;
        appended(cx.aws, cx.region, detector);
        return sent;
    };
    let mut turn = turn(cx.aws, cx.region, detector).await;
    let mut asked = turn.rank(name, i32::try_from(rank).unwrap_or(i32::MAX)).await?;
    let mut sent = send(Some(asked)).await;
    if matches!(&sent, Err(error) if error.outcome() == Outcome::Refused)
        && let Some(lower) = turn.lower_rank(name, asked).await?
    {
        asked = lower;
        sent = send(Some(asked)).await;
    }
    match sent {
        Ok(()) => {
            turn.placed(name, Some(asked));
            turn.set_right().await;
            Ok(())
        }
        Err(error) => {
            turn.failed(name);
            Err(error)
        }
    }
}

/// Deletes filter `name` of `detector` with `sending`.
///
/// # Errors
/// The error of the call.
pub async fn delete(cx: &Cx<'_>, (detector, name): (&str, &str), sending: impl Future<Output = Call<()>>) -> Call<()> {
    let mut turn = turn(cx.aws, cx.region, detector).await;
    sending.await?;
    turn.deleted(name);
    turn.set_right().await;
    Ok(())
}

/// Records that a filter without a rank was appended to those of `detector`.
fn appended(aws: &Aws, region: &str, detector: &str) {
    filters(aws, region, detector).were_appended.store(true, Ordering::Relaxed);
}

/// Filters of one detector.
#[derive(Debug, Default, PartialEq)]
struct Positions {
    /// Ranks of filters that were set in this run.
    wanted: BTreeMap<String, i32>,
    /// All filters by rank, once they were needed.
    order: Option<Vec<String>>,
}

/// The turn to write the filters of one detector.
struct Turn<'a> {
    aws: &'a Aws,
    region: &'a str,
    detector: &'a str,
    positions: OwnedMutexGuard<Positions>,
}

/// Waits for the turn to write the filters of `detector`.
async fn turn<'a>(aws: &'a Aws, region: &'a str, detector: &'a str) -> Turn<'a> {
    let filters = filters(aws, region, detector);
    let mut positions = filters.positions.clone().lock_owned().await;
    if filters.were_appended.swap(false, Ordering::Relaxed) {
        positions.order = None;
    }
    Turn { aws, region, detector, positions }
}

impl Turn<'_> {
    /// Returns the possible rank of filter `name` that is closest to `wanted`. The first filter of a run requests
    /// `wanted` itself. If that is refused, [`Turn::look`] finds the highest possible rank.
    ///
    /// # Errors
    /// The error of a call.
    async fn rank(&mut self, name: &str, wanted: i32) -> Result<i32> {
        let is_first = self.positions.wanted.keys().all(|other| other == name);
        self.positions.wanted.insert(name.to_owned(), wanted);
        if is_first && self.positions.order.is_none() {
            return Ok(wanted);
        }
        self.look().await?;
        Ok(self.positions.place(name))
    }

    /// Returns the rank that is possible after the requested one was refused. Returns `None` if the requested one was
    /// possible, so that the refusal has another reason.
    ///
    /// # Errors
    /// The error of a call.
    async fn lower_rank(&mut self, name: &str, refused: i32) -> Result<Option<i32>> {
        if self.positions.order.is_some() {
            return Ok(None);
        }
        self.look().await?;
        Ok(Some(self.positions.place(name)).filter(|possible| *possible < refused))
    }

    /// Records that filter `name` was created at or moved to `rank`, or appended if there is no rank.
    fn placed(&mut self, name: &str, rank: Option<i32>) {
        if let Some(order) = &mut self.positions.order {
            put(order, name, rank.map_or(usize::MAX, to_index));
        }
    }

    /// Records that filter `name` was deleted.
    fn deleted(&mut self, name: &str) {
        self.positions.wanted.remove(name);
        if let Some(order) = &mut self.positions.order {
            order.retain(|filter| filter != name);
        }
    }

    /// Records that filter `name` will never get its wanted rank.
    fn failed(&mut self, name: &str) {
        self.positions.wanted.remove(name);
        self.positions.order = None;
    }

    /// Moves the filters of this run that are not at their wanted rank. A failure is only a warning: the filter that is
    /// being written is as planned, and the next plan shows the others.
    async fn set_right(&mut self) {
        for (name, rank) in self.positions.moves() {
            let request = self.aws.guardduty(self.region).update_filter().detector_id(self.detector);
            let moved = request.filter_name(&name).rank(rank).send().await;
            match moved.or_fail("move", &self.subject(&name)) {
                Ok(_) => self.placed(&name, Some(rank)),
                Err(failure) => {
                    tell(&failure, &name, rank);
                    self.positions.order = None;
                    return;
                }
            }
        }
    }

    fn subject(&self, name: &str) -> Subject {
        Subject::new(format!("GuardDuty filter {name:?}"), format!("detector {}, {}", self.detector, self.region))
    }

    /// Calls ListFilters, and GetFilter for each filter, unless the order is known.
    async fn look(&mut self) -> Result<()> {
        if self.positions.order.is_some() {
            return Ok(());
        }
        let client = self.aws.guardduty(self.region);
        let subject = Subject::new("the GuardDuty filters", format!("detector {}, {}", self.detector, self.region));
        let pages = client.list_filters().detector_id(self.detector).into_paginator().items().send();
        let names = pages.collect::<std::result::Result<Vec<_>, _>>().await.or_fail("list", &subject)?;
        let ranks = each(names, async |name| {
            let found = client.get_filter().detector_id(self.detector).filter_name(&name).send().await;
            let found = found.if_found("read", &self.subject(&name))?;
            Ok(found.and_then(|found| Some((found.rank()?, name))))
        });
        let ranks = ranks.await.into_iter().collect::<Result<Vec<_>>>()?;
        let mut order: Vec<_> = ranks.into_iter().flatten().collect();
        order.sort();
        self.positions.order = Some(order.into_iter().map(|(_, name)| name).collect());
        Ok(())
    }
}

fn tell(failure: &Failure, name: &str, rank: i32) {
    let advice = format!("Filter {name:?} does not have rank {rank} yet. Apply again.");
    let told = failure.diagnostics().iter().map(|fault| Diagnostic::warning(&fault.summary).detail(&fault.detail));
    told.for_each(|warning| warn(warning.detail(&advice)));
}

fn to_index(rank: i32) -> usize {
    usize::try_from(rank).unwrap_or(1).saturating_sub(1)
}

/// Inserts `name` at `index`, or last.
fn put(order: &mut Vec<String>, name: &str, index: usize) {
    order.retain(|filter| filter != name);
    order.insert(index.min(order.len()), name.to_owned());
}

impl Positions {
    /// Returns the rank at which filter `name`, which may be new, belongs now.
    fn place(&self, name: &str) -> i32 {
        let mut order = self.order.clone().unwrap_or_default();
        if !order.iter().any(|filter| filter == name) {
            order.push(name.to_owned());
        }
        let place = self.target(&order).iter().position(|filter| *filter == name).unwrap_or_default();
        i32::try_from(place + 1).unwrap_or(i32::MAX)
    }

    /// Returns `order` with each filter of this run at its rank, or as close to it as the number of filters allows. The
    /// others keep their order.
    fn target<'a>(&self, order: &'a [String]) -> Vec<&'a str> {
        let mut ours: Vec<_> = order.iter().filter_map(|name| Some((*self.wanted.get(name)?, name.as_str()))).collect();
        ours.sort_unstable();
        let (count, last) = (ours.len(), order.len());
        let mut slots = vec![None; last];
        let mut free = 0;
        for (at, (rank, name)) in ours.into_iter().enumerate() {
            let slot = to_index(rank).min(last - (count - at)).max(free);
            slots[slot] = Some(name);
            free = slot + 1;
        }
        let mut others = order.iter().map(String::as_str).filter(|name| !self.wanted.contains_key(*name));
        slots.into_iter().filter_map(|slot| slot.or_else(|| others.next())).collect()
    }

    /// Returns the moves, one after the other, from the current order to the target. Only filters of this run move.
    fn moves(&self) -> Vec<(String, i32)> {
        let Some(mut order) = self.order.clone() else { return Vec::new() };
        let target: Vec<_> = self.target(&order).into_iter().map(str::to_owned).collect();
        let mut moves = Vec::new();
        for (index, wanted) in target.iter().enumerate() {
            while order[index] != *wanted {
                // Other filters keep their order, so if the right one may not move, a filter of this run is in its way.
                let moving = if self.wanted.contains_key(wanted) { wanted.clone() } else { order[index].clone() };
                let Some(to) = target.iter().position(|filter| *filter == moving) else { return moves };
                put(&mut order, &moving, to);
                moves.push((moving, i32::try_from(to + 1).unwrap_or(i32::MAX)));
            }
        }
        moves
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &str) -> Vec<String> {
        names.chars().map(String::from).collect()
    }

    fn moved(mut positions: Positions) -> String {
        let mut order = positions.order.take().unwrap();
        positions.order = Some(order.clone());
        for (name, rank) in positions.moves() {
            assert!(positions.wanted.contains_key(&name), "{name} is somebody else's");
            assert!(to_index(rank) < order.len(), "rank {rank} of {name} is out of bounds");
            put(&mut order, &name, to_index(rank));
        }
        order.concat()
    }

    fn positions(order: &str, wanted: &[(&str, i32)]) -> Positions {
        let wanted = wanted.iter().map(|(name, rank)| ((*name).to_owned(), *rank)).collect();
        Positions { wanted, order: Some(names(order)) }
    }

    #[test]
    fn filters_of_this_run_go_to_their_ranks() {
        for (order, wanted, expected) in [
            ("abc", &[][..], "abc"),
            ("abc", &[("c", 1)], "cab"),
            ("abc", &[("a", 3)], "bca"),
            ("abc", &[("a", 2), ("b", 3), ("c", 1)], "cab"),
            ("xay", &[("a", 9)], "xya"),
            ("ab", &[("a", 7), ("b", 5)], "ba"),
            ("bxya", &[("a", 1), ("b", 3)], "axby"),
            ("abx", &[("a", 2), ("b", 2)], "xab"),
        ] {
            assert_eq!(moved(positions(order, wanted)), expected, "{order} {wanted:?}");
        }
    }

    #[test]
    fn a_new_filter_is_placed_among_those_that_are_there() {
        let positions = positions("xb", &[("b", 7), ("c", 9), ("a", 5)]);
        assert_eq!((positions.place("c"), positions.place("a"), positions.place("b")), (3, 2, 2));
    }

    /// In whatever order filters are created, each ends up at its rank, and no rank that is out of bounds is requested.
    #[test]
    fn twenty_filters_in_any_order_end_right() {
        let mut seed = 7_u64;
        for round in 0..200 {
            let mut arriving: Vec<usize> = (0..20).collect();
            for at in (1..arriving.len()).rev() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                arriving.swap(at, usize::try_from(seed >> 33).unwrap() % (at + 1));
            }
            let theirs = if round % 2 == 0 { names("") } else { names("xyz") };
            let mut positions = Positions { wanted: BTreeMap::new(), order: Some(theirs.clone()) };
            for number in arriving {
                let name = format!("filter {number}");
                positions.wanted.insert(name.clone(), i32::try_from(number + 1).unwrap());
                let rank = positions.place(&name);
                let order = positions.order.as_mut().unwrap();
                assert!(to_index(rank) <= order.len());
                put(order, &name, to_index(rank));
                for (name, rank) in positions.moves() {
                    put(positions.order.as_mut().unwrap(), &name, to_index(rank));
                }
            }
            let expected: Vec<_> = (0..20).map(|number| format!("filter {number}")).chain(theirs).collect();
            assert_eq!(positions.order, Some(expected));
        }
    }
}
