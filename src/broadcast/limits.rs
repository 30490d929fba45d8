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
    /// Whom it counts against, in order: who has connected, then for whom that asks.
    address: IpAddr,
    asks_for: Option<IpAddr>,
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
    /// Who is `shared` by many is only counted in all, and so is loopback: whatever stands in front
    /// of the server comes from there.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, shared: bool) -> Result<Slot, Over> {
        let address = one_user(address);
        let mut open = self.open();
        if open.total >= self.total {
            return Err(Over::Total);
        }
        let most = if shared { usize::MAX } else { self.per_address };
        open.count(address, most)?;
        open.total += 1;
        Ok(Slot { limits: self.clone(), address, asks_for: None })
    }

    /// Whether most of the places are taken.
    pub(super) fn are_near(&self) -> bool {
        self.open().total * 4 >= self.total * 3
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn count(&mut self, address: IpAddr, most: usize) -> Result<(), Over> {
        let here = self.by_address.entry(address).or_default();
        if *here >= most && !address.is_loopback() {
            return Err(Over::Address);
        }
        *here += 1;
        Ok(())
    }

    fn discount(&mut self, address: IpAddr) {
        if let Some(here) = self.by_address.get_mut(&address) {
            *here -= 1;
            if *here == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

impl Slot {
    /// Counts the connection of a proxy against the address that it asks for now, if there is room.
    pub(super) fn ask_for(&mut self, address: IpAddr) -> Result<(), Over> {
        let address = one_user(address);
        if self.asks_for == Some(address) {
            return Ok(());
        }
        let mut open = self.limits.open();
        if let Some(before) = self.asks_for.take() {
            open.discount(before);
        }
        open.count(address, self.limits.per_address)?;
        self.asks_for = Some(address);
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.limits.open();
        open.total -= 1;
        open.discount(self.address);
        if let Some(asks_for) = self.asks_for {
            open.discount(asks_for);
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
        let take = |address: &str| limits.take(address.parse().unwrap(), false);
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

    #[test]
    fn a_proxy_counts_against_whom_it_asks_for() {
        let limits = Limits::new(10, 1);
        let proxy = || limits.take("10.0.0.1".parse().unwrap(), true).unwrap();
        let (mut one, mut two) = (proxy(), proxy());
        let (reader, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        one.ask_for(reader).unwrap();
        one.ask_for(reader).unwrap();
        assert_eq!(two.ask_for(reader).unwrap_err(), Over::Address);
        two.ask_for(other).unwrap();
        one.ask_for("192.0.2.3".parse().unwrap()).unwrap();
        two.ask_for(reader).unwrap();
        drop((one, two));
        assert!(limits.open().by_address.is_empty());
    }
}
