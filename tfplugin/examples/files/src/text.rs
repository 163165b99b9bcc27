//! `files_text`: a text file, as a resource and as a data source.

use tfplugin::{
    Computed, DataSource, Diagnostic, Failure, Known, Model, Named, Path, Plan, Private, Resource, Result, View, meta,
    validate,
};

use crate::Module;
use crate::folder::{Folder, fault_of, fingerprint};

/// A text file.
#[derive(Model, Clone)]
pub struct Text {
    /// Where it is, relative to the provider's `root`.
    #[attr(identity, replace)]
    pub path: String,
    /// What is in it.
    pub content: Option<String>,
    /// What is in it, if that is a secret: it is stored in no state.
    #[attr(write_only)]
    pub secret: Option<String>,
    /// A new number has the secret written anew, of which no state tells whether it is another one.
    #[attr(validate = validate::range(1..=1_000_000))]
    pub secret_version: Option<i64>,
    /// Its size in bytes.
    pub size: Computed<i64>,
    /// Whether somebody else has changed it since. The next apply mends that.
    pub changed_outside: Computed<bool>,
    /// The sign of what was written, by which a change of a secret is seen too.
    pub written: Private<String>,
}

impl Text {
    fn text(&self) -> Result<&str> {
        // Validation has seen to it that there is one of them; only apply knows what was unknown then.
        let text = self.content.as_deref().or(self.secret.as_deref());
        text.ok_or_else(|| Failure::at(Self::CONTENT, "there is neither `content` nor `secret`"))
    }

    /// As it is after `text` was written.
    fn with(self, text: &str) -> Self {
        Text {
            size: (text.len() as i64).into(),
            changed_outside: false.into(),
            written: fingerprint(text).into(),
            ..self
        }
    }
}

/// Holds the module's own limit, which it states in `provider_meta`.
fn check_size(text: &str) -> Result<()> {
    let most = meta::<Module>()?.and_then(|module| module.most_bytes);
    match most {
        Some(most) if text.len() as i64 > most => {
            let fault = format!("the file would have {} bytes, its module allows {most}", text.len());
            Err(Failure::at(Text::CONTENT, fault).detail("The module says so in `provider_meta`."))
        }
        _ => Ok(()),
    }
}

fn check_path(path: Known<String>, at: impl Into<Path>) -> Option<Diagnostic> {
    let fault = fault_of(&path.known()?)?;
    Some(Diagnostic::error("this path leads out of the folder").at(at).detail(fault))
}

impl Resource for Text {
    const TYPE_NAME: &'static str = "text";
    type Model = Self;
    type Client = Folder;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let mut faults: Vec<_> = check_path(config.get(Self::PATH), Self::PATH).into_iter().collect();
        match (config.get(Self::CONTENT), config.get(Self::SECRET)) {
            (Known::Null, Known::Null) => {
                faults.push(Diagnostic::error("a file needs `content` or `secret`").at(Self::CONTENT));
            }
            (Known::Known(_), Known::Known(_)) => {
                faults.push(Diagnostic::error("a file has either `content` or `secret`").at(Self::SECRET));
            }
            _ => (),
        }
        faults
    }

    async fn plan(_: &Folder, plan: &mut Plan<'_, Self>) -> Result<()> {
        if plan.prior().is_some_and(|prior| prior.get(Self::CHANGED_OUTSIDE).known() == Some(true)) {
            plan.set_unknown(Self::SIZE);
            plan.set(Self::CHANGED_OUTSIDE, &false);
        }
        // What the size will be is known as soon as the content is.
        if let (true, Some(content)) = (plan.is_change(), plan.get(Self::CONTENT).known()) {
            check_size(&content)?;
            plan.set(Self::SIZE, &(content.len() as i64));
        }
        Ok(())
    }

    async fn create(folder: &Folder, planned: Self) -> Result<Self> {
        let text = planned.text()?.to_owned();
        check_size(&text)?;
        folder.create(&planned.path, &text)?;
        Ok(planned.with(&text))
    }

    async fn read(folder: &Folder, state: Self) -> Result<Option<Self>> {
        let Some(text) = folder.read(&state.path)? else { return Ok(None) };
        let changed = state.written.get().is_some_and(|written| *written != fingerprint(&text));
        Ok(Some(Text {
            content: state.content.is_some().then(|| text.clone()),
            size: (text.len() as i64).into(),
            changed_outside: changed.into(),
            ..state
        }))
    }

    async fn update(folder: &Folder, _: Self, planned: Self) -> Result<Self> {
        let text = planned.text()?.to_owned();
        check_size(&text)?;
        folder.write(&planned.path, &text)?;
        Ok(planned.with(&text))
    }

    async fn delete(folder: &Folder, state: Self) -> Result<()> {
        folder.delete(&state.path)
    }

    /// By its path.
    async fn named(_: &Folder, id: &str) -> Result<Named<Self>> {
        match fault_of(id) {
            Some(fault) => Err(Failure::new(format!("{id:?} is no path to import")).detail(fault)),
            None => Ok(Named::new(Self::PATH, &id.to_owned())),
        }
    }

    async fn import(folder: &Folder, id: &str) -> Result<Option<Self>> {
        let imported = |text: String| {
            let empty = Text {
                path: id.to_owned(),
                content: Some(text.clone()),
                secret: None,
                secret_version: None,
                size: Computed::none(),
                changed_outside: Computed::none(),
                written: String::new().into(),
            };
            empty.with(&text)
        };
        Ok(folder.read(id)?.map(imported))
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        identity.get(Self::PATH).known()
    }
}

/// A text file that is there.
#[derive(Model, Clone)]
pub struct Found {
    /// Where it is, relative to the provider's `root`.
    pub path: String,
    /// What is in it.
    pub content: Computed<String>,
}

impl DataSource for Found {
    const TYPE_NAME: &'static str = "text";
    type Client = Folder;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        check_path(config.get(Self::PATH), Self::PATH).into_iter().collect()
    }

    async fn read(folder: &Folder, config: Self) -> Result<Self> {
        let missing = || Failure::at(Self::PATH, format!("there is no file at {}", config.path));
        let text = folder.read(&config.path)?.ok_or_else(missing)?;
        Ok(Found { content: text.into(), ..config })
    }
}
