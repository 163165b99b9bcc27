//! The rules for a resource type, from its configurations to its end.

use std::collections::BTreeSet;

use super::given::never_given;
use super::steps::{Check, Handle, Kept, Moment};
use super::variants::{Change, Variant, forbidden, respelt, variants};
use super::{Report, configurations};
use crate::testing::client::{Client, Rpc};
use crate::{Provider, Value};

/// Checks resource type `type_name` with the valid `configs`, which set all of its attributes between them, and with
/// variants of each. Each is made and destroyed again; from one to the other it is changed where that is an update. The
/// provider must be configured.
///
/// # Errors
/// An RPC's own failure: a provider never has one. Or a configuration is none.
pub async fn check_resource<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    configs: &[serde_json::Value],
) -> Rpc<Report> {
    check_resource_with(client, type_name, configs, &mut |_| ()).await
}

/// The same, and calls `watcher` at each [`Moment`]. What it changes behind the provider holds from then on.
///
/// # Errors
/// As of [`check_resource`].
pub async fn check_resource_with<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    configs: &[serde_json::Value],
    watcher: &mut (dyn FnMut(Moment<'_>) + Send),
) -> Rpc<Report> {
    let Some(check) = Check::new(client, type_name) else { return Ok(vec![format!("there is no {type_name}")]) };
    let mut check = check.watched_by(watcher);
    let configs = configurations(&check.object, configs)?;
    check.nonsense().await?;
    let (mut seen, mut forbidden_seen) = (BTreeSet::new(), BTreeSet::new());
    for (at, config) in configs.iter().enumerate() {
        // What was varied in one configuration isn't varied again in the next one.
        let mut ways = variants(&check.object, config);
        ways.retain(|variant| seen.insert(variant.name.clone()));
        let mut forbidden = forbidden(&check.object, config);
        forbidden.retain(|variant| forbidden_seen.insert(variant.name.clone()));
        check.forbids(&forbidden).await?;
        check.creates(config, &ways).await?;
        let others = configs.iter().enumerate().filter(|(other, _)| *other != at);
        let absent: Vec<_> = ways.iter().filter(|variant| variant.is_absent()).cloned().collect();
        ways.extend(others.map(|(other, config)| Variant::same(&format!("configuration {other}"), config)));
        check.life(&format!("configuration {at}"), config, &ways).await?;
        for variant in &absent {
            check.short_life(variant).await?;
        }
    }
    for path in never_given(&check.object, &configs) {
        check.broken("configurations", format!("none sets {path}"));
    }
    Ok(check.report)
}

impl<P: Provider> Check<'_, P> {
    /// Plans the creation of each variant of `config`.
    async fn creates(&mut self, config: &Value, variants: &[Variant]) -> Rpc<()> {
        let nothing = Kept::nothing();
        for variant in variants {
            let early = self.plan("create", &nothing, variant).await?;
            if let Some(early) = early.filter(|_| variant.change == Change::Unknown) {
                self.plan_again(&format!("create, {}", variant.name), &nothing, &early.planned, config).await?;
            }
        }
        Ok(())
    }

    /// Makes it, reads it, imports it, changes it in all `ways`, and destroys it.
    async fn life(&mut self, name: &str, config: &Value, ways: &[Variant]) -> Rpc<()> {
        let (nothing, same) = (Kept::nothing(), Variant::same(name, config));
        let case = format!("create, {name}");
        self.at(Moment::Begins(&case));
        let Some(accepted) = self.plan("create", &nothing, &same).await? else { return Ok(()) };
        let applied = self.apply(&format!("create, {name}"), &nothing, &accepted.planned, config).await?;
        if !applied.errors.is_empty() {
            self.broken(&format!("create, {name}"), format!("failed: {:?}", applied.errors));
            return Ok(());
        }
        let made = applied.kept;
        self.at(Moment::Applied(&case));
        self.upgrade(&format!("upgrade, {name}"), &made).await?;
        self.stays(&format!("read, {name}"), &made).await?;
        self.keeps_spelling(&format!("read of another spelling, {name}"), &made).await?;
        self.import_finds(&format!("import, {name}"), &made).await?;
        self.plan_is_empty(&made, &same).await?;
        let last = self.updates(made, config, ways).await?;
        let back = self.update("back", &last, &same).await?.unwrap_or(last);
        self.end(&format!("destroy, {name}"), &back).await
    }

    /// Creates what `variant` says, unless that is refused; it stays as it is; and destroys it.
    async fn short_life(&mut self, variant: &Variant) -> Rpc<()> {
        let (nothing, step) = (Kept::nothing(), format!("create, {}", variant.name));
        self.at(Moment::Begins(&step));
        let Some(accepted) = self.plan("create", &nothing, variant).await? else { return Ok(()) };
        let applied = self.apply(&step, &nothing, &accepted.planned, &variant.config).await?;
        self.at(Moment::Applied(&step));
        if applied.kept.value.is_null() {
            return Ok(());
        }
        if applied.errors.is_empty() {
            self.stays(&step, &applied.kept).await?;
            self.plan_is_empty(&applied.kept, variant).await?;
        }
        self.end(&format!("destroy, {}", variant.name), &applied.kept).await
    }

    /// A plan for `made`, which `variant` was applied to, has nothing to do.
    async fn plan_is_empty(&mut self, made: &Kept, variant: &Variant) -> Rpc<()> {
        if let Some(again) = self.plan("unchanged", made, variant).await?.filter(|again| again.planned != *made) {
            let is_other = |name: &&str| made.value.get(name) != again.planned.value.get(name);
            let attributes = self.object.attributes.iter().map(|one| one.name);
            let names: Vec<_> =
                attributes.chain(self.object.blocks.iter().map(|one| one.name)).filter(is_other).collect();
            self.broken(&variant.name, format!("a second plan changes {names:?}, the private state or the identity"));
        }
        Ok(())
    }

    /// What is read right after `made` is it.
    async fn stays(&mut self, step: &str, made: &Kept) -> Rpc<()> {
        let mut made = made.clone();
        if let Some(read) = self.read(step, &made).await? {
            // What was written empty and means left out is told by a read only.
            for one in &self.object.attributes {
                if one.is_computed() && !made.value.get(one.name).is_null() && one.is_absent(made.value.get(one.name)) {
                    made.value.put(one.name, read.value.get(one.name).clone());
                }
            }
            if read == made {
                return Ok(());
            }
            let is_other = |name: &&str| made.value.get(name) != read.value.get(name);
            let names: Vec<_> = self.object.attributes.iter().map(|one| one.name).filter(is_other).collect();
            self.broken(step, format!("what was just made is another one when it is read: {names:?}"));
        }
        Ok(())
    }

    /// What is imported has the same identity, and can be read; and it is the same by its id as by its identity.
    async fn import_finds(&mut self, step: &str, made: &Kept) -> Rpc<()> {
        let (Some(id), Some(identity)) = (self.import_id(made), made.identity.clone()) else { return Ok(()) };
        let Some(imported) = self.import(step, Handle::Identity(identity)).await? else { return Ok(()) };
        let Some(read) = self.read(step, &imported).await? else { return Ok(()) };
        if imported.identity != made.identity || read.identity != made.identity {
            self.broken(step, "what is imported has another identity");
        }
        if self.import(step, Handle::Id(id)).await?.is_some_and(|by_id| by_id != imported) {
            self.broken(step, "what is imported by its id is another one than by its identity");
        }
        Ok(())
    }

    /// Where the state has another spelling of the same, a read leaves it as it is.
    async fn keeps_spelling(&mut self, step: &str, made: &Kept) -> Rpc<()> {
        let Some(value) = respelt(&self.object, &made.value) else { return Ok(()) };
        let other = Kept { value, ..made.clone() };
        if self.read(step, &other).await?.is_some_and(|read| read.value != other.value) {
            self.broken(step, "a read gives another spelling to what means the same");
        }
        Ok(())
    }

    /// Changes `made` in all `ways`, one after the other, as long as it can be: what it is at the end. Of the other values
    /// of an attribute one is applied, and all are planned.
    async fn updates(&mut self, made: Kept, config: &Value, ways: &[Variant]) -> Rpc<Kept> {
        let (mut now, mut applied) = (made, BTreeSet::new());
        for variant in ways {
            let is_known = variant.config.is_wholly_known();
            if is_known && (variant.change != Change::Other || !applied.contains(variant.path())) {
                if let Some(changed) = self.update("update", &now, variant).await? {
                    if variant.change != Change::Empty {
                        applied.insert(variant.path());
                    }
                    now = changed;
                }
            } else if let Some(early) = self.plan("update", &now, variant).await?
                && variant.change == Change::Unknown
            {
                self.plan_again(&format!("update, {}", variant.name), &now, &early.planned, config).await?;
            }
        }
        Ok(now)
    }

    /// Changes `now` as `variant` says; `None` if that is refused, needs another resource, or changes nothing.
    async fn update(&mut self, step: &str, now: &Kept, variant: &Variant) -> Rpc<Option<Kept>> {
        let case = format!("{step}, {}", variant.name);
        self.at(Moment::Begins(&case));
        let Some(accepted) = self.plan(step, now, variant).await? else { return Ok(None) };
        if accepted.replaces {
            self.plan(step, &Kept::nothing(), variant).await?;
            return Ok(None);
        }
        if accepted.planned == *now {
            return Ok(None);
        }
        let applied = self.apply(&case, now, &accepted.planned, &variant.config).await?;
        self.at(Moment::Applied(&case));
        if applied.errors.is_empty() {
            self.stays(&case, &applied.kept).await?;
            if variant.is_absent() {
                self.plan_is_empty(&applied.kept, variant).await?;
            }
        } else if !variant.may_be_refused() {
            self.broken(&case, format!("failed: {:?}", applied.errors));
        }
        Ok(Some(applied.kept))
    }

    /// Destroys `made`. Afterwards it isn't there, or is what it is without us; and to destroy it once more is no fault.
    pub async fn end(&mut self, step: &str, made: &Kept) -> Rpc<()> {
        for _ in 0..2 {
            let Some(gone) = self.plan_end(step, made).await? else { return Ok(()) };
            let applied = self.apply(step, made, &gone, &Value::Null).await?;
            if !applied.errors.is_empty() || !applied.kept.value.is_null() {
                self.broken(step, format!("something is left: {:?}", applied.errors));
                return Ok(());
            }
            self.read(step, made).await?;
        }
        Ok(())
    }
}
