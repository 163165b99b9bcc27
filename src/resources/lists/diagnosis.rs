//! Finds out why a list could not be loaded, as far as its file shows it, because GuardDuty reports no reason for IP
//! lists.

use super::entries::{Addresses, address_problem};
use super::{Format, Location, MAX_BYTES};
use crate::aws::Aws;

const SILENT: &str = "GuardDuty gives no reason for a list of this kind.";

/// Returns one or two sentences on the list at `location`. They also state what cannot be found out.
pub async fn of(aws: &Aws, region: &str, location: &str, format: &str) -> String {
    match found(aws, region, location, format).await {
        Some(fault) => format!("{SILENT} What the provider sees: {fault}"),
        None => format!(
            "{SILENT} The provider sees no fault in the file: check that it is in the format {format}, and that the role \
             AWSServiceRoleForAmazonGuardDuty may read it (bucket policy, KMS key)."
        ),
    }
}

async fn found(aws: &Aws, region: &str, location: &str, format: &str) -> Option<String> {
    let Some(object) = Location(location.to_owned()).object() else {
        return Some(format!("{location:?} is not the URL of an object in S3."));
    };
    let head = match aws.head_object(region, &object).await {
        Ok(Some(head)) => head,
        Ok(None) => return Some(format!("the object {object} does not exist.")),
        Err(failure) => return Some(failure.to_string().trim_end().to_owned()),
    };
    if head.bytes == 0 {
        return Some(format!("the object {object} is empty."));
    }
    if head.bytes > MAX_BYTES {
        return Some(format!("the object {object} has {} bytes; {MAX_BYTES} are allowed.", head.bytes));
    }
    if format != Format::Txt.as_str() {
        return None;
    }
    let text = aws.get_object(region, &object).await.ok()??;
    first_fault(&text).map(|fault| format!("the object {object}, {fault}"))
}

fn first_fault(text: &str) -> Option<String> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())).filter(|(_, line)| !line.is_empty());
    for (number, line) in lines {
        if let Some(problem) = address_problem(line) {
            let line: String = line.chars().take(60).collect();
            return Some(format!("line {number}: {line:?}: {problem}"));
        }
    }
    Addresses::parse(text).0.is_empty().then(|| "has no entry.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wrong_line_is_told() {
        assert_eq!(first_fault("192.0.2.1\n\n203.0.113.0/24\n"), None);
        let fault = first_fault("192.0.2.1\n\nevil.example\nx\n").unwrap();
        assert!(fault.starts_with("line 3: \"evil.example\""), "{fault}");
        assert_eq!(first_fault("\n \n").as_deref(), Some("has no entry."));
    }
}
