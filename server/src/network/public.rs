//! Which addresses are of the public internet: those that are not in IANA's registries of special ones, as of RFC 6890
//! section 2.2 and what was added to it since.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Network;

/// IPv4's special-purpose addresses, and multicast (RFC 5771): the address, the length of the prefix.
const SPECIAL_V4: [([u8; 4], u32); 14] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // shared, behind carriers' translators
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, where clouds tell machines their secrets
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // relays of 6to4
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 3),     // multicast, reserved, broadcast
];

/// Within 2000::/3, of which alone addresses are given out (RFC 4291 section 2.4), what is special.
const SPECIAL_V6: [([u16; 8], u32); 3] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments, Teredo among them
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation
];

/// Anybody may be led there: the address is of the public internet, or of one of these networks.
pub fn is_public(address: IpAddr, networks: &[Network]) -> bool {
    let address = address.to_canonical();
    if networks.iter().any(|network| network.contains(address)) {
        return true;
    }
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_in = |(network, prefix): &([u8; 4], u32)| {
        let differing = address.to_bits() ^ Ipv4Addr::from(*network).to_bits();
        differing >> (32 - prefix) == 0
    };
    !SPECIAL_V4.iter().any(is_in)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let is_in = |(network, prefix): &([u16; 8], u32)| {
        let differing = address.to_bits() ^ Ipv6Addr::from(*network).to_bits();
        differing >> (128 - prefix) == 0
    };
    let [first, second, third, ..] = address.segments();
    if first == 0x2002 {
        // 6to4 (RFC 3056) leads to the IPv4 address in it.
        let [[a, b], [c, d]] = [second, third].map(u16::to_be_bytes);
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    is_in(&([0x2000, 0, 0, 0, 0, 0, 0, 0], 3)) && !SPECIAL_V6.iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_internet_is_what_is_nothing_special() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2002:101:101::1",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(address.parse().unwrap(), &[]), "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::7f00:1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap(), &[]), "{address}");
        }
    }

    #[test]
    fn whoever_runs_the_gateway_lets_it_go_elsewhere() {
        let networks: Vec<Network> =
            ["127.0.0.1", "10.1.0.0/16", "fd00::/8"].map(|text| text.parse().unwrap()).into();
        for (address, may_be) in [
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("10.1.2.3", true),
            ("fd12::1", true),
            ("127.0.0.2", false),
            ("10.2.0.1", false),
            ("::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap(), &networks), may_be, "{address}");
        }
    }
}
