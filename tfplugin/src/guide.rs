//! From nothing to a provider: text files in one folder.
//!
//! The provider that is begun here stands whole, with its tests, in `examples/files`. What is shown after it is compiled
//! with this page.
//!
//! # Begin
//!
//! It takes Rust 1.95 and a C compiler. The CLIs know a provider by the name of its binary, `terraform-provider-NAME`:
//!
//! ```sh
//! cargo new terraform-provider-files
//! cd terraform-provider-files
//! ```
//!
//! This crate is in no registry. A provider depends on it by its path, or by `git = "..."` with the address of its
//! repository. `Cargo.toml`:
//!
//! ```toml
//! [package]
//! name = "terraform-provider-files"
//! version = "1.0.0"
//! edition = "2024"
//!
//! [dependencies]
//! serde_json = "1" # for states of older versions, and of other providers
//! tfplugin = { path = "../terraform-provider-guardduty/tfplugin" }
//!
//! [dev-dependencies]
//! tempfile = "3"
//! tokio = { version = "1", features = ["macros", "rt"] }
//!
//! # A CLI starts the provider several times a command. These make it small, and its start short.
//! [profile.release]
//! codegen-units = 4
//! lto = "thin"
//! strip = true
//!
//! # Each start reads certificates and makes keys: without optimization that is most of the time of a test with a CLI.
//! [profile.dev.package.aws-lc-sys]
//! opt-level = 2
//!
//! [profile.dev.package.rustls-pki-types]
//! opt-level = 2
//!
//! [profile.dev.package.tfplugin]
//! opt-level = 1
//! ```
//!
//! These are the settings that this crate is built and measured with. `cargo build --release` makes what you publish. Avoid
//! dependencies that add a second TLS library (`rustls` with `ring`, `openssl`) or load root certificates at startup:
//! `tfplugin` uses rustls with aws-lc-rs.
//!
//! # A provider that makes something
//!
//! A struct is the definition of a resource type: its fields are the attributes, their types say who sets them, and its
//! doc comments are the page that a person reads. Four functions make, read, change and delete it; each takes and returns
//! whole structs, and none sees a value that isn't known. `src/main.rs`:
//!
//! ```
//! use std::fs::{self, File};
//! use std::io::{self, ErrorKind};
//! use std::path::PathBuf;
//! use std::process::ExitCode;
//!
//! use tfplugin::resource::{ErasedResource, resource};
//! use tfplugin::{Computed, Failure, Known, Model, Provider, Resource, Result, Session, View, created};
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
//! impl Resource for Text {
//!     const TYPE_NAME: &'static str = "text";
//!     type Model = Self;
//!     type Client = Folder;
//!
//!     async fn create(folder: &Folder, planned: Self) -> Result<Self> {
//!         folder.create(&planned.path)?;
//!         // From here on there is a file, and the state has it even if the rest fails.
//!         created(&planned);
//!         folder.write(&planned.path, &planned.content)?;
//!         Ok(Text { size: (planned.content.len() as i64).into(), ..planned })
//!     }
//!
//!     async fn read(folder: &Folder, state: Self) -> Result<Option<Self>> {
//!         // Gone is no failure: the next plan makes it anew.
//!         let Some(content) = folder.read(&state.path)? else { return Ok(None) };
//!         Ok(Some(Text { size: (content.len() as i64).into(), content, ..state }))
//!     }
//!
//!     async fn update(folder: &Folder, _prior: Self, planned: Self) -> Result<Self> {
//!         folder.write(&planned.path, &planned.content)?;
//!         Ok(Text { size: (planned.content.len() as i64).into(), ..planned })
//!     }
//!
//!     async fn delete(folder: &Folder, state: Self) -> Result<()> {
//!         folder.delete(&state.path)
//!     }
//! }
//!
//! /// What calls are made with.
//! pub struct Folder(PathBuf);
//!
//! impl Folder {
//!     /// Makes an empty file where there is none; what somebody else has put there stays.
//!     fn create(&self, path: &str) -> Result<()> {
//!         File::create_new(self.0.join(path)).map(drop).map_err(|error| failure("make", path, &error))
//!     }
//!
//!     fn write(&self, path: &str, text: &str) -> Result<()> {
//!         fs::write(self.0.join(path), text).map_err(|error| failure("write", path, &error))
//!     }
//!
//!     /// `None` if there is no file. Of one that can't be read nobody knows that: it is a failure, and the state stays.
//!     fn read(&self, path: &str) -> Result<Option<String>> {
//!         match fs::read_to_string(self.0.join(path)) {
//!             Ok(text) => Ok(Some(text)),
//!             Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
//!             Err(error) => Err(failure("read", path, &error)),
//!         }
//!     }
//!
//!     /// That it is gone already is no failure. Any other error is: the file is still there.
//!     fn delete(&self, path: &str) -> Result<()> {
//!         match fs::remove_file(self.0.join(path)) {
//!             Err(error) if error.kind() != ErrorKind::NotFound => Err(failure("delete", path, &error)),
//!             _ => Ok(()),
//!         }
//!     }
//! }
//!
//! fn failure(what: &str, path: &str, error: &io::Error) -> Failure {
//!     Failure::at(Text::PATH, format!("cannot {what} {path}")).because(error)
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
//!     const VERSION: &'static str = env!("CARGO_PKG_VERSION");
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
//! # mod binary {
//! #     use super::*;
//! fn main() -> ExitCode {
//!     // The crate whose logs are shown at every level, as Rust spells it.
//!     tfplugin::cli::main::<Files>(&["terraform_provider_files"])
//! }
//! #     const _: fn() -> ExitCode = main;
//! # }
//! # fn main() {
//! #     use serde_json::json;
//! #     use tfplugin::Value;
//! #     use tfplugin::testing::{Client, check_resource, check_schemas};
//! #     let check = async {
//! #         let folder = tempfile::tempdir().unwrap();
//! #         let root = Value::from(folder.path().to_str().unwrap());
//! #         let mut client = Client::<Files>::default();
//! #         assert_eq!(client.configure(&Value::Map([("root".to_owned(), root)].into())).await.unwrap(), []);
//! #         let texts = [json!({"path": "a", "content": "b"}), json!({"path": "c", "content": "d"})];
//! #         let mut report = check_schemas::<Files>();
//! #         report.extend(check_resource(&mut client, "files_text", &texts).await.unwrap());
//! #         assert_eq!(report, Vec::<String>::new());
//! #         // What can't be read or deleted is not gone; what is there already is not written over.
//! #         let folder = Folder(folder.path().into());
//! #         fs::create_dir(folder.0.join("no-file")).unwrap();
//! #         assert!(folder.read("no-file").is_err() && folder.delete("no-file").is_err());
//! #         assert!(folder.create("no-file").is_err());
//! #         assert!(folder.read("nothing").unwrap().is_none() && folder.delete("nothing").is_ok());
//! #     };
//! #     tokio::runtime::Builder::new_multi_thread().build().unwrap().block_on(check);
//! # }
//! ```
//!
//! `cargo build`, and `target/debug/terraform-provider-files install` (or `target/release/...`) puts it where both CLIs look and prints the block to
//! write. A person may now write `provider "files" { root = "/tmp" }` and `resource "files_text" "a" { ... }`; what they
//! leave out, misspell or give in the wrong type is told them, with the attribute and its line, before anything is called.
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
//! `validate = ...` (see [`validate`](crate::validate)), `absent = empty` (below), `timeouts(...)`, `flatten`, and `block`
//! for blocks instead of attributes; [`Model`](derive@crate::Model) has the whole list. A word, type or combination that
//! can't be is an error of the compiler that says what can.
//!
//! What the schema forbids, nothing gets past: an attribute that only the provider sets and that the configuration sets,
//! and a required one that is null, are errors at the attribute, at any depth, when the configuration is validated. What
//! is unknown then is checked again at plan and at apply.
//!
//! Each computed value is set by a create, an update, a read and an import: to a value, or explicitly to null, by
//! `Computed::null()` or an `Option` with `into()`. `Computed::none()` is not set yet, something to start from; one that
//! is returned so is an error, `the provider did not set X`, with what there is in the state.
//!
//! Where a service can't tell null from empty (a description of `""`, a list of nothing), an `Option` says so with
//! `#[attr(absent = empty)]`. Then code sees `None` for both, a refresh keeps the spelling of the configuration, and a
//! change from one to the other is shown by a plan, as the CLIs demand, but calls nothing and replaces nothing.
//!
//! # Nested attributes, choices and blocks
//!
//! A field whose type is another model is a nested attribute, `owner = { ... }`; a `Vec`, `Set` or `BTreeMap` of them holds
//! many. With `block` it is a block, `line { ... }`, which new types hardly need. An enum of names is a choice. What the
//! configuration may say, its page says too: each name with its meaning, and each default.
//!
//! ```
//! use std::collections::BTreeMap;
//! use tfplugin::{Choice, Computed, Diagnostic, Known, Model, View, validate};
//!
//! /// A text file.
//! #[derive(Model, Clone)]
//! pub struct Text {
//!     /// Path relative to the provider's `root`.
//!     #[attr(replace)]
//!     pub path: String,
//!     /// How lines end.
//!     #[attr(default = LineEnd::Unix)]
//!     pub line_end: LineEnd,
//!     /// Who may use the file.
//!     pub owner: Option<Owner>,
//!     /// Marks in the margin, by their name.
//!     pub marks: Option<BTreeMap<String, Mark>>,
//!     #[attr(block(min = 1, max = 1000))]
//!     pub line: Vec<Line>,
//! }
//!
//! /// How lines end.
//! #[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
//! pub enum LineEnd {
//!     /// With a line feed.
//!     #[choice("unix")]
//!     Unix,
//!     /// With a carriage return and a line feed.
//!     #[choice("windows")]
//!     Windows,
//! }
//!
//! /// Who may use a file.
//! #[derive(Model, Clone)]
//! pub struct Owner {
//!     /// Name of the user.
//!     pub user: String,
//!     /// Permissions as octal digits.
//!     #[attr(default = "0644", validate = validate::length(4..=4))]
//!     pub mode: String,
//!     /// Number of the user, known once the file exists.
//!     #[attr(keep)]
//!     pub id: Computed<i64>,
//! }
//!
//! /// A mark in the margin.
//! #[derive(Model, Clone)]
//! pub struct Mark {
//!     /// Number of the line, from 1.
//!     #[attr(validate = validate::range(1..=1000))]
//!     pub line: i64,
//! }
//!
//! /// A line of the file, in order.
//! #[derive(Model, Clone)]
//! pub struct Line {
//!     /// Text of the line.
//!     pub text: String,
//! }
//!
//! /// For `Resource::validate`: each mark is at a line that exists.
//! fn check_marks(config: &View<Text>) -> Vec<Diagnostic> {
//!     // Unknown is not the same as none: what is not known yet is checked once it is.
//!     let (Known::Known(lines), Known::Known(marks)) = (config.children(Text::LINE), config.children(Text::MARKS)) else {
//!         return Vec::new();
//!     };
//!     let is_beyond = |mark: &&View<Mark>| mark.get(Mark::LINE).known().is_some_and(|line| line > lines.len() as i64);
//!     let fault = |mark: &View<Mark>| Diagnostic::error("there is no such line").at(mark.path(Mark::LINE));
//!     marks.iter().filter(is_beyond).map(fault).collect()
//! }
//! # use tfplugin::{Path, Value, schema::Shape};
//! # let object = Text::object();
//! # let line_end = &object.attributes[1];
//! # assert_eq!(
//! #     line_end.documentation(),
//! #     "How lines end. One of `unix` (with a line feed), `windows` (with a carriage return and a line feed). Default: `unix`."
//! # );
//! # let Shape::Object(_, owner) = &object.attributes[2].shape else { panic!() };
//! # assert_eq!(owner[1].documentation(), "Permissions as octal digits. Default: `0644`.");
//! # let mark = |line: i64| Value::Map([("line".to_owned(), line.into())].into());
//! # let mut config = object.empty();
//! # config.put("marks", Value::Map([("a".to_owned(), mark(1)), ("b".to_owned(), mark(2))].into()));
//! # config.put("line", Value::List(vec![Line { text: "one".to_owned() }.to_object()]));
//! # let told = check_marks(&View::new(&config, Path::root()));
//! # assert_eq!(told.iter().map(|one| one.path.to_string()).collect::<Vec<_>>(), ["marks[\"b\"].line"]);
//! # config.put("line", Value::Unknown);
//! # assert_eq!(check_marks(&View::new(&config, Path::root())), []);
//! ```
//!
//! ```text
//! resource "files_text" "a" {
//!   path  = "a.txt"
//!   owner = { user = "root" }
//!   marks = { start = { line = 1 } }
//!   line { text = "first" }
//!   line { text = "second" }
//! }
//! ```
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
//! #   type Model = Self;
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
//! What is planned and known is what comes of it: after a create or an update the state has each argument as it was
//! planned, and of the answer only the computed values that the plan left unknown. Where the answer differs, a warning in
//! the log names the attribute, and the next refresh shows what there is. A provider's tests report it, too (below).
//!
//! # When it fails
//!
//! A [`Failure`](crate::Failure) says what failed, at which attribute, and how to mend it. A create calls
//! [`created`](crate::created()) right after the call that created the thing has succeeded, as above: from then on every
//! failure keeps it in the state, marked as tainted, be it a `?`, a read that doesn't find it yet, or a panic. If the
//! create has deleted it again, it calls [`discarded`](crate::discarded). A failure that knows more says so itself:
//! `Failure::new("...").reached(&made)`. `?` makes a failure of any error, with what brought it about; where the error
//! doesn't say what could not be done, [`because`](crate::Failure::because) puts it under a summary that does. After an update that fails without it, the resource is read again.
//!
//! A [`warn`](crate::warn) is told beside a success. A panic ends nothing but its request, and becomes one diagnostic that
//! names [`Provider::ISSUES`](crate::Provider::ISSUES). What is wrong with a saved state is said of the state, and not of a
//! line of the configuration.
//!
//! # What takes a while
//!
//! Each request has a thread of its own, so that a handler may block it: with files, a database, or a client that isn't
//! `async`. Only what is `spawn`ed shares the threads of the runtime, and must not.
//!
//! [`wait::until`](crate::wait::until) looks, with growing pauses, until what was made is ready, the time that the
//! configuration gives it has passed, or the person has asked to stop. [`Timeouts`](crate::Timeouts) is the usual
//! `timeouts = { create = "5m" }`: the operations that wait and their defaults are said once, where the field is, and stand on
//! the page. With `block` as well it is the block `timeouts { create = "5m" }`. The wish to stop comes with the
//! [`Session`](crate::Session) of `configure`.
//!
//! ```
//! # use tfplugin::{Model, Resource, Result, Stop};
//! use tfplugin::Timeouts;
//! use tfplugin::wait::{self, Limit, Look};
//! # pub struct Folder { stop: Stop }
//! # impl Folder {
//! #     fn write(&self, _: &str, _: &str) -> Result<()> { Ok(()) }
//! #     fn place_in_queue(&self, _: &str) -> Result<Option<usize>> { Ok(None) }
//! # }
//!
//! /// A text file that is found once it was indexed.
//! #[derive(Model, Clone)]
//! pub struct Text {
//!     /// Where it is.
//!     pub path: String,
//!     /// What is in it.
//!     pub content: String,
//!     /// How long to wait for the index.
//!     #[attr(timeouts(create = "1m"))]
//!     pub timeouts: Timeouts<Self>,
//! }
//!
//! impl Resource for Text {
//! #   const TYPE_NAME: &'static str = "text";
//! #   type Model = Self;
//! #   type Client = Folder;
//!     async fn create(folder: &Folder, planned: Self) -> Result<Self> {
//!         folder.write(&planned.path, &planned.content)?;
//!         let limit = Limit::new(planned.timeouts.create());
//!         let what = format!("the index of {}", planned.path);
//!         let look = || async {
//!             Ok(match folder.place_in_queue(&planned.path)? {
//!                 None => Look::Ready(()),
//!                 Some(before) => Look::Pending(format!("{before} files are before it")),
//!             })
//!         };
//!         wait::until(&folder.stop, limit, &what, look).await.map_err(|failure| failure.reached(&planned))?;
//!         Ok(planned)
//!     }
//! #   async fn read(_: &Folder, state: Self) -> Result<Option<Self>> { Ok(Some(state)) }
//! #   async fn update(_: &Folder, _: Self, planned: Self) -> Result<Self> { Ok(planned) }
//! #   async fn delete(_: &Folder, _: Self) -> Result<()> { Ok(()) }
//! }
//! ```
//!
//! # Identity, import, older states, and what is kept beside the state
//!
//! What a resource is known by is marked `identity`: an `import` block may name it, and `Resource::import_id` makes the id
//! of it under which `Resource::import` finds what exists. `Resource::UPGRADES` brings this provider's older states up to
//! date, a step a version, and `Resource::move_from` takes over another provider's. A [`Private`](crate::Private) value is
//! in no configuration and no output; here it tells who has written last:
//!
//! ```
//! use serde_json::{Value as Json, json};
//! use tfplugin::resource::Upgrade;
//! use tfplugin::{Computed, Diagnostic, Model, MoveSource, Named, Private, Resource, Result, View, warn};
//! # pub struct Folder;
//! # impl Folder {
//! #     fn read(&self, _: &str) -> Result<Option<String>> { Ok(Some("there".into())) }
//! # }
//!
//! /// A text file.
//! #[derive(Model, Clone)]
//! pub struct Text {
//!     /// Where it is, relative to the provider's `root`.
//!     #[attr(identity, replace)]
//!     pub path: String,
//!     /// What is in it.
//!     pub content: String,
//!     /// Its size in bytes.
//!     pub size: Computed<i64>,
//!     /// What was written last. `create` and `update` set it too.
//!     pub written: Private<String>,
//! }
//!
//! impl Resource for Text {
//! #   const TYPE_NAME: &'static str = "text";
//! #   type Model = Self;
//! #   type Client = Folder;
//!     const UPGRADES: &'static [Upgrade] = &[name_becomes_path];
//!
//!     async fn read(folder: &Folder, state: Self) -> Result<Option<Self>> {
//!         let Some(content) = folder.read(&state.path)? else { return Ok(None) };
//!         if state.written.get().is_some_and(|written| *written != content) {
//!             warn(Diagnostic::warning(format!("somebody else has written {}", state.path)).at(Self::PATH));
//!         }
//!         Ok(Some(Text { size: (content.len() as i64).into(), content, ..state }))
//!     }
//!
//!     async fn named(_: &Folder, id: &str) -> Result<Named<Self>> {
//!         Ok(Named::new(Self::PATH, &id.to_owned()))
//!     }
//!
//!     async fn import(folder: &Folder, id: &str) -> Result<Option<Self>> {
//!         let Some(content) = folder.read(id)? else { return Ok(None) };
//!         let size = (content.len() as i64).into();
//!         Ok(Some(Text { path: id.to_owned(), size, written: content.clone().into(), content }))
//!     }
//!
//!     fn import_id(identity: &View<Self>) -> Option<String> {
//!         identity.get(Self::PATH).known()
//!     }
//!
//!     fn move_from(source: MoveSource) -> Option<Json> {
//!         let is_file = source.provider.ends_with("/hashicorp/local") && source.type_name == "local_file";
//!         is_file.then(|| json!({"path": source.state["filename"], "content": source.state["content"]}))
//!     }
//! #   async fn create(_: &Folder, planned: Self) -> Result<Self> { Ok(planned) }
//! #   async fn update(_: &Folder, _: Self, planned: Self) -> Result<Self> { Ok(planned) }
//! #   async fn delete(_: &Folder, _: Self) -> Result<()> { Ok(()) }
//! }
//!
//! /// Version 0 called it `name`. What the next version lacks or adds without a value needs no step.
//! fn name_becomes_path(mut state: Json) -> Result<Json> {
//!     state["path"] = state["name"].take();
//!     Ok(state)
//! }
//! # assert_eq!(name_becomes_path(json!({"name": "a"})).unwrap()["path"], "a");
//! ```
//!
//! # More than resources
//!
//! A [`DataSource`](crate::DataSource) reads, an [`EphemeralResource`](crate::EphemeralResource) lives as long as a run,
//! and a [`Function`](crate::Function) answers from its arguments alone. Each is a struct with `#[derive(Model)]`, and is
//! named in a list of the [`Provider`](crate::Provider). What the author of a module may ask of it, in
//! `terraform { provider_meta "files" { ... } }`, is a model too; [`meta`](crate::meta()) reads it in a
//! read, a plan and an apply:
//!
//! ```
//! use tfplugin::data_source::{ErasedDataSource, data_source};
//! use tfplugin::ephemeral::{ErasedEphemeralResource, ephemeral_resource};
//! use tfplugin::function::{ErasedFunction, function};
//! use tfplugin::{Computed, DataSource, EphemeralResource, Failure, Function, FunctionError, Lease, Model, Result};
//! use tfplugin::{Provider, meta, schema};
//! # use tfplugin::resource::ErasedResource;
//! # use tfplugin::{Session, View};
//! # pub struct Folder;
//! # impl Folder {
//! #     fn create(&self, _: &str) -> Result<()> { Ok(()) }
//! #     fn read(&self, _: &str) -> Result<Option<String>> { Ok(None) }
//! #     fn write(&self, _: &str, _: &str) -> Result<()> { Ok(()) }
//! #     fn delete(&self, _: &str) -> Result<()> { Ok(()) }
//! # }
//!
//! /// A text file that is there.
//! #[derive(Model)]
//! pub struct Found {
//!     /// Where it is, relative to the provider's `root`.
//!     pub path: String,
//!     /// What is in it.
//!     pub content: Computed<String>,
//! }
//!
//! impl DataSource for Found {
//!     const TYPE_NAME: &'static str = "text";
//!     type Client = Folder;
//!
//!     async fn read(folder: &Folder, config: Self) -> Result<Self> {
//!         let missing = || Failure::at(Self::PATH, format!("there is no file at {}", config.path));
//!         let content = folder.read(&config.path)?.ok_or_else(missing)?;
//!         Ok(Found { content: content.into(), ..config })
//!     }
//! }
//!
//! /// A file for the length of a run. Nothing of it is stored.
//! #[derive(Model)]
//! pub struct Scratch {
//!     /// Where it is, relative to the provider's `root`.
//!     pub path: String,
//!     /// What is in it.
//!     #[attr(sensitive)]
//!     pub text: String,
//! }
//!
//! impl EphemeralResource for Scratch {
//!     const TYPE_NAME: &'static str = "scratch";
//!     type Client = Folder;
//!
//!     async fn open(folder: &Folder, config: Self) -> Result<(Self, Lease)> {
//!         folder.create(&config.path)?;
//!         // Nobody closes what wasn't opened.
//!         folder.write(&config.path, &config.text).or_else(|failure| folder.delete(&config.path).and(Err(failure)))?;
//!         let lease = Lease { renew_at: None, private: config.path.clone().into() };
//!         Ok((config, lease))
//!     }
//!
//!     async fn close(folder: &Folder, lease: Lease) -> Result<()> {
//!         let path = lease.private.as_str().ok_or_else(|| Failure::new("the lease names no file"))?;
//!         folder.delete(path)
//!     }
//! }
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
//!
//! /// What the author of a module asks of its files.
//! #[derive(Model)]
//! pub struct Module {
//!     /// Most bytes that a file of the module may have.
//!     pub most_bytes: Option<i64>,
//! }
//!
//! /// For a resource's `plan`, `create` and `update`.
//! fn check_size(content: &str) -> Result<()> {
//!     match meta::<Module>()?.and_then(|module| module.most_bytes) {
//!         Some(most) if content.len() as i64 > most => Err(Failure::new(format!("the module allows {most} bytes"))),
//!         _ => Ok(()),
//!     }
//! }
//!
//! # /// The provider's block.
//! # #[derive(Model)]
//! # pub struct Config {}
//! # pub struct Files;
//! impl Provider for Files {
//! #   const NAME: &'static str = "files";
//! #   const ADDRESS: &'static str = "example/files";
//! #   const VERSION: &'static str = "1.0.0";
//! #   const ISSUES: &'static str = "https://example.com/issues";
//! #   type Config = Config;
//! #   type Client = Folder;
//! #   const RESOURCES: &'static [&'static dyn ErasedResource<Folder>] = &[];
//! #   async fn configure(_: &View<'_, Config>, _: Session) -> Result<Folder> { Ok(Folder) }
//!     // As before, and:
//!     const DATA_SOURCES: &'static [&'static dyn ErasedDataSource<Folder>] = &[data_source::<Found>()];
//!     const EPHEMERAL_RESOURCES: &'static [&'static dyn ErasedEphemeralResource<Folder>] =
//!         &[ephemeral_resource::<Scratch>()];
//!     const FUNCTIONS: &'static [&'static dyn ErasedFunction] = &[function::<Join>()];
//!
//!     fn meta() -> Option<schema::Object> {
//!         Some(Module::object())
//!     }
//! }
//! # assert_eq!(tfplugin::testing::check_schemas::<Files>(), Vec::<String>::new());
//! # assert!(check_size("four").is_ok());
//! # assert_eq!(Join { parts: vec!["a".into(), "b".into()] }.call().unwrap(), "a/b");
//! ```
//!
//! # Tests
//!
//! [`testing::check_resource`](crate::testing::check_resource) holds a type to the CLIs' rules: valid configurations, which
//! set all of its attributes between them, are planned with each attribute at any depth unknown, left out, empty, and with
//! other values; what they say is created, read, imported, changed from one to the other, and destroyed. What the schema
//! forbids must be refused, what is left out or empty must stay so, and answers must be as planned:
//!
//! ```no_run
//! # use tfplugin::testing::conformance::Report;
//! # use tfplugin::testing::client::Rpc;
//! use serde_json::json;
//! use tfplugin::testing::{Client, check_resource, check_schemas};
//! use tfplugin::{Provider, Value};
//!
//! // In a `#[tokio::test]`, with the provider for `P`:
//! # async fn check<P: Provider>() -> Rpc<()> {
//! let folder = tempfile::tempdir()?;
//! let root = Value::from(folder.path().display().to_string());
//! let mut client = Client::<P>::default();
//! assert_eq!(client.configure(&Value::Map([("root".to_owned(), root)].into())).await?, []);
//! let texts = [json!({"path": "a", "content": "b"}), json!({"path": "c", "content": "d"})];
//! let mut report = check_schemas::<P>();
//! report.extend(check_resource(&mut client, "files_text", &texts).await?);
//! assert_eq!(report, Vec::<String>::new());
//! # Ok(())
//! # }
//! ```
//!
//! [`testing::check_resource_with`](crate::testing::check_resource_with) calls something before and after each apply, such
//! as to make the service slow. There is the same for data sources, ephemeral resources, functions and the provider block, and
//! [`testing::check_failing_create`](crate::testing::check_failing_create) for a create that fails on its way.
//!
//! [`testing::Project`](crate::testing::Project) runs the real CLIs, each in a folder of its own, against the built
//! provider; each step says what it expects, and fails with all that the CLI said, at the line of the test. In
//! `tests/clis.rs`:
//!
//! ```no_run
//! use std::fs;
//! use std::path::Path;
//!
//! use tfplugin::testing::{Cli, Project, mirror};
//!
//! let folder = tempfile::tempdir().unwrap();
//! let binary = Path::new("target/debug/terraform-provider-files"); // env!("CARGO_BIN_EXE_terraform-provider-files")
//! let settings = mirror(folder.path(), binary);
//! for cli in Cli::all() {
//!     let project = Project::new(&cli, "example/files", &settings);
//!     let config = |content: &str| {
//!         format!(
//!             "provider \"files\" {{\n  root = path.module\n}}\n\
//!              resource \"files_text\" \"a\" {{\n  path = \"a.txt\"\n  content = \"{content}\"\n}}\n"
//!         )
//!     };
//!     let address = "files_text.a";
//!     project.plan(&config("first")).expect_actions(address, &["create"]);
//!     project.apply(&config("first"));
//!     project.expect_attribute(address, "size", 5);
//!     project.expect_refused(&config("first").replace("a.txt", "../a.txt"), &["this path leads out of the folder"]);
//!     project.write(&config("first"));
//!     // What somebody else does meanwhile.
//!     let file = project.folder().join("a.txt");
//!     project.drift(address, &["content", "size"], || fs::write(&file, "second").unwrap());
//!     project.vanish(address, || fs::remove_file(&file).unwrap());
//!     project.reimport(address, "a.txt");
//!     project.destroy();
//! }
//! ```
//!
//! # For those who come from Go
//!
//! | terraform-plugin-framework | here |
//! |---|---|
//! | `provider.Provider`, `Configure`, `req.ProviderData` | [`Provider`](crate::Provider), [`configure`](crate::Provider::configure), its `Client` |
//! | `providerserver.Serve` | [`cli::main`](crate::cli::main()) |
//! | `resource.Resource` with `Create`, `Read`, `Update`, `Delete` | [`Resource`](crate::Resource), which takes and returns whole models |
//! | `Metadata` (`resp.TypeName`) | [`TYPE_NAME`](crate::Resource::TYPE_NAME), without the provider's prefix |
//! | `Schema`, `schema.Schema`, `tfsdk:"name"` | `#[derive(Model)]`: the struct's fields and doc comments |
//! | `schema.StringAttribute`, `Int64Attribute`, `Float64Attribute`, `BoolAttribute`, `NumberAttribute`, `DynamicAttribute` | a field of `String`, `i64`, `f64`, `bool`, [`Number`](crate::Number), [`Dynamic`](crate::Dynamic) |
//! | `ListAttribute`, `SetAttribute`, `MapAttribute` | `Vec<T>`, [`Set<T>`](crate::Set), `BTreeMap<String, T>` |
//! | `SingleNestedAttribute`, `ListNestedAttribute`, ... | a field whose type is a model, or a collection of one |
//! | `ListNestedBlock`, `SetNestedBlock`, `SingleNestedBlock` | `#[attr(block)]` on a `Vec`, `Set`, [`Single`](crate::Single) of a model |
//! | `Required`, `Optional`, `Computed`, both | `T`, `Option<T>`, [`Computed<T>`](crate::Computed), [`OptionalComputed<T>`](crate::OptionalComputed) |
//! | `Sensitive`, `WriteOnly`, `DeprecationMessage` | `sensitive`, `write_only`, `deprecated = "..."` |
//! | `MarkdownDescription` | the doc comment; defaults and choices are added |
//! | `Default: stringdefault.StaticString(...)` | `default = ...` on a `T` |
//! | `planmodifier.UseStateForUnknown()` | `keep` |
//! | `planmodifier.RequiresReplace()`, `resp.RequiresReplace` | `replace`, [`Plan::replace`](crate::Plan::replace) |
//! | `PlanModifiers`, `ModifyPlan`, `ResourceWithModifyPlan` | [`Resource::plan`](crate::Resource::plan), [`plan_delete`](crate::Resource::plan_delete) |
//! | `Validators`, `stringvalidator.LengthBetween` | `validate = validate::length(1..=64)`; see [`validate`](crate::validate) |
//! | `stringvalidator.OneOf` | an enum with `#[derive(Choice)]` |
//! | `ConfigValidators`, `ValidateConfig`, `ExactlyOneOf`, `ConflictsWith` | [`Resource::validate`](crate::Resource::validate), [`exactly_one_of`](crate::validate::exactly_one_of) and its likes |
//! | `types.String` with `IsNull`, `IsUnknown` | before apply [`Known<String>`](crate::Known); at apply a plain `String` or `Option<String>` |
//! | `req.Config.Get`, `req.Plan.GetAttribute(path.Root("name"), ...)` | [`View::get`](crate::View::get), [`Plan::get`](crate::Plan::get) with the key `Text::NAME` |
//! | `resp.Plan.SetAttribute` | [`Plan::set`](crate::Plan::set) |
//! | `resp.State.Set`, before an error | what the function returns; [`created`](crate::created()), [`Failure::reached`](crate::Failure::reached) |
//! | `resp.State.RemoveResource` | `Ok(None)` of [`read`](crate::Resource::read) |
//! | `path.Path`, `path.Root` | [`Path`](crate::Path), made of keys |
//! | `diag.Diagnostics`, `AddError`, `AddAttributeError` | [`Failure`](crate::Failure) with [`new`](crate::Failure::new), [`at`](crate::Failure::at); many in one by [`Failure::all`](crate::Failure::all) |
//! | `AddWarning`, `AddAttributeWarning` | [`warn`](crate::warn) |
//! | `ImportState`, `ImportStatePassthroughID` | `#[model(key(...))]`; [`Resource::named`](crate::Resource::named), [`Resource::import`](crate::Resource::import) |
//! | `ResourceWithIdentity`, `identityschema.Schema` | `identity`, or `#[model(key(...))]` |
//! | `UpgradeState`, `MoveState` | [`UPGRADES`](crate::Resource::UPGRADES), [`move_from`](crate::Resource::move_from) |
//! | `resp.Private.SetKey` | [`Private<T>`](crate::Private) |
//! | `timeouts.Attributes`, `timeouts.Block`, `data.Timeouts.Create(ctx, ...)` | `timeouts(create = "45m")`, [`Timeouts::create`](crate::Timeouts::create) |
//! | `retry.StateChangeConf`, `WaitForStateContext` | [`wait::until`](crate::wait::until) |
//! | `StringSemanticEquals`, custom types | an `impl` [`Data`](crate::Data) with `same` |
//! | `datasource.DataSource`, `ephemeral.EphemeralResource`, `function.Function` | [`DataSource`](crate::DataSource), [`EphemeralResource`](crate::EphemeralResource), [`Function`](crate::Function) |
//! | `function.FuncError`, `NewArgumentFuncError` | [`FunctionError`](crate::FunctionError), [`FunctionError::at`](crate::FunctionError::at) |
//! | `ProviderWithMetaSchema` | [`Provider::meta`](crate::Provider::meta), [`meta`](crate::meta()) |
//! | `tflog.Debug` | `tracing::debug!` |
//! | `resource.Test`, `resource.TestStep`, `ImportStateVerify` | [`testing::check_resource`](crate::testing::check_resource) in process, [`testing::Project`](crate::testing::Project) with the real CLIs |
