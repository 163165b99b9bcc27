//! Where GuardDuty finds the file of a list: a URL of an S3 object in one of several spellings.

use tfplugin::schema::{Shape, invalid};
use tfplugin::{Data, Diagnostic, Path, Result, Type, Value};

use crate::aws::objects::Object;

/// Longest location, in characters.
const LIMIT: usize = 300;

/// The URL of an object in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(pub String);

impl Location {
    /// The location of `object`, in the form that is the same in each partition.
    pub fn of(object: &Object) -> Self {
        Location(object.to_string())
    }

    /// The object that it means; `None` if it is in no form that is known.
    pub fn object(&self) -> Option<Object> {
        let (bucket, key) = match self.0.strip_prefix("s3://") {
            Some(rest) => rest.split_once('/')?,
            None => in_url(self.0.strip_prefix("https://")?)?,
        };
        let found = !bucket.is_empty() && !key.is_empty();
        found.then(|| Object { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

/// Bucket and key in `s3.amazonaws.com/BUCKET/KEY`, `s3.REGION.amazonaws.com/BUCKET/KEY` and
/// `BUCKET.s3.REGION.amazonaws.com/KEY`, with `-` for the dot before the region too.
fn in_url(url: &str) -> Option<(&str, &str)> {
    let (host, rest) = url.split_once('/')?;
    let host = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com")?;
    if host == "s3" || host.starts_with("s3.") || host.starts_with("s3-") {
        return rest.split_once('/');
    }
    let end = [host.strip_suffix(".s3").map(str::len), host.rfind(".s3."), host.rfind(".s3-")];
    end.into_iter().flatten().next().map(|end| (&host[..end], rest))
}

impl Data for Location {
    fn shape() -> Shape {
        Shape::Type(Type::String)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        String::from_value(value, path).map(Location)
    }

    fn to_value(&self) -> Value {
        self.0.to_value()
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        let Some(text) = value.as_str() else { return };
        let count = text.chars().count();
        if count > LIMIT {
            diagnostics.push(invalid(path, &format!("It has {count} characters; at most {LIMIT} are allowed.")));
        } else if Location(text.to_owned()).object().is_none() {
            let forms = "Allowed: \"s3://BUCKET/KEY\", \"https://s3.amazonaws.com/BUCKET/KEY\", \
                         \"https://BUCKET.s3.REGION.amazonaws.com/KEY\".";
            diagnostics.push(invalid(path, &format!("{text:?} is not the URL of an object in S3. {forms}")));
        }
    }

    /// The service may answer in another spelling than it was told.
    fn same(one: &Value, other: &Value) -> bool {
        let object = |value: &Value| Location(value.as_str()?.to_owned()).object();
        one == other || object(one).is_some_and(|found| Some(found) == object(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_means_its_object() {
        let spellings = [
            "s3://lists/a/b.txt",
            "https://s3.amazonaws.com/lists/a/b.txt",
            "https://s3.eu-west-1.amazonaws.com/lists/a/b.txt",
            "https://s3-eu-west-1.amazonaws.com/lists/a/b.txt",
            "https://s3.cn-north-1.amazonaws.com.cn/lists/a/b.txt",
            "https://lists.s3.amazonaws.com/a/b.txt",
            "https://lists.s3.eu-west-1.amazonaws.com/a/b.txt",
            "https://lists.s3-eu-west-1.amazonaws.com/a/b.txt",
        ];
        for spelling in spellings {
            let object = Location(spelling.to_owned()).object();
            assert_eq!(object.map(|object| object.to_string()), Some(spellings[0].to_owned()), "{spelling}");
            assert!(Location::same(&spelling.into(), &spellings[0].into()));
        }
        assert_eq!(
            Location("https://my.s3.lists.s3.amazonaws.com/b".to_owned()).object().unwrap().bucket,
            "my.s3.lists"
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "lists/b.txt", "s3://lists", "s3:///b", "http://s3.amazonaws.com/a/b", "https://example.com/a/b"]
        {
            let mut diagnostics = Vec::new();
            Location::check(&text.into(), &Path::root(), &mut diagnostics);
            assert_eq!(diagnostics.len(), 1, "{text}");
        }
    }
}
