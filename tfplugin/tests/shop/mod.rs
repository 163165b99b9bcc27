//! A provider of things in memory, with everything that a model can have. It stands for no real service.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tfplugin::data_source::{ErasedDataSource, data_source};
use tfplugin::ephemeral::{ErasedEphemeralResource, ephemeral_resource};
use tfplugin::function::{ErasedFunction, function};
use tfplugin::resource::{ErasedResource, Upgrade, resource};
use tfplugin::schema::Object;
use tfplugin::{
    Choice, Computed, DataSource, Diagnostic, Dynamic, EphemeralResource, Failure, Function, FunctionError, Known,
    Lease, Model, Number, OptionalComputed, Plan, Private, Provider, Resource, Result, Session, Set, Single, Value,
    View, meta, validate, warn,
};

/// A provider of things in memory.
pub struct Shop;

/// Where the shop is.
#[derive(Model)]
pub struct Config {
    /// Its name.
    pub name: Option<String>,
    /// Its word.
    #[attr(sensitive)]
    pub password: Option<String>,
}

/// The things that there are.
#[derive(Default)]
pub struct Store {
    things: Mutex<BTreeMap<String, Thing>>,
}

impl Store {
    fn things(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Thing>> {
        self.things.lock().unwrap()
    }
}

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
    pub count: Option<i64>,
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
    /// A word that is checked and not kept.
    #[attr(write_only)]
    pub secret: Option<String>,
    #[attr(block)]
    pub price: Set<Price>,
    #[attr(block)]
    pub timeouts: Single<Timeouts>,
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

/// What a module says of itself.
#[derive(Model)]
pub struct Meta {
    /// Its name.
    pub module: String,
}

/// A price in a currency.
#[derive(Model, Clone, Debug)]
pub struct Price {
    /// The currency.
    pub currency: String,
    /// The amount.
    pub amount: f64,
}

/// How long to wait.
#[derive(Model, Clone, Debug, Default)]
pub struct Timeouts {
    /// For the making.
    pub create: Option<Duration>,
}

/// A colour.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// The usual one.
    Red,
    /// The other one.
    DeepBlue,
}

impl Provider for Shop {
    const NAME: &'static str = "shop";
    const ADDRESS: &'static str = "example/shop";
    const VERSION: &'static str = "1.0.0";
    const ISSUES: &'static str = "the shop's counter";
    type Config = Config;
    type Client = Store;
    const RESOURCES: &'static [&'static dyn ErasedResource<Store>] = &[resource::<Thing>()];
    const DATA_SOURCES: &'static [&'static dyn ErasedDataSource<Store>] = &[data_source::<Stock>()];
    const EPHEMERAL_RESOURCES: &'static [&'static dyn ErasedEphemeralResource<Store>] = &[ephemeral_resource::<Key>()];
    const FUNCTIONS: &'static [&'static dyn ErasedFunction] = &[function::<Join>(), function::<Describe>()];

    fn meta() -> Option<Object> {
        Some(Meta::object())
    }

    async fn configure(_: &View<'_, Config>, _: Session) -> Result<Store> {
        Ok(Store::default())
    }

    fn complete(_: &Store, object: &Object, state: &mut Value) {
        if object.has("shelf") && state.get("shelf").is_null() {
            state.put("shelf", "A1".into());
        }
    }
}

impl Resource for Thing {
    const TYPE_NAME: &'static str = "thing";
    const UPGRADES: &'static [Upgrade] = &[rename_title, count_in_dozens];
    type Client = Store;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let blue = config.get(Self::COLOUR).known() == Some(Colour::DeepBlue);
        let many = config.get(Self::COUNT).known().is_some_and(|count| count > 50);
        let fault = || Diagnostic::error("there are not so many blue things").at(Self::COUNT);
        let mut faults: Vec<_> = (blue && many).then(fault).into_iter().collect();
        let mut parts: Vec<_> = config.children(Self::PARTS);
        parts.extend(config.child(Self::PACKAGE));
        let glass = parts.iter().filter(|part| part.get(Part::MATERIAL).known().as_deref() == Some("glass"));
        faults.extend(glass.map(|part| Diagnostic::error("it would break").at(part.path(Part::MATERIAL))));
        faults
    }

    async fn plan(_: &Store, plan: &mut Plan<'_, Self>) -> Result<()> {
        if plan.get(Self::COUNT).known() == Some(0) {
            plan.warn(Self::COUNT, Diagnostic::warning("none are ordered"));
        }
        Ok(())
    }

    async fn create(store: &Store, planned: Self) -> Result<Self> {
        match planned.name.as_str() {
            "panic" => panic!("the shelf fell down"),
            "refused" => return Err(Failure::at(Self::NAME, "cannot make this thing")),
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
        store.things().insert(made.name.clone(), made.clone());
        if planned.name == "half" {
            return Err(Failure::new("only half of it was made").reached(&made));
        }
        Ok(made)
    }

    async fn read(store: &Store, state: Self) -> Result<Option<Self>> {
        let found = store.things().get(&state.name).cloned();
        // The shop writes lengths of time its own way.
        Ok(found.map(|thing| Thing { shelf_life: thing.shelf_life, ..thing }))
    }

    async fn update(store: &Store, prior: Self, planned: Self) -> Result<Self> {
        let mut made = planned.clone();
        made.note = format!("{}, changed", prior.note.get().map_or("", String::as_str)).into();
        for sticker in made.sticker.values_mut() {
            sticker.glued = (sticker.hidden.as_deref() == Some("glue")).into();
        }
        made.revision = (prior.revision.get().copied().unwrap_or_default() + 1).into();
        for part in made.parts.iter_mut().flat_map(BTreeMap::values_mut).chain(made.package.as_mut()) {
            part.serial = "s-1".to_owned().into();
        }
        store.things().insert(made.name.clone(), made.clone());
        if planned.count == Some(13) {
            return Err(Failure::new("nobody counts to 13"));
        }
        Ok(made)
    }

    async fn delete(store: &Store, state: Self) -> Result<()> {
        if state.name == "glued" {
            return Err(Failure::new("cannot take it away"));
        }
        store.things().remove(&state.name);
        Ok(())
    }

    async fn import(store: &Store, id: &str) -> Result<Option<Self>> {
        Ok(store.things().values().find(|thing| thing.id.as_str() == id).cloned())
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        identity.get(Self::NAME).known().map(|name| format!("id-{name}"))
    }
}

