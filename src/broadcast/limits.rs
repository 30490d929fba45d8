//! How many connections there may be, in all and from one address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// Counts open connections.
#[derive(Debug)]
pub(super) struct Limits {
    total: usize,
    per_address: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One counted connection; it counts until this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    limits: Arc<Limits>,
    address: IpAddr,
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Total,
    Address,
}

impl Limits {
    pub(super) fn new(total: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Limits { total, per_address, open: Mutex::default() })
    }

    /// Counts a connection from `address`, if there is room.
    ///
    /// Loopback is only counted in all: whatever stands in front of the server comes from there.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Result<Slot, Over> {
        let address = one_user(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.total >= self.total {
            return Err(Over::Total);
        }
        let here = open.by_address.entry(address).or_default();
        if *here >= self.per_address && !address.is_loopback() {
            return Err(Over::Address);
        }
        *here += 1;
        open.total += 1;
        Ok(Slot { limits: self.clone(), address })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.limits.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        if let Some(here) = open.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// Lets the process have a descriptor for every connection it allows, and some for its files;
/// says so where the system doesn't.
pub(super) fn make_room(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = connections as u64 + SPARE;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let granted = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(granted), maximum });
    if raised.is_err() || granted < wanted {
        tracing::warn!(
            wanted,
            granted,
            "fewer files may be open than broadcast.max_connections needs; raise LimitNOFILE or lower it"
        );
    }
}

/// Descriptors for everything but connections.
const SPARE: u64 = 256;

/// What one user has: an IPv4 address, or an IPv6 /64.
fn one_user(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_the_whole_are_limited() {
        let limits = Limits::new(4, 2);
        let take = |address: &str| limits.take(address.parse().unwrap());
        let one = take("192.0.2.1").unwrap();
        let _two = take("::ffff:192.0.2.1").unwrap();
        assert_eq!(take("192.0.2.1").unwrap_err(), Over::Address);
        let _three = take("2001:db8::1").unwrap();
        let _four = take("2001:db8::2").unwrap();
        assert_eq!(take("2001:db9::3").unwrap_err(), Over::Total);
        drop(one);
        assert_eq!(take("2001:db8::3").unwrap_err(), Over::Address);
        take("192.0.2.1").unwrap();
        assert_eq!(limits.open.lock().unwrap().total, 3);
    }
}
