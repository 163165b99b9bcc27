//! What a model looks like from outside: its attributes and blocks, and how the plan treats each.
//!
//! Schemas are made by `#[derive(Model)]`; a hand-written one uses the same builder calls. Nothing here knows Rust types
//! (`model` makes schemas of them), nor the protocol: `protocol::encode` turns a schema into its messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Diagnostic, Path, Step, Type, Value};

/// Attributes and blocks of a resource, a data source, a provider or a block.
#[derive(Debug, Clone, Default)]
pub struct Object {
    /// Attributes, in the order of the struct.
    pub attributes: Vec<Attribute>,
    /// Blocks, in the order of the struct.
    pub blocks: Vec<Block>,
    /// What it is, in Markdown.
    pub description: String,
    /// Why not to use it any more, and what to use instead.
    pub deprecated: Option<&'static str>,
    /// Values that are kept beside the state and shown to nobody, with the names of their fields.
    pub private: Vec<(&'static str, Type)>,
}

/// Who may set an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The configuration must.
    Required,
    /// The configuration may.
    Optional,
    /// Only the provider does.
    Computed,
    /// The configuration may, else the provider does.
    OptionalComputed,
}

/// How many objects a nested attribute or block holds, and how they are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects.
    Map,
}

/// What an attribute holds.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A value of a type.
    Type(Type),
    /// Objects whose attributes have descriptions, modes and checks of their own.
    Object(Nesting, Vec<Attribute>),
}

type Validator = Arc<dyn Fn(&Value) -> Result<(), String> + Send + Sync>;

/// What the type of an attribute's values knows of them.
#[derive(Clone, Copy)]
pub struct Rules {
    /// Adds what is wrong with a configured value, in which anything may be unknown.
    pub check: fn(&Value, &Path, &mut Vec<Diagnostic>),
    /// Whether two values mean the same.
    pub same: fn(&Value, &Value) -> bool,
    /// Tells an empty value, where the type has one.
    pub is_empty: Option<fn(&Value) -> bool>,
    /// A sentence for the documentation of each such attribute: the names that are allowed, for example.
    pub notes: Option<&'static str>,
}

/// One attribute.
#[derive(Clone)]
pub struct Attribute {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Who may set it.
    pub mode: Mode,
    /// What its author says it is, in Markdown. A person reads its [documentation](Attribute::documentation).
    pub description: String,
    /// Never shown in a plan.
    pub sensitive: bool,
    /// Read from the configuration at apply, never stored.
    pub write_only: bool,
    /// Why not to use it any more.
    pub deprecated: Option<&'static str>,
    /// What it is where the configuration leaves it out.
    pub default: Option<Value>,
    /// A change of it needs a new resource.
    pub replace: bool,
    /// A computed value that an update does not change.
    pub keep: bool,
    /// A part of what a resource is known by, as long as it lives.
    pub identity: bool,
    /// The last parameter of a function, which takes any number of arguments.
    pub variadic: bool,
    /// Whether a function wants to see it before it is known.
    pub takes_unknown: bool,
    /// Tells an empty value, where that and null are one.
    pub(crate) absent: Option<fn(&Value) -> bool>,
    rules: Rules,
    validators: Vec<Validator>,
}

impl std::fmt::Debug for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:?} {:?}", self.name, self.mode, self.shape)
    }
}

/// One kind of block.
#[derive(Debug, Clone)]
pub struct Block {
    /// Its name in the configuration.
    pub name: &'static str,
    /// How its objects are held.
    pub nesting: Nesting,
    /// How many there must be.
    pub min: usize,
    /// How many there may be; 0 is any number.
    pub max: usize,
    /// What is in it.
    pub object: Object,
}

impl Object {
    /// An object that is described by `description`.
    pub fn new(description: &str) -> Self {
        Object { description: description.to_owned(), ..Object::default() }
    }

    /// With one more attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// With all that `part` has; its description is of no concern.
    #[must_use]
    pub fn flatten(mut self, part: Object) -> Self {
        self.attributes.extend(part.attributes);
        self.blocks.extend(part.blocks);
        self.private.extend(part.private);
        self
    }

