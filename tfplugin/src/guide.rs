//! From nothing to a provider: text files in one folder.
//!
//! What is grown here stands whole, with its tests, in `examples/files`.
//!
//! # A provider that makes something
//!
//! A struct is the definition of a resource type: its fields are the attributes, their types say who sets them, and its
//! doc comments are the page that a person reads. Four functions make, read, change and delete it; each takes and returns
//! whole structs, and none sees a value that isn't known.
//!
//! ```no_run
//! use std::path::PathBuf;
//! use std::process::ExitCode;
//!
//! use tfplugin::resource::{ErasedResource, resource};
//! use tfplugin::{Computed, Failure, Known, Model, Provider, Resource, Result, Session, View};
//!
//! /// A text file.
//! #[derive(Model, Clone)]
//! pub struct Text {
//!     /// Where it is, relative to the provider's `root`.
//!     #[attr(replace)]
//!     pub path: String,
//!     /// What is in it.
//!     pub content: String,
//!     /// Its size in bytes.
//!     pub size: Computed<i64>,
//! }
//!
//! /// What calls are made with.
//! pub struct Folder(PathBuf);
//!
//! impl Resource for Text {
//!     const TYPE_NAME: &'static str = "text";
//!     type Client = Folder;
//!
//!     async fn create(folder: &Folder, planned: Self) -> Result<Self> {
//!         let written = std::fs::write(folder.0.join(&planned.path), &planned.content);
//!         written.map_err(|error| Failure::at(Self::PATH, "cannot write the file").detail(error.to_string()))?;
//!         Ok(Text { size: (planned.content.len() as i64).into(), ..planned })
//!     }
//!
//!     async fn read(folder: &Folder, state: Self) -> Result<Option<Self>> {
//!         // Gone is no failure: the next plan makes it anew.
//!         let Ok(content) = std::fs::read_to_string(folder.0.join(&state.path)) else { return Ok(None) };
//!         Ok(Some(Text { size: (content.len() as i64).into(), content, ..state }))
//!     }
//!
//!     async fn update(folder: &Folder, _prior: Self, planned: Self) -> Result<Self> {
//!         Self::create(folder, planned).await
//!     }
//!
//!     async fn delete(folder: &Folder, state: Self) -> Result<()> {
//!         let _ = std::fs::remove_file(folder.0.join(&state.path));
//!         Ok(())
//!     }
//! }
//!
//! /// Text files in one folder.
//! #[derive(Model)]
//! pub struct Config {
//!     /// Folder that the files are in.
//!     pub root: String,
//! }
//!
//! /// The provider.
//! pub struct Files;
//!
//! impl Provider for Files {
//!     const NAME: &'static str = "files";
//!     const ADDRESS: &'static str = "example/files";
//!     const VERSION: &'static str = "1.0.0";
//!     const ISSUES: &'static str = "https://example.com/issues";
//!     type Config = Config;
//!     type Client = Folder;
//!     const RESOURCES: &'static [&'static dyn ErasedResource<Folder>] = &[resource::<Text>()];
//!
//!     async fn configure(config: &View<'_, Config>, _: Session) -> Result<Folder> {
//!         match config.get(Config::ROOT) {
//!             Known::Known(root) => Ok(Folder(root.into())),
//!             _ => Err(Failure::at(Config::ROOT, "the folder is not known before apply")),
//!         }
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     tfplugin::cli::main::<Files>(&["files"])
//! }
//! ```
//!
//! `cargo build`, and `terraform-provider-files install` puts it where both CLIs look and prints the block to write. A
//! person may now write `resource "files_text" "a" { ... }`; what they leave out, misspell or give in the wrong type is
//! told them, with the attribute and its line, before anything is called.
//!
//! # Who sets what
//!
//! | field | the configuration | the provider |
//! |---|---|---|
//! | `T` | must | |
//! | [`Option<T>`] | may | |
//! | [`Computed<T>`](crate::Computed) | | does |
//! | [`OptionalComputed<T>`](crate::OptionalComputed) | may | else does |
//! | [`Private<T>`](crate::Private) | | keeps it beside the state |
//!
//! `T` is a `String`, number or `bool`, a `Vec`, [`Set`](crate::Set) or `BTreeMap` of them, another model, a
//! [`Choice`](crate::Choice) of words, a [`Duration`](std::time::Duration), or anything at all
//! ([`Dynamic`](crate::Dynamic)). Words in `#[attr(...)]` say more: `default = ...`, `replace` (a change needs a new
//! resource), `keep` (computed once, for its life), `identity`, `sensitive`, `write_only`, `deprecated = "..."`,
//! `validate = ...` (see [`validate`](crate::validate)), and `block` for blocks instead of attributes. A word, type or
//! combination that can't be is an error of the compiler that says what can.
//!
//! # Two times
//!
//! Before apply anything may be unknown, because it comes from what isn't made yet. Code of that time holds a
//! [`View`](crate::View) or a [`Plan`](crate::Plan), asks by typed keys, and gets a [`Known`](crate::Known), so that it
//! can't forget. Here the size is planned as soon as the content is known, and a wrong path is refused:
//!
//! ```
//! # use tfplugin::{Computed, Diagnostic, Model, Plan, Resource, Result, View};
//! # /// A text file.
//! # #[derive(Model, Clone)]
//! # pub struct Text {
//! #     /// Where it is.
//! #     pub path: String,
//! #     /// What is in it.
//! #     pub content: String,
//! #     /// Its size.
//! #     pub size: Computed<i64>,
//! # }
//! # pub struct Folder;
//! impl Resource for Text {
//! #   const TYPE_NAME: &'static str = "text";
//! #   type Client = Folder;
//!     fn validate(config: &View<Self>) -> Vec<Diagnostic> {
//!         let leaves = config.get(Self::PATH).known().is_some_and(|path| path.contains(".."));
//!         let fault = || Diagnostic::error("this path leads out of the folder").at(Self::PATH);
//!         leaves.then(fault).into_iter().collect()
//!     }
//!
//!     async fn plan(_: &Folder, plan: &mut Plan<'_, Self>) -> Result<()> {
//!         if let (true, Some(content)) = (plan.is_change(), plan.get(Self::CONTENT).known()) {
//!             plan.set(Self::SIZE, &(content.len() as i64));
//!         }
//!         Ok(())
//!     }
//! #   async fn create(_: &Folder, planned: Self) -> Result<Self> { Ok(planned) }
//! #   async fn read(_: &Folder, state: Self) -> Result<Option<Self>> { Ok(Some(state)) }
//! #   async fn update(_: &Folder, _: Self, planned: Self) -> Result<Self> { Ok(planned) }
//! #   async fn delete(_: &Folder, _: Self) -> Result<()> { Ok(()) }
//! }
//! ```
//!
//! What is planned and known is what must come of it: the CLIs hold every provider to that, and so do its tests (below).
//!
//! # When it fails
//!
//! A [`Failure`](crate::Failure) says what failed, at which attribute, and how to mend it. One that happens after
//! something was made carries it, so that the state knows: `Failure::new("...").reached(&made)`. A [`warn`](crate::warn)
//! is told beside a success. A panic ends nothing but its request, and becomes one diagnostic that names
//! [`Provider::ISSUES`](crate::Provider::ISSUES).
//!
//! # Import, moves, and older states
//!
//! `Resource::import` finds what exists under an id; with `#[attr(identity)]` on what it is known by,
//! `Resource::import_id` makes the id of an identity. `Resource::move_from` takes over another provider's state, and
//! `Resource::UPGRADES` brings this one's older states up to date, a step a version.
//!
//! # More than resources
//!
//! A [`DataSource`](crate::DataSource) reads, a [`Function`](crate::Function) answers from its arguments alone, and an
//! [`EphemeralResource`](crate::EphemeralResource) lives as long as a run. Each is a struct with `#[derive(Model)]`, and
//! is named in a list of the [`Provider`](crate::Provider).
//!
//! ```
//! use tfplugin::{Function, FunctionError, Model};
//!
//! /// Joins parts of a path.
//! #[derive(Model)]
//! pub struct Join {
//!     /// The parts.
//!     #[attr(variadic)]
//!     pub parts: Vec<String>,
//! }
//!
//! impl Function for Join {
//!     const NAME: &'static str = "join";
//!     type Output = String;
//!
//!     fn call(self) -> Result<String, FunctionError> {
//!         match self.parts.iter().position(|part| part == "..") {
//!             Some(at) => Err(FunctionError::at(Self::PARTS, "this part leads out of the folder").element(at)),
//!             None => Ok(self.parts.join("/")),
//!         }
//!     }
//! }
//! # assert_eq!(Join { parts: vec!["a".into(), "b".into()] }.call().unwrap(), "a/b");
//! ```
//!
//! # Tests
//!
//! [`testing::check_resource`](crate::testing::check_resource) holds a type to the CLIs' rules: valid configurations, which
//! set all of its attributes between them, are planned with each attribute at any depth unknown, left out, and with other
//! values; what they say is made, read, imported, changed from one to the other, and destroyed. There is the same for data
//! sources, ephemeral resources, functions, the provider block and all schemas, and
//! [`testing::check_failing_create`](crate::testing::check_failing_create) for a create that fails on its way.
//! [`testing::Project`](crate::testing::Project) runs the real CLIs, each in a folder of its own, against the built
//! provider; each step says what it expects, and fails with all that the CLI said, at the line of the test:
//! `apply`, `plan(...).expect_actions(...)`, `expect_refused`, `reimport`, and `drift` and `vanish` for what somebody
//! else does meanwhile.
