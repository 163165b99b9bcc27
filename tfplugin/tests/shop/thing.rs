//! `shop_thing`: attributes of each kind, and blocks as a set, a map and an object.

use std::collections::BTreeMap;
use std::time::Duration;

use tfplugin::diagnostic::Once;
use tfplugin::resource::Upgrade;
use tfplugin::wait::{self, Limit, Look};
use tfplugin::{
    Choice, Computed, Diagnostic, Dynamic, Failure, Model, MoveSource, Named, Number, OptionalComputed, Plan, Private,
    Resource, Result, Set, Timeouts, View, meta, validate, warn,
};

use super::{Meta, Store};

/// A thing of the shop.
#[derive(Model, Clone, Debug)]
pub struct Thing {
    /// Its name, which stays.
    #[attr(identity, replace, validate = validate::length(1..=20))]
    pub name: String,
    /// Its colour.
    #[attr(default = Colour::Red)]
    pub colour: Colour,
    /// How many there are.
    #[attr(validate = validate::range(0..=100))]
    pub pieces: Option<i64>,
    /// Where it lies; the shop knows a place.
    #[attr(keep)]
    pub shelf: OptionalComputed<String>,
    /// Its weight in grams, however small.
    pub weight: Option<Number>,
    /// How long it keeps.
    pub shelf_life: Option<Duration>,
    /// Words on it.
    pub labels: Option<BTreeMap<String, String>>,
    /// Its parts, by name.
    pub parts: Option<BTreeMap<String, Part>>,
    /// Its box.
    pub package: Option<Part>,
    /// Its breaks, in no order.
    pub breaks: Option<Set<Duration>>,
    /// Anything that is to be remembered with it.
    pub extra: Option<Dynamic>,
    /// A word that is checked and not kept.
    #[attr(write_only)]
    pub secret: Option<String>,
    #[attr(block)]
    pub price: Set<Price>,
    #[attr(block, timeouts(create = "1m", update = "1m", delete = "1m"))]
    pub timeouts: Timeouts<Self>,
    #[attr(block)]
    pub sticker: BTreeMap<String, Sticker>,
    /// What the shop remembers of it.
    pub note: Private<String>,
    /// How often it was changed.
    pub revision: Computed<i64>,
    /// Its id, which stays.
    #[attr(keep)]
    pub id: Computed<String>,
}

/// A part of a thing.
#[derive(Model, Clone, Debug)]
pub struct Part {
    /// What it is made of.
    pub material: String,
    /// Its weight in grams.
    #[attr(default = 10)]
    pub weight_grams: i64,
    /// A number on it.
    #[attr(keep)]
    pub serial: Computed<String>,
}

/// A sticker on a thing, by its place.
#[derive(Model, Clone, Debug)]
pub struct Sticker {
    /// What it says.
    pub text: String,
    /// A word under it that is not kept.
    #[attr(write_only)]
    pub hidden: Option<String>,
    /// Whether it was glued on.
    #[attr(keep)]
    pub glued: Computed<bool>,
}

/// A price in a currency.
#[derive(Model, Clone, Debug)]
pub struct Price {
    /// The currency.
    pub currency: String,
    /// The amount.
    pub amount: f64,
}

/// A colour.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// The usual one.
    Red,
    /// The other one.
    DeepBlue,
}