    /// With one more kind of block.
    #[must_use]
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// With a value of type `value_type` that is kept beside the state, in a field `name`.
    #[must_use]
    pub fn private(mut self, name: &'static str, value_type: Type) -> Self {
        self.private.push((name, value_type));
        self
    }

    /// Not to be used any more, and what to use instead.
    #[must_use]
    pub fn deprecated(mut self, instead: &'static str) -> Self {
        self.deprecated = Some(instead);
        self
    }

    /// The attributes that a resource is known by; none if it has no identity.
    pub fn identity(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.identity)
    }

    /// The type of its values.
    pub fn value_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|attribute| (attribute.name.to_owned(), attribute.value_type()));
        let blocks = self.blocks.iter().map(|block| (block.name.to_owned(), block.value_type()));
        Type::Object(attributes.chain(blocks).collect())
    }

    /// An object with nothing set: attributes null, blocks absent.
    pub fn empty(&self) -> Value {
        let attributes = self.attributes.iter().map(|attribute| (attribute.name.to_owned(), Value::Null));
        let blocks = self.blocks.iter().map(|block| (block.name.to_owned(), block.empty()));
        Value::Map(attributes.chain(blocks).collect())
    }

    /// Whether there is an attribute `name`.
    pub fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.name == name)
    }

    /// `diagnostic` with a path that a CLI can show in a configuration: through blocks to an attribute, or to an element
    /// of one. Told of something further inside, it would show the head of the resource; so the text says the rest.
    pub(crate) fn visible(&self, diagnostic: &Diagnostic) -> Diagnostic {
        let end = self.visible_steps(diagnostic.path.steps());
        let (visible, inside) = diagnostic.path.steps().split_at(end);
        if !inside.iter().any(|step| matches!(step, Step::Attribute(_))) {
            return diagnostic.clone();
        }
        let shown = visible.iter().fold(Path::root(), |path, step| path.then(step.clone()));
        let whole = diagnostic.path.to_string();
        let is_told = diagnostic.summary.contains(&whole) || diagnostic.detail.contains(&whole);
        let diagnostic = diagnostic.clone().at(shown);
        if is_told { diagnostic } else { diagnostic.detail(format!("At {whole}.")) }
    }

    fn visible_steps(&self, steps: &[Step]) -> usize {
        let mut object = self;
        for (at, step) in steps.iter().enumerate() {
            let Step::Attribute(name) = step else { continue };
            match object.blocks.iter().find(|block| block.name == name) {
                Some(block) => object = &block.object,
                None if matches!(steps.get(at + 1), Some(Step::Index(_) | Step::Key(_))) => return at + 2,
                None => return at + 1,
            }
        }
        steps.len()
    }

    /// Whether there are blocks `name`.
    pub fn is_block(&self, name: &str) -> bool {
        self.blocks.iter().any(|block| block.name == name)
    }
}

impl Shape {
    /// The type of its values.
    pub fn value_type(&self) -> Type {
        match self {
            Shape::Type(inner) => inner.clone(),
            Shape::Object(nesting, attributes) => {
                let named = attributes.iter().map(|attribute| (attribute.name.to_owned(), attribute.value_type()));
                nesting.of(Type::Object(named.collect::<BTreeMap<_, _>>()))
            }
        }
    }

    /// A collection of values of this shape.
    #[must_use]
    pub fn nested(self, nesting: Nesting) -> Shape {
        match self {
            Shape::Object(Nesting::Single, attributes) => Shape::Object(nesting, attributes),
            other => Shape::Type(nesting.of(other.value_type())),
        }
    }
}

impl Nesting {
    fn of(self, element: Type) -> Type {
        match self {
            Nesting::Single => element,
            Nesting::List => Type::List(Box::new(element)),
            Nesting::Set => Type::Set(Box::new(element)),
            Nesting::Map => Type::Map(Box::new(element)),
        }
    }
}

impl Attribute {
    /// Attribute `name`, of which nothing else is said. For one of a Rust type there is [`Attribute::of`].
    pub fn new(name: &'static str, shape: Shape, mode: Mode, rules: Rules) -> Self {
        Attribute {
            name,
            shape,
            mode,
            description: String::new(),
            sensitive: false,
            write_only: false,
            deprecated: None,
            default: None,
            replace: false,
            keep: false,
            identity: false,
            variadic: false,
            takes_unknown: false,
            absent: None,
            rules,
            validators: Vec::new(),
        }
    }

