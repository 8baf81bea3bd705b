//! How many connections an address or an account may hold. Counted, never queued.

use passerelle_model::Account;
use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Counts by key.
struct Counts<K> {
    held: Mutex<(HashMap<K, u32>, u32)>,
}

impl<K: Eq + Hash + Clone> Counts<K> {
    fn take(&self, key: &K, most_each: u32, most_in_all: u32) -> Result<(), &'static str> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.1 >= most_in_all {
            return Err("total");
        }
        let count = held.0.entry(key.clone()).or_insert(0);
        if *count >= most_each {
            return Err("per-address");
        }
        *count = count.saturating_add(1);
        held.1 = held.1.saturating_add(1);
        Ok(())
    }

    fn give(&self, key: &K) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.1 = held.1.saturating_sub(1);
        if let Some(count) = held.0.get_mut(key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                held.0.remove(key);
            }
        }
    }
}

macro_rules! slots {
    ($(#[$doc:meta])* $slots:ident, $(#[$slot_doc:meta])* $slot:ident, $key:ty) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $slots(Arc<Counts<$key>>);

        $(#[$slot_doc])*
        pub struct $slot {
            counts: Arc<Counts<$key>>,
            key: $key,
        }

        impl Default for $slots {
            fn default() -> Self {
                Self(Arc::new(Counts { held: Mutex::new((HashMap::new(), 0)) }))
            }
        }
        impl Drop for $slot {
            fn drop(&mut self) {
                self.counts.give(&self.key);
            }
        }
        impl fmt::Debug for $slots {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($slots))
            }
        }
        impl fmt::Debug for $slot {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($slot))
            }
        }
    };
}

slots! {
    /// Connections by address.
    Slots,
    /// One connection's place; given back when dropped.
    Slot, IpAddr
}
slots! {
    /// Connections by account.
    AccountSlots,
    /// One connection's place; given back when dropped.
    AccountSlot, Account
}

impl Slots {
    /// Takes a place. An IPv6 client counts by its /64, which is what one subscriber has.
    ///
    /// # Errors
    /// `per-address` or `total`: which limit is reached.
    pub fn take(&self, address: IpAddr, most_each: u32, most_in_all: u32) -> Result<Slot, &'static str> {
        let key = passerelle_core::subscriber(address);
        self.0.take(&key, most_each, most_in_all)?;
        Ok(Slot { counts: Arc::clone(&self.0), key })
    }
}

impl AccountSlots {
    /// Takes a place; `None` when the account has as many as it may.
    pub fn take(&self, account: &Account, most: u32) -> Option<AccountSlot> {
        self.0.take(account, most, u32::MAX).ok()?;
        Some(AccountSlot { counts: Arc::clone(&self.0), key: account.clone() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let slots = Slots::default();
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        let first = slots.take(address, 2, 10).unwrap();
        let _second = slots.take(address, 2, 10).unwrap();
        assert_eq!(slots.take(address, 2, 10).unwrap_err(), "per-address");
        drop(first);
        assert!(slots.take(address, 2, 10).is_ok());
        assert_eq!(slots.take("10.0.0.2".parse().unwrap(), 2, 1).unwrap_err(), "total");
    }
}