impl Resource for Thing {
    const TYPE_NAME: &'static str = "thing";
    const UPGRADES: &'static [Upgrade] = &[rename_title, count_in_dozens];
    type Model = Self;
    type Client = Store;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let blue = config.get(Self::COLOUR).known() == Some(Colour::DeepBlue);
        let many = config.get(Self::PIECES).known().is_some_and(|pieces| pieces > 50);
        let fault = || Diagnostic::error("there are not so many blue things").at(Self::PIECES);
        let mut faults: Vec<_> = (blue && many).then(fault).into_iter().collect();
        let mut parts: Vec<_> = config.children(Self::PARTS).known().unwrap_or_default();
        parts.extend(config.child(Self::PACKAGE).known());
        let glass = parts.iter().filter(|part| part.get(Part::MATERIAL).known().as_deref() == Some("glass"));
        faults.extend(glass.map(|part| Diagnostic::error("it would break").at(part.path(Part::MATERIAL))));
        faults
    }

    async fn plan(_: &Store, plan: &mut Plan<'_, Self>) -> Result<()> {
        if plan.get(Self::PIECES).known() == Some(0) {
            plan.warn(Self::PIECES, Diagnostic::warning("none are ordered"));
        }
        Ok(())
    }

    async fn create(store: &Store, planned: Self) -> Result<Self> {
        match planned.name.as_str() {
            "panic" => panic!("the shelf fell down"),
            "late" if store.stop.is_requested() => return Err(Failure::new("the shop is about to close")),
            "refused" => return Err(Failure::at(Self::NAME, "cannot make this thing")),
            name if name.starts_with("closed") => {
                let once = Once {
                    cause: "closed".to_owned(),
                    full: "the shop is closed\nCome at nine.".to_owned(),
                    brief: "closed.".to_owned(),
                };
                return Err(Failure::new("cannot make this thing").detail_once(once).detail("Nothing was paid."));
            }
            _ => {}
        }
        let mut made = planned.clone();
        made.id = format!("id-{}", planned.name).into();
        made.shelf = planned.shelf.get().cloned().unwrap_or_else(|| "A1".to_owned()).into();
        made.revision = 1.into();
        let module = meta::<Meta>()?.map_or_else(|| "nobody".to_owned(), |meta| meta.module);
        made.note = format!("made for {module}").into();
        for sticker in made.sticker.values_mut() {
            sticker.glued = (sticker.hidden.as_deref() == Some("glue")).into();
        }
        if planned.secret.as_deref() == Some("letmein") {
            warn(Diagnostic::warning("the secret is weak").at(Self::SECRET));
        }
        for part in made.parts.iter_mut().flat_map(BTreeMap::values_mut).chain(made.package.as_mut()) {
            part.serial = "s-1".to_owned().into();
        }
        store.put(&made.name, &made)?;
        match planned.name.as_str() {
            "half" => return Err(Failure::new("only half of it was made").reached(&made)),
            "slow" => dried(store, &made).await.map_err(|failure| failure.reached(&made))?,
            _ => {}
        }
        Ok(made)
    }

    async fn read(store: &Store, state: Self) -> Result<Option<Self>> {
        let found = store.get::<Self>(&state.name)?;
        Ok(found.map(|found| Thing { note: state.note, ..found }))
    }

    async fn update(store: &Store, prior: Self, planned: Self) -> Result<Self> {
        let mut made = planned.clone();
        made.note = format!("{}, changed", prior.note.get().map_or("", String::as_str)).into();
        for sticker in made.sticker.values_mut().filter(|sticker| sticker.glued.get().is_none()) {
            sticker.glued = (sticker.hidden.as_deref() == Some("glue")).into();
        }
        made.revision = (prior.revision.get().copied().unwrap_or_default() + 1).into();
        for part in made.parts.iter_mut().flat_map(BTreeMap::values_mut).chain(made.package.as_mut()) {
            part.serial = "s-1".to_owned().into();
        }
        store.put(&made.name, &made)?;
        if planned.pieces == Some(13) {
            return Err(Failure::new("nobody counts to 13"));
        }
        Ok(made)
    }

    async fn delete(store: &Store, state: Self) -> Result<()> {
        if state.name == "glued" {
            return Err(Failure::new("cannot take it away"));
        }
        store.take::<Self>(&state.name)
    }

    async fn named(_: &Store, id: &str) -> Result<Named<Self>> {
        Ok(Named::new(Self::NAME, &id.trim_start_matches("id-").to_owned()))
    }

    async fn import(store: &Store, id: &str) -> Result<Option<Self>> {
        let Some(name) = id.strip_prefix("id-") else { return Ok(None) };
        store.get(name)
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        identity.get(Self::NAME).known().map(|name| format!("id-{name}"))
    }

    /// The attic's things are those of the shop; their name is what they are known by there, and what it remembers of
    /// them lies beside the state.
    fn move_from(source: MoveSource) -> Option<serde_json::Value> {
        let is_ours = source.type_name == "attic_thing" && source.provider.ends_with("/example/attic");
        if !is_ours || source.schema_version != 3 || source.identity_schema_version != 1 {
            return None;
        }
        let mut state = source.state;
        state["name"] = source.identity?["key"].take();
        state["note"] = String::from_utf8(source.private).ok()?.into();
        Some(state)
    }
}

/// Waits for the paint of a thing, which never dries.
async fn dried(store: &Store, thing: &Thing) -> Result<()> {
    let look = || std::future::ready(Ok(Look::Pending("it is wet".to_owned())));
    wait::until(&store.stop, Limit::new(thing.timeouts.create()), "the paint", look).await
}

/// Version 0 called it `title`.
fn rename_title(mut state: serde_json::Value) -> Result<serde_json::Value> {
    state["name"] = state["title"].take();
    Ok(state)
}

/// Version 1 counted dozens.
fn count_in_dozens(mut state: serde_json::Value) -> Result<serde_json::Value> {
    if let Some(dozens) = state["pieces"].as_i64() {
        state["pieces"] = (dozens * 12).into();
    }
    Ok(state)
}
