//! Ports for programs that are told theirs and bind it only later.
//!
//! The kernel hands out the ports of a range of its own to whoever asks for any, and one of those that is free now may be
//! another program's in a moment. So these come from below that range, where nobody gets one unasked. Among programs of
//! ours the UDP socket of the same number keeps a port: nobody here talks UDP, two sockets can't have it, and the
//! kernel takes it back from whoever ends, however they end.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;

/// Below it are the ports that services are known by.
const FIRST: u16 = 10_000;
/// Where the kernel's range begins by default, on Linux; elsewhere it begins higher.
const DEFAULT_END: u16 = 32_768;
/// Fewer than this are too few to choose from.
const FEW: u16 = 500;

/// A port of the loopback interface that nobody listens on, and that nobody else is given while this lives.
#[derive(Debug)]
pub struct ReservedPort {
    number: u16,
    _kept_by: UdpSocket,
}

impl ReservedPort {
    /// Reserves one.
    ///
    /// # Errors
    /// When every port is taken.
    pub fn take() -> io::Result<Self> {
        let range = range();
        let count = range.end - range.start;
        let first = rand::random_range(0..count);
        let mut ports = (0..count).map(|step| range.start + (first + step) % count);
        ports.find_map(Self::reserve).ok_or_else(|| io::ErrorKind::AddrInUse.into())
    }

    fn reserve(number: u16) -> Option<Self> {
        let kept_by = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        // A program that knows nothing of this may listen there.
        TcpListener::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        Some(ReservedPort { number, _kept_by: kept_by })
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }
}

fn range() -> Range<u16> {
    let told = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok();
    let begins = told.and_then(|told| told.split_whitespace().next()?.parse().ok());
    match begins {
        Some(begins) if begins >= FIRST + FEW => FIRST..begins,
        // Where the kernel's range leaves none over, the reservation alone has to do.
        _ => FIRST..DEFAULT_END,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_given_a_port_twice() {
        let ports: Vec<ReservedPort> = (0..50).map(|_| ReservedPort::take().unwrap()).collect();
        for port in &ports {
            assert!(ReservedPort::reserve(port.number).is_none(), "{}", port.number);
            assert!(range().contains(&port.number), "{}", port.number);
        }
        let mut numbers: Vec<u16> = ports.iter().map(ReservedPort::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 50);
    }

    #[test]
    fn whoever_listens_keeps_their_port() {
        let port = ReservedPort::take().unwrap();
        let number = port.number;
        drop(port);
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, number)).unwrap();
        assert!(ReservedPort::reserve(number).is_none());
    }
}
