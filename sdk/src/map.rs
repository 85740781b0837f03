//! A sorted map which weighs little: one vector, searched by halves.
//!
//! `BTreeMap` costs some 10 KB of module per type of key and value, a tenth of what the whole SDK may weigh. Inserting
//! in the middle moves what follows: nothing to notice at the 10,000 contacts that we care for, and the gateway's
//! lists come sorted, which appends.

/// A map sorted by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<K, V> {
    items: Vec<(K, V)>,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Map::new()
    }
}

impl<K, V> Map<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Map { items: Vec::new() }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Every key with its value, by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        self.items.iter().map(|(key, value)| (key, value))
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.items.iter().map(|(key, _)| key)
    }

    /// Every value, by key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.items.iter().map(|(_, value)| value)
    }

    /// Every key with its value, by key, given away.
    pub fn into_items(self) -> Vec<(K, V)> {
        self.items
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.items.iter_mut().map(|(_, value)| value)
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = V> {
        self.items.into_iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Map<K, V> {
    fn find(&self, key: &K) -> Result<usize, usize> {
        // Lists come sorted: most of what is inserted belongs at the end.
        match self.items.last() {
            Some((last, _)) if last < key => Err(self.items.len()),
            _ => self.items.binary_search_by(|(other, _)| other.cmp(key)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().and_then(|at| self.items.get(at)).map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.find(key).ok()?;
        self.items.get_mut(at).map(|(_, value)| value)
    }

    /// Sets the value of a key; the one before it, if there was one.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(at) => self.items.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.items.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes a key out, with its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.find(key).ok()?;
        Some(self.items.remove(at).1)
    }

    /// The value of a key, made if it is not there.
    pub fn get_or_insert_with(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V
    where
        K: Clone,
    {
        let at = match self.find(key) {
            Ok(at) => at,
            Err(at) => {
                self.items.insert(at, (key.clone(), make()));
                at
            }
        };
        &mut self.items[at].1
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut map = Map::new();
        for (key, value) in items {
            map.insert(key, value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// It does what a `BTreeMap` does.
        #[test]
        fn it_is_a_sorted_map(steps in proptest::collection::vec((0_u8..12, proptest::option::of(0_u8..5)), 0..60)) {
            let mut map = Map::new();
            let mut model = BTreeMap::new();
            for (key, value) in steps {
                match value {
                    Some(value) => prop_assert_eq!(map.insert(key, value), model.insert(key, value)),
                    None => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                }
                prop_assert_eq!(map.get(&key), model.get(&key));
                prop_assert!(map.iter().eq(model.iter()));
            }
        }
    }
}
