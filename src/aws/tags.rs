//! Tags: those of a resource, those for every resource, and those that are managed elsewhere.

use std::collections::{BTreeMap, HashMap};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::model::Data;
use tfplugin::schema::{Shape, invalid};
use tfplugin::{Computed, Diagnostic, Failure, Path, Result, Step, Type, Value};

use super::owners::{Hold, Mark, Marking, PREFIX, Thing, UNFINISHED};
use super::{Aws, Explain, Subject, tidying};

/// Maximum length of a key, in characters.
const KEY_LIMIT: usize = 128;
/// Maximum length of a value, in characters.
const VALUE_LIMIT: usize = 256;

/// Tags by key. A null value means that the resource does not set this tag, so that of `default_tags` applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(pub BTreeMap<String, Option<String>>);

impl Tags {
    /// Returns the tags that have a value.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_deref()?)))
    }

    /// Converts the tags for most services, or returns `None` for no tags, which the services refuse.
    pub fn to_api(&self) -> Option<HashMap<String, String>> {
        let tags: HashMap<_, _> = self.given().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        (!tags.is_empty()).then_some(tags)
    }
}

impl Data for Tags {
    const IS_EMPTY: Option<fn(&Value) -> bool> = BTreeMap::<String, String>::IS_EMPTY;

    fn shape() -> Shape {
        Shape::Type(Type::Map(Box::new(Type::String)))
    }

    fn from_value(value: &Value, _: &Path) -> Result<Self> {
        let Value::Map(entries) = value else { return Ok(Tags::default()) };
        Ok(Tags(entries.iter().map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned))).collect()))
    }

    fn to_value(&self) -> Value {
        let value = |value: &Option<String>| value.as_deref().map_or(Value::Null, Value::from);
        Value::Map(self.0.iter().map(|(key, text)| (key.clone(), value(text))).collect())
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        let Value::Map(entries) = value else { return };
        for (key, value) in entries {
            let path = path.then(Step::Key(key.clone()));
            if key.is_empty() || key.chars().count() > KEY_LIMIT {
                diagnostics.push(invalid(&path, "A tag's key has 1 to 128 characters."));
            }
            if key.to_lowercase().starts_with("aws:") {
                diagnostics.push(invalid(&path, "Keys that begin with `aws:` are reserved for AWS."));
            }
            if key.starts_with(PREFIX) {
                let reserved = format!("Keys that begin with `{PREFIX}` are reserved for this provider.");
                diagnostics.push(invalid(&path, &reserved));
            }
            if value.as_str().is_some_and(|text| text.chars().count() > VALUE_LIMIT) {
                diagnostics.push(invalid(&path, "A tag's value has at most 256 characters."));
            }
        }
    }
}

/// Checks the tags of a GuardDuty resource. The pattern of its API is `(?!aws:)[a-zA-Z+-=._:/]+`, in which `+-=` is a
/// range. Other services have other rules.
///
/// # Errors
/// The first key that GuardDuty refuses.
pub fn of_guardduty(tags: &Tags) -> std::result::Result<(), String> {
    let is_allowed = |letter: char| letter.is_ascii_alphabetic() || ('+'..='=').contains(&letter) || letter == '_';
    let wrong = tags.given().find_map(|(key, _)| Some((key, key.chars().find(|letter| !is_allowed(*letter))?)));
    wrong.map_or(Ok(()), |(key, letter)| {
        Err(format!(
            "{letter:?} in the tag key {key:?} is not allowed: keys of tags of GuardDuty resources have letters and digits \
             of ASCII, and `+`, `,`, `-`, `.`, `/`, `:`, `;`, `<`, `=`, `_`."
        ))
    })
}

/// The rules for tags in the provider block.
#[derive(Debug, Clone, Default)]
pub struct TagRules {
    /// Whether the tags for every resource are unknown until apply.
    pub is_unknown: bool,
    /// Tags for every resource.
    pub defaults: BTreeMap<String, String>,
    /// Keys that are managed elsewhere: they are never read, written or removed.
    pub ignored_keys: Vec<String>,
    /// Prefixes of such keys.
    pub ignored_prefixes: Vec<String>,
}