/// Version 0 called it `title`.
fn rename_title(mut state: serde_json::Value) -> Result<serde_json::Value> {
    state["name"] = state["title"].take();
    Ok(state)
}

/// Version 1 counted dozens.
fn count_in_dozens(mut state: serde_json::Value) -> Result<serde_json::Value> {
    if let Some(dozens) = state["count"].as_i64() {
        state["count"] = (dozens * 12).into();
    }
    Ok(state)
}

/// How much is in stock.
#[derive(Model)]
pub struct Stock {
    /// Of what.
    pub name: String,
    /// How many.
    pub count: Computed<i64>,
}

impl DataSource for Stock {
    const TYPE_NAME: &'static str = "stock";
    type Client = Store;

    async fn read(store: &Store, config: Self) -> Result<Self> {
        let count = store.things().get(&config.name).and_then(|thing| thing.count);
        count
            .map(|count| Stock { count: count.into(), ..config })
            .ok_or_else(|| Failure::at(Stock::NAME, "no such thing"))
    }
}

/// A key of the shop, as long as a run lasts.
#[derive(Model)]
pub struct Key {
    /// The door.
    pub door: String,
    /// Its code.
    #[attr(sensitive)]
    pub code: Computed<String>,
}

impl EphemeralResource for Key {
    const TYPE_NAME: &'static str = "key";
    type Client = Store;

    async fn open(_: &Store, config: Self) -> Result<(Self, Lease)> {
        if config.door == "wall" {
            return Err(Failure::at(Key::DOOR, "there is no door in the wall"));
        }
        let lease =
            Lease { renew_at: Some(std::time::UNIX_EPOCH + Duration::from_secs(60)), private: "turns: 1".into() };
        Ok((Key { code: format!("code-{}", config.door).into(), ..config }, lease))
    }

    async fn renew(_: &Store, lease: Lease) -> Result<Lease> {
        if lease.private != "turns: 1" {
            return Err(Failure::new("the key was turned already"));
        }
        Ok(Lease { renew_at: None, private: "turns: 2".into() })
    }

    async fn close(_: &Store, lease: Lease) -> Result<()> {
        let is_ours = lease.private.as_str().is_some_and(|private| private.starts_with("turns: "));
        is_ours.then_some(()).ok_or_else(|| Failure::new("the lock is stuck"))
    }
}

/// Joins words.
///
/// They are joined as they are.
#[derive(Model)]
pub struct Join {
    /// What stands between.
    #[attr(validate = validate::length(0..=3))]
    pub separator: String,
    /// The words.
    #[attr(variadic)]
    pub words: Vec<String>,
}

impl Function for Join {
    const NAME: &'static str = "join";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        match self.words.iter().position(String::is_empty) {
            _ if self.words.is_empty() => Err(FunctionError::at(Self::WORDS, "there is nothing to join")),
            Some(at) => Err(FunctionError::at(Self::WORDS, "a word is empty").element(at)),
            None => Ok(self.words.join(&self.separator)),
        }
    }
}

/// Says what a value is.
#[derive(Model)]
pub struct Describe {
    /// The value.
    pub value: Known<Dynamic>,
    /// What to say of null.
    pub otherwise: Option<String>,
}

impl Function for Describe {
    const NAME: &'static str = "describe";
    type Output = Option<String>;

    fn call(self) -> Result<Option<String>, FunctionError> {
        Ok(match self.value {
            Known::Known(value) => Some(value.to_json().to_string()),
            Known::Null => self.otherwise,
            Known::Unknown => Some("not known yet".to_owned()),
        })
    }
}
