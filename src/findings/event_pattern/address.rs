//! IP addresses and address blocks, as EventBridge reads them in patterns and events.
//!
//! Addresses are compared by value: `::1` and `0:0:0:0:0:0:0:1` are the same address, and an IPv4-mapped IPv6 address
//! (`::ffff:a00:1`) is that IPv4 address. This file does not know where in a pattern an address is.

/// An IPv4 or IPv6 address as a number of 32 or 128 bits. Addresses of different versions are never equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Address {
    V4(u32),
    V6(u128),
}

impl Address {
    /// Parses an address literal. Names, and texts with both dots and colons, are not literals.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.contains(':') { Self::parse_v6(text) } else { Self::parse_v4(text) }
    }

    /// Parses four decimal numbers. Leading zeros are allowed and do not mean octal. The text has at most 15
    /// characters.
    fn parse_v4(text: &str) -> Option<Self> {
        const LENGTH_MAX: usize = 15;
        if text.len() > LENGTH_MAX {
            return None;
        }
        let octets = text.split('.').map(octet).collect::<Option<Vec<u8>>>()?;
        let octets: [u8; 4] = octets.try_into().ok()?;
        Some(Self::V4(u32::from_be_bytes(octets)))
    }

    /// Parses eight hexadecimal groups of any length, or fewer with one `::`, which stands for at least one group.
    fn parse_v6(text: &str) -> Option<Self> {
        const GROUPS: usize = 8;
        let mut groups: Vec<u16>;
        if let Some((before, after)) = text.split_once("::") {
            groups = groups_of(before)?;
            let tail = groups_of(after)?;
            let gap = GROUPS.checked_sub(groups.len() + tail.len())?;
            if gap == 0 {
                return None;
            }
            groups.extend(std::iter::repeat_n(0, gap));
            groups.extend(tail);
        } else {
            groups = groups_of(text)?;
        }
        if groups.len() != GROUPS {
            return None;
        }
        let number = groups.iter().fold(0, |number, group| number << 16 | u128::from(*group));
        Some(Self::unmapped(number))
    }

    fn unmapped(number: u128) -> Self {
        const MAPPED: u128 = 0xffff;
        match u32::try_from(number & 0xffff_ffff) {
            Ok(v4) if number >> 32 == MAPPED => Self::V4(v4),
            _ => Self::V6(number),
        }
    }

    fn bits(self) -> u32 {
        match self {
            Self::V4(_) => u32::BITS,
            Self::V6(_) => u128::BITS,
        }
    }
}

fn octet(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn groups_of(text: &str) -> Option<Vec<u16>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(':').map(group).collect()
}

fn group(text: &str) -> Option<u16> {
    let is_hexadecimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = text.trim_start_matches('0');
    if !is_hexadecimal || digits.is_empty() {
        return is_hexadecimal.then_some(0);
    }
    u16::from_str_radix(digits, 16).ok()
}

/// An address block, with both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Block {
    pub(super) first: Address,
    pub(super) last: Address,
}

impl Block {
    /// Returns the block of a single address.
    pub(super) fn single(address: Address) -> Self {
        Self { first: address, last: address }
    }

    /// Parses `ADDRESS/BITS`. EventBridge refuses a block of one address (`/32`, `/128`), and accepts trailing slashes.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some((address, bits)) = text.trim_end_matches('/').split_once('/') else {
            return Err(format!("\"{text}\" is not a CIDR block: write it as address/bits, like \"10.0.0.0/8\""));
        };
        let Some(address) = Address::parse(address) else {
            return Err(format!("\"{address}\" is not an IPv4 or IPv6 address"));
        };
        let bits_max = address.bits() - 1;
        match bits.parse::<u32>() {
            Ok(bits) if bits <= bits_max => Ok(Self::around(address, bits)),
            _ => Err(format!(
                "\"{bits}\" is not a number of bits from 0 to {bits_max}: for one address write it as a string, without cidr"
            )),
        }
    }

    fn around(address: Address, bits: u32) -> Self {
        match address {
            Address::V4(number) => {
                let host = u32::MAX.checked_shr(bits).unwrap_or(0);
                Self { first: Address::V4(number & !host), last: Address::V4(number | host) }
            }
            Address::V6(number) => {
                let host = u128::MAX.checked_shr(bits).unwrap_or(0);
                Self { first: Address::V6(number & !host), last: Address::V6(number | host) }
            }
        }
    }

    pub(super) fn contains(self, address: Address) -> bool {
        let is_same_version = address.bits() == self.first.bits();
        is_same_version && self.first <= address && address <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Block};

    #[test]
    fn one_address_has_many_spellings() {
        assert_eq!(Address::parse("::1"), Address::parse("0:0:0:0:0:0:0:0001"));
        assert_eq!(Address::parse("::ffff:a00:1"), Address::parse("10.0.0.1"));
        assert_eq!(Address::parse("010.0.0.1"), Address::parse("10.0.0.1"));
        assert_eq!(Address::parse("2001:DB8::"), Address::parse("2001:db8:0::0"));
    }

    #[test]
    fn other_texts_are_no_addresses() {
        for text in ["", "10.0.0", "10.0.0.256", "10.0.0.1.2", "+1.0.0.1", "a.b.c.d", "::ffff:10.0.0.1", "12:30"] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
        for text in [":", ":::", "1::2::3", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8::", "::12345"] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_block_holds_its_addresses_only() {
        let block = Block::parse("10.1.2.3/8").unwrap();
        assert!(block.contains(Address::parse("10.255.255.255").unwrap()));
        assert!(!block.contains(Address::parse("11.0.0.0").unwrap()));
        assert!(!Block::parse("::/0").unwrap().contains(Address::parse("10.0.0.1").unwrap()));
        assert_eq!(Block::parse("10.0.0.0/8"), Block::parse("10.9.9.9/8/"));
    }

    #[test]
    fn malformed_blocks_are_refused_with_the_reason() {
        assert!(Block::parse("10.0.0.1").unwrap_err().contains("address/bits"));
        assert!(Block::parse("10.0.0.1/32").unwrap_err().contains("from 0 to 31"));
        assert!(Block::parse("::1/128").unwrap_err().contains("from 0 to 127"));
        assert!(Block::parse("host/8").unwrap_err().contains("not an IPv4 or IPv6 address"));
    }
}
