//! The entries of a list in the configuration: IPv4 addresses and ranges.
//!
//! It knows the format TXT, with one entry per line, but not where the file is.

use std::net::Ipv4Addr;

use tfplugin::schema::{Shape, invalid};
use tfplugin::{Data, Diagnostic, Path, Result, Step, Type, Value};

/// Maximum number of wrong entries that are listed individually.
const TOLD: usize = 10;

/// Addresses and ranges, in the order of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses(pub Vec<String>);

impl Addresses {
    /// Returns the file in TXT format: one line per entry, without duplicates.
    pub fn render(&self) -> String {
        let mut seen = std::collections::HashSet::new();
        let lines = self.0.iter().filter(|entry| seen.insert(entry.as_str()));
        lines.map(|entry| format!("{entry}\n")).collect()
    }

    /// Parses a file in TXT format. Lines that are not valid entries are kept as they are.
    pub fn parse(text: &str) -> Self {
        Addresses(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }

    /// Returns whether both render to the same file.
    pub fn renders_like(&self, other: &Self) -> bool {
        self == other || self.render() == other.render()
    }
}

impl Data for Addresses {
    const IS_EMPTY: Option<fn(&Value) -> bool> = Vec::<String>::IS_EMPTY;

    fn shape() -> Shape {
        Shape::Type(Type::List(Box::new(Type::String)))
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        Vec::from_value(value, path).map(Addresses)
    }

    fn to_value(&self) -> Value {
        self.0.to_value()
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        let mut wrong = 0;
        for (at, entry) in value.as_items().unwrap_or_default().iter().enumerate() {
            let Some(problem) = problem(entry) else { continue };
            wrong += 1;
            if wrong <= TOLD {
                diagnostics.push(invalid(&path.then(Step::Index(at)), &problem));
            }
        }
        if wrong > TOLD {
            diagnostics.push(invalid(path, &format!("{} more entries are wrong.", wrong - TOLD)));
        }
    }
}

fn problem(entry: &Value) -> Option<String> {
    match entry {
        Value::Null => Some("It must not be null.".to_owned()),
        Value::String(entry) => address_problem(entry).map(|problem| format!("{entry:?}: {problem}")),
        _ => None,
    }
}

/// Returns the problem with an entry, or `None` if it is an IPv4 address or a range such as `192.0.2.0/24`.
pub fn address_problem(entry: &str) -> Option<String> {
    if entry.trim() != entry || entry.is_empty() {
        return Some("there must be no space around an entry, and something in it.".to_owned());
    }
    let (address, prefix) = match entry.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (entry, None),
    };
    if address.parse::<Ipv4Addr>().is_err() {
        return Some(if address.parse::<std::net::Ipv6Addr>().is_ok() {
            "it is an IPv6 address; these lists take IPv4 only.".to_owned()
        } else if address.chars().any(char::is_alphabetic) {
            "it is no IPv4 address; these lists take neither domains nor comments.".to_owned()
        } else {
            "it is no IPv4 address: four numbers from 0 to 255 without leading zeros.".to_owned()
        });
    }
    let prefix = prefix?;
    let valid = prefix.parse::<u8>().is_ok_and(|bits| bits <= 32) && prefix.bytes().all(|byte| byte.is_ascii_digit());
    (!valid).then(|| format!("/{prefix} is no prefix length from 0 to 32."))
}

/// Returns whether an entry is in a range that is not routed on the internet, so that it cannot cause a finding.
pub fn is_private(entry: &str) -> bool {
    let address = entry.split('/').next().unwrap_or_default();
    address.parse::<Ipv4Addr>().is_ok_and(|address| {
        let [first, second, ..] = address.octets();
        address.is_private()
            || address.is_loopback()
            || address.is_link_local()
            || address.is_multicast()
            || (first == 100 && (64..128).contains(&second))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_ipv4_addresses_and_ranges() {
        for entry in ["198.51.100.7", "203.0.113.0/24", "0.0.0.0/0", "192.0.2.1/32"] {
            assert_eq!(address_problem(entry), None, "{entry}");
        }
        let wrong = [
            ("198.51.100", "no IPv4 address"),
            ("198.51.100.256", "no IPv4 address"),
            ("010.0.0.1", "leading zeros"),
            ("2001:db8::1", "IPv6"),
            ("evil.example", "domains"),
            ("192.0.2.1 # bad", "domains"),
            (" 192.0.2.1", "space"),
            ("", "something"),
            ("192.0.2.0/33", "/33"),
            ("192.0.2.0/", "prefix length"),
            ("192.0.2.0/+8", "prefix length"),
        ];
        for (entry, reason) in wrong {
            let problem = address_problem(entry).unwrap_or_default();
            assert!(problem.contains(reason), "{entry}: {problem}");
        }
    }

    #[test]
    fn each_wrong_entry_is_told_at_its_place() {
        let entries: Vec<Value> = ["192.0.2.1", "x", "192.0.2.2"].map(Value::from).into();
        let mut diagnostics = Vec::new();
        let path = Path::root().attribute("entries");
        Addresses::check(&Value::List(entries), &path, &mut diagnostics);
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].path.to_string(), "entries[1]");
        let many = Value::List(vec!["x".into(); 15]);
        let mut diagnostics = Vec::new();
        Addresses::check(&many, &path, &mut diagnostics);
        assert_eq!(diagnostics.len(), 11);
        assert!(diagnostics[10].detail.contains("5 more"));
    }

    #[test]
    fn a_file_has_each_entry_once_and_is_read_again() {
        let entries = Addresses(["192.0.2.1", "192.0.2.0/24", "192.0.2.1"].map(str::to_owned).into());
        assert_eq!(entries.render(), "192.0.2.1\n192.0.2.0/24\n");
        assert!(Addresses::parse("192.0.2.1\r\n\n 192.0.2.0/24").renders_like(&entries));
    }

    #[test]
    fn private_ranges_are_known() {
        for entry in ["10.0.0.0/8", "172.16.3.4", "192.168.0.0/16", "127.0.0.1", "100.64.0.1", "169.254.1.1"] {
            assert!(is_private(entry), "{entry}");
        }
        for entry in ["8.8.8.8", "100.128.0.1", "198.51.100.7"] {
            assert!(!is_private(entry), "{entry}");
        }
    }
}
