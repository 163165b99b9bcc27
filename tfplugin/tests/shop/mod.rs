//! A provider of things in memory, with everything that a model can have. It stands for no real service.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tfplugin::data_source::{ErasedDataSource, data_source};
use tfplugin::function::{Parameter, Signature};
use tfplugin::resource::{ErasedResource, resource};
use tfplugin::schema::Object;
use tfplugin::{
    Choice, Computed, DataSource, Diagnostic, Failure, Function, FunctionError, Model, OptionalComputed, Plan,
    Provider, Resource, Result, Session, Set, Single, Type, Value, View, validate, warn,
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
    #[attr(replace, validate = validate::length(1..=20))]
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
    const FUNCTIONS: &'static [&'static dyn Function] = &[&Join];

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
    const VERSION: i64 = 1;
    type Client = Store;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let blue = config.get(Self::COLOUR).known() == Some(Colour::DeepBlue);
        let many = config.get(Self::COUNT).known().is_some_and(|count| count > 50);
        let fault = || Diagnostic::error("there are not so many blue things").at(Self::COUNT);
        (blue && many).then(fault).into_iter().collect()
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

    fn upgrade(version: i64, mut state: serde_json::Value) -> Result<serde_json::Value> {
        assert_eq!(version, 0);
        // Version 0 called it `title`.
        state["name"] = state["title"].take();
        Ok(state)
    }
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

/// `join(separator, words...)`.
struct Join;

impl Function for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn signature(&self) -> Signature {
        let word = |name| Parameter {
            name,
            description: "A word.",
            value_type: Type::String,
            allow_null: false,
            allow_unknown: false,
        };
        Signature {
            summary: "Joins words",
            description: "Joins words.",
            parameters: vec![word("separator")],
            variadic: Some(word("words")),
            result: Type::String,
        }
    }

    fn call(&self, arguments: &[Value]) -> std::result::Result<Value, FunctionError> {
        let words: Vec<_> = arguments.iter().filter_map(Value::as_str).collect();
        match words.split_first() {
            Some((_, [])) => Err(FunctionError { text: "there is nothing to join".to_owned(), argument: Some(1) }),
            Some((separator, words)) => Ok(words.join(separator).into()),
            None => Ok(Value::Null),
        }
    }
}
