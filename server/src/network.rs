//! Networks: an address and how many of its bits count (CIDR, RFC 4632), and which addresses are the public internet's.

mod public;

use std::net::IpAddr;
use std::str::FromStr;

use serde::Deserialize;

pub use public::is_public;

/// A network: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// A text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no network such as 10.0.0.0/8 or 2001:db8::/32, and no address")]
pub struct NetworkError;

impl Network {
    /// The address is one of the network's.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = u128::from(network.to_bits() ^ address.to_bits());
                outside(differing, 32, self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                outside(network.to_bits() ^ address.to_bits(), 128, self.prefix)
            }
            _ => false,
        }
    }
}

/// The differing bits of two addresses lie behind the prefix.
fn outside(differing: u128, width: u32, prefix: u32) -> bool {
    differing.checked_shr(width - prefix).unwrap_or(0) == 0
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Network { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            // Digits alone: a number may have a sign, too.
            Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => {
                prefix.parse().map_err(|_| NetworkError)?
            }
            Some(_) => return Err(NetworkError),
            None => width,
        };
        let network = Network { address, prefix };
        // Bits behind the prefix are a slip: somebody meant another network, or one address.
        let bits = match address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        };
        let behind = u128::MAX.checked_shr(128 - width.saturating_sub(prefix)).unwrap_or(0);
        if prefix > width || bits & behind != 0 {
            return Err(NetworkError);
        }
        Ok(network)
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        for (network, inside, outside) in [
            ("127.0.0.1", vec!["127.0.0.1"], vec!["127.0.0.2", "::1", "::ffff:127.0.0.1"]),
            ("10.0.0.0/8", vec!["10.0.0.0", "10.255.255.255"], vec!["11.0.0.0", "9.255.255.255"]),
            ("192.0.2.128/25", vec!["192.0.2.128", "192.0.2.255"], vec!["192.0.2.127"]),
            ("0.0.0.0/0", vec!["0.0.0.0", "255.255.255.255"], vec!["::"]),
            ("2001:db8::/32", vec!["2001:db8::1", "2001:db8:ffff::"], vec!["2001:db9::", "10.0.0.1"]),
            ("::/0", vec!["::1", "ffff::"], vec!["127.0.0.1"]),
            ("::1/128", vec!["::1"], vec!["::2"]),
        ] {
            let network: Network = network.parse().unwrap();
            for address in inside {
                assert!(network.contains(address.parse().unwrap()), "{network:?} {address}");
            }
            for address in outside {
                assert!(!network.contains(address.parse().unwrap()), "{network:?} {address}");
            }
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "localhost",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.1/8",
            "2001:db8::1/32",
            "10.0.0.0/8/8",
            "10.0/8",
            " 10.0.0.0/8",
            "10.0.0.0/4294967296",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NetworkError), "{text}");
        }
    }
}
