//! `shop_cabinet`: nested attributes as a list and a set, blocks of each kind and blocks within blocks, what is not to be
//! used any more, and states and identities of older versions.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tfplugin::resource::Upgrade;
use tfplugin::{Computed, Failure, Model, Named, OptionalComputed, Resource, Result, Set, Single, View};

use super::Store;

/// A cabinet of the shop.
#[derive(Model, Clone, Debug)]
pub struct Cabinet {
    /// Its name, which stays.
    #[attr(identity, replace)]
    pub name: String,
    /// Its drawers, from above.
    pub drawers: Option<Vec<Drawer>>,
    /// Its handles, in no order.
    pub handles: Option<Set<Handle>>,
    /// How many boxes are in it.
    #[attr(deprecated = "Use `drawers`.")]
    pub boxes: Option<i64>,
    #[attr(block)]
    pub door: Door,
    #[attr(block)]
    pub lock: Option<Lock>,
    #[attr(block(max = 3))]
    pub board: Vec<Board>,
    #[attr(block)]
    pub hook: Set<Hook>,
    #[attr(block)]
    pub lamp: Option<Lamp>,
    /// Its id, which stays.
    #[attr(keep)]
    pub id: Computed<String>,
}

/// A drawer.
#[derive(Model, Clone, Debug)]
pub struct Drawer {
    /// What it is made of.
    pub material: String,
    /// How high it is.
    #[attr(default = 10)]
    pub height: i64,
    /// Its compartments, from the left.
    pub compartments: Option<Vec<Compartment>>,
    /// A number on it.
    #[attr(keep)]
    pub serial: Computed<String>,
}

/// A compartment of a drawer.
#[derive(Model, Clone, Debug)]
pub struct Compartment {
    /// What belongs there.
    pub content: Option<String>,
    /// How wide it is.
    #[attr(default = 5)]
    pub width: i64,
}

/// A handle.
#[derive(Model, Clone, Debug)]
pub struct Handle {
    /// What it is made of.
    pub material: String,
    /// How many there are of it.
    pub count: Option<i64>,
    /// How long it lasts.
    pub lasts: Option<Duration>,
}

/// The door.
#[derive(Model, Clone, Debug)]
pub struct Door {
    /// What it is made of.
    #[attr(replace)]
    pub material: String,
    #[attr(block(min = 1, max = 2))]
    pub hinge: Vec<Hinge>,
}

/// A hinge of a door.
#[derive(Model, Clone, Debug)]
pub struct Hinge {
    /// On which side.
    #[attr(default = "left")]
    pub side: String,
}

/// A lock.
#[derive(Model, Clone, Debug)]
pub struct Lock {
    /// What opens it.
    #[attr(write_only)]
    pub code: Option<String>,
    /// Of what kind it is; the wood is cut for it.
    #[attr(replace)]
    pub kind: Option<String>,
    /// How many turns it takes; the shop knows.
    pub turns: OptionalComputed<i64>,
}

/// A board in it.
#[derive(Model, Clone, Debug)]
pub struct Board {
    /// How high it is.
    pub height: i64,
    #[attr(block)]
    pub label: BTreeMap<String, Label>,
    #[attr(block)]
    pub edge: Single<Edge>,
    #[attr(block)]
    pub hook: Set<Hook>,
}

/// A label on a board, by its place.
#[derive(Model, Clone, Debug)]
pub struct Label {
    /// What it says.
    #[attr(default = "empty")]
    pub text: String,
}

/// The edge of a board.
#[derive(Model, Clone, Debug, Default)]
pub struct Edge {
    /// What it is made of.
    pub material: Option<String>,
}

/// A hook.
#[derive(Model, Clone, Debug)]
pub struct Hook {
    /// What hangs there.
    pub content: String,
    #[attr(block)]
    pub screw: Vec<Screw>,
}

/// A screw of a hook.
#[derive(Model, Clone, Debug)]
pub struct Screw {
    /// How long it is.
    pub length: i64,
}

/// A lamp in it.
#[derive(Model, Clone, Debug)]
#[attr(deprecated = "Open the door.")]
pub struct Lamp {
    /// How bright it is.
    pub lumens: Option<i64>,
}

impl Cabinet {
    /// With all that the shop knows.
    fn complete(mut self) -> Self {
        self.id = format!("id-{}", self.name).into();
        for (at, drawer) in self.drawers.iter_mut().flatten().enumerate() {
            let serial = drawer.serial.get().cloned().unwrap_or_else(|| format!("d-{at}"));
            drawer.serial = serial.into();
        }
        if let Some(lock) = &mut self.lock {
            // A code of six letters takes six turns.
            let turns = lock.code.as_ref().map_or(1, |code| code.len() as i64);
            lock.turns = lock.turns.get().copied().unwrap_or(turns).into();
        }
        self
    }
}

impl Resource for Cabinet {
    const TYPE_NAME: &'static str = "cabinet";
    const UPGRADES: &'static [Upgrade] = &[rename_title, list_the_handles, measure_in_centimetres];
    const IDENTITY_UPGRADES: &'static [Upgrade] = &[rename_title, drop_the_word];
    type Model = Self;
    type Client = Store;

    async fn create(store: &Store, planned: Self) -> Result<Self> {
        let made = planned.complete();
        store.put(&made.name, &made)?;
        Ok(made)
    }

    async fn read(store: &Store, state: Self) -> Result<Option<Self>> {
        store.get(&state.name)
    }

    async fn update(store: &Store, _: Self, planned: Self) -> Result<Self> {
        Self::create(store, planned).await
    }

    async fn delete(store: &Store, state: Self) -> Result<()> {
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
}

/// Version 0 called it `title`, in the state and in the identity.
fn rename_title(mut saved: Json) -> Result<Json> {
    saved["name"] = saved["title"].take();
    Ok(saved)
}

/// Version 1 knew one handle, and what it is made of.
fn list_the_handles(mut state: Json) -> Result<Json> {
    state["handles"] = json!([{"material": state["handle"].take()}]);
    Ok(state)
}

/// Version 2 measured drawers in millimetres.
fn measure_in_centimetres(mut state: Json) -> Result<Json> {
    for drawer in state["drawers"].as_array_mut().into_iter().flatten() {
        let height = drawer["height"].as_i64().ok_or_else(|| Failure::new("a drawer has no height"))?;
        drawer["height"] = (height / 10).into();
    }
    Ok(state)
}

/// Version 1 of the identity had the word `cabinet` before each name.
fn drop_the_word(mut identity: Json) -> Result<Json> {
    let name = identity["name"].as_str().map(|name| name.trim_start_matches("cabinet ").to_owned());
    identity["name"] = name.into();
    Ok(identity)
}
