//! Empty values of attributes that are computed where they are left out.
//!
//! An empty value means that, but the CLIs demand that a plan has it as it is written, or as it was. So the plan is made
//! as if it were left out, and then has it again. The next read tells what it became.

use crate::Value;
use crate::schema::{Mode, Object};

/// An attribute whose configured value is empty and means left out.
pub(crate) struct Blank {
    name: &'static str,
    written: Value,
    saved: Value,
    prior: Value,
}

impl Blank {
    /// Those of `config`, which becomes one without them, as does what is `proposed` for it. `saved` is the prior as the
    /// CLI has it, `prior` what it stands for.
    pub(crate) fn leave_out(
        object: &Object,
        (saved, prior): (&Value, &Value),
        config: &mut Value,
        proposed: &mut Value,
    ) -> Vec<Blank> {
        let mut blanks = Vec::new();
        for (name, written) in Blank::written(object, config, |mode| mode == Mode::OptionalComputed) {
            config.put(name, Value::Null);
            proposed.put(name, prior.get(name).clone());
            blanks.push(Blank { name, written, saved: saved.get(name).clone(), prior: prior.get(name).clone() });
        }
        blanks
    }

    /// Spells in what was `read` of a data source what its configuration leaves empty as the CLI demands: as it is written.
    pub(crate) fn keep(object: &Object, config: &Value, read: &mut Value) {
        let all = Blank::written(object, config, |_| true);
        all.into_iter().for_each(|(name, written)| read.put(name, written));
    }

    fn written(object: &Object, config: &Value, is_meant: fn(Mode) -> bool) -> Vec<(&'static str, Value)> {
        let attributes = object.attributes.iter().filter(|one| is_meant(one.mode));
        let written = attributes.map(|attribute| (attribute, config.get(attribute.name)));
        let blank = written.filter(|(attribute, value)| !value.is_null() && attribute.is_absent(value));
        blank.map(|(attribute, value)| (attribute.name, value.clone())).collect()
    }

    /// Spells it in what is `planned` as the CLI demands.
    pub(crate) fn put_back(self, planned: &mut Value) {
        let is_kept = !self.saved.is_null() && *planned.get(self.name) == self.prior;
        planned.put(self.name, if is_kept { self.saved } else { self.written });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Model, OptionalComputed};

    /// A thing.
    #[derive(Model)]
    struct Thing {
        /// Where it is.
        #[attr(absent = empty, keep)]
        place: OptionalComputed<String>,
    }

    fn thing(place: Value) -> Value {
        Value::Map([("place".to_owned(), place)].into())
    }

    /// What becomes of a plan that says `planned` where the configuration is empty.
    fn told(saved: Value, prior: Value, planned: Value) -> Value {
        let (mut config, mut proposed) = (thing("".into()), thing("".into()));
        let prior = if prior.is_null() { Value::Null } else { thing(prior) };
        let saved = if saved.is_null() { Value::Null } else { thing(saved) };
        let blanks = Blank::leave_out(&Thing::object(), (&saved, &prior), &mut config, &mut proposed);
        assert_eq!((config.get("place"), proposed.get("place")), (&Value::Null, prior.get("place")));
        let mut planned = thing(planned);
        blanks.into_iter().for_each(|blank| blank.put_back(&mut planned));
        planned.get("place").clone()
    }

    #[test]
    fn the_cli_gets_what_is_written_or_what_was() {
        assert_eq!(told(Value::Null, Value::Null, "here".into()), "".into(), "a create");
        assert_eq!(told("here".into(), "here".into(), "here".into()), "here".into(), "nothing changes");
        assert_eq!(told("".into(), "here".into(), "here".into()), "".into(), "nothing changes before it is read");
        assert_eq!(told("here".into(), "here".into(), "there".into()), "".into(), "it moves");
        assert_eq!(told("here".into(), "here".into(), Value::Unknown), "".into());
    }

    #[test]
    fn what_is_given_stays() {
        let (mut config, mut proposed) = (thing("there".into()), thing("there".into()));
        let blanks = Blank::leave_out(&Thing::object(), (&Value::Null, &Value::Null), &mut config, &mut proposed);
        assert!(blanks.is_empty() && config == thing("there".into()) && proposed == config);
    }
}