    /// Described by `text`, in Markdown.
    #[must_use]
    pub fn describe(mut self, text: &str) -> Self {
        text.clone_into(&mut self.description);
        self
    }

    /// What a person reads of it, in Markdown: its description, then what its type and its default say. What the
    /// description says itself, by the same words, is not said twice.
    pub fn documentation(&self) -> String {
        let is_said = |words: &[&str]| words.iter().any(|words| self.description.contains(words));
        let notes = self.rules.notes.filter(|_| !is_said(&["One of `"])).map(str::to_owned);
        let default = self.default.as_ref().filter(|_| !is_said(&DEFAULT_WORDS));
        let default = default.map(|default| format!("Default: {}.", literal(default)));
        let said = [Some(self.description.clone()), notes, default];
        let mut text = String::new();
        for sentence in said.into_iter().flatten().filter(|sentence| !sentence.is_empty()) {
            text.push_str(if text.is_empty() { "" } else { gap(&text) });
            text.push_str(&sentence);
        }
        text
    }

    /// A change of it needs a new resource.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.replace = true;
        self
    }

    /// An update does not change it, where the provider computes it.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// A part of what a resource is known by, as long as it lives.
    #[must_use]
    pub fn identity(mut self) -> Self {
        self.identity = true;
        self
    }

    /// The last parameter of a function, which takes any number of arguments.
    #[must_use]
    pub fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    /// Null and empty are one value: the service can't tell them apart.
    #[must_use]
    pub fn absent_is_empty(mut self) -> Self {
        self.absent = self.rules.is_empty;
        self
    }

    /// Never shown.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Read from the configuration at apply, never stored.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Not to be used any more, and what to use instead.
    #[must_use]
    pub fn deprecated(mut self, instead: &'static str) -> Self {
        self.deprecated = Some(instead);
        self
    }

    /// `value` where the configuration leaves it out.
    #[must_use]
    pub fn default_value(mut self, value: Value) -> Self {
        self.default = Some(value);
        self.mode = Mode::OptionalComputed;
        self
    }

    /// Held against `validator`, once its value is wholly known.
    #[must_use]
    pub fn validate_value(mut self, validator: impl Fn(&Value) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.validators.push(Arc::new(validator));
        self
    }

    /// The type of its values.
    pub fn value_type(&self) -> Type {
        self.shape.value_type()
    }

    /// Whether the configuration may set it.
    pub fn is_configurable(&self) -> bool {
        self.mode != Mode::Computed
    }

    /// Whether the provider may set it.
    pub fn is_computed(&self) -> bool {
        matches!(self.mode, Mode::Computed | Mode::OptionalComputed)
    }

    /// Whether an import by identity has to give it: nothing else would, since a configuration can't leave it out or
    /// can't have it. Others have a default.
    pub fn is_required_for_import(&self) -> bool {
        matches!(self.mode, Mode::Required | Mode::Computed)
    }

    /// Whether two values mean the same.
    pub fn is_same(&self, one: &Value, other: &Value) -> bool {
        one == other || (self.is_absent(one) && self.is_absent(other)) || (self.rules.same)(one, other)
    }

    /// Whether a value is null, or means that.
    pub(crate) fn is_absent(&self, value: &Value) -> bool {
        value.is_null() || self.absent.is_some_and(|is_empty| is_empty(value))
    }

    /// What is wrong with a configured value, as far as it is known.
    pub fn check(&self, value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        if value.is_null() {
            if self.mode == Mode::Required {
                diagnostics.push(missing(path));
            }
            return;
        }
        if !self.is_configurable() {
            if !value.is_unknown() {
                diagnostics.push(read_only(path));
            }
            return;
        }
        if let Some(instead) = self.deprecated {
            diagnostics.push(deprecated(&path.to_string(), instead).at(path.clone()));
        }
        if value.is_unknown() || self.is_absent(value) {
            return;
        }
        let mut problems = Vec::new();
        (self.rules.check)(value, path, &mut problems);
        if problems.is_empty() && value.is_wholly_known() {
            let told = self.validators.iter().filter_map(|validator| validator(value).err());
            problems.extend(told.map(|problem| invalid(path, &problem)));
        }
        if self.sensitive {
            problems.iter_mut().for_each(|problem| problem.detail = without(&problem.detail, value));
        }
        diagnostics.append(&mut problems);
    }
}

