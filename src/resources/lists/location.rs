//! The location of the file of a list: the URL of an S3 object, in one of several forms.

use tfplugin::schema::{Shape, invalid};
use tfplugin::{Data, Diagnostic, Path, Result, Type, Value};

use crate::aws::objects::Object;

/// Maximum length of a location, in characters.
const LIMIT: usize = 300;

/// The URL of an S3 object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location(pub String);

impl Location {
    /// Returns the location of `object`, in the form that is the same in all partitions.
    pub fn of(object: &Object) -> Self {
        Location(object.to_string())
    }

    /// Returns the object at this location, or `None` if the form is unknown.
    pub fn object(&self) -> Option<Object> {
        let (scheme, rest) = self.0.split_once("://")?;
        let (bucket, key) = match scheme.to_ascii_lowercase().as_str() {
            "s3" => rest.split_once('/').map(|(bucket, key)| (bucket.to_owned(), key.to_owned()))?,
            "https" | "http" => in_url(rest)?,
            _ => return None,
        };
        let found = !bucket.is_empty() && !key.is_empty();
        found.then_some(Object { bucket, key })
    }
}

/// Returns the bucket and key in a URL without its scheme. By path: `s3.amazonaws.com/BUCKET/KEY`,
/// `s3.REGION.amazonaws.com/BUCKET/KEY`. By host: `BUCKET.s3.amazonaws.com/KEY`, `BUCKET.s3.REGION.amazonaws.com/KEY`.
/// The region can also be preceded by `-` instead of the dot, or by `dualstack.`. In China, the host ends in `.cn`.
/// Characters of the key can be percent-encoded. A URL with a query or a fragment is not a valid location of a list.
fn in_url(url: &str) -> Option<(String, String)> {
    let (host, rest) = url.split_once('/')?;
    if rest.contains(['?', '#']) {
        return None;
    }
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host).to_ascii_lowercase();
    let host = host.strip_suffix(".cn").unwrap_or(&host).strip_suffix(".amazonaws.com")?;
    if is_of_s3(host) {
        let (bucket, key) = rest.split_once('/')?;
        return Some((bucket.to_owned(), decoded(key)?));
    }
    // The bucket name can itself contain such a part: the last one that is valid is the endpoint.
    let starts = host.match_indices('.').map(|(at, _)| at).rev();
    let mut ends = starts.filter(|at| is_of_s3(&host[at + 1..]));
    let end = ends.next()?;
    Some((host[..end].to_owned(), decoded(rest)?))
}

/// Returns whether a host without `.amazonaws.com` is an endpoint of S3: `s3`, `s3.REGION`, `s3-REGION`,
/// `s3.dualstack.REGION`.
fn is_of_s3(host: &str) -> bool {
    if host == "s3" {
        return true;
    }
    let region = host.strip_prefix("s3.dualstack.").or_else(|| host.strip_prefix("s3.")).or(host.strip_prefix("s3-"));
    region.is_some_and(|region| is_region(region) || region == "external-1")
}

/// Returns whether a text has the form of a region: `eu-west-1`, `us-gov-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_lowercase());
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    match parts.split_last() {
        Some((last, words)) => words.len() >= 2 && words.iter().all(is_word) && is_number(last),
        None => false,
    }
}

/// Decodes the percent-encoded characters of a key. Returns `None` if the result is not valid text.
fn decoded(key: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

impl Data for Location {
    const IS_EMPTY: Option<fn(&Value) -> bool> = String::IS_EMPTY;

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
                         \"https://s3.REGION.amazonaws.com/BUCKET/KEY\", \"https://BUCKET.s3.amazonaws.com/KEY\", \
                         \"https://BUCKET.s3.REGION.amazonaws.com/KEY\"; also with http://, and with \"s3-REGION\".";
            diagnostics.push(invalid(path, &format!("{text:?} is not the URL of an object in S3. {forms}")));
        }
    }

    /// The service may return another form of the location than the one it received.
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
            "https://lists.s3.cn-northwest-1.amazonaws.com.cn/a/b.txt",
            "https://lists.s3.dualstack.cn-north-1.amazonaws.com.cn/a/b.txt",
            "https://s3.us-gov-west-1.amazonaws.com/lists/a/b.txt",
            "http://s3.amazonaws.com/lists/a/b.txt",
            "http://lists.s3.amazonaws.com/a/b.txt",
            "http://lists.s3-eu-west-1.amazonaws.com/a/b.txt",
            "https://s3.dualstack.eu-west-1.amazonaws.com/lists/a/b.txt",
            "https://lists.s3.dualstack.eu-west-1.amazonaws.com/a/b.txt",
            "HTTPS://lists.S3.amazonaws.com/a%2Fb.txt",
            "https://lists.s3.amazonaws.com:443/a/b.txt",
            "https://lists.s3.amazonaws.com/a/b.txt",
            "https://lists.s3.eu-west-1.amazonaws.com/a/b.txt",
            "https://lists.s3-eu-west-1.amazonaws.com/a/b.txt",
        ];
        for spelling in spellings {
            let object = Location(spelling.to_owned()).object();
            assert_eq!(object.map(|object| object.to_string()), Some(spellings[0].to_owned()), "{spelling}");
            assert!(Location::same(&spelling.into(), &spellings[0].into()));
        }
        for (url, bucket) in [
            ("https://my.s3.lists.s3.amazonaws.com/b", "my.s3.lists"),
            ("https://my.s3.s3.eu-west-1.amazonaws.com/b", "my.s3"),
            ("https://my.s3-lists.s3-eu-west-1.amazonaws.com/b", "my.s3-lists"),
            ("https://s3-lists.s3.amazonaws.com/b", "s3-lists"),
        ] {
            assert_eq!(Location(url.to_owned()).object().unwrap().bucket, bucket, "{url}");
        }
        let key = |url: &str| Location(url.to_owned()).object().unwrap().key;
        assert_eq!(key("https://lists.s3.amazonaws.com/a%20b+c%"), "a b+c%");
        assert_eq!(key("s3://lists/a%20b"), "a%20b", "this is no URL");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "lists/b.txt",
            "s3://lists",
            "s3:///b",
            "ftp://s3.amazonaws.com/a/b",
            "https://example.com/a/b",
            "https://lists.s3.amazonaws.com.example.com/b",
            "https://lists.s3.amazonaws.com/b?versionId=1",
            "https://lists.s3.somewhere.amazonaws.com/b",
        ] {
            let mut diagnostics = Vec::new();
            Location::check(&text.into(), &Path::root(), &mut diagnostics);
            assert_eq!(diagnostics.len(), 1, "{text}");
        }
    }
}