impl TagRules {
    /// Returns whether the tag is managed elsewhere.
    pub fn ignores(&self, key: &str) -> bool {
        key.to_lowercase().starts_with("aws:")
            || key.starts_with(PREFIX)
            || self.ignored_keys.iter().any(|ignored| ignored == key)
            || self.ignored_prefixes.iter().any(|prefix| key.starts_with(prefix))
    }

    /// Returns all tags of a resource that has `own`.
    pub fn all(&self, own: &Tags) -> Tags {
        let mut all: BTreeMap<_, _> =
            self.defaults.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
        all.extend(own.given().map(|(key, value)| (key.to_owned(), Some(value.to_owned()))));
        all.retain(|key, _| !self.ignores(key));
        Tags(all)
    }

    /// Returns the tags of a new resource that has `own` tags, including its `mark`. A create also sets tags that are
    /// ignored afterwards, because nothing else can have set them yet.
    pub fn of_new(&self, own: Option<&Tags>, mark: &Mark, note: &str) -> BTreeMap<String, String> {
        let mut tags = self.with_defaults(own);
        tags.insert(mark.key(""), note.to_owned());
        tags
    }

    /// Returns the tags for every resource.
    pub fn default_tags(&self) -> Tags {
        Tags(self.defaults.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect())
    }

    /// Returns all tags of a resource that has `own`, including those that are ignored.
    pub fn with_defaults(&self, own: Option<&Tags>) -> BTreeMap<String, String> {
        let mut tags = self.defaults.clone();
        tags.extend(own.into_iter().flat_map(Tags::given).map(|(key, value)| (key.to_owned(), value.to_owned())));
        tags
    }

    /// Returns `tags` and `tags_all` of a resource that has `found` in the service and `own` in the state.
    pub fn split(&self, found: Option<&HashMap<String, String>>, own: Option<&Tags>) -> (Option<Tags>, Computed<Tags>) {
        let found = found.into_iter().flatten().filter(|(key, _)| !self.ignores(key));
        let all: BTreeMap<_, _> = found.map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
        let mut mine = all.clone();
        mine.retain(|key, value| {
            let named = own.is_some_and(|own| own.0.get(key).is_some_and(Option::is_some));
            named || self.defaults.get(key) != value.as_ref()
        });
        for (key, value) in own.iter().flat_map(|own| &own.0) {
            // The resource's own tag is never read if it is ignored, so it stays as it was written.
            if value.is_none() || self.ignores(key) {
                mine.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        let tags = (own.is_some() || !mine.is_empty()).then_some(Tags(mine));
        (tags, Tags(all).into())
    }

    /// Returns `tags_all` in the plan of any resource.
    pub fn plan(&self, tags: &Value) -> Value {
        match tags {
            _ if self.is_unknown => Value::Unknown,
            Value::Null => self.all(&Tags::default()).to_value(),
            known if known.is_wholly_known() => {
                Tags::from_value(known, &Path::root()).map_or(Value::Unknown, |own| self.all(&own).to_value())
            }
            _ => Value::Unknown,
        }
    }
}

/// A change of tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Tags to set.
    pub set: HashMap<String, String>,
    /// Keys of tags to remove.
    pub removed: Vec<String>,
}

impl TagChange {
    /// Returns the change from `before` to `after`.
    pub fn between(before: &Computed<Tags>, after: &Computed<Tags>) -> Self {
        let empty = Tags::default();
        let (before, after) = (before.get().unwrap_or(&empty), after.get().unwrap_or(&empty));
        let is_new = |key: &str, value: &str| before.0.get(key).and_then(Option::as_deref) != Some(value);
        let set = after.given().filter(|(key, value)| is_new(key, value));
        TagChange {
            set: set.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            removed: before.0.keys().filter(|key| !after.0.contains_key(*key)).cloned().collect(),
        }
    }

    /// Returns the change that adds `mark`.
    pub fn marking(mark: &Mark, note: &str) -> Self {
        TagChange { set: HashMap::from([(mark.key(""), note.to_owned())]), removed: Vec::new() }
    }

