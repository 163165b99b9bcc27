//! The AWS regions: the known ones, the form of their names, and their partitions.
//!
//! It makes no calls: a region that is newer than this list is recognized by its form.

use tfplugin::suggest;

/// The known regions.
const REGIONS: [&str; 46] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// First parts of region names, with the longer before the shorter, and the partition of each.
const AREAS: [(&str, &str); 16] = [
    ("us-gov", "aws-us-gov"),
    ("us-isob", "aws-iso-b"),
    ("us-isof", "aws-iso-f"),
    ("us-iso", "aws-iso"),
    ("eu-isoe", "aws-iso-e"),
    ("eusc-de", "aws-eusc"),
    ("cn", "aws-cn"),
    ("af", "aws"),
    ("ap", "aws"),
    ("ca", "aws"),
    ("eu", "aws"),
    ("il", "aws"),
    ("me", "aws"),
    ("mx", "aws"),
    ("sa", "aws"),
    ("us", "aws"),
];

/// Middle parts of region names.
const DIRECTIONS: [&str; 9] =
    ["central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west"];

/// The verdict on a region's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is a region.
    Known,
    /// It has the form of a region's name, and may be newer than this provider.
    Plausible,
    /// It is not a region. Contains the reason and the most similar region.
    Wrong(String),
}

/// Checks whether `name` is a region.
pub fn judge(name: &str) -> Verdict {
    if REGIONS.contains(&name) {
        return Verdict::Known;
    }
    let place = area(name).and_then(|(area, _)| name.strip_prefix(area)?.strip_prefix('-')?.rsplit_once('-'));
    let is_number = |text: &str| matches!(text.as_bytes(), [b'1'..=b'9']);
    match place {
        Some((direction, number)) if DIRECTIONS.contains(&direction) && is_number(number) => Verdict::Plausible,
        _ => {
            let hint = suggest::allowed(name, REGIONS);
            let form = "A region is named such as \"eu-central-1\"; `skip_region_validation` lets any name pass.";
            let start = format!("{name:?} is not an AWS region.");
            let parts = [start.as_str(), hint.as_str(), form];
            Verdict::Wrong(parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" "))
        }
    }
}

/// Returns the partition of the region, which is `aws` unless its name belongs to another.
pub fn partition(region: &str) -> &'static str {
    area(region).map_or("aws", |(_, partition)| partition)
}

fn area(region: &str) -> Option<(&'static str, &'static str)> {
    let is_in = |area: &str| region.strip_prefix(area).is_some_and(|rest| rest.starts_with('-'));
    AREAS.into_iter().find(|(area, _)| is_in(area))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_told_from_a_region_that_is_new() {
        assert!(REGIONS.is_sorted(), "sorted, so that none is there twice");
        for region in REGIONS {
            assert_eq!(judge(region), Verdict::Known);
            assert!(area(region).is_some(), "{region} lies in a partition");
        }
        for region in ["eu-central-3", "us-gov-central-1", "ap-southwest-1", "eusc-de-west-1"] {
            assert_eq!(judge(region), Verdict::Plausible, "{region}");
        }
        for (typo, nearest) in [
            ("eu-cental-1", "eu-central-1"),
            ("eu-central-1a", "eu-central-1"),
            ("EU-WEST-2", "eu-west-2"),
            ("us-east1", "us-east-1"),
            ("us_gov_east_1", "us-gov-east-1"),
        ] {
            let Verdict::Wrong(text) = judge(typo) else { panic!("{typo} passes") };
            assert!(text.contains(&format!("Did you mean {nearest:?}?")), "{text}");
        }
        for nonsense in ["", "frankfurt", "eu", "eu-central-", "eu-central-10x", "eu--1"] {
            assert!(matches!(judge(nonsense), Verdict::Wrong(_)), "{nonsense:?}");
        }
    }

    #[test]
    fn the_partition_follows_from_the_region() {
        for (region, expected) in [
            ("eu-central-1", "aws"),
            ("cn-northwest-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("my-own-cloud", "aws"),
        ] {
            assert_eq!(partition(region), expected, "{region}");
        }
    }
}