/// By what a description says its default.
const DEFAULT_WORDS: [&str; 4] = ["Default: ", "Defaults to ", "By default ", "by default "];

/// What separates `text` from one more sentence: a list, a table and a block of code end with an empty line.
fn gap(text: &str) -> &'static str {
    let last = text.lines().last().unwrap_or_default().trim_start();
    if ["- ", "* ", "|", "```"].iter().any(|mark| last.starts_with(mark)) { "\n\n" } else { " " }
}

/// A known value as a configuration spells it, to be shown as code. A plain text is shown as it is.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains([' ', '`', '"', '\\', '\n']) => format!("`{text}`"),
        other => format!("`{}`", spelled(other)),
    }
}

fn spelled(value: &Value) -> String {
    let list = |items: &[Value]| items.iter().map(spelled).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null | Value::Unknown => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::List(items) | Value::Set(items) => format!("[{}]", list(items)),
        Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(name, value)| format!("{name} = {}", spelled(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Dynamic(inner) => spelled(&inner.1),
    }
}

/// `text` without what is in `value`, and without single characters of it.
fn without(text: &str, value: &Value) -> String {
    match value {
        Value::String(secret) => {
            let quoted = [format!("{secret:?}"), secret.clone()].into_iter().filter(|_| !secret.is_empty());
            let text = quoted.fold(text.to_owned(), |text, secret| text.replace(&secret, "it"));
            secret.chars().fold(text, |text, one| text.replace(&format!("{one:?}"), "a character in it"))
        }
        Value::Number(secret) => text.replace(&secret.to_string(), "it"),
        Value::List(items) | Value::Set(items) => items.iter().fold(text.to_owned(), |text, item| without(&text, item)),
        Value::Map(entries) => entries.values().fold(text.to_owned(), |text, item| without(&text, item)),
        Value::Dynamic(inner) => without(text, &inner.1),
        Value::Null | Value::Unknown | Value::Bool(_) => text.to_owned(),
    }
}

/// The error of a value at `path` that is not as it must be.
pub fn invalid(path: &Path, problem: &str) -> Diagnostic {
    Diagnostic::error(format!("invalid value for {path}")).at(path.clone()).detail(problem)
}

/// The error of a required value at `path` that is null.
fn missing(path: &Path) -> Diagnostic {
    Diagnostic::error(format!("missing value for {path}"))
        .at(path.clone())
        .detail("This argument is required and must not be null.")
}

/// The error of a configured value at `path` that only the provider sets.
fn read_only(path: &Path) -> Diagnostic {
    Diagnostic::error(format!("cannot set {path}"))
        .at(path.clone())
        .detail("This attribute is read-only: the provider sets its value.")
        .detail("Remove it from the configuration.")
}

/// The warning that `what` is not to be used any more, and what to use `instead`.
pub(crate) fn deprecated(what: &str, instead: &str) -> Diagnostic {
    Diagnostic::warning(format!("{what} is deprecated")).detail(instead)
}

impl Block {
    /// At most `count` of them.
    #[must_use]
    pub fn max(mut self, count: usize) -> Self {
        self.max = count;
        self
    }

    /// At least `count` of them.
    #[must_use]
    pub fn min(mut self, count: usize) -> Self {
        self.min = count;
        self
    }

    /// Described by `text`, in Markdown.
    #[must_use]
    pub fn describe(mut self, text: &str) -> Self {
        text.clone_into(&mut self.object.description);
        self
    }

    /// The type of its values.
    pub fn value_type(&self) -> Type {
        self.nesting.of(self.object.value_type())
    }

    fn empty(&self) -> Value {
        match self.nesting {
            Nesting::Single => Value::Null,
            Nesting::List => Value::List(Vec::new()),
            Nesting::Set => Value::Set(Vec::new()),
            Nesting::Map => Value::Map(BTreeMap::new()),
        }
    }
}