    /// Returns the change that notes in `mark` that a create failed partway.
    pub fn unfinished(mark: &Mark, note: &str) -> Self {
        TagChange::marking(mark, &format!("{note} {UNFINISHED}"))
    }

    /// Returns the change that removes `mark`.
    pub fn unmarking(mark: &Mark) -> Self {
        TagChange { set: HashMap::new(), removed: vec![mark.key("")] }
    }

    /// Removes and then sets tags of `subject`, with the two calls of its service. A call with nothing to do is skipped.
    /// A temporary refusal, such as that of a role that was created moments ago, is waited out.
    ///
    /// # Errors
    /// The error of either call. A resource that does not exist has no tags to remove.
    pub async fn carry_out<Removing, Setting, Removed, Set, NotRemoved, NotSet>(
        &self,
        aws: &Aws,
        subject: &Subject,
        remove: impl Fn(Vec<String>) -> Removing,
        set: impl Fn(HashMap<String, String>) -> Setting,
    ) -> Result<()>
    where
        Removing: Future<Output = Result<Removed, SdkError<NotRemoved, HttpResponse>>>,
        Setting: Future<Output = Result<Set, SdkError<NotSet, HttpResponse>>>,
        NotRemoved: ProvideErrorMetadata + std::error::Error + 'static,
        NotSet: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if !self.removed.is_empty() {
            aws.patiently(|| remove(self.removed.clone())).await.if_found("remove tags of", subject)?;
        }
        if !self.set.is_empty() {
            aws.patiently(|| set(self.set.clone())).await.or_fail("set tags of", subject)?;
        }
        Ok(())
    }
}

impl Aws {
    /// Changes the tags of the GuardDuty resource `arn` from `before` to `after`, with TagResource, UntagResource, or
    /// neither.
    ///
    /// # Errors
    /// The error of either call.
    pub async fn retag(&self, region: &str, arn: &str, before: &Computed<Tags>, after: &Computed<Tags>) -> Result<()> {
        let change = TagChange::between(before, after);
        if change == TagChange::default() {
            return Ok(());
        }
        let arn = self.whole_arn(region, arn).await?;
        let (client, subject) = (self.guardduty(region), Subject::new(&arn, region));
        let remove = |keys| client.untag_resource().resource_arn(&arn).set_tag_keys(Some(keys)).send();
        let set = |tags| client.tag_resource().resource_arn(&arn).set_tags(Some(tags)).send();
        change.carry_out(self, &subject, remove, set).await
    }

