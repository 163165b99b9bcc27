//! `shop_carton`: arguments of which null and empty are one value, since the shop can't tell them apart; and, by its name,
//! creates and reads that go wrong in each way that one can.

use std::collections::BTreeMap;

use tfplugin::{Computed, Failure, Model, OptionalComputed, Resource, Result, Set, created, discarded};

use super::Store;

/// A carton of the shop.
#[derive(Model, Clone, Debug)]
pub struct Carton {
    /// Its name, which stays.
    #[attr(replace)]
    pub name: String,
    /// What it says.
    #[attr(absent = empty)]
    pub text: Option<String>,
    /// Words on it. With others it is another carton.
    #[attr(absent = empty, replace)]
    pub words: Option<Vec<String>>,
    /// Its colours, in no order.
    #[attr(absent = empty)]
    pub colours: Option<Set<String>>,
    /// Notes on it.
    #[attr(absent = empty)]
    pub notes: Option<BTreeMap<String, String>>,
    /// Its lid.
    #[attr(absent = empty)]
    pub lid: Option<Lid>,
    #[attr(block)]
    pub slot: Set<Slot>,
    /// Its layers, from below.
    pub layers: Option<Vec<Layer>>,
    /// Where it is; the shop knows a place.
    pub place: OptionalComputed<String>,
    /// Its weight in grams; null where it is too light for the scales.
    pub weight: Computed<i64>,
    /// Its id, which stays.
    #[attr(keep)]
    pub id: Computed<String>,
}

/// The lid of a carton.
#[derive(Model, Clone, Debug)]
pub struct Lid {
    /// Its colour.
    #[attr(absent = empty)]
    pub colour: Option<String>,
}

/// A slot of a carton.
#[derive(Model, Clone, Debug)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// What fits in.
    #[attr(absent = empty)]
    pub fits: Option<Vec<String>>,
}

/// A layer of a carton.
#[derive(Model, Clone, Debug)]
pub struct Layer {
    /// What it is made of.
    pub material: String,
    /// Its number.
    pub serial: Computed<String>,
}

impl Carton {
    /// With all that the shop knows, as it is kept: of what is empty it keeps nothing.
    fn complete(mut self) -> Self {
        self.id = format!("id-{}", self.name).into();
        self.place = self.place.get().cloned().unwrap_or_else(|| "hall".to_owned()).into();
        self.weight = match self.name.as_str() {
            "unweighed" => Computed::none(),
            "light" => Computed::null(),
            _ => 100.into(),
        };
        for (at, layer) in self.layers.iter_mut().flatten().enumerate() {
            layer.serial = if self.name == "unnumbered" { Computed::none() } else { format!("l-{at}").into() };
        }
        self
    }
}

impl Resource for Carton {
    const TYPE_NAME: &'static str = "carton";
    type Model = Self;
    type Client = Store;

    async fn create(store: &Store, planned: Self) -> Result<Self> {
        let name = planned.name.clone();
        if name == "unfolded" {
            return Err(Failure::new("the carton can't be folded"));
        }
        store.put(&name, &planned.clone().complete())?;
        created(&planned);
        match name.as_str() {
            "dropped" => Err(Failure::new("the carton was dropped"))?,
            "burst" => panic!("the carton burst"),
            "torn" => {
                store.take::<Self>(&name)?;
                discarded();
                return Err(Failure::new("the carton was torn"));
            }
            // The shop doesn't find it yet.
            "vanished" => store.take::<Self>(&name)?,
            _ => {}
        }
        let mut made = store.get::<Self>(&name)?.ok_or_else(|| Failure::new("the carton is not there"))?.complete();
        match name.as_str() {
            // An answer in other words than were planned.
            "loud" => {
                made.text = made.text.map(|text| text.to_uppercase());
                made.layers.iter_mut().for_each(|layers| layers.reverse());
                made.place = "cellar".to_owned().into();
            }
            "late" => {
                created(&made);
                return Err(Failure::new("the carton is late"));
            }
            _ => {}
        }
        Ok(made)
    }

    async fn read(store: &Store, state: Self) -> Result<Option<Self>> {
        let weight = match state.name.as_str() {
            "unweighed" => state.weight,
            "unread" => Computed::none(),
            "light" => Computed::null(),
            _ => 100.into(),
        };
        Ok(store.get::<Self>(&state.name)?.map(|found| Carton { weight, ..found.complete() }))
    }

    async fn update(store: &Store, prior: Self, planned: Self) -> Result<Self> {
        if planned.colours.iter().flat_map(|colours| colours.0.iter()).any(|colour| colour == "fast") {
            return Err(Failure::new("the colour can't be changed"));
        }
        if planned.text.as_deref() == Some("soaked") {
            store.put(&prior.name, &Carton { text: Some("wet".to_owned()), ..prior.clone() })?;
            panic!("the carton is soaked");
        }
        let made = planned.complete();
        store.put(&made.name, &made)?;
        Ok(made)
    }

    async fn delete(store: &Store, state: Self) -> Result<()> {
        store.take::<Self>(&state.name)
    }
}