    /// Puts `mark` on the GuardDuty resource `arn`, a `thing` that other instances hold too, with TagResource.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn put_mark(
        &self,
        thing: &impl Thing,
        (region, arn): (&str, &str),
        mark: Mark,
        note: &str,
    ) -> Result<Hold> {
        if let Err(failure) = self.tag_guardduty(region, arn, &mark.key(""), note).await {
            // Without a state nothing would ever remove a mark that was put on it all the same.
            let left = tidying(self.remove_mark(region, arn, &mark)).await.err();
            return Err(left.into_iter().fold(failure, Failure::and));
        }
        self.note_marked(&thing.key(), &mark);
        Ok(Hold::with_others(mark))
    }

    /// Returns the hold of an instance that changes the GuardDuty resource `arn`, a `thing`. If its `marking` is due,
    /// it puts its mark on it.
    ///
    /// # Errors
    /// The error of TagResource or UntagResource.
    pub async fn remark(
        &self,
        (thing, marking): (&impl Thing, Marking),
        (region, arn): (&str, &str),
        hold: &Computed<Hold>,
        note: &str,
    ) -> Result<Hold> {
        let hold = hold.get().cloned().unwrap_or_default();
        if marking == Marking::Stands {
            return Ok(hold);
        }
        let mark = hold.mark().filter(|_| hold.is_own()).cloned().unwrap_or_default();
        self.tag_guardduty(region, arn, &mark.key(""), note).await?;
        self.note_marked(&thing.key(), &mark);
        for former in hold.marks().iter().filter(|former| **former != mark) {
            self.remove_mark(region, arn, former).await?;
        }
        Ok(Hold::by(mark))
    }

    /// Calls TagResource for one tag of the GuardDuty resource `arn`.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn tag_guardduty(&self, region: &str, arn: &str, key: &str, value: &str) -> Result<()> {
        let arn = self.whole_arn(region, arn).await?;
        let tagged = self.guardduty(region).tag_resource().resource_arn(&arn).tags(key, value).send().await;
        tagged.or_fail("tag", &Subject::new(arn, region)).map(|_| ())
    }

    /// Calls UntagResource for one tag of the GuardDuty resource `arn`.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn untag_guardduty(&self, region: &str, arn: &str, key: &str) -> Result<()> {
        let arn = self.whole_arn(region, arn).await?;
        let untagged = self.guardduty(region).untag_resource().resource_arn(&arn).tag_keys(key).send().await;
        untagged.if_found("untag", &Subject::new(arn, region)).map(|_| ())
    }

    /// Removes `mark` from the GuardDuty resource `arn`.
    ///
    /// # Errors
    /// The error of UntagResource.
    pub async fn remove_mark(&self, region: &str, arn: &str, mark: &Mark) -> Result<()> {
        self.untag_guardduty(region, arn, &mark.key("")).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, Option<&str>)]) -> Tags {
        Tags(pairs.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect())
    }

    fn rules() -> TagRules {
        TagRules {
            is_unknown: false,
            defaults: [("team".to_owned(), "security".to_owned())].into(),
            ignored_keys: vec!["cost".to_owned()],
            ignored_prefixes: vec!["k8s/".to_owned()],
        }
    }

    #[test]
    fn guardduty_takes_fewer_keys_than_others() {
        for key in ["team", "a.b_c:d/e-f+g=h,i;j<k", "0", "k8s/x"] {
            assert_eq!(of_guardduty(&tags(&[(key, Some("any value: ä"))])), Ok(()), "{key}");
        }
        for (key, letter) in [("cost center", "' '"), ("größe", "'ö'"), ("a@b", "'@'"), ("a*", "'*'"), ("a>b", "'>'")]
        {
            let told = of_guardduty(&tags(&[("team", Some("a")), (key, Some("b"))])).unwrap_err();
            assert!(told.contains(&format!("{letter} in the tag key {key:?}")), "{told}");
        }
        assert_eq!(of_guardduty(&tags(&[("cost center", None)])), Ok(()), "it is never sent");
    }

    #[test]
    fn a_create_has_ignored_tags_too() {
        let own = tags(&[("cost", Some("9")), ("app", None)]);
        let all = [("team", "security"), ("cost", "9")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        assert_eq!(rules().with_defaults(Some(&own)), all);
        assert_eq!(rules().all(&own), tags(&[("team", Some("security"))]));
    }

    #[test]
    fn a_null_tag_lets_the_default_win() {
        let own = tags(&[("team", None), ("app", Some("web"))]);
        assert_eq!(rules().all(&own), tags(&[("app", Some("web")), ("team", Some("security"))]));
        let found = [("team".to_owned(), "security".to_owned()), ("app".to_owned(), "web".to_owned())].into();
        assert_eq!(rules().split(Some(&found), Some(&own)).0, Some(own));
    }

    #[test]
    fn what_the_service_has_is_split_into_own_and_default_tags() {
        let found = [("team", "security"), ("app", "web"), ("cost", "9"), ("k8s/x", "1"), ("aws:x", "1")];
        let found = found.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let (own, all) = rules().split(Some(&found), None);
        assert_eq!(own, Some(tags(&[("app", Some("web"))])));
        assert_eq!(all.get(), Some(&tags(&[("app", Some("web")), ("team", Some("security"))])));
        let ignored = tags(&[("app", Some("web")), ("cost", Some("3"))]);
        assert_eq!(rules().split(Some(&found), Some(&ignored)).0, Some(ignored), "an ignored tag stays as written");
        let named = tags(&[("team", Some("security"))]);
        assert_eq!(rules().split(Some(&found), Some(&named)).0.unwrap().0.len(), 2, "a tag that is named stays named");
        assert_eq!(rules().split(None, None).0, None);
    }
}
